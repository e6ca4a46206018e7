"""Days of access as values: on which local dates somebody used a mailbox, and through what.

A row tells one mailbox, one month and one channel; the month's dates are the bits of a number. So a year of a
province's mailboxes is a thirtieth of the rows that a row a day would be, and adding a date twice, by
whichever process, changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from govdir.directory.password_policy import PROVINCE_ZONE

DAY_MICROSECONDS: Final = 86_400_000_000

_ZONE_MICROSECONDS: Final = PROVINCE_ZONE.utcoffset(None) // timedelta(microseconds=1)
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_MONTHS: Final = 12


class LastAccess(Struct, frozen=True):
    """The last moment, in microseconds since the epoch, UTC, at which an entry was used through a channel."""

    entry_id: int
    channel: str
    at: int


class MonthOfAccess(Struct, frozen=True):
    """Dates of a `month` (202611 is November 2026); bit 0 of `days` is its first."""

    entry_id: int
    channel: str
    month: int
    days: int


def day_begins(at: int) -> int:
    """When the province's day began that `at` falls in; both in microseconds since the epoch, UTC."""
    return at - (at + _ZONE_MICROSECONDS) % DAY_MICROSECONDS


def date_of(at: int) -> date:
    """The province's date at that moment. Raises ValueError, OverflowError beyond the year 9999."""
    return date.fromordinal(_EPOCH_ORDINAL + (at + _ZONE_MICROSECONDS) // DAY_MICROSECONDS)


def month_of(day: date) -> int:
    """202611 for a day of November 2026."""
    return day.year * 100 + day.month


def bit_of(day: date) -> int:
    """The day's bit in its month."""
    return 1 << (day.day - 1)


def months_before(day: date, months: int) -> int:
    """The month so many months before the day's."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 - months, _MONTHS)
    return year * 100 + month + 1


def dates_of(month: int, days: int) -> Iterator[date]:
    """The dates whose bits are set, in order."""
    year, number = divmod(month, 100)
    for day in range(1, days.bit_length() + 1):
        if days >> (day - 1) & 1:
            yield date(year, number, day)


def from_day(rows: Iterable[MonthOfAccess], first: date, last: date) -> dict[int, int]:
    """By entry, the days from `first` to `last` when it was used through any channel; bit 0 is `first`."""
    inside = (1 << ((last - first).days + 1)) - 1 if last >= first else 0
    found: dict[int, int] = {}
    for row in rows:
        year, number = divmod(row.month, 100)
        shift = (date(year, number, 1) - first).days
        days = (row.days << shift if shift >= 0 else row.days >> -shift) & inside
        if days:
            found[row.entry_id] = found.get(row.entry_id, 0) | days
    return found
