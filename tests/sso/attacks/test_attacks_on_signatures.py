"""Signatures that say something else than what is read, by others, or by weaker means."""

from __future__ import annotations

import base64
from functools import partial
from operator import attrgetter
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from govdir.sso.saml import metadata_sp, redirect, signatures, xml
from govdir.sso.saml.errors import SamlError, SignatureRefused
from govdir.sso.saml.keys import VerificationKey, VerificationKeys
from govdir.sso.saml.model import Binding
from govdir.sso.saml.names import saml
from tests.sso.attacks.attack import Attack, always, nothing
from tests.sso.attacks.conftest import Opening
from tests.sso.attacks.place import Page, Place
from tests.sso.attacks.wrapping import PLACES, without_signature, wrapped
from tests.sso.idp.stage import SLO, SOAP, SSO, Application, key
from tests.sso.saml.signed import part

SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"


def answered(page: Page) -> bool:
    return page.posted is not None


def verify_like_libraries(_key: Any, root: etree._Element, signature: etree._Element, *, sha1: bool) -> None:
    """Whether something in the document is signed, whatever it is."""
    document = root.getroottree().getroot()
    xmlsec.tree.add_ids(document, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = _key.xmlsec_key
    try:
        context.verify(signature)
    except xmlsec.Error:
        raise SignatureRefused("the digest is wrong") from None


WRAPPING = {
    "govdir.sso.saml.signatures:refers_to": nothing,
    "govdir.sso.saml.signatures:child_of": lambda _root, signature: signature,
    "govdir.sso.saml.signatures:no_objects": nothing,
    "govdir.sso.saml.signatures:right_by": verify_like_libraries,
    "govdir.sso.saml.signatures:unique_ids": nothing,
    "govdir.sso.saml.xml:unique_ids": nothing,
}
"""What a wrapped message has to get past, and what libraries do instead. In most places one of them alone
would stop it; several stand behind each other on purpose."""


# -- 8: wrapping ----------------------------------------------------------------------------------------


def a_wrapped_request_is_believed(place: Place) -> bool:
    """The forged one is passive and for a persistent name: what is answered shows which one was read."""
    portal = place.register(Application("portal", signs=True, acs=("acs", "second")))
    browser = place.signed_in()

    def forge(evil: etree._Element) -> None:
        evil.set("AssertionConsumerServiceURL", portal.acs[1])

    for place_ in PLACES:
        octets = portal.signed(
            portal.request(place.town.clock.now(), AssertionConsumerServiceURL=portal.acs[0])
        )
        page = browser.posts(wrapped(octets, forge, place_))
        if page.posted and page.posted[0] == portal.acs[1]:
            return True
    return False


def a_wrapped_logout_is_believed(place: Place, *, soap: bool) -> bool:
    """The true one is of somebody who is not signed in."""
    files = place.register(Application("files", slo=[(Binding.POST, "slo")]))
    victim = place.signed_in()
    assert answered(victim.opens(files))
    name = place.name()

    def forge(evil: etree._Element) -> None:
        found = evil.find(saml("NameID"))
        assert found is not None
        found.text = name

    for place_ in PLACES:
        now = place.town.clock.now()
        destination = SOAP if soap else SLO
        octets = files.signed(files.logout(now, "nobody@cantho.gov.vn", Destination=destination))
        evil = wrapped(octets, forge, place_)
        if soap:
            envelope = (
                b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%b</s:Body></s:Envelope>'
                % evil
            )
            place.browser().ask("POST", "/saml/slo/soap", envelope, {"Content-Type": "text/xml"})
        else:
            place.browser().posts(evil, to=SLO)
        if not place.sessions():
            return True
    return False


def wrapped_metadata_is_believed(place: Place) -> bool:
    """A federation's signature over one entity, around another."""
    portal = Application("portal", signs=True)
    root = xml.parse(portal.metadata())
    root.set("ID", "_entity")
    signatures.sign(root, key("federation"))
    octets = xml.serialize(root)
    keys = VerificationKeys.of([key("federation").certificate])
    assert metadata_sp.read_service_metadata(octets, signer=keys).entity_id == portal.entity_id

    def forge(evil: etree._Element) -> None:
        evil[-1][-1].set("Location", "https://evil.example/acs")

    for place_ in PLACES:
        evil = xml.parse(octets)
        try:
            read = metadata_sp.read_service_metadata(
                _metadata_wrapped(evil, forge, place_), portal.entity_id, keys
            )
        except SamlError:
            continue
        if read.acs[0].location == "https://evil.example/acs":
            return True
    return False


def _metadata_wrapped(true: etree._Element, forge: Any, place: int) -> bytes:
    """The forged entity bears the true one's signature, and the true one stands where few look."""
    signature = true[0]
    forged = etree.fromstring(xml.serialize(true))
    forge(forged)
    forged.remove(forged[0])
    forged.set("ID", "_forged")
    extensions = etree.Element(xml.name(xml.MD, "Extensions"))
    if place % 3 == 0:
        forged.insert(0, signature)
        true.set("entityID", "https://other.example/metadata")
    elif place % 3 == 1:
        forged.insert(0, extensions)
        extensions.append(true)
    else:
        forged.insert(0, signature)
        forged.insert(1, extensions)
        extensions.append(true)
    return xml.serialize(forged)


def roots_signature_anywhere(root: etree._Element) -> etree._Element:
    found = next(root.iter(xml.name(xml.DS, "Signature")), None)
    if found is None:
        raise SignatureRefused("none")
    return found


# -- 9: two readers, two documents ----------------------------------------------------------------------


def an_identifier_twice_is_taken(place: Place) -> bool:
    """The digest is made over one element of that ID and the other is read."""
    portal = place.register(Application("portal", signs=True, acs=("acs", "second")))
    browser = place.signed_in()

    def forge(evil: etree._Element) -> None:
        evil.set("AssertionConsumerServiceURL", portal.acs[1])
        evil.set("ID", "_" + "0" * 20)

    for spelling in ("ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id"):
        octets = portal.signed(
            portal.request(place.town.clock.now(), AssertionConsumerServiceURL=portal.acs[0])
        )
        evil = xml.parse(wrapped(octets, forge, 7))
        evil.set("ID", etree.fromstring(octets).get("ID") or "")
        if spelling != "ID":
            hidden = evil.find(".//{urn:example:harmless}box")
            assert hidden is not None
            hidden[0].set(spelling, hidden[0].attrib.pop("ID"))
        page = browser.posts(xml.serialize(evil))
        if page.posted and page.posted[0] == portal.acs[1]:
            return True
    return False


def digest_over_the_first_of_that_name(
    key_: VerificationKey, root: etree._Element, signature: etree._Element, *, sha1: bool
) -> None:
    """The digest is looked up among all elements of that ID, as in two parsers that differ."""
    identifier = root.get("ID")
    for element in root.iter(etree.Element):
        if element is not root and element.get("ID") == identifier:
            alone = etree.fromstring(etree.tostring(element, with_tail=False))
            alone.insert(1, etree.fromstring(etree.tostring(signature, with_tail=False)))
            try:
                verify_like_libraries(key_, alone, alone[1], sha1=sha1)
            except SignatureRefused:
                continue
            return
    raise SignatureRefused("the digest is wrong")


# -- 11: programs among the transforms ------------------------------------------------------------------

PROGRAM = (
    '<ds:Transform xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
    ' Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">'
    "<ds:XPath>count(//. | //@* | //namespace::*)</ds:XPath></ds:Transform>"
)


def a_program_of_a_stranger_runs(place: Place) -> bool:
    """Whether xmlsec is handed a signature with a program in it, made with a key nobody knows."""
    portal = place.register(Application("portal"))
    stranger = Application("portal", own_key="stranger")
    root = xml.parse(stranger.signed(stranger.request(place.town.clock.now())))
    part(root, "Transforms").insert(0, etree.fromstring(PROGRAM))
    assert portal.key is not stranger.key
    reached = []
    right_by = signatures.right_by

    def seen(*args: Any, **named: Any) -> None:
        reached.append(args)
        right_by(*args, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signatures, "right_by", seen)
        place.browser().posts(xml.serialize(root))
    return bool(reached)


# -- 16: weaker means -----------------------------------------------------------------------------------


def sha1_is_taken_in_a_query(place: Place) -> bool:
    portal = place.register(Application("portal", signs=True))
    octets = portal.request(place.town.clock.now())
    url = redirect.url(SSO, octets, is_request=True, relay_state=None, key=portal.key)
    signed = urlsplit(url).query.partition("&SigAlg=")[0] + "&SigAlg=" + quote(SHA1, safe="")
    value = portal.key.private.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA1())
    page = place.signed_in().get(f"/saml/sso?{signed}&Signature={quote(base64.b64encode(value), safe='')}")
    return answered(page)


