"""Referral objects: what is answered at them, below them and above them (RFC 3296 §5)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from govdir.directory.caller import Role
from govdir.directory.errors import (
    AffectsMultipleDsas,
    DirectoryError,
    InsufficientAccessRights,
    InvalidAttributeSyntax,
    InvalidCredentials,
    NoSuchObject,
    Referral,
    UnwillingToPerform,
)
from govdir.directory.handle import Handle
from govdir.directory.matches import Reference
from govdir.directory.options import PLAIN_SEARCH, PageRequest, SearchOptions, WriteOptions
from govdir.ldap.codec.messages import (
    AddRequest,
    Change,
    ModifyDnRequest,
    ModifyOperation,
    ModifyRequest,
    Scope,
)
from tests.directory.building import SONV, SUFFIX, Town, attribute, entries, names, open_town, request

PEOPLE = f"ou=People,{SUFFIX}"
ROLES = f"ou=Roles,{SUFFIX}"
MANAGED = SearchOptions(manage_dsa_it=True)
MANAGING = WriteOptions(manage_dsa_it=True)
REFERRAL_CLASSES = ("referral", "extensibleObject")


def refer(town: Town, dn: str, *uris: str) -> None:
    town.add(dn, {"objectClass": REFERRAL_CLASSES, "ref": uris})


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, furnished: Path) -> Iterator[Town]:
    """A town with the example of §5.1; no test of this module changes it."""
    with open_town(tmp_path_factory.mktemp("referrals") / "town.db", furnished) as town:
        refer(town, PEOPLE, "ldap://hostb/OU=People,O=MNN,C=US", "ldap://hostc/OU=People,O=MNN,C=US Here")
        refer(town, ROLES, "ldap://hostd/OU=Roles,O=MNN,C=WW??one?(cn=a)?x-own=1,!bindname=cn=b")
        refer(town, f"ou=Web,{SUFFIX}", "https://portal.example.vn/so")
        refer(town, f"ou=Same,{SONV}", "ldap://hoste")
        yield town


def references(handle: Handle, options: SearchOptions = PLAIN_SEARCH, **how: object) -> list[tuple[str, ...]]:
    found = handle.search(request("(cn=nobody)", **how), options)  # type: ignore[arg-type]
    return sorted(each.uris for each in found if isinstance(each, Reference))


def refused(handle: Handle, base: str, scope: Scope = Scope.BASE_OBJECT) -> Referral:
    with pytest.raises(Referral) as caught:
        handle.search(request("(objectClass=*)", base=base, scope=scope))
    return caught.value


class TestSearching:
    def test_a_subtree_goes_on_at_each_referral_object_whatever_the_filter(self, shared: Town) -> None:
        assert references(shared.local) == [
            ("https://portal.example.vn/so",),
            ("ldap://hostb/OU=People,O=MNN,C=US??sub", "ldap://hostc/OU=People,O=MNN,C=US??sub"),
            ("ldap://hostd/OU=Roles,O=MNN,C=WW??sub??x-own=1,!bindname=cn=b",),
            (f"ldap://hoste/ou=Same,{SONV}??sub",),
        ]

    def test_one_level_goes_on_at_the_objects_themselves(self, shared: Town) -> None:
        assert references(shared.local, base=SONV, scope=Scope.SINGLE_LEVEL) == [
            (f"ldap://hoste/ou=Same,{SONV}??base",)
        ]
        assert references(shared.local, base=f"ou=orgs,{SUFFIX}", scope=Scope.SINGLE_LEVEL) == []

    def test_referral_objects_are_no_entries(self, shared: Town) -> None:
        found = entries(shared.local.search(request("(|(objectClass=referral)(ou=orgs))")))
        assert [entry.object_name for entry in found] == [f"ou=orgs,{SUFFIX}"]

    @pytest.mark.parametrize("scope", [Scope.SINGLE_LEVEL, Scope.WHOLE_SUBTREE])
    def test_with_manage_dsa_it_they_are(self, shared: Town, scope: Scope) -> None:
        found = entries(shared.local.search(request("(objectClass=referral)", scope=scope), MANAGED))
        assert {PEOPLE, ROLES} < {entry.object_name for entry in found}
        assert references(shared.local, MANAGED, scope=scope) == []

    @pytest.mark.parametrize(
        ("asked", "comes"), [((), False), (("*",), False), (("ref",), True), (("+",), True)]
    )
    def test_ref_comes_where_it_is_asked_for(self, shared: Town, asked: tuple[str, ...], comes: bool) -> None:
        how = request("(objectClass=*)", base=PEOPLE, scope=Scope.BASE_OBJECT, attributes=asked)
        (entry,) = entries(shared.local.search(how, MANAGED))
        assert ("ref" in {each.type for each in entry.attributes}) is comes

    def test_only_the_first_page_tells_where_else(self, shared: Town) -> None:
        everything = request("(objectClass=*)")
        first = shared.local.search(everything, SearchOptions(page=PageRequest(3, b"")))
        found = list(first)
        assert sum(isinstance(each, Reference) for each in found) == 4
        assert sum(isinstance(each, bytes) for each in found) == 3
        second = shared.local.search(everything, SearchOptions(page=PageRequest(3, first.cookie)))
        assert not any(isinstance(each, Reference) for each in second)

    def test_references_do_not_count_against_a_size_limit(self, shared: Town) -> None:
        found = list(shared.local.search(request("(ou=orgs)", size_limit=1)))
        assert sum(isinstance(each, bytes) for each in found) == 1

    def test_a_search_that_is_repeated_tells_every_time(self, shared: Town) -> None:
        for _ in range(3):
            found = list(shared.local.search(request("(uid=nobody)")))
            assert len(found) == 4


class TestBases:
    @pytest.mark.parametrize(
        ("scope", "word"),
        [(Scope.BASE_OBJECT, "base"), (Scope.SINGLE_LEVEL, "one"), (Scope.WHOLE_SUBTREE, "sub")],
    )
    def test_a_base_that_is_one_is_elsewhere(self, shared: Town, scope: Scope, word: str) -> None:
        error = refused(shared.local, f"OU=people, {SUFFIX}", scope)
        assert error.referrals == (
            f"ldap://hostb/OU=People,O=MNN,C=US??{word}",
            f"ldap://hostc/OU=People,O=MNN,C=US??{word}",
        )
        assert error.matched_dn == PEOPLE

    def test_a_base_below_one_has_the_name_that_it_has_there(self, shared: Town) -> None:
        error = refused(shared.local, f"cn=Lê Bình\\, Bé,CN=Manager,{ROLES}")
        assert error.referrals == (
            "ldap://hostd/cn=L%C3%AA%20B%C3%ACnh%5C,%20B%C3%A9,CN=Manager,OU=Roles,O=MNN,C=WW"
            "?"
            "?base"
            "??x-own=1,!bindname=cn=b",
        )

    def test_other_uris_stay_as_they_are(self, shared: Town) -> None:
        assert refused(shared.local, f"cn=a,ou=Web,{SUFFIX}").referrals == ("https://portal.example.vn/so",)

    def test_a_name_above_is_none(self, shared: Town) -> None:
        assert names(shared.local, "(objectClass=*)", base=SONV, scope=Scope.BASE_OBJECT) == ["sonv"]

    def test_with_manage_dsa_it_nothing_is_below_one(self, shared: Town) -> None:
        with pytest.raises(NoSuchObject) as caught:
            shared.local.search(request("(objectClass=*)", base=f"cn=a,{PEOPLE}"), MANAGED)
        assert caught.value.matched_dn == PEOPLE


class TestOtherOperations:
    @pytest.mark.parametrize("dn", [PEOPLE, f"cn=a,{PEOPLE}"])
    @pytest.mark.parametrize("operation", ["add", "modify", "rename", "delete", "compare", "password"])
    def test_each_is_referred_with_the_name_there_and_no_scope(
        self, shared: Town, dn: str, operation: str
    ) -> None:
        with pytest.raises(Referral) as caught:
            _do(shared, operation, dn)
        below = "cn=a," if dn != PEOPLE else ""
        assert caught.value.referrals == (
            f"ldap://hostb/{below}OU=People,O=MNN,C=US",
            f"ldap://hostc/{below}OU=People,O=MNN,C=US",
        )
        assert caught.value.matched_dn == PEOPLE

    def test_a_bind_below_one_is_wrong_like_any_other(self, shared: Town) -> None:
        for dn in (PEOPLE, f"cn=a,{PEOPLE}"):
            with pytest.raises(InvalidCredentials):
                shared.run(shared.directory.bind(dn, b"Song-Hau-7894"))

    def test_nothing_moves_to_where_another_server_has_it(self, town: Town) -> None:
        refer(town, PEOPLE, "ldap://hostb/OU=People,C=US")
        town.add(f"cn=d,{SUFFIX}", {"objectClass": "device"})
        for request_ in (
            ModifyDnRequest(f"cn=d,{SUFFIX}", "cn=d", True, PEOPLE),
            ModifyDnRequest(f"cn=d,{SUFFIX}", "cn=d", True, f"ou=x,{PEOPLE}"),
            ModifyDnRequest(f"cn=d,{SUFFIX}", "ou=People", True, None),
            ModifyDnRequest(f"cn=d,{SUFFIX}", "ou=People", True, SUFFIX),
        ):
            with pytest.raises(AffectsMultipleDsas):
                town.run(town.local.modify_dn(request_))

    def test_with_manage_dsa_it_they_are_changed_renamed_and_deleted(self, town: Town) -> None:
        refer(town, PEOPLE, "ldap://hostb/OU=People,C=US")
        new = Change(ModifyOperation.REPLACE, attribute("ref", "ldaps://hostc/C=US"))
        town.run(town.local.modify(ModifyRequest(PEOPLE, (new,)), MANAGING))
        town.run(town.local.modify_dn(ModifyDnRequest(PEOPLE, "ou=Folk", True, SONV), MANAGING))
        assert town.values(f"ou=Folk,{SONV}", "ref") == ("ldaps://hostc/C=US",)
        assert town.local.compare(f"ou=Folk,{SONV}", "ou", b"folk", MANAGED)
        town.run(town.local.delete(f"ou=Folk,{SONV}", MANAGING))
        assert references(town.local) == []

    def test_entries_stand_below_one_in_no_case(self, town: Town) -> None:
        refer(town, PEOPLE, "ldap://hostb/OU=People,C=US")
        device = AddRequest(f"cn=d,{PEOPLE}", (attribute("objectClass", "device"),))
        with pytest.raises(UnwillingToPerform):
            town.run(town.local.add(device, MANAGING))
        town.add(f"cn=d,{SUFFIX}", {"objectClass": "device"})
        with pytest.raises(UnwillingToPerform):
            town.run(town.local.modify_dn(ModifyDnRequest(f"cn=d,{SUFFIX}", "cn=d", True, PEOPLE), MANAGING))

    @pytest.mark.parametrize(
        "uri",
        ["hostb", "//hostb/", "ldap:/hostb", "ldap://hostb/C=US??wide", "ldap://hostb:port/", "l d://b"],
    )
    def test_a_reference_that_leads_nowhere_is_refused(self, town: Town, uri: str) -> None:
        with pytest.raises(InvalidAttributeSyntax, match="ref: value #0"):
            refer(town, PEOPLE, uri)


class TestWhoMay:
    def test_strangers_meet_neither_the_object_nor_its_addresses(self, shared: Town) -> None:
        person = shared.caller(Role.PERSON, SONV)
        for dn in (PEOPLE, f"cn=a,{PEOPLE}"):
            with pytest.raises(NoSuchObject) as caught:
                person.search(request("(objectClass=*)", base=dn))
            assert caught.value.matched_dn == SUFFIX
            with pytest.raises(NoSuchObject):
                shared.run(person.delete(dn))
        assert references(person) == [(f"ldap://hoste/ou=Same,{SONV}??sub",)]
        assert references(shared.caller(Role.SERVICE, SONV, "unheard-of")) == []

    def test_only_administrators_make_them(self, town: Town) -> None:
        town.person("hoa", "Lê Hoa", below=SONV)
        town.replace(SONV, "gdItAdmin", f"uid=hoa,{SONV}")
        officer = town.caller(Role.PERSON, f"uid=hoa,{SONV}")
        made = AddRequest(
            f"ou=x,{SONV}",
            (attribute("objectClass", ("referral", "extensibleObject")), attribute("ref", "ldap://b/")),
        )
        with pytest.raises(InsufficientAccessRights):
            town.run(officer.add(made, MANAGING))
        town.run(town.admin().add(made, MANAGING))
        with pytest.raises(InsufficientAccessRights):
            town.run(officer.delete(f"ou=x,{SONV}", MANAGING))


def test_searches_prepared_before_the_first_one_came_tell_of_it(town: Town) -> None:
    lookup = request("(uid=nobody)")
    for _ in range(2):
        assert list(town.local.search(lookup)) == []
    refer(town, PEOPLE, "ldap://hostb/OU=People,C=US")
    assert list(town.local.search(lookup)) == [Reference(("ldap://hostb/OU=People,C=US??sub",))]
    town.run(town.local.delete(PEOPLE, MANAGING))
    for _ in range(2):
        assert list(town.local.search(replace(lookup, base=SUFFIX))) == []


def _do(town: Town, operation: str, dn: str) -> None:
    match operation:
        case "add":
            town.add(dn, {"objectClass": "device"})
        case "modify":
            town.replace(dn, "description", "x")
        case "rename":
            town.rename(dn, "cn=b")
        case "delete":
            town.delete(dn)
        case "compare":
            town.local.compare(dn, "cn", b"a")
        case "password":
            town.run(town.local.change_password(dn, None, b"Song-Hau-7894"))
        case _:
            raise DirectoryError(operation)
