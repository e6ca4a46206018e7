"""From one state to the next: who may make which change, what the dates of a mailbox do to it, and what mail
servers see then."""

from __future__ import annotations

from typing import Final

from govdir.directory.entry import Attributes
from govdir.directory.rules import Actor
from govdir.mailattrs import texts
from govdir.mailattrs.change import EntryChange
from govdir.mailattrs.leaving import DATES, LeavingDays, date_citation, date_reason
from govdir.mailattrs.moments import moment_of, put_moment
from govdir.mailattrs.refusals import Refusals
from govdir.mailattrs.rotation import password_ends, policy_seconds
from govdir.mailattrs.states import (
    LIST_SERVICES,
    OPEN,
    STATE_OF_STATUS,
    Services,
    State,
    demanded,
    followers,
    may_follow,
    services,
)
from govdir.policy.model import Pack
from govdir.policy.texts import Wording

_TRANSITION: Final = Wording(
    "Không chuyển được gdState từ “{before}” sang “{after}”; từ “{before}” chuyển được sang: {next}.",
    "gdState cannot change from “{before}” to “{after}”; what may follow “{before}”: {next}.",
)
_NOTHING: Final = Wording("không trạng thái nào", "nothing")
_APPROVAL: Final = Wording(
    "Hộp thư đang chờ duyệt; người duyệt hoặc người quản trị hệ thống mới chuyển được sang “active”.",
    "The mailbox waits for approval; an approver or an operator of the system makes it active.",
)
_RESTORATION: Final = Wording(
    "Hộp thư bị tạm khóa hoặc thu hồi chỉ được mở lại cùng mật mã mới: đặt userPassword trong cùng yêu cầu "
    "với gdState.",
    "A closed mailbox is opened only with a new password: give userPassword in the request that changes "
    "gdState.",
)


class StateChanges:
    """One pack's rules on states. Every method raises RuleViolation."""

    def __init__(self, pack: Pack, refusals: Refusals) -> None:
        self._pack = pack
        self._refusals = refusals
        self._leaving = LeavingDays(pack, refusals)

    def begin(self, change: EntryChange) -> None:
        """The state of a new mailbox or list.

        One that comes from another directory keeps since when it is in its state, and its dates as they are.
        """
        entry = change.entry
        if "gdmailbox" not in change.classes:
            _put_services(entry, LIST_SERVICES)
            return
        _state_from_status(entry)
        asked = self._state(entry)
        since = moment_of(entry, "gdStateSince")
        self._leaving.begin(change, derive=since is None)
        state = self._demanded(change, asked)
        if since is None or since > change.near.moment or state is not asked:
            put_moment(entry, "gdStateSince", change.near.moment)
        if state is not asked and "gdStateReason" not in entry:
            self._give_reason(change, state)
        self._put_state(change, state)

    def follow(self, before: Attributes, change: EntryChange) -> None:
        """The state of one that was there `before`."""
        entry = change.entry
        if "gdmailbox" not in change.classes:
            _put_services(entry, LIST_SERVICES)
            return
        old, asked = self._state(before), self._state(entry)
        self._check_transition(old, asked, change.actor)
        self._leaving.follow(before, change)
        if asked is old:
            asked = _lifted(before, change, old)
        else:
            _give_up_dates(before, change, old, asked)
        state = self._demanded(change, asked)
        if old in (State.SUSPENDED, State.REVOKED) and state in OPEN:
            self._check_restored(before, change)
        self._record(before, change, old, state)
        self._put_state(change, state)

    def _state(self, entry: Attributes) -> State:
        said = entry.text("gdState") or State.ACTIVE.value
        try:
            return State(said.lower())
        except ValueError:
            why = texts.STATE_UNKNOWN.filled(state=said, known=", ".join(State))
            raise self._refusals.violation("state", why, self._pack.state_citation) from None

    def _check_transition(self, old: State, asked: State, actor: Actor) -> None:
        if not may_follow(old, asked):
            suspending = State.SUSPENDED in (old, asked)
            rule = self._pack.lifecycle.suspension_citation if suspending else self._pack.state_citation
            following = ", ".join(followers(old)) or _NOTHING
            why = _TRANSITION.filled(before=old, after=asked, next=following)
            raise self._refusals.violation("state", why, rule)
        approving = old is State.PENDING and asked is State.ACTIVE
        if approving and not (actor.is_operator or actor.may_approve):
            raise self._refusals.violation("approval", _APPROVAL, self._pack.state_citation)

    def _check_restored(self, before: Attributes, change: EntryChange) -> None:
        """A person gets a new password, a body's mailbox that nobody signs in to has none to be renewed. One
        that was revoked is judged as one that is suspended is, or revoking would be a way around."""
        if not restores_with_password(self._pack, before, change.classes):
            return
        if not change.near.new_password:
            citation = self._pack.lifecycle.restoration.citation
            raise self._refusals.violation("restoration", _RESTORATION, citation)
        change.entry.replace("pwdReset", ("TRUE",))

    def _demanded(self, change: EntryChange, state: State) -> State:
        entry = change.entry
        block_at, revoke_at = (moment_of(entry, attribute) for attribute in DATES)
        return demanded(state, block_at, revoke_at, change.near.moment)

    def _record(self, before: Attributes, change: EntryChange, old: State, state: State) -> None:
        """Since when and why, and an end to notices: of the new state if it is one, else as they were."""
        entry, since = change.entry, before.values("gdStateSince")
        if state is old:
            entry.replace("gdStateSince", since)
            return
        put_moment(entry, "gdStateSince", change.near.moment)
        if entry.values("gdStateReason") == before.values("gdStateReason"):
            entry.remove("gdStateReason")
            if self._demanded(change, old) is state:
                self._give_reason(change, state)
        if state in OPEN and entry.values("gdNoticeAt") == before.values("gdNoticeAt"):
            entry.remove("gdNoticeAt")

    def _give_reason(self, change: EntryChange, state: State) -> None:
        """gdStateReason of a state that a date brought."""
        moments = {State.SEND_BLOCKED: DATES[0], State.REVOKED: DATES[1]}
        moment = moment_of(change.entry, moments[state]) if state in moments else None
        if moment is not None:
            cited = date_citation(self._pack, change.entry, change.around)
            reason = date_reason(state, moment, cited, self._refusals.language)
            change.entry.replace("gdStateReason", (reason,))

    def _put_state(self, change: EntryChange, state: State) -> None:
        """gdState as it is stored, and what mail servers see of it."""
        entry = change.entry
        seconds = policy_seconds(self._pack, entry, change.near) if "pwdChangedTime" in entry else 0
        ends = password_ends(self._pack, entry, seconds)
        must_change = entry.text("pwdReset") == "TRUE" or (ends is not None and ends <= change.near.moment)
        entry.replace("gdState", (state.value,))
        _put_services(entry, services(state, must_change_password=must_change))


