"""Shared mailboxes in a directory: handovers by Modify, what renames and deletions take along, loads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from govdir.directory.bulk import BulkPlan, LoadRefused
from govdir.directory.caller import Role
from govdir.directory.errors import (
    AttributeOrValueExists,
    ConstraintViolation,
    DirectoryError,
    InsufficientAccessRights,
    InvalidCredentials,
    RuleViolation,
)
from govdir.directory.handle import Handle
from govdir.ldap.codec.ldif_records import ContentRecord
from govdir.ldap.codec.messages import Change, ModifyOperation, ModifyRequest
from tests.directory.building import SONV, SOTTTT, SUFFIX, Town, attribute, open_town

LAN, HUY = (f"uid={uid},{SONV}" for uid in ("lan", "huy"))
FIRST, SECOND = "Hoa-sen-trang-927", "Song-xanh-biec-358"
SHARED = ("organizationalUnit", "gdOrganization", "gdMailbox", "gdSharedMailbox")


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town with Sở Nội vụ's mailbox shared by its head, and a password on it."""
    path = tmp_path_factory.mktemp("shared") / "town.db"
    with open_town(path) as town:
        town.person("lan", "Trần Thị Lan")
        town.person("huy", "Lê Quang Huy")
        modify(town, SONV, objectClass=SHARED, owner=LAN)
        town.replace(SONV, "userPassword", FIRST)
    return path


@pytest.fixture
def town(tmp_path: Path, furnished: Path) -> Iterator[Town]:
    with open_town(tmp_path / "town.db", furnished) as town:
        yield town


def modify(town: Town, dn: str, handle: Handle | None = None, **values: str | tuple[str, ...]) -> None:
    """Replaces several attributes in one request."""
    changes = tuple(Change(ModifyOperation.REPLACE, attribute(name, value)) for name, value in values.items())
    town.run((handle or town.local).modify(ModifyRequest(dn, changes)))


def agency_admin(town: Town) -> Handle:
    town.person("quantri", "Ngô Văn Trị")
    dn = f"uid=quantri,{SONV}"
    town.replace(SONV, "gdItAdmin", dn)
    return town.caller(Role.PERSON, dn)


def test_a_handover_without_a_password_changes_nothing(town: Town) -> None:
    with pytest.raises(RuleViolation) as violation:
        modify(town, SONV, owner=HUY)

    assert violation.value.rule == "handover"
    assert town.values(SONV, "owner") == (LAN,)
    assert town.values(SONV, "gdHandoverRecord") == ()


def test_a_handover_ends_the_old_password_at_once(town: Town) -> None:
    admin = agency_admin(town)

    modify(town, SONV, admin, owner=HUY, userPassword=SECOND)

    assert town.values(SONV, "owner") == (HUY,)
    assert town.values(SONV, "gdHandoverRecord") == (
        f"1. 2026-03-02 15:00:00 bàn giao: Trần Thị Lan ({LAN}) → Lê Quang Huy ({HUY}); "
        f"thực hiện: uid=quantri,{SONV}",
    )
    assert town.values(SONV, "pwdReset") == ("TRUE",)
    with pytest.raises(InvalidCredentials):
        town.bound(SONV, FIRST)
    assert town.bound(SONV, SECOND)


def test_a_handover_needs_a_password_by_the_rules_too(town: Town) -> None:
    with pytest.raises(RuleViolation) as violation:
        modify(town, SONV, owner=HUY, userPassword="yếu")

    assert violation.value.rule != "handover"
    assert town.values(SONV, "owner") == (LAN,)


def test_a_handover_in_the_second_of_a_password_change_is_told_apart(town: Town) -> None:
    town.replace(SONV, "userPassword", SECOND)

    with pytest.raises(RuleViolation):
        modify(town, SONV, owner=HUY)
    modify(town, SONV, owner=HUY, userPassword="Mua-thu-vang-846")

    assert town.values(SONV, "owner") == (HUY,)


@pytest.mark.parametrize("who", [Role.ADMINISTRATOR, Role.LOCAL])
def test_no_client_writes_the_record(town: Town, who: Role) -> None:
    modify(town, SONV, owner=HUY, userPassword=SECOND)
    handle = town.admin() if who is Role.ADMINISTRATOR else town.local

    for operation, values in (
        (ModifyOperation.REPLACE, ("khác",)),
        (ModifyOperation.ADD, ("2. khác",)),
        (ModifyOperation.DELETE, ()),
    ):
        with pytest.raises(ConstraintViolation):
            town.change(SONV, operation, "gdHandoverRecord", *values, handle=handle)
    assert len(town.values(SONV, "gdHandoverRecord")) == 1


def test_one_person_is_authorised_once(town: Town) -> None:
    town.change(SONV, ModifyOperation.ADD, "gdDelegate", HUY)

    with pytest.raises(AttributeOrValueExists):
        town.change(SONV, ModifyOperation.ADD, "gdDelegate", HUY.upper())


def test_a_person_who_owns_a_mailbox_hands_it_over_before_going(town: Town) -> None:
    with pytest.raises(RuleViolation) as violation:
        town.delete(LAN)

    assert "sonv@cantho.gov.vn" in violation.value.diagnostic
    assert "bàn giao" in violation.value.diagnostic
    modify(town, SONV, owner=HUY, userPassword=SECOND)
    town.delete(LAN)
    assert not town.exists(LAN)
    assert LAN in town.values(SONV, "gdHandoverRecord")[0]


