"""The rules of one session (RFC 4511 §4.2.1, §4.11, §4.14; RFC 4513 §4): who it is, what may start when.

No octets and no reactor here: the protocol asks before each request and tells after each result.

Reads run side by side. An update starts when the one before it on the same connection has ended, and what
comes after an update waits for it: a client that sends modify and search in one go sees its own change.
An operation that ends at once never enters the bookkeeping.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING

from govdir.directory.caller import Role
from govdir.directory.handle import Handle
from govdir.ldap.codec.messages import LdapMessage
from govdir.ldap.server.refusals import CannotCancel, NoSuchOperation, SessionViolation

if TYPE_CHECKING:
    from govdir.ldap.server.client_certificates import ClientCertificate
    from govdir.ldap.server.sasl import Exchange


class Manner(Enum):
    """How an operation takes its place in the session."""

    READ = auto()  # side by side with other reads
    UPDATE = auto()  # alone among updates; later requests wait
    BIND = auto()  # ends what is outstanding; later requests wait
    IMMEDIATE = auto()  # abandon, unbind, StartTLS: never wait


class Admission(Enum):
    """What to do with a request that has come."""

    START = auto()
    WAIT = auto()
    BUSY = auto()


class Outstanding:
    """A request whose result is still to come.

    `started` is perf_counter's time of its arrival; `begun` is False while it waits; `told` is what the
    access log says of its controls.
    """

    __slots__ = ("abandoned", "begun", "manner", "message", "started", "told")

    def __init__(self, message: LdapMessage, manner: Manner, started: float, *, begun: bool) -> None:
        self.message = message
        self.manner = manner
        self.started = started
        self.begun = begun
        self.abandoned = False
        self.told = ""


class Session:
    """The state of one connection.

    `passwords_allowed` is whether passwords may be used on this connection (confidential enough); `tls`
    whether it is under TLS, `certificate` tells what certificate the client has presented, `exchange` is the
    SASL bind that goes on with the next request.
    """

    __slots__ = (
        "_alone",
        "_anonymous",
        "_at_most",
        "_handle",
        "_handle_of",
        "certificate",
        "exchange",
        "outstanding",
        "passwords_allowed",
        "tls",
        "waiting",
    )

    def __init__(
        self, anonymous: Handle, *, outstanding_at_most: int, tls: bool, passwords_allowed: bool
    ) -> None:
        self._handle: Handle | None = anonymous
        self._handle_of = _nobody
        self.certificate: Callable[[], ClientCertificate | None] = _no_certificate
        self.exchange: Exchange | None = None
        self.tls = tls
        self.passwords_allowed = passwords_allowed
        self.outstanding: dict[int, Outstanding] = {}
        self.waiting: dict[int, Outstanding] = {}
        self._anonymous = anonymous
        self._at_most = outstanding_at_most
        self._alone: Outstanding | None = None  # the update or bind that others wait for

    @property
    def handle(self) -> Handle:
        """What the current identity may do."""
        held = self._handle
        if held is None:
            held = self._handle = self._handle_of()
        return held

    @property
    def load(self) -> int:
        """How many requests have been taken and not answered."""
        return len(self.outstanding) + len(self.waiting)

    @property
    def is_idle(self) -> bool:
        """Whether nothing at all is under way, abandoned updates included."""
        return self._alone is None and not self.outstanding

    @property
    def is_service(self) -> bool:
        """Whether a program is bound rather than a person."""
        return self.handle.caller.role is Role.SERVICE

    def admit(self, message_id: int, manner: Manner) -> Admission:
        """Whether a request that has come may start.

        Raises:
            SessionViolation: the message id is 0 or that of an outstanding request (RFC 4511 §4.1.1.1).
        """
        if message_id == 0:
            raise SessionViolation("message id 0 is reserved for unsolicited notifications")
        if self._alone is None and not self.outstanding:
            return Admission.START
        if message_id in self.outstanding or message_id in self.waiting:
            raise SessionViolation("message id of an outstanding request used again")
        if manner is Manner.IMMEDIATE:
            return Admission.START
        if manner is Manner.BIND and (self._alone is None or self._alone.manner is not Manner.BIND):
            return Admission.START
        if self.load >= self._at_most:
            return Admission.BUSY
        return Admission.START if self._alone is None else Admission.WAIT

    def begin(self, message: LdapMessage, manner: Manner, started: float) -> Outstanding:
        """Enters a request that does not end at once."""
        outstanding = Outstanding(message, manner, started, begun=True)
        self.outstanding[message.message_id] = outstanding
        if manner is not Manner.READ:
            self._alone = outstanding
        return outstanding

    def begin_bind(self, message: LdapMessage, started: float) -> tuple[Outstanding, list[Outstanding]]:
        """Enters a bind: from here until it succeeds the session is anonymous (RFC 4511 §4.2.1).

        Returns it and what it abandons: everything outstanding. What waits stays: it came later.
        """
        self._handle = self._anonymous
        abandoned = self._abandon_outstanding()
        return self.begin(message, Manner.BIND, started), abandoned

    def wait(self, message: LdapMessage, manner: Manner, started: float) -> None:
        """Puts a request behind those that wait."""
        self.waiting[message.message_id] = Outstanding(message, manner, started, begun=False)

    def next_waiting(self) -> Outstanding | None:
        """Takes the first request that waits, None while it must go on waiting or when there is none."""
        if self._alone is not None or not self.waiting:
            return None
        return self.waiting.pop(next(iter(self.waiting)))

    def drop_waiting(self) -> list[Outstanding]:
        """Abandons what waits, as a bind that came later does."""
        dropped = list(self.waiting.values())
        self.waiting.clear()
        return dropped

    def finish(self, outstanding: Outstanding) -> bool:
        """Takes note that a request has ended; tells whether its response may be sent."""
        if self._alone is outstanding:
            self._alone = None
        if outstanding.abandoned:
            return False
        del self.outstanding[outstanding.message.message_id]
        return True

    def identify(self, handle: Handle) -> None:
        """The bind has succeeded."""
        self._handle = handle

    def identify_later(self, handle_of: Callable[[], Handle]) -> None:
        """The same of an identity that may never do anything: what it may do is worked out when it does."""
        self._handle = None
        self._handle_of = handle_of

    def abandon(self, message_id: int) -> Outstanding | None:
        """Abandons that request, outstanding or waiting; returns it, None when there is nothing to abandon.

        A bind cannot be abandoned (RFC 4511 §4.11). The work of an update goes on; only its response is not
        sent, and later requests still wait for its end.
        """
        waiting = self.waiting.pop(message_id, None)
        if waiting is not None:
            return waiting
        outstanding = self.outstanding.get(message_id)
        if outstanding is None or outstanding.manner is Manner.BIND:
            return None
        del self.outstanding[message_id]
        outstanding.abandoned = True
        return outstanding

    def cancel(self, message_id: int, by: int) -> Outstanding:
        """Takes out that request, which must be a search or one that waits (RFC 3909); `by` is the id of the
        request that asks for it.

        Raises NoSuchOperation, CannotCancel.
        """
        if message_id == by:
            raise CannotCancel("Cancel does not cancel itself")
        waiting = self.waiting.get(message_id)
        if waiting is not None and waiting.manner is not Manner.BIND:
            return self.waiting.pop(message_id)
        found = waiting or self.outstanding.get(message_id)
        if found is None:
            raise NoSuchOperation("no operation of that message id is under way")
        if found.manner is not Manner.READ:
            raise CannotCancel("binds, and changes that have begun, are not canceled")
        del self.outstanding[message_id]
        return found

    def secure(self, *, passwords_allowed: bool) -> None:
        """TLS is in place."""
        self.tls = True
        self.passwords_allowed = passwords_allowed

    def end(self) -> list[Outstanding]:
        """The connection ends: nothing is sent any more, nothing that waits is started.

        Returns all that is abandoned by it.
        """
        return self._abandon_outstanding() + self.drop_waiting()

    def _abandon_outstanding(self) -> list[Outstanding]:
        abandoned = list(self.outstanding.values())
        for each in abandoned:
            each.abandoned = True
        self.outstanding.clear()
        return abandoned


def _no_certificate() -> None:
    return None


def _nobody() -> Handle:
    raise SessionViolation("there is no identity")