def restores_with_password(pack: Pack, closed: Attributes, classes: frozenset[str]) -> bool:
    """Whether a closed mailbox is opened again only with a new password; `classes`: what it will be of."""
    renewed = "gdperson" in classes or "pwdChangedTime" in closed
    return pack.lifecycle.restoration.new_password and renewed


def _state_from_status(entry: Attributes) -> None:
    """What another directory closed stays closed: gdState from accountStatus, where only that is given."""
    status = entry.text("accountStatus")
    if status is not None and "gdState" not in entry:
        entry.replace("gdState", (STATE_OF_STATUS.get(status.lower(), State.ACTIVE).value,))


def _lifted(before: Attributes, change: EntryChange, state: State) -> State:
    """A block that a date brought goes when that date is put off or taken away; one made by hand stays."""
    block_at, now = moment_of(before, DATES[0]), moment_of(change.entry, DATES[0])
    since = moment_of(before, "gdStateSince")
    by_date = block_at is not None and since is not None and block_at <= since
    if state is State.SEND_BLOCKED and by_date and (now is None or now > change.near.moment):
        return State.ACTIVE
    return state


def _give_up_dates(before: Attributes, change: EntryChange, old: State, asked: State) -> None:
    """Dates that have done their work go when it is undone by hand, lest they do it again."""
    cause = {State.SEND_BLOCKED: DATES[0], State.REVOKED: DATES[1]}.get(old)
    if asked is not State.ACTIVE or cause is None:
        return
    moment = moment_of(before, cause)
    if moment is None or moment > change.near.moment or before.values(cause) != change.entry.values(cause):
        return
    for attribute in (cause,) if old is State.SEND_BLOCKED else ("gdLeavingAt", *DATES):
        if before.values(attribute) == change.entry.values(attribute):
            change.entry.remove(attribute)


def _put_services(entry: Attributes, seen: Services) -> None:
    entry.replace("accountStatus", (seen.account_status,))
    entry.replace("enabledService", seen.enabled)
