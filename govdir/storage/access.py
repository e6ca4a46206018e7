"""How the stores of single sign-on reach their tables: reads on a pool, writes in the writer's commits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy.engine.interfaces import DBAPICursor
from twisted.internet.defer import Deferred

from govdir.directory.ports import SlowWork
from govdir.storage.engine import Database
from govdir.storage.writer import Transaction, Work, Writer

T = TypeVar("T")
Rows = Sequence[tuple[Any, ...]]

# Rows deleted in one commit: what waits behind it does so for some milliseconds.
FORGOTTEN_AT_ONCE = 1000


class SqlAccess:
    """One database as its stores use it; `reading` is a pool for reads."""

    def __init__(self, database: Database, writer: Writer, reading: SlowWork) -> None:
        self.sql = database.sql
        self._database = database
        self._writer = writer
        self._reading = reading

    def read(self, function: Callable[[DBAPICursor], T]) -> Deferred[T]:
        """What `function` makes of the tables as they are at one moment.

        Fails with StoreUnavailable, Busy.
        """

        def on_the_pool() -> T:
            with self._database.snapshot() as connection:
                return function(connection.cursor())

        return cast("Deferred[T]", self._reading.run(on_the_pool))

    def rows(self, sql: str, *parameters: object) -> Deferred[Rows]:
        """The rows of one query. Fails with StoreUnavailable, Busy."""
        return self.read(lambda cursor: fetch(cursor, sql, *parameters))

    def write(self, work: Callable[[DBAPICursor], T]) -> Deferred[T]:
        """Does `work` in the next commit, see Writer.submit; it may be run again after a rollback."""

        def in_transaction(transaction: Transaction, _careful: bool) -> T:
            return work(transaction.cursor)

        job: Work[T] = in_transaction
        return self._writer.submit(job)

    async def forget(self, table: str, key: str, column: str, before: int) -> None:
        """Deletes the rows whose `column` is below `before`, a portion a commit; `key` tells rows apart.

        Fails with StoreUnavailable, Busy; what is left then goes the next time.
        """
        delete = self.sql(
            f"DELETE FROM {table} WHERE ({key}) IN"  # noqa: S608 - our own names
            f" (SELECT {key} FROM {table} WHERE {column} < ? LIMIT {FORGOTTEN_AT_ONCE})"
        )
        count = FORGOTTEN_AT_ONCE
        while count == FORGOTTEN_AT_ONCE:
            count = await self.write(lambda cursor: changed(cursor, delete, before))


def fetch(cursor: DBAPICursor, sql: str, *parameters: object) -> Rows:
    """All rows of a query."""
    cursor.execute(sql, parameters)
    return cast("Rows", cursor.fetchall())


def changed(cursor: DBAPICursor, sql: str, *parameters: object) -> int:
    """How many rows a statement has changed."""
    cursor.execute(sql, parameters)
    return cursor.rowcount


def is_text(text: str) -> bool:
    """Whether both engines can hold it: no NUL, no lone surrogate. What they cannot is in no table."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def as_text(text: str, longest: int) -> str:
    """`text` cut to length, with what the engines cannot hold replaced."""
    return text[:longest].encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
