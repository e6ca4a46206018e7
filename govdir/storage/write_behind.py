"""What nobody waits for: uses of sessions and lines of the trail, gathered and written together."""

from __future__ import annotations

from collections import deque

from sqlalchemy.engine.interfaces import DBAPICursor
from twisted.logger import Logger

from govdir.directory.errors import Busy
from govdir.directory.ports import StoreUnavailable
from govdir.storage.access import SqlAccess

# Lines kept while the database is away: some ten minutes of a province's busiest hour, 10 MiB. Older ones are
# given up for newer ones; the log of sign-ins has them all.
MAX_LINES = 20_000
# Sessions whose last use is remembered meanwhile; above, uses go unnoticed and their sessions end early.
MAX_TOUCHED = 100_000
# Rows of one commit, so that those of others do not wait behind it.
ROWS_AT_ONCE = 1000

Line = tuple[object, ...]


class WriteBehind:
    """`flush` is to be called every second, and before the writer closes. On the loop's thread only."""

    _log = Logger()

    def __init__(self, access: SqlAccess) -> None:
        self._access = access
        self._touched: dict[bytes, int] = {}
        self._lines: deque[Line] = deque()
        self._lost = 0
        self._under_way = 0
        self._touch = access.sql("UPDATE sso_sessions SET seen = ? WHERE key = ? AND seen < ?")
        self._insert = access.sql(
            "INSERT INTO sso_trail (at, kind, outcome, entry_uuid, who, entity_id, channel, factors, network,"
            " agent, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )

    def touch(self, key: bytes, seen: int) -> None:
        """A session was used."""
        if key in self._touched or len(self._touched) < MAX_TOUCHED:
            self._touched[key] = max(seen, self._touched.get(key, seen))

    def seen(self, key: bytes) -> int:
        """The last use of a session that is not written yet, else 0."""
        return self._touched.get(key, 0)

    def note(self, line: Line) -> None:
        """A line of the trail, its values in the order of the columns."""
        if len(self._lines) >= MAX_LINES:
            self._lines.popleft()
            self._lost += 1
        self._lines.append(line)

    async def flush(self) -> None:
        """Writes everything. Raises StoreUnavailable, Busy, and then what was not written is kept."""
        while self._touched or self._lines:
            await self._write()

    async def settled(self) -> None:
        """What was noted before is in the tables. Raises StoreUnavailable, Busy."""
        await self.flush()
        if self._under_way:  # written by somebody else's flush: what is submitted after it comes after it
            await self._access.write(lambda cursor: None)

    async def _write(self) -> None:
        touched = [(key, self._touched.pop(key)) for key in list(self._touched)[:ROWS_AT_ONCE]]
        lines = [self._lines.popleft() for _ in range(min(ROWS_AT_ONCE, len(self._lines)))]

        def work(cursor: DBAPICursor) -> None:
            if touched:
                cursor.executemany(self._touch, [(seen, key, seen) for key, seen in touched])
            if lines:
                cursor.executemany(self._insert, lines)

        self._under_way += 1
        try:
            await self._access.write(work)
        except (StoreUnavailable, Busy):
            self._keep(touched, lines)
            raise
        except Exception:  # lines that the database refuses for good must not stop those after them
            self._log.failure("lines of the trail of sign-ins were refused by the database; the log has them")
        finally:
            self._under_way -= 1
        if self._lost:
            self._log.error(
                "{lost} lines of the trail of sign-ins were not written to the database; the log has them",
                lost=self._lost,
            )
            self._lost = 0

    def _keep(self, touched: list[tuple[bytes, int]], lines: list[Line]) -> None:
        for key, seen in touched:
            self.touch(key, seen)
        room = max(0, MAX_LINES - len(self._lines))
        self._lost += max(0, len(lines) - room)
        self._lines.extendleft(reversed(lines[len(lines) - min(room, len(lines)) :]))
