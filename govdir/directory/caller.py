"""Who asks: the identity an operation runs under (RFC 4513 §4)."""

from __future__ import annotations

from enum import Enum
from typing import Final

from msgspec import Struct

from govdir.directory.channels import LDAP


class Role(Enum):
    """What kind of identity a caller is; access rules speak of these."""

    ANONYMOUS = "anonymous"
    PERSON = "person"
    SERVICE = "service"
    ADMINISTRATOR = "administrator"
    LOCAL = "local"


class Caller(Struct, frozen=True):
    """A bound identity.

    `dn` is the name at the bind; it is "" and `entry_id` None for anonymous and for LOCAL, the operator at
    the host's own command line. `service_kind` tells what a SERVICE is for ("mail", "portal", ...), `channel`
    what the logins that it checks are (directory.channels). `must_change` limits the caller to changing its
    own password. `by` is the name of another identity that acts as this one (RFC 4370), "" for none.
    """

    dn: str
    entry_id: int | None
    role: Role
    service_kind: str = ""
    must_change: bool = False
    channel: str = LDAP
    by: str = ""


ANONYMOUS = Caller("", None, Role.ANONYMOUS)
LOCAL = Caller("", None, Role.LOCAL)


_CLOCK: Final = "cn=clock"


def clock_of(suffix: object) -> Caller:
    """The clock of mailboxes of the directory at `suffix`: may do what LOCAL may, under a name of its own.

    The name stands in modifiersName; no entry has it, so nobody signs in with it.
    """
    return Caller(f"{_CLOCK},{suffix}", None, Role.LOCAL)


def name_in_trail(dn: str, caller: Caller) -> str:
    """Who made a change, for the audit trail: the caller's present name, with that of who acts as the caller,
    "local" or "clock"."""
    if caller.by:
        return f"{dn or caller.role.value} (by {caller.by})"
    if caller.entry_id is None and is_clock(dn):
        return "clock"
    return dn or caller.role.value


def is_clock(dn: str) -> bool:
    """Whether a caller's name is that of a directory's clock."""
    return dn.startswith(f"{_CLOCK},")
