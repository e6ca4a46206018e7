"""From a plan to the image: commit, plan again on conflict, apply what was committed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from govdir.directory.addresses import holder
from govdir.directory.errors import Busy, Unavailable
from govdir.directory.image import Image, Record
from govdir.directory.ports import (
    NO_ENTRY,
    AddressTaken,
    Breathe,
    Breathless,
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

# What takes several turns to plan is overtaken more easily, and costs more each time.
MAX_LONG_ATTEMPTS = 32

# Portions of others' changes taken in together, so that none is seen by half: more than this far behind are
# only processes that follow a load, and they would hold too much at once.
MAX_PORTIONS = 8

_UNAVAILABLE = (
    "không ghi được cơ sở dữ liệu, chưa có gì thay đổi (the database cannot be written; nothing was changed)"
)


class Committer:
    """Commits plans one caller at a time wants, and keeps the image equal to the store.

    `breathe` lets others have their turn in the middle of much work.
    """

    def __init__(self, image: Image, store: Store) -> None:
        self._image = image
        self._store = store
        self.breathe: Breathe = Breathless()
        self._ahead: set[int] = set()

    async def commit(self, plan: Callable[[], WriteUnit]) -> None:
        """Plans, commits and applies; or raises what `plan` raises, Busy or Unavailable and does nothing."""
        for _ in range(MAX_ATTEMPTS):
            if await self._committed(plan(), self._image.number):
                return
        raise Busy(
            "mục đang được người khác sửa, hãy thử lại (the entry is being changed by others; try again)"
        )

    async def commit_in_turns(self, plan: Callable[[], Awaitable[WriteUnit]]) -> None:
        """The same for what is planned over several turns of the loop; `plan` raises Conflict when others
        have changed in between what it had planned on."""
        for _ in range(MAX_LONG_ATTEMPTS):
            planned_at = self._image.number
            try:
                unit = await plan()
            except Conflict:
                continue
            if await self._committed(unit, planned_at):
                return
        raise Busy(
            "các mục đang được người khác sửa, hãy thử lại "
            "(the entries are being changed by others; try again)"
        )

    async def _committed(self, unit: WriteUnit, planned_at: int) -> bool:
        """Whether the unit is in store and image now; False: plan again, knowing more."""
        try:
            committed = await self._store.commit(unit)
        except Conflict as conflict:
            await self._learn(conflict, planned_at)
            return False
        except StoreUnavailable:
            raise Unavailable(_UNAVAILABLE) from None
        await self._clear(self._apply(unit, committed))
        return True

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

    def _apply(self, unit: WriteUnit, committed: Committed) -> list[Record]:
        """Shows what a unit came to, all at once; returns what `Image.clear` is to be given."""
        retired = self._image.retired_addresses
        last: dict[int, StoredEntry | None] = {}
        for operation in unit.operations:
            if isinstance(operation, InsertEntry | ReplaceEntry):
                stored = _stored(operation, committed)
                last[stored.id] = stored
            elif isinstance(operation, DeleteEntry):
                last[_id(operation.id, committed)] = None
            elif isinstance(operation, RetireAddress):
                retired.add(operation.address)
            elif isinstance(operation, ReleaseAddress | FreeAddress):
                retired.discard(operation.address)
        buried = self._take_in(last)
        self._advance(committed.number)
        return buried

    def _take_in(self, entries: Mapping[int, StoredEntry | None]) -> list[Record]:
        """Puts entries in the state they have now, None: gone, in one step for all who read."""
        image = self._image
        buried = image.bury([entry_id for entry_id, entry in entries.items() if entry is None])
        waiting = [entry for entry in entries.values() if entry is not None]
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
        return buried

    async def _clear(self, buried: list[Record]) -> None:
        for _ in self._image.clear(buried):
            await self.breathe()

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
            changes = await self._whole_changes()
            if not changes:
                return touched
            buried = self._apply_foreign(changes)
            if any(change.entry_id == NO_ENTRY for change in changes):
                self._image.retired_addresses = set(await self._store.retired_addresses())
            touched += len(changes)
            await self._clear(buried)

    async def _whole_changes(self) -> Sequence[ChangedEntry]:
        """What is new, up to the end of a change, with nothing of a later one.

        Entries come as they are now: one that a change beyond the portion wrote would be half of that, so its
        rest is fetched along.
        """
        changes = list(await self._store.changes_after(self._image.number))
        for _ in range(MAX_PORTIONS - 1):
            newest = max((change.entry.version for change in changes if change.entry is not None), default=0)
            if not changes or newest <= changes[-1].number:
                break
            changes += await self._store.changes_after(changes[-1].number)
        return changes

    def _apply_foreign(self, changes: Sequence[ChangedEntry]) -> list[Record]:
        image = self._image
        buried = self._take_in(
            {change.entry_id: change.entry for change in changes if change.entry_id != NO_ENTRY}
        )
        image.number = max(image.number, changes[-1].number)
        self._ahead = {number for number in self._ahead if number > image.number}
        self._advance(image.number)
        return buried


def _id(entry_id: int, committed: Committed) -> int:
    """The id that the store knows an entry of the unit by."""
    return entry_id if entry_id >= 0 else committed.inserted[entry_id]


def _stored(operation: InsertEntry | ReplaceEntry, committed: Committed) -> StoredEntry:
    parent_id = operation.parent_id
    return StoredEntry(
        _id(operation.id, committed),
        None if parent_id is None else _id(parent_id, committed),
        operation.rdn,
        operation.rdn_key,
        operation.shape,
        operation.body,
        operation.secrets,
        operation.keys,
        committed.number,
    )
