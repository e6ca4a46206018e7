"""Working days with and without access, by the arithmetic of Vĩnh Phúc's Điều 14 khoản 1."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from govdir.lifecycle.calendar import WorkingDays
from govdir.lifecycle.days_of_use import DaysOfUse, days_of_use, is_too_little
from govdir.policy.duties import Usage
from govdir.policy.load import load_province

FIRST, LAST = date(2014, 7, 1), date(2014, 9, 30)
CALENDAR = WorkingDays()


def vinh_phuc() -> Usage:
    usage = load_province("vinhphuc").usage
    assert usage is not None
    return usage


def working_days() -> list[date]:
    every = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
    return [day for day in every if CALENDAR.is_working(day)]


@pytest.mark.parametrize(("without", "too_little"), [(0, False), (21, False), (22, True), (65, True)])
def test_of_the_65_working_days_of_the_third_quarter_of_2014_a_third_is_22(
    without: int, too_little: bool
) -> None:
    use = days_of_use(set(working_days()[without:]), FIRST, LAST, CALENDAR)

    assert use == DaysOfUse(FIRST, LAST, working=65, used=65 - without)
    assert use.unused == without
    assert is_too_little(use, vinh_phuc()) is too_little


def test_accesses_on_days_off_change_nothing() -> None:
    sunday, national_day = date(2014, 7, 6), date(2014, 9, 2)
    use = days_of_use({sunday, national_day}, FIRST, LAST, CALENDAR)
    assert (use.working, use.used) == (65, 0)


def test_days_before_there_was_a_mailbox_do_not_count() -> None:
    use = days_of_use({date(2014, 7, 1), date(2014, 9, 29)}, FIRST, LAST, CALENDAR, created=date(2014, 9, 29))
    assert use == DaysOfUse(date(2014, 9, 29), LAST, working=2, used=1)


def test_a_mailbox_younger_than_the_period_has_no_days_and_is_not_too_little_used() -> None:
    use = days_of_use(set(), FIRST, LAST, CALENDAR, created=date(2014, 10, 1))
    assert (use.working, use.used) == (0, 0)
    assert not is_too_little(use, vinh_phuc())


@pytest.mark.parametrize(("accessed", "first", "working"), [(True, 29, 2), (False, 30, 1)])
def test_the_day_on_which_recording_began_counts_where_there_was_an_access(
    accessed: bool, first: int, working: int
) -> None:
    began = date(2014, 9, 29)
    use = days_of_use({began} if accessed else set(), FIRST, LAST, CALENDAR, recorded=began)
    assert (use.first, use.working, use.used) == (date(2014, 9, first), working, int(accessed))


def test_recording_that_began_before_the_period_takes_nothing_from_it() -> None:
    use = days_of_use(set(), FIRST, LAST, CALENDAR, recorded=date(2014, 6, 30))
    assert (use.first, use.working) == (FIRST, 65)
