"""Whether somebody is still in office, by the person's own mailbox."""

from __future__ import annotations

from datetime import datetime

from govdir.directory.entry import Attributes
from govdir.mailattrs.moments import moment_of
from govdir.mailattrs.states import State

_GONE = frozenset({State.REVOKED, State.DELETED})


def left_at(person: Attributes) -> datetime | None:
    """When the person left office, or will: the official day, or that of the revocation where it was earlier.

    None for somebody who stays. A suspended person is in office.
    """
    moments = [moment_of(person, "gdLeavingAt")]
    if (person.text("gdState") or State.ACTIVE).lower() in _GONE:
        moments.append(moment_of(person, "gdStateSince") or moment_of(person, "modifyTimestamp"))
    return min((moment for moment in moments if moment is not None), default=None)
