"""An application without a library: its messages are written here, octet by octet, so that they may be wrong.

It keeps what the browser brings it and judges nothing.
"""

from __future__ import annotations

import base64
import textwrap
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, quote_plus
from uuid import uuid4
from xml.sax.saxutils import quoteattr

import xmlsec
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree

from interop.saml.browser import Browser, Page, Visit, post_on, send_on, show
from interop.saml.idp import IdentityProvider
from interop.saml.service import Binding, keys
from interop.saml.wire import SAML, SAMLP

RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
PERSISTENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
STATUS: Final = "urn:oasis:names:tc:SAML:2.0:status:"
_SPACES: Final = (
    'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
)

Encode = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Place:
    """An end point for answers."""

    path: str
    index: int
    is_default: bool = False


@dataclass
class Handmade:
    """The application at `host`, which signs in with `binding` and is signed out by it.

    `visits` are those to its end points (`places` and /slo), newest last; a LogoutRequest is answered at
    once, with the status `farewell`. With `vows_to_sign` its metadata say that no request of it is unsigned.
    """

    idp: IdentityProvider
    host: str
    binding: Binding
    encrypts: bool = False
    farewell: str = "Success"
    places: tuple[Place, ...] = (Place("/acs", 1, is_default=True), Place("/acs2", 2))
    vows_to_sign: bool = True
    visits: list[Visit] = field(default_factory=list)

    @property
    def entity_id(self) -> str:
        return f"{self.host}/metadata"

    @property
    def metadata(self) -> bytes:
        """The end points for answers, and one for logout."""
        ends = "".join(
            f'<md:AssertionConsumerService Binding="{Binding.POST}" Location="{self.host}{place.path}"'
            f' index="{place.index}" isDefault="{str(place.is_default).lower()}"/>'
            for place in self.places
        )
        signed = ' AuthnRequestsSigned="true"' if self.vows_to_sign else ""
        uses = ("signing", "encryption") if self.encrypts else ("signing",)
        certificate = keys(self.host).bare_certificate
        descriptors = "".join(
            f'<md:KeyDescriptor use="{use}"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
            f"<ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
            "</md:KeyDescriptor>"
            for use in uses
        )
        return (
            '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" '
            f'entityID="{self.entity_id}"><md:SPSSODescriptor{signed} '
            f'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{descriptors}'
            f'<md:SingleLogoutService Binding="{self.binding}" Location="{self.host}/slo"/>{ends}'
            "</md:SPSSODescriptor></md:EntityDescriptor>"
        ).encode()

    def __call__(self, visit: Visit) -> Page:
        """Answers the browser."""
        self.visits.append(visit)
        brought = visit.form or visit.query
        if "SAMLRequest" not in brought:
            return show("<h1>At the application</h1>")
        asked = message_of(visit)
        response = self.logout_response(asked)
        return self.going(f"{self.idp.url}/saml/slo", response, "SAMLResponse", brought.get("RelayState"))

    def authn_request(
        self, inside: str = "", *, more: Mapping[str, str | None] | None = None, issuer: bool = True
    ) -> bytes:
        """An AuthnRequest; `more` sets attributes, or leaves them out with None; `inside` are elements."""
        attributes = {
            **self._attributes(f"{self.idp.url}/saml/sso"),
            "AssertionConsumerServiceURL": f"{self.host}/acs",
            "ProtocolBinding": str(Binding.POST),
        }
        return self._written("AuthnRequest", attributes | dict(more or {}), inside, issuer=issuer)

    def logout_request(self, assertion: etree._Element, **more: str | None) -> bytes:
        """A LogoutRequest for whom the assertion is about, and for that session alone."""
        name_id = etree.tostring(assertion.find(f"{SAML}Subject/{SAML}NameID"), with_tail=False).decode()
        index = assertion.find(f"{SAML}AuthnStatement").get("SessionIndex")
        inside = f"{name_id}<samlp:SessionIndex>{index}</samlp:SessionIndex>"
        return self._written("LogoutRequest", self._attributes(f"{self.idp.url}/saml/slo") | more, inside)

    def logout_response(self, asked: etree._Element) -> bytes:
        """A LogoutResponse with the status `farewell`."""
        attributes = self._attributes(f"{self.idp.url}/saml/slo") | {"InResponseTo": asked.get("ID")}
        code = f'<samlp:StatusCode Value="{STATUS}{self.farewell}"/>'
        return self._written("LogoutResponse", attributes, f"<samlp:Status>{code}</samlp:Status>")

    def send(
        self, browser: Browser, path: str, message: bytes, relay_state: str | None = None, **rest: bool
    ) -> Page:
        """Takes a message to the identity provider, as the application's page would."""
        going = self.going(f"{self.idp.url}{path}", message, "SAMLRequest", relay_state, **rest)
        origin = Page(f"{self.host}/")
        if self.binding is Binding.REDIRECT:
            return browser.follow(origin, going.headers["location"])
        (form,) = going.forms
        return browser.send(origin, form)

    def going(
        self, url: str, message: bytes, parameter: str, relay_state: str | None, *, signed: bool = True
    ) -> Page:
        """The page that sends the browser off with a message."""
        told = {} if relay_state is None else {"RelayState": relay_state}
        if self.binding is Binding.POST:
            octets = self._with_signature(message) if signed else message
            return post_on(url, {parameter: posted(octets), **told})
        written = self.signed_query if signed else query
        return send_on(f"{url}?{written(message, relay_state, parameter=parameter)}")

    def signed_query(
        self,
        message: bytes,
        relay_state: str | None = None,
        *,
        parameter: str = "SAMLRequest",
        encode: Encode = quote_plus,
        method: str = RSA_SHA256,
        digest: HashAlgorithm | None = None,
        layout: str = "{signed}&Signature={signature}",
    ) -> str:
        """A query signed over exactly the octets that `encode` makes; `layout` says where its parts go."""
        plain = query(message, relay_state, parameter=parameter, encode=encode)
        signed = f"{plain}&SigAlg={encode(method)}"
        key = load_pem_private_key(keys(self.host).key, None)
        assert isinstance(key, rsa.RSAPrivateKey)
        value = key.sign(signed.encode(), padding.PKCS1v15(), digest or SHA256())
        signature = encode(base64.b64encode(value).decode())
        return layout.format(signed=signed, signature=signature, message=plain, sig_alg=encode(method))

    def _with_signature(self, message: bytes) -> bytes:
        """Enveloped, after the Issuer; without an ID there is nothing to refer to, and nothing is signed."""
        root, own = etree.fromstring(message), keys(self.host)
        if root.get("ID") is None:
            return message
        signature = xmlsec.template.create(root, xmlsec.Transform.EXCL_C14N, xmlsec.Transform.RSA_SHA256)
        reference = xmlsec.template.add_reference(
            signature, xmlsec.Transform.SHA256, uri=f"#{root.get('ID')}"
        )
        xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
        xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
        root.insert(0 if root.find(f"{SAML}Issuer") is None else 1, signature)
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(own.key, xmlsec.constants.KeyDataFormatPem)
        context.register_id(root, "ID")
        context.sign(signature)
        return etree.tostring(root)

    def _attributes(self, destination: str) -> dict[str, str | None]:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"ID": f"_{uuid4().hex}", "Version": "2.0", "IssueInstant": now, "Destination": destination}

    def _written(
        self, name: str, attributes: Mapping[str, str | None], inside: str, *, issuer: bool = True
    ) -> bytes:
        said = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items() if value is not None)
        begin = f"<saml:Issuer>{self.entity_id}</saml:Issuer>" if issuer else ""
        return f"<samlp:{name} {_SPACES}{said}>{begin}{inside}</samlp:{name}>".encode()


