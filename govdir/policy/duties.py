"""What a regulation asks besides names and passwords: the clock, sharing, lists, who may act, who reports.

Every value stands beside the citation of the rule that sets it. Months are calendar months, counted from one
day to the same day (or the last one) of a later month; days are working days where the name says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from govdir.policy.citation import Citation
from govdir.policy.kinds import MailboxKind, RankClass
from govdir.policy.texts import Wording


class Consequence(StrEnum):
    """What becomes of a mailbox nobody uses."""

    SUSPEND = "suspend"
    REVOKE = "revoke"


class Inactivity(Struct, frozen=True):
    """A mailbox nobody has used for `months` meets the `consequence`.

    Counted from the last access; from the creation where there was none. `kinds` are the mailboxes it is done
    to, `alert_kinds` those that are only reported. `warn_months` after the last access the owner is warned.
    After a suspension the agency is given notice, and `revoke_working_days` later, without its confirmation,
    the mailbox is revoked.
    """

    months: int
    consequence: Consequence
    citation: Citation
    kinds: frozenset[MailboxKind]
    alert_kinds: frozenset[MailboxKind]
    exemption_citation: Citation
    warn_months: int | None = None
    warn_citation: Citation | None = None
    revoke_working_days: int | None = None
    revoke_citation: Citation | None = None


class Leaving(Struct, frozen=True):
    """Months from the official day somebody leaves until sending is blocked (None: never before the end) and
    until the mailbox is revoked (0: that day)."""

    block_sending_months: int | None
    revoke_months: int
    citation: Citation


class Restoration(Struct, frozen=True):
    """How a suspended mailbox is opened again.

    `new_password`: only with a new password, which the holder must change at the first access. The operator
    answers the request within `working_days`.
    """

    new_password: bool
    working_days: int | None
    citation: Citation


class Lifecycle(Struct, frozen=True):
    """The clock of a mailbox.

    `expiry_warning_days` before a password expires its owner is told. After `reminders` the agency's head is
    told of misuse. `emergency_citation`: the operator may revoke at once; None: the text has no such rule.
    """

    leaving: Mapping[RankClass, Leaving]
    restoration: Restoration
    suspension_citation: Citation
    inactivity: Inactivity | None = None
    expiry_warning_days: int = 7
    reminders: int | None = None
    reminders_citation: Citation | None = None
    emergency_citation: Citation | None = None


class Sharing(Struct, frozen=True):
    """A body's mailbox: its head owns it and may let at most `delegates` others (None: any number) use it.

    `delegates_within`: they are people of that body. A handover to another owner takes a new password and
    leaves a record.
    """

    owner_citation: Citation
    delegates: int | None
    delegates_citation: Citation
    handover_citation: Citation
    delegates_within: bool = False


class SenderPolicy(StrEnum):
    """Values of gdSenderPolicy: who may send to a list."""

    OWNERS = "owners"
    LISTED = "listed"
    MEMBERS = "members"
    ORG = "org"
    ANY = "any"


class Lists(Struct, frozen=True):
    """Lists of a whole staff: members follow from the tree; who may send, unless the list says otherwise.

    At most `authorised` people (None: any number) control a body's list besides its mailbox. Who runs the
    system announces to the lists of the whole province, with `announced_to_bodies` to those of bodies too.
    """

    sender_policy: SenderPolicy
    sender_citation: Citation
    members_citation: Citation
    authorised: int | None = None
    announced_to_bodies: bool = False


class Delegation(Struct, frozen=True):
    """What an agency's own administrator may create and change: mailboxes of these kinds, by this rule."""

    kinds: frozenset[MailboxKind]
    citation: Citation
    others_citation: Citation


class Publication(Struct, frozen=True):
    """Whether the regulation wants the addresses of bodies and staff to be public."""

    public: bool
    citation: Citation


class Check(Struct, frozen=True):
    """How often mailboxes of `kinds` are to be looked into on a working day; None: "regularly"."""

    kinds: frozenset[MailboxKind]
    times_a_day: int | None
    citation: Citation


class Step(Struct, frozen=True):
    """One step of a procedure, in words: who does what, within how many working days (None: not said)."""

    name: str
    wording: Wording
    citation: Citation
    working_days: int | None = None


class Report(Struct, frozen=True):
    """A report that is due every year on each of `due` (month, day); empty: no day is said.

    `before`: due before that day, not on it.
    """

    name: str
    by: Wording
    to: Wording
    content: Wording
    due: tuple[tuple[int, int], ...]
    before: bool
    citation: Citation


class Usage(Struct, frozen=True):
    """A mailbox counts as unused in a quarter when it was not accessed on `unused_days` of its working days,
    and an agency as failing when more than `failing_share` of its mailboxes are; shares are (part, whole)."""

    unused_days: tuple[int, int]
    failing_share: tuple[int, int]
    citation: Citation


class Operations(Struct, frozen=True):
    """What the operator owes: months that logs are kept, days of notice before maintenance; None: not said.

    `maintenance_working`: the days of notice are working days. `provider_working_days` before maintenance a
    hired provider tells the operator. The holder of a mailbox that is filled to `quota_warning_percent` is
    warned.
    """

    log_months: int | None = None
    log_citation: Citation | None = None
    maintenance_days: int | None = None
    maintenance_working: bool = False
    maintenance_citation: Citation | None = None
    provider_working_days: int | None = None
    provider_citation: Citation | None = None
    quota_warning_percent: int | None = None
    quota_warning_citation: Citation | None = None


class Reading(Struct, frozen=True):
    """A setting of the pack (dotted) that is our reading of the text and may be set otherwise.

    `value` is what it has there, "" for a table of several.
    """

    setting: str
    wording: Wording
    value: str = ""
