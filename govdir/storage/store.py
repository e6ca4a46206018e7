"""The SQL store: directory.ports.Store on a `Database`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, cast

import msgspec
from sqlalchemy.pool import PoolProxiedConnection
from twisted.internet.defer import Deferred

from govdir.directory.ports import (
    ChangedEntry,
    Committed,
    LoginFacts,
    SlowWork,
    StoredEntry,
    WriteUnit,
)
from govdir.storage.access import SqlAccess
from govdir.storage.access_days import SqlAccessDays
from govdir.storage.engine import Database
from govdir.storage.units import Application
from govdir.storage.writer import Transaction, Writer

# Changed entries of one answer: about 5 MiB, a tenth of a second of a follower's time.
PAGE_ENTRIES = 4000

_encode_times = msgspec.json.Encoder().encode
_decode_times = msgspec.json.Decoder(tuple[int, ...]).decode


class SqlStore:
    """Durable truth in one database; see directory.ports.Store for what each method promises.

    `deliver` runs a function on the loop; `reading` is a pool for reads while serving.
    """

    def __init__(
        self, database: Database, deliver: Callable[[Callable[[], None]], None], reading: SlowWork
    ) -> None:
        self._database = database
        self._sql = database.statements
        self._reading = reading
        self._writer = Writer(database, deliver)
        self.accesses = SqlAccessDays(SqlAccess(database, self._writer, reading))

    @property
    def writer(self) -> Writer:
        """For what else the database holds: its writes share the commits of the directory's."""
        return self._writer

    def start(self) -> None:
        """Starts the writer; the blocking reads work without it."""
        self._writer.start()

    def close(self) -> None:
        """Writes what was submitted, then stops. Blocking."""
        self._writer.close()

    # --- blocking, for start-up

    def load_entries(self) -> Iterator[StoredEntry]:
        """Every entry in order of id; entries of one shape share its text, "" where that is lost.

        Raises StoreUnavailable.
        """
        with self._database.snapshot() as connection:
            shapes = dict(cast("Sequence[tuple[int, str]]", _rows(connection, self._sql.load_shapes)))
            rows: Any = self._database.stream(connection, self._sql.load_entries)
            for entry_id, parent_id, rdn, rdn_key, shape_id, body, secrets, keys, version in rows:
                yield StoredEntry(
                    entry_id, parent_id, rdn, rdn_key, shapes.get(shape_id, ""), body, secrets, keys, version
                )

    def load_retired_addresses(self) -> Iterator[str]:
        """In no promised order. Raises StoreUnavailable."""
        with self._database.snapshot() as connection:
            for (address,) in self._database.stream(connection, self._sql.load_retired):
                yield cast("str", address)

    def retired_addresses(self) -> Deferred[frozenset[str]]:
        """Those addresses now, read on the pool. Fails with StoreUnavailable, Busy."""
        return cast(
            "Deferred[frozenset[str]]",
            self._reading.run(lambda: frozenset(self.load_retired_addresses())),
        )

    def load_login_facts(self) -> Iterator[LoginFacts]:
        """In order of entry id. Raises StoreUnavailable."""
        with self._database.snapshot() as connection:
            rows: Any = self._database.stream(connection, self._sql.load_logins)
            for entry_id, last_success, failures in rows:
                yield LoginFacts(entry_id, last_success, _decode_times(failures))

    def last_number(self) -> int:
        """The number of the newest change, 0 when there is none. Raises StoreUnavailable."""
        with self._database.snapshot() as connection:
            ((number,),) = _rows(connection, self._sql.last_number)
            return cast("int | None", number) or 0

    # --- while serving

    def commit(self, unit: WriteUnit) -> Deferred[Committed]:
        """Durable when it fires. Fails with Conflict, StoreUnavailable or Busy; then nothing was applied."""
        return self._writer.submit(partial(_apply_unit, unit))

    def record_logins(self, facts: Sequence[LoginFacts]) -> Deferred[None]:
        """Replaces the facts of these entries in one commit; entries that are gone are passed over, and a
        last success that another process knows better stays."""
        return self._writer.submit(partial(_record_logins, tuple(facts)))

    def changes_after(self, number: int) -> Deferred[Sequence[ChangedEntry]]:
        """Every entry touched by each change after `number`, in order of change, as it is *now*.

        An entry touched by several changes comes with each of them, always in its newest state, which may
        name a parent that only comes with a later change. The page ends with a whole change; ask again after
        its last number until nothing comes. Fails with StoreUnavailable, Busy.
        """
        return cast(
            "Deferred[Sequence[ChangedEntry]]", self._reading.run(partial(self._changes_after, number))
        )

    def _changes_after(self, number: int) -> Sequence[ChangedEntry]:
        with self._database.snapshot() as connection:
            end = _rows(connection, self._sql.page_end, (number, PAGE_ENTRIES - 1))
            if end:
                rows = _rows(connection, self._sql.changed_between, (number, end[0][0]))
            else:
                rows = _rows(connection, self._sql.changed_after, (number,))
        return [_changed_entry(row) for row in rows]


def _apply_unit(unit: WriteUnit, transaction: Transaction, careful: bool) -> Committed:
    number = transaction.last_number + 1
    application = Application(
        transaction.sql, transaction.cursor, number, transaction.shape_id, careful=careful
    )
    committed = application.run(unit)
    transaction.last_number = number
    return committed


def _record_logins(facts: Sequence[LoginFacts], transaction: Transaction, _careful: bool) -> None:
    cursor, sql = transaction.cursor, transaction.sql
    for fact in facts:
        failures = _encode_times(fact.failures).decode()
        last = fact.last_success
        cursor.execute(sql.update_login, (last, last, failures, fact.entry_id))
        if cursor.rowcount == 0:
            cursor.execute(sql.insert_login, (fact.last_success, failures, fact.entry_id))


def _changed_entry(row: Any) -> ChangedEntry:
    number, changed_id, shape, entry_id, parent_id, rdn, rdn_key, _shape_id, body, secrets, keys, version = (
        row
    )
    if entry_id is None:
        return ChangedEntry(number, changed_id, None)
    entry = StoredEntry(entry_id, parent_id, rdn, rdn_key, shape, body, secrets, keys, version)
    return ChangedEntry(number, changed_id, entry)


def _rows(
    connection: PoolProxiedConnection, sql: str, parameters: tuple[object, ...] = ()
) -> Sequence[tuple[Any, ...]]:
    cursor = connection.cursor()
    cursor.execute(sql, parameters)
    return cast("Sequence[tuple[Any, ...]]", cursor.fetchall())
