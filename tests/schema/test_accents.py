"""Names are found with their accents, without, and with some of them; never by accents they do not have."""

from __future__ import annotations

from time import process_time
from unicodedata import normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from govdir.schema.accents import MOST_LETTERS, Wanted, bare, matches_substrings
from govdir.schema.registry import load_schema

RULE = load_schema().find_matching_rule("caseIgnoreSubstringsMatch")
assert RULE is not None

TEXT = st.text("aàăằâấ eêệ oòôồơờ uúưứy dđ hnq\u0301\u0306-", max_size=8)
PIECES = st.text("aàăâấ eêệ oòôơ uúưy dđ hnq\u0301\u0306", min_size=1, max_size=4)


def contains(value: str, piece: str) -> bool:
    assert RULE is not None
    return Wanted((None, (RULE.any(piece.encode()),), None)).matches(RULE.key(value.encode()))


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        ("Nguyễn Thị Hồng Đào", "nguyen thi hong dao"),
        ("Nguyễn Thị Hồng Đào", "NGUYỄN THỊ"),
        ("Nguyễn Thị Hồng Đào", "đào"),
        ("Nguyễn Thị Hồng Đào", "Đao"),
        ("Nguyễn Thị Hồng Đào", "nguyên"),
        ("Nguyễn Thị Hồng Đào", "Nguyễn thi"),
        ("Nguyễn Thị Hồng Đào", "uyê"),
        ("Ưng Ơ Ăn Ân", "ung o an an"),
        ("Hoà", "hòa"),
        ("Hòa", "hoà"),
        ("Hoà", "hò"),
        ("Hòa", "oà"),
        ("Thuý", "thúy"),
        ("Thúy", "thuý"),
        ("Thuỷ", "thủy"),
        ("Nguyễn Thị Uỷ", "ủy"),
        ("Khỏe", "khoẻ"),
        ("Quý", "qúy"),
        ("Ngô Loan", "loan"),
        ("Y Ê̆ Niê", "ê̆"),
        ("Y Ƀlo", "y blo"),
        ("Ðặng", "đặng"),
    ],
)
def test_it_is_found(value: str, typed: str) -> None:
    for form in ("NFC", "NFD"):
        assert contains(normalize(form, value), typed)
        assert contains(value, normalize(form, typed))


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        ("Nguyên", "nguyễn"),
        ("Dào", "đào"),
        ("Đáo", "đào"),
        ("Hoa", "hòa"),
        ("Hoá", "hòa"),
        ("Thuỵ", "thúy"),
        ("Thi", "thị"),
        ("Lê", "lệ"),
        ("Hoàn", "hóan"),
        ("Tuấn", "tuân tú"),
        ("Nguyen", "nguyễn"),
        ("Nguyễn", "nguyeenx"),
        ("Nguyễn", "nguyeen"),
    ],
)
def test_it_is_not_found(value: str, typed: str) -> None:
    assert not contains(value, typed)


@given(TEXT, st.none() | PIECES, st.lists(PIECES, max_size=2), st.none() | PIECES)
@example("òe", None, ["ò", "e"], None)
@example("òá", None, ["òá"], None)
@example("e\u0306", None, ["e", "\u0306"], None)
def test_what_the_standard_finds_is_found(
    value: str, initial: str | None, middle: list[str], final: str | None
) -> None:
    assert RULE is not None
    parts = (
        None if initial is None else RULE.initial(initial.encode()),
        tuple(RULE.any(piece.encode()) for piece in middle),
        None if final is None else RULE.final(final.encode()),
    )
    if parts == (None, (), None):
        return
    key = RULE.key(value.encode())
    if matches_substrings(key, *parts):
        assert Wanted(parts).matches(key)


@given(TEXT)
def test_what_is_typed_without_accents_finds_what_has_any(value: str) -> None:
    assert RULE is not None
    key = RULE.key(value.encode())
    plain = bare(key)
    assert plain.isascii()
    assert bare(plain) == plain
    assert Wanted((None, (plain,), None)).matches(key)


def test_letters_of_other_scripts_stay_letters() -> None:
    assert contains("Иванов Йосиф", "йосиф")
    assert contains("Иванов Йосиф", "иосиф")
    assert not contains("Иванов", "петров")


def test_a_long_value_is_refused_in_time_that_grows_with_its_length() -> None:
    assert not contains("ỏa\u0301" * 20_000, "ỏaỏaỏaỏx")


def test_letters_of_other_scripts_are_found_whatever_marks_they_have_beside_marked_ones() -> None:
    assert contains("Йосиф Đào", "иосиф đ")
    assert not contains("Иосиф Đào", "йосиф đ")


def test_what_is_longer_than_anybody_types_is_compared_with_its_accents() -> None:
    name = "Sở Nông nghiệp và Môi trường " * (MOST_LETTERS // 10)
    assert contains(name, name)
    assert not contains(name, name.replace("ở", "o", 1))
    assert not contains(name.replace("ở", "o", 1), name)


def test_a_filter_of_any_length_stops_nobody_else() -> None:
    """Patterns of sets of letters took twenty seconds to make for so many."""
    piece = ("hòanguyễn đ" * 6000).encode()
    began = process_time()
    assert not Wanted((None, (piece,), None)).matches(piece[3:])
    many = [Wanted((None, (f"ễ{number}".encode(),), None)) for number in range(2000)]
    assert not any(wanted.matches(b"e1") for wanted in many)
    assert process_time() - began < 1
