"""Attributes for service providers."""

from __future__ import annotations

from typing import Any

import pytest

from govdir.sso.idp.name_ids import NameIds
from govdir.sso.idp.release import USUAL_SOURCES, Release
from govdir.sso.model import ReleasedAttribute, ServiceSettings
from govdir.sso.saml.model import Attribute
from govdir.sso.saml.names import NAME_FORMAT_BASIC, NAME_FORMAT_URI
from tests.directory.building import ADMIN, SONV
from tests.directory.role_town import LIST, give
from tests.sso.idp.stage import AN, IDP, SECRET, Stage

SP = "https://portal.example.vn/metadata"
UNIT = f"ou=phongcchc,{SONV}"
CUC = f"uid=cuc,{UNIT}"


def released(
    stage: Stage, *sources: str | tuple[str, str], dn: str = AN, **more: Any
) -> tuple[Attribute, ...]:
    wanted = tuple(
        ReleasedAttribute(source) if isinstance(source, str) else ReleasedAttribute(*source)
        for source in sources
    )
    return release(stage).attributes(ServiceSettings(attributes=wanted, **more), SP, stage.account(dn))


def release(stage: Stage) -> Release:
    return Release(stage.town.directory, NameIds(SECRET, IDP), "cantho.gov.vn")


def values(attributes: tuple[Attribute, ...]) -> dict[str | None, tuple[str, ...]]:
    return {attribute.friendly_name or attribute.name: attribute.values for attribute in attributes}


def test_without_a_decision_applications_learn_what_to_call_people_by(stage: Stage) -> None:
    give(stage.town, "operator", AN)

    assert values(released(stage)) == {
        "mail": ("lvan@cantho.gov.vn",),
        "displayName": ("Lê Văn An - Sở Nội vụ",),
        "cn": ("Lê Văn An",),
        "givenName": ("An",),
        "sn": ("Lê",),
        "title": ("Chuyên viên",),
        "o": ("Sở Nội vụ",),
        "uid": ("an",),
        "eduPersonPrincipalName": ("lvan@cantho.gov.vn",),
        "gdRoleKind": ("operator",),
    }


