"""Applies one WriteUnit inside the writer's transaction, and says exactly which conflict stopped it.

Statements run first and ask afterwards: only when something is refused is the unit run again with a look
before each step (`careful`), which names the conflict. Nothing is read from the text of a database's error.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import assert_never

from sqlalchemy.engine.interfaces import DBAPICursor

from govdir.directory.ports import (
    NO_ENTRY,
    WRITTEN_HERE,
    AddressTaken,
    ClaimAddress,
    Committed,
    DeleteEntry,
    EntryChanged,
    FreeAddress,
    HasChildren,
    InsertEntry,
    NameTaken,
    NotRetired,
    Operation,
    ParentMissing,
    ReleaseAddress,
    ReplaceEntry,
    RequireVersion,
    RetireAddress,
    WriteUnit,
)
from govdir.storage.statements import Statements

# Rows of one statement: databases take some hundred parameters at least (SQLite before 3.32: 999).
MANY = 200


def _together(operation: Operation) -> tuple[type, int] | None:
    """What neighbours that may be applied by one statement have in common; None: alone."""
    if isinstance(operation, DeleteEntry):
        return None if operation.level is None else (DeleteEntry, operation.level)
    return (type(operation), 0) if isinstance(operation, ReleaseAddress | RetireAddress) else None


class Application:
    """One attempt to apply a unit as change `number`; after a Conflict the caller undoes what was done.

    `shape_id` interns a shape's text. `careful` looks before each step.
    """

    __slots__ = (
        "_at",
        "_careful",
        "_cursor",
        "_inserted",
        "_last",
        "_number",
        "_shape_id",
        "_sql",
        "_touched",
    )

    def __init__(
        self,
        sql: Statements,
        cursor: DBAPICursor,
        number: int,
        shape_id: Callable[[str], int],
        *,
        careful: bool,
    ) -> None:
        self._sql = sql
        self._cursor = cursor
        self._number = number
        self._shape_id = shape_id
        self._careful = careful
        self._at = 0
        self._inserted: dict[int, int] = {}
        self._last: int | None = None
        self._touched: dict[int, None] = {}

    def run(self, unit: WriteUnit) -> Committed:
        """Raises Conflict, or the driver's IntegrityError, which a careful run turns into a Conflict."""
        change = unit.change
        self._at = change.at
        for together, neighbours in groupby(unit.operations, _together):
            if together is None or self._careful:
                for operation in neighbours:
                    self._apply(operation)
            else:
                self._apply_many(list(neighbours))
        execute = self._cursor.execute
        execute(
            self._sql.insert_change,
            (
                self._number,
                change.at,
                change.actor,
                change.kind,
                change.dn,
                change.entry_uuid,
                change.detail,
            ),
        )
        touched = list(self._touched)
        for start in range(0, len(touched), MANY):
            rows = [(self._number, entry_id) for entry_id in touched[start : start + MANY]]
            execute(self._sql.insert_change_entries(len(rows)), [each for row in rows for each in row])
        return Committed(self._number, self._inserted)

    def _apply(self, operation: Operation) -> None:
        match operation:
            case InsertEntry():
                self._insert(operation)
            case ReplaceEntry():
                self._replace(operation)
            case DeleteEntry():
                self._delete(operation)
            case RequireVersion():
                self._require(self._id(operation.id), self._expected(operation.version))
            case ClaimAddress():
                self._claim(operation)
            case ReleaseAddress():
                entry_id = self._id(operation.entry_id)
                self._change_address(self._sql.release_address, (operation.address, entry_id), entry_id)
            case RetireAddress():
                entry_id = self._id(operation.entry_id)
                parameters = (self._at, operation.address, entry_id)
                self._change_address(self._sql.retire_address, parameters, entry_id)
            case FreeAddress():
                self._free(operation)
            case _:
                assert_never(operation)

    def _apply_many(self, operations: list[Operation]) -> None:
        """Neighbours of one kind, by few statements: a thread that runs thousands waits for the interpreter
        before each, and everybody who writes waits for it."""
        for start in range(0, len(operations), MANY):
            self._apply_together(operations[start : start + MANY])

    def _apply_together(self, operations: list[Operation]) -> None:
        first = operations[0]
        rows: list[tuple[object, int]] = []
        for each in operations:
            if isinstance(each, DeleteEntry):
                rows.append((self._id(each.id), self._expected(each.expected_version)))
            elif isinstance(each, ReleaseAddress | RetireAddress):
                rows.append((each.address, self._id(each.entry_id)))
        sql, parameters = self._sql, [value for row in rows for value in row]
        if isinstance(first, DeleteEntry):
            self._cursor.execute(sql.delete_entries(len(rows)), parameters)
            touched = [entry_id for entry_id, _ in rows]
        elif isinstance(first, RetireAddress):
            self._cursor.execute(sql.retire_addresses(len(rows)), [self._at, *parameters])
            touched = [entry_id for _, entry_id in rows]
        else:
            self._cursor.execute(sql.release_addresses(len(rows)), parameters)
            touched = [entry_id for _, entry_id in rows]
        if self._cursor.rowcount != len(rows):
            raise EntryChanged(NO_ENTRY)  # one of them; a careful run finds which
        self._touched.update(dict.fromkeys(touched))  # type: ignore[arg-type]

    def _insert(self, new: InsertEntry) -> None:
        if new.id in self._inserted or new.id >= 0:
            raise ValueError("each new entry of a unit has a negative id of its own")
        parent_id = self._parent(new.parent_id)
        if self._careful:
            self._check_place(parent_id, new.rdn_key, None)
        shape_id = self._shape_id(new.shape)
        self._cursor.execute(
            self._sql.insert_entry,
            (parent_id, new.rdn, new.rdn_key, shape_id, new.body, new.secrets, new.keys, self._number),
        )
        row = self._cursor.fetchone()
        if row is None:  # pragma: no cover - INSERT … RETURNING has a row or an error
            raise RuntimeError("the database gave the new entry no id")
        self._last = self._inserted[new.id] = row[0]
        self._touched[row[0]] = None

    def _replace(self, new: ReplaceEntry) -> None:
        entry_id, parent_id = self._id(new.id), self._parent(new.parent_id)
        expected = self._expected(new.expected_version)
        if self._careful:
            self._require(entry_id, expected)
            self._check_place(parent_id, new.rdn_key, entry_id)
        shape_id = self._shape_id(new.shape)
        self._cursor.execute(
            self._sql.replace_entry,
            (
                parent_id,
                new.rdn,
                new.rdn_key,
                shape_id,
                new.body,
                new.secrets,
                new.keys,
                self._number,
                entry_id,
                expected,
            ),
        )
        if self._cursor.rowcount != 1:
            raise EntryChanged(entry_id)
        self._touched[entry_id] = None

    def _delete(self, old: DeleteEntry) -> None:
        entry_id, expected = self._id(old.id), self._expected(old.expected_version)
        if self._careful:
            self._require(entry_id, expected)
            if self._found(self._sql.any_child, (entry_id,)):
                raise HasChildren
        self._cursor.execute(self._sql.delete_entry, (entry_id, expected))
        if self._cursor.rowcount != 1:
            raise EntryChanged(entry_id)
        self._touched[entry_id] = None

    def _claim(self, claim: ClaimAddress) -> None:
        entry_id = self._last if claim.entry_id is None else self._id(claim.entry_id)
        if entry_id is None:
            raise ValueError("an address is claimed for a new entry before the entry is inserted")
        if self._careful:
            if self._found(self._sql.address_known, (claim.address,)):
                raise AddressTaken(claim.address)
            if self._version(entry_id) is None:
                raise EntryChanged(entry_id)
        self._cursor.execute(self._sql.claim_address, (claim.address, entry_id, claim.kind, self._at))
        self._touched[entry_id] = None

    def _change_address(self, statement: str, parameters: tuple[object, ...], entry_id: int) -> None:
        self._cursor.execute(statement, parameters)
        if self._cursor.rowcount != 1:
            raise EntryChanged(entry_id)
        self._touched[entry_id] = None

    def _free(self, free: FreeAddress) -> None:
        self._cursor.execute(self._sql.free_address, (free.address,))
        if self._cursor.rowcount != 1:
            raise NotRetired
        self._touched[NO_ENTRY] = None

    def _check_place(self, parent_id: int | None, rdn_key: str, own_id: int | None) -> None:
        if parent_id is None:
            holder = self._found(self._sql.suffix, ())
        else:
            if self._version(parent_id) is None:
                raise ParentMissing
            holder = self._found(self._sql.child_named, (parent_id, rdn_key))
        if holder is not None and holder != own_id:
            raise NameTaken

    def _id(self, entry_id: int) -> int:
        """The id in the store of an entry of the unit, which may be one that it inserted itself."""
        return entry_id if entry_id >= 0 else self._inserted[entry_id]

    def _parent(self, parent_id: int | None) -> int | None:
        return None if parent_id is None else self._id(parent_id)

    def _expected(self, version: int) -> int:
        return self._number if version == WRITTEN_HERE else version

    def _require(self, entry_id: int, version: int) -> None:
        if self._version(entry_id) != version:
            raise EntryChanged(entry_id)

    def _version(self, entry_id: int) -> int | None:
        return self._found(self._sql.entry_version, (entry_id,))

    def _found(self, statement: str, parameters: tuple[object, ...]) -> int | None:
        self._cursor.execute(statement, parameters)
        row = self._cursor.fetchone()
        return None if row is None else int(row[0])