def sha1_is_taken_in_a_message(place: Place) -> bool:
    portal = place.register(Application("portal", signs=True))
    root = xml.parse(portal.request(place.town.clock.now()))
    signature = xmlsec.template.create(
        root, xmlsec.constants.TransformExclC14N, xmlsec.constants.TransformRsaSha1, ns="ds"
    )
    root.insert(1, signature)
    reference = xmlsec.template.add_reference(
        signature, xmlsec.constants.TransformSha1, uri=f"#{root.get('ID')}"
    )
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    context = xmlsec.SignatureContext()
    context.key = portal.key.xmlsec_key
    context.register_id(root, "ID")
    context.sign(signature)
    return answered(place.signed_in().posts(xml.serialize(root)))


def an_unknown_method_is_taken_for_another(place: Place) -> bool:
    """Signed by RSA with SHA-256, said to be by something nobody knows."""
    portal = place.register(Application("portal", signs=True))
    octets = portal.request(place.town.clock.now())
    url = redirect.url(SSO, octets, is_request=True, relay_state=None, key=portal.key)
    head = (
        urlsplit(url).query.partition("&SigAlg=")[0] + "&SigAlg=" + quote("urn:example:rsa-sha999", safe="")
    )
    value = portal.key.private.sign(head.encode(), padding.PKCS1v15(), hashes.SHA256())
    page = place.signed_in().get(f"/saml/sso?{head}&Signature={quote(base64.b64encode(value), safe='')}")
    return answered(page)


