"""On how many working days of a period a mailbox was used, and whether that is too few (VP Điều 14.1)."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from govdir.lifecycle.calendar import WorkingDays
from govdir.policy.duties import Usage

_DAY: Final = timedelta(days=1)


class DaysOfUse(Struct, frozen=True):
    """The days from `first` to `last`: `working` of them are working days, on `used` of which there was an
    access. `first` is after `last` for a mailbox that is younger than the period; then both are 0."""

    first: date
    last: date
    working: int
    used: int

    @property
    def unused(self) -> int:
        """Working days without any access."""
        return self.working - self.used


def days_of_use(
    accessed: Container[date],
    first: date,
    last: date,
    calendar: WorkingDays,
    *,
    created: date | None = None,
    recorded: date | None = None,
) -> DaysOfUse:
    """What the days from `first` to `last` tell: of those only that count from the mailbox's creation on, and
    from when accesses were `recorded`. The day that began counts where there was an access: nobody knows of
    the hours before."""
    if created is not None:
        first = max(first, created)
    if recorded is not None and first <= recorded:
        first = recorded if recorded in accessed else recorded + _DAY
    days = [first + number * _DAY for number in range((last - first).days + 1)]
    working = [day for day in days if calendar.is_working(day)]
    return DaysOfUse(first, last, len(working), sum(day in accessed for day in working))


def is_too_little(use: DaysOfUse, usage: Usage) -> bool:
    """Whether the mailbox counts as unused; one without any working day in the period does not."""
    part, whole = usage.unused_days
    return use.working > 0 and whole * use.unused >= part * use.working
