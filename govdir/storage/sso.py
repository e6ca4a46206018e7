"""All that single sign-on keeps, in the directory's own database: the SQL side of `govdir.sso.ports`."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from govdir.directory.ports import SlowWork
from govdir.storage.access import SqlAccess
from govdir.storage.engine import Database
from govdir.storage.sso_attempts import SqlAttempts
from govdir.storage.sso_factors import SqlFactors
from govdir.storage.sso_keeping import SqlKeeping
from govdir.storage.sso_outbox import SqlOutbox
from govdir.storage.sso_services import SqlServices
from govdir.storage.sso_sessions import SqlSessions
from govdir.storage.sso_trail import SqlTrail
from govdir.storage.write_behind import WriteBehind
from govdir.storage.writer import Writer

FLUSH_SECONDS: Final = 1.0
"""How often `flush` is to be called: the trail and the last uses of sessions are this late in the tables."""

TRAIL_DAYS: Final = 400
"""Who inspects a year's sign-ins does so some weeks into the next."""

FAILURES_KEPT: Final = timedelta(days=2)
"""Throttling looks back a day at most."""

GONE_FOR: Final = timedelta(days=1)
"""A process that is behind knows of an entry by then."""

FAMILIAR_DAYS: Final = 180
"""A network or device not used for half a year is a stranger again."""


def _unlogged(_line: str) -> None:
    """Lines of the trail that go to the database only."""


class SqlSso:
    """Sessions, flows, attempts, second factors, service providers, trail and outbox on one database.

    Writes go through the directory's writer and share its commits. `reading` is a pool for reads; `log` gets
    each line of the trail as it happens; `sends_mail` says whether letters are kept for a sender. `flush` is
    to be called every FLUSH_SECONDS and before the writer closes, `forget_expired` every hour.
    """

    def __init__(
        self,
        database: Database,
        writer: Writer,
        reading: SlowWork,
        *,
        log: Callable[[str], None] = _unlogged,
        sends_mail: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        access = SqlAccess(database, writer, reading)
        self._behind = WriteBehind(access)
        self.sessions = SqlSessions(access, self._behind, seconds)
        self.keeping = SqlKeeping(access)
        self.attempts = SqlAttempts(access)
        self.factors = SqlFactors(access)
        self.services = SqlServices(access)
        self.trail = SqlTrail(access, self._behind, log)
        self.outbox = SqlOutbox(access, now, keeps=sends_mail)

    async def flush(self) -> None:
        """Writes what was noted and touched. Raises StoreUnavailable, Busy; it is then kept for the next."""
        await self._behind.flush()

    async def forget_expired(
        self, now: datetime, idle: timedelta, exists: Callable[[str], bool] = lambda _entry_uuid: True
    ) -> None:
        """Deletes what has ended by itself; `idle`: how long a session may lie unused. `exists` tells whether
        there still is an entry of that entry_uuid; second factors go with theirs.

        Raises StoreUnavailable, Busy; what is left goes the next time. Any process may do it at any time.
        """
        await self.sessions.forget_expired(now, now - idle)
        await self.keeping.forget_expired(now)
        await self.attempts.forget_expired(now - FAILURES_KEPT, now - timedelta(days=FAMILIAR_DAYS))
        await self.trail.forget_expired(now - timedelta(days=TRAIL_DAYS))
        await self.factors.forget_gone(exists, now - GONE_FOR)
