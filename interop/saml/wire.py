"""What the identity provider sends, overheard at the browser and judged by other people's software.

Every message is held to OASIS' schemas (of the python3-saml package), every XML signature is checked by
OpenSAML's `samlsign`, the engine of the Shibboleth service provider, and every signature of a query by
`cryptography` over the octets as they were sent.
"""

from __future__ import annotations

import base64
import copy
import ssl
import subprocess
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import onelogin.saml2
import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from lxml import etree

from interop.programs import require_program
from interop.saml.browser import Page

_AT_ONCE: Final = 4  # checks of signatures, a process each
SAML: Final = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SAMLP: Final = "{urn:oasis:names:tc:SAML:2.0:protocol}"
DS: Final = "{http://www.w3.org/2000/09/xmldsig#}"
XENC: Final = "{http://www.w3.org/2001/04/xmlenc#}"
SOAP: Final = "{http://schemas.xmlsoap.org/soap/envelope/}"
_QUERY_METHODS: Final = {
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": SHA384,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": SHA512,
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `query` of those that came signed beside themselves."""

    root: etree._Element
    query: str = ""

    @property
    def kind(self) -> str:
        return str(etree.QName(self.root).localname)


@dataclass
class Wire:
    """Hears the browser's pages. `keys` are the private keys (PEM) that assertions may be encrypted for."""

    certificate: bytes
    folder: Path
    keys: list[bytes] = field(default_factory=list)
    fresh: list[Message] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def hear(self, page: Page) -> None:
        """Keeps what a page of ours carries to an application."""
        query = urlsplit(page.headers.get("location", "")).query
        for name, value in parse_qsl(query):
            if name in ("SAMLRequest", "SAMLResponse"):
                octets = zlib.decompress(base64.b64decode(value), wbits=-15)
                self.fresh.append(Message(etree.fromstring(octets), query))
        if "SAML" not in page.text or not page.headers.get("content-type", "").startswith("text/html"):
            return
        for form in page.forms:
            for name, value in form.fields:
                if name in ("SAMLRequest", "SAMLResponse"):
                    self.fresh.append(Message(etree.fromstring(base64.b64decode(value))))

    def hear_soap(self, octets: bytes) -> None:
        """Keeps what an envelope of ours holds; a SOAP fault is no message of SAML."""
        body = etree.fromstring(octets).find(f"{SOAP}Body")
        assert body is not None
        self.fresh.extend(Message(child) for child in body if child.tag.startswith(SAMLP))

    def last(self, kind: str) -> etree._Element:
        """The last message of that kind since it was checked last."""
        return next(message.root for message in reversed(self.fresh) if message.kind == kind)

    def check(self) -> None:
        """Raises AssertionError for the first message that others would not take."""
        messages, self.fresh = self.fresh, []
        signed: list[etree._Element] = []
        for message in messages:
            self.counts[message.kind] = self.counts.get(message.kind, 0) + 1
            fits_schema(message.root)
            if message.query:
                self._check_query(message)
            signed.extend(self._signed(message))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(self._check_signature, signed, count()))

    def _check_query(self, message: Message) -> None:
        assert message.root.find(f"{DS}Signature") is None, "signed within and beside"
        signed, mark, _ = message.query.partition("&Signature=")
        begin = max(signed.find("SAMLRequest="), signed.find("SAMLResponse="))
        values = dict(parse_qsl(message.query, keep_blank_values=True))
        assert mark, "a query that is not signed"
        key = x509.load_der_x509_certificate(self.certificate).public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        digest = _QUERY_METHODS[values["SigAlg"]]()
        key.verify(base64.b64decode(values["Signature"]), signed[begin:].encode(), padding.PKCS1v15(), digest)

    def _signed(self, message: Message) -> Iterator[etree._Element]:
        """The elements of a message that bear a signature, those of encrypted assertions too."""
        signed = list(_with_signature(message.root))
        assert signed or message.query, f"an unsigned {message.kind}"
        yield from signed
        for encrypted in message.root.iter(f"{SAML}EncryptedAssertion"):
            assertion = self._decrypted(encrypted)
            fits_schema(assertion)
            yield assertion

    def _check_signature(self, element: etree._Element, number: int) -> None:
        samlsign = require_program("samlsign", "opensaml-tools")
        certificate, file = self.folder / f"idp{number}.pem", self.folder / f"message{number}.xml"
        certificate.write_text(ssl.DER_cert_to_PEM_cert(self.certificate))
        alone = etree.tostring(element, with_tail=False)
        file.write_bytes(alone)
        done = subprocess.run(
            [samlsign, "-c", str(certificate), "-f", str(file)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{element.tag}: {done.stdout}{done.stderr}\n{alone.decode()}"

    def _decrypted(self, encrypted: etree._Element) -> etree._Element:
        for key in self.keys:
            manager = xmlsec.KeysManager()
            manager.add_key(xmlsec.Key.from_memory(key, xmlsec.constants.KeyDataFormatPem))
            standing = copy.deepcopy(encrypted)
            data = standing.find(f"{XENC}EncryptedData")
            assert data is not None
            try:
                xmlsec.EncryptionContext(manager).decrypt(data)
            except xmlsec.Error:
                continue
            return etree.fromstring(etree.tostring(standing[0], with_tail=False))
        raise AssertionError("encrypted for nobody")


def fits_schema(root: etree._Element) -> None:
    """Raises AssertionError with what OASIS' schema of protocol messages and assertions says against it."""
    schema = _schema("metadata" if "metadata" in root.tag else "protocol")
    alone = etree.fromstring(etree.tostring(root, with_tail=False))
    assert schema.validate(alone), f"{schema.error_log}\n{etree.tostring(alone).decode()}"


@cache
def _schema(name: str) -> etree.XMLSchema:
    folder = Path(onelogin.saml2.__file__).parent / "schemas"
    return etree.XMLSchema(etree.parse(folder / f"saml-schema-{name}-2.0.xsd"))


def _with_signature(root: etree._Element) -> Iterator[etree._Element]:
    for signature in root.iter(f"{DS}Signature"):
        parent = signature.getparent()
        assert parent is not None
        yield parent
