"""Subentries: when they show (RFC 3672 §3), and that they are leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from govdir.directory.errors import InvalidAttributeSyntax, ObjectClassViolation
from govdir.directory.options import PageRequest, SearchOptions
from govdir.ldap.codec.messages import Scope
from tests.directory.building import SONV, SUFFIX, Town, entries, names, open_town, request

BASE, ONE, SUB = Scope.BASE_OBJECT, Scope.SINGLE_LEVEL, Scope.WHOLE_SUBTREE
SUBENTRY = f"cn=rules,{SONV}"
STUDIO = "(|(objectClass=subentry)(objectClass=ldapSubentry))"


def subentry(town: Town, dn: str, **more: str) -> None:
    town.add(dn, {"objectClass": "subentry", "subtreeSpecification": "{ }", **more})


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, furnished: Path) -> Iterator[Town]:
    with open_town(tmp_path_factory.mktemp("subentries") / "town.db", furnished) as town:
        town.replace(SONV, "administrativeRole", "2.5.23.1")
        subentry(town, SUBENTRY)
        town.add(f"cn=d,{SONV}", {"objectClass": "device"})
        yield town


def found(
    town: Town, scope: Scope, wanted: bool | None, text: str = "(objectClass=*)", base: str = SONV
) -> list[str]:
    how = SearchOptions(subentries=wanted)
    matches = town.local.search(request(text, base=base, scope=scope), how)
    return sorted(entry.object_name.split(",")[0].split("=")[1] for entry in entries(matches))


@pytest.mark.parametrize(
    ("wanted", "scope", "expected"),
    [
        (None, ONE, ["d"]),
        (None, SUB, ["d", "sonv"]),
        (False, ONE, ["d"]),
        (False, SUB, ["d", "sonv"]),
        (False, BASE, ["sonv"]),
        (True, ONE, ["rules"]),
        (True, SUB, ["rules"]),
        (True, BASE, []),
    ],
)
def test_the_control_says_which_show(
    shared: Town, wanted: bool | None, scope: Scope, expected: list[str]
) -> None:
    assert found(shared, scope, wanted) == expected


@pytest.mark.parametrize(("wanted", "expected"), [(None, ["rules"]), (True, ["rules"]), (False, [])])
def test_a_base_search_shows_the_one_it_names(shared: Town, wanted: bool | None, expected: list[str]) -> None:
    assert found(shared, BASE, wanted, base=SUBENTRY) == expected


def test_without_a_control_none_shows_whatever_finds_it(shared: Town) -> None:
    for text in (
        "(cn=rules)",
        "(cn=ru*)",
        "(objectClass=subentry)",
        "(subtreeSpecification=*)",
        "(&)",
        "(!(cn=d))",
    ):
        for _ in range(3):
            assert "rules" not in names(shared.local, text)


def test_what_directory_studio_asks_finds_subentries_only(shared: Town) -> None:
    assert found(shared, ONE, True, STUDIO) == ["rules"]
    assert found(shared, SUB, True, STUDIO, base=SUFFIX) == ["rules"]


def test_a_page_has_them_too(shared: Town) -> None:
    how = SearchOptions(page=PageRequest(10, b""), subentries=True)
    assert len(entries(shared.local.search(request("(&)"), how))) == 1
    how = SearchOptions(page=PageRequest(1000, b""))
    assert "cn=rules" not in {
        entry.object_name.split(",")[0] for entry in entries(shared.local.search(request("(&)"), how))
    }


def test_only_subentries_of_a_directory_without_any_are_none(town: Town) -> None:
    assert found(town, SUB, True, "(objectClass=*)", SUFFIX) == []
    assert found(town, SUB, False, "(ou=sonv)", SUFFIX) == ["sonv"]


def test_a_look_up_prepared_before_does_not_bring_one(town: Town) -> None:
    for _ in range(2):
        assert names(town.local, "(cn=rules)") == []
    subentry(town, SUBENTRY)
    for _ in range(2):
        assert names(town.local, "(cn=rules)") == []


def test_nothing_stands_below_one(town: Town) -> None:
    subentry(town, SUBENTRY)
    with pytest.raises(ObjectClassViolation):
        town.add(f"cn=d,{SUBENTRY}", {"objectClass": "device"})


def test_the_subtree_is_specified_in_its_syntax(town: Town) -> None:
    for text in ("everything", "{ base }", "{ base no quotes }"):
        with pytest.raises(InvalidAttributeSyntax):
            town.add(SUBENTRY, {"objectClass": "subentry", "subtreeSpecification": text})
    text = '{ base "ou=a", minimum 1, specificationFilter or:{ item:2.5.6.6, item:person } }'
    town.add(SUBENTRY, {"objectClass": "subentry", "subtreeSpecification": text})
    assert town.values(SUBENTRY, "subtreeSpecification") == (text,)
