"""Sessions and participants in SQL; implements sso.ports.Sessions."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy.engine.interfaces import DBAPICursor
from twisted.internet.defer import Deferred, succeed

from govdir.sso.model import Factor, Participant, Session
from govdir.sso.saml.model import NameId, NameIdFormat
from govdir.storage.access import Rows, SqlAccess, changed, fetch, is_text
from govdir.storage.moments import moment, stored
from govdir.storage.write_behind import WriteBehind

# How old the memory of a session may be: the longest that one ended elsewhere lives on here.
REMEMBERED_SECONDS = 1.0
# Sessions, and participants, remembered: some MiB; a province has some thousands of people at work at once.
MAX_REMEMBERED = 10_000

_SESSIONS = (
    "SELECT key, entry_uuid, began, seen, ends, authenticated, factors, proof, network, agent"
    " FROM sso_sessions"
)
_PARTICIPANTS = (
    "SELECT session_key, entity_id, session_index, name_id, name_format, name_qualifier, sp_name_qualifier,"
    " since FROM sso_participants"
)


class SqlSessions:
    """See sso.ports.Sessions. `seconds` is a clock that only moves forward."""

    def __init__(self, access: SqlAccess, behind: WriteBehind, seconds: Callable[[], float]) -> None:
        self._access = access
        self._behind = behind
        self._seconds = seconds
        self._remembered: OrderedDict[bytes, tuple[Session, float]] = OrderedDict()
        self._joined: OrderedDict[tuple[bytes, str, bytes], Participant] = OrderedDict()
        self._asked: dict[bytes, object] = {}
        self._sql = _Statements(access.sql)

    def add(self, session: Session) -> Deferred[None]:
        """See sso.ports.Sessions."""
        row = _session_row(session)

        def work(cursor: DBAPICursor) -> None:
            cursor.execute(self._sql.insert, row)

        return self._access.write(work).addCallback(lambda _: self._remember(session))

    def get(self, key: bytes) -> Awaitable[Session | None]:
        """See sso.ports.Sessions; a session in use costs one query a second."""
        known = self._fresh(key)
        return Deferred.fromCoroutine(self._get(key)) if known is None else succeed(known)

    def _fresh(self, key: bytes) -> Session | None:
        """What memory holds of a session, if that is young enough."""
        known = self._remembered.get(key)
        if known is None or self._seconds() - known[1] >= REMEMBERED_SECONDS:
            return None
        self._remembered.move_to_end(key)
        return known[0]

    async def _get(self, key: bytes) -> Session | None:
        asked, at = object(), self._seconds()
        self._asked[key] = asked
        try:
            rows = await self._access.rows(self._sql.get, key)
        finally:
            # A write of ours that came meanwhile has taken the question away: the answer may be older.
            current = self._asked.get(key) is asked
            if current:
                del self._asked[key]
        session = self._session(rows[0]) if rows else None
        if current:
            self._forget(key)
            if session is not None:
                self._remember(session, at)
        return session

    def replace(self, key: bytes, session: Session) -> Deferred[None]:
        """See sso.ports.Sessions. Fails with LookupError when the session is gone, which thus stays ended."""
        row = (*_session_row(session), key)
        self._forget(key)

        def work(cursor: DBAPICursor) -> None:
            if not changed(cursor, self._sql.replace, *row):
                raise LookupError("the session is gone")

        def done(_: None) -> None:
            self._forget(key)
            self._remember(session)

        return self._access.write(work).addCallback(done)

    def touch(self, key: bytes, seen: datetime) -> None:
        """See sso.ports.Sessions."""
        self._behind.touch(key, stored(seen))
        known = self._remembered.get(key)
        if known is not None and known[0].seen < seen:
            self._remembered[key] = (replace(known[0], seen=seen), known[1])

    def of_entry(self, entry_uuid: str) -> Awaitable[Sequence[Session]]:
        """See sso.ports.Sessions."""
        return Deferred.fromCoroutine(self._listed(self._sql.of_entry, entry_uuid))

    def latest(self, limit: int) -> Awaitable[Sequence[Session]]:
        """Everybody's, the one used last first; for administrators."""
        return Deferred.fromCoroutine(self._latest(limit))

    async def _latest(self, limit: int) -> Sequence[Session]:
        await self._behind.settled()  # which ones are the latest is for the table to say
        return await self._listed(self._sql.latest, limit)

    async def _listed(self, sql: str, parameter: object) -> Sequence[Session]:
        sessions = [self._session(row) for row in await self._access.rows(sql, parameter)]
        return sorted(sessions, key=lambda session: session.seen, reverse=True)

    def end(self, keys: Iterable[bytes]) -> Deferred[Sequence[Participant]]:
        """See sso.ports.Sessions."""
        ending = tuple(dict.fromkeys(keys))
        for key in ending:
            self._forget(key)

        def work(cursor: DBAPICursor) -> Sequence[Participant]:
            told: list[Participant] = []
            for key in ending:
                told += _participants(fetch(cursor, self._sql.participants, key))
                cursor.execute(self._sql.end, (key,))
            return told

        def done(told: Sequence[Participant]) -> Sequence[Participant]:
            for key in ending:
                self._forget(key)
            for each in told:
                self._joined.pop(_identity(each), None)
            return told

        return self._access.write(work).addCallback(done)

    def join(self, participant: Participant) -> Deferred[Participant]:
        """See sso.ports.Sessions; one that this process knows, of a session just looked up, costs nothing."""
        identity = _identity(participant)
        known = self._joined.get(identity)
        if known is not None and self._fresh(participant.session_key) is not None:
            self._joined.move_to_end(identity)
            return succeed(known)

        def work(cursor: DBAPICursor) -> Participant:
            before = _participants(fetch(cursor, self._sql.joined, *identity))
            if before:
                return before[0]
            if not fetch(cursor, self._sql.exists, participant.session_key):
                raise LookupError("the session is gone")
            cursor.execute(self._sql.join, _participant_row(participant))
            return participant

        def done(joined: Participant) -> Participant:
            _keep(self._joined, identity, joined)
            return joined

        return self._access.write(work).addCallback(done)

    def participants(self, key: bytes) -> Deferred[Sequence[Participant]]:
        """See sso.ports.Sessions; in the order in which they were told."""
        return self._access.rows(self._sql.participants, key).addCallback(_participants)

    def named(
        self, entity_id: str, name_id: NameId, indexes: Sequence[str]
    ) -> Deferred[Sequence[Participant]]:
        """See sso.ports.Sessions. What the asker's NameID does not say (its format, its qualifiers) is not
        compared: service providers drop those that they have no use for."""
        if not is_text(entity_id) or not is_text(name_id.value):
            return succeed(())

        def matching(rows: Rows) -> Sequence[Participant]:
            return [
                each
                for each in _participants(rows)
                if _is_meant(name_id, each.name_id) and (not indexes or each.session_index in indexes)
            ]

        return self._access.rows(self._sql.named, entity_id, name_id.value).addCallback(matching)

    def forget_expired(self, now: datetime, idle_since: datetime) -> Deferred[None]:
        """See sso.ports.Sessions."""
        return Deferred.fromCoroutine(self._forget_expired(stored(now), stored(idle_since)))

    async def _forget_expired(self, now: int, idle_since: int) -> None:
        await self._behind.flush()
        await self._access.forget("sso_sessions", "key", "ends", now + 1)
        await self._access.forget("sso_sessions", "key", "seen", idle_since + 1)

    def _session(self, row: tuple[Any, ...]) -> Session:
        key, entry_uuid, began, seen, ends, authenticated, factors, proof, network, agent = row
        return Session(
            key=bytes(key),
            entry_uuid=entry_uuid,
            began=moment(began),
            seen=moment(max(seen, self._behind.seen(bytes(key)))),
            ends=moment(ends),
            authenticated=moment(authenticated),
            factors=frozenset(Factor(each) for each in factors.split()),
            proof=bytes(proof),
            network=network,
            agent=agent,
        )

    def _remember(self, session: Session, at: float | None = None) -> None:
        _keep(self._remembered, session.key, (session, self._seconds() if at is None else at))

    def _forget(self, key: bytes) -> None:
        self._remembered.pop(key, None)
        self._asked.pop(key, None)