@pytest.mark.parametrize(
    ("source", "name", "friendly"),
    [
        ("mail", "urn:oid:0.9.2342.19200300.100.1.3", "mail"),
        ("displayName", "urn:oid:2.16.840.1.113730.3.1.241", "displayName"),
        ("cn", "urn:oid:2.5.4.3", "cn"),
        ("commonName", "urn:oid:2.5.4.3", "cn"),
        ("SN", "urn:oid:2.5.4.4", "sn"),
        ("givenName", "urn:oid:2.5.4.42", "givenName"),
        ("title", "urn:oid:2.5.4.12", "title"),
        ("uid", "urn:oid:0.9.2342.19200300.100.1.1", "uid"),
        ("entryUUID", "urn:oid:1.3.6.1.1.16.4", "entryUUID"),
        ("eduPersonPrincipalName", "urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "eduPersonPrincipalName"),
        ("agency", "urn:oid:2.5.4.10", "o"),
        ("subject-id", "urn:oasis:names:tc:SAML:attribute:subject-id", "subject-id"),
        ("pairwise-id", "urn:oasis:names:tc:SAML:attribute:pairwise-id", "pairwise-id"),
    ],
)
def test_attributes_go_out_under_their_oids(stage: Stage, source: str, name: str, friendly: str) -> None:
    (attribute,) = released(stage, source)

    assert (attribute.name, attribute.name_format, attribute.friendly_name) == (
        name,
        NAME_FORMAT_URI,
        friendly,
    )


def test_plain_names_are_those_of_the_directory(stage: Stage) -> None:
    attributes = released(stage, "mail", "agency", basic_names=True)

    assert [(one.name, one.name_format, one.friendly_name) for one in attributes] == [
        ("mail", NAME_FORMAT_BASIC, None),
        ("agency", NAME_FORMAT_BASIC, None),
    ]


@pytest.mark.parametrize(
    ("name", "name_format"),
    [("email", NAME_FORMAT_BASIC), ("http://schemas.xmlsoap.org/claims/mail", NAME_FORMAT_URI)],
)
def test_a_name_of_the_administrators_goes_before_all(stage: Stage, name: str, name_format: str) -> None:
    (attribute,) = released(stage, ("mail", name), basic_names=True)

    assert attribute == Attribute(name, ("lvan@cantho.gov.vn",), name_format)


def test_sources_of_one_name_are_one_attribute_with_every_value_once(stage: Stage) -> None:
    attributes = released(stage, ("mail", "id"), ("uid", "id"), ("mail", "id"))

    assert attributes == (Attribute("id", ("lvan@cantho.gov.vn", "an"), NAME_FORMAT_BASIC),)


def test_what_an_account_has_not_is_left_out(stage: Stage) -> None:
    assert released(stage, "telephoneNumber", "unit", "roles") == ()
    assert released(stage, "agency", "mail", "eduPersonPrincipalName", dn=ADMIN) == ()


@pytest.mark.parametrize(
    "source",
    ["userPassword", "USERPASSWORD", "pwdHistory", "pwdChangedTime", "pwdReset", "nonsense", "", "a b"],
)
def test_secrets_and_what_there_is_not_are_never_told(stage: Stage, source: str) -> None:
    stage.town.replace(AN, "userPassword", "Cau#Hang#Xanh#27")

    assert released(stage, source, (source, "name")) == ()
    assert not release(stage).is_known(source)


@pytest.mark.parametrize("source", [*USUAL_SOURCES, "subject-id", "Pairwise-ID", "memberOf", "2.5.4.3"])
def test_sources_are_known_in_any_spelling(stage: Stage, source: str) -> None:
    assert release(stage).is_known(source)


def test_agency_and_unit_are_the_names_people_call_them_by(stage: Stage) -> None:
    classes = ("organizationalUnit", "gdOrganization", "gdMailbox")
    stage.town.add(UNIT, {"objectClass": classes, "displayName": "Phòng Cải cách hành chính"})
    stage.town.person("cuc", "Phạm Thị Cúc", UNIT)

    assert values(released(stage, "agency", "unit", dn=CUC)) == {
        "o": ("Sở Nội vụ",),
        "ou": ("Phòng Cải cách hành chính",),
    }
    assert values(released(stage, "agency", "unit", dn=SONV)) == {"o": ("Sở Nội vụ",)}


def test_subject_identifiers_are_scoped_and_the_pairwise_one_tells_nothing(stage: Stage) -> None:
    told = values(released(stage, "subject-id", "pairwise-id"))
    entry_uuid = stage.account().entry_uuid

    assert told["subject-id"] == (f"{entry_uuid}@cantho.gov.vn",)
    (pairwise,) = told["pairwise-id"]
    assert pairwise == f"{NameIds(SECRET, IDP).pairwise(SP, entry_uuid)}@cantho.gov.vn"
    assert entry_uuid not in pairwise


def test_lists_one_is_a_member_of_can_be_told(stage: Stage) -> None:
    stage.town.add(LIST, {"objectClass": "gdMailList", "mail": "all@cantho.gov.vn", "member": AN})

    assert values(released(stage, "memberOf")) == {"memberOf": (LIST,)}


def test_octets_that_are_no_text_go_out_in_base64(stage: Stage) -> None:
    account = stage.account()
    account.attributes.replace("jpegPhoto", [b"\xff\xd8\xff"])
    wanted = ServiceSettings(attributes=(ReleasedAttribute("jpegPhoto"),))

    assert values(release(stage).attributes(wanted, SP, account)) == {"jpegPhoto": ("/9j/",)}


@pytest.mark.parametrize(
    ("sources", "tells"), [((), True), (("mail",), True), (("MAIL", "cn"), True), (("cn",), False)]
)
def test_who_is_told_the_address_is_known(stage: Stage, sources: tuple[str, ...], tells: bool) -> None:
    wanted = ServiceSettings(attributes=tuple(map(ReleasedAttribute, sources)))

    assert release(stage).tells_address(wanted) is tells
