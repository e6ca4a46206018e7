"""The clock of a serving process: a little work at every tick, so that no client waits for it.

What the entries' own dates make due is done within seconds of its moment. Mailboxes nobody uses are looked
for once a day, after two in the morning. Several processes may do so: each sees what the others have done.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from time import perf_counter
from typing import Final, Protocol

from msgspec import Struct

from govdir.directory.errors import Busy, Unavailable
from govdir.directory.image import Record
from govdir.directory.password_policy import PROVINCE_ZONE
from govdir.directory.ports import StoreUnavailable
from govdir.directory.service import Directory
from govdir.lifecycle.agenda import Agenda
from govdir.lifecycle.dues import CLOSING, DATED, TOLD, moments
from govdir.lifecycle.facts import may_be_due
from govdir.lifecycle.run import Item, Lifecycle, Outcome
from govdir.mailattrs.moments import day_of

SLICE_SECONDS: Final = 0.004
"""Looking through the directory holds the loop for no longer at a time."""

CHANGES_A_TICK: Final = 20
"""Changes made one after the other before others have their turn; each waits for its commit."""

AHEAD: Final = timedelta(hours=26)
"""How far the agenda reaches: it is made anew every day."""

INACTIVITY_TIME: Final = time(2, 0, tzinfo=PROVINCE_ZONE)

BRAKE_COUNT: Final = 20
"""So many mailboxes may be closed for want of use in one run, whatever share of all they are."""


REST: Final = timedelta(seconds=10)
"""How long the clock leaves a database alone that does not answer."""


class Settings(Struct, frozen=True):
    """[lifecycle] of the configuration, as far as the clock asks."""

    automatic: bool = True
    inactivity: bool = True
    inactivity_share_percent: int = 5


class Witness(Protocol):
    """Who is told of what the clock did."""

    def done(self, item: Item) -> None:
        """It was done."""

    def refused(self, item: Item, why: str) -> None:
        """A rule refused it."""

    def hindered(self, why: str) -> None:
        """The database cannot be written or read; told once until it can be again."""

    def braked(self, closing: int, mailboxes: int) -> None:
        """So many of all mailboxes would have been closed for want of use; none was."""


class LifecycleClock:
    """Ticks for one process."""

    def __init__(
        self, directory: Directory, lifecycle: Lifecycle, settings: Settings, witness: Witness
    ) -> None:
        self._directory = directory
        self._lifecycle = lifecycle
        self.settings = settings
        self._witness = witness
        self._agenda = Agenda()
        self._agenda_day: date | None = None
        self._inactivity_day: date | None = None
        self._reading: Iterator[Record] | None = None
        self._searching: Iterator[Record] | None = None
        self._mailboxes = 0
        self._found: list[Item] = []
        self._waiting: deque[Item] = deque()
        self._touched: set[int] = set()
        self._rests_until: datetime | None = None
        if settings.automatic:
            directory.image.watchers.append(self._watch)

    @property
    def idle(self) -> bool:
        """Whether nothing is left to be looked through or done at this moment."""
        return not (self._reading or self._searching or self._waiting or self._touched)

    async def tick(self) -> None:
        """A few milliseconds of looking, then a few changes. What fails for want of the database is tried
        again later."""
        now = self._directory.clock.now()
        if not self.settings.automatic or (self._rests_until is not None and now < self._rests_until):
            return
        try:
            await self._work(now)
        except (Busy, Unavailable, StoreUnavailable) as error:
            if self._rests_until is None:
                self._witness.hindered(str(error))
            self._rests_until = now + REST
        else:
            self._rests_until = None

    async def _work(self, now: datetime) -> None:
        self._look_ahead(now)
        if self.settings.inactivity:
            await self._look_for_unused(now)
        for _ in range(CHANGES_A_TICK):
            item = self._next(now)
            if item is None:
                break
            await self._do(item, now)

    # -- what is written in the entries

    def _watch(self, record: Record) -> None:
        """Told of every change to the image, many thousands at a time: the looking comes later."""
        if may_be_due(record):
            self._touched.add(record.id)

    def _look_ahead(self, now: datetime) -> None:
        """At the start and once a day every mailbox, and always those that were changed."""
        if self._agenda_day != day_of(now):
            self._agenda_day = day_of(now)
            self._reading = self._lifecycle.mailboxes()
        end = perf_counter() + SLICE_SECONDS
        while self._touched and perf_counter() < end:
            self._look_at(self._touched.pop(), now)
        while self._reading is not None and perf_counter() < end:
            record = next(self._reading, None)
            if record is None:
                self._reading = None
            else:
                self._look_at(record.id, now)

    def _look_at(self, entry_id: int, now: datetime) -> None:
        """What is due of a mailbox waits to be done; the next moment of the hours ahead is noted."""
        record = self._directory.image.by_id(entry_id)
        facts = None if record is None else self._lifecycle.facts(record)
        if record is None or facts is None:
            return
        items = self._lifecycle.items_of(record, facts, now)
        self._waiting += (item for item in items if item.due.what in DATED)
        ahead = (moment for moment in moments(facts) if moment > now)
        self._agenda.enter(entry_id, ahead, until=now + AHEAD)

    def _next(self, now: datetime) -> Item | None:
        while not self._waiting:
            entry_id = self._agenda.take(now)
            if entry_id is None:
                return None
            self._look_at(entry_id, now)
        return self._waiting.popleft()

    # -- mailboxes nobody uses

    async def _look_for_unused(self, now: datetime) -> None:
        local = now.astimezone(PROVINCE_ZONE)
        today = local.date()
        if self._inactivity_day != today and local.timetz() >= INACTIVITY_TIME:
            await self._directory.logins.refresh()
            self._inactivity_day = today
            self._searching, self._mailboxes, self._found = self._lifecycle.mailboxes(), 0, []
        if self._searching is None:
            return
        end = perf_counter() + SLICE_SECONDS
        for record in self._searching:
            self._mailboxes += 1
            items = self._lifecycle.items(record, now)
            self._found += (
                item for item in items if item.due.what not in DATED and item.due.what not in TOLD
            )
            if perf_counter() > end:
                return
        self._searching = None
        self._waiting += self._braked()
        self._found = []

    def _braked(self) -> list[Item]:
        """Everything that was found; without the closings where they are so many that a mistake is likely."""
        closing = sum(item.due.what in CLOSING for item in self._found)
        share = self.settings.inactivity_share_percent
        if closing <= BRAKE_COUNT or closing * 100 <= share * self._mailboxes:
            return self._found
        self._witness.braked(closing, self._mailboxes)
        return [item for item in self._found if item.due.what not in CLOSING]

    # -- doing

    async def _do(self, item: Item, now: datetime) -> None:
        try:
            result = await self._lifecycle.apply(item, now)
        except (Busy, Unavailable):
            self._waiting.appendleft(item)
            raise
        if result.outcome is Outcome.DONE:
            self._witness.done(item)
        elif result.outcome is Outcome.REFUSED:
            self._witness.refused(item, result.why)
