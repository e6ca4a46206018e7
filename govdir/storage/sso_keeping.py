"""What is under way, and messages that were seen, in SQL; implements sso.ports.Keeping."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy.engine.interfaces import DBAPICursor
from twisted.internet.defer import Deferred, succeed

from govdir.sso.model import Kept
from govdir.storage.access import Rows, SqlAccess, changed, is_text
from govdir.storage.moments import moment, stored


class SqlKeeping:
    """See sso.ports.Keeping."""

    def __init__(self, access: SqlAccess) -> None:
        self._access = access
        sql = access.sql
        self._insert = sql(
            "INSERT INTO sso_kept (version, expires, payload, id) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO NOTHING"
        )
        self._update = sql(
            "UPDATE sso_kept SET version = ?, expires = ?, payload = ? WHERE id = ? AND version = ?"
        )
        self._get = sql("SELECT id, version, expires, payload FROM sso_kept WHERE id = ?")
        self._drop = sql("DELETE FROM sso_kept WHERE id = ?")
        self._see = sql(
            "INSERT INTO sso_messages (message, until) VALUES (?, ?) ON CONFLICT (message) DO NOTHING"
        )

    def put(self, kept: Kept) -> Deferred[bool]:
        """See sso.ports.Keeping."""
        row = (kept.version, stored(kept.expires), kept.payload, kept.id)

        def work(cursor: DBAPICursor) -> bool:
            if kept.version == 0:
                return changed(cursor, self._insert, *row) == 1
            return changed(cursor, self._update, *row, kept.version - 1) == 1

        return self._access.write(work)

    def get(self, kept_id: str) -> Deferred[Kept | None]:
        """See sso.ports.Keeping."""

        def only(rows: Rows) -> Kept | None:
            for found, version, expires, payload in rows:
                return Kept(found, version, moment(expires), bytes(payload))
            return None

        if not is_text(kept_id):
            return succeed(None)
        return self._access.rows(self._get, kept_id).addCallback(only)

    def drop(self, kept_id: str) -> Deferred[None]:
        """See sso.ports.Keeping."""

        def work(cursor: DBAPICursor) -> None:
            cursor.execute(self._drop, (kept_id,))

        return self._access.write(work)

    def first_time(self, issuer: str, message_id: str, until: datetime) -> Deferred[bool]:
        """See sso.ports.Keeping."""
        message, last = _digest(issuer, message_id), stored(until)
        return self._access.write(lambda cursor: changed(cursor, self._see, message, last) == 1)

    def forget_expired(self, now: datetime) -> Deferred[None]:
        """See sso.ports.Keeping."""
        return Deferred.fromCoroutine(self._forget_expired(stored(now)))

    async def _forget_expired(self, now: int) -> None:
        await self._access.forget("sso_kept", "id", "expires", now + 1)
        await self._access.forget("sso_messages", "message", "until", now + 1)


def _digest(issuer: str, message_id: str) -> bytes:
    length = len(issuer).to_bytes(4, "big")
    return hashlib.sha256(length + issuer.encode() + message_id.encode()).digest()
