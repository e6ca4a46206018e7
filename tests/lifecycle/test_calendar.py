"""Working days of the state: weekends, holidays, Tết, and days that were swapped."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.password_policy import PROVINCE_ZONE
from govdir.lifecycle.calendar import WorkingDays

DAYS = WorkingDays()


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PROVINCE_ZONE)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2014-09-06", True),  # a Saturday, worked for Monday 1 September
        ("2014-09-01", False),
        ("2014-09-02", False),
        ("2014-09-03", True),
        ("2014-09-07", False),
        ("2015-02-18", False),  # the eve of Tết
        ("2015-02-24", True),
        ("2026-02-17", False),
        ("2027-04-30", False),
        ("2027-05-01", False),
    ],
)
def test_days_as_they_were_worked(day: str, worked: bool) -> None:
    assert DAYS.is_working(date.fromisoformat(day)) is worked


def test_the_third_quarter_of_2014_had_sixty_five_working_days() -> None:
    quarter = (
        date.fromordinal(each) for each in range(date(2014, 7, 1).toordinal(), date(2014, 10, 1).toordinal())
    )

    assert sum(map(DAYS.is_working, quarter)) == 65


def test_days_announced_later_stand_in_the_configuration() -> None:
    days = WorkingDays(holidays=[date(2031, 3, 3)], working=[date(2031, 3, 8)])

    assert not days.is_working(date(2031, 3, 3))
    assert days.is_working(date(2031, 3, 8))


def test_fifteen_working_days_reach_over_tet() -> None:
    """Notice on Monday 2 February 2015: 15 to 23 February were off, Saturday 14 was worked."""
    assert DAYS.later(local("2015-02-02T09:00"), 15) == local("2015-03-02T09:00")


def test_fifteen_working_days_count_a_saturday_that_is_worked() -> None:
    """Notice on Friday 22 August 2014: 1 and 2 September were off, Saturday 6 was worked."""
    assert DAYS.later(local("2014-08-22T09:00"), 15) == local("2014-09-15T09:00")


def test_the_day_of_the_notice_is_that_of_vietnam() -> None:
    """18:00 UTC on Friday is Saturday in Vietnam: the first working day is Monday."""
    friday_evening = datetime(2026, 5, 8, 18, tzinfo=UTC)

    assert DAYS.later(friday_evening, 1) == local("2026-05-11T01:00")


@given(
    start=st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    count=st.integers(0, 40),
)
def test_exactly_so_many_working_days_lie_between(start: datetime, count: int) -> None:
    end = DAYS.later(start, count)

    first, last = (each.astimezone(PROVINCE_ZONE).date() for each in (start, end))
    between = (date.fromordinal(each) for each in range(first.toordinal() + 1, last.toordinal() + 1))
    assert sum(map(DAYS.is_working, between)) == count
    assert count == 0 or DAYS.is_working(last)
    assert end.time() == start.time()
