"""Finding what is due in a directory, and doing it: one small change of one entry at a time.

Every change says which state it goes from, and what is due is worked out anew before it is made; so any
number of processes may do this at once, and one that was killed is simply run again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from typing import Final

from msgspec import Struct

from govdir.directory.caller import clock_of
from govdir.directory.errors import Busy, DirectoryError, Unavailable
from govdir.directory.image import Record
from govdir.directory.service import Directory
from govdir.ldap.codec.messages import Attribute, Change, ModifyOperation, ModifyRequest
from govdir.lifecycle.calendar import WorkingDays
from govdir.lifecycle.dues import TOLD, Due, What, dues, expected_services
from govdir.lifecycle.facts import FactReader, Facts, may_be_due, surroundings
from govdir.lifecycle.notices import Contacts, Notice, contacts_of, notice_of, reminder_of
from govdir.mailattrs.address_terms import ATTRIBUTE, Term
from govdir.mailattrs.leaving import date_reason
from govdir.mailattrs.moments import day_text, stored
from govdir.mailattrs.places import name_of
from govdir.mailattrs.states import State
from govdir.policy.model import Pack
from govdir.policy.texts import Language, Wording

_UNUSED: Final = Wording("Không sử dụng từ ngày {day}: {citation}", "Not used since {day}: {citation}")
_UNCONFIRMED: Final = Wording(
    "Thông báo ngày {day}, cơ quan không xác nhận: {citation}",
    "No confirmation of the notice of {day}: {citation}",
)

_NEXT_STATE: Final = {
    What.SEND_BLOCK: State.SEND_BLOCKED,
    What.REVOCATION: State.REVOKED,
    What.INACTIVITY_SUSPENSION: State.SUSPENDED,
    What.INACTIVITY_REVOCATION: State.REVOKED,
    What.UNCONFIRMED_REVOCATION: State.REVOKED,
}


class Item(Struct, frozen=True):
    """Something due, and for whom; `body` is the name of the body above, "" where there is none."""

    facts: Facts
    body: str
    due: Due

    @property
    def address(self) -> str:
        """The address it is about: the mailbox's, or the further one that ends."""
        return self.facts.address if self.due.term is None else self.due.term.address


class Outcome(Enum):
    """What came of an attempt."""

    DONE = "done"
    NOT_DUE = "not-due"
    TOLD = "to-be-told"
    REFUSED = "refused"


class Result(Struct, frozen=True):
    """The outcome; `why` is what a rule said where it refused."""

    outcome: Outcome
    why: str = ""


