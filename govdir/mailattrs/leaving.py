"""What the day somebody leaves brings: when sending is blocked, and when the mailbox is revoked.

gdLeavingAt is a day of the province, kept as the moment it begins; gdSendBlockAt and gdRevokeAt follow from
it by the holder's rank, unless the request that names the day names them too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec import Struct

from govdir.directory.entry import Attributes
from govdir.directory.password_policy import add_months
from govdir.mailattrs.change import EntryChange
from govdir.mailattrs.moments import day_of, day_text, moment_of, put_moment, start_of
from govdir.mailattrs.places import Surroundings
from govdir.mailattrs.refusals import Refusals
from govdir.mailattrs.states import State
from govdir.policy.duties import Leaving
from govdir.policy.kinds import MailboxKind, RankClass
from govdir.policy.model import Citation, Pack
from govdir.policy.texts import Language, Wording

DATES: Final = ("gdSendBlockAt", "gdRevokeAt")
"""The attributes that follow from gdLeavingAt."""

_JUDGED: Final = ("gdLeavingAt", *DATES, "gdRankClass")

_DAY_IMPOSSIBLE: Final = Wording(
    "{attribute} “{value}” không phải một ngày có thể tính hạn: ghi như 20210831000000+0700.",
    "{attribute} “{value}” is no day that terms can be counted from: write 20210831000000+0700.",
)
_RANK_UNKNOWN: Final = Wording(
    "gdRankClass “{rank}” không có; các bậc: {known}.",
    "There is no gdRankClass “{rank}”; there are: {known}.",
)

_SEND_BLOCKED: Final = Wording(
    "Khóa chức năng gửi từ ngày {day}: {citation}", "Sending blocked from {day} on: {citation}"
)
_REVOKED: Final = Wording("Thu hồi từ ngày {day}: {citation}", "Revoked from {day} on: {citation}")


class Terms(Struct, frozen=True):
    """The dates that follow from a leaving day; None: none."""

    send_block_at: datetime | None = None
    revoke_at: datetime | None = None

    def date(self, attribute: str) -> datetime | None:
        """The one for an attribute of DATES."""
        return self.send_block_at if attribute == "gdSendBlockAt" else self.revoke_at


def terms(rule: Leaving, leaving_at: datetime) -> Terms:
    """The dates of somebody who leaves on the day that begins at `leaving_at`."""
    months = rule.block_sending_months
    return Terms(
        None if months is None else add_months(leaving_at, months),
        add_months(leaving_at, rule.revoke_months),
    )


class LeavingDays:
    """One pack's terms. Raises RuleViolation."""

    def __init__(self, pack: Pack, refusals: Refusals) -> None:
        self._pack = pack
        self._refusals = refusals

    def begin(self, change: EntryChange, *, derive: bool) -> None:
        """Of a new mailbox: the dates that it does not state itself; not `derive`: it has no others."""
        if not _has_terms(change.entry):
            return
        self._check(change.entry)
        self._keep_days(change.entry)
        if not derive:
            return
        dates = self._terms(change.entry, change.around)
        for attribute in DATES:
            if attribute not in change.entry:
                put_moment(change.entry, attribute, dates.date(attribute))

    def follow(self, before: Attributes, change: EntryChange) -> None:
        """After a change: another day sets the dates anew, another rank those that followed from the day."""
        entry = change.entry
        if not (_has_terms(entry) or _has_terms(before)):
            return
        self._check(entry)
        self._keep_days(entry)
        old, new = self._terms(before, change.around), self._terms(entry, change.around)
        moved = moment_of(before, "gdLeavingAt") != moment_of(entry, "gdLeavingAt")
        for attribute in DATES:
            if before.values(attribute) != entry.values(attribute):
                continue
            followed = moment_of(before, attribute) == old.date(attribute)
            if followed or (moved and "gdLeavingAt" in entry):
                put_moment(entry, attribute, new.date(attribute))

    def _terms(self, entry: Attributes, around: Surroundings) -> Terms:
        leaving_at = moment_of(entry, "gdLeavingAt")
        if leaving_at is None:
            return Terms()
        return terms(self._pack.lifecycle.leaving[rank_of(self._pack, entry, around)], leaving_at)

    def _check(self, entry: Attributes) -> None:
        """Refuses what is no day, and ranks that are none."""
        for attribute in ("gdLeavingAt", *DATES):
            value = entry.text(attribute)
            if value is not None and moment_of(entry, attribute) is None:
                why = _DAY_IMPOSSIBLE.filled(attribute=attribute, value=value)
                raise self._refusals.violation("leaving", why, self._pack.state_citation)
        rank = entry.text("gdRankClass")
        if rank is not None and rank.lower() not in set(RankClass):
            why = _RANK_UNKNOWN.filled(rank=rank, known=", ".join(RankClass))
            raise self._refusals.violation("rank", why, self._pack.state_citation)

    @staticmethod
    def _keep_days(entry: Attributes) -> None:
        leaving_at = moment_of(entry, "gdLeavingAt")
        if leaving_at is not None:
            put_moment(entry, "gdLeavingAt", start_of(day_of(leaving_at)))


def _has_terms(entry: Attributes) -> bool:
    """Whether it has anything that terms are worked out from or written to; most mailboxes have not."""
    return any(attribute in entry for attribute in _JUDGED)


def date_citation(pack: Pack, entry: Attributes, around: Surroundings) -> Citation:
    """The rule behind the dates of a mailbox: on leavers, or on states where somebody set them by hand."""
    if "gdLeavingAt" not in entry:
        return pack.state_citation
    return pack.lifecycle.leaving[rank_of(pack, entry, around)].citation


def date_reason(state: State, moment: datetime, citation: Citation, language: Language) -> str:
    """gdStateReason of a state, SEND_BLOCKED or REVOKED, that a date brought."""
    shape = _SEND_BLOCKED if state is State.SEND_BLOCKED else _REVOKED
    return shape.render(language, day=day_text(moment), citation=citation.text(language))


def rank_of(pack: Pack, entry: Attributes, around: Surroundings) -> RankClass:
    """By gdRankClass; else a leader's mailbox is one's, and the post in its place decides."""
    said = (entry.text("gdRankClass") or "").lower()
    if said in set(RankClass):
        return RankClass(said)
    if (entry.text("gdMailboxKind") or "").lower() == MailboxKind.LEADER:
        return RankClass.LEADER
    post = entry.text("gdPosition") or entry.text("title") or ""
    in_unit = around.body is not around.agency
    return pack.ranks.class_of(post, MailboxKind.UNIT.value if in_unit else around.place)
