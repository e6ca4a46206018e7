"""Renaming and moving: RFC 4511 §4.9 with subtrees and the references of others."""

from __future__ import annotations

import pytest

from govdir.directory.caller import Role
from govdir.directory.errors import DirectoryError, NamingViolation, NotAllowedOnRdn
from tests.directory.building import SONV, SOTTTT, SUFFIX, Town, names

AN = f"uid=an,{SONV}"
PHONG = f"ou=phong,{SONV}"
LIST = f"cn=all,ou=lists,{SUFFIX}"
PERSON = {"objectClass": "inetOrgPerson", "cn": "An", "sn": "An"}


@pytest.fixture
def town(town: Town) -> Town:
    town.add(AN, PERSON)
    town.add(f"uid=binh,{SONV}", PERSON)
    town.add(PHONG, {"objectClass": "organizationalUnit"})
    town.add(f"ou=to,{PHONG}", {"objectClass": "organizationalUnit"})
    town.add(f"uid=chi,ou=to,{PHONG}", PERSON)
    return town


@pytest.mark.parametrize(
    ("dn", "rdn", "superior", "code"),
    [
        (AN, "uid=BINH", None, 68),
        (AN, "uid=an", f"ou=nosuch,{SONV}", 32),
        (AN, "nosuch=an", None, 34),
        (AN, "uid", None, 34),
        (AN, "uid=a,ou=b", None, 34),
        (AN, "", None, 34),
        (AN, "serialNumber=1", None, 65),
        (AN, "userPassword=x", None, 64),
        (AN, "entryUUID=597ae2f6-16a6-1027-98f4-d28b5365dc14", None, 64),
        (PHONG, "ou=phong", PHONG, 53),
        (PHONG, "ou=phong", f"ou=to,{PHONG}", 53),
        (PHONG, "ou=phong", f"uid=chi,ou=to,{PHONG}", 53),
        (SUFFIX, "dc=hagiang", None, 53),
        (f"ou=orgs,{SUFFIX}", "ou=co quan", None, 53),
        (f"ou=lists,{SUFFIX}", "ou=lists", PHONG, 53),
        (f"uid=x,{SONV}", "uid=y", None, 32),
        (AN, "uid=an", "dc=elsewhere", 32),
    ],
)
def test_a_rename_is_refused_with_its_code(
    town: Town, dn: str, rdn: str, superior: str | None, code: int
) -> None:
    with pytest.raises(DirectoryError) as refusal:
        town.rename(dn, rdn, superior)
    assert refusal.value.code == code
    assert town.exists(AN)


def test_a_change_of_case_alone_is_success_and_kept_in_the_value_too(town: Town) -> None:
    town.rename(AN, "uid=An")
    assert names(town.local, "(uid=an)") == ["An"]
    assert town.values(AN, "uid") == ("An",)


def test_a_container_of_the_base_tree_may_change_its_case_only(town: Town) -> None:
    town.rename(f"ou=orgs,{SUFFIX}", "ou=Orgs")
    assert town.exists(AN)


def test_the_present_superior_given_again_is_a_plain_rename(town: Town) -> None:
    town.rename(AN, "uid=an2", SONV)
    assert town.values(f"uid=an2,{SONV}", "uid") == ("an2",)


def test_the_old_value_goes_or_stays_as_asked(town: Town) -> None:
    town.rename(AN, "uid=an2", delete_old=False)
    assert town.values(f"uid=an2,{SONV}", "uid") == ("an", "an2")
    town.rename(f"uid=an2,{SONV}", "cn=An+uid=an3")
    assert town.values(f"uid=AN3+cn=an,{SONV}", "uid") == ("an", "an3")
    assert town.values(f"uid=AN3+cn=an,{SONV}", "cn") == ("An",)


def test_a_required_value_is_not_lost_with_the_old_name(town: Town) -> None:
    town.rename(AN, "cn=An")
    with pytest.raises(DirectoryError) as refusal:
        town.rename(f"cn=An,{SONV}", "uid=an")
    assert refusal.value.code == 65


def test_a_subtree_moves_as_a_whole(town: Town) -> None:
    uuid = town.values(f"uid=chi,ou=to,{PHONG}", "entryUUID")
    town.rename(PHONG, "ou=ban", SOTTTT)
    assert town.values(f"uid=chi,ou=to,ou=ban,{SOTTTT}", "entryUUID") == uuid
    assert not town.exists(PHONG)
    assert names(town.local, "(uid=chi)", base=SOTTTT) == ["chi"]
    assert names(town.local, "(uid=chi)", base=SONV) == []


