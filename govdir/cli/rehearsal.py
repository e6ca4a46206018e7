"""A store that writes nothing: what would happen to the directory happens to this process's image only."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Mapping, Sequence

from twisted.internet.defer import Deferred, succeed

from govdir.directory.access_days import LastAccess, MonthOfAccess
from govdir.directory.ports import (
    AccessStore,
    ChangedEntry,
    Committed,
    InsertEntry,
    LoginFacts,
    Store,
    StoredEntry,
    WriteUnit,
)


class Rehearsal:
    """Reads from `store` and pretends to write; implements directory.ports.Store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._number = store.last_number()
        self._highest_id = 0
        self.accesses: AccessStore = _RehearsedAccesses(store.accesses)

    def load_entries(self) -> Iterator[StoredEntry]:
        """The real ones; rehearsed ones are numbered on from them."""
        for entry in self._store.load_entries():
            self._highest_id = entry.id
            yield entry

    def load_retired_addresses(self) -> Iterator[str]:
        """The real ones."""
        return self._store.load_retired_addresses()

    def retired_addresses(self) -> Deferred[frozenset[str]]:
        """The real ones."""
        return succeed(frozenset(self._store.load_retired_addresses()))

    def load_login_facts(self) -> Iterator[LoginFacts]:
        """The real ones."""
        return self._store.load_login_facts()

    def last_number(self) -> int:
        """The real one; rehearsed changes count on from it."""
        return self._number

    def commit(self, unit: WriteUnit) -> Deferred[Committed]:
        """Says that it was done."""
        self._number += 1
        inserted: dict[int, int] = {}
        for operation in unit.operations:
            if isinstance(operation, InsertEntry):
                inserted[operation.id] = self._highest_id = self._highest_id + 1
        return succeed(Committed(self._number, inserted))

    def changes_after(self, number: int) -> Deferred[Sequence[ChangedEntry]]:
        """None: a rehearsal is over before others' changes matter."""
        del number
        return succeed(())

    def record_logins(self, facts: Sequence[LoginFacts]) -> Deferred[None]:
        """Says that it was done."""
        del facts
        return succeed(None)


class _RehearsedAccesses:
    """Likewise; implements directory.ports.AccessStore."""

    def __init__(self, store: AccessStore) -> None:
        self._store = store

    def record(self, lasts: Sequence[LastAccess], months: Sequence[MonthOfAccess]) -> Deferred[None]:
        """Says that it was done."""
        del lasts, months
        return succeed(None)

    def last(self, entry_id: int) -> Awaitable[Mapping[str, int]]:
        """The real ones."""
        return self._store.last(entry_id)

    def forget(self, before: int) -> Deferred[None]:
        """Says that it was done."""
        del before
        return succeed(None)