def query(
    message: bytes,
    relay_state: str | None = None,
    *,
    parameter: str = "SAMLRequest",
    encode: Encode = quote_plus,
) -> str:
    """A query that is not signed."""
    compressor = zlib.compressobj(wbits=-15)
    deflated = compressor.compress(message) + compressor.flush()
    told = "" if relay_state is None else f"&RelayState={encode(relay_state)}"
    return f"{parameter}={encode(base64.b64encode(deflated).decode())}{told}"


def posted(message: bytes, *, width: int = 0, end: str = "\n") -> str:
    """The value of a form's field; with a width, its lines broken there."""
    text = base64.b64encode(message).decode()
    return end.join(textwrap.wrap(text, width)) + end if width else text


def message_of(visit: Visit) -> etree._Element:
    """The message that the browser brought."""
    for name in ("SAMLRequest", "SAMLResponse"):
        if name in visit.form:
            return etree.fromstring(base64.b64decode(visit.form[name], validate=True))
        value = dict(parse_qsl(visit.raw_query)).get(name)
        if value is not None:
            return etree.fromstring(zlib.decompress(base64.b64decode(value, validate=True), wbits=-15))
    raise AssertionError(f"no message came to {visit.path}")


def status_of(response: etree._Element) -> tuple[str, ...]:
    """The status codes of a response, from the outer one inwards, without what they all begin with."""
    codes = response.find(f"{SAMLP}Status").iter(f"{SAMLP}StatusCode")
    return tuple(str(code.get("Value")).removeprefix(STATUS) for code in codes)
