"""Delegates are people of the agency whose mailbox it is, where the regulation says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from govdir.directory.bulk import BulkPlan, LoadRefused
from govdir.directory.errors import RuleViolation
from govdir.ldap.codec.ldif_records import ContentRecord
from govdir.ldap.codec.messages import Change, ModifyOperation, ModifyRequest
from govdir.policy.kinds import MailboxKind
from govdir.policy.load import load_province
from tests.directory.building import SONV, SOTTTT, SUFFIX, Town, attribute, open_town

OFFICE = f"ou=vanphong,{SONV}"
CLASSES = ("organizationalUnit", "gdOrganization", "gdMailbox")
SHARED = (*CLASSES, "gdSharedMailbox")
RULES = {"cantho": "Điều 11 khoản 1", "daklak": "Điều 12 khoản 1 điểm c", "daknong": "Điều 13 khoản 1"}


@pytest.fixture
def town(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Town]:
    province = getattr(request, "param", "cantho")
    with open_town(tmp_path / "town.db", province=province) as town:
        has_mailbox = MailboxKind.UNIT in load_province(province).mailboxes
        town.add(OFFICE, {"objectClass": CLASSES if has_mailbox else CLASSES[:2], "displayName": "Văn phòng"})
        town.person("lan", "Trần Thị Lan")
        town.person("huy", "Lê Quang Huy")
        town.person("mai", "Phạm Xuân Mai", OFFICE)
        town.person("xa", "Đỗ Thị Xa", SOTTTT)
        yield town


def share(town: Town, box: str, delegate: str, **more: str) -> None:
    """Lan owns the mailbox and lets `delegate` use it."""
    values = {"objectClass": SHARED, "owner": f"uid=lan,{SONV}", "gdDelegate": delegate, **more}
    changes = tuple(Change(ModifyOperation.REPLACE, attribute(name, value)) for name, value in values.items())
    town.run(town.local.modify(ModifyRequest(box, changes)))


@pytest.mark.parametrize(("town", "article"), RULES.items(), indirect=["town"])
def test_somebody_of_another_agency_is_refused_by_the_rule_that_says_so(town: Town, article: str) -> None:
    with pytest.raises(RuleViolation) as refusal:
        share(town, SONV, f"uid=xa,{SOTTTT}")

    assert (refusal.value.rule, refusal.value.citation.partition(",")[0]) == ("shared-delegate", article)
    assert "không thuộc Sở Nội vụ" in refusal.value.diagnostic


@pytest.mark.parametrize("town", ["daklak", "vinhphuc", "binhphuoc"], indirect=True)
def test_where_the_text_names_no_number_any_number_of_the_body_may_be_authorised(town: Town) -> None:
    more = tuple(town.person(f"nv{number}", f"Vũ Thị H{chr(97 + number)}") for number in range(5))
    share(town, SONV, f"uid=huy,{SONV}")

    town.replace(SONV, "gdDelegate", f"uid=huy,{SONV}", *more)

    assert len(town.values(SONV, "gdDelegate")) == 6


@pytest.mark.parametrize(
    ("town", "citation"),
    [
        (province, load_province(province).sharing.owner_citation.reference)
        for province in ("daklak", "vinhphuc", "binhphuoc")
    ],
    indirect=["town"],
)
def test_in_every_province_a_shared_mailbox_has_one_owner(town: Town, citation: str) -> None:
    share(town, SONV, f"uid=huy,{SONV}")

    with pytest.raises(RuleViolation) as refusal:
        town.replace(SONV, "owner", f"uid=lan,{SONV}", f"uid=xa,{SOTTTT}")

    assert (refusal.value.rule, refusal.value.citation) == ("shared-owner", citation)


@pytest.mark.parametrize("town", ["vinhphuc", "binhphuoc"], indirect=True)
def test_where_the_text_does_not_say_so_anybody_may_be_authorised(town: Town) -> None:
    share(town, SONV, f"uid=xa,{SOTTTT}")

    assert town.values(SONV, "gdDelegate") == (f"uid=xa,{SOTTTT}",)


@pytest.mark.parametrize(
    ("box", "delegate"),
    [
        (SONV, f"uid=huy,{SONV}"),
        (SONV, f"uid=mai,{OFFICE}"),
        (SONV, f"UID=mai, OU=VanPhong, ou=SoNV, ou=orgs, {SUFFIX}"),
        (OFFICE, f"uid=mai,{OFFICE}"),
        (OFFICE, f"uid=huy,{SONV}"),
    ],
)
def test_the_agency_s_people_and_its_units_may_be_authorised(town: Town, box: str, delegate: str) -> None:
    share(town, box, delegate)

    assert town.values(box, "gdDelegate") == (delegate,)


def test_of_a_units_mailbox_too_nobody_else_may(town: Town) -> None:
    with pytest.raises(RuleViolation, match="Sở Nội vụ"):
        share(town, OFFICE, f"uid=xa,{SOTTTT}")


def test_who_moves_away_keeps_it_until_it_is_given_to_somebody_else(town: Town) -> None:
    share(town, SONV, f"uid=huy,{SONV}")

    town.rename(f"uid=huy,{SONV}", "uid=huy", SOTTTT)
    town.replace(SONV, "telephoneNumber", "0292 382")

    assert town.values(SONV, "gdDelegate") == (f"uid=huy,{SOTTTT}",)
    town.replace(SONV, "gdDelegate", f"uid=mai,{OFFICE}")
    with pytest.raises(RuleViolation):
        town.replace(SONV, "gdDelegate", f"uid=huy,{SOTTTT}")


def test_a_mailbox_of_no_agency_may_be_let_to_anybody(town: Town) -> None:
    dn = f"cn=hotro,ou=orgs,{SUFFIX}"
    classes = ("applicationProcess", "gdMailbox", "gdSharedMailbox")
    mail = {"mail": "giupdo@cantho.gov.vn", "gdMailboxKind": "role"}

    town.add(
        dn, {"objectClass": classes, **mail, "owner": f"uid=lan,{SONV}", "gdDelegate": f"uid=xa,{SOTTTT}"}
    )

    assert town.values(dn, "gdDelegate") == (f"uid=xa,{SOTTTT}",)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_in_a_load_the_body_may_come_before_its_people(town: Town, elsewhere: bool) -> None:
    body = f"ou=soyt,ou=orgs,{SUFFIX}"
    delegate = f"uid=xa,{SOTTTT}" if elsewhere else f"uid=binh,{body}"
    records = [
        record(body, objectClass=SHARED, displayName="Sở Y tế", owner=f"uid=an,{body}", gdDelegate=delegate),
        record(f"uid=an,{body}", objectClass=("inetOrgPerson", "gdPerson", "gdMailbox"), cn="Lê Văn An"),
        record(f"uid=binh,{body}", objectClass=("inetOrgPerson", "gdPerson", "gdMailbox"), cn="Lê Bình"),
    ]
    plan = BulkPlan(town.directory, keep_hashes=False)
    if elsewhere:
        with pytest.raises(LoadRefused) as refusal:
            plan.take(records)
        assert "Sở Y tế" in refusal.value.refusals[0].error.diagnostic
    else:
        plan.take(records)


def record(dn: str, **values: str | tuple[str, ...]) -> ContentRecord:
    given = [
        (name, text.encode())
        for name, texts in values.items()
        for text in ((texts,) if isinstance(texts, str) else texts)
    ]
    return ContentRecord(1, dn, given)
