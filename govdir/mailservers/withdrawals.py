"""Whose open sessions on mail servers have to end, and which groups come into which mailboxes.

A mail server looks an account up when somebody logs in; what changes afterwards it has to be told. This
watches the directory in memory, so it sees what every process and node has committed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from time import perf_counter
from typing import Final, Protocol

from msgspec import Struct

from govdir.directory.errors import InvalidDn
from govdir.directory.image import Record
from govdir.directory.service import Directory
from govdir.directory.shared_use import GROUPS, is_open, is_over
from govdir.schema.errors import InvalidValue
from govdir.schema.times import generalized_time_key, parse_generalized_time

SLICE_SECONDS: Final = 0.004
"""Looking through the directory holds the loop for no longer at a time."""

LOOK_BACK: Final = timedelta(hours=1)
"""At the start: what was closed so shortly before may still be open on a mail server that was not told."""

_CHANNELS: Final = frozenset({b"imap", b"pop3"})
_MAILBOX: Final = "gdmailbox"


class Why(StrEnum):
    """What ended the sessions; a word of the log."""

    CLOSED = "closed"
    RENAMED = "renamed"
    PASSWORD = "password"  # noqa: S105 - a reason, not a secret
    UNSHARED = "unshared"


class Mailbox(Struct, frozen=True):
    """What mail servers know of a mailbox: its user name, the protocols it is open for, when its password was
    set, and of a shared one the group and the entry ids of who is let in by it."""

    address: str
    open: frozenset[bytes]
    password_set: tuple[bytes, ...]
    group: str = ""
    users: frozenset[int] = frozenset()


class Witness(Protocol):
    """Who is told; what is told twice is done twice, which harms nothing."""

    def end(self, user: str, why: Why) -> None:
        """The sessions under this user name are to end."""

    def let_in(self, user: str, group: str) -> None:
        """The group is to get into the mailbox of this user name."""


class Withdrawals:
    """Watches one directory from its loading on; `tick` tells the witness what has come about since."""

    def __init__(self, directory: Directory, witness: Witness) -> None:
        self._image = directory.image
        self._path_of = directory.path_of
        self._now = directory.clock.now
        self._witness = witness
        self._before: dict[int, Mailbox | None] = {}
        self._reading: Iterator[Record] | None = None
        self._image.farewells.append(self._leave)
        self._image.watchers.append(self._enter)

    def begin(self) -> None:
        """What may have gone by unnoticed: mailboxes closed within LOOK_BACK, and all groups."""
        self._reading = self._recent()

    def tick(self) -> None:
        """A few milliseconds of looking."""
        end = perf_counter() + SLICE_SECONDS
        while self._before and perf_counter() < end:
            self._compare(*self._before.popitem())
        while self._reading is not None and perf_counter() < end:
            record = next(self._reading, None)
            if record is None:
                self._reading = None
            else:
                self._look_back_at(record)

    # -- watching

    def _leave(self, record: Record) -> None:
        """Before a change; of several between two ticks the first counts."""
        if record.id not in self._before and _is_mailbox(record):
            self._before[record.id] = self._mailbox(record, self._named(record, "owner", "gddelegate"))

    def _enter(self, record: Record) -> None:
        """After a change; what was there before is known unless it is new."""
        if record.id not in self._before and GROUPS in record.shape.by_attribute:
            self._before[record.id] = None

    def _mailbox(self, record: Record, users: frozenset[int] = frozenset()) -> Mailbox | None:
        address = b"".join(record.values("mail")[:1]).decode().lower()
        if not address:
            return None
        return Mailbox(
            address,
            _CHANNELS.intersection(record.values("enabledservice")),
            tuple(record.values("pwdchangedtime")),
            b"".join(record.values(GROUPS)[:1]).decode(),
            users,
        )

    def _named(self, box: Record, *attributes: str) -> frozenset[int]:
        """Whom these attributes of a shared mailbox name, while it is open."""
        found: set[int] = set()
        for name in (dn for key in attributes for dn in box.values(key)) if is_open(box) else ():
            try:
                path = self._path_of(name.decode())
            except (InvalidDn, UnicodeDecodeError):
                continue
            person = None if path is None else self._image.find(path)
            if person is not None:
                found.add(person.id)
        return frozenset(found)

    def _users(self, box: Record) -> frozenset[int]:
        """Who is let in now."""
        over = is_over(self._image, box)
        return self._named(box, "owner") if over else self._named(box, "owner", "gddelegate")

    # -- telling

    def _compare(self, entry_id: int, before: Mailbox | None) -> None:
        record = self._image.by_id(entry_id)
        after = None
        if record is not None and _is_mailbox(record):
            after = self._mailbox(record, self._users(record))
        if before is not None:
            why = _why(before, after)
            if why is not None:
                self._witness.end(before.address, why)
            self._end_for(before.users - (after.users if after else frozenset()))
        if after is not None and after.group and _place(after) != (_place(before) if before else None):
            self._witness.let_in(after.address, after.group)

    def _end_for(self, users: frozenset[int]) -> None:
        for user_id in users:
            person = self._image.by_id(user_id)
            facts = None if person is None else self._mailbox(person)
            if facts is not None:
                self._witness.end(facts.address, Why.UNSHARED)

    # -- looking back

    def _recent(self) -> Iterator[Record]:
        """Shared mailboxes, then whatever was changed within LOOK_BACK."""
        for shape in list(self._image.shapes):
            if GROUPS in shape.by_attribute:
                yield from list(shape.members)
        index = self._image.indexes["modifytimestamp"]
        since = generalized_time_key((self._now() - LOOK_BACK).strftime("%Y%m%d%H%M%SZ").encode())
        for key in [] if index.ordering is None else index.ordering.at_least(since):
            yield from list(index.get(key))

    def _look_back_at(self, record: Record) -> None:
        if not record.alive or not _is_mailbox(record):
            return
        mailbox = self._mailbox(record)
        if mailbox is None:
            return
        if mailbox.group:
            self._witness.let_in(mailbox.address, mailbox.group)
        since = self._now() - LOOK_BACK
        if not mailbox.open and _is_since(record, "modifytimestamp", since):
            self._witness.end(mailbox.address, Why.CLOSED)


def _is_mailbox(record: Record) -> bool:
    return _MAILBOX in record.shape.classes


def _why(before: Mailbox, after: Mailbox | None) -> Why | None:
    """What about a mailbox has to end its own sessions."""
    if after is None or before.open - after.open:
        return Why.CLOSED
    if before.address != after.address:
        return Why.RENAMED
    if before.password_set != after.password_set:
        return Why.PASSWORD
    return None


def _place(mailbox: Mailbox) -> tuple[str, str]:
    return mailbox.address, mailbox.group


def _is_since(record: Record, key: str, moment: datetime) -> bool:
    try:
        return any(parse_generalized_time(value.decode()) >= moment for value in record.values(key))
    except (InvalidValue, UnicodeDecodeError):
        return False
