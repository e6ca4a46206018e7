"""Aliases: where a search follows them, where not, and whom they lead (RFC 4511 §4.5.1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from govdir.directory.aliases import MAX_FOLLOWED
from govdir.directory.caller import Role
from govdir.directory.errors import (
    AliasDereferencingProblem,
    AliasProblem,
    DirectoryError,
    InsufficientAccessRights,
    NoSuchObject,
    Referral,
    SizeLimitExceeded,
)
from govdir.directory.handle import Handle
from govdir.directory.matches import Reference
from govdir.directory.options import PLAIN_SEARCH, PageRequest, SearchOptions
from govdir.ldap.codec.controls.list_view import ListView
from govdir.ldap.codec.controls.sorting import SortKey
from govdir.ldap.codec.messages import DerefAliases, Scope
from tests.directory.building import SONV, SOTTTT, SUFFIX, Town, entries, open_town, request

NEVER, SEARCHING, FINDING, ALWAYS = (
    DerefAliases.NEVER,
    DerefAliases.IN_SEARCHING,
    DerefAliases.FINDING_BASE_OBJECT,
    DerefAliases.ALWAYS,
)
BASE, ONE, SUB = Scope.BASE_OBJECT, Scope.SINGLE_LEVEL, Scope.WHOLE_SUBTREE
LEFT = f"ou=left,{SUFFIX}"
RIGHT = f"ou=right,{SUFFIX}"


def point(town: Town, dn: str, target: str) -> None:
    town.add(dn, {"objectClass": ("alias", "extensibleObject"), "aliasedObjectName": target})


def found(  # noqa: PLR0917 - a search has so many parts
    handle: Handle,
    base: str,
    scope: Scope,
    deref: DerefAliases,
    text: str = "(objectClass=*)",
    options: SearchOptions = PLAIN_SEARCH,
) -> list[str]:
    """The first RDN's values, in order and with repetitions."""
    asked = replace(request(text, base=base, scope=scope), deref_aliases=deref)
    return sorted(
        entry.object_name.split(",")[0].split("=")[1] for entry in entries(handle.search(asked, options))
    )


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, furnished: Path) -> Iterator[Town]:
    """left (a, b -> right's c, up -> right, gone -> nothing) and right (c, below it d, back -> left)."""
    with open_town(tmp_path_factory.mktemp("aliases") / "town.db", furnished) as town:
        for dn in (LEFT, RIGHT):
            town.add(dn, {"objectClass": "organizationalUnit"})
        town.add(f"cn=a,{LEFT}", {"objectClass": "device"})
        town.add(f"cn=c,{RIGHT}", {"objectClass": "device"})
        town.add(f"cn=d,cn=c,{RIGHT}", {"objectClass": "device"})
        point(town, f"cn=b,{LEFT}", f"CN=C, {RIGHT}")
        point(town, f"cn=up,{LEFT}", RIGHT)
        point(town, f"cn=gone,{LEFT}", f"cn=nobody,{RIGHT}")
        point(town, f"cn=abroad,{LEFT}", "cn=a,dc=example,dc=vn")
        point(town, f"cn=back,{RIGHT}", LEFT)
        point(town, f"cn=tick,{SUFFIX}", f"cn=tock,{SUFFIX}")
        point(town, f"cn=tock,{SUFFIX}", f"cn=tick,{SUFFIX}")
        point(town, f"cn=deeper,{SUFFIX}", f"cn=x,cn=deeper,{SUFFIX}")
        yield town


