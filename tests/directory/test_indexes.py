"""Indexes hold exactly what was entered and not taken out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.indexes import EqualityIndex, OrderedKeys
from govdir.schema.accents import Wanted
from tests.directory.imaging import Plot, person

PLOT = Plot()
RECORDS = [PLOT.put(f"uid=p{number}", person(f"p{number}", "An")) for number in range(4)]
STEPS = st.lists(
    st.tuples(st.booleans(), st.sampled_from([b"aaa", b"aab", b"b", b"ccc"]), st.sampled_from(range(4)))
)


@given(STEPS)
def test_postings_are_those_of_a_plain_set(steps: list[tuple[bool, bytes, int]]) -> None:
    index = EqualityIndex(ordering=True, substring=True)
    model: dict[bytes, set[int]] = {}
    for adding, key, number in steps:
        if adding:
            index.add(key, RECORDS[number])
            model.setdefault(key, set()).add(number)
        else:
            index.remove(key, RECORDS[number])
            model.get(key, set()).discard(number)
    held = {key: numbers for key, numbers in model.items() if numbers}
    assert set(index.table) == set(held)
    for key in (b"aaa", b"aab", b"b", b"ccc", b"none"):
        numbers = held.get(key, set())
        assert {RECORDS.index(record) for record in index.get(key)} == numbers
        assert index.count(key) == len(numbers)
        assert all(index.holds(key, RECORDS[n]) == (n in numbers) for n in range(4))
    assert index.ordering is not None
    assert index.ordering.at_least(b"") == sorted(held)
    assert index.substring is not None
    found = sorted(filter(None, index.substring.search(Wanted((None, (b"a",), None)))))
    assert found == sorted(key for key in held if b"a" in key)


@given(st.sets(st.binary(max_size=3)), st.sets(st.binary(max_size=3)), st.binary(max_size=3))
def test_ordered_keys_answer_ranges_while_keys_come_and_go(
    keys: set[bytes], gone: set[bytes], bound: bytes
) -> None:
    ordered = OrderedKeys()
    for key in keys:
        ordered.add(key)
    ordered.at_least(b"")
    for key in gone & keys:
        ordered.remove(key)
    left = sorted(keys - gone)
    assert ordered.at_least(bound) == [key for key in left if key >= bound]
    assert ordered.at_most(bound) == [key for key in left if key <= bound]


def test_many_keys_added_after_a_search_stay_in_order() -> None:
    ordered = OrderedKeys()
    for number in range(3000):
        ordered.add(b"%08d" % (number * 7919 % 3001))
        if number % 500 == 0:
            ordered.at_least(b"")
    assert ordered.at_least(b"") == sorted(b"%08d" % (number * 7919 % 3001) for number in range(3000))
