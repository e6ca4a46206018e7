"""Names as people in Vietnam write them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.mailattrs.names import InvalidPersonName, read, split

SYLLABLES = (
    "Nguyễn",
    "Trần",
    "Văn",
    "Thị",
    "Thùy",
    "Đặng",
    "Kdăm",
    "Minh",
    "Hương",
    "Ƀuôn",
    "Kê̆",
    "Tôn",
    "Nữ",
    "Âu",
)
names = st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=6).map(" ".join)


@pytest.mark.parametrize(
    ("text", "surname", "middle", "given_name"),
    [
        ("Nguyễn Văn Minh", "Nguyễn", "Văn", "Minh"),
        ("  Lê   Thị Thanh  Hương ", "Lê", "Thị Thanh", "Hương"),
        ("Trần Nam", "Trần", "", "Nam"),
        ("Krang", "", "", "Krang"),
        ("Tôn Nữ Thị Ninh", "Tôn Nữ", "Thị", "Ninh"),
        ("Công Tằng Tôn Nữ Thị Hoa", "Công Tằng Tôn Nữ", "Thị", "Hoa"),
        ("Tôn Thất Tùng", "Tôn Thất", "", "Tùng"),
        ("Tôn Thất", "Tôn", "", "Thất"),
        ("Nguyễn-Phước Bảo Long", "Nguyễn-Phước", "Bảo", "Long"),
        ("Y Ngông Niê Kdăm", "Niê Kdăm", "Y", "Ngông"),
        ("H'Nghia Êban", "Êban", "H'", "Nghia"),
        ("H’ Nghia Êban", "Êban", "H'", "Nghia"),
        ("H Nghia Êban", "Êban", "H", "Nghia"),
        ("H'Blum Buôn Yă", "Buôn Yă", "H'", "Blum"),
        ("Y Krang", "", "Y", "Krang"),
        ("K'Brể", "", "K'", "Brể"),
        ("Ka Tuyền", "", "Ka", "Tuyền"),
        ("Điểu K'Nam", "Điểu", "", "K'Nam"),
        ("Điểu Krang", "Điểu", "", "Krang"),
        ("Nay Phin", "Nay", "", "Phin"),
        ("Ksor Phước", "Ksor", "", "Phước"),
        ("Kpă Y Nun", "Kpă", "Y", "Nun"),
        ("Siu H'Blé", "Siu", "H'", "Blé"),
        ("Siu H Blé", "Siu", "H", "Blé"),
        ("R'com Hương", "R'com", "", "Hương"),
        ("Rchom H’Yéo", "Rchom", "H'", "Yéo"),
        ("Cil Ha Bụt", "Cil", "Ha", "Bụt"),
        ("Ɖặng Văn A", "Đặng", "Văn", "A"),
        ("Nguyễn Văn Đ", "Nguyễn", "Văn", "Đ"),
        ("Thị Mai", "Thị", "", "Mai"),
        ("Ðặng Văn A", "Đặng", "Văn", "A"),
    ],
)
def test_a_name_falls_into_its_parts(text: str, surname: str, middle: str, given_name: str) -> None:
    name = split(text)

    assert (name.surname, name.middle, name.given) == (surname, middle, given_name)


def test_the_three_spellings_of_a_marker_are_one_person() -> None:
    written = ("H{}Nghia Êban", "H{} Nghia Êban")
    keys = {split(text.format(mark)).key for text in written for mark in "'’‘ʼʻ`´＇"}
    keys.add(split("H Nghia Êban").key)

    assert keys == {"h nghia eban"}


@pytest.mark.parametrize("text", ["H'Hen Niê", "H' Hen Niê", "H Hen Niê", "K'Brể"])
def test_a_marker_stays_as_it_was_written(text: str) -> None:
    assert split(text).written == text
    assert read(text, "Niê", None, None).written == text


def test_a_name_of_parts_alone_keeps_a_marker_as_written() -> None:
    assert split("", surname="Niê", given="H'Hen").written == "Niê H'Hen"


def test_explicit_parts_go_before_the_split() -> None:
    name = split("Hoàng Phủ Ngọc Tường", surname="Hoàng", middle="Phủ Ngọc")

    assert (name.surname, name.middle, name.given) == ("Hoàng", "Phủ Ngọc", "Tường")


def test_an_explicit_surname_is_taken_out_of_the_rest() -> None:
    assert split("Dương Âu Cơ Minh", surname="Dương Âu").middle == "Cơ"


def test_explicit_parts_alone_make_a_name() -> None:
    name = split("", surname="Nguyễn", middle="Văn", given="Minh")

    assert name.written == "Nguyễn Văn Minh"


def test_an_empty_surname_leaves_middle_and_given_name() -> None:
    name = split("Văn Minh", surname="")

    assert (name.surname, name.middle, name.given) == ("", "Văn", "Minh")


def test_a_double_given_name_counts_by_its_last_syllable() -> None:
    fields = split("Lê Thị Thanh Hương", surname="Lê", middle="Thị", given="Thanh Hương").fields({})

    assert (fields["middle"], fields["given"]) == ("thithanh", "huong")


def test_initials_are_taken_per_word_also_across_a_hyphen() -> None:
    assert split("Nguyễn-Phước Bảo Long").fields({})["surname.initials"] == "np"


def test_a_surname_equal_to_the_whole_name_says_there_is_none() -> None:
    assert read("Y Krang", "Y Krang", None, None).surname == ""


def test_a_surname_stated_where_the_given_name_stands_is_left_aside() -> None:
    name = read("Nguyễn Văn Minh", "Minh", None, "Nguyễn Văn")

    assert (name.surname, name.middle, name.given) == ("Nguyễn", "Văn", "Minh")


def test_stated_parts_of_an_ede_name_stand_though_the_clan_comes_last() -> None:
    name = read("Y Ngông Niê Kdăm", "Niê Kdăm", "Y", "Ngông")

    assert (name.surname, name.middle, name.given) == ("Niê Kdăm", "Y", "Ngông")


@pytest.mark.parametrize(
    ("written", "surname", "given_name", "address_part"),
    [
        ("Điểu K'Nam", "Điểu", "K'Nam", "knam"),
        ("Rahlan H'Ngơi", "Rahlan", "H'Ngơi", "ngoi"),
        ("H'Hen Niê", "Niê", "H'Hen", "hen"),
    ],
)
def test_stated_parts_of_names_with_a_marker_stay_as_stated(
    written: str, surname: str, given_name: str, address_part: str
) -> None:
    name = read(written, surname, None, given_name)

    assert (name.surname, name.middle, name.given) == (surname, "", given_name)
    assert name.fields({})["given"] == address_part
    assert name.key == split(written).key


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("Nguyễn Văn 2", "digit"),
        ("Nguyễn Văn ²", "digit"),
        ("Nguyễn 😀 Minh", "😀"),
        ("Nguyễn\nVăn Minh", "U+000A"),
        ("Nguyễn\x00Minh", "U+0000"),
        ("§Æng ThÞ Ph­¬ng", "U+00AD"),
        ("Nguyễn\u200bMinh", "U+200B"),
        ("{uôn R^t", "old font"),
        ("Иван", "a–z"),
        ("Nguyễn - Minh", "-"),
        ("N" * 300, "128"),
        ("N" * 10_000_000, "128"),
        ("Nguyễn @Minh", "@"),
    ],
)
def test_what_is_no_name_is_refused_with_its_reason(text: str, word: str) -> None:
    with pytest.raises(InvalidPersonName) as refused:
        split(text)

    assert word in refused.value.why.en
    assert refused.value.why.vi != refused.value.why.en


def test_a_name_without_given_name_is_refused() -> None:
    with pytest.raises(InvalidPersonName) as refused:
        split("", surname="Nguyễn")

    assert "given name" in refused.value.why.en


@given(names)
def test_composed_and_decomposed_names_are_the_same_person(text: str) -> None:
    assert split(unicodedata.normalize("NFD", text)) == split(unicodedata.normalize("NFC", text))


@given(names)
def test_no_word_of_a_name_is_lost_or_invented(text: str) -> None:
    name = split(text)
    parts = f"{name.surname_key} {name.middle_key} {name.given_key}".split()

    assert sorted(parts) == sorted(name.key.split())


@given(st.text(max_size=40))
def test_any_text_gives_a_name_or_the_typed_refusal(text: str) -> None:
    try:
        name = split(text)
    except InvalidPersonName:
        return
    assert name.given_key
    assert name.key.isascii()


@pytest.mark.parametrize(
    ("written", "surname", "middle", "given_name"),
    [
        ("Điểu K'Nam", "Điểu", "", "K'Nam"),
        ("Siu H'Blé", "Siu", "H'", "Blé"),
        ("H'Nghia Êban", "Êban", "H'", "Nghia"),
        ("K'Brể", "", "K'", "Brể"),
    ],
)
def test_parts_stated_beside_the_whole_name_are_those_it_falls_into(
    written: str, surname: str, middle: str, given_name: str
) -> None:
    assert read(written, surname or written, middle or None, given_name) == split(written)
