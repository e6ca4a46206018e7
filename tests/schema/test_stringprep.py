"""String preparation (RFC 4518)."""

from __future__ import annotations

import sys
from contextlib import suppress
from unicodedata import category, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.schema import stringprep
from govdir.schema.errors import InvalidValue
from govdir.schema.stringprep import case_exact, case_ignore, numeric_string, telephone_number

NAMES = (
    "Nguyễn Văn Minh",
    "TRẦN THỊ HƯƠNG",
    "Đặng Ngọc Ánh",
    "Y Ngông Niê Kđăm",
    "H’Nghia Êban",
    "Ƀuôn Rĭt ê̆ ơ̆ ư̆",
    "Sở Thông tin và Truyền thông",
)

comparable = st.text(st.characters(exclude_categories=["Cs", "Co", "Cn"], exclude_characters="\ufffd"))


@pytest.mark.parametrize("name", NAMES)
def test_vietnamese_compares_equal_in_nfc_nfd_and_any_case(name: str) -> None:
    forms = {
        case_ignore(normalize(form, cased).encode())
        for form in ("NFC", "NFD")
        for cased in (name, name.upper(), name.lower(), name.title())
    }

    assert len(forms) == 1


def test_different_tone_marks_stay_different() -> None:
    assert len({case_ignore(text.encode()) for text in ("hòa", "hoà", "hoa", "hóa", "đ", "d")}) == 6


def test_a_value_starts_and_ends_with_one_space_and_has_two_between_words() -> None:
    assert case_ignore(b"  foo\t bar  ") == b" foo  bar "
    assert case_ignore("  đỗ\u3000\u00a0bá ".encode()) == " đỗ  bá ".encode()


@pytest.mark.parametrize("value", [b"", b" ", b" \t ", "\u00a0\u3000".encode(), "\u00ad".encode(), b"\x01"])
def test_a_value_of_spaces_or_nothing_is_two_spaces(value: bytes) -> None:
    assert case_ignore(value) == b"  "
    assert case_exact(value) == b"  "


def test_control_and_invisible_characters_are_mapped_to_nothing() -> None:
    assert case_ignore(b"a\x00b\x1fc\x7f") == b" abc "
    assert case_ignore("a\u200bb\u00adc\ufeffd\ufe0f".encode()) == b" abcd "


def test_line_ends_are_spaces() -> None:
    assert case_ignore(b"a\r\nb") == case_ignore("a\u0085\u2028b".encode()) == b" a  b "


def test_compatibility_forms_compare_equal() -> None:
    # ﬁ folds to two letters, the Kelvin sign to k, full-width letters to ASCII.
    assert case_ignore("ﬁ K Ａ".encode()) == b" fi  k  a "


def test_a_compatibility_form_that_is_a_capital_is_folded_too() -> None:
    assert case_ignore("𝐀".encode()) == case_ignore(b"a")


def test_a_space_that_carries_a_mark_is_significant() -> None:
    # U+00B4 is a space with an acute by NFKC.
    assert case_ignore("h´nghia".encode()) == "h \u0301nghia".encode().join((b" ", b" "))
    assert case_ignore(" \u0301".encode()) != case_ignore(b" ")


@pytest.mark.parametrize("text", ["\ue000", "\ufffd", "\U000f0000", "\ufdd0", "\u0378"])
def test_private_unassigned_and_replacement_characters_are_prohibited(text: str) -> None:
    with pytest.raises(InvalidValue, match="prohibited"):
        case_ignore(f"a{text}".encode())


@pytest.mark.parametrize("prepare", [case_ignore, case_exact, telephone_number])
@pytest.mark.parametrize("value", [b"\xff", b"caf\xe9", b"\xed\xa0\x80", b"\xc0\x80"])
def test_what_is_not_utf_8_is_refused(prepare: stringprep.Preparation, value: bytes) -> None:
    with pytest.raises(InvalidValue, match="UTF-8"):
        prepare(value)


def test_case_exact_keeps_case() -> None:
    assert case_exact("  Nguyễn  VĂN".encode()) == " Nguyễn  VĂN ".encode()


def test_pieces_keep_the_spaces_that_touch_them() -> None:
    initial, inner, final = (
        make(fold=True) for make in (stringprep.initial_piece, stringprep.any_piece, stringprep.final_piece)
    )

    assert initial(b"  Foo bar ") == b" foo  bar "
    assert initial(b"Foo") == b" foo"
    assert inner(b"Foo") == b"foo"
    assert inner(b"  Foo ") == b" foo "
    assert final(b"Foo") == b"foo "
    assert final(b"  Foo") == b" foo "
    assert initial(b" ") == inner(b"   ") == final(b"\t") == b" "


def test_the_short_way_for_ordinary_letters_gives_what_the_long_way_gives() -> None:
    # The long way is forced by a character that is mapped to nothing.
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if stringprep._ORDINARY.fullmatch(character) and category(character) != "Cn":
            short, long = f"x{character}y", f"x{character}\u200by"
            assert case_ignore(short.encode()) == case_ignore(long.encode()), hex(code)
            assert case_exact(short.encode()) == case_exact(long.encode()), hex(code)


@given(st.text(st.characters(max_codepoint=0x7F)))
def test_the_ascii_way_gives_what_the_unicode_way_gives(text: str) -> None:
    assert case_ignore(text.encode()) == case_ignore(text.encode() + "\u200b".encode())
    assert case_exact(text.encode()) == case_exact(text.encode() + "\u200b".encode())


@given(comparable.filter(lambda text: not any(category(character)[0] == "M" for character in text)))
def test_preparation_is_idempotent(text: str) -> None:
    prepared = case_ignore(text.encode())

    assert case_ignore(prepared) == prepared


@given(comparable)
def test_canonically_equivalent_texts_have_one_key(text: str) -> None:
    assert case_ignore(normalize("NFD", text).encode()) == case_ignore(normalize("NFC", text).encode())


@given(st.binary())
def test_any_octets_give_a_key_or_invalid_value(value: bytes) -> None:
    for prepare in (case_ignore, case_exact, telephone_number, numeric_string):
        with suppress(InvalidValue):
            assert isinstance(prepare(value), bytes)


def test_spaces_and_hyphens_of_telephone_numbers_do_not_matter() -> None:
    forms = ("+84 292 3820-000", "+842923820000", "+84\u2010292\u00a03820\u22120 00")

    assert {telephone_number(form.encode()) for form in forms} == {b"+842923820000"}


def test_spaces_of_numeric_strings_do_not_matter_and_letters_are_refused() -> None:
    assert numeric_string(b" 12 34") == b"1234"
    with pytest.raises(InvalidValue):
        numeric_string(b"12a")
