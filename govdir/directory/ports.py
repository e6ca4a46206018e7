"""What the directory core asks of the world: a store, a clock, a pool for slow work, the province's rules.

The store is described in values, not in SQL: one `WriteUnit` is applied as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol, TypeVar

from msgspec import Struct

from govdir.directory.access_days import LastAccess, MonthOfAccess

T = TypeVar("T")


class StoredEntry(Struct, frozen=True):
    """One entry as stored and as the image loads it.

    `rdn` is the text as written, `rdn_key` its normalised form. `shape` names the attribute descriptions of
    `body` in order and the object classes (entry.Shape); `body` is an offset table and BER-encoded
    PartialAttributes; `secrets` (None if none) holds what never leaves the server; `keys` are the index keys,
    packed. `version` is the number of the change that wrote it.
    """

    id: int
    parent_id: int | None
    rdn: str
    rdn_key: str
    shape: str
    body: bytes
    secrets: bytes | None
    keys: bytes
    version: int


NEW_ENTRY: Final = -1
"""Stands for the id of the entry that a unit inserts; further ones are -2, -3 and so on."""

WRITTEN_HERE: Final = -1
"""As a version: the one that an earlier operation of the same unit gave the entry."""


class InsertEntry(Struct, frozen=True):
    """A new entry; its id is given by the store. `parent_id` None only for the suffix.

    `id` is negative and names the entry for the operations that follow in the unit, also as their parent.
    """

    parent_id: int | None
    rdn: str
    rdn_key: str
    shape: str
    body: bytes
    secrets: bytes | None
    keys: bytes
    id: int = NEW_ENTRY


class ReplaceEntry(Struct, frozen=True):
    """New content and place of entry `id`, provided its version still is `expected_version`."""

    id: int
    expected_version: int
    parent_id: int | None
    rdn: str
    rdn_key: str
    shape: str
    body: bytes
    secrets: bytes | None
    keys: bytes


class DeleteEntry(Struct, frozen=True):
    """Entry `id` goes, provided its version is `expected_version` and it has no children left.

    Of many that go, those of one `level` stand above none of each other: neighbours may go together.
    """

    id: int
    expected_version: int
    level: int | None = None


class RequireVersion(Struct, frozen=True):
    """The unit holds only while entry `id` exists at this version (guards moves against cycles)."""

    id: int
    version: int


class ClaimAddress(Struct, frozen=True):
    """`address` (lower case) belongs to `entry_id`, None meaning the one this unit inserts (of
    several: the last before). `kind` is "mail" or "alias". Fails with AddressTaken when any entry holds it or
    it is retired.
    """

    address: str
    kind: str
    entry_id: int | None


class ReleaseAddress(Struct, frozen=True):
    """`address` of `entry_id` becomes free."""

    address: str
    entry_id: int


class RetireAddress(Struct, frozen=True):
    """`address` of `entry_id` is nobody's any more and never given again."""

    address: str
    entry_id: int


class FreeAddress(Struct, frozen=True):
    """The retired `address` may be given again. Fails with NotRetired when it is held, or free already."""

    address: str


Operation = (
    InsertEntry
    | ReplaceEntry
    | DeleteEntry
    | RequireVersion
    | ClaimAddress
    | ReleaseAddress
    | RetireAddress
    | FreeAddress
)

# Stands for the entry in a change of addresses that are nobody's; entries are numbered from 1.
NO_ENTRY = 0


class ChangeRecord(Struct, frozen=True):
    """Who did what, for the audit trail.

    `kind` is add, modify, rename, delete, load, transaction (several of these; `dn` and `entry_uuid` are of
    the first), or release (of a retired address); `detail` is LDIF change text without secret values, of a
    release the address; `at` is in microseconds since the epoch, UTC.
    """

    kind: str
    dn: str
    entry_uuid: str
    actor: str
    at: int
    detail: str


class WriteUnit(Struct, frozen=True):
    """Operations applied in this order as a whole; no two InsertEntry of one id."""

    operations: tuple[Operation, ...]
    change: ChangeRecord


class Committed(Struct, frozen=True):
    """The change's number (strictly increasing in commit order) and the ids of inserted entries by those that
    stood for them in the unit."""

    number: int
    inserted: Mapping[int, int] = {}

    @property
    def inserted_id(self) -> int | None:
        """The id of the first inserted entry, None if there is none."""
        return next(iter(self.inserted.values()), None)


