"""What logins leave behind, of all entries in memory, stored in batches: logins are many, and no change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from govdir.directory.errors import Busy
from govdir.directory.ports import LoginFacts, SlowWork, Store, StoreUnavailable

MAX_FAILURES = 32
"""Attempts remembered for one entry: policies count fewer, and a flood must not grow memory."""


class FactsOfLogins:
    """Last success and failures by the entry's number."""

    def __init__(self, store: Store, slow: SlowWork) -> None:
        self._store = store
        self._slow = slow
        self._facts: dict[int, LoginFacts] = {}
        self._unsaved: set[int] = set()

    def load(self, facts: Iterable[LoginFacts]) -> None:
        """Takes over what was stored."""
        self._facts = {one.entry_id: one for one in facts}

    def failures(self, entry_id: int) -> tuple[int, ...]:
        """The failures since the last success, oldest first."""
        held = self._facts.get(entry_id)
        return held.failures if held else ()

    def last_success(self, entry_id: int) -> int | None:
        """When the entry last signed in, None when never."""
        held = self._facts.get(entry_id)
        return held.last_success if held else None

    def succeeded(self, entry_id: int, at: int) -> None:
        """A login, which ends the count of failures."""
        self._facts[entry_id] = LoginFacts(entry_id, at, ())
        self._unsaved.add(entry_id)

    def used(self, entry_id: int, at: int) -> None:
        """The same without a password."""
        self._remember(LoginFacts(entry_id, at, self.failures(entry_id)))

    def failed(self, entry_id: int, at: int, *, kept: int) -> None:
        """A failure; `kept` bounds how many are remembered, the newest."""
        failures = (*self.failures(entry_id), at)[-min(kept, MAX_FAILURES) :]
        self._remember(LoginFacts(entry_id, self.last_success(entry_id), failures))

    def forget_failures(self, entry_id: int) -> None:
        """They count no more."""
        if self.failures(entry_id):
            self._remember(LoginFacts(entry_id, self.last_success(entry_id), ()))

    def drop_failures(self, entry_id: int) -> None:
        """The same where another process has seen to it that they are stored so."""
        held = self._facts.get(entry_id)
        if held is not None and held.failures:
            self._facts[entry_id] = replace(held, failures=())

    async def refresh(self) -> None:
        """Learns of logins at other processes. Raises StoreUnavailable, Busy."""
        stored = await self._slow.run(lambda: tuple(self._store.load_login_facts()))
        for theirs in stored:
            ours = self._facts.get(theirs.entry_id)
            if ours is None:
                self._facts[theirs.entry_id] = theirs
            elif (theirs.last_success or 0) > (ours.last_success or 0):
                self._facts[theirs.entry_id] = replace(ours, last_success=theirs.last_success)

    async def flush(self) -> None:
        """Stores what changed since the last time; kept for the next one when the store is unreachable."""
        if not self._unsaved:
            return
        going = [self._facts[entry_id] for entry_id in self._unsaved]
        self._unsaved.clear()
        try:
            await self._store.record_logins(going)
        except (StoreUnavailable, Busy):
            self._unsaved.update(one.entry_id for one in going)

    def _remember(self, facts: LoginFacts) -> None:
        self._facts[facts.entry_id] = facts
        self._unsaved.add(facts.entry_id)


def microseconds(moment: datetime) -> int:
    """Since the epoch."""
    return int(moment.timestamp() * 1_000_000)
