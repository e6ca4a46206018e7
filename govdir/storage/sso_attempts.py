"""Failed proofs, and networks and devices that are familiar, in SQL; implements sso.ports.Attempts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine.interfaces import DBAPICursor
from twisted.internet.defer import Deferred

from govdir.storage.access import SqlAccess, fetch
from govdir.storage.moments import moment, stored

Counted = Sequence[tuple[int, datetime | None]]


class SqlAttempts:
    """See sso.ports.Attempts. Keys name people and networks, so their digests are stored."""

    def __init__(self, access: SqlAccess) -> None:
        self._access = access
        sql = access.sql
        self._count = sql("SELECT sum(times), max(at) FROM sso_failures WHERE key = ? AND at >= ?")
        self._fail = sql(
            "INSERT INTO sso_failures (key, at, times) VALUES (?, ?, 1)"
            " ON CONFLICT (key, at) DO UPDATE SET times = sso_failures.times + 1"
        )
        self._succeed = sql("DELETE FROM sso_failures WHERE key = ?")
        self._is_familiar = sql("SELECT 1 FROM sso_familiar WHERE entry_uuid = ? AND mark = ?")
        self._familiar = sql(
            "INSERT INTO sso_familiar (entry_uuid, mark, at) VALUES (?, ?, ?)"
            " ON CONFLICT (entry_uuid, mark) DO UPDATE SET at = excluded.at"
        )

    def failures(self, keys: Sequence[str], since: datetime) -> Deferred[Counted]:
        """See sso.ports.Attempts."""
        digests, begin = [_digest(key) for key in keys], stored(since)

        def count(cursor: DBAPICursor) -> Counted:
            counted: list[tuple[int, datetime | None]] = []
            for digest in digests:
                ((times, latest),) = fetch(cursor, self._count, digest, begin)
                counted.append((int(times), moment(latest)) if times else (0, None))
            return counted

        return self._access.read(count)

    def failed(self, keys: Sequence[str], at: datetime) -> Deferred[None]:
        """See sso.ports.Attempts."""
        return self._each(self._fail, [(_digest(key), stored(at)) for key in keys])

    def succeeded(self, keys: Sequence[str]) -> Deferred[None]:
        """See sso.ports.Attempts."""
        return self._each(self._succeed, [(_digest(key),) for key in keys])

    def _each(self, sql: str, rows: Sequence[tuple[object, ...]]) -> Deferred[None]:
        def work(cursor: DBAPICursor) -> None:
            if rows:
                cursor.executemany(sql, rows)

        return self._access.write(work)

    def is_familiar(self, entry_uuid: str, mark: bytes) -> Deferred[bool]:
        """See sso.ports.Attempts."""
        return self._access.rows(self._is_familiar, entry_uuid, mark).addCallback(bool)

    def familiar(self, entry_uuid: str, mark: bytes, at: datetime) -> Deferred[None]:
        """See sso.ports.Attempts."""
        return self._each(self._familiar, [(entry_uuid, mark, stored(at))])

    def forget_expired(self, before: datetime, unfamiliar_before: datetime) -> Deferred[None]:
        """See sso.ports.Attempts."""
        return Deferred.fromCoroutine(self._forget_expired(stored(before), stored(unfamiliar_before)))

    async def _forget_expired(self, before: int, unfamiliar_before: int) -> None:
        await self._access.forget("sso_failures", "key, at", "at", before)
        await self._access.forget("sso_familiar", "entry_uuid, mark", "at", unfamiliar_before)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
