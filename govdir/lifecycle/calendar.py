"""The working days of the state: Vietnam's holidays, Tết, and swapped days.

The calendar knows days off that the Government has announced; those of a year announced later stand in the
configuration until a newer calendar knows them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from govdir.directory.password_policy import PROVINCE_ZONE

if TYPE_CHECKING:
    from holidays import HolidayBase

_DAY = timedelta(days=1)


class WorkingDays:
    """`holidays` are days off and `working` days that are worked, whatever the calendar says of them."""

    def __init__(self, holidays: Iterable[date] = (), working: Iterable[date] = ()) -> None:
        self._holidays = frozenset(holidays)
        self._working = frozenset(working)
        self._known: HolidayBase | None = None

    def is_working(self, day: date) -> bool:
        """Whether offices are open; a day named both ways is worked."""
        if day in self._working or day in self._holidays:
            return day in self._working
        return self._calendar().is_working_day(day)

    def later(self, moment: datetime, days: int) -> datetime:
        """The same time of day `days` working days later, in UTC; the day of `moment` is not counted."""
        local = moment.astimezone(PROVINCE_ZONE)
        while days > 0:
            local += _DAY
            days -= self.is_working(local.date())
        return local.astimezone(UTC)

    def _calendar(self) -> HolidayBase:
        """Read when it is first asked for: few commands need it, and importing it takes long."""
        if self._known is None:
            from holidays import country_holidays  # noqa: PLC0415

            self._known = country_holidays("VN")
        return self._known
