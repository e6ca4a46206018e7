"""Who used what, when, and through which channel: the last moment of each, and the dates.

Noting costs about as much as a look into a dictionary, for it happens at every bind. What was noted is kept
here until the next flush and written then, what belongs together in one row; however long the store may be
away, no more is kept than a row an entry, channel and month.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from govdir.directory.access_days import (
    DAY_MICROSECONDS,
    LastAccess,
    MonthOfAccess,
    bit_of,
    date_of,
    day_begins,
    month_of,
    months_before,
)
from govdir.directory.errors import Busy
from govdir.directory.ports import AccessStore, Clock, StoreUnavailable

KEPT_MONTHS: Final = 25
"""Whole months of dates that are kept: two years of quarters, and the time until the report on the last."""

ROWS_AT_ONCE: Final = 1000
"""Rows of each table in one commit, so that changes do not wait behind a morning's logins."""

MINUTE_MICROSECONDS: Final = 60_000_000
"""A last access is stored to the minute: what signs in again and again is written once in each."""

MAX_CHANNELS: Final = 64
"""Channels told apart; they are words of a few services, and a program that makes them up is stopped here."""

OTHER: Final = "other"
"""The channel of whatever is none, or one too many."""

_CHANNEL: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_NEVER: Final = -(1 << 62)


class _Noted:
    """What was noted of one channel. The date of every moment in `last` has been noted too, so an entry that
    is there under today's date needs no more than a new moment."""

    __slots__ = ("dates", "last", "unsaved")

    def __init__(self) -> None:
        self.last: dict[int, int] = {}
        self.unsaved: set[int] = set()
        self.dates: dict[tuple[int, int], int] = {}  # (entry, month): bits


class Accesses:
    """For the loop's thread only; `flush` is to be called every second or so, and at the end."""

    def __init__(self, store: AccessStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._noted: dict[str, _Noted] = {}
        self._begins = self._ends = 0  # of the day that was noted last
        self._tidied = _NEVER

    def note(self, entry_id: int, channel: str, at: int) -> None:
        """Entry `entry_id` was used at `at`, in microseconds since the epoch, UTC."""
        noted = self._noted.get(channel)
        if noted is None:
            noted = self._new(channel)
        held = noted.last.get(entry_id, _NEVER)
        if at > held:
            noted.last[entry_id] = at
            if at // MINUTE_MICROSECONDS != held // MINUTE_MICROSECONDS:
                noted.unsaved.add(entry_id)
        begins, ends = self._begins, self._ends
        if not (begins <= at < ends and begins <= held < ends):
            self._note_date(noted, entry_id, at)

    def _note_date(self, noted: _Noted, entry_id: int, at: int) -> None:
        self._begins = day_begins(at)
        self._ends = self._begins + DAY_MICROSECONDS
        day = date_of(at)
        key = entry_id, month_of(day)
        noted.dates[key] = noted.dates.get(key, 0) | bit_of(day)

    def _new(self, channel: str) -> _Noted:
        if not _CHANNEL.fullmatch(channel) or len(self._noted) >= MAX_CHANNELS:
            return self._noted.setdefault(OTHER, _Noted())
        return self._noted.setdefault(channel, _Noted())

    async def last(self, entry_id: int) -> Mapping[str, datetime]:
        """By channel when the entry was last used, to the minute, aware, in UTC; what other processes have
        flushed included.

        Raises StoreUnavailable, Busy.
        """
        moments = dict(await self._store.last(entry_id))
        for channel, noted in self._noted.items():
            at = noted.last.get(entry_id, _NEVER)
            if at > moments.get(channel, _NEVER):
                moments[channel] = at
        return {channel: _EPOCH + at * _MICROSECOND for channel, at in moments.items()}

    async def flush(self) -> None:
        """Writes what was noted, and once a day forgets what is past its time.

        Raises StoreUnavailable, Busy; what was not written is kept for the next time.
        """
        while True:
            lasts, months = self._take()
            if not (lasts or months):
                break
            try:
                await self._store.record(lasts, months)
            except (StoreUnavailable, Busy):
                self._give_back(lasts, months)
                raise
        await self._tidy()

    def _take(self) -> tuple[list[LastAccess], list[MonthOfAccess]]:
        lasts: list[LastAccess] = []
        months: list[MonthOfAccess] = []
        for channel, noted in self._noted.items():
            while noted.unsaved and len(lasts) < ROWS_AT_ONCE:
                entry_id = noted.unsaved.pop()
                lasts.append(LastAccess(entry_id, channel, noted.last[entry_id]))
            while noted.dates and len(months) < ROWS_AT_ONCE:
                (entry_id, month), days = noted.dates.popitem()
                months.append(MonthOfAccess(entry_id, channel, month, days))
        return lasts, months

    def _give_back(self, lasts: list[LastAccess], months: list[MonthOfAccess]) -> None:
        for last in lasts:
            noted = self._noted[last.channel]
            noted.last[last.entry_id] = max(last.at, noted.last.get(last.entry_id, _NEVER))
            noted.unsaved.add(last.entry_id)
        for row in months:
            dates, key = self._noted[row.channel].dates, (row.entry_id, row.month)
            dates[key] = dates.get(key, 0) | row.days

    async def _tidy(self) -> None:
        """Once a day: memory keeps nobody who has not been here today, the store no month past its time."""
        today = day_begins((self._clock.now() - _EPOCH) // _MICROSECOND)
        if today == self._tidied:
            return
        await self._store.forget(months_before(date_of(today), KEPT_MONTHS))
        self._tidied = today
        for noted in self._noted.values():
            noted.last = {
                entry_id: at
                for entry_id, at in noted.last.items()
                if at >= today or entry_id in noted.unsaved
            }
