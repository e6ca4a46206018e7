"""Dates as bits of a month, in the province's own zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.access_days import (
    MonthOfAccess,
    bit_of,
    date_of,
    dates_of,
    day_begins,
    from_day,
    month_of,
    months_before,
)
from govdir.directory.password_policy import PROVINCE_ZONE

DATES = st.dates(date(1970, 1, 2), date(2200, 1, 1))
OF_A_YEAR = st.dates(date(2026, 1, 1), date(2026, 12, 31))


def microseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 1, 16, 59, 59, 999_999, UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 17, 0, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 12, 31, 17, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_the_date_changes_at_midnight_of_the_province(moment: datetime, day: date) -> None:
    assert date_of(microseconds(moment)) == day


@given(st.integers(0, 7_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_date_and_beginning_of_the_day_are_those_of_the_zone(moment: datetime) -> None:
    local = moment.astimezone(PROVINCE_ZONE)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    assert date_of(microseconds(moment)) == local.date()
    assert day_begins(microseconds(moment)) == microseconds(midnight)


@given(st.sets(DATES.map(lambda day: day.replace(year=2028, month=2, day=min(day.day, 29)))))
def test_dates_of_a_month_come_back_from_their_bits(days: set[date]) -> None:
    bits = 0
    for day in days:
        bits |= bit_of(day)
    assert list(dates_of(202802, bits)) == sorted(days)


@pytest.mark.parametrize(
    ("day", "months", "month"),
    [
        (date(2026, 11, 22), 0, 202611),
        (date(2026, 11, 22), 11, 202512),
        (date(2026, 11, 22), 25, 202410),
        (date(2026, 1, 1), 1, 202512),
        (date(2026, 12, 31), 12, 202512),
    ],
)
def test_months_are_counted_back_over_the_turn_of_the_year(day: date, months: int, month: int) -> None:
    assert months_before(day, months) == month


def test_days_of_a_period_are_put_together_from_months_and_channels() -> None:
    rows = [
        MonthOfAccess(7, "imap", 202601, 1 << 30),
        MonthOfAccess(7, "sso", 202602, 0b101),
        MonthOfAccess(7, "imap", 202602, 0b001),
        MonthOfAccess(8, "web", 202602, 1 << 27),
        MonthOfAccess(9, "web", 202603, 0b1),
    ]
    found = from_day(rows, date(2026, 1, 31), date(2026, 2, 28))
    assert found == {7: 0b1011, 8: 1 << 28}
    assert from_day(rows, date(2026, 2, 3), date(2026, 2, 27)) == {7: 0b1}
    assert from_day(rows, date(2026, 2, 3), date(2026, 2, 2)) == {}


@given(st.sets(OF_A_YEAR), OF_A_YEAR, OF_A_YEAR)
def test_a_period_holds_the_accesses_between_its_ends_and_no_others(
    days: set[date], one: date, other: date
) -> None:
    first, last = sorted((one, other))
    rows = [MonthOfAccess(1, "imap", month_of(day), bit_of(day)) for day in days]
    bits = from_day(rows, first, last).get(1, 0)
    found = {first + timedelta(days=place) for place in range(bits.bit_length()) if bits >> place & 1}
    assert found == {day for day in days if first <= day <= last}