def test_a_delegate_who_goes_takes_the_end_along(town: Town) -> None:
    modify(town, SONV, gdDelegate=HUY, gdDelegateUntil="20260401000000Z")

    town.delete(HUY)

    assert town.values(SONV, "gdDelegate") == town.values(SONV, "gdDelegateUntil") == ()


def test_the_owner_is_followed_and_a_new_name_is_no_handover(town: Town) -> None:
    town.rename(LAN, "uid=tranlan", SOTTTT)

    assert town.values(SONV, "owner") == (f"uid=tranlan,{SOTTTT}",)
    assert town.values(SONV, "gdHandoverRecord") == ()


def test_the_mailbox_is_renamed_with_its_owner_below(town: Town) -> None:
    town.rename(SONV, "ou=noivu")

    moved = f"ou=noivu,ou=orgs,{SUFFIX}"
    assert town.values(moved, "owner") == (f"uid=lan,{moved}",)
    assert town.values(moved, "gdHandoverRecord") == ()


def test_what_another_entry_needs_says_where_to_name_somebody_else(town: Town) -> None:
    group = f"cn=nhom,ou=lists,{SUFFIX}"
    town.add(group, {"objectClass": "groupOfNames", "member": HUY})

    with pytest.raises(DirectoryError) as refusal:
        town.delete(HUY)

    assert group in refusal.value.diagnostic
    assert "trước" in refusal.value.diagnostic


def test_an_agencys_administrator_hands_over_no_other_agencys_mailbox(town: Town) -> None:
    with pytest.raises((InsufficientAccessRights, RuleViolation)):
        modify(town, SOTTTT, agency_admin(town), objectClass=SHARED, owner=HUY)


# -- a load


def records(*entries: tuple[str, dict[str, str | tuple[str, ...]]]) -> list[ContentRecord]:
    return [
        ContentRecord(
            number,
            dn,
            [
                (name, value.encode())
                for name, values in given.items()
                for value in ((values,) if isinstance(values, str) else values)
            ],
        )
        for number, (dn, given) in enumerate(entries, start=1)
    ]


BODY = f"ou=soyt,ou=orgs,{SUFFIX}"
HEAD = f"uid=head,{BODY}"
SHARED_BODY: tuple[str, dict[str, str | tuple[str, ...]]] = (
    BODY,
    {"objectClass": SHARED, "displayName": "Sở Y tế", "owner": HEAD},
)
PERSON: dict[str, str | tuple[str, ...]] = {
    "objectClass": ("inetOrgPerson", "gdPerson", "gdMailbox"),
    "cn": "Võ Thị Sáu",
}


def test_in_a_load_the_owner_may_come_after_the_mailbox(town: Town) -> None:
    plan = BulkPlan(town.directory, keep_hashes=False)

    plan.take(records((BODY, SHARED_BODY[1] | {"gdHandoverRecord": "1. bàn giao"}), (HEAD, PERSON)))

    stored = plan.entries[0].shape.attributes(plan.entries[0].body)
    assert stored.texts("gdHandoverRecord") == ("1. bàn giao",)


@pytest.mark.parametrize("state", [None, "pending"])
def test_a_load_is_refused_where_the_owner_is_nobody_in_office(town: Town, state: str | None) -> None:
    people = [] if state is None else [(HEAD, PERSON | {"gdState": state})]

    with pytest.raises(LoadRefused) as refused:
        BulkPlan(town.directory, keep_hashes=False).take(records(SHARED_BODY, *people))

    (refusal,) = refused.value.refusals
    assert (refusal.line, refusal.dn) == (1, BODY)
    assert HEAD in refusal.error.diagnostic


def test_the_old_password_once_more_hands_nothing_over(town: Town) -> None:
    with pytest.raises(RuleViolation) as violation:
        modify(town, SONV, owner=HUY, userPassword=FIRST)

    assert violation.value.rule == "handover"
    assert town.values(SONV, "owner") == (LAN,)


def test_a_person_who_owns_a_mailbox_hands_it_over_before_becoming_a_tombstone(town: Town) -> None:
    with pytest.raises(RuleViolation) as violation:
        town.replace(LAN, "gdState", "deleted")

    assert violation.value.rule == "handover"
    assert town.values(LAN, "gdState") == ("active",)


def test_a_tombstone_is_named_by_nobody(town: Town) -> None:
    modify(town, SONV, gdDelegate=HUY, gdDelegateUntil="20260401000000Z", gdItAdmin=HUY)

    town.replace(HUY, "gdState", "deleted")

    for name in ("gdDelegate", "gdDelegateUntil", "gdItAdmin"):
        assert town.values(SONV, name) == ()
    assert town.values(HUY, "mail") == ("lqhuy@cantho.gov.vn",)


def test_a_tombstone_keeps_its_own_references_and_may_be_changed_again(town: Town) -> None:
    town.replace(HUY, "manager", LAN)
    town.replace(HUY, "gdState", "deleted")

    town.replace(HUY, "telephoneNumber", "+84 292 3820 001")

    assert town.values(HUY, "manager") == (LAN,)


def test_an_owner_who_is_revoked_keeps_the_mailbox_until_it_is_handed_over(town: Town) -> None:
    town.replace(LAN, "gdState", "revoked")

    assert town.values(SONV, "owner") == (LAN,)
    modify(town, SONV, owner=HUY, userPassword=SECOND)
    town.replace(LAN, "gdState", "deleted")
