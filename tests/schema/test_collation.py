"""Vietnamese order: the alphabet first, then the tones."""

from __future__ import annotations

from unicodedata import normalize

import pytest

from govdir.schema.collation import collation_key


@pytest.mark.parametrize(
    "in_order",
    [
        ["Ái", "An", "Anh", "Ánh", "Ăn", "Ân", "Bình", "Châu", "Dũng", "Đào", "Em", "Êm", "Giang"],
        ["ma", "mà", "mả", "mã", "má", "mạ"],
        ["Oanh", "Ông", "Ơn", "Uyên", "Ưng", "Vy", "Xuân", "Yến"],
        ["Lê", "Lễ", "Lệ", "Lên"],
        ["An", "An Bình", "Anh"],
        ["Tổ 2", "Tổ 3", "Tổ A"],
        ["Tâm", "Tòa", "Toàn"],
        ["Zung", "Иван"],
    ],
)
def test_names_in_order(in_order: list[str]) -> None:
    backwards = list(reversed(in_order))
    backwards.sort(key=collation_key)
    assert backwards == in_order


def test_form_case_and_the_place_of_the_tone_do_not_count() -> None:
    assert collation_key("Hòa") == collation_key("HOÀ") == collation_key(normalize("NFD", "hoà"))