class FallsBack(dict[str, Any]):
    """What is unknown is taken for SHA-256."""

    def __missing__(self, method: str) -> Any:
        return hashes.SHA256()


# -- 17: other keys -------------------------------------------------------------------------------------


def the_message_brings_its_key(place: Place) -> bool:
    place.register(Application("portal", signs=True))
    stranger = Application("portal", signs=True, own_key="stranger")
    octets = stranger.signed(stranger.request(place.town.clock.now()))
    return answered(place.signed_in().posts(octets))


def key_in_the_message(signature: etree._Element, method: str, keys: VerificationKeys) -> VerificationKey:
    certificate = part(signature, "X509Certificate").text or ""
    found = x509.load_der_x509_certificate(base64.b64decode(certificate)).public_key()
    return VerificationKey(found)  # type: ignore[arg-type]


def the_public_key_is_a_secret(place: Place) -> bool:
    """HMAC under the octets of the public key, which everybody has."""
    portal = place.register(Application("portal", signs=True))
    public = portal.key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    root = xml.parse(portal.request(place.town.clock.now()))
    signature = xmlsec.template.create(
        root, xmlsec.constants.TransformExclC14N, xmlsec.constants.TransformHmacSha256, ns="ds"
    )
    root.insert(1, signature)
    reference = xmlsec.template.add_reference(
        signature, xmlsec.constants.TransformSha256, uri=f"#{root.get('ID')}"
    )
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_binary_data(xmlsec.constants.KeyDataHmac, public)
    context.register_id(root, "ID")
    context.sign(signature)
    return answered(place.signed_in().posts(xml.serialize(root)))


