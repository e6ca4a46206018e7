"""Loads many entries in one exclusive transaction: all of them or none.

Running servers catch up by themselves: the load is recorded as changes of kind "load", each small enough for
one page of `Store.changes_after`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from sqlalchemy import Table
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.pool import PoolProxiedConnection

from govdir.directory.ports import AddressTaken, ChangeRecord, EntryChanged, NameTaken, ParentMissing
from govdir.storage.engine import Database
from govdir.storage.tables import addresses, entries
from govdir.storage.writer import Transaction

# (id, parent_id, rdn, rdn_key, shape, body, secrets, keys); ids count up from `next_id` without a gap, and a
# parent comes before its children.
LoadedEntry = tuple[int, int | None, str, str, str, bytes, bytes | None, bytes]

# (address, kind, entry_id)
LoadedAddress = tuple[str, str, int]

# Entries of one change record: a follower's page then holds a few whole changes.
ENTRIES_PER_CHANGE = 1000


class BulkLoad:
    """An open load. `next_id` is the id of the next entry to be added.

    Made by `bulk_load`; after an error it is good for nothing and everything it added is undone.
    """

    def __init__(self, database: Database, cursor: DBAPICursor, change: ChangeRecord) -> None:
        self._database = database
        self._cursor = cursor
        self._change = change
        self._transaction = Transaction(database, cursor, {})
        self._sql = database.statements
        self._first_id = self.next_id = database.next_entry_id(cursor)
        self._first_number = self._transaction.last_number + 1

    def add(self, new_entries: Sequence[LoadedEntry], new_addresses: Sequence[LoadedAddress]) -> None:
        """Adds some thousand entries at a time, and addresses of entries that are there already or now.

        Raises NameTaken, ParentMissing, AddressTaken, EntryChanged (an address of no entry),
        StoreUnavailable; ValueError when the ids do not count up from `next_id`.
        """
        last_id = self.next_id + len(new_entries) - 1
        if new_entries and (new_entries[0][0], new_entries[-1][0]) != (self.next_id, last_id):
            raise ValueError("the ids of loaded entries count up from next_id")
        with self._database.translated_errors():
            shapes = {shape: self._transaction.shape_id(shape) for shape in {row[4] for row in new_entries}}
            # A change's number follows from the entry's id: one every ENTRIES_PER_CHANGE entries.
            offset = self._first_number * ENTRIES_PER_CHANGE - self._first_id
            entry_rows = [
                (i, parent, rdn, key, shapes[shape], body, secrets, keys, (i + offset) // ENTRIES_PER_CHANGE)
                for i, parent, rdn, key, shape, body, secrets, keys in new_entries
            ]
            self._insert(entries, entry_rows)
            since = self._change.at
            self._insert(
                addresses, [(address, entry_id, kind, since) for address, kind, entry_id in new_addresses]
            )
        self.next_id = last_id + 1

    def finish(self) -> int:
        """Records the load; returns the number of entries. Called by `bulk_load`."""
        count = self.next_id - self._first_id
        if not count:
            return 0
        change, cursor = self._change, self._cursor
        for start in range(0, count, ENTRIES_PER_CHANGE):
            number = self._first_number + start // ENTRIES_PER_CHANGE
            size = min(ENTRIES_PER_CHANGE, count - start)
            row = (change.at, change.actor, change.kind, change.dn, change.entry_uuid)
            cursor.execute(self._sql.insert_change, (number, *row, f"{change.detail}{size} entries"))
        cursor.execute(self._sql.insert_loaded, (self._first_id,))
        self._database.reserve_entry_ids(cursor, self.next_id - 1)
        return count

    def _insert(self, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
        """All rows, or the conflict that a row meets."""
        if not rows:
            return
        self._cursor.execute("SAVEPOINT rows")
        try:
            self._database.insert_rows(self._cursor, table, rows)
        except self._database.integrity_error:
            self._cursor.execute("ROLLBACK TO SAVEPOINT rows")
            self._name_conflict(table, rows)
            raise
        self._cursor.execute("RELEASE SAVEPOINT rows")

    def _name_conflict(self, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
        """Inserts one by one up to the row that is refused, and says why."""
        for row in rows:
            self._check_entry(row) if table is entries else self._check_address(row)
            self._database.insert_rows(self._cursor, table, [row])

    def _check_entry(self, row: tuple[object, ...]) -> None:
        parent_id, rdn_key = row[1], row[3]
        if parent_id is None:
            taken = self._found(self._sql.suffix, ())
        elif not self._found(self._sql.entry_version, (parent_id,)):
            raise ParentMissing
        else:
            taken = self._found(self._sql.child_named, (parent_id, rdn_key))
        if taken:
            raise NameTaken

    def _check_address(self, row: tuple[object, ...]) -> None:
        address, entry_id = row[0], row[1]
        if self._found(self._sql.address_known, (address,)):
            raise AddressTaken(str(address))
        if not self._found(self._sql.entry_version, (entry_id,)):
            raise EntryChanged(int(str(entry_id)))

    def _found(self, sql: str, parameters: tuple[object, ...]) -> bool:
        self._cursor.execute(sql, parameters)
        return self._cursor.fetchone() is not None


@contextmanager
def bulk_load(database: Database, change: ChangeRecord) -> Iterator[BulkLoad]:
    """A load that is committed when the block ends, and undone when it raises. Blocking.

    Other writers wait while it is open, so read and check what is to be loaded first. `change` gives actor,
    time and place of the record; its kind should be "load", its detail is put before the number of entries.
    Raises StoreUnavailable.
    """
    connection = database.open_load()
    try:
        with database.translated_errors():
            cursor = connection.cursor()
            database.begin_write(cursor)
            load = BulkLoad(database, cursor, change)
        yield load
        with database.translated_errors():
            load.finish()
            database.announce(cursor)
            connection.commit()
    finally:
        _close(connection)
    database.tidy_after_load()


def _close(connection: PoolProxiedConnection) -> None:
    """The connection's settings were changed for the load, and what it did not commit is undone."""
    with suppress(Exception):
        connection.invalidate()
    connection.close()
