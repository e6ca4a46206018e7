"""The entry before and after a change, for the response to it (RFC 4527)."""

from __future__ import annotations

from govdir.directory.access_view import AccessView
from govdir.directory.image import Image, Record
from govdir.directory.options import WriteOptions
from govdir.directory.ports import InsertEntry, ReplaceEntry, StoredEntry, WriteUnit
from govdir.directory.selection import Selections


class EntryReader:
    """What one change's pre-read and post-read ask for, read as its caller may read it."""

    __slots__ = ("_after", "_before", "_image", "_selections", "_view")

    def __init__(self, options: WriteOptions, image: Image, view: AccessView, selections: Selections) -> None:
        self._before = options.pre_read
        self._after = options.post_read
        self._image = image
        self._view = view
        self._selections = selections

    def before(self, record: Record) -> bytes | None:
        """The entry as it is, content octets; None where it was not asked for. To be called while planning,
        so that it is the very state the plan relies on."""
        return None if self._before is None else self._read(self._before, record, record)

    def after(self, unit: WriteUnit, changed: Record | None) -> bytes | None:
        """The entry as `unit` leaves it, whatever others have made of it since; None where it was not asked
        for or is not for the caller to see. To be called once the unit is applied, or is known not to be.

        `changed` is the entry that the unit is about, None when it adds one.
        """
        if self._after is None:
            return None
        left = _left(unit, changed, self._image)
        if left is None:
            return None
        here = self._standing(left) if changed is None else changed
        return self._read(self._after, left, left if here is None or not here.alive else here)

    def name(self, unit: WriteUnit, changed: Record | None) -> str:
        """The name under which `unit` leaves the entry; that of one it deletes."""
        left = _left(unit, changed, self._image)
        named = changed if left is None else left
        return "" if named is None else named.dn_text

    def _standing(self, added: Record) -> Record | None:
        """A new entry's record in the image, None before it is there."""
        parent = added.parent
        return self._image.root if parent is None else (parent.children or {}).get(added.rdn_key)

    def _read(self, names: tuple[str, ...], record: Record, granted_by: Record) -> bytes | None:
        grant = self._view.grant(granted_by)
        if not grant.visible:
            return None
        plan = self._selections.get(names, False).plan(record.shape, grant)
        return plan.content(record, self._image)


def added_record(unit: WriteUnit, image: Image) -> Record:
    """The entry that `unit` adds, as it will be: a record that is not in the image."""
    added = _left(unit, None, image)
    if added is None:
        raise LookupError("the unit adds no entry")
    return added


def _left(unit: WriteUnit, changed: Record | None, image: Image) -> Record | None:
    """The entry a unit leaves, outside the image; None when it deletes it."""
    for operation in unit.operations:
        if isinstance(operation, ReplaceEntry) and changed is not None and operation.id == changed.id:
            return _apart(operation, changed, image)
        if isinstance(operation, InsertEntry) and changed is None:
            return _apart(operation, None, image)
    return None


def _apart(operation: InsertEntry | ReplaceEntry, present: Record | None, image: Image) -> Record | None:
    """None once what it stands below is gone: others have deleted both right behind."""
    parent = None if operation.parent_id is None else image.by_id(operation.parent_id)
    if parent is None and operation.parent_id is not None:
        return None
    stored = StoredEntry(
        0 if present is None else present.id,
        operation.parent_id,
        operation.rdn,
        operation.rdn_key,
        operation.shape,
        operation.body,
        None,
        b"",
        0,
    )
    record = Record(stored, image.shapes.get(operation.shape))
    record.parent = parent
    record.children = None if present is None else present.children
    return record