def any_kind_of_key(
    key_: VerificationKey, root: etree._Element, signature: etree._Element, *, sha1: bool
) -> None:
    """The key's octets are used for whatever the signature's method wants."""
    octets = key_.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_binary_data(xmlsec.constants.KeyDataHmac, octets)
    context.register_id(root, "ID")
    context.verify(signature)


def method_as_it_is(signature: etree._Element, _keys: VerificationKeys) -> str:
    return part(signature, "SignatureMethod").get("Algorithm", "")


def any_key(_signature: etree._Element, _method: str, keys: VerificationKeys) -> VerificationKey:
    return keys.keys[0]


# -- 18: parameters -------------------------------------------------------------------------------------


def query_of(portal: Application, octets: bytes, relay_state: str | None = None) -> str:
    return urlsplit(redirect.url(SSO, octets, is_request=True, relay_state=relay_state, key=portal.key)).query


def another_request_beside_the_signed_one(place: Place) -> bool:
    """The signature is right for the one, and the other is read (CVE-2025-27773)."""
    portal = place.register(Application("portal", signs=True, acs=("acs", "second")))
    browser = place.signed_in()
    true = query_of(portal, portal.request(place.town.clock.now()))
    evil = dict(
        parse_qsl(
            query_of(
                portal, portal.request(place.town.clock.now(), AssertionConsumerServiceURL=portal.acs[1])
            )
        )
    )["SAMLRequest"]
    for queries in (
        f"{true}&SAMLRequest={quote(evil, safe='')}",
        f"SAMLRequest={quote(evil, safe='')}&{true}",
        f"{true}&%53AMLRequest={quote(evil, safe='')}",
        f"SAMLRequest={quote(evil, safe='')}&{true.replace('SAMLRequest', 'SAMLResponse')}",
    ):
        page = browser.get(f"/saml/sso?{queries}")
        if page.posted and page.posted[0] == portal.acs[1]:
            return True
    return False


each_once = redirect.each_once


def as_php_reads_them(raw_query: bytes) -> dict[str, Any]:
    """Of two, the octets of the first and the value of the last."""
    found: dict[str, Any] = {}
    for piece in raw_query.split(b"&"):
        for name, parameter in each_once(piece).items():
            slice_ = found[name].slice if name in found else parameter.slice
            found[name] = type(parameter)(slice_, parameter.value)
    return found


def the_signature_is_left_out(place: Place) -> bool:
    """An application that signs, and a query that is not."""
    portal = place.register(Application("portal", signs=True))
    browser = place.signed_in()
    octets = portal.request(place.town.clock.now())
    whole = query_of(portal, octets)
    bare = whole.partition("&SigAlg=")[0]
    fields = dict(parse_qsl(whole))
    for query in (
        bare,
        f"{bare}&SigAlg={quote(fields['SigAlg'], safe='')}",
        f"{bare}&Signature={quote(fields['Signature'], safe='')}",
        f"{bare}&SigAlg=&Signature=",
        f"{bare}&sigalg={quote(fields['SigAlg'], safe='')}&signature=x",
    ):
        if answered(browser.get(f"/saml/sso?{query}")):
            return True
    return answered(browser.posts(without_signature(portal.signed(octets))))


# -- 20: spellings --------------------------------------------------------------------------------------


def relay_state_is_exchanged(place: Place) -> bool:
    """Beside the same signature: another value, another spelling that means another, one where there was
    none."""
    portal = place.register(Application("portal", signs=True))
    browser = place.signed_in()
    for true, evil in (
        ("a+b", "a b"),
        ("a%2Bb", "a+b"),
        ("x", "https%3A%2F%2Fevil.example"),
        (None, "evil"),
        ("x", None),
        ("x", ""),
    ):
        spelt = None if true is None else true.replace("%2B", "+")
        query = query_of(portal, portal.request(place.town.clock.now()), spelt)
        fields = [part_ for part_ in query.split("&") if not part_.startswith("RelayState=")]
        if evil is not None:
            fields.insert(1, "RelayState=" + evil)
        changed = "&".join(fields)
        if changed == query:
            continue
        page = browser.get(f"/saml/sso?{changed}")
        if page.posted and page.posted[1].get("RelayState") != spelt:
            return True
    return False


