"""Requests that are right and unusual, as other software writes, encodes and signs them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote, quote_plus

import pytest
import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA384, SHA512, HashAlgorithm
from lxml import etree

from interop.saml.browser import Browser, Page
from interop.saml.handmade import Encode, Handmade, Place, message_of, posted, query, status_of
from interop.saml.idp import IdentityProvider
from interop.saml.people import Person, give_password
from interop.saml.service import Binding, keys
from interop.saml.wire import DS, Wire
from interop.server import Server

HOST = "https://hand-made.example"
PLACES = (Place("/acs/1", 1), Place("/acs/2", 2, is_default=True), Place("/acs/7", 7))
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
CONTENTS = {
    "nothing more": "",
    "extensions": '<samlp:Extensions><x:y xmlns:x="urn:x">đ</x:y></samlp:Extensions>',
    "a policy of nothing": "<samlp:NameIDPolicy/>",
    "a policy that only permits": '<samlp:NameIDPolicy AllowCreate="1"/>',
    "a scope": (
        '<samlp:Scoping ProxyCount="2"><samlp:IDPList><samlp:IDPEntry ProviderID="https://idp.example"/>'
        "</samlp:IDPList><samlp:RequesterID>https://hub.example</samlp:RequesterID></samlp:Scoping>"
    ),
    "conditions": '<saml:Conditions NotOnOrAfter="2099-01-01T00:00:00Z"/>',
    "two ways of proving, one of them known": (
        '<samlp:RequestedAuthnContext Comparison="exact"><saml:AuthnContextClassRef>urn:x'
        f"</saml:AuthnContextClassRef><saml:AuthnContextClassRef>{PASSWORD}</saml:AuthnContextClassRef>"
        "</samlp:RequestedAuthnContext>"
    ),
    "indentation": "\n    <samlp:NameIDPolicy\n        AllowCreate='true'\n    />\n\t",
    "comments": "<!-- no --><samlp:NameIDPolicy AllowCreate='true'><!-- none --></samlp:NameIDPolicy>",
}
REWRITTEN: dict[str, tuple[tuple[str, str], ...]] = {
    "a declaration": (
        ("<samlp:AuthnRequest", '<?xml version="1.0" encoding="utf-8"?>\n<samlp:AuthnRequest'),
    ),
    "a mark of the byte order": (("<samlp:AuthnRequest", "\ufeff<samlp:AuthnRequest"),),
    "a comment before it": (("<samlp:AuthnRequest", "<!-- made by hand -->\n<samlp:AuthnRequest"),),
    "the protocol as default namespace": (("xmlns:samlp", "xmlns"), ("samlp:", "")),
    "other prefixes": (("<saml:", "<saml2:"), ("</saml:", "</saml2:"), ("xmlns:saml=", "xmlns:saml2=")),
    "a format of the issuer": (
        ("<saml:Issuer", '<saml:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity"'),
    ),
    "blanks around the issuer": ((f"{HOST}/metadata<", f"\n      {HOST}/metadata\n    <"),),
    "the issuer in a CDATA section": ((f"{HOST}/metadata<", f"<![CDATA[{HOST}/metadata]]><"),),
    "single quotes": (('"', "'"),),
    "lines of Windows": (("><", ">\r\n<"),),
}
ATTRIBUTES: dict[str, dict[str, str | None]] = {
    "no destination": {"Destination": None},
    "seven digits of a second": {"IssueInstant": "{now:%Y-%m-%dT%H:%M:%S}.1234567Z"},
    "the time in Vietnam": {"IssueInstant": "{vietnam:%Y-%m-%dT%H:%M:%S}+07:00"},
    "a name of the provider": {"ProviderName": "Cổng dịch vụ công & một cửa"},
    "consent": {"Consent": "urn:oasis:names:tc:SAML:2.0:consent:unspecified"},
    "flags that are digits": {"ForceAuthn": "0", "IsPassive": "0"},
    "passive": {"IsPassive": "true"},
    "a binding": {"ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"},
    "attributes by index": {"AttributeConsumingServiceIndex": "3"},
}


@pytest.fixture(scope="module")
def signed_in(idp: IdentityProvider, server: Server, tuyet: Person) -> Iterator[Browser]:
    """A browser with a session, for all of these."""
    idp.register("hand-made", application_of(idp).metadata)
    browser = Browser(server.ca_file)
    give_password(browser, browser.open(f"{idp.url}/account"), tuyet)
    yield browser
    browser.close()


@pytest.fixture
def application(signed_in: Browser, idp: IdentityProvider, wire: Wire) -> Handmade:
    """Without a library."""
    made = application_of(idp)
    signed_in.applications[HOST] = made
    signed_in.heard = wire.hear
    return made


def application_of(idp: IdentityProvider) -> Handmade:
    """Three places for answers, of which the second says that it is the default."""
    return Handmade(idp, HOST, Binding.REDIRECT, places=PLACES, vows_to_sign=False)


@pytest.fixture
def sso(idp: IdentityProvider) -> str:
    return f"{idp.url}/saml/sso"


def authn_request(application: Handmade, content: str = "", **attributes: str | None) -> str:
    """An AuthnRequest that says no place for the answer by itself."""
    nowhere = {"AssertionConsumerServiceURL": None, "ProtocolBinding": None}
    return application.authn_request(content, more=nowhere | attributes).decode()


def bring(browser: Browser, sso: str, raw_query: str) -> Page:
    """The browser follows a link of the application."""
    return browser.follow(Page(f"{HOST}/"), f"{sso}?{raw_query}")


def answered(application: Handmade, page: Page, xml: str, path: str = "/acs/2") -> None:
    """The application was sent an assertion in answer to that very request."""
    assert page.heading == "At the application", page.said
    (visit,) = application.visits
    assert visit.path == path
    response = message_of(visit)
    found = re.search(r'\bID=["\']([^"\']+)', xml)
    assert found is not None
    assert response.get("InResponseTo") == found[1]
    assert status_of(response) == ("Success",)


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_what_a_request_may_hold(signed_in: Browser, application: Handmade, sso: str, content: str) -> None:
    xml = authn_request(application, content)
    answered(application, bring(signed_in, sso, application.signed_query(xml.encode())), xml)


@pytest.mark.parametrize("attributes", ATTRIBUTES.values(), ids=ATTRIBUTES)
def test_what_a_request_may_say(
    signed_in: Browser, application: Handmade, sso: str, attributes: dict[str, str | None]
) -> None:
    now = datetime.now(UTC)
    times = {"now": now, "vietnam": now.astimezone(timezone(timedelta(hours=7)))}
    said = {name: value and value.format_map(times) for name, value in attributes.items()}
    xml = authn_request(application, **said)
    answered(application, bring(signed_in, sso, query(xml.encode())), xml)


@pytest.mark.parametrize("changes", REWRITTEN.values(), ids=REWRITTEN)
def test_how_a_request_may_be_written(
    signed_in: Browser, application: Handmade, sso: str, changes: tuple[tuple[str, str], ...]
) -> None:
    xml = authn_request(application, '<samlp:NameIDPolicy AllowCreate="true"/>')
    for old, new in changes:
        assert old in xml
        xml = xml.replace(old, new)
    answered(application, bring(signed_in, sso, application.signed_query(xml.encode())), xml)


ENCODINGS = {
    "blanks as %20": lambda text: quote(text, safe=""),
    "digits in lower case, as .NET": lambda text: re.sub(
        "%..", lambda found: found[0].lower(), quote_plus(text)
    ),
    "lower case and %20, as older ADFS": lambda text: re.sub(
        "%..", lambda found: found[0].lower(), quote(text, safe="")
    ),
    "as encodeURIComponent": lambda text: quote(text, safe="!'()*~-._"),
    "slashes left alone": lambda text: quote(text, safe="/"),
    "every octet": lambda text: "".join(f"%{octet:02X}" for octet in text.encode()),
}
RELAY_STATE = "https://cổng.example/a b?c='(d)*&e=+%2B~"


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
def test_how_a_signed_query_may_be_encoded(
    signed_in: Browser, application: Handmade, sso: str, encode: Encode
) -> None:
    xml = authn_request(application)
    answered(
        application,
        bring(signed_in, sso, application.signed_query(xml.encode(), RELAY_STATE, encode=encode)),
        xml,
    )
    assert application.visits[0].form["RelayState"] == RELAY_STATE


@pytest.mark.parametrize(
    "layout",
    [
        "Signature={signature}&{signed}",
        "SigAlg={sig_alg}&Signature={signature}&{message}",
        "utm=0&{signed}&Signature={signature}&utm=1",
        "{signed}&Signature={signature}&",
    ],
)
def test_in_which_order_a_signed_query_may_come(
    signed_in: Browser, application: Handmade, sso: str, layout: str
) -> None:
    xml = authn_request(application)
    answered(
        application, bring(signed_in, sso, application.signed_query(xml.encode(), "x", layout=layout)), xml
    )


@pytest.mark.parametrize(("method", "digest"), [("rsa-sha384", SHA384()), ("rsa-sha512", SHA512())])
def test_with_what_a_query_may_be_signed(
    signed_in: Browser, application: Handmade, sso: str, method: str, digest: HashAlgorithm
) -> None:
    xml = authn_request(application)
    raw_query = application.signed_query(xml.encode(), method=MORE + method, digest=digest)
    answered(application, bring(signed_in, sso, raw_query), xml)


@pytest.mark.parametrize(("width", "end"), [(0, ""), (76, "\r\n"), (64, "\n"), (60, "\n    ")])
def test_how_lines_of_a_posted_request_may_be_broken(
    signed_in: Browser, application: Handmade, sso: str, width: int, end: str
) -> None:
    xml = authn_request(application)
    page = signed_in.post(f"{HOST}/", sso, {"SAMLRequest": posted(xml.encode(), width=width, end=end)})
    answered(application, page, xml)


@pytest.mark.parametrize("prefix", ["ds", "", "dsig"])
@pytest.mark.parametrize("told", ["nothing", "its certificate", "its name", "its value"])
def test_what_a_posted_signature_may_tell_of_its_key(
    signed_in: Browser, application: Handmade, sso: str, prefix: str, told: str
) -> None:
    xml = signed_within(authn_request(application), prefix, told)
    page = signed_in.post(f"{HOST}/", sso, {"SAMLRequest": posted(xml)})
    answered(application, page, xml.decode())


@pytest.mark.parametrize(
    ("where", "attributes"),
    [
        ("/acs/2", {}),
        ("/acs/1", {"AssertionConsumerServiceURL": f"{HOST}/acs/1"}),
        ("/acs/7", {"AssertionConsumerServiceIndex": "7"}),
        ("/acs/1", {"AssertionConsumerServiceIndex": "1"}),
    ],
)
def test_which_place_is_answered(
    signed_in: Browser, application: Handmade, sso: str, where: str, attributes: dict[str, str]
) -> None:
    xml = authn_request(application, **attributes)
    answered(application, bring(signed_in, sso, query(xml.encode())), xml, where)


@pytest.mark.parametrize(
    "attributes",
    [
        {"AssertionConsumerServiceURL": f"{HOST}/acs/3"},
        {"AssertionConsumerServiceURL": f"{HOST}/acs/1/"},
        {"AssertionConsumerServiceURL": f"{HOST.upper()}/acs/1"},
        {"AssertionConsumerServiceIndex": "0"},
    ],
)
def test_a_place_that_is_not_registered_is_never_answered(
    signed_in: Browser, application: Handmade, sso: str, attributes: dict[str, str]
) -> None:
    page = bring(signed_in, sso, application.signed_query(authn_request(application, **attributes).encode()))
    assert (page.status, page.heading) == (403, "hand-made cannot be signed in to")
    assert application.visits == []


@pytest.mark.parametrize("relay_state", [None, "", " ", "0"])
def test_relay_state_that_is_empty_is_not_relay_state_that_is_absent(
    signed_in: Browser, application: Handmade, sso: str, relay_state: str | None
) -> None:
    bring(signed_in, sso, application.signed_query(authn_request(application).encode(), relay_state))
    bring(signed_in, sso, query(authn_request(application).encode(), relay_state))
    fields = {"SAMLRequest": posted(authn_request(application).encode())}
    if relay_state is not None:
        fields["RelayState"] = relay_state
    signed_in.post(f"{HOST}/", sso, fields)
    assert [visit.form.get("RelayState") for visit in application.visits] == [relay_state] * 3


def signed_within(xml: str, prefix: str, told: str) -> bytes:
    """The request signed by xmlsec, with that prefix, and that said of the key."""
    constants = xmlsec.constants
    root = etree.fromstring(xml)
    signature = xmlsec.template.create(
        root, constants.TransformExclC14N, constants.TransformRsaSha256, ns=prefix or None
    )
    root.insert(1, signature)
    reference = xmlsec.template.add_reference(signature, constants.TransformSha256, uri=f"#{root.get('ID')}")
    xmlsec.template.add_transform(reference, constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, constants.TransformExclC14N)
    if told != "nothing":
        information = xmlsec.template.ensure_key_info(signature)
        match told:
            case "its certificate":
                xmlsec.template.add_x509_data(information)
            case "its name":
                xmlsec.template.add_key_name(information, "hand-made")
    context = xmlsec.SignatureContext()
    own = keys(HOST)
    context.key = xmlsec.Key.from_memory(own.key, constants.KeyDataFormatPem)
    context.key.load_cert_from_memory(own.certificate, constants.KeyDataFormatPem)
    xmlsec.tree.add_ids(root, ["ID"])
    context.sign(signature)
    if told == "its value":  # no part of what is signed
        numbers = public_numbers(own.certificate)
        value = etree.SubElement(etree.SubElement(information, f"{DS}KeyValue"), f"{DS}RSAKeyValue")
        for name, number in (("Modulus", numbers.n), ("Exponent", numbers.e)):
            octets = number.to_bytes((number.bit_length() + 7) // 8, "big")
            etree.SubElement(value, f"{DS}{name}").text = base64.b64encode(octets).decode()
    return etree.tostring(root)


def public_numbers(certificate: bytes) -> rsa.RSAPublicNumbers:
    """Modulus and exponent."""
    key = x509.load_pem_x509_certificate(certificate).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    return key.public_numbers()