class _Statements:
    def __init__(self, sql: Callable[[str], str]) -> None:
        self.insert = sql(
            "INSERT INTO sso_sessions (key, entry_uuid, began, seen, ends, authenticated, factors, proof,"
            " network, agent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        self.replace = sql(
            "UPDATE sso_sessions SET key = ?, entry_uuid = ?, began = ?, seen = ?, ends = ?,"
            " authenticated = ?, factors = ?, proof = ?, network = ?, agent = ? WHERE key = ?"
        )
        self.exists = sql("SELECT 1 FROM sso_sessions WHERE key = ?")
        self.get = sql(_SESSIONS + " WHERE key = ?")
        self.of_entry = sql(_SESSIONS + " WHERE entry_uuid = ?")
        self.latest = sql(_SESSIONS + " ORDER BY seen DESC LIMIT ?")
        self.end = sql("DELETE FROM sso_sessions WHERE key = ?")
        self.join = sql(
            "INSERT INTO sso_participants (session_key, entity_id, name, session_index, name_id, name_format,"
            " name_qualifier, sp_name_qualifier, since) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        self.joined = sql(_PARTICIPANTS + " WHERE session_key = ? AND entity_id = ? AND name = ?")
        self.participants = sql(_PARTICIPANTS + " WHERE session_key = ? ORDER BY since, entity_id")
        self.named = sql(_PARTICIPANTS + " WHERE entity_id = ? AND name_id = ? ORDER BY since")


def _keep(memory: OrderedDict[Any, Any], key: object, value: object) -> None:
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > MAX_REMEMBERED:
        memory.popitem(last=False)


def _session_row(session: Session) -> tuple[object, ...]:
    return (
        session.key,
        session.entry_uuid,
        stored(session.began),
        stored(session.seen),
        stored(session.ends),
        stored(session.authenticated),
        " ".join(sorted(session.factors)),
        session.proof,
        session.network,
        session.agent,
    )


def _identity(participant: Participant) -> tuple[bytes, str, bytes]:
    name = participant.name_id
    whole = msgspec.msgpack.encode((name.value, name.format, name.name_qualifier, name.sp_name_qualifier))
    return participant.session_key, participant.entity_id, hashlib.sha256(whole).digest()


def _participant_row(participant: Participant) -> tuple[object, ...]:
    name = participant.name_id
    return (
        *_identity(participant),
        participant.session_index,
        name.value,
        str(name.format),
        name.name_qualifier,
        name.sp_name_qualifier,
        stored(participant.since),
    )


def _participants(rows: Rows) -> Sequence[Participant]:
    return [
        Participant(bytes(key), entity_id, index, NameId(value, kind, by, for_whom), moment(since))
        for key, entity_id, index, value, kind, by, for_whom, since in rows
    ]


def _is_meant(asked: NameId, told: NameId) -> bool:
    return (
        asked.format in {NameIdFormat.UNSPECIFIED, told.format}
        and asked.name_qualifier in {None, told.name_qualifier}
        and asked.sp_name_qualifier in {None, told.sp_name_qualifier}
    )
