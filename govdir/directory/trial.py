"""Changes tried out on the image: shown while a transaction is planned, and taken back to the last detail.

A later update of a transaction is planned on what the earlier ones leave. So their effects are put into the
image itself, where all rules, rights and indexes find them, but only between two turns of the loop: nobody
else ever sees them. Taken back, every record is the same object with the same content at the same place.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from govdir.directory.image import Image, Record
from govdir.directory.ports import (
    WRITTEN_HERE,
    ClaimAddress,
    DeleteEntry,
    EntryChanged,
    FreeAddress,
    InsertEntry,
    NameTaken,
    Operation,
    ReleaseAddress,
    ReplaceEntry,
    RequireVersion,
    RetireAddress,
    StoredEntry,
    WriteUnit,
)


class _Effect(Struct, frozen=True):
    """What one operation does, and how it is taken back. `do` raises Conflict where it no longer fits."""

    do: Callable[[], None]
    undo: Callable[[], None]


class Trial:
    """The effects of units on an image, to be shown (`enter`) and taken back (`leave`) together.

    `operations` are those of all units as they go into one: new entries have ids of their own in it, and
    what is changed twice is expected as the first change leaves it.
    """

    def __init__(self, image: Image) -> None:
        self._image = image
        self._effects: list[_Effect] = []
        self._written: set[int] = set()
        self._new: list[int] = []
        self._shown = False
        self.operations: list[Operation] = []

    def enter(self) -> None:
        """Shows all effects; raises Conflict, and shows none, when others have changed what they touch."""
        done: list[_Effect] = []
        try:
            for effect in self._effects:
                effect.do()
                done.append(effect)
        except BaseException:
            for effect in reversed(done):
                effect.undo()
            raise
        self._shown = True

    def leave(self) -> None:
        """Takes all effects back; harmless when none are shown."""
        if self._shown:
            self._shown = False
            for effect in reversed(self._effects):
                effect.undo()

    def add(self, unit: WriteUnit) -> None:
        """Shows what one more unit does, behind the others, which are shown."""
        for operation in unit.operations:
            joint, effect = self._taken(operation)
            self.operations.append(joint)
            if effect is not None:
                effect.do()
                self._effects.append(effect)

    def _taken(self, operation: Operation) -> tuple[Operation, _Effect | None]:
        """The operation as it goes into the joint unit, and its effect."""
        retired = self._image.retired_addresses
        match operation:
            case InsertEntry():
                return self._inserted(operation)
            case ReplaceEntry(id=entry_id, expected_version=version):
                version = self._expected(entry_id, version)
                self._written.add(entry_id)
                return replace(operation, expected_version=version), self._replaced(operation)
            case DeleteEntry(id=entry_id, expected_version=version):
                version = self._expected(entry_id, version)
                return replace(operation, expected_version=version), self._deleted(operation)
            case RequireVersion():
                return replace(operation, version=self._expected(operation.id, operation.version)), None
            case ClaimAddress(entry_id=None):
                return replace(operation, entry_id=self._new[-1]), None
            case RetireAddress(address=address) if address not in retired:
                return operation, _Effect(lambda: retired.add(address), lambda: retired.discard(address))
            case ReleaseAddress(address=address) | FreeAddress(address=address) if address in retired:
                return operation, _Effect(lambda: retired.discard(address), lambda: retired.add(address))
            case _:
                return operation, None

    def _expected(self, entry_id: int, version: int) -> int:
        return WRITTEN_HERE if entry_id in self._written else version

    def _inserted(self, operation: InsertEntry) -> tuple[Operation, _Effect]:
        image = self._image
        new = replace(operation, id=-1 - len(self._new))
        self._new.append(new.id)
        record = Record(_stored(new, new.id, WRITTEN_HERE), image.shapes.get(new.shape))

        def do() -> None:
            parent = self._place(new.parent_id, new.rdn_key, None)
            image.tentative[new.id] = record
            image.show(record, new.keys, parent)

        def undo() -> None:
            image.hide(record)
            del image.tentative[new.id]

        return new, _Effect(do, undo)

    def _replaced(self, operation: ReplaceEntry) -> _Effect:
        image = self._image
        record = self._record(operation.id)
        before = _content(record)
        after = _stored(operation, record.id, record.version)

        def do() -> None:
            self._check_is(record, before)
            image.change(record, after, self._place(after.parent_id, after.rdn_key, record))

        def undo() -> None:
            parent = None if before.parent_id is None else self._record(before.parent_id)
            image.change(record, before, parent)

        return _Effect(do, undo)

    def _deleted(self, operation: DeleteEntry) -> _Effect:
        image = self._image
        record = self._record(operation.id)
        before = _content(record)
        parent = record.parent
        keys = image.index_keys.of_body(record.shape, record.body)

        def do() -> None:
            self._check_is(record, before)
            if record.children:
                raise EntryChanged(record.id)
            image.hide(record)

        return _Effect(do, lambda: image.show(record, keys, parent))

    def _record(self, entry_id: int) -> Record:
        record = self._image.by_id(entry_id)
        if record is None:
            raise EntryChanged(entry_id)
        return record

    def _place(self, parent_id: int | None, rdn_key: str, this: Record | None) -> Record | None:
        """The parent, below which the name is free or the entry's own; raises Conflict."""
        if parent_id is None:
            return None
        parent = self._record(parent_id)
        holder = (parent.children or {}).get(rdn_key)
        if holder is not None and holder is not this:
            raise NameTaken
        return parent

    @staticmethod
    def _check_is(record: Record, before: StoredEntry) -> None:
        """Others have not changed the entry since the effect was worked out."""
        parent_id = None if record.parent is None else record.parent.id
        same = record.alive and record.version == before.version and record.body is before.body
        if not same or parent_id != before.parent_id:
            raise EntryChanged(record.id)


def _content(record: Record) -> StoredEntry:
    """The entry as it is; its keys are left out."""
    return StoredEntry(
        record.id,
        None if record.parent is None else record.parent.id,
        record.rdn.decode(),
        record.rdn_key,
        record.shape.descriptor,
        record.body,
        record.secrets,
        b"",
        record.version,
    )


def _stored(operation: InsertEntry | ReplaceEntry, entry_id: int, version: int) -> StoredEntry:
    return StoredEntry(
        entry_id,
        operation.parent_id,
        operation.rdn,
        operation.rdn_key,
        operation.shape,
        operation.body,
        operation.secrets,
        operation.keys,
        version,
    )