class TestSearching:
    @pytest.mark.parametrize("deref", [NEVER, FINDING])
    def test_aliases_are_entries_where_nobody_asks_to_follow_them(
        self, shared: Town, deref: DerefAliases
    ) -> None:
        every = ["a", "abroad", "b", "gone", "up"]
        assert found(shared.local, LEFT, ONE, deref) == every
        assert found(shared.local, LEFT, SUB, deref) == [*every[:4], "left", "up"]
        assert found(shared.local, SUFFIX, SUB, deref, "(cn=b)") == ["b"]

    @pytest.mark.parametrize("deref", [SEARCHING, ALWAYS])
    def test_one_level_has_what_they_stand_for_and_nothing_below_that(
        self, shared: Town, deref: DerefAliases
    ) -> None:
        assert found(shared.local, LEFT, ONE, deref) == ["a", "c", "right"]
        assert found(shared.local, LEFT, ONE, deref, "(cn=c)") == ["c"]
        assert found(shared.local, LEFT, ONE, deref, "(cn=d)") == []
        assert found(shared.local, LEFT, ONE, deref, "(objectClass=alias)") == []

    @pytest.mark.parametrize("deref", [SEARCHING, ALWAYS])
    def test_a_subtree_has_the_subtrees_they_stand_for_each_entry_once(
        self, shared: Town, deref: DerefAliases
    ) -> None:
        assert found(shared.local, LEFT, SUB, deref) == ["a", "c", "d", "left", "right"]
        assert found(shared.local, RIGHT, SUB, deref) == ["a", "c", "d", "left", "right"]
        assert found(shared.local, LEFT, SUB, deref, "(cn=d)") == ["d"]
        assert found(shared.local, LEFT, SUB, deref, "(cn=nobody)") == []

    def test_pages_have_each_entry_once(self, shared: Town) -> None:
        asked = replace(request("(objectClass=*)", base=LEFT), deref_aliases=ALWAYS)
        cookie = b""
        pages: list[list[str]] = []
        while not pages or cookie:
            matches = shared.local.search(asked, SearchOptions(page=PageRequest(2, cookie)))
            pages.append([entry.object_name.split(",")[0] for entry in entries(matches)])
            cookie = matches.cookie
        assert sorted(name for page in pages for name in page) == [
            "cn=a", "cn=c", "cn=d", "ou=left", "ou=right",
        ]  # fmt: skip
        assert [len(page) for page in pages] == [2, 2, 1]

    def test_a_size_limit_counts_what_is_found_through_them(self, shared: Town) -> None:
        asked = replace(request("(objectClass=*)", base=LEFT, size_limit=4), deref_aliases=ALWAYS)
        with pytest.raises(SizeLimitExceeded):
            list(shared.local.search(asked))

    def test_an_alias_as_the_base_that_is_not_followed_is_itself(self, shared: Town) -> None:
        for scope, expected in ((BASE, ["b"]), (SUB, ["b"]), (ONE, [])):
            assert found(shared.local, f"cn=b,{LEFT}", scope, SEARCHING) == expected

    def test_an_alias_of_a_referral_object_leads_there(self, town: Town) -> None:
        town.add(f"ou=x,{SUFFIX}", {"objectClass": ("referral", "extensibleObject"), "ref": "ldap://b/C=VN"})
        town.add(LEFT, {"objectClass": "organizationalUnit"})
        point(town, f"cn=b,{LEFT}", f"ou=x,{SUFFIX}")
        asked = replace(request("(cn=*)", base=LEFT), deref_aliases=ALWAYS)
        assert list(town.local.search(asked)) == [Reference(("ldap://b/C=VN??sub",))]
        with pytest.raises(Referral) as caught:
            town.local.search(replace(asked, base=f"cn=Z,cn=b,{LEFT}"))
        assert caught.value.referrals == ("ldap://b/cn=Z,C=VN??sub",)


