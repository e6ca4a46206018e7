"""XML signatures of messages and metadata: made by xmlsec, checked in an order that leaves no choice to it.

A valid signature says that something in the document was signed, not what. Therefore everything about its
form is settled before any cryptography: one signature, directly below the element that is read, one
reference, to that very element, and transforms that can take nothing else out of it (saml-core §5.4). Whoever
reads on reads the element that `verified` returns and nothing beside it.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

import xmlsec
from lxml import etree

from govdir.sso.saml.errors import SignatureRefused
from govdir.sso.saml.keys import (
    SHA1,
    SignatureMethod,
    SigningKey,
    VerificationKey,
    VerificationKeys,
    not_taken,
)
from govdir.sso.saml.xml import DS, EXC_C14N, SAML, name, unique_ids

ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
DIGESTS: Final = frozenset(
    {
        "http://www.w3.org/2001/04/xmlenc#sha256",
        "http://www.w3.org/2001/04/xmldsig-more#sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    }
)

MAX_PREFIXES: Final = 16
"""Each is looked up for every element: a thousand take half a minute. Who lists any lists xs or xsd."""

_constants = xmlsec.constants
_METHODS: Final = {
    SignatureMethod.RSA_SHA256: (_constants.TransformRsaSha256, _constants.TransformSha256),
    SignatureMethod.RSA_SHA384: (_constants.TransformRsaSha384, _constants.TransformSha384),
    SignatureMethod.RSA_SHA512: (_constants.TransformRsaSha512, _constants.TransformSha512),
}
_REFERENCE_TRANSFORMS: Final = (
    _constants.TransformEnveloped,
    _constants.TransformExclC14N,
    _constants.TransformSha256,
    _constants.TransformSha384,
    _constants.TransformSha512,
)
_SIGNATURE_TRANSFORMS: Final = (
    _constants.TransformExclC14N,
    _constants.TransformRsaSha256,
    _constants.TransformRsaSha384,
    _constants.TransformRsaSha512,
    _constants.TransformEcdsaSha256,
    _constants.TransformEcdsaSha384,
    _constants.TransformEcdsaSha512,
)
"""What xmlsec may run at all, should the checks before it ever let something else through."""

_SIGNATURE: Final = name(DS, "Signature")


def sign(
    element: etree._Element, key: SigningKey, method: SignatureMethod = SignatureMethod.RSA_SHA256
) -> None:
    """Puts an enveloped signature over the element into it, right after saml:Issuer or, in metadata, first.

    The element has an ID, and is final: whatever changes in it later breaks the signature. ValueError for
    RSA with SHA-1, which is never made.
    """
    if method not in _METHODS:
        raise ValueError("signatures are not made with this method")
    signing, digest = _METHODS[method]
    identifier = str(element.attrib["ID"])
    signature = xmlsec.template.create(element, _constants.TransformExclC14N, signing, ns="ds")
    has_issuer = len(element) > 0 and element[0].tag == name(SAML, "Issuer")
    element.insert(1 if has_issuer else 0, signature)
    reference = xmlsec.template.add_reference(signature, digest, uri=f"#{identifier}")
    xmlsec.template.add_transform(reference, _constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, _constants.TransformExclC14N)
    xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(signature))
    context = xmlsec.SignatureContext()
    context.key = key.xmlsec_key
    context.register_id(element, "ID")
    context.sign(signature)


def has_signature(root: etree._Element) -> bool:
    """Whether there is a ds:Signature anywhere in the element, whatever it may be worth."""
    return next(root.iter(_SIGNATURE), None) is not None


def verified(root: etree._Element, keys: VerificationKeys) -> etree._Element:
    """The element, once it is certain that one of the keys signed it. Raises SignatureRefused, and
    MalformedMessage where an identifier occurs twice.

    A message in an envelope is given as it lies there: the whole document must hold this one signature.
    """
    unique_ids(_document(root))
    signature = the_only_signature(root)
    return _verified_by(root, signature, keys)


def verified_metadata(root: etree._Element, keys: VerificationKeys) -> etree._Element:
    """Likewise for the root of metadata, within which entities may bear signatures of their own."""
    unique_ids(_document(root))
    signature = the_roots_signature(root)
    return _verified_by(root, signature, keys)


def _verified_by(root: etree._Element, signature: etree._Element, keys: VerificationKeys) -> etree._Element:
    of_usual_parts(signature)
    no_objects(signature)
    no_retrieval(signature)
    reference = the_only_reference(signature)
    refers_to(reference, root)
    harmless_transforms(reference)
    canonicalised_exclusively(signature)
    digest_accepted(reference, keys)
    method = method_accepted(signature, keys)
    key = key_of(signature, method, keys)
    right_by(key, root, signature, sha1=keys.sha1)
    return root


def the_only_signature(root: etree._Element) -> etree._Element:
    """The one ds:Signature of the document, a child of the root: any other could be the one that is valid."""
    everywhere = list(_document(root).iter(_SIGNATURE))
    if not everywhere:
        raise SignatureRefused("there is no signature")
    if len(everywhere) > 1:
        raise SignatureRefused("there are several signatures")
    return child_of(root, everywhere[0])


def the_roots_signature(root: etree._Element) -> etree._Element:
    """The one ds:Signature among the root's children."""
    own = root.findall(_SIGNATURE)
    if len(own) != 1:
        raise SignatureRefused("there is no signature of the whole, or several")
    return own[0]


