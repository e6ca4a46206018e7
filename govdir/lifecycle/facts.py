"""What is known of one mailbox, as far as the clock asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from msgspec import Struct

from govdir.directory.entry import Attributes
from govdir.directory.image import Image, Record
from govdir.mailattrs.address_terms import ATTRIBUTE, Term, terms_of
from govdir.mailattrs.leaving import date_citation
from govdir.mailattrs.moments import moment_of
from govdir.mailattrs.names import InvalidName
from govdir.mailattrs.office import left_at
from govdir.mailattrs.places import ROLE, Surroundings, name_of, stated_kind
from govdir.mailattrs.rotation import password_ends, password_rules_of
from govdir.mailattrs.states import State
from govdir.policy.citation import Citation
from govdir.policy.kinds import MailboxKind
from govdir.policy.model import Pack

PathOf = Callable[[str], tuple[str, ...] | None]
"""Where the entry of a name stands below the suffix, topmost first; None outside."""

MAILBOX_CLASS = "gdmailbox"
_LIST_CLASS = "gdmaillist"
_TERMS = ATTRIBUTE.lower()


class Facts(Struct, frozen=True):
    """One mailbox; times are in UTC, None: never, or not known.

    `kind` is None for mailboxes the regulation does not describe. `state_stated` is false for entries older
    than states, which count as active. `since` is when it came into its `state`;
    `services` and `status` are what mail servers see now; `must_change` says that somebody else set the
    password. `date_citation` is the rule behind `send_block_at` and `revoke_at`. `known_since`: when the home
    was made, before which nobody's sign-ins are known here. `reminders`: how often its holder was reminded of
    the regulation since the agency last confirmed. `owner_left_at`: when the owner of a shared mailbox left
    office, or will (office.left_at). `terms` are of further addresses that do not receive for good.
    `is_list`: a mailing list, of which nothing else is asked.
    """

    entry_id: int
    dn: str
    address: str
    name: str
    kind: MailboxKind | None
    state: State
    state_stated: bool
    services: frozenset[str]
    status: str
    must_change: bool
    date_citation: Citation
    rotation_citation: Citation | None = None
    known_since: datetime | None = None
    created: datetime | None = None
    last_access: datetime | None = None
    since: datetime | None = None
    password_set: datetime | None = None
    password_ends: datetime | None = None
    send_block_at: datetime | None = None
    revoke_at: datetime | None = None
    delegate_until: datetime | None = None
    notice_at: datetime | None = None
    exempt_until: datetime | None = None
    reminders: int = 0
    owner_left_at: datetime | None = None
    terms: tuple[Term, ...] = ()
    is_list: bool = False


class FactReader:
    """Reads facts from the image by one pack's rules."""

    def __init__(
        self, image: Image, pack: Pack, path_of: PathOf, policy_seconds: Callable[[Attributes], int]
    ) -> None:
        """`policy_seconds` is how long the password policy of an entry lets a password last, 0: no end."""
        self._policy_seconds = policy_seconds
        self._image = image
        self._pack = pack
        self._path_of = path_of
        self._root_version = -1
        self._root_time: datetime | None = None

    def mailboxes(self) -> Iterator[Record]:
        """Every entry that something may fall due for, in no promised order; safe against changes made
        between two steps."""
        number = 0
        while number < len(self._image.records):
            record = self._image.by_id(number)
            if record is not None and may_be_due(record):
                yield record
            number += 1

    def read(self, record: Record, last_access: datetime | None) -> Facts:
        """The facts of a mailbox; one in a state nobody knows counts as revoked: nothing is done to it."""
        entry = record.shape.attributes(record.body)
        around = surroundings(record) if "gdLeavingAt" in entry else Surroundings(None, None)
        rules = password_rules_of(self._pack, entry)
        return Facts(
            entry_id=record.id,
            dn=record.dn_text,
            address=entry.text("mail") or "",
            name=entry.text("cn") or name_of(entry) or "",
            kind=_kind(entry),
            state=_state(entry),
            state_stated="gdState" in entry,
            services=frozenset(text.lower() for text in entry.texts("enabledService")),
            status=(entry.text("accountStatus") or "").lower(),
            must_change=entry.text("pwdReset") == "TRUE",
            date_citation=date_citation(self._pack, entry, around),
            rotation_citation=None if rules is None else rules.rotation_citation,
            known_since=self._home_made(),
            created=moment_of(entry, "createTimestamp"),
            last_access=last_access,
            since=moment_of(entry, "gdStateSince"),
            password_set=moment_of(entry, "pwdChangedTime"),
            password_ends=password_ends(self._pack, entry, self._policy_seconds(entry)),
            send_block_at=moment_of(entry, "gdSendBlockAt"),
            revoke_at=moment_of(entry, "gdRevokeAt"),
            delegate_until=moment_of(entry, "gdDelegateUntil"),
            notice_at=moment_of(entry, "gdNoticeAt"),
            exempt_until=moment_of(entry, "gdInactivityExemptUntil"),
            reminders=int(entry.text("gdReminderCount") or 0),
            owner_left_at=self._owner_left_at(entry),
            terms=terms_of(entry),
            is_list=_LIST_CLASS in record.shape.classes,
        )

    def _owner_left_at(self, entry: Attributes) -> datetime | None:
        owner = entry.text("owner") if "gdsharedmailbox" in entry.object_classes else None
        path = None if owner is None else self._path_of(owner)
        record = None if path is None else self._image.find(path)
        return None if record is None else left_at(record.shape.attributes(record.body))

    def _home_made(self) -> datetime | None:
        """By the root entry: an import makes it anew, and hardly anybody changes it afterwards."""
        root = self._image.root
        if root is not None and root.version != self._root_version:
            self._root_version = root.version
            self._root_time = moment_of(root.shape.attributes(root.body), "modifyTimestamp")
        return self._root_time


def is_mailbox(record: Record) -> bool:
    """Whether the entry is one."""
    return MAILBOX_CLASS in record.shape.classes


def may_be_due(record: Record) -> bool:
    """Whether the clock looks at the entry: a mailbox, or a list with an address that ends."""
    return is_mailbox(record) or _TERMS in record.shape.by_attribute


def surroundings(record: Record) -> Surroundings:
    """The bodies around an entry."""
    return Surroundings.of([above.shape.attributes(above.body) for above in record.ancestors()])


def _kind(entry: Attributes) -> MailboxKind | None:
    if (entry.text("gdMailboxKind") or "").lower() == ROLE:
        return None
    try:
        return stated_kind(entry)
    except InvalidName:
        return None


def _state(entry: Attributes) -> State:
    try:
        return State((entry.text("gdState") or State.ACTIVE.value).lower())
    except ValueError:
        return State.REVOKED
