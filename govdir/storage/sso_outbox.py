"""Letters to be sent, in SQL; implements sso.ports.Outbox and sso.ports.Letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.engine.interfaces import DBAPICursor
from twisted.internet.defer import Deferred, succeed

from govdir.sso.model import Letter, Outgoing
from govdir.storage.access import SqlAccess, as_text, fetch
from govdir.storage.moments import moment, stored

# Letters are short; what is longer was not written by us.
MAX_SUBJECT = 500
MAX_BODY = 20_000


class SqlOutbox:
    """See sso.ports.Outbox. Where no mail is sent (`keeps` False) letters are not stored either: they would
    all go out at once, years late, when a mail server is named."""

    def __init__(self, access: SqlAccess, now: Callable[[], datetime], *, keeps: bool) -> None:
        self._access = access
        self._now = now
        self._keeps = keeps
        sql = access.sql
        self._insert = sql(
            "INSERT INTO sso_outbox (recipient, subject, body, written, tries, due) VALUES (?, ?, ?, ?, 0, ?)"
        )
        self._due = sql(
            "SELECT number, recipient, subject, body, written, tries FROM sso_outbox WHERE due <= ?"
            " ORDER BY due, number LIMIT ?"
        )
        self._claim = sql("UPDATE sso_outbox SET due = ?, tries = tries + 1 WHERE number = ?")
        self._delay = sql("UPDATE sso_outbox SET due = ? WHERE number = ?")
        self._delete = sql("DELETE FROM sso_outbox WHERE number = ?")
        self._next = "SELECT min(due) FROM sso_outbox"

    def put(self, letter: Letter) -> Deferred[None]:
        """See sso.ports.Outbox."""
        if not self._keeps:
            return succeed(None)
        at = stored(self._now())
        row = (letter.to, as_text(letter.subject, MAX_SUBJECT), as_text(letter.text, MAX_BODY), at, at)
        return self._change(self._insert, *row)

    def take(self, now: datetime, until: datetime, limit: int) -> Deferred[Sequence[Outgoing]]:
        """See sso.ports.Letters."""
        return Deferred.fromCoroutine(self._take(stored(now), stored(until), limit))

    async def _take(self, now: int, until: int, limit: int) -> Sequence[Outgoing]:
        ((due,),) = await self._access.rows(self._next)
        if due is None or due > now:
            return ()  # asked every few seconds by each process: no turn of the writer for nothing

        def claim(cursor: DBAPICursor) -> Sequence[Outgoing]:
            taken: list[Outgoing] = []
            for number, to, subject, text, written, tries in fetch(cursor, self._due, now, limit):
                cursor.execute(self._claim, (until, number))
                taken.append(Outgoing(number, Letter(to, subject, text), moment(written), tries + 1))
            return taken

        return await self._access.write(claim)

    def delay(self, number: int, until: datetime) -> Deferred[None]:
        """See sso.ports.Letters."""
        return self._change(self._delay, stored(until), number)

    def drop(self, number: int) -> Deferred[None]:
        """See sso.ports.Letters."""
        return self._change(self._delete, number)

    def _change(self, sql: str, *parameters: object) -> Deferred[None]:
        def work(cursor: DBAPICursor) -> None:
            cursor.execute(sql, parameters)

        return self._access.write(work)
