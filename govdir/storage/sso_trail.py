"""The audit trail of signing in, in SQL and as lines of a log; implements sso.ports.Trail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from govdir.sso.model import Happened, Kind
from govdir.storage.access import Rows, SqlAccess, as_text
from govdir.storage.moments import moment, stored
from govdir.storage.write_behind import WriteBehind

# What comes from outside (a browser's name, a wrong account's) is cut to this length.
MAX_TEXT = 500
MAX_DETAIL = 2000

# Fields of Happened between `at` and `detail`, in the order of the columns.
_NAMES = ("kind", "outcome", "entry_uuid", "who", "entity_id", "channel", "factors", "network", "agent")
_LINES = (
    "SELECT at, kind, outcome, entry_uuid, who, entity_id, channel, factors, network, agent, detail"
    " FROM sso_trail"
)
_LATEST_FIRST = " ORDER BY at DESC, number DESC LIMIT ?"


class SqlTrail:
    """See sso.ports.Trail. `log` is given each line, a JSON object, at once; when it fails with OSError the
    line is in the database only."""

    _log = Logger()

    def __init__(self, access: SqlAccess, behind: WriteBehind, log: Callable[[str], None]) -> None:
        self._access = access
        self._behind = behind
        self._write = log
        self._of_entry = access.sql(_LINES + " WHERE entry_uuid = ?" + _LATEST_FIRST)
        self._latest = access.sql(_LINES + _LATEST_FIRST)

    def note(self, happened: Happened) -> None:
        """See sso.ports.Trail."""
        texts = {name: as_text(getattr(happened, name), MAX_TEXT) for name in _NAMES}
        texts["detail"] = as_text(happened.detail, MAX_DETAIL)
        self._behind.note((stored(happened.at), *texts.values()))
        told = {name: text for name, text in texts.items() if text}
        line = msgspec.json.encode({"time": happened.at.isoformat(), **told}).decode()
        try:
            self._write(line + "\n")
        except OSError:
            self._log.failure("a line of the log of sign-ins could not be written; the database has it")

    def of_entry(self, entry_uuid: str, limit: int) -> Deferred[Sequence[Happened]]:
        """See sso.ports.Trail; what was noted before the call is among it."""
        return Deferred.fromCoroutine(self._read(self._of_entry, entry_uuid, limit))

    def latest(self, limit: int) -> Deferred[Sequence[Happened]]:
        """See sso.ports.Trail; likewise."""
        return Deferred.fromCoroutine(self._read(self._latest, limit))

    async def _read(self, sql: str, *parameters: object) -> Sequence[Happened]:
        await self._behind.settled()
        return _lines(await self._access.rows(sql, *parameters))

    def forget_expired(self, before: datetime) -> Deferred[None]:
        """Deletes lines older than that."""
        return Deferred.fromCoroutine(self._access.forget("sso_trail", "number", "at", stored(before)))


def _lines(rows: Rows) -> Sequence[Happened]:
    return [_line(*row) for row in rows]


def _line(at: int, kind: str, *texts: Any) -> Happened:
    return Happened(moment(at), Kind(kind), *texts)
