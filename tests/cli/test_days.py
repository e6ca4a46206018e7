"""Days as people type them, and the moments that are stored for them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.cli.days import day, first_moment, last_moment, moment, shown, shown_moment

ANY_DAY = st.dates(date(1900, 1, 1), date(9999, 12, 31))
_CONTEXT = click.Context(click.Command("x"))
_OPTION = click.Option(["--on"])


def read(text: str) -> date | None:
    return day(_CONTEXT, _OPTION, text)


@given(ANY_DAY)
def test_a_day_reads_the_same_year_first_and_day_first(one: date) -> None:
    year = f"{one.year:04}"
    assert read(one.isoformat()) == one
    assert read(f"{one.day}/{one.month}/{year}") == one
    assert read(f" {one.day:02}-{one.month:02}-{year} ") == one


@given(ANY_DAY)
def test_a_day_is_stored_as_its_own_moments_and_shown_as_it_was_typed(one: date) -> None:
    first, last = moment(first_moment(one)), moment(last_moment(one))
    assert first is not None
    assert last is not None
    assert last - first == timedelta(days=1, seconds=-1)
    assert first.date() == last.date() == one
    assert shown(first_moment(one)) == shown(last_moment(one)) == one.isoformat()


def test_days_are_the_provinces_not_those_of_utc() -> None:
    assert first_moment(date(2026, 8, 31)) == "20260830170000Z"


@pytest.mark.parametrize("text", ["", "0001-01-01", "1/1/1", "2026", "31/6/2026", "2026-00-10", "１/1/2026"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        read(text)


def test_a_time_of_day_is_shown_unless_the_whole_day_is_meant() -> None:
    assert shown("20260302080000Z") == "2026-03-02 15:00"
    assert shown_moment(datetime(2026, 3, 1, 17, tzinfo=UTC)) == "2026-03-02"
    assert shown_moment(None) == shown(None) == ""


def test_a_time_that_no_clock_has_is_shown_as_it_stands() -> None:
    assert shown("00000101000000Z") == "00000101000000Z"
