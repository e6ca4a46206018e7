"""The window of a virtual list view (draft-ietf-ldapext-ldapv3-vlv-09 §5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.list_view import OffsetOutOfRange, Window, window
from govdir.ldap.codec.controls.list_view import ListView


@pytest.mark.parametrize(
    ("offset", "believed", "target"),
    [
        (1, 0, 1),  # the first
        (1, 500, 1),
        (100, 100, 100),  # the last
        (500, 500, 100),
        (1, 1, 100),
        (40, 0, 40),  # the client does not know how many there are
        (40, 100, 40),
        (250, 500, 50),  # half way down
        (3, 500, 1),  # 0.6
        (2, 500, 1),  # 0.4: no entry before the first
        (499, 500, 100),  # 99.8
        (3, 8, 38),  # 37.5
    ],
)
def test_an_offset_is_a_share_of_what_the_client_believes_there_is(
    offset: int, believed: int, target: int
) -> None:
    assert window(ListView(0, 0, offset, believed), 100) == Window(target - 1, target, target)


@pytest.mark.parametrize(("offset", "believed"), [(0, 0), (0, 100), (101, 0), (101, 100), (2, 1)])
def test_an_offset_outside_the_list_is_none(offset: int, believed: int) -> None:
    with pytest.raises(OffsetOutOfRange):
        window(ListView(0, 0, offset, believed), 100)


@pytest.mark.parametrize(
    ("view", "first", "last"),
    [
        (ListView(10, 10, 3, 100), 0, 13),  # the draft's example
        (ListView(0, 19, 1, 0), 0, 20),
        (ListView(19, 0, 100, 100), 80, 100),
        (ListView(2, 3, 99, 100), 96, 100),
        (ListView(2**31 - 1, 2**31 - 1, 50, 100), 0, 100),
    ],
)
def test_a_window_ends_where_the_list_does(view: ListView, first: int, last: int) -> None:
    shown = window(view, 100)
    assert (shown.first, shown.last) == (first, last)


def test_behind_the_last_value_there_is_no_target_but_what_comes_before_is_shown() -> None:
    assert window(ListView(2, 3, value=b"zz"), 10, 10) == Window(8, 10, 11)
    assert window(ListView(2, 3, value=b"a"), 10, 0) == Window(0, 4, 1)


def test_an_empty_list_has_a_window_of_nothing() -> None:
    for view in (ListView(0, 19, 1, 0), ListView(5, 5, 30, 30)):
        assert window(view, 0) == Window(0, 0, 0)
    assert window(ListView(5, 5, value=b"x"), 0, 0) == Window(0, 0, 1)
    with pytest.raises(OffsetOutOfRange):
        window(ListView(0, 0, 2, 0), 0)


_counts = st.integers(0, 60)


@given(_counts, _counts, _counts, _counts, _counts)
def test_a_window_lies_in_the_list_around_its_target(
    before: int, after: int, offset: int, believed: int, count: int
) -> None:
    try:
        shown = window(ListView(before, after, offset, believed), count)
    except OffsetOutOfRange:
        assert offset == 0 or offset > (believed or count)
        return
    assert 0 <= shown.first <= shown.last <= count
    assert shown.target == 0 if not count else 1 <= shown.target <= count
    assert shown.last - shown.first <= before + 1 + after
    if count:
        assert shown.first == max(0, shown.target - 1 - before)
        assert shown.last == min(count, shown.target + after)
