"""XML encryption of assertions for a service provider, and reading what is encrypted for us.

An assertion is encrypted as the octets it has when it stands alone, already signed: a node taken out of a
response would leave namespace declarations behind that some software needs. The key goes by RSA-OAEP only;
PKCS #1 v1.5 lets whoever may ask often enough decrypt (Bleichenbacher), so it is neither made nor taken.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree

from govdir.sso.saml.errors import CannotEncrypt, DecryptionRefused, MalformedMessage
from govdir.sso.saml.keys import SigningKey, public_key
from govdir.sso.saml.xml import DS, MAX_MESSAGE_BYTES, SAML, XENC, XENC11, name, parse

MAX_ENCRYPTED_KEYS: Final = 4
"""Each costs a private RSA operation for each of our keys."""

_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_BLOCK_BYTES: Final = 16
_OAEP_SHA1_MGF1: Final = f"{XENC}rsa-oaep-mgf1p"
_OAEP: Final = f"{XENC11}rsa-oaep"
_SHA1: Final = f"{DS}sha1"
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    _SHA1: hashes.SHA1(),  # noqa: S303 - within OAEP a collision is of no use; all service providers know it
    "http://www.w3.org/2001/04/xmlenc#sha256": hashes.SHA256(),
    "http://www.w3.org/2001/04/xmldsig-more#sha384": hashes.SHA384(),
    "http://www.w3.org/2001/04/xmlenc#sha512": hashes.SHA512(),
}
_MASKS: Final[dict[str, hashes.HashAlgorithm]] = {
    f"{XENC11}mgf1sha1": hashes.SHA1(),  # noqa: S303 - likewise
    f"{XENC11}mgf1sha256": hashes.SHA256(),
    f"{XENC11}mgf1sha384": hashes.SHA384(),
    f"{XENC11}mgf1sha512": hashes.SHA512(),
}


class EncryptionMethod(StrEnum):
    """Block encryption (xmlenc-core1 §5.2). In CBC nobody notices a change: for old software only."""

    AES256_GCM = f"{XENC11}aes256-gcm"
    AES192_GCM = f"{XENC11}aes192-gcm"
    AES128_GCM = f"{XENC11}aes128-gcm"
    AES256_CBC = f"{XENC}aes256-cbc"
    AES192_CBC = f"{XENC}aes192-cbc"
    AES128_CBC = f"{XENC}aes128-cbc"

    @property
    def key_bytes(self) -> int:
        """The length of its key."""
        return int(self.name[3:6]) // 8

    @property
    def authenticates(self) -> bool:
        """Whether a change to the text is noticed."""
        return self.name.endswith("GCM")


class EncryptionKey:
    """The public key that a service provider wants its assertions encrypted with."""

    __slots__ = ("public",)

    def __init__(self, public: rsa.RSAPublicKey) -> None:
        self.public: Final = public

    @classmethod
    def of(cls, certificate: bytes) -> EncryptionKey:
        """From a DER certificate; raises CannotEncrypt for anything but RSA of 2048 bits or more."""
        try:
            found = public_key(certificate)
        except ValueError as unusable:
            raise CannotEncrypt(f"the key for encryption is {unusable}") from None
        if not isinstance(found, rsa.RSAPublicKey):
            raise CannotEncrypt("the key for encryption is not RSA")
        return cls(found)


def encrypt(
    assertion_octets: bytes, key: EncryptionKey, method: str = EncryptionMethod.AES256_GCM
) -> etree._Element:
    """saml:EncryptedAssertion of a serialised assertion, which stands alone and has no XML declaration.

    Raises CannotEncrypt for a method that is not one of EncryptionMethod.
    """
    try:
        block = EncryptionMethod(method)
    except ValueError:
        raise CannotEncrypt("an unknown method of encryption") from None
    secret = os.urandom(block.key_bytes)
    wrapped = key.public.encrypt(secret, padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None))  # noqa: S303 - see _HASHES
    outer = etree.Element(name(SAML, "EncryptedAssertion"), nsmap={"saml": SAML})
    data = etree.SubElement(
        outer, name(XENC, "EncryptedData"), nsmap={"xenc": XENC}, attrib={"Type": f"{XENC}Element"}
    )
    etree.SubElement(data, name(XENC, "EncryptionMethod"), Algorithm=block)
    information = etree.SubElement(data, name(DS, "KeyInfo"), nsmap={"ds": DS})
    encrypted_key = etree.SubElement(information, name(XENC, "EncryptedKey"))
    transport = etree.SubElement(encrypted_key, name(XENC, "EncryptionMethod"), Algorithm=_OAEP_SHA1_MGF1)
    etree.SubElement(transport, name(DS, "DigestMethod"), Algorithm=_SHA1)
    _add_cipher(encrypted_key, wrapped)
    _add_cipher(data, _encrypted(assertion_octets, secret, block))
    return outer


def decrypt(element: etree._Element, keys: Sequence[SigningKey]) -> etree._Element:
    """The element within saml:EncryptedID or its like; raises DecryptionRefused, always with the same text.

    Only for what somebody known has signed: an answer to each attempt is what attacks on encryption need.
    """
    try:
        data = _the_one(element, XENC, "EncryptedData")
        method = EncryptionMethod(_algorithm(data))
        content = _cipher(data)
        for wrapped in _encrypted_keys(element, data):
            for key in keys:
                plain = _opened(content, _unwrapped(wrapped, key, method), method)
                if plain is not None:
                    return _element_in(plain, element)
    except (ValueError, LookupError, MalformedMessage):
        pass
    raise DecryptionRefused("what is encrypted cannot be read")


def _encrypted(octets: bytes, secret: bytes, method: EncryptionMethod) -> bytes:
    """Initialisation vector, then what is encrypted, then the tag of GCM (xmlenc-core1 §5.2.2, §5.2.4)."""
    if method.authenticates:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(secret).encrypt(nonce, octets, None)
    filler = _BLOCK_BYTES - len(octets) % _BLOCK_BYTES
    vector = os.urandom(_BLOCK_BYTES)
    encryptor = Cipher(algorithms.AES(secret), modes.CBC(vector)).encryptor()
    padded = octets + os.urandom(filler - 1) + bytes([filler])
    return vector + encryptor.update(padded) + encryptor.finalize()


def _opened(content: bytes, secret: bytes, method: EncryptionMethod) -> bytes | None:
    """The plain octets, or None when the key is not this one or the text was changed."""
    if method.authenticates:
        if len(content) < _NONCE_BYTES + _TAG_BYTES:
            return None
        try:
            return AESGCM(secret).decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], None)
        except InvalidTag:
            return None
    vector, rest = content[:_BLOCK_BYTES], content[_BLOCK_BYTES:]
    if not rest or len(rest) % _BLOCK_BYTES:
        return None
    decryptor = Cipher(algorithms.AES(secret), modes.CBC(vector)).decryptor()
    padded = decryptor.update(rest) + decryptor.finalize()
    return padded[: -padded[-1]] if 1 <= padded[-1] <= _BLOCK_BYTES else None


def _unwrapped(wrapped: etree._Element, key: SigningKey, method: EncryptionMethod) -> bytes:
    """The content's key; a random one where there is none, so that all failures take alike long."""
    try:
        secret = key.private.decrypt(_cipher(wrapped), _oaep(wrapped))
    except ValueError:
        secret = b""
    return secret if len(secret) == method.key_bytes else os.urandom(method.key_bytes)


