"""From one state to the next: what may follow, and what mail servers see then."""

from __future__ import annotations

from govdir.directory.entry import Attributes
from govdir.mailattrs import texts
from govdir.mailattrs.change import EntryChange
from govdir.mailattrs.refusals import Refusals
from govdir.mailattrs.states import LIST_SERVICES, STATE_OF_STATUS, State, may_follow, services
from govdir.policy.model import Pack


class StateChanges:
    """One pack's rules on states. Every method raises RuleViolation."""

    def __init__(self, pack: Pack, refusals: Refusals) -> None:
        self._pack = pack
        self._refusals = refusals

    def begin(self, change: EntryChange) -> None:
        """The state of a new mailbox or list."""
        if "gdmailbox" in change.classes:
            _state_from_status(change.entry)
        _derive_services(change, self._state(change.entry))

    def follow(self, before: Attributes, change: EntryChange) -> None:
        """The state of one that was there `before`."""
        state = self._state(change.entry)
        old = self._state(before)
        if not may_follow(old, state):
            why = texts.STATE_TRANSITION.filled(before=old, after=state)
            raise self._refusals.violation("state", why, self._pack.state_citation)
        _derive_services(change, state)

    def _state(self, entry: Attributes) -> State:
        said = entry.text("gdState") or State.ACTIVE.value
        try:
            return State(said.lower())
        except ValueError:
            why = texts.STATE_UNKNOWN.filled(state=said, known=", ".join(State))
            raise self._refusals.violation("state", why, self._pack.state_citation) from None


def _state_from_status(entry: Attributes) -> None:
    """What another directory closed stays closed: gdState from accountStatus, where only that is given."""
    status = entry.text("accountStatus")
    if status is not None and "gdState" not in entry:
        entry.replace("gdState", (STATE_OF_STATUS.get(status.lower(), State.ACTIVE).value,))


def _derive_services(change: EntryChange, state: State) -> None:
    """gdState as it is stored, and what mail servers see of it."""
    entry, seen = change.entry, LIST_SERVICES
    if "gdmailbox" in change.classes:
        seen = services(state, must_change_password=entry.text("pwdReset") == "TRUE")
        entry.replace("gdState", (state.value,))
    entry.replace("accountStatus", (seen.account_status,))
    entry.replace("enabledService", seen.enabled)
