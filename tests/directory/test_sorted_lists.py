"""Sorted results: made in turns, kept a while, bounded."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory import sorted_lists
from govdir.directory.sorted_lists import KEPT_SECONDS, Room, SortedLists, sorted_in_turns
from tests.directory.imaging import Plot, person

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=KEPT_SECONDS + 1)


def ids(*numbers: int) -> sorted_lists.Ids:
    return array("Q", numbers)


def run(keys: list[bytes]) -> tuple[list[bytes], int]:
    """The keys in order and how often it came up for breath."""
    turns = sorted_in_turns(keys)
    count = 0
    while True:
        try:
            next(turns)
        except StopIteration as done:
            return done.value, count
        count += 1


@given(st.lists(st.binary(max_size=3), max_size=200))
def test_all_keys_come_in_order(keys: list[bytes]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorted_lists, "SLICE", 16)
        assert run(keys.copy())[0] == sorted(keys)


@pytest.mark.parametrize("falling", [False, True])
def test_many_are_sorted_in_many_turns_of_about_one_size(
    monkeypatch: pytest.MonkeyPatch, falling: bool
) -> None:
    monkeypatch.setattr(sorted_lists, "SLICE", 100)
    keys = [number.to_bytes(4, "big") for number in range(10_000)]
    if falling:
        keys.reverse()
    found, turns = run(keys.copy())
    assert found == sorted(keys)
    assert turns >= 200  # a hundred for parting them and another for sorting


def test_a_list_of_a_search_that_is_longer_than_it_is_worth_is_not_kept() -> None:
    lists = SortedLists()
    search = ("x" * sorted_lists.MAX_NAME_OCTETS,)
    lists.keep(search, ids(3, 1, 2), NOW, lists.age)
    assert lists.get(search, NOW) is None


def test_a_list_is_found_again_by_its_search_until_it_is_old() -> None:
    lists = SortedLists()
    lists.keep("search", ids(3, 1, 2), NOW, lists.age)
    assert lists.get("search", NOW) == ids(3, 1, 2)
    assert lists.get("other", NOW) is None
    assert lists.get("search", LATER) is None
    assert lists.get("search", NOW) is None


def test_a_clock_set_back_makes_lists_old() -> None:
    lists = SortedLists()
    lists.keep("search", ids(1), NOW, lists.age)
    assert lists.get("search", NOW - timedelta(seconds=1)) is None


def test_a_change_while_a_list_is_made_keeps_it_out_and_one_afterwards_drops_it() -> None:
    plot = Plot()
    lists = SortedLists.following(plot.image)
    age = lists.age
    an = plot.put("uid=an", person("an", "An"))
    lists.keep("search", ids(1), NOW, age)
    assert lists.get("search", NOW) is None

    for change in (
        lambda: plot.change(an, "uid=an", person("an", "Anh")),
        lambda: plot.put("uid=b", person("b", "B")),
        lambda: plot.image.remove(an.id),
    ):
        lists.keep("search", ids(1), NOW, lists.age)
        assert lists.get("search", NOW) == ids(1)
        change()
        assert lists.get("search", NOW) is None


def test_the_lists_that_were_used_longest_ago_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorted_lists, "MAX_KEPT", 5)
    lists = SortedLists()
    lists.keep("a", ids(1, 2), NOW, lists.age)
    lists.keep("b", ids(1, 2), NOW, lists.age)
    lists.get("a", NOW)
    lists.keep("c", ids(1, 2), NOW, lists.age)
    assert [lists.get(name, NOW) is not None for name in "abc"] == [True, False, True]
    lists.keep("d", ids(*range(6)), NOW, lists.age)
    assert [lists.get(name, NOW) is not None for name in "acd"] == [False, False, False]

    monkeypatch.setattr(sorted_lists, "MAX_LISTS", 2)
    for name in "efg":
        lists.keep(name, ids(1), NOW, lists.age)
    assert [lists.get(name, NOW) is not None for name in "efg"] == [False, True, True]


def test_one_list_kept_twice_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorted_lists, "MAX_KEPT", 4)
    lists = SortedLists()
    for _ in range(3):
        lists.keep("a", ids(1, 2), NOW, lists.age)
    lists.keep("b", ids(3), NOW, lists.age)
    assert lists.get("a", NOW) == ids(1, 2)


def test_the_room_for_sorting_is_shared_and_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorted_lists, "MAX_BEING_SORTED", 3)
    lists = SortedLists()
    first, second = Room(lists), Room(lists)
    assert [first.take(), second.take(), first.take(), second.take()] == [True, True, True, False]
    first.give_back()
    first.give_back()
    assert [second.take(), second.take(), second.take()] == [True, True, False]
    second.give_back()
    assert lists.being_sorted == 0