def _oaep(wrapped: etree._Element) -> padding.OAEP:
    """The parameters of RSA-OAEP (xmlenc-core1 §5.5.2); LookupError for any other way, and for labels."""
    method = _the_one(wrapped, XENC, "EncryptionMethod")
    if method.find(name(XENC, "OAEPparams")) is not None:
        raise LookupError
    digest = method.find(name(DS, "DigestMethod"))
    hashed = _HASHES[_SHA1 if digest is None else digest.get("Algorithm", "")]
    mask: hashes.HashAlgorithm = hashes.SHA1()  # noqa: S303 - the default of both methods
    if _algorithm(wrapped) == _OAEP:
        generator = method.find(name(XENC11, "MGF"))
        mask = mask if generator is None else _MASKS[generator.get("Algorithm", "")]
    elif _algorithm(wrapped) != _OAEP_SHA1_MGF1:
        raise LookupError
    return padding.OAEP(padding.MGF1(mask), hashed, None)


def _encrypted_keys(element: etree._Element, data: etree._Element) -> list[etree._Element]:
    """Within the data's KeyInfo or beside the data (saml-core §2.2.4 allows both)."""
    found = data.findall(f"{name(DS, 'KeyInfo')}/{name(XENC, 'EncryptedKey')}")
    return (found + element.findall(name(XENC, "EncryptedKey")))[:MAX_ENCRYPTED_KEYS]


def _element_in(plain: bytes, context: etree._Element) -> etree._Element:
    """The one element in plain octets, with the namespaces of where they stood (xmlenc-core1 §4.4)."""
    # lxml-stubs do not know that None is the prefix of the default namespace.
    frame = etree.Element("frame", nsmap=context.nsmap)  # type: ignore[arg-type]
    frame.text = ""
    opening, closing = etree.tostring(frame).rsplit(b"</", 1)
    root = parse(opening + plain + b"</" + closing, limit=MAX_MESSAGE_BYTES)
    if len(root) != 1 or (root.text or "").strip() or (root[0].tail or "").strip():
        raise LookupError
    return root[0]


def _the_one(parent: etree._Element, namespace: str, local: str) -> etree._Element:
    (found,) = parent.findall(name(namespace, local))  # ValueError unless there is one
    return found


def _algorithm(parent: etree._Element) -> str:
    return _the_one(parent, XENC, "EncryptionMethod").get("Algorithm", "")


def _cipher(parent: etree._Element) -> bytes:
    value = _the_one(_the_one(parent, XENC, "CipherData"), XENC, "CipherValue")
    try:
        return base64.b64decode("".join((value.text or "").split()), validate=True)
    except binascii.Error:
        raise ValueError from None


def _add_cipher(parent: etree._Element, octets: bytes) -> None:
    data = etree.SubElement(parent, name(XENC, "CipherData"))
    etree.SubElement(data, name(XENC, "CipherValue")).text = base64.b64encode(octets).decode("ascii")
