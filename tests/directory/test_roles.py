"""Roles and offices: where they count, that they are followed live, and that nobody gets round them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from govdir.directory.caller import Caller, Role
from govdir.directory.errors import (
    ConstraintViolation,
    DirectoryError,
    InsufficientAccessRights,
    NoSuchObject,
)
from govdir.directory.handle import Handle
from govdir.directory.roles import NO_POWERS, HeldRole, Powers
from govdir.ldap.codec.messages import Change, ModifyOperation, ModifyRequest
from tests.directory.building import ADMIN, SONV, SOTTTT, SUFFIX, Town, attribute, names, open_town, request
from tests.directory.role_town import (
    ADMINS,
    AN,
    BINH,
    ROLES,
    caller,
    give,
    group,
    holder,
    populate,
)

PHONE = "0292 3812 345"
PASSWORD = b"Hoa-sen-trang-927"


@pytest.fixture(scope="session")
def role_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("roles") / "town.db"
    with open_town(path) as town:
        populate(town)
    return path


@pytest.fixture
def town(tmp_path: Path, role_file: Path) -> Iterator[Town]:
    with open_town(tmp_path / "town.db", role_file) as town:
        yield town


def powers(town: Town, dn: str) -> Powers:
    path = town.directory.path_of(dn)
    assert path is not None
    return town.directory.image.offices.of(town.directory.image.find(path))


# -- where they count


@pytest.mark.parametrize("role", ROLES)
def test_the_members_of_a_group_below_admins_hold_its_role(town: Town, role: str) -> None:
    assert powers(town, holder(role)).roles == {HeldRole(role)}
    assert powers(town, AN) is NO_POWERS


@pytest.mark.parametrize("place", [f"ou=lists,{SUFFIX}", f"ou=policies,{SUFFIX}", SONV, SUFFIX])
def test_a_group_of_a_role_elsewhere_gives_nothing(town: Town, place: str) -> None:
    town.add(f"cn=x,{place}", {"objectClass": "gdRoleGroup", "gdRoleKind": "operator", "member": AN})
    assert powers(town, AN) is NO_POWERS


def test_a_group_moved_below_admins_begins_to_count_and_out_of_it_ends(town: Town) -> None:
    town.add(f"ou=cu,{SONV}", {"objectClass": "organizationalUnit"})
    town.add(f"cn=x,ou=cu,{SONV}", {"objectClass": "gdRoleGroup", "gdRoleKind": "operator", "member": AN})
    town.rename(f"ou=cu,{SONV}", "ou=cu", ADMINS)
    assert powers(town, AN).roles == {HeldRole.OPERATOR}
    town.rename(f"ou=cu,{ADMINS}", "ou=cu", SONV)
    assert powers(town, AN) is NO_POWERS


def test_a_plain_list_below_admins_is_no_role(town: Town) -> None:
    town.add(f"cn=operator2,{ADMINS}", {"objectClass": "groupOfNames", "member": AN})
    assert powers(town, AN) is NO_POWERS


def test_an_office_counts_for_bodies_below_orgs_only(town: Town) -> None:
    town.add(
        f"ou=khac,ou=lists,{SUFFIX}",
        {"objectClass": ("organizationalUnit", "gdOrganization"), "gdItAdmin": AN, "gdApprover": AN},
    )
    assert powers(town, AN) is NO_POWERS


def test_a_role_is_for_people_that_are_there(town: Town) -> None:
    for member in (f"uid=maisau,{SONV}", SONV, "uid=an,dc=khac,dc=vn", ADMIN):
        with pytest.raises(ConstraintViolation, match="member"):
            give(town, "operator", holder("operator"), member)
        with pytest.raises(ConstraintViolation, match="member"):
            town.add(
                f"cn=moi,{ADMINS}",
                {"objectClass": "gdRoleGroup", "gdRoleKind": "auditor", "member": member},
            )
    assert powers(town, holder("operator")).roles == {HeldRole.OPERATOR}


@pytest.mark.parametrize("kind", ["king", "", "operators"])
def test_a_group_of_an_unknown_role_is_refused(town: Town, kind: str) -> None:
    with pytest.raises(DirectoryError, match="gdRoleKind"):
        town.add(f"cn=x,{ADMINS}", {"objectClass": "gdRoleGroup", "gdRoleKind": kind})


def test_a_role_is_held_by_its_kind_in_any_case_and_several_at_once(town: Town) -> None:
    town.add(f"cn=x,{ADMINS}", {"objectClass": "gdRoleGroup", "gdRoleKind": "Auditor", "member": AN})
    give(town, "approver", AN, holder("approver"))
    assert powers(town, AN).roles == {HeldRole.AUDITOR, HeldRole.APPROVER}


# -- followed live


def searches(handle: Handle) -> bool:
    """Whether it reads what only operators, auditors and administrators may."""
    try:
        return bool(names(handle, "(cn=operator)", base=ADMINS))
    except NoSuchObject:
        return False


@pytest.mark.parametrize("role", ["operator", "auditor", "administrator"])
def test_a_role_takes_effect_and_ends_at_once_on_open_connections(town: Town, role: str) -> None:
    an = caller(town, "person")
    assert not searches(an)
    give(town, role, AN)
    assert searches(an)
    assert searches(an)  # from the second time on the search is prepared
    give(town, role)
    assert not searches(an)


def test_a_role_given_by_another_process_counts_as_soon_as_it_is_known(
    town: Town, tmp_path: Path, role_file: Path
) -> None:
    path = tmp_path / "shared.db"
    with open_town(path, role_file) as one, open_town(path, furnish=False) as other:
        an = caller(other, "person")
        give(one, "operator", AN)
        assert not searches(an)
        other.run(other.directory.catch_up())
        assert searches(an)


def test_an_operator_that_is_one_no_longer_writes_nothing_more(town: Town) -> None:
    operator = caller(town, "operator")
    town.replace(BINH, "telephoneNumber", PHONE, handle=operator)
    give(town, "operator")
    with pytest.raises(InsufficientAccessRights):
        town.replace(BINH, "telephoneNumber", "1", handle=operator)


def test_rights_that_end_while_a_password_is_hashed_do_not_set_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = caller(town, "operator")
    exchanged = town.directory.passwords.exchanged

    async def slow(*arguments: Any, **named: Any) -> object:
        outcome = await exchanged(*arguments, **named)
        members = Change(ModifyOperation.REPLACE, attribute("member", ()))
        await town.local.modify(ModifyRequest(group("operator"), (members,)))
        return outcome

    monkeypatch.setattr(town.directory.passwords, "exchanged", slow)
    with pytest.raises(InsufficientAccessRights):
        town.run(operator.change_password(AN, None, PASSWORD))


def test_roles_follow_renames_and_end_with_the_entry(town: Town) -> None:
    operator = caller(town, "operator")
    town.rename(holder("operator"), "uid=dieuhanh", SOTTTT)
    assert town.values(group("operator"), "member") == (f"uid=dieuhanh,{SOTTTT}",)
    town.replace(BINH, "telephoneNumber", PHONE, handle=operator)
    town.delete(f"uid=dieuhanh,{SOTTTT}")
    assert town.values(group("operator"), "member") == ()
    town.person("dieuhanh", "Phạm Vai Hai", SOTTTT)
    assert powers(town, f"uid=dieuhanh,{SOTTTT}") is NO_POWERS


@pytest.mark.parametrize("named_in", ["gdApprover", "manager"])
def test_approvers_and_managers_are_followed_when_they_move_and_go(town: Town, named_in: str) -> None:
    where = SOTTTT if named_in == "gdApprover" else BINH
    town.replace(where, named_in, AN)
    town.rename(AN, "uid=an2", SOTTTT)
    assert town.values(where, named_in) == (f"uid=an2,{SOTTTT}",)
    town.delete(f"uid=an2,{SOTTTT}")
    assert town.values(where, named_in) == ()


def test_who_holds_a_role_is_not_held_to_a_persons_limit(town: Town) -> None:
    town.directory.access = replace(
        town.directory.access, limits={**town.directory.access.limits, "person": 1}
    )
    an = caller(town, "person")
    with pytest.raises(DirectoryError):
        list(an.search(request("(objectClass=inetOrgPerson)")))
    give(town, "auditor", AN)
    assert len(names(an, "(objectClass=inetOrgPerson)")) > 1


def test_the_trail_names_who_did_it(town: Town) -> None:
    for who in ("operator", "administrator", "agency-admin"):
        town.replace(AN, "title", who, handle=caller(town, who))
        assert town.values(AN, "modifiersName") == (holder(who),)


# -- a person who is an administrator


def test_a_person_in_the_administrators_group_does_what_the_administrator_does(town: Town) -> None:
    boss = caller(town, "administrator")
    give(town, "operator", AN, handle=boss)
    town.add(f"cn=dovecot,ou=services,{SUFFIX}", {"objectClass": "gdService", "gdServiceKind": "mail"}, boss)
    town.change(BINH, ModifyOperation.ADD, "objectClass", "gdAdministrator", handle=boss)
    town.delete(holder("auditor"), boss)
    assert "userPassword" not in boss.read(BINH)
    with pytest.raises(InsufficientAccessRights):
        list(boss.export(with_secrets=True))


# -- no way round


def test_an_operator_makes_nobody_an_administrator_or_a_service(town: Town) -> None:
    operator = caller(town, "operator")
    oid = "2.25.25670876277235021693878629996871965232.2.9"
    attempts = [
        lambda: town.change(BINH, ModifyOperation.ADD, "objectClass", "gdAdministrator", handle=operator),
        lambda: town.change(holder("operator"), ModifyOperation.ADD, "objectClass", oid, handle=operator),
        lambda: town.add(
            f"cn=x,{SONV}", {"objectClass": ("applicationProcess", "gdAdministrator")}, operator
        ),
        lambda: town.add(f"cn=x,{SONV}", {"objectClass": ("applicationProcess", oid)}, operator),
        lambda: town.add(f"cn=x,{SONV}", {"objectClass": "gdService", "gdServiceKind": "reader"}, operator),
        lambda: town.add(
            f"cn=x+objectClass=gdAdministrator,{SONV}", {"objectClass": "applicationProcess"}, operator
        ),
        lambda: town.rename(BINH, "uid=binh+objectClass=gdAdministrator", handle=operator),
        lambda: town.rename(BINH, f"uid=binh+objectClass={oid}", handle=operator),
        lambda: town.add(f"cn=x,{SONV}", {"objectClass": "gdRoleGroup", "gdRoleKind": "operator"}, operator),
    ]
    for attempt in attempts:
        with pytest.raises(InsufficientAccessRights):
            attempt()


def test_an_operator_gives_and_takes_no_roles(town: Town) -> None:
    operator = caller(town, "operator")
    attempts = [
        lambda: give(town, "administrator", holder("operator"), handle=operator),
        lambda: give(town, "auditor", handle=operator),
        lambda: town.replace(group("operator"), "gdRoleKind", "administrator", handle=operator),
        lambda: town.delete(group("auditor"), operator),
        lambda: town.rename(group("operator"), "cn=x", handle=operator),
        lambda: town.rename(AN, "uid=an", ADMINS, handle=operator),
        lambda: town.rename(SONV, "ou=sonv", ADMINS, handle=operator),
        lambda: town.add(f"cn=x,{ADMINS}", {"objectClass": "device"}, operator),
        lambda: town.replace(ADMINS, "description", "x", handle=operator),
    ]
    for attempt in attempts:
        with pytest.raises(InsufficientAccessRights):
            attempt()


def test_an_operator_neither_renames_nor_deletes_the_containers(town: Town) -> None:
    operator = caller(town, "operator")
    for container in ("ou=orgs", "ou=lists"):
        with pytest.raises(InsufficientAccessRights):
            town.rename(f"{container},{SUFFIX}", "ou=admins2", delete_old=False, handle=operator)
        with pytest.raises(InsufficientAccessRights):
            town.delete(f"{container},{SUFFIX}", operator)


@pytest.mark.parametrize("who", ["auditor", "approver", "administrator"])
def test_whoever_holds_a_role_the_operator_lacks_is_only_read(town: Town, who: str) -> None:
    operator, dn = caller(town, "operator"), holder(who)
    attempts = [
        lambda: town.run(operator.change_password(dn, None, PASSWORD)),
        lambda: town.replace(dn, "userPassword", PASSWORD.decode(), handle=operator),
        lambda: town.replace(dn, "gdState", "suspended", handle=operator),
        lambda: town.replace(dn, "telephoneNumber", "1", handle=operator),
        lambda: town.rename(dn, "uid=x", SOTTTT, handle=operator),
        lambda: town.delete(dn, operator),
    ]
    for attempt in attempts:
        with pytest.raises(InsufficientAccessRights):
            attempt()
    assert operator.read(dn).text("gdState") == "active"
    give(town, who, holder("operator"), dn)
    town.run(operator.change_password(dn, None, PASSWORD))


def test_an_operator_resets_another_operator_and_those_in_office(town: Town) -> None:
    operator = caller(town, "operator")
    give(town, "operator", holder("operator"), AN)
    for dn in (AN, holder("agency-admin"), holder("agency-approver")):
        town.run(operator.change_password(dn, None, PASSWORD))


def test_an_operator_may_appoint_agencies_administrators_itself_included(town: Town) -> None:
    operator = caller(town, "operator")
    town.replace(SOTTTT, "gdItAdmin", holder("operator"), handle=operator)
    town.replace(SOTTTT, "gdApprover", AN, handle=operator)
    with pytest.raises(InsufficientAccessRights):
        town.run(operator.change_password(holder("auditor"), None, PASSWORD))


def test_somebody_with_a_role_moved_into_an_agency_is_beyond_its_administrator(town: Town) -> None:
    town.rename(holder("operator"), "uid=operator", SOTTTT)
    town.replace(SOTTTT, "gdItAdmin", BINH)
    binh = town.caller(Role.PERSON, BINH)
    for attempt in (
        lambda: town.run(binh.change_password(f"uid=operator,{SOTTTT}", None, PASSWORD)),
        lambda: town.replace(f"uid=operator,{SOTTTT}", "gdState", "revoked", handle=binh),
        lambda: town.rename(f"uid=operator,{SOTTTT}", "uid=x", handle=binh),
        lambda: town.delete(f"uid=operator,{SOTTTT}", binh),
    ):
        with pytest.raises(InsufficientAccessRights):
            attempt()


def test_an_agencys_administrator_does_not_become_its_approver(town: Town) -> None:
    it = caller(town, "agency-admin")
    for name in ("gdItAdmin", "gdApprover"):
        with pytest.raises(InsufficientAccessRights):
            town.replace(SONV, name, holder("agency-admin"), handle=it)
        with pytest.raises(InsufficientAccessRights):
            town.add(
                f"ou=phong,{SONV}",
                {
                    "objectClass": ("organizationalUnit", "gdOrganization"),
                    "displayName": "Phòng Một",
                    name: holder("agency-admin"),
                },
                it,
            )
    with pytest.raises(InsufficientAccessRights):
        town.run(it.change_password(holder("agency-approver"), None, PASSWORD))


def test_an_approver_writes_the_state_and_nothing_else(town: Town) -> None:
    for who in ("approver", "agency-approver"):
        approver = caller(town, who)
        town.replace(AN, "gdState", "suspended", handle=approver)
        town.replace(AN, "gdStateReason", "chờ xác minh", handle=approver)
        town.replace(AN, "gdState", "active", handle=approver)
        for name in ("description", "mail", "gdLeavingAt", "gdOrg", "objectClass", "userPassword"):
            with pytest.raises(InsufficientAccessRights):
                town.replace(AN, name, "x", handle=approver)
        with pytest.raises(InsufficientAccessRights):
            town.replace(holder(who), "gdState", "sendblocked", handle=approver)


def test_an_agencys_approver_decides_in_its_agency_only(town: Town) -> None:
    approver = caller(town, "agency-approver")
    for dn in (BINH, SONV, SOTTTT):
        with pytest.raises(DirectoryError):
            town.replace(dn, "gdState", "suspended", handle=approver)


def test_an_auditor_reads_no_secrets_and_writes_only_its_own(town: Town) -> None:
    town.run(town.admin().change_password(AN, None, PASSWORD))
    auditor = caller(town, "auditor")
    assert "userPassword" not in auditor.read(AN)
    assert names(auditor, "(userPassword=*)") == []
    with pytest.raises(InsufficientAccessRights):
        auditor.compare(AN, "userPassword", PASSWORD)
    with pytest.raises(InsufficientAccessRights):
        town.replace(holder("auditor"), "gdState", "active", handle=auditor)


def test_an_administrator_of_the_whole_tree_by_office_does_not_reach_the_roles(town: Town) -> None:
    town.change(SUFFIX, ModifyOperation.ADD, "objectClass", "extensibleObject")
    town.replace(SUFFIX, "gdItAdmin", AN)
    an = caller(town, "person")
    with pytest.raises(DirectoryError):
        give(town, "administrator", AN, handle=an)
    assert powers(town, AN) is NO_POWERS


@pytest.mark.parametrize("role", [Role.SERVICE, Role.ANONYMOUS, Role.LOCAL])
def test_only_people_hold_roles(town: Town, role: Role) -> None:
    give(town, "operator", AN)
    record = town.directory.image.find(town.directory.path_of(AN) or ())
    assert record is not None
    handle = town.directory.as_caller(Caller(AN, record.id, role, "mail"))
    assert handle._view.powers is NO_POWERS


@pytest.mark.parametrize("office", ["gdItAdmin", "gdApprover"])
def test_an_office_is_given_to_nobody_who_is_not_there(town: Town, office: str) -> None:
    """Whoever makes an entry of that name would hold it."""
    for nobody in (f"uid=mai-sau,{SONV}", SOTTTT, ADMIN):
        with pytest.raises(ConstraintViolation):
            town.replace(SONV, office, nobody)

    town.replace(SONV, office, AN)
    assert town.values(SONV, office) == (AN,)


# -- asked without a change


@pytest.mark.parametrize(
    ("who", "whom", "may"),
    [
        ("agency-admin", AN, True),
        ("agency-admin", BINH, False),
        ("agency-admin", holder("operator"), False),
        ("operator", BINH, True),
        ("operator", holder("administrator"), False),
        ("administrator", holder("operator"), True),
        ("approver", AN, False),
        ("person", AN, True),
        ("person", BINH, False),
        ("anonymous", AN, False),
    ],
)
def test_whether_a_password_may_be_set_is_told_without_setting_it(
    town: Town, who: str, whom: str, *, may: bool
) -> None:
    assert caller(town, who).may_write(whom, "userPassword") is may


def test_nothing_may_be_written_where_there_is_no_entry(town: Town) -> None:
    assert caller(town, "administrator").may_write(f"uid=nobody,{SONV}", "userPassword") is False


def test_a_handle_tells_whom_its_caller_administers(town: Town) -> None:
    office, operator, nobody = (caller(town, who) for who in ("agency-admin", "operator", "person"))
    assert [body.dn_text for body in office.administers] == [SONV]
    assert [each.is_operator for each in (office, operator, nobody)] == [False, True, False]
    assert nobody.administers == ()