def child_of(root: etree._Element, signature: etree._Element) -> etree._Element:
    """The signature, which must be a child of what it signs: elsewhere it may have been moved with it."""
    if signature.getparent() is not root:
        raise SignatureRefused("the signature is not a child of the message")
    return signature


def of_usual_parts(signature: etree._Element) -> None:
    """SignedInfo and what is in it, each once: two of them, and two readers differ on which one counts."""
    information = _the_one(signature, "SignedInfo")
    _the_one(signature, "SignatureValue")
    for part in ("CanonicalizationMethod", "SignatureMethod"):
        _the_one(information, part)
    if len(_the_one(information, "SignatureMethod")):
        raise SignatureRefused("the signature method has parameters")  # HMACOutputLength, of PSS


def no_objects(signature: etree._Element) -> None:
    """ds:Object can hold the signed element while the one that is read is another."""
    if next(signature.iter(name(DS, "Object"), name(DS, "Manifest")), None) is not None:
        raise SignatureRefused("the signature has a ds:Object")


def no_retrieval(signature: etree._Element) -> None:
    """ds:RetrievalMethod would have a key fetched and transformed from wherever it says."""
    if next(signature.iter(name(DS, "RetrievalMethod")), None) is not None:
        raise SignatureRefused("the signature has a ds:RetrievalMethod")


def the_only_reference(signature: etree._Element) -> etree._Element:
    """The one ds:Reference; each further one may transform and digest the document anew."""
    if len(list(signature.iter(name(DS, "Reference")))) != 1:
        raise SignatureRefused("the signature has not one reference")
    return _the_one(_the_one(signature, "SignedInfo"), "Reference")


def refers_to(reference: etree._Element, root: etree._Element) -> None:
    """The reference is to the ID of the very element that is going to be read (saml-core §5.4.2)."""
    identifier = root.get("ID")
    if not identifier or reference.get("URI") != f"#{identifier}":
        raise SignatureRefused("the signature refers to something else than the message")


def harmless_transforms(reference: etree._Element) -> None:
    """Enveloped, then exclusive canonicalisation (saml-core §5.4.4): XPath and XSLT are programs that would
    run before anything is known about who wrote them. Without the second one the inclusive is meant, which
    is refused for its cost: minutes for a message full of namespaces."""
    transforms = _the_one(reference, "Transforms")
    algorithms = [transform.get("Algorithm") for transform in transforms]
    if algorithms != [ENVELOPED, EXC_C14N]:
        raise SignatureRefused("the signature's transforms are not enveloped and exclusive canonicalisation")
    for transform in transforms:
        if transform.tag != name(DS, "Transform"):
            raise SignatureRefused("the signature's transforms have unknown parts")
        _nothing_but_prefixes(transform)


