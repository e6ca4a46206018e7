"""Last accesses and days of access in SQL; implements directory.ports.AccessStore.

Every write may be made by any number of processes in any order: moments only go forward, dates only come in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.engine.interfaces import DBAPICursor
from twisted.internet.defer import Deferred

from govdir.directory.access_days import LastAccess, MonthOfAccess, from_day, month_of
from govdir.storage.access import Rows, SqlAccess
from govdir.storage.moments import moment

SINCE_KEY = "accesses_since"
"""Of `meta`: the moment from which on accesses are recorded, as `moments` stores it."""


class SqlAccessDays:
    """See directory.ports.AccessStore; rows of entries that are gone are passed over."""

    def __init__(self, access: SqlAccess) -> None:
        self._access = access
        sql = access.sql
        self._last = sql("SELECT channel, at FROM last_accesses WHERE entry_id = ?")
        self._since = sql("SELECT value FROM meta WHERE key = ?")
        rows = "SELECT entry_id, channel, month, days FROM access_days WHERE"
        self._of_all = sql(f"{rows} month BETWEEN ? AND ?")
        self._of_one = sql(f"{rows} entry_id = ? AND month BETWEEN ? AND ? ORDER BY month, channel")
        self._put_last = sql(
            "INSERT INTO last_accesses (entry_id, channel, at)"
            " SELECT id, CAST(? AS TEXT), CAST(? AS BIGINT) FROM entries WHERE id = ?"
            " ON CONFLICT (entry_id, channel) DO UPDATE SET at = excluded.at"
            " WHERE last_accesses.at < excluded.at"
        )
        self._put_days = sql(
            "INSERT INTO access_days (entry_id, month, channel, days)"
            " SELECT id, CAST(? AS BIGINT), CAST(? AS TEXT), CAST(? AS BIGINT) FROM entries WHERE id = ?"
            " ON CONFLICT (entry_id, month, channel) DO UPDATE SET days = access_days.days | excluded.days"
            " WHERE access_days.days | excluded.days <> access_days.days"
        )
        self._put_success = sql(
            "INSERT INTO login_facts (entry_id, last_success, failures)"
            " SELECT id, CAST(? AS BIGINT), '[]' FROM entries WHERE id = ?"
            " ON CONFLICT (entry_id) DO UPDATE SET last_success = excluded.last_success"
            " WHERE COALESCE(login_facts.last_success, 0) < excluded.last_success"
        )

    def record(self, lasts: Sequence[LastAccess], months: Sequence[MonthOfAccess]) -> Deferred[None]:
        """See directory.ports.AccessStore."""
        return self._access.write(lambda cursor: self._put(cursor, lasts, months))

    def record_seen(self, lasts: Sequence[LastAccess], months: Sequence[MonthOfAccess]) -> Deferred[None]:
        """The same, of accesses that no bind has told of: they count as sign-ins too, in one commit."""

        def work(cursor: DBAPICursor) -> None:
            self._put(cursor, lasts, months)
            cursor.executemany(self._put_success, [(each.at, each.entry_id) for each in lasts])

        return self._access.write(work)

    def _put(self, cursor: DBAPICursor, lasts: Sequence[LastAccess], months: Sequence[MonthOfAccess]) -> None:
        if lasts:
            cursor.executemany(self._put_last, [(each.channel, each.at, each.entry_id) for each in lasts])
        if months:
            cursor.executemany(
                self._put_days, [(each.month, each.channel, each.days, each.entry_id) for each in months]
            )

    def last(self, entry_id: int) -> Deferred[Mapping[str, int]]:
        """See directory.ports.AccessStore."""

        def moments(rows: Rows) -> Mapping[str, int]:
            return dict(rows)

        return self._access.rows(self._last, entry_id).addCallback(moments)

    def forget(self, before: int) -> Deferred[None]:
        """See directory.ports.AccessStore."""
        return Deferred.fromCoroutine(
            self._access.forget("access_days", "entry_id, month, channel", "month", before)
        )

    def months_of(self, entry_id: int, first: date, last: date) -> Deferred[Sequence[MonthOfAccess]]:
        """One entry's rows of the months from that of `first` to that of `last`, whole, in order of month and
        channel. Fails with StoreUnavailable, Busy."""
        return self._access.rows(self._of_one, entry_id, month_of(first), month_of(last)).addCallback(
            lambda rows: [MonthOfAccess(*row) for row in rows]
        )

    def days_of_all(self, first: date, last: date) -> Deferred[dict[int, int]]:
        """By entry id, the days from `first` to `last` on which it was used through any channel, as the bits
        of a number; bit 0 is `first`. Entries not used at all are not there. One query.

        Fails with StoreUnavailable, Busy.
        """

        def read(cursor: DBAPICursor) -> dict[int, int]:
            cursor.execute(self._of_all, (month_of(first), month_of(last)))
            return from_day(_rows_of(cursor), first, last)

        return self._access.read(read)

    def since(self) -> Deferred[datetime | None]:
        """From when on accesses are recorded: no day before it says anything. None where nobody knows.

        Fails with StoreUnavailable, Busy.
        """

        def only(rows: Rows) -> datetime | None:
            return moment(int(rows[0][0])) if rows else None

        return self._access.rows(self._since, SINCE_KEY).addCallback(only)


def _rows_of(cursor: DBAPICursor) -> Iterator[MonthOfAccess]:
    while rows := cursor.fetchmany(10_000):
        for row in rows:
            yield MonthOfAccess(*row)
