"""Searches that return only the values that match (RFC 3876)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.caller import Role
from govdir.directory.errors import AttributeOrValueExists, InvalidAttributeSyntax
from govdir.directory.options import SearchOptions
from govdir.directory.resolve import resolve
from govdir.ldap.codec.filter_text import parse_filter
from govdir.ldap.codec.filters import Equality, Substrings
from govdir.ldap.codec.messages import Scope
from tests.directory.building import SONV, SUFFIX, Town, entries, open_town, request
from tests.directory.imaging import EVERYTHING, Plot


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, furnished: Path) -> Iterator[Town]:
    """A town that no test of this module changes."""
    with open_town(tmp_path_factory.mktemp("matched") / "town.db", furnished) as town:
        for number in range(3):
            town.add(f"cn=d{number},{SONV}", {"objectClass": "device", "seeAlso": (SUFFIX, SONV)})
        town.add(
            f"cn=all,{SONV}",
            {
                "objectClass": "groupOfNames",
                "member": tuple(f"cn=d{number},{SONV}" for number in range(3)),
                "description": ("Lịch họp", "Họp giao ban", "Tết"),
                "description;lang-en": "Meetings",
            },
        )
        yield town


def returned(
    town: Town, items: tuple[str, ...], attributes: tuple[str, ...] = (), *, types_only: bool = False
) -> dict[str, list[str]]:
    search = request("(cn=all)", SONV, Scope.SINGLE_LEVEL, attributes, types_only=types_only)
    options = SearchOptions(matched_values=tuple(map(parse_filter, items)))
    (entry,) = entries(town.local.search(search, options))
    return {one.type: sorted(value.decode() for value in one.values) for one in entry.attributes}


def test_one_member_of_a_list_is_returned_by_itself(town: Town) -> None:
    wanted = (f"(member=CN=D1, {SONV})",)
    assert returned(town, wanted, ("member",)) == {"member": [f"cn=d1,{SONV}"]}


def test_attributes_without_such_values_come_empty_and_those_named_present_come_whole(town: Town) -> None:
    assert returned(town, ("(description=*h*p*)", "(cn=*)"), ("cn", "description", "member")) == {
        "cn": ["all"],
        "description": ["Họp giao ban", "Lịch họp"],
        "description;lang-en": [],
        "member": [],
    }


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("(description=tết)", ["Tết"]),
        ("(description=tet)", []),
        ("(description~=giao hop)", ["Họp giao ban"]),
        ("(description=*ban)", ["Họp giao ban"]),
        ("(description:caseExactMatch:=Tết)", ["Tết"]),
        ("(description:caseExactMatch:=tết)", []),
        ("(:caseIgnoreMatch:=TẾT)", ["Tết"]),
        ("(description;lang-en=*)", []),
        ("(nosuch=x)", []),
        ("(description>=a)", []),
        ("(cn=all)", []),
    ],
)
def test_a_value_is_returned_if_an_item_is_true_of_it(town: Town, item: str, expected: list[str]) -> None:
    assert returned(town, (item,), ("description",))["description"] == expected


def test_options_and_subtypes_count_as_they_do_in_filters(town: Town) -> None:
    assert returned(town, ("(description;lang-en=*)",), ("description",))["description;lang-en"] == [
        "Meetings"
    ]
    assert returned(town, ("(name=ALL)",), ("cn",)) == {"cn": ["all"]}


def test_operational_and_computed_attributes_are_held_to_it_too(town: Town) -> None:
    got = returned(town, ("(hasSubordinates=FALSE)",), ("hasSubordinates", "entryDN"))
    assert got == {"hasSubordinates": ["FALSE"], "entryDN": []}


def test_object_classes_are_values(town: Town) -> None:
    assert returned(town, ("(objectClass=GROUPOFNAMES)",), ("objectClass",)) == {
        "objectClass": ["groupOfNames"]
    }


def test_types_only_and_no_attributes_are_left_alone(town: Town) -> None:
    assert returned(town, ("(cn=x)",), ("cn", "member"), types_only=True) == {"cn": [], "member": []}
    assert returned(town, ("(cn=x)",), ("1.1",)) == {}


def test_it_chooses_no_entries(town: Town) -> None:
    options = SearchOptions(matched_values=(parse_filter("(cn=d1)"),))
    found = entries(town.local.search(request("(objectClass=device)", SONV), options))
    assert len(found) == 3


def test_what_may_not_be_read_is_not_returned_by_an_item_that_names_it(town: Town) -> None:
    mail = town.caller(Role.SERVICE, kind="mail")
    options = SearchOptions(matched_values=(parse_filter("(description=*)"), parse_filter("(cn=*)")))
    (entry,) = entries(mail.search(request("(cn=all)", SONV, attributes=("cn", "description")), options))
    assert [one.type for one in entry.attributes] == ["cn"]


@given(value=st.text(max_size=8), asked=st.text(min_size=1, max_size=8))
def test_what_a_filter_finds_by_a_value_has_that_value_returned(value: str, asked: str) -> None:
    plot = Plot()
    try:
        device = plot.put("cn=x", {"objectClass": "device", "cn": "x", "description": (f"a{value}", "zz")})
    except (InvalidAttributeSyntax, AttributeOrValueExists):
        return
    image = plot.image
    for item in (
        Equality("description", asked.encode()),
        Substrings("description", asked.encode(), (), None),
    ):
        condition = resolve(item, image)
        description = image.vocabulary.describe("description")
        passing = [one for one in device.values("description") if condition.selects(description, one)]
        assert bool(passing) == (condition.matches(device, EVERYTHING) is True)


def test_many_values_are_tried_by_many_items_in_turns(town: Town) -> None:
    items = tuple(Equality("seeAlso", f"cn=nobody{number},{SUFFIX}".encode()) for number in range(150))
    search = request("(objectClass=device)", SONV, attributes=("seeAlso",))
    found = list(town.local.search(search, SearchOptions(matched_values=items)))
    # 3 entries of 2 values, each tried by 150 items: 900 trials, with a turn for others at every hundredth.
    assert found.count(None) >= 9
    assert [each.attributes[0].values for each in entries(iter(found))] == [(), (), ()]
