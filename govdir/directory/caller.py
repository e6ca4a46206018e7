"""Who asks: the identity an operation runs under (RFC 4513 §4)."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


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
    the host's own command line. `service_kind` tells what a SERVICE is for ("mail", "portal", ...).
    `must_change` limits the caller to changing its own password.
    """

    dn: str
    entry_id: int | None
    role: Role
    service_kind: str = ""
    must_change: bool = False


ANONYMOUS = Caller("", None, Role.ANONYMOUS)
LOCAL = Caller("", None, Role.LOCAL)