def test_references_follow_the_entry_and_those_below_it(town: Town) -> None:
    chi = f"uid=chi,ou=to,{PHONG}"
    town.add(
        LIST, {"objectClass": "gdMailList", "mail": "all@cantho.gov.vn", "member": (AN, chi), "owner": chi}
    )
    town.replace(SOTTTT, "gdItAdmin", chi.upper())
    town.rename(PHONG, "ou=ban", SOTTTT)
    moved = f"uid=chi,ou=to,ou=ban,{SOTTTT}"
    assert set(town.values(LIST, "member")) == {AN, moved}
    assert town.values(LIST, "owner") == (moved,)
    assert town.values(SOTTTT, "gdItAdmin") == (moved,)


def test_references_of_the_moved_entry_to_itself_and_below_follow_too(town: Town) -> None:
    town.replace(SONV, "gdItAdmin", AN)
    town.rename(SONV, "ou=snv", delete_old=False)
    assert town.values(f"ou=snv,ou=orgs,{SUFFIX}", "gdItAdmin") == (f"uid=an,ou=snv,ou=orgs,{SUFFIX}",)


def test_a_reference_to_a_name_not_yet_taken_is_not_doubled(town: Town) -> None:
    later = f"uid=later,{SONV}"
    town.add(LIST, {"objectClass": "gdMailList", "mail": "all@cantho.gov.vn", "member": (AN, later)})
    town.rename(AN, "uid=later")
    assert town.values(LIST, "member") == (later,)


def test_a_place_freed_by_a_rename_can_be_taken(town: Town) -> None:
    town.rename(AN, "uid=an2")
    town.add(AN, PERSON)
    town.rename(AN, "uid=an3")
    assert town.exists(f"uid=an2,{SONV}")
    assert town.exists(f"uid=an3,{SONV}")


def test_a_caller_goes_by_its_new_name_once_renamed(town: Town) -> None:
    second = town.add(
        f"cn=deputy,ou=admins,{SUFFIX}", {"objectClass": ("applicationProcess", "gdAdministrator")}
    )
    caller = town.caller(Role.ADMINISTRATOR, second)
    renamed = f"cn=second,ou=admins,{SUFFIX}"

    town.rename(second, "cn=second")
    town.replace(AN, "title", "x", handle=caller)

    assert caller.authz_id == f"dn:{renamed}"
    assert town.values(AN, "modifiersName") == (renamed,)


def test_a_caller_goes_by_its_new_name_when_an_entry_above_moved(town: Town) -> None:
    chi = town.caller(Role.PERSON, f"uid=chi,ou=to,{PHONG}")

    town.rename(PHONG, "ou=phong", SOTTTT)

    assert chi.authz_id == f"dn:uid=chi,ou=to,ou=phong,{SOTTTT}"


def test_a_person_renamed_since_the_bind_still_changes_its_own_password(town: Town) -> None:
    dn = town.person("*", "Vũ Văn Chi", userPassword="Qua-Cam-Chua-2025")
    chi = town.bound(dn, "Qua-Cam-Chua-2025")

    town.rename(dn, "uid=chi2")
    town.run(chi.change_password(None, b"Qua-Cam-Chua-2025", b"Qua-Cam-Ngot-2026"))

    assert town.bound(f"uid=chi2,{SONV}", "Qua-Cam-Ngot-2026").authz_id == f"dn:uid=chi2,{SONV}"


@pytest.mark.parametrize(
    "rdn",
    ["gdState=active", "uid=an+gdState=active", f"owner={SONV}", "gdRevokeAt=20300101000000Z"],
)
def test_nothing_is_named_by_what_changes_by_itself(town: Town, rdn: str) -> None:
    town.person("mai", "Lê Thị Mai")

    with pytest.raises(NamingViolation):
        town.rename(f"uid=mai,{SONV}", rdn.replace(",", r"\,"), delete_old=False)


def test_what_follows_from_a_change_takes_no_value_away_that_names_the_entry(town: Town) -> None:
    town.person("mai", "Lê Thị Mai")
    town.rename(f"uid=mai,{SONV}", "displayName=Lê Thị Mai - Sở Nội vụ", delete_old=False)
    mai = f"displayName=Lê Thị Mai - Sở Nội vụ,{SONV}"

    with pytest.raises(NotAllowedOnRdn):
        town.replace(mai, "cn", "Lê Thị Mận")

    assert town.values(mai, "cn") == ("Lê Thị Mai",)


def test_lists_that_say_nothing_of_the_renamed_entry_are_not_gone_through(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, body in enumerate((SONV, SOTTTT)):
        town.add(
            f"cn=ds{number},ou=lists,{SUFFIX}",
            {
                "objectClass": "gdMailList",
                "mail": f"ds{'ab'[number]}@cantho.gov.vn",
                "memberURL": f"ldap:///{body}?mail?sub?(objectClass=gdPerson)",
            },
        )
    followed: list[str | None] = []
    monkeypatch.setattr(
        town.directory.rules, "follow_named", lambda before, _after, _near: followed.append(before.text("cn"))
    )
    town.rename(SONV, "ou=snv")
    assert followed == ["ds0"]