def canonicalised_exclusively(signature: etree._Element) -> None:
    """SignedInfo is canonicalised exclusively, without comments (saml-core §5.4.3)."""
    method = _the_one(_the_one(signature, "SignedInfo"), "CanonicalizationMethod")
    if method.get("Algorithm") != EXC_C14N:
        raise SignatureRefused("the signature's canonicalisation is not the exclusive one")
    if len(method):  # nor does OASIS' schema let any through here
        raise SignatureRefused("the signature's canonicalisation has parameters")


def digest_accepted(reference: etree._Element, keys: VerificationKeys) -> None:
    """SHA-256, 384 or 512; SHA-1 where it is permitted."""
    algorithm = _the_one(reference, "DigestMethod").get("Algorithm")
    if algorithm not in DIGESTS and not (keys.sha1 and algorithm == SHA1):
        raise SignatureRefused(f"the signature's digest is made with {not_taken(algorithm)}")


def method_accepted(signature: etree._Element, keys: VerificationKeys) -> str:
    """RSA or ECDSA with SHA-2; RSA with SHA-1 where it is permitted. Never HMAC, whose secret could be the
    public key, nor anything unknown."""
    method = _the_one(_the_one(signature, "SignedInfo"), "SignatureMethod").get("Algorithm", "")
    if not keys.accepts(method):
        raise SignatureRefused(f"the signature is made with {not_taken(method)}")
    return method


def key_of(signature: etree._Element, method: str, keys: VerificationKeys) -> VerificationKey:
    """The key that SignedInfo was signed with; ds:KeyInfo is not looked at.

    This comes before the message is canonicalised and digested, which costs a thousand times as much for a
    message made to: nobody but who holds a key has us do that.
    """
    information = _the_one(signature, "SignedInfo")
    try:
        octets = etree.tostring(
            information, method="c14n", exclusive=True, with_comments=False, with_tail=False
        )
    except etree.C14NError:  # of a namespace that is no absolute URI (exc-c14n §1.3)
        raise SignatureRefused("the signature cannot be canonicalised") from None
    try:
        value = base64.b64decode("".join((_the_one(signature, "SignatureValue").text or "").split()))
    except binascii.Error:
        raise SignatureRefused("the signature's value is not base64") from None
    for key in keys.fitting(method):
        if key.verifies(value, octets, method):
            return key
    raise SignatureRefused("the signature was made with no key of its issuer")


def right_by(key: VerificationKey, root: etree._Element, signature: etree._Element, *, sha1: bool) -> None:
    """The whole of it by xmlsec: the signature once more, and the digest of the message."""
    context = xmlsec.SignatureContext()
    context.key = key.xmlsec_key
    context.register_id(root, "ID")
    for transform in _REFERENCE_TRANSFORMS:
        context.enable_reference_transform(transform)
    for transform in _SIGNATURE_TRANSFORMS:
        context.enable_signature_transform(transform)
    if sha1:
        context.enable_reference_transform(_constants.TransformSha1)
        context.enable_signature_transform(_constants.TransformRsaSha1)
    try:
        context.verify(signature)
    except xmlsec.Error:
        raise SignatureRefused("the message was changed after it was signed") from None


def _document(root: etree._Element) -> etree._Element:
    return root.getroottree().getroot()


def _the_one(parent: etree._Element, local: str) -> etree._Element:
    found = parent.findall(name(DS, local))
    if len(found) != 1:
        raise SignatureRefused(f"the signature has not one {local}")
    return found[0]


def _nothing_but_prefixes(method: etree._Element) -> None:
    """A canonicalisation's one parameter is its list of prefixes (exc-c14n §4)."""
    if not len(method):
        return
    if len(method) > 1 or method[0].tag != name(EXC_C14N, "InclusiveNamespaces"):
        raise SignatureRefused("the signature's transforms have unknown parameters")
    if len(method[0].get("PrefixList", "").split()) > MAX_PREFIXES:
        raise SignatureRefused("the signature's canonicalisation lists too many prefixes")