class ChangedEntry(Struct, frozen=True):
    """After change `number`, entry `entry_id` is `entry`; None when it was deleted.

    NO_ENTRY: retired addresses were freed.
    """

    number: int
    entry_id: int
    entry: StoredEntry | None


class LoginFacts(Struct, frozen=True):
    """What binds leave behind, outside the entry; times in microseconds since the epoch, UTC.

    `failures` are the recent failed binds, oldest first; `last_success` None when never.
    """

    entry_id: int
    last_success: int | None
    failures: tuple[int, ...]


class Conflict(Exception):
    """The unit was not applied because the store's state differs from what it was planned on; plan again."""


class AddressTaken(Conflict):
    """`address` is held or retired."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class NameTaken(Conflict):
    """The parent already has a child of that rdn_key."""


class NotRetired(Conflict):
    """The address to be freed is no retired one."""


class EntryChanged(Conflict):
    """An entry was changed or deleted meanwhile."""

    def __init__(self, entry_id: int) -> None:
        super().__init__(entry_id)
        self.entry_id = entry_id


class ParentMissing(Conflict):
    """The parent was deleted meanwhile."""


class HasChildren(Conflict):
    """The entry to delete got children meanwhile."""


class StoreUnavailable(Exception):
    """The database cannot be reached or written; nothing of the unit was applied."""


class AccessStore(Protocol):
    """When entries were used, and through what. Awaitables fail with StoreUnavailable, Busy."""

    def record(self, lasts: Sequence[LastAccess], months: Sequence[MonthOfAccess]) -> Awaitable[None]:
        """Adds moments and dates in one commit; earlier moments and known dates change nothing."""

    def last(self, entry_id: int) -> Awaitable[Mapping[str, int]]:
        """The last moment of each channel, in microseconds since the epoch, UTC."""

    def forget(self, before: int) -> Awaitable[None]:
        """Deletes the dates of months before that one, such as 202611."""


class Store(Protocol):
    """Durable truth. Awaitables fire on the caller's loop, in commit order."""

    @property
    def accesses(self) -> AccessStore:
        """Where accesses are kept."""

    def load_entries(self) -> Iterator[StoredEntry]:
        """Every entry, in order of id, from one consistent snapshot; blocking, for start-up."""

    def load_retired_addresses(self) -> Iterator[str]:
        """Addresses that are nobody's and never given again; blocking."""

    def retired_addresses(self) -> Awaitable[frozenset[str]]:
        """Those addresses now."""

    def load_login_facts(self) -> Iterator[LoginFacts]:
        """Blocking."""

    def last_number(self) -> int:
        """The number of the newest change, 0 when there is none; blocking."""

    def commit(self, unit: WriteUnit) -> Awaitable[Committed]:
        """Durable when it fires; fails with Conflict or StoreUnavailable, and then nothing was applied."""

    def changes_after(self, number: int) -> Awaitable[Sequence[ChangedEntry]]:
        """What changed after `number`, by any process, in order (at most some thousands at a time)."""

    def record_logins(self, facts: Sequence[LoginFacts]) -> Awaitable[None]:
        """Replaces the facts of these entries, in one commit."""


class Clock(Protocol):
    """Wall time."""

    def now(self) -> datetime:
        """Aware, in UTC."""


class InTime(Protocol):
    """Asks the store where somebody waits who can do without the answer."""

    def __call__(self, asked: Coroutine[object, object, T]) -> Awaitable[T]:
        """The result. Raises StoreUnavailable when it does not come in time (what was begun goes on all the
        same), and at once, without asking, while an earlier answer is overdue."""


def at_leisure(asked: Coroutine[object, object, T]) -> Awaitable[T]:
    """Waits for as long as it takes; implements InTime."""
    return asked


class Breathe(Protocol):
    """Lets the loop attend to others in the middle of much work."""

    def __call__(self) -> Awaitable[object]:
        """Fires in one of the loop's next turns."""


class Breathless(Struct, frozen=True):
    """Nobody else is waiting; implements Breathe."""

    async def __call__(self) -> None:
        return None


class SlowWork(Protocol):
    """A bounded pool for work that would stop the loop."""

    def run(self, function: Callable[[], T]) -> Awaitable[T]:
        """The function's result; raises Busy's cause when the pool's queue is full."""