class TestBases:
    @pytest.mark.parametrize("deref", [FINDING, ALWAYS])
    def test_a_base_is_what_the_alias_stands_for(self, shared: Town, deref: DerefAliases) -> None:
        assert found(shared.local, f"cn=b,{LEFT}", BASE, deref) == ["c"]
        assert found(shared.local, f"CN=B, {LEFT}", ONE, deref) == ["d"]
        assert found(shared.local, f"cn=d,cn=b,{LEFT}", BASE, deref) == ["d"]

    def test_aliases_behind_aliases_are_followed(self, shared: Town) -> None:
        assert found(shared.local, f"cn=a,cn=back,cn=up,{LEFT}", BASE, FINDING) == ["a"]

    @pytest.mark.parametrize("deref", [NEVER, SEARCHING])
    def test_nothing_is_below_an_alias_that_is_not_followed(self, shared: Town, deref: DerefAliases) -> None:
        with pytest.raises(NoSuchObject) as caught:
            found(shared.local, f"cn=d,cn=b,{LEFT}", BASE, deref)
        assert caught.value.matched_dn == f"cn=b,{LEFT}"

    def test_what_is_not_below_the_entry_is_no_such_object_there(self, shared: Town) -> None:
        with pytest.raises(NoSuchObject) as caught:
            found(shared.local, f"cn=e,cn=b,{LEFT}", BASE, FINDING)
        assert caught.value.matched_dn == f"cn=c,{RIGHT}"

    @pytest.mark.parametrize("name", ["gone", "abroad"])
    @pytest.mark.parametrize("below", ["", "cn=x,"])
    def test_an_alias_of_nothing_is_a_problem(self, shared: Town, name: str, below: str) -> None:
        with pytest.raises(AliasProblem) as caught:
            found(shared.local, f"{below}cn={name},{LEFT}", BASE, FINDING)
        assert caught.value.matched_dn == f"cn={name},{LEFT}"

    @pytest.mark.parametrize("name", ["tick", "tock", "deeper"])
    def test_aliases_in_a_circle_are_a_problem(self, shared: Town, name: str) -> None:
        with pytest.raises(AliasDereferencingProblem):
            found(shared.local, f"cn={name},{SUFFIX}", BASE, FINDING)
        assert name not in found(shared.local, SUFFIX, SUB, SEARCHING)

    def test_a_chain_has_an_end(self, town: Town) -> None:
        town.add(f"cn=n0,{SUFFIX}", {"objectClass": "device"})
        for number in range(1, MAX_FOLLOWED + 1):
            point(town, f"cn=n{number},{SUFFIX}", f"cn=n{number - 1},{SUFFIX}")
        assert found(town.local, f"cn=n{MAX_FOLLOWED - 1},{SUFFIX}", BASE, FINDING) == ["n0"]
        with pytest.raises(AliasDereferencingProblem):
            found(town.local, f"cn=n{MAX_FOLLOWED},{SUFFIX}", BASE, FINDING)


class TestWhoIsLed:
    def test_nobody_is_led_to_what_it_may_not_see(self, town: Town) -> None:
        town.add(f"cn=secret,ou=admins,{SUFFIX}", {"objectClass": "device"})
        point(town, f"cn=door,{SONV}", f"cn=secret,ou=admins,{SUFFIX}")
        point(town, f"cn=wall,{SONV}", f"cn=nobody,ou=admins,{SUFFIX}")
        person = town.caller(Role.PERSON, SONV)
        assert found(person, SONV, ONE, ALWAYS) == []
        told = []
        for name in ("door", "wall"):
            with pytest.raises(AliasProblem) as caught:
                found(person, f"cn={name},{SONV}", BASE, FINDING)
            told.append((caught.value.diagnostic, caught.value.matched_dn.replace(name, "x")))
        assert told[0] == told[1]
        assert found(town.local, SONV, ONE, ALWAYS) == ["secret"]

    def test_an_alias_nobody_may_see_leads_nowhere(self, town: Town) -> None:
        point(town, f"cn=in,ou=admins,{SUFFIX}", SONV)
        person = town.caller(Role.PERSON, SONV)
        with pytest.raises(NoSuchObject) as caught:
            found(person, f"cn=in,ou=admins,{SUFFIX}", BASE, FINDING)
        assert caught.value.matched_dn == f"ou=admins,{SUFFIX}"

    def test_only_administrators_make_them(self, town: Town) -> None:
        town.person("hoa", "Lê Hoa", below=SONV)
        town.replace(SONV, "gdItAdmin", f"uid=hoa,{SONV}")
        alias = {"objectClass": ("alias", "extensibleObject"), "aliasedObjectName": SOTTTT}
        with pytest.raises(InsufficientAccessRights):
            town.add(f"cn=b,{SONV}", alias, town.caller(Role.PERSON, f"uid=hoa,{SONV}"))
        town.add(f"cn=b,{SONV}", alias, town.admin())


