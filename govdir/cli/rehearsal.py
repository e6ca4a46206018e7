"""A store that writes nothing: what would happen to the directory happens to this process's image only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from twisted.internet.defer import Deferred, succeed

from govdir.directory.ports import (
    ChangedEntry,
    Committed,
    InsertEntry,
    LoginFacts,
    Store,
    StoredEntry,
    WriteUnit,
)

# Far above any id that a database gives, so that a rehearsed entry is never taken for a real one.
FIRST_REHEARSED_ID = 1 << 52


class Rehearsal:
    """Reads from `store` and pretends to write; implements directory.ports.Store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._number = store.last_number()
        self._next_id = FIRST_REHEARSED_ID

    def load_entries(self) -> Iterator[StoredEntry]:
        """The real ones."""
        return self._store.load_entries()

    def load_retired_addresses(self) -> Iterator[str]:
        """The real ones."""
        return self._store.load_retired_addresses()

    def load_login_facts(self) -> Iterator[LoginFacts]:
        """The real ones."""
        return self._store.load_login_facts()

    def last_number(self) -> int:
        """The real one; rehearsed changes count on from it."""
        return self._number

    def commit(self, unit: WriteUnit) -> Deferred[Committed]:
        """Says that it was done."""
        self._number += 1
        inserted = None
        if any(isinstance(operation, InsertEntry) for operation in unit.operations):
            inserted, self._next_id = self._next_id, self._next_id + 1
        return succeed(Committed(self._number, inserted))

    def changes_after(self, number: int) -> Deferred[Sequence[ChangedEntry]]:
        """None: a rehearsal is over before others' changes matter."""
        del number
        return succeed(())

    def record_logins(self, facts: Sequence[LoginFacts]) -> Deferred[None]:
        """Says that it was done."""
        del facts
        return succeed(None)
