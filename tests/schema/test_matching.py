"""Matching rules (RFC 4517 §4.2)."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.schema.errors import InvalidValue
from govdir.schema.matching import MatchingRule, integer_key
from govdir.schema.registry import load_schema
from govdir.schema.syntaxes import MAX_INTEGER_DIGITS

SCHEMA = load_schema()
OCTET_RULES = {"octetStringMatch", "octetStringOrderingMatch", "octetStringSubstringsMatch"}


def rule(name: str) -> MatchingRule:
    found = SCHEMA.find_matching_rule(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("caseIgnoreMatch", "Sở Nội vụ", " SỞ  NỘI VỤ "),
        ("caseIgnoreIA5Match", "NVMinh@CanTho.gov.vn", "nvminh@cantho.gov.vn"),
        ("caseIgnoreListMatch", "2 Hòa Bình$Ninh  Kiều", "2 HÒA BÌNH$ninh kiều"),
        ("caseIgnoreListMatch", r"a\24b\5Cc", r"A\24B\5cC"),
        ("distinguishedNameMatch", "UID=a, DC=vn", "uid=A,dc=VN"),
        ("uniqueMemberMatch", "uid=a,dc=vn#'01'B", "uid=A, dc=vn#'01'B"),
        ("objectIdentifierMatch", "inetOrgPerson", "2.16.840.1.113730.3.2.2"),
        ("objectIdentifierMatch", "SURNAME", "sn"),
        ("objectIdentifierFirstComponentMatch", "( 2.5.4.3 NAME 'cn' )", "commonName"),
        ("integerFirstComponentMatch", "( 7 FORM x )", "7"),
        ("directoryStringFirstComponentMatch", "(a b)", "A"),
        ("generalizedTimeMatch", "20150701000000+0700", "201506301700Z"),
        ("telephoneNumberMatch", "+84 292-382", "+84292382"),
        ("numericStringMatch", "12 34", "1234"),
        ("booleanMatch", "TRUE", "true"),
        ("uuidMatch", "597AE2F6-16A6-1027-98F4-D28B5365DC14", "597ae2f6-16a6-1027-98f4-d28b5365dc14"),
        (
            "CSNMatch",
            "20150630170000.000001Z#00000A#000#000000",
            "20150630170000.000001Z#00000a#000#000000",
        ),
    ],
)
def test_equal_values_have_equal_keys(name: str, one: str, other: str) -> None:
    assert rule(name).key(one.encode()) == rule(name).key(other.encode())


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("caseExactMatch", "Minh", "minh"),
        ("caseExactIA5Match", "/srv/A", "/srv/a"),
        ("caseIgnoreMatch", "Nội vụ", "Ngoại vụ"),
        ("caseIgnoreMatch", "a b", "ab"),
        ("caseIgnoreListMatch", "a$b", "a b"),
        ("caseIgnoreListMatch", r"a\24b", "a$b"),
        ("uniqueMemberMatch", "uid=a,dc=vn#'01'B", "uid=a,dc=vn"),
        ("bitStringMatch", "'01'B", "'010'B"),
        ("octetStringMatch", "a", "A"),
        ("certificateExactMatch", "0a", "0b"),
        ("booleanMatch", "TRUE", "FALSE"),
    ],
)
def test_different_values_have_different_keys(name: str, one: str, other: str) -> None:
    assert rule(name).key(one.encode()) != rule(name).key(other.encode())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("caseIgnoreMatch", b"\xff"),
        ("caseIgnoreIA5Match", "cần".encode()),
        ("caseExactIA5Match", "cần".encode()),
        ("distinguishedNameMatch", b"nosuch=a"),
        ("distinguishedNameMatch", b"\xff"),
        ("objectIdentifierMatch", b"nosuch"),
        ("objectIdentifierMatch", b""),
        ("objectIdentifierMatch", b"\xff"),
        ("objectIdentifierFirstComponentMatch", b"("),
        ("integerMatch", b"007"),
        ("integerMatch", b"-0"),
        ("integerMatch", b""),
        ("integerMatch", b"1" * (MAX_INTEGER_DIGITS + 1)),
        ("booleanMatch", b"yes"),
        ("bitStringMatch", b"01"),
        ("bitStringMatch", b"'"),
        ("bitStringMatch", b"'B"),
        ("uuidMatch", b"597ae2f616a6102798f4d28b5365dc14"),
        ("uuidMatch", b"597ae2f6-16a6-1027-98f4-d28b5365dc1g"),
        ("generalizedTimeMatch", b"today"),
        ("certificateExactMatch", b"{ serialNumber 1 }"),
        ("caseIgnoreListMatch", rb"a\b"),
    ],
)
def test_values_that_cannot_be_compared_are_refused(name: str, value: bytes) -> None:
    with pytest.raises(InvalidValue):
        rule(name).key(value)


@given(st.integers(), st.integers())
def test_integer_keys_are_ordered_as_the_integers_are(one: int, other: int) -> None:
    keys = integer_key(str(one).encode()), integer_key(str(other).encode())

    assert (keys[0] < keys[1]) == (one < other)
    assert (keys[0] == keys[1]) == (one == other)


@pytest.mark.parametrize("number", [0, -1, 1, 255, 256, -255, -256, -257, 2**64])
def test_neighbouring_integers_are_in_order_where_their_length_changes(number: int) -> None:
    keys = [integer_key(str(number + step).encode()) for step in (-1, 0, 1)]

    assert keys == sorted(set(keys))


def test_the_largest_integer_and_its_negative_have_keys() -> None:
    digits = "9" * MAX_INTEGER_DIGITS

    assert integer_key(f"-{digits}".encode()) < integer_key(b"0") < integer_key(digits.encode())


@given(st.uuids(), st.uuids())
def test_uuids_are_ordered_as_octets(one: UUID, other: UUID) -> None:
    keys = [rule("uuidOrderingMatch").key(str(uuid).encode()) for uuid in (one, other)]

    assert (keys[0] < keys[1]) == (one.bytes < other.bytes)


def test_ordering_by_case_ignore_follows_the_folded_text() -> None:
    key = rule("caseIgnoreOrderingMatch").key

    assert key(b"an") < key(b"Ba") < key(b"binh") < key("Đỗ".encode())


def matches(name: str, value: str, initial: str | None, inner: list[str], final: str | None) -> bool:
    """Substring matching as the documentation of keys describes it."""
    substrings = rule(name)
    key, position = substrings.key(value.encode()), 0
    end = len(key)
    if initial is not None:
        piece = substrings.initial(initial.encode())
        if not key.startswith(piece):
            return False
        position = len(piece)
    if final is not None:
        piece = substrings.final(final.encode())
        if not key.endswith(piece):
            return False
        end -= len(piece)
    for part in inner:
        piece = substrings.any(part.encode())
        found = key.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return position <= end


@pytest.mark.parametrize(
    ("value", "initial", "inner", "final", "expected"),
    [
        ("Nguyễn Văn Minh", "nguyễn", [], None, True),
        ("Nguyễn Văn Minh", "NGUYỄN  V", [], None, True),
        ("Nguyễn Văn Minh", None, ["văn"], None, True),
        ("Nguyễn Văn Minh", None, [" văn "], None, True),
        ("Nguyễn Văn Minh", None, [" ă"], None, False),
        ("Nguyễn Văn Minh", None, [], "minh", True),
        ("Nguyễn Văn Minh", "nguyễn", ["văn"], "minh", True),
        ("Nguyễn Văn Minh", "minh", [], None, False),
        ("Nguyễn Văn Minh", None, ["minh", "văn"], None, False),
        ("abab", "ab", [], "ab", True),
        ("aba", "ab", [], "ba", False),
        ("abcab", "a", ["b", "b", "b"], None, False),
        ("foo", None, [" "], None, True),
        ("a b", None, ["a ", " b"], None, True),
    ],
)
def test_substrings_of_prepared_strings(
    value: str, initial: str | None, inner: list[str], final: str | None, expected: bool
) -> None:
    assert matches("caseIgnoreSubstringsMatch", value, initial, inner, final) is expected


@given(st.lists(st.sampled_from(["a", "B", " ", "đ", "é", "e\u0301"])).map("".join), st.data())
def test_a_value_matches_what_it_was_cut_into_at_words(text: str, data: st.DataObject) -> None:
    words = text.split()
    if len(words) < 3:
        return
    cut = data.draw(st.integers(1, len(words) - 2))
    before, between, after = " ".join(words[:cut]), words[cut], " ".join(words[cut + 1 :])

    assert matches("caseIgnoreSubstringsMatch", text, before, [between], after)


@pytest.mark.parametrize(
    ("name", "value", "inner"),
    [
        ("telephoneNumberSubstringsMatch", "+84 292 3820-000", "23820"),
        ("numericStringSubstringsMatch", "12 34 56", "3 4 5"),
        ("caseIgnoreIA5SubstringsMatch", "NVMinh@cantho.gov.vn", "minh@"),
        ("caseIgnoreListSubstringsMatch", "2 Hòa Bình$Ninh Kiều", "hòa bình"),
        ("caseExactIA5SubstringsMatch", "/srv/mail", "/mail"),
        ("octetStringSubstringsMatch", "abc", "b"),
    ],
)
def test_other_substring_rules_find_inner_pieces(name: str, value: str, inner: str) -> None:
    assert matches(name, value, None, [inner], None)


def test_a_piece_does_not_reach_over_the_end_of_a_line() -> None:
    assert not matches("caseIgnoreListSubstringsMatch", "Hòa$Bình", None, ["hòa bình"], None)


def test_rules_that_compare_no_substrings_refuse_pieces() -> None:
    for name in ("caseIgnoreMatch", "integerMatch", "distinguishedNameMatch"):
        assert not rule(name).is_substrings_rule
        with pytest.raises(InvalidValue, match="no substrings"):
            rule(name).any(b"1")


@given(st.binary(max_size=40))
def test_any_octets_give_a_key_or_invalid_value(value: bytes) -> None:
    for text in SCHEMA.subschema_values()["matchingRules"]:
        found = SCHEMA.find_matching_rule(text.split()[1])
        assert found is not None
        for function in (found.key, found.initial, found.any, found.final):
            try:
                assert isinstance(function(value), bytes)
            except InvalidValue:
                assert found.name not in OCTET_RULES or function is not found.key