class TestChanges:
    def test_a_change_is_of_the_alias_itself(self, town: Town) -> None:
        point(town, f"cn=b,{SONV}", SOTTTT)
        town.replace(f"cn=b,{SONV}", "description", "một bí danh")
        assert town.values(SOTTTT, "description") == ()
        assert town.local.compare(f"cn=b,{SONV}", "description", "một bí danh".encode())
        town.delete(f"cn=b,{SONV}")
        assert town.exists(SOTTTT)

    def test_nothing_stands_below_one(self, town: Town) -> None:
        point(town, f"cn=b,{SONV}", SOTTTT)
        with pytest.raises(AliasProblem):
            town.add(f"cn=d,cn=b,{SONV}", {"objectClass": "device"})
        town.add(f"cn=d,{SONV}", {"objectClass": "device"})
        with pytest.raises(AliasProblem):
            town.rename(f"cn=d,{SONV}", "cn=d", f"cn=b,{SONV}")

    def test_they_follow_renames_also_of_what_is_above(self, town: Town) -> None:
        town.add(LEFT, {"objectClass": "organizationalUnit"})
        town.add(f"cn=d,{LEFT}", {"objectClass": "device"})
        point(town, f"cn=b,{SUFFIX}", f"cn=d,{LEFT}")
        town.rename(f"cn=d,{LEFT}", "cn=e")
        assert town.values(f"cn=b,{SUFFIX}", "aliasedObjectName") == (f"cn=e,{LEFT}",)
        town.rename(LEFT, "ou=other", SONV)
        assert found(town.local, f"cn=b,{SUFFIX}", BASE, FINDING) == ["e"]

    def test_they_stay_when_the_entry_goes(self, town: Town) -> None:
        town.add(f"cn=d,{SONV}", {"objectClass": "device"})
        point(town, f"cn=b,{SUFFIX}", f"cn=d,{SONV}")
        town.delete(f"cn=d,{SONV}")
        with pytest.raises(AliasProblem):
            found(town.local, f"cn=b,{SUFFIX}", BASE, FINDING)

    def test_each_names_an_entry(self, town: Town) -> None:
        for values in ({}, {"aliasedObjectName": "nobody"}):
            with pytest.raises(DirectoryError):
                town.add(f"cn=b,{SONV}", {"objectClass": ("alias", "extensibleObject"), **values})


def test_look_ups_are_prepared_whatever_clients_ask_while_there_is_no_alias(town: Town) -> None:
    town.person("hoa", "Lê Hoa", below=SONV)
    asked = replace(request("(uid=hoa)"), deref_aliases=ALWAYS)
    town.local.search(asked)
    assert town.local.prepared(asked) is not None
    point(town, f"cn=b,{SUFFIX}", f"uid=hoa,{SONV}")
    assert town.local.prepared(asked) is None
    assert found(town.local, SUFFIX, SUB, ALWAYS, "(uid=hoa)") == ["hoa"]


def test_look_ups_that_follow_nothing_are_prepared_beside_aliases(town: Town) -> None:
    point(town, f"cn=b,{SUFFIX}", SONV)
    asked = request("(cn=b)")
    for _ in range(2):
        assert found(town.local, SUFFIX, SUB, NEVER, "(cn=b)") == ["b"]
    assert town.local.prepared(asked) is not None
    assert found(town.local, SUFFIX, SUB, ALWAYS, "(cn=b)") == []


def test_sorted_results_and_windows_of_lists_have_what_aliases_lead_to(shared: Town) -> None:
    asked = replace(request("(cn=*)", base=LEFT), deref_aliases=ALWAYS)
    by_name = (SortKey("cn", reverse=True),)
    in_order = entries(shared.local.search(asked, SearchOptions(sort=by_name)))
    assert [entry.object_name.split(",")[0] for entry in in_order] == ["cn=d", "cn=c", "cn=a"]
    window = SearchOptions(sort=by_name, view=ListView(0, 1, offset=2, count=3))
    matches = shared.local.search(asked, window)
    assert [entry.object_name.split(",")[0] for entry in entries(matches)] == ["cn=c", "cn=a"]
    assert matches.view is not None
    assert matches.view.count == 3
