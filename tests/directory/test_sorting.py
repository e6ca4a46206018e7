"""What entries are sorted by (RFC 2891)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.access import AttributeSet, Grant
from govdir.directory.image import Record
from govdir.directory.sorting import MAX_KEY_OCTETS, Order, Unsortable, id_of
from govdir.ldap.codec.controls.sorting import SortKey
from govdir.ldap.codec.result_codes import ResultCode
from govdir.schema.errors import InvalidValue
from tests.directory.imaging import EVERYTHING, Plot, person


def ordered(plot: Plot, records: Sequence[Record], *keys: SortKey, grant: Grant = EVERYTHING) -> list[str]:
    order = Order(keys, plot.image)
    found = sorted(records, key=lambda record: order.key(record, grant))
    return [record.values("uid")[0].decode() for record in found]


def people(plot: Plot, *entries: tuple[str, str, dict[str, str | tuple[str, ...]]]) -> list[Record]:
    return [plot.put(f"uid={uid}", person(uid, name, **more)) for uid, name, more in entries]


def test_names_are_in_vietnamese_order_and_by_code_points_when_that_rule_is_named() -> None:
    plot = Plot()
    found = people(
        plot,
        ("a", "Đào An", {}),
        ("b", "Ê Ban", {}),
        ("c", "Dương An", {}),
        ("d", "em", {}),
        ("e", "Zung", {}),
    )
    assert ordered(plot, found, SortKey("cn")) == ["c", "a", "d", "b", "e"]
    for rule in ("caseIgnoreOrderingMatch", "2.5.13.3", "CASEIGNOREORDERINGMATCH"):
        assert ordered(plot, found, SortKey("cn", rule)) == ["c", "d", "e", "b", "a"]
    assert ordered(plot, found, SortKey("cn", "caseExactOrderingMatch")) == ["c", "e", "d", "b", "a"]


def test_an_entry_without_the_attribute_comes_last_and_first_when_reversed() -> None:
    plot = Plot()
    found = people(plot, ("a", "A", {}), ("b", "B", {"title": "Z"}), ("c", "C", {"title": "Y"}))
    assert ordered(plot, found, SortKey("title")) == ["c", "b", "a"]
    assert ordered(plot, found, SortKey("title", reverse=True)) == ["a", "b", "c"]


def test_the_second_key_decides_among_equals_and_the_id_at_last() -> None:
    plot = Plot()
    found = people(
        plot,
        ("a", "Lê Tư", {"title": "x"}),
        ("b", "Lê Ba", {"title": "X"}),
        ("c", "An", {"title": "y"}),
        ("d", "Lê Ba", {"title": "x "}),
    )
    assert ordered(plot, found, SortKey("title"), SortKey("cn")) == ["b", "d", "a", "c"]
    assert ordered(plot, found, SortKey("title"), SortKey("cn", reverse=True)) == ["a", "b", "d", "c"]
    assert ordered(plot, found, SortKey("title", reverse=True), SortKey("cn")) == ["c", "b", "d", "a"]


def test_the_least_of_several_values_counts_also_when_reversed() -> None:
    plot = Plot()
    found = people(plot, ("a", "A", {"mail": ("z@x", "b@x")}), ("b", "B", {"mail": "c@x"}))
    assert ordered(plot, found, SortKey("mail")) == ["a", "b"]
    assert ordered(plot, found, SortKey("mail", reverse=True)) == ["b", "a"]


def test_a_value_that_begins_another_comes_before_it_whatever_the_next_key_says() -> None:
    plot = Plot()
    found = people(plot, ("a", "An Bình", {"title": "a"}), ("b", "An", {"title": "z"}))
    assert ordered(plot, found, SortKey("cn"), SortKey("title")) == ["b", "a"]
    assert ordered(plot, found, SortKey("cn", reverse=True), SortKey("title")) == ["a", "b"]


def test_what_the_caller_may_not_read_does_not_count() -> None:
    plot = Plot()
    found = people(plot, ("a", "A", {"title": "z"}), ("b", "B", {"title": "y"}))
    blind = Grant(AttributeSet(frozenset({"cn"})), AttributeSet(frozenset({"cn", "title"})))
    assert ordered(plot, found, SortKey("title"), grant=blind) == ["a", "b"]
    assert ordered(plot, found, SortKey("title", reverse=True), grant=blind) == ["a", "b"]
    assert ordered(plot, found, SortKey("numSubordinates"), SortKey("title"), grant=blind) == ["a", "b"]


def test_of_a_supertype_only_the_subtypes_that_may_be_read_count() -> None:
    plot = Plot()
    found = people(plot, ("a", "M", {"title": "a"}), ("b", "N", {"title": "z"}))
    blind = Grant(AttributeSet(frozenset({"name", "cn"})))
    assert ordered(plot, found, SortKey("name"), grant=blind) == ["a", "b"]
    seeing = Grant(AttributeSet(frozenset({"name", "title"})))
    assert ordered(plot, found, SortKey("name", reverse=True), grant=seeing) == ["b", "a"]


def test_numbers_times_and_computed_attributes_have_their_order() -> None:
    plot = Plot()
    found = people(
        plot,
        ("a", "A", {"mailQuota": "9", "createTimestamp": "20260302080000Z"}),
        ("b", "B", {"mailQuota": "10", "createTimestamp": "20260302065959-0100"}),
    )
    assert ordered(plot, found, SortKey("mailQuota")) == ["a", "b"]
    assert ordered(plot, found, SortKey("createTimestamp")) == ["b", "a"]
    assert ordered(plot, found, SortKey("numSubordinates"), SortKey("cn", reverse=True)) == ["b", "a"]


def test_an_option_narrows_the_values() -> None:
    plot = Plot()
    found = people(plot, ("a", "A", {"cn__lang_en": "Z"}), ("b", "B", {"cn__lang_en": "Y"}))
    assert ordered(plot, found, SortKey("cn;lang-en")) == ["b", "a"]
    assert ordered(plot, found, SortKey("cn")) == ["a", "b"]


@pytest.mark.parametrize(
    ("keys", "code", "attribute"),
    [
        ((SortKey("cn"), SortKey("nosuch")), ResultCode.NO_SUCH_ATTRIBUTE, "nosuch"),
        ((SortKey("cn", "nosuchMatch"),), ResultCode.INAPPROPRIATE_MATCHING, "cn"),
        ((SortKey("cn", "caseIgnoreMatch"),), ResultCode.INAPPROPRIATE_MATCHING, "cn"),
        ((SortKey("cn", "integerOrderingMatch"),), ResultCode.INAPPROPRIATE_MATCHING, "cn"),
        ((SortKey("member"),), ResultCode.INAPPROPRIATE_MATCHING, "member"),
        ((SortKey("objectClass"),), ResultCode.INAPPROPRIATE_MATCHING, "objectClass"),
        ((SortKey("jpegPhoto"),), ResultCode.INAPPROPRIATE_MATCHING, "jpegPhoto"),
        ((SortKey("cn"), SortKey("CommonName", reverse=True)), ResultCode.UNWILLING_TO_PERFORM, "CommonName"),
    ],
)
def test_what_cannot_be_sorted_by_is_named(
    keys: tuple[SortKey, ...], code: ResultCode, attribute: str
) -> None:
    with pytest.raises(Unsortable) as refusal:
        Order(keys, Plot().image)
    assert (refusal.value.code, refusal.value.attribute) == (code, attribute)


def test_a_target_stands_before_its_equals_and_behind_what_is_less() -> None:
    plot = Plot()
    ban, can = people(plot, ("b", "Ban", {}), ("c", "Can", {}))
    order = Order((SortKey("cn"), SortKey("uid")), plot.image)
    assert order.key(ban, EVERYTHING) < order.target(b"can") < order.key(can, EVERYTHING)
    back = Order((SortKey("cn", reverse=True),), plot.image)
    assert back.target(b"Can") < back.key(can, EVERYTHING) < back.target(b"BAN") < back.key(ban, EVERYTHING)
    with pytest.raises(InvalidValue):
        Order((SortKey("mailQuota"),), plot.image).target(b"many")


def test_a_key_is_bounded_and_tells_whose_it_is() -> None:
    plot = Plot()
    (long,) = people(plot, ("a", "A", {"description": "\u0110" * 5000}))
    key = Order((SortKey("description"),), plot.image).key(long, EVERYTHING)
    assert len(key) < 2 * MAX_KEY_OCTETS + 20
    assert id_of(key) == long.id


_words = st.text("ab \u0111\u00ea", max_size=4).filter(str.strip)


@given(st.lists(st.tuples(_words, st.none() | _words), min_size=2, max_size=6), st.booleans(), st.booleans())
def test_octets_are_in_the_order_of_the_keys(
    given_values: list[tuple[str, str | None]], first: bool, second: bool
) -> None:
    plot = Plot()
    records = [
        plot.put(f"uid=u{number}", person(f"u{number}", name) | ({"title": title} if title else {}))
        for number, (name, title) in enumerate(given_values)
    ]
    by = (SortKey("cn", "caseIgnoreOrderingMatch", first), SortKey("title", "2.5.13.3", second))
    order = Order(by, plot.image)
    rule = plot.image.vocabulary.schema.find_matching_rule("caseIgnoreOrderingMatch")
    assert rule is not None

    expected = sorted(records, key=lambda one: one.id)
    for attribute, reverse in (("title", second), ("cn", first)):
        keyed = {one: min(map(rule.key, one.values(attribute)), default=b"\xff") for one in records}
        expected.sort(key=keyed.__getitem__, reverse=reverse)
    assert sorted(records, key=lambda one: order.key(one, EVERYTHING)) == expected
