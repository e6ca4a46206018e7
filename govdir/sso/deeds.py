"""What was done to an account, more closely than the kind of a line of the trail says: stable words."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from msgspec import Struct


class Deed(StrEnum):
    """The word that `Happened.detail` begins with. What somebody else did is told apart from what the owner
    did by a word of its own."""

    CHANGED = "changed"
    CHANGED_AT_SIGN_IN = "changed-at-sign-in"
    ISSUED = "issued"  # a one-time password, by somebody else
    SET_UP = "set-up"
    TURNED_OFF = "turned-off"
    TAKEN_OFF = "taken-off"  # a second factor, by somebody else
    RECOVERY_USED = "recovery-code-used"
    RECOVERY_RENEWED = "recovery-codes-renewed"
    ENDED = "ended"
    OTHERS_ENDED = "others-ended"
    SIGNED_OUT = "signed-out"  # everywhere, by somebody else
    HELP = "help"  # was refused


BY_OTHERS: Final = frozenset({Deed.ISSUED, Deed.TAKEN_OFF, Deed.SIGNED_OUT})
"""What only others do to an account."""


class Detail(Struct, frozen=True):
    """A deed; `count` of sessions that ended or recovery codes that are left, None where nothing is counted;
    `by` whoever did it to somebody else, `to` whom it was to be done to, as addresses or DNs, else ""."""

    deed: Deed
    count: int | None = None
    by: str = ""
    to: str = ""

    def __str__(self) -> str:
        """ "issued count=2 by=an@example.vn": as `read_detail` reads it."""
        count = "" if self.count is None else f" count={self.count}"
        other = f" by={self.by}" if self.by else f" to={self.to}" if self.to else ""
        return f"{self.deed.value}{count}{other}"


_WRITTEN: Final = re.compile(
    r"(?P<deed>[a-z-]+)(?: count=(?P<count>[0-9]{1,9}))?(?: by=(?P<by>.+)| to=(?P<to>.+))?", re.DOTALL
)


def read_detail(text: str) -> Detail | None:
    """The opposite of str(); None for what tells of no deed."""
    found = _WRITTEN.fullmatch(text)
    if found is None or found["deed"] not in set(Deed):
        return None
    count = None if found["count"] is None else int(found["count"])
    return Detail(Deed(found["deed"]), count, found["by"] or "", found["to"] or "")
