"""Second factors in SQL; implements sso.ports.Factors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.engine.interfaces import DBAPICursor
from twisted.internet.defer import Deferred

from govdir.sso.model import StoredFactor
from govdir.storage.access import SqlAccess, changed, fetch
from govdir.storage.moments import moment, stored


class SqlFactors:
    """See sso.ports.Factors."""

    def __init__(self, access: SqlAccess) -> None:
        self._access = access
        sql = access.sql
        self._get = sql("SELECT entry_uuid, secret, since, last_step FROM sso_factors WHERE entry_uuid = ?")
        self._codes = sql("SELECT digest FROM sso_recovery WHERE entry_uuid = ? ORDER BY place")
        self._insert = sql(
            "INSERT INTO sso_factors (entry_uuid, secret, since, last_step) VALUES (?, ?, ?, ?)"
        )
        self._insert_code = sql("INSERT INTO sso_recovery (entry_uuid, digest, place) VALUES (?, ?, ?)")
        self._remove = sql("DELETE FROM sso_factors WHERE entry_uuid = ?")
        self._use_step = sql("UPDATE sso_factors SET last_step = ? WHERE entry_uuid = ? AND last_step < ?")
        self._older = sql("SELECT entry_uuid FROM sso_factors WHERE since < ?")
        # Changes nothing, but keeps the factor from being put or removed until the codes are exchanged.
        self._hold = sql("UPDATE sso_factors SET last_step = last_step WHERE entry_uuid = ?")
        self._remove_codes = sql("DELETE FROM sso_recovery WHERE entry_uuid = ?")
        self._use_code = sql("DELETE FROM sso_recovery WHERE entry_uuid = ? AND digest = ?")

    def get(self, entry_uuid: str) -> Deferred[StoredFactor | None]:
        """See sso.ports.Factors."""

        def only(cursor: DBAPICursor) -> StoredFactor | None:
            for found, secret, since, last_step in fetch(cursor, self._get, entry_uuid):
                codes = tuple(bytes(row[0]) for row in fetch(cursor, self._codes, entry_uuid))
                return StoredFactor(found, bytes(secret), moment(since), last_step, codes)
            return None

        return self._access.read(only)

    def put(self, factor: StoredFactor) -> Deferred[None]:
        """See sso.ports.Factors."""
        row = (factor.entry_uuid, factor.secret, stored(factor.since), factor.last_step)

        def work(cursor: DBAPICursor) -> None:
            cursor.execute(self._remove, (factor.entry_uuid,))
            cursor.execute(self._insert, row)
            self._add_codes(cursor, factor.entry_uuid, factor.recovery)

        return self._access.write(work)

    def remove(self, entry_uuid: str) -> Deferred[bool]:
        """See sso.ports.Factors."""
        return self._access.write(lambda cursor: changed(cursor, self._remove, entry_uuid) == 1)

    def use_step(self, entry_uuid: str, step: int) -> Deferred[bool]:
        """See sso.ports.Factors."""
        return self._access.write(lambda cursor: changed(cursor, self._use_step, step, entry_uuid, step) == 1)

    def use_recovery(self, entry_uuid: str, digest: bytes) -> Deferred[bool]:
        """See sso.ports.Factors."""
        return self._access.write(lambda cursor: changed(cursor, self._use_code, entry_uuid, digest) == 1)

    def replace_recovery(self, entry_uuid: str, digests: Sequence[bytes]) -> Deferred[bool]:
        """See sso.ports.Factors."""

        def work(cursor: DBAPICursor) -> bool:
            if changed(cursor, self._hold, entry_uuid) != 1:
                return False
            cursor.execute(self._remove_codes, (entry_uuid,))
            self._add_codes(cursor, entry_uuid, digests)
            return True

        return self._access.write(work)

    def _add_codes(self, cursor: DBAPICursor, entry_uuid: str, digests: Sequence[bytes]) -> None:
        codes = [(entry_uuid, code, place) for place, code in enumerate(digests)]
        if codes:
            cursor.executemany(self._insert_code, codes)

    def forget_gone(self, exists: Callable[[str], bool], before: datetime) -> Deferred[int]:
        """Removes the factors of entries that no longer exist, and says how many. Those younger than `before`
        stay: the asker may not know their entries yet."""
        return Deferred.fromCoroutine(self._forget_gone(exists, stored(before)))

    async def _forget_gone(self, exists: Callable[[str], bool], before: int) -> int:
        rows = await self._access.rows(self._older, before)
        gone = [entry_uuid for (entry_uuid,) in rows if not exists(entry_uuid)]
        for entry_uuid in gone:
            await self.remove(entry_uuid)
        return len(gone)
