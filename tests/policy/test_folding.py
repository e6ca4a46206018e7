"""Vietnamese and Ê Đê letters folded to a–z."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.policy.folding import characters, fold, fold_words

vietnamese = st.text(
    alphabet="aăâeêioôơuưyđAĂÂEÊIOÔƠUƯYĐðÐƀɃčñĕĭŏŭàảãáạằẳẵắặbcdghklmnpqrstvx '’-"
    "\u0300\u0301\u0303\u0306\u0309\u0323"
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Nguyễn Thị Thùy", "nguyenthithuy"),
        ("Đặng Ðình đ ð", "dangdinhdd"),
        ("Ƀuôn Rĭt", "buonrit"),
        ("ă â č ĕ ê ê̆ ĭ ñ ŏ ô ô̆ ơ ơ̆ ŭ ư ư̆", "aaceeeinooooouuu"),
        ("H'Nghia Cư M’gar", "hnghiacumgar"),
        ("Phòng 1-A", "phong1a"),
    ],
)
def test_letters_lose_their_marks(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(("old", "new"), [("Hoà", "Hòa"), ("Thuỷ", "Thủy"), ("Uỷ ban", "Ủy ban")])
def test_both_places_of_a_tone_mark_fold_alike(old: str, new: str) -> None:
    assert fold(old) == fold(new)


def test_words_stay_apart_where_asked() -> None:
    assert fold_words("Nguyễn-Phước Bảo") == "nguyen-phuoc bao"


@given(st.text())
def test_folding_twice_changes_nothing_and_leaves_ascii(text: str) -> None:
    once = fold(text)

    assert fold(once) == once
    assert once.isascii()
    assert not once or once.isalnum()
    assert once == once.lower()


@given(vietnamese)
def test_composed_and_decomposed_text_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize(("text", "count"), [("ấấấấấ", 5), ("ê̆ơ̆", 2), ("abc", 3), ("", 0)])
def test_characters_are_what_people_see(text: str, count: int) -> None:
    assert characters(text) == count
    assert characters(unicodedata.normalize("NFD", text)) == count