signature_of_query = redirect._signature


def without_relay_state(parameters: dict[str, Any], message: str) -> Any:
    return signature_of_query(
        {name: one for name, one in parameters.items() if name != "RelayState"}, message
    )


ATTACKS = (
    Attack(8, "a wrapped AuthnRequest", a_wrapped_request_is_believed, WRAPPING),
    Attack(8, "a wrapped LogoutRequest by POST", partial(a_wrapped_logout_is_believed, soap=False), WRAPPING),
    Attack(8, "a wrapped LogoutRequest by SOAP", partial(a_wrapped_logout_is_believed, soap=True), WRAPPING),
    Attack(
        8,
        "wrapped metadata",
        wrapped_metadata_is_believed,
        {
            **WRAPPING,
            "govdir.sso.saml.signatures:the_roots_signature": roots_signature_anywhere,
            "govdir.sso.saml.schemas:check": nothing,
        },
    ),
    Attack(
        9,
        "an identifier that occurs twice",
        an_identifier_twice_is_taken,
        {
            "govdir.sso.saml.signatures:unique_ids": nothing,
            "govdir.sso.saml.xml:unique_ids": nothing,
            "govdir.sso.saml.schemas:check": nothing,
            "govdir.sso.saml.signatures:right_by": digest_over_the_first_of_that_name,
        },
    ),
    Attack(
        11,
        "a program among the transforms",
        a_program_of_a_stranger_runs,
        {
            "govdir.sso.saml.signatures:harmless_transforms": nothing,
            "govdir.sso.saml.signatures:key_of": any_key,
        },
    ),
    Attack(
        16,
        "SHA-1 in a query",
        sha1_is_taken_in_a_query,
        {"govdir.sso.saml.keys:VerificationKeys.accepts": always(True)},
    ),
    Attack(
        16,
        "SHA-1 in a message",
        sha1_is_taken_in_a_message,
        {
            "govdir.sso.saml.signatures:digest_accepted": nothing,
            "govdir.sso.saml.signatures:method_accepted": method_as_it_is,
            "govdir.sso.saml.signatures:right_by": verify_like_libraries,
        },
    ),
    Attack(
        16,
        "an unknown method",
        an_unknown_method_is_taken_for_another,
        {
            "govdir.sso.saml.keys:VerificationKeys.accepts": always(True),
            "govdir.sso.saml.keys:VerificationKey.fits": always(True),
            "govdir.sso.saml.keys:_HASHES": FallsBack(),
        },
    ),
    Attack(
        17,
        "a key that the message brings",
        the_message_brings_its_key,
        {"govdir.sso.saml.signatures:key_of": key_in_the_message},
    ),
    Attack(
        17,
        "the public key as a secret",
        the_public_key_is_a_secret,
        {
            "govdir.sso.saml.signatures:method_accepted": method_as_it_is,
            "govdir.sso.saml.signatures:key_of": any_key,
            "govdir.sso.saml.signatures:right_by": any_kind_of_key,
        },
    ),
    Attack(
        18,
        "another request beside the signed one",
        another_request_beside_the_signed_one,
        {"govdir.sso.saml.redirect:each_once": as_php_reads_them},
    ),
    Attack(
        18,
        "a signature left out",
        the_signature_is_left_out,
        {"govdir.sso.idp.registry:Known.signs_requests": False},
    ),
    Attack(
        20,
        "RelayState exchanged under the same signature",
        relay_state_is_exchanged,
        {"govdir.sso.saml.redirect:_signature": without_relay_state},
    ),
)


@pytest.mark.parametrize("attack", ATTACKS, ids=attrgetter("id"))
def test_the_attack_fails(attack: Attack, opened: Opening) -> None:
    assert not attack.succeeds(opened())


@pytest.mark.parametrize("attack", ATTACKS, ids=attrgetter("id"))
def test_without_its_guards_it_succeeds(
    attack: Attack, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    attack.weaken(monkeypatch)

    assert attack.succeeds(opened())
