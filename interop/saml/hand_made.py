"""An application without a library, for requests as all kinds of software write them."""

from __future__ import annotations

import base64
import textwrap
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Final
from urllib.parse import quote_plus

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm

from interop.saml.browser import Page, Visit, show
from interop.saml.service import Binding, keys

HOST: Final = "https://hand-made.example"
NAMESPACES: Final = (
    'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
)
RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_numbers = count(1)

Encode = Callable[[str], str]


def metadata(*, certificate: str = "") -> bytes:
    """Three places for answers, of which the second says that it is the default."""
    key = (
        '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>'
        f"{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )
    places = "".join(
        f'<md:AssertionConsumerService index="{number}"{default} Binding="{Binding.POST}"'
        f' Location="{HOST}/acs/{number}"/>'
        for number, default in ((1, ""), (2, ' isDefault="true"'), (7, ""))
    )
    return (
        '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
        f' xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{HOST}/metadata">'
        '<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        f"{key if certificate else ''}{places}</md:SPSSODescriptor></md:EntityDescriptor>"
    ).encode()


@dataclass
class HandMade:
    """Takes answers wherever they come: the path and the form of each."""

    answers: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def __call__(self, visit: Visit) -> Page:
        self.answers.append((visit.path, visit.form))
        return show("<h1>Taken</h1>")


def instant() -> str:
    """Now, as most write it."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def new_id() -> str:
    """An ID that no other message has."""
    return f"_hand-made-{next(_numbers)}"


def authn_request(destination: str, content: str = "", **attributes: str | None) -> str:
    """An AuthnRequest with an Issuer, then `content`; attributes that are None are left out."""
    said = {
        "ID": new_id(),
        "Version": "2.0",
        "IssueInstant": instant(),
        "Destination": destination,
        **attributes,
    }
    written = " ".join(f'{name}="{value}"' for name, value in said.items() if value is not None)
    issuer = f"<saml:Issuer>{HOST}/metadata</saml:Issuer>"
    return f"<samlp:AuthnRequest {NAMESPACES} {written}>{issuer}{content}</samlp:AuthnRequest>"


def deflated(xml: str) -> str:
    """The value of SAMLRequest in a query, before it is encoded for one."""
    compressor = zlib.compressobj(wbits=-15)
    return base64.b64encode(compressor.compress(xml.encode()) + compressor.flush()).decode()


def posted(xml: str | bytes, *, width: int = 0, end: str = "\n") -> str:
    """The value of SAMLRequest in a form; with a width, its lines broken there."""
    octets = xml.encode() if isinstance(xml, str) else xml
    text = base64.b64encode(octets).decode()
    return end.join(textwrap.wrap(text, width)) + end if width else text


def query(xml: str, relay_state: str | None = None, encode: Encode = quote_plus) -> str:
    """A query that is not signed."""
    told = "" if relay_state is None else f"&RelayState={encode(relay_state)}"
    return f"SAMLRequest={encode(deflated(xml))}{told}"


def signed_query(
    xml: str,
    relay_state: str | None = None,
    *,
    encode: Encode = quote_plus,
    method: str = RSA_SHA256,
    digest: HashAlgorithm | None = None,
    layout: str = "{signed}&Signature={signature}",
) -> str:
    """A query signed over exactly the octets that `encode` makes. `layout` may put its parts elsewhere."""
    signed = f"{query(xml, relay_state, encode)}&SigAlg={encode(method)}"
    key = serialization.load_pem_private_key(keys("hand-made").key, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    value = key.sign(signed.encode(), padding.PKCS1v15(), digest or SHA256())
    message, _, rest = signed.partition("&SigAlg=")
    signature = encode(base64.b64encode(value).decode())
    return layout.format(signed=signed, signature=signature, message=message, sig_alg=rest)
