"""Text from before Unicode: every letter, whole columns, and what a column cannot tell."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.mailattrs.addresses import Proposal, propose_address
from govdir.mailattrs.legacy_tables import TCVN3, VNI
from govdir.mailattrs.legacy_text import TextEncoding, convert, evidence_of_font, in_name_case, vote
from govdir.mailattrs.names import InvalidPersonName, split
from govdir.mailattrs.syllables import is_syllable
from govdir.policy.load import load_province
from govdir.policy.model import MailboxKind
from govdir.sample.names import draw_names
from tests.mailattrs import legacy_writing as old

NAMES = [name.written for name in draw_names(Random(2015), 3000, (), {"kinh_nam": 1})]
MINH = "Nguyễn Văn Minh"
LETTERS = [
    unicodedata.normalize("NFC", base + tone) for base in "aăâeêioôơuưy" for tone in ("", *old.TONES)
] + ["đ"]

Writer = Callable[[str], str]
WRITERS: dict[TextEncoding, Writer] = {
    TextEncoding.UNICODE: str,
    TextEncoding.TCVN3: old.as_tcvn3,
    TextEncoding.VNI: old.as_vni,
    TextEncoding.CP1258: old.as_cp1258_read_as_windows,
    TextEncoding.MOJIBAKE: old.as_mojibake,
    TextEncoding.TCVN3_AS_CP1258: old.as_tcvn3_in_cp1258,
}


def test_the_table_of_tcvn3_has_its_89_letters() -> None:
    assert len(TCVN3) == 89
    assert set(TCVN3) == set(map(chr, (*range(0xA1, 0xB0), *range(0xB5, 0xFF))))
    assert len(set(TCVN3.values())) == 89
    assert TCVN3["\u00ad"] == "ư"
    small = {letter for letter in LETTERS if not letter.isascii()}
    assert {letter for letter in TCVN3.values() if letter.islower()} == small


def test_the_table_of_vni_has_134_letters() -> None:
    accented = [letter for letter in LETTERS if not letter.isascii()]
    assert set(VNI.values()) == {*accented, *(letter.upper() for letter in accented)}
    assert len(set(VNI.values())) == 134


@pytest.mark.parametrize("letter", [*LETTERS, *(letter.upper() for letter in LETTERS)])
def test_every_letter_of_vni_comes_back_in_both_cases(letter: str) -> None:
    assert convert(old.as_vni(letter), TextEncoding.VNI) == letter
    assert convert(old.as_vni(letter, small_marks=True), TextEncoding.VNI) == letter


@pytest.mark.parametrize("letter", LETTERS)
def test_every_small_letter_of_tcvn3_comes_back(letter: str) -> None:
    assert convert(old.as_tcvn3(letter), TextEncoding.TCVN3) == letter


@pytest.mark.parametrize(
    ("written", "encoding", "name"),
    [
        ("NguyÔn V¨n Minh", TextEncoding.TCVN3, MINH),
        ("§Æng ThÞ Ph­¬ng", TextEncoding.TCVN3, "Đặng Thị Phương"),
        ("Nguyeãn Vaên Minh", TextEncoding.VNI, MINH),
        ("Ñaëng Thò Phöông", TextEncoding.VNI, "Đặng Thị Phương"),
        ("Nguyá»…n VÄƒn Minh", TextEncoding.MOJIBAKE, MINH),
        ("Ðặng Thị Phương", TextEncoding.UNICODE, "Đặng Thị Phương"),
        ("NguyêÞn Vãn Minh", TextEncoding.CP1258, MINH),
        (unicodedata.normalize("NFD", MINH), TextEncoding.UNICODE, MINH),
    ],
)
def test_one_clear_name_is_recognised_and_comes_out_in_nfc(
    written: str, encoding: TextEncoding, name: str
) -> None:
    verdict = vote([written])

    assert (verdict.encoding, verdict.sure) == (encoding, True)
    assert convert(written, encoding) == name


@pytest.mark.parametrize(
    "written", [unicodedata.normalize("NFD", MINH), "NguyÔn V¨n Minh", "Nguyeãn Vaên Minh"]
)
def test_case_29_however_it_is_written_it_is_one_person_with_one_address(written: str) -> None:
    name = convert(written, vote([written]).encoding)

    assert split(name).key == split(MINH).key == "nguyen van minh"
    proposal = propose_address(load_province("cantho"), MailboxKind.PERSON, name)
    assert isinstance(proposal, Proposal)
    assert proposal.address == "nvminh@cantho.gov.vn"


@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4), st.sampled_from(TextEncoding))
def test_every_name_comes_back_from_every_encoding(names: list[str], encoding: TextEncoding) -> None:
    for name in names:
        back = convert(WRITERS[encoding](name), encoding)
        assert in_name_case(back).casefold() == name.casefold()
        if encoding is not TextEncoding.TCVN3 and encoding is not TextEncoding.TCVN3_AS_CP1258:
            assert back == name


@pytest.mark.parametrize("encoding", TextEncoding)
def test_a_column_of_ten_names_is_never_taken_for_another(encoding: TextEncoding) -> None:
    random = Random(10)
    for _ in range(300):
        column = [WRITERS[encoding](name) for name in random.sample(NAMES, 10)]
        verdict = vote(column)
        assert verdict.sure
        assert [convert(cell, verdict.encoding) for cell in column] == [
            convert(cell, encoding) for cell in column
        ]


@pytest.mark.parametrize(
    "encoding", [each for each in TextEncoding if each is not TextEncoding.TCVN3_AS_CP1258]
)
def test_a_single_name_may_be_doubtful_but_is_never_surely_wrong(encoding: TextEncoding) -> None:
    for name in NAMES[:600]:
        cell = WRITERS[encoding](name)
        verdict = vote([cell])
        assert not verdict.sure or convert(cell, verdict.encoding) == convert(cell, encoding)


@pytest.mark.parametrize("cell", ["Dòng", "Hoà", "Hà"])
def test_a_word_that_two_encodings_know_is_left_to_a_person(cell: str) -> None:
    assert not vote([cell]).sure


def test_plain_letters_are_plain_in_every_encoding() -> None:
    assert vote(["Nam", "Minh Long", ""]).sure
    assert vote([]).sure


def test_a_column_of_two_encodings_is_told_with_the_rows_that_differ() -> None:
    column = [*NAMES[:8], *map(old.as_tcvn3, ["Nguyễn Văn Minh", "Trần Thị Phương"])]

    verdict = vote(column)

    assert (verdict.encoding, verdict.sure) == (TextEncoding.UNICODE, False)
    assert verdict.against == (8, 9)


def test_names_of_other_peoples_in_unicode_stay_as_they_are() -> None:
    column = ["Y Ngông Niê Kđăm", "H'Nghia Êban", "H’Blum Buôn Yă", "Y Bhĭm Êñuôl", "Y Krang", "H'Mơ̆ Kmăn"]

    verdict = vote(column)

    assert (verdict.encoding, verdict.sure) == (TextEncoding.UNICODE, True)
    assert [convert(cell, verdict.encoding) for cell in column] == column


@pytest.mark.parametrize("people", ["ede", "mnong", "giarai", "stieng"])
def test_columns_of_such_names_are_unicode(people: str) -> None:
    names = [name.written for name in draw_names(Random(4), 40, (), {people: 1})]
    for start in range(0, 40, 10):
        verdict = vote(names[start : start + 10])
        assert verdict.encoding is TextEncoding.UNICODE
        assert verdict.sure


@pytest.mark.parametrize("character", "{}\\^#")
def test_letters_of_ede_fonts_are_flagged_for_a_person_to_type_again(character: str) -> None:
    with pytest.raises(InvalidPersonName, match="old font"):
        split(f"H'Bia {character}uôn")


@pytest.mark.parametrize(
    ("font", "encoding", "capitals"),
    [
        (".VnTime", TextEncoding.TCVN3, False),
        (".VnTimeH", TextEncoding.TCVN3, True),
        (".VnArial NarrowH", TextEncoding.TCVN3, True),
        ("VNI-Times", TextEncoding.VNI, False),
    ],
)
def test_old_fonts_tell_their_encoding(font: str, encoding: TextEncoding, *, capitals: bool) -> None:
    evidence = evidence_of_font(font)

    assert evidence is not None
    assert (evidence.encoding, evidence.capitals) == (encoding, capitals)


@pytest.mark.parametrize("font", ["Times New Roman", "", None, "Verdana"])
def test_other_fonts_tell_nothing(font: str | None) -> None:
    assert evidence_of_font(font) is None


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("NGUYỄN VĂN MINH", MINH),
        ("H'NGHIA ÊBAN", "H'Nghia Êban"),
        (convert("NGUYÔN V¡N MINH", TextEncoding.TCVN3), MINH),
        ("Lê Hà", "Lê Hà"),
        ("Y Ngông", "Y Ngông"),
        ("Công Tằng Tôn Nữ", "Công Tằng Tôn Nữ"),
    ],
)
def test_a_name_in_capitals_becomes_a_name(written: str, name: str) -> None:
    assert in_name_case(written) == name


@given(st.text(max_size=60), st.sampled_from(TextEncoding))
def test_any_text_is_converted_to_some_text(text: str, encoding: TextEncoding) -> None:
    converted = convert(text, encoding)

    assert unicodedata.is_normalized("NFC", converted)
    vote([text, converted])


@pytest.mark.parametrize(
    "word", ["nghiêng", "Quỳnh", "gì", "giếng", "khuya", "Thuý", "Uyên", "hoạch", "Ý", "xoong"]
)
def test_syllables(word: str) -> None:
    assert is_syllable(word)
    assert is_syllable(unicodedata.normalize("NFD", word))


@pytest.mark.parametrize(
    "word", ["Nguyeãn", "V¨n", "Thò1", "cê", "kà", "ngê", "ghà", "tích̉", "cac", "Kđăm", "zào", "th"]
)
def test_what_is_no_syllable(word: str) -> None:
    assert not is_syllable(word)


def test_no_sample_name_is_misspelt() -> None:
    assert [word for name in NAMES for word in name.split() if not is_syllable(word)] == []
