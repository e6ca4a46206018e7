"""From a plan to the image: commit, plan again on conflict, apply what was committed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from govdir.directory.addresses import holder
from govdir.directory.errors import Busy, Unavailable
from govdir.directory.image import Image
from govdir.directory.ports import (
    NO_ENTRY,
    AddressTaken,
    ChangedEntry,
    Committed,
    Conflict,
    DeleteEntry,
    FreeAddress,
    InsertEntry,
    ReleaseAddress,
    ReplaceEntry,
    RetireAddress,
    Store,
    StoredEntry,
    StoreUnavailable,
    WriteUnit,
)

# Each round at least one competitor succeeds; 64 writers of one name need at most 64 rounds.
MAX_ATTEMPTS = 128

_UNAVAILABLE = "the database cannot be written; nothing was changed"


class Committer:
    """Commits plans one caller at a time wants, and keeps the image equal to the store."""

    def __init__(self, image: Image, store: Store) -> None:
        self._image = image
        self._store = store
        self._ahead: set[int] = set()

    async def commit(self, plan: Callable[[], WriteUnit]) -> None:
        """Plans, commits and applies; or raises what `plan` raises, Busy or Unavailable and does nothing."""
        for _ in range(MAX_ATTEMPTS):
            unit = plan()
            planned_at = self._image.number
            try:
                committed = await self._store.commit(unit)
            except Conflict as conflict:
                await self._learn(conflict, planned_at)
                continue
            except StoreUnavailable:
                raise Unavailable(_UNAVAILABLE) from None
            self._apply(unit, committed)
            return
        raise Busy("the entry is being changed by others; try again")

    async def _learn(self, conflict: Conflict, planned_at: int) -> None:
        """Fetches what the plan did not know. An address that then no entry holds but the store refuses was
        retired by another process."""
        image = self._image
        if image.number == planned_at or isinstance(conflict, AddressTaken):
            try:
                await self.catch_up()
            except StoreUnavailable:
                raise Unavailable(_UNAVAILABLE) from None
        if isinstance(conflict, AddressTaken) and holder(image, conflict.address) is None:
            image.retired_addresses.add(conflict.address)

    def _apply(self, unit: WriteUnit, committed: Committed) -> None:
        image = self._image
        for operation in unit.operations:
            if isinstance(operation, InsertEntry | ReplaceEntry):
                image.put(_stored(operation, committed))
            elif isinstance(operation, DeleteEntry):
                image.remove(operation.id)
            elif isinstance(operation, RetireAddress):
                image.retired_addresses.add(operation.address)
            elif isinstance(operation, ReleaseAddress | FreeAddress):
                image.retired_addresses.discard(operation.address)
        self._advance(committed.number)

    def _advance(self, number: int) -> None:
        """Numbers applied out of turn wait until those of other processes have been fetched."""
        self._ahead.add(number)
        image = self._image
        while image.number + 1 in self._ahead:
            image.number += 1
            self._ahead.discard(image.number)

    async def catch_up(self) -> int:
        """Applies what other processes have committed; how many entries it touched."""
        touched = 0
        while True:
            changes = await self._store.changes_after(self._image.number)
            if not changes:
                return touched
            self._apply_foreign(changes)
            if any(change.entry_id == NO_ENTRY for change in changes):
                self._image.retired_addresses = set(await self._store.retired_addresses())
            touched += len(changes)

    def _apply_foreign(self, changes: Sequence[ChangedEntry]) -> None:
        image = self._image
        waiting = [change.entry for change in changes if change.entry is not None]
        for change in changes:
            if change.entry is None and change.entry_id != NO_ENTRY:
                image.remove(change.entry_id)
        while waiting:  # entries come with their newest place, which may be below a later one
            left = []
            for entry in waiting:
                try:
                    image.put(entry)
                except LookupError:
                    left.append(entry)
            if len(left) == len(waiting):
                break  # their parents come with the next portion
            waiting = left
        image.number = max(image.number, changes[-1].number)
        self._ahead = {number for number in self._ahead if number > image.number}
        self._advance(image.number)


def _stored(operation: InsertEntry | ReplaceEntry, committed: Committed) -> StoredEntry:
    entry_id = operation.id if isinstance(operation, ReplaceEntry) else committed.inserted_id
    if entry_id is None:
        raise LookupError("the store gave the new entry no id")
    return StoredEntry(
        entry_id,
        operation.parent_id,
        operation.rdn,
        operation.rdn_key,
        operation.shape,
        operation.body,
        operation.secrets,
        operation.keys,
        committed.number,
    )
