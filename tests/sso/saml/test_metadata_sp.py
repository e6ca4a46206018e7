"""Taking over what a service provider's metadata says."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from onelogin.saml2.metadata import OneLogin_Saml2_Metadata

from govdir.policy.texts import Language
from govdir.sso.saml import signatures, xml
from govdir.sso.saml.errors import UnusableMetadata
from govdir.sso.saml.keys import VerificationKeys
from govdir.sso.saml.metadata_sp import default_endpoint, expiry_warning, read_service_metadata, take_over
from govdir.sso.saml.model import Binding, Endpoint, NameIdFormat, ServiceMetadata
from govdir.sso.saml.names import md
from tests.sso.saml.samples import (
    ACS,
    MAIL_OID,
    NAMESPACES,
    NOW,
    SP,
    certificate,
    rsa_certificate,
    signing_key,
)

SAML2 = 'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"'
POST, REDIRECT, SOAP = Binding.POST.value, Binding.REDIRECT.value, Binding.SOAP.value
ARTIFACT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"
ONE_ACS = f'<md:AssertionConsumerService Binding="{POST}" Location="{ACS}" index="0"/>'
OURS = VerificationKeys.of([signing_key().certificate])


def entity(
    role: str = ONE_ACS, *, name: str = SP, attributes: str = "", rest: str = "", own: str = SAML2
) -> str:
    return (
        f'<md:EntityDescriptor {NAMESPACES} entityID="{name}" {attributes}>'
        f"<md:SPSSODescriptor {own}>{role}</md:SPSSODescriptor>{rest}</md:EntityDescriptor>"
    )


def aggregate(*entities: str, attributes: str = "") -> str:
    return f"<md:EntitiesDescriptor {NAMESPACES} {attributes}>{''.join(entities)}</md:EntitiesDescriptor>"


def read(text: str, entity_id: str | None = None, **options: object) -> ServiceMetadata:
    return read_service_metadata(text.encode(), entity_id, **options)  # type: ignore[arg-type]


def refusal(text: str, entity_id: str | None = None, **options: object) -> str:
    with pytest.raises(UnusableMetadata) as refused:
        read(text, entity_id, **options)
    assert refused.value.why.vi != refused.value.why.en
    return str(refused.value)


def key(*certificates: bytes | str, use: str = "") -> str:
    """A KeyDescriptor with all certificates in one X509Data."""
    texts = (each if isinstance(each, str) else base64.b64encode(each).decode() for each in certificates)
    data = "".join(f"<ds:X509Certificate>{text}</ds:X509Certificate>" for text in texts)
    said = f'use="{use}"' if use else ""
    return (
        f"<md:KeyDescriptor {said}><ds:KeyInfo><ds:X509Data>{data}</ds:X509Data></ds:KeyInfo>"
        "</md:KeyDescriptor>"
    )


def key_value(use: str) -> str:
    return (
        f'<md:KeyDescriptor use="{use}"><ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue>'
        "<ds:Modulus>AQAB</ds:Modulus>"
        "<ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo></md:KeyDescriptor>"
    )


def acs(location: str, index: int = 0, default: str = "", binding: str = POST) -> str:
    said = f'isDefault="{default}"' if default else ""
    return f'<md:AssertionConsumerService Binding="{binding}" Location="{location}" index="{index}" {said}/>'


def signed(text: str, name: str = md("EntityDescriptor")) -> str:
    """The document with the first element of that name signed by our key."""
    root = xml.parse(text.encode())
    signatures.sign(next(root.iter(name)), signing_key())
    return xml.serialize(root).decode()


# what is read


def test_the_least_a_service_provider_says() -> None:
    assert read(entity()) == ServiceMetadata(entity_id=SP, acs=(Endpoint(POST, ACS, index=0),))


def test_everything_a_service_provider_may_say_is_read() -> None:
    first, second = rsa_certificate(), certificate("other")
    text = entity(
        f"""<md:Extensions><mdui:UIInfo>
            <mdui:DisplayName xml:lang="vi">Cổng
               dịch vụ</mdui:DisplayName><mdui:DisplayName xml:lang="en">Portal</mdui:DisplayName>
        </mdui:UIInfo></md:Extensions>
        {key(second, use="signing")}{key(first)}
        <md:SingleLogoutService Binding="{REDIRECT}" Location="{SP}/slo" ResponseLocation="{SP}/slo-done"/>
        <md:SingleLogoutService Binding="{SOAP}" Location="{SP}/soap"/>
        <md:SingleLogoutService Binding="{ARTIFACT}" Location="{SP}/art"/>
        <md:NameIDFormat>{NameIdFormat.PERSISTENT.value}</md:NameIDFormat>
        <md:NameIDFormat> {NameIdFormat.EMAIL.value} </md:NameIDFormat>
        {acs(SP + "/artifact", 0, "true", ARTIFACT)}{acs(ACS, 1)}{acs(ACS + "2", 2, "1")}
        <md:AttributeConsumingService index="0"><md:ServiceName xml:lang="vi">không dùng</md:ServiceName>
            <md:RequestedAttribute Name="no"/></md:AttributeConsumingService>
        <md:AttributeConsumingService index="1" isDefault="1"><md:ServiceName xml:lang="vi">x</md:ServiceName>
            <md:RequestedAttribute Name="{MAIL_OID}" NameFormat="x:uri" FriendlyName="mail" isRequired="1"/>
            <md:RequestedAttribute Name="cn"/></md:AttributeConsumingService>""",
        own=f'{SAML2} AuthnRequestsSigned="1" WantAssertionsSigned="true" cacheDuration="PT1H"',
        attributes='validUntil="2026-04-01T07:00:00+07:00" cacheDuration="P1D"',
    )

    assert read(text) == ServiceMetadata(
        entity_id=SP,
        acs=(Endpoint(POST, ACS, index=1), Endpoint(POST, ACS + "2", index=2, is_default=True)),
        slo=(Endpoint(REDIRECT, f"{SP}/slo", f"{SP}/slo-done"), Endpoint(SOAP, f"{SP}/soap")),
        name_id_formats=(NameIdFormat.PERSISTENT, NameIdFormat.EMAIL),
        signing_certificates=(second, first),
        encryption_certificates=(first,),
        signs_requests=True,
        wants_assertions_signed=True,
        display_names=(("vi", "Cổng dịch vụ"), ("en", "Portal")),
        valid_until=datetime(2026, 4, 1, tzinfo=UTC),
    )


SERVICE_NAME = (
    '<md:AttributeConsumingService index="0"><md:ServiceName xml:lang="vi">Dịch vụ</md:ServiceName>'
    '<md:RequestedAttribute Name="cn"/></md:AttributeConsumingService>'
)


def organization(name: str) -> str:
    return (
        '<md:Organization><md:OrganizationName xml:lang="vi">x</md:OrganizationName>'
        f'<md:OrganizationDisplayName xml:lang="vi">{name}</md:OrganizationDisplayName>'
        '<md:OrganizationURL xml:lang="vi">https://example.vn</md:OrganizationURL></md:Organization>'
    )


@pytest.mark.parametrize(
    ("role", "rest", "names"),
    [
        (ONE_ACS + SERVICE_NAME, organization("Sở"), (("vi", "Dịch vụ"),)),
        (organization("Phòng") + ONE_ACS, organization("Sở"), (("vi", "Phòng"),)),
        (ONE_ACS, organization("Sở"), (("vi", "Sở"),)),
        (ONE_ACS, organization(" "), ()),
    ],
)
def test_a_name_to_show_is_taken_from_the_nearest_place(
    role: str, rest: str, names: tuple[tuple[str, str], ...]
) -> None:
    assert read(entity(role, rest=rest)).display_names == names


def test_elements_may_stand_in_the_order_in_which_samlify_and_flask_saml2_write_them() -> None:
    """Formats of names before logout and keys, and whose it is before what it is: schemas have them after."""
    name_format = f"<md:NameIDFormat>{NameIdFormat.EMAIL.value}</md:NameIDFormat>"
    logout = f'<md:SingleLogoutService Binding="{REDIRECT}" Location="{SP}/slo"/>'
    owner = (
        '<md:Organization><md:OrganizationName xml:lang="vi">Sở</md:OrganizationName>'
        '<md:OrganizationDisplayName xml:lang="vi">Sở</md:OrganizationDisplayName>'
        '<md:OrganizationURL xml:lang="vi">https://so.vn</md:OrganizationURL></md:Organization>'
    )
    places = acs(ACS, 1) + acs(ACS + "2", 2)
    certificate_ = key(rsa_certificate())
    by_schema = entity(f"{certificate_}{logout}{name_format}{places}", rest=owner)
    otherwise = entity(f"{places}{name_format}{logout}{certificate_}").replace(
        "<md:SPSSODescriptor", f"{owner}<md:SPSSODescriptor"
    )

    assert read(otherwise) == read(by_schema)
    assert read(signed(otherwise.replace("entityID", 'ID="_e" entityID')), signer=OURS) == read(by_schema)
    assert take_over(otherwise.encode()).octets == otherwise.encode()


def test_what_python3_saml_writes_is_read() -> None:
    settings = {
        "entityId": SP,
        "NameIDFormat": NameIdFormat.EMAIL.value,
        "assertionConsumerService": {"url": ACS, "binding": POST},
        "singleLogoutService": {"url": f"{SP}/slo", "binding": REDIRECT},
        "attributeConsumingService": {},
    }
    text = OneLogin_Saml2_Metadata.builder(settings, authnsign=True, wsign=True)
    certificates = OneLogin_Saml2_Metadata.add_x509_key_descriptors(
        text, base64.b64encode(rsa_certificate()).decode()
    )

    metadata = read(certificates.decode() if isinstance(certificates, bytes) else certificates)

    assert metadata.entity_id == SP
    assert metadata.acs == (Endpoint(POST, ACS, index=1),)
    assert metadata.slo == (Endpoint(REDIRECT, f"{SP}/slo"),)
    assert metadata.signing_certificates == metadata.encryption_certificates == (rsa_certificate(),)
    assert (metadata.signs_requests, metadata.wants_assertions_signed) == (True, True)
    assert metadata.valid_until is not None  # two days: what expiry_warning is for


# end points


@pytest.mark.parametrize(
    ("flags", "place"),
    [
        ([None, None], 0),
        ([None, True], 1),
        ([False, None], 1),
        ([False, False], 0),
        ([None, False, True, True], 2),
    ],
)
def test_the_default_end_point(flags: list[bool | None], place: int) -> None:
    endpoints = [Endpoint(POST, str(number), is_default=flag) for number, flag in enumerate(flags)]

    assert default_endpoint(endpoints).location == str(place)


def test_metadata_that_names_no_place_for_answers_is_told_so() -> None:
    nothing = "<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>"
    assert refusal(entity(nothing)).startswith("SPSSODescriptor has no AssertionConsumerService")


def test_without_an_end_point_for_posts_nothing_could_be_answered() -> None:
    assert "HTTP-POST" in refusal(entity(acs(ACS, binding=ARTIFACT)))


@pytest.mark.parametrize(
    "location",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "http://portal.example.vn/acs",
        "https://user@portal.example.vn/acs",
        "https://portal.example.vn/acs#x",
        "https://cổng.vn/acs",
        "",
    ],
)
def test_one_unsafe_address_is_refused_wherever_it_stands(location: str) -> None:
    logout = f'<md:SingleLogoutService Binding="{POST}" Location="{SP}/slo" ResponseLocation="{location}"/>'
    logout_at = f'<md:SingleLogoutService Binding="{POST}" Location="{location}"/>'

    assert "AssertionConsumerService" in refusal(entity(ONE_ACS + acs(location, 1)))
    assert "SingleLogoutService" in refusal(entity(logout_at + ONE_ACS))
    if location:
        assert "SingleLogoutService" in refusal(entity(logout + ONE_ACS))


def test_addresses_of_bindings_that_are_not_spoken_do_not_matter() -> None:
    text = entity(ONE_ACS + acs("http://portal.example.vn/artifact", 1, binding=ARTIFACT))

    assert [end.location for end in read(text).acs] == [ACS]


def test_white_space_around_an_address_is_not_part_of_it() -> None:
    assert read(entity(acs(f" {ACS}\n"))).acs[0].location == ACS


# keys


def test_a_certificate_is_read_in_whatever_layout() -> None:
    der = rsa_certificate()
    body = base64.encodebytes(der).decode().replace("\n", "\r\n   ")
    armoured = f"\n-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"

    assert read(entity(key(body) + ONE_ACS)).signing_certificates == (der,)
    assert read(entity(key(armoured) + ONE_ACS)).signing_certificates == (der,)


def test_an_expired_certificate_is_as_good_as_any() -> None:
    der = certificate(ended=NOW - timedelta(hours=1))

    assert read(entity(key(der) + ONE_ACS), now=NOW).signing_certificates == (der,)


def test_the_same_certificate_twice_is_one() -> None:
    der = certificate()

    assert read(entity(key(der) + key(der, use="signing") + ONE_ACS)).signing_certificates == (der,)


def test_two_own_certificates_of_one_name_are_both_taken() -> None:
    old, new = certificate("sp"), certificate("sp")

    assert read(entity(key(old, new) + ONE_ACS)).signing_certificates == (old, new)


def test_of_a_chain_only_the_last_certificate_counts() -> None:
    own, between, root = certificate("sp", "between"), certificate("between", "root"), certificate("root")

    assert read(entity(key(own, between, root) + ONE_ACS)).signing_certificates == (own,)


def test_a_key_on_a_curve_signs_but_encrypts_nothing() -> None:
    der = certificate(key=ec.generate_private_key(ec.SECP384R1()))

    metadata = read(entity(key(der) + ONE_ACS))

    assert (metadata.signing_certificates, metadata.encryption_certificates) == ((der,), ())


def test_a_short_key_is_passed_over_beside_a_good_one_and_refused_alone() -> None:
    short, good = rsa_certificate(1024), rsa_certificate()

    assert read(entity(key(short) + key(good) + ONE_ACS)).signing_certificates == (good,)
    assert "1024" in refusal(entity(key(short) + ONE_ACS))


@pytest.mark.parametrize("text", ["", "AAAA", "no base64!", base64.b64encode(b"x" * 300).decode()])
def test_what_is_no_certificate_is_refused(text: str) -> None:
    assert "X509Certificate" in refusal(entity(key(text) + ONE_ACS))


def test_a_key_without_any_certificate_is_refused() -> None:
    assert "signing" in refusal(entity(key_value("signing") + ONE_ACS))
    assert "encryption" in refusal(entity(key_value("encryption") + ONE_ACS))


def test_a_bare_key_beside_a_certificate_is_passed_over() -> None:
    der = rsa_certificate()

    assert read(entity(key_value("signing") + key(der) + ONE_ACS)).signing_certificates == (der,)


# which entity


def test_of_several_entities_the_one_that_is_named_is_read_at_any_depth() -> None:
    text = aggregate(entity(name="https://a.vn"), aggregate(entity(name="https://b.vn")))

    assert read(text, "https://b.vn").entity_id == "https://b.vn"


def test_a_ministrys_aggregate_of_hundreds_is_read() -> None:
    names = [f"https://sp{number}.vn" for number in range(400)]

    text = aggregate(*(entity(key(rsa_certificate()) + ONE_ACS, name=name) for name in names))

    assert read(text, names[-1]).entity_id == names[-1]


def test_of_several_entities_one_is_kept_and_says_the_same_alone() -> None:
    others = [entity(name=f"https://sp{number}.vn") for number in range(400)]
    inner = aggregate(
        entity(key(rsa_certificate()) + ONE_ACS), attributes='validUntil="2026-03-09T08:30:00+07:00"'
    )
    text = aggregate(*others, inner, attributes='validUntil="2027-01-01T00:00:00Z"')

    taken = take_over(text.encode(), SP)

    assert len(taken.octets) < 3000 < len(text)
    assert taken.metadata.valid_until == datetime(2026, 3, 9, 1, 30, tzinfo=UTC)
    assert read_service_metadata(taken.octets) == taken.metadata == read(text, SP)
    assert take_over(taken.octets).octets == taken.octets


def test_a_document_of_one_entity_is_kept_as_it_came() -> None:
    text = signed(entity(attributes='ID="_e"'))
    assert take_over(text.encode(), signer=OURS).octets == text.encode()


def test_one_entity_need_not_be_named() -> None:
    assert read(aggregate(entity())).entity_id == SP


def test_which_of_several_must_be_said() -> None:
    assert "2 entities" in refusal(aggregate(entity(name="https://a.vn"), entity(name="https://b.vn")))


def test_an_entity_that_is_not_there_is_refused_also_when_there_is_but_one() -> None:
    assert "https://other.vn" in refusal(entity(), "https://other.vn")
    assert "https://other.vn" in refusal(aggregate(entity()), "https://other.vn")


def test_an_entity_that_is_there_twice_is_refused() -> None:
    assert "more than one" in refusal(aggregate(entity(), entity()), SP)


def test_an_entity_within_extensions_is_none() -> None:
    hidden = f"<md:Extensions>{entity(name='https://hidden.vn')}</md:Extensions>"

    assert "https://hidden.vn" in refusal(aggregate(hidden, entity()), "https://hidden.vn")


def test_one_broken_entity_does_not_spoil_the_others() -> None:
    broken = (
        f'<md:EntityDescriptor {NAMESPACES} entityID="https://a.vn"><x xmlns="e:x"/></md:EntityDescriptor>'
    )

    assert read(aggregate(broken, entity()), SP).entity_id == SP
    assert "line" in refusal(aggregate(broken, entity()), "https://a.vn")


# what cannot be taken over


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no XML",
        "<!DOCTYPE x><x/>",
        f"<md:SPSSODescriptor {NAMESPACES} {SAML2}>{ONE_ACS}</md:SPSSODescriptor>",
        f'<samlp:Response {NAMESPACES} ID="_r"/>',
        entity(""),
        entity(f'<md:AssertionConsumerService Binding="{POST}" Location="{ACS}"/>'),
        entity(name=""),
        entity(name="x" * 1025),
        entity(name="https://sp&#x85;.vn"),
        entity(own='protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol"'),
        f'<md:EntityDescriptor {NAMESPACES} entityID="{SP}"><md:IDPSSODescriptor {SAML2}>'
        f'<md:SingleSignOnService Binding="{REDIRECT}" Location="{SP}"/></md:IDPSSODescriptor>'
        "</md:EntityDescriptor>",
    ],
)
def test_what_is_no_service_providers_metadata_is_refused(text: str) -> None:
    refusal(text)


def test_a_role_of_saml_2_is_found_beside_one_of_saml_1() -> None:
    old = (
        '<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol">'
        f"{acs('https://old.vn/acs')}</md:SPSSODescriptor>"
    )

    assert read(entity(rest=old)).acs[0].location == ACS


# how long it counts


@pytest.mark.parametrize(
    "text",
    [
        entity(attributes='validUntil="2026-03-02T01:30:00Z"'),
        entity(
            own=f'{SAML2} validUntil="2026-03-02T01:30:00Z"', attributes='validUntil="2027-01-01T00:00:00Z"'
        ),
        aggregate(entity(), attributes='validUntil="2026-03-02T01:30:00Z"'),
    ],
)
def test_metadata_past_its_end_is_not_taken_over_but_still_read(text: str) -> None:
    assert "02/03/2026" in refusal(text, now=NOW)
    assert read(text, now=NOW - timedelta(seconds=1)).valid_until == NOW
    assert read(text).valid_until == NOW


@pytest.mark.parametrize(
    ("days", "warning"),
    [
        (None, None),
        (15, None),
        (14, f"The metadata of {SP} is valid until 16/03/2026; ask for a new one, or set where to fetch it."),
        (0, f"The metadata of {SP} was valid until 02/03/2026; it still counts here, but ask for a new one."),
    ],
)
def test_the_operator_is_warned_of_an_end(days: int | None, warning: str | None) -> None:
    ends = None if days is None else NOW + timedelta(days=days)
    metadata = ServiceMetadata(SP, (Endpoint(POST, ACS),), valid_until=ends)

    wording = expiry_warning(metadata, NOW)

    assert (wording and wording.in_language(Language.ENGLISH)) == warning


# signatures


def test_signed_metadata_is_taken_from_its_signer_only() -> None:
    text = signed(entity(attributes='ID="_e"'))

    assert read(text, signer=OURS).entity_id == SP
    assert "pinned" in refusal(text, signer=VerificationKeys.of([signing_key("next").certificate]))
    assert "pinned" in refusal(text.replace("/acs", "/acz"), signer=OURS)
    assert "pinned" in refusal(entity(), signer=OURS)


def test_an_entity_of_a_signed_aggregate_is_taken() -> None:
    text = signed(
        aggregate(entity(name="https://a.vn"), entity(), attributes='ID="_all"'), md("EntitiesDescriptor")
    )

    assert read(text, SP, signer=OURS).entity_id == SP
    assert "pinned" in refusal(text.replace("/acs", "/acz"), SP, signer=OURS)


def test_a_signed_entity_of_an_aggregate_is_taken_and_no_other() -> None:
    text = signed(aggregate(entity(attributes='ID="_e"'), entity(name="https://b.vn")))

    assert read(text, SP, signer=OURS).entity_id == SP
    assert "pinned" in refusal(text, "https://b.vn", signer=OURS)
    assert "pinned" in refusal(text.replace("/acs", "/acz"), SP, signer=OURS)


def test_a_signature_over_something_else_in_the_document_proves_nothing() -> None:
    """Signature wrapping: the signed entity lies in the Extensions of one that says otherwise."""
    root = xml.parse(signed(entity(attributes='ID="_e"')).encode())
    signature = root[0]
    evil = xml.parse(entity(acs("https://evil.vn/acs"), attributes='ID="_x"').encode())
    extensions = etree.SubElement(evil, md("Extensions"))
    evil.insert(0, extensions)
    root.remove(signature)
    extensions.append(root)
    evil.insert(0, signature)

    assert "pinned" in refusal(xml.serialize(evil).decode(), signer=OURS)


def test_without_a_pinned_signer_a_signature_is_not_asked_for() -> None:
    text = signed(entity(attributes='ID="_e"')).replace("/acs", "/acz")

    assert read(text).acs[0].location == ACS.replace("/acs", "/acz")
