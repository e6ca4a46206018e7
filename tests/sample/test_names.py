"""Generated names: never the same twice, never more than the vocabulary gives."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.sample.names import PersonName, TooManyPeople, draw_names


@given(st.integers(), st.integers(0, 300))
def test_no_two_people_share_a_full_name_even_without_diacritics(seed: int, count: int) -> None:
    spellings = [name.spelling for name in draw_names(Random(seed), count, (), {"kinh_nam": 1})]

    assert len(set(spellings)) == len(spellings) == count


def test_taken_names_are_not_drawn_again() -> None:
    first = [name.spelling for name in draw_names(Random(1), 200, (), {"kinh_nam": 1})]

    again = {name.spelling for name in draw_names(Random(1), 200, first, {"kinh_nam": 1})}

    assert again.isdisjoint(first)


def test_spelling_is_plain_letters_run_together() -> None:
    assert PersonName("Đỗ", "Thị Mỹ", "Phượng", "Đỗ Thị Mỹ Phượng").spelling == "dothimyphuong"


def test_more_people_than_names_are_refused_with_the_limit() -> None:
    with pytest.raises(TooManyPeople) as caught:
        next(draw_names(Random(1), 10**6, (), {"kinh_nam": 1}))

    assert 10_000 < caught.value.limit < 10**6
