"""Acting as somebody else: proxied authorization (RFC 4370), SASL's authorization identities (RFC 4422)."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from govdir.directory.admission import Bound, admitted
from govdir.directory.caller import ANONYMOUS
from govdir.directory.errors import AuthorizationDenied
from govdir.directory.handle import Handle
from govdir.directory.image import Record
from govdir.directory.sign_in_names import find_named, read_identity

if TYPE_CHECKING:
    from govdir.directory.service import Directory

MAX_HANDLES: Final = 64
"""A portal asks for whoever is at it now; each costs some KiB, and is made anew within microseconds."""

_DENIED: Final = (
    "không được thay mặt danh tính này, hoặc không có danh tính này "
    "(there is no such identity, or it cannot be acted for)"
)


class Proxying:
    """Whom one identity of one connection acts as.

    A name that nobody has, one that the identity does not see, one that it may not act as and one whose
    account is closed or locked are refused alike.
    """

    __slots__ = ("_actor", "_directory", "_handles")

    def __init__(self, directory: Directory, actor: Handle) -> None:
        self._directory = directory
        self._actor = actor
        self._handles: OrderedDict[int, Handle] = OrderedDict()

    def handle(self, authz_id: str) -> Handle:
        """What the identity named by `authz_id` ("dn:…", "u:…", empty for anonymous) may do, now.

        Raises AuthorizationDenied, and InsufficientAccessRights where the actor may do nothing itself.
        """
        if not authz_id or authz_id.lower() == "dn:":
            self._actor.check()
            return self._directory.as_caller(ANONYMOUS)
        record, bound = self._found(authz_id)
        held = self._handles.get(record.id)
        if held is None or not held.stands or held.caller != bound.caller:
            held = self._directory.as_caller(bound.caller, bound.seen, bound.warrant)
            self._handles[record.id] = held
            if len(self._handles) > MAX_HANDLES:
                self._handles.popitem(last=False)
        self._handles.move_to_end(record.id)
        return held

    def bound(self, authz_id: str) -> Bound:
        """What a bind as that identity comes to, for a connection that goes on as it; raises as `handle`."""
        return self._found(authz_id)[1]

    def _found(self, authz_id: str) -> tuple[Record, Bound]:
        directory, actor = self._directory, self._actor
        actor.check()
        record = find_named(directory, read_identity(directory, authz_id))
        if record is None or not actor.may_act_as(record):
            raise AuthorizationDenied(_DENIED)
        now = directory.clock.now()
        known = admitted(record, directory.password_rules, now, directory.logins.state_of(record))
        if known is None:
            raise AuthorizationDenied(_DENIED)
        bound = known.bound(now)
        caller = replace(bound.caller, by=actor.caller.by or actor.authz_id.removeprefix("dn:"))
        return record, replace(bound, caller=caller, warrant=partial(_still_may, actor, record))


def _still_may(actor: Handle, record: Record) -> bool:
    return actor.stands and record.alive and actor.may_act_as(record)