class Lifecycle:
    """The clock's view of one directory."""

    def __init__(
        self, directory: Directory, pack: Pack, days: WorkingDays, language: Language = Language.VIETNAMESE
    ) -> None:
        self._directory = directory
        self._pack = pack
        self._days = days
        self._language = language
        self._reader = FactReader(
            directory.image, pack, directory.path_of, directory.password_rules.seconds_of
        )
        self._handle = directory.as_caller(clock_of(directory.suffix))

    def mailboxes(self) -> Iterator[Record]:
        """Every mailbox, and lists that something falls due for; changes may be made between two steps."""
        return self._reader.mailboxes()

    def facts(self, record: Record) -> Facts | None:
        """What is known of a mailbox now; None for entries that are none, or gone."""
        if not record.alive or not may_be_due(record):
            return None
        return self._reader.read(record, self._directory.logins.last_success(record.id))

    def items(self, record: Record, now: datetime) -> tuple[Item, ...]:
        """What is due for a mailbox; nothing for entries that are none."""
        facts = self.facts(record)
        return () if facts is None else self.items_of(record, facts, now)

    def items_of(self, record: Record, facts: Facts, now: datetime) -> tuple[Item, ...]:
        """The same, by facts that were read already."""
        found = dues(facts, self._pack, self._days, now)
        if not found:
            return ()
        body = surroundings(record).body
        name = "" if body is None else name_of(body) or ""
        return tuple(Item(facts, name, due) for due in found)

    def all_items(self, now: datetime) -> Iterator[Item]:
        """What is due in the whole directory."""
        for record in self.mailboxes():
            yield from self.items(record, now)

    def notice(self, item: Item) -> Notice:
        """What is to be told of something due, and to whom."""
        return notice_of(item.facts, item.due, self._pack, self._contacts(item.facts))

    def reminder(self, facts: Facts, reason: str) -> Notice:
        """What the holder of a mailbox is to be told who was reminded of the regulation."""
        return reminder_of(facts, reason, self._pack, self._contacts(facts))

    def _contacts(self, facts: Facts) -> Contacts:
        image = self._directory.image
        record = image.by_id(facts.entry_id)
        return Contacts() if record is None else contacts_of(image, self._directory.path_of, record)

    async def apply(self, item: Item, now: datetime) -> Result:
        """Does what is due, if it still is. Raises Busy, Unavailable."""
        present = self._present(item, now)
        if present is None:
            return Result(Outcome.NOT_DUE)
        if present.due.what in TOLD:
            return Result(Outcome.TOLD)
        request = ModifyRequest(present.facts.dn, self._changes(present, now))
        try:
            await self._handle.modify(request)
        except (Busy, Unavailable):
            raise
        except DirectoryError as error:
            if self._present(item, now) is None:
                return Result(Outcome.NOT_DUE)
            return Result(Outcome.REFUSED, error.diagnostic or type(error).__name__)
        return Result(Outcome.DONE)

    def _present(self, item: Item, now: datetime) -> Item | None:
        """The same thing due, on the entry as it is now."""
        record = self._directory.image.by_id(item.facts.entry_id)
        if record is None:
            return None
        wanted = (item.due.what, item.due.term)
        found = (each for each in self.items(record, now) if (each.due.what, each.due.term) == wanted)
        return next(found, None)

    def _changes(self, item: Item, now: datetime) -> tuple[Change, ...]:
        facts, due = item.facts, item.due
        state = _NEXT_STATE.get(due.what)
        if state is not None:
            told = due.what is What.INACTIVITY_SUSPENSION  # the agency, the moment it is suspended
            notice = (_replace("gdNoticeAt", stored(now)),) if told else ()
            return (
                *_state_change(facts, state),
                _replace("gdStateReason", self._reason(due, state)),
                *notice,
            )
        if due.what is What.DELEGATION_END:
            return (_replace("gdDelegate"), _replace("gdDelegateUntil"))
        if due.term is not None:
            return _address_change(due.term)
        if due.what in (What.INACTIVITY_WARNING, What.INACTIVITY_ALERT):
            return (_replace("gdNoticeAt", stored(now)),)
        return _services_change(facts, now)

    def _reason(self, due: Due, state: State) -> str:
        if due.base is None:
            return date_reason(state, due.since, due.citation, self._language)
        shape = _UNCONFIRMED if due.what is What.UNCONFIRMED_REVOCATION else _UNUSED
        citation = due.citation.text(self._language)
        return shape.render(self._language, day=day_text(due.base), citation=citation)


def _state_change(facts: Facts, state: State) -> tuple[Change, ...]:
    """From the state that was seen, and no other: whoever was quicker has done it."""
    if not facts.state_stated:
        return (_replace("gdState", state.value),)
    return (
        _change(ModifyOperation.DELETE, "gdState", facts.state.value),
        _change(ModifyOperation.ADD, "gdState", state.value),
    )


def _address_change(term: Term) -> tuple[Change, ...]:
    """The address goes and its term with it: whoever was quicker has taken both."""
    return (
        _change(ModifyOperation.DELETE, ATTRIBUTE, term.text),
        _change(ModifyOperation.DELETE, "mailLocalAddress", term.address),
    )


def _services_change(facts: Facts, now: datetime) -> tuple[Change, ...]:
    """What mail servers see too much or too little; the rules on entries work out the same."""
    expected = expected_services(facts, now)
    right = frozenset(service.decode() for service in expected.enabled)
    surplus, missing = sorted(facts.services - right), sorted(right - facts.services)
    found = []
    if surplus:
        found.append(_change(ModifyOperation.DELETE, "enabledService", *surplus))
    if missing:
        found.append(_change(ModifyOperation.ADD, "enabledService", *missing))
    if facts.status != expected.account_status.decode():
        found.append(_replace("accountStatus", expected.account_status.decode()))
    return tuple(found)


def _replace(name: str, *values: str) -> Change:
    return _change(ModifyOperation.REPLACE, name, *values)


def _change(operation: ModifyOperation, name: str, *values: str) -> Change:
    return Change(operation, Attribute(name, tuple(value.encode() for value in values)))
