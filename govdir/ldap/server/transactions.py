"""The transactions of one connection (RFC 5805): updates collected, then made as one or forgotten.

A transaction belongs to the connection and to the identity that began it: whatever changes either ends it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

from msgspec import Struct
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from govdir.directory.caller import Role
from govdir.directory.errors import (
    AdminLimitExceeded,
    Busy,
    DirectoryError,
    InsufficientAccessRights,
    ProtocolError,
    UnwillingToPerform,
    UpdateFailed,
)
from govdir.directory.handle import Handle
from govdir.directory.options import Written
from govdir.directory.writing import Update
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.messages import (
    AddRequest,
    Control,
    DeleteRequest,
    ExtendedRequest,
    LdapMessage,
    ModifyDnRequest,
    ModifyRequest,
)
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.codec.transactions import (
    TransactionEnded,
    UpdateControls,
    aborted_transaction,
    check_start_transaction,
    decode_end_transaction,
    end_transaction_response,
    start_transaction_response,
)
from govdir.ldap.server.answers import Answer, refused
from govdir.ldap.server.controls import Asked
from govdir.ldap.server.operations.written import answer_of
from govdir.ldap.server.password_policy import told_of_success
from govdir.ldap.server.refusals import OperationsError
from govdir.ldap.server.results import SUCCESS
from govdir.ldap.server.traits import Trait

MAX_OPEN: Final = 4
"""Transactions open on one connection: programs have one at a time."""

MAX_UPDATES: Final = 1000
"""Of one transaction: planned in slices, they hold the connection for about a second."""

MAX_OCTETS: Final = 4 * 1024 * 1024
"""All requests of one transaction: they wait in memory, and others wait while they are written."""

MAX_WAITING_OCTETS: Final = 16 * MAX_OCTETS
"""All requests in all transactions of one server: anybody who is bound may open many connections."""

MAX_SECONDS: Final = 300
"""From start to end: a person at a terminal, not a program that has forgotten it."""

_IDENTIFIER_OCTETS: Final = 16

_FULL: Final = "too much waits in transactions at this server; try again"
_UNKNOWN: Final = "there is no such transaction on this connection; it may have ended"
_NO_OP: Final = "a no-op has no place in a transaction: the updates after it would see what is not made"
_PROXIED: Final = "in a transaction all updates are made as who is bound (RFC 5805 §3.5)"


class _Collected(Struct, frozen=True):
    """An update that waits for the end of its transaction."""

    message_id: int
    request: Update
    trait: Trait
    asked: Asked


class _Open:
    """A transaction that has begun, and the call that ends it in time."""

    __slots__ = ("octets", "timer", "updates")

    def __init__(self, timer: IDelayedCall) -> None:
        self.updates: list[_Collected] = []
        self.octets = 0
        self.timer = timer


class Waiting:
    """How many octets of requests wait in the transactions of all connections of one server."""

    __slots__ = ("octets",)

    def __init__(self) -> None:
        self.octets = 0


class Transactions:
    """`send` puts octets on their way to the client; `under_way` are those that are open, by identifier."""

    def __init__(self, send: Callable[[bytes], None], clock: IReactorTime, waiting: Waiting) -> None:
        self._send = send
        self._clock = clock
        self._waiting = waiting
        self.under_way: dict[bytes, _Open] = {}

    def start(self, request: ExtendedRequest, handle: Handle) -> Answer:
        """Begins one (RFC 5805 §2.1).

        Raises ProtocolError, InsufficientAccessRights for whoever could change nothing, AdminLimitExceeded.
        """
        try:
            check_start_transaction(request.value)
        except DecodeError as error:
            raise ProtocolError(error.why) from error
        if handle.caller.role is Role.ANONYMOUS:
            raise InsufficientAccessRights("bind first")
        if len(self.under_way) >= MAX_OPEN:
            raise AdminLimitExceeded(f"{MAX_OPEN} transactions are open on this connection")
        identifier = secrets.token_bytes(_IDENTIFIER_OCTETS)
        timer = self._clock.callLater(MAX_SECONDS, self._expire, identifier)
        self.under_way[identifier] = _Open(timer)
        return Answer(start_transaction_response(identifier))

    def collect(self, message: LdapMessage, trait: Trait, asked: Asked) -> Answer:
        """Puts an update into its transaction: nothing of it is looked at before the end (RFC 5805 §3.2).

        Raises OperationsError for an identifier that is none, UnwillingToPerform for what has no place in a
        transaction, which then goes on; AdminLimitExceeded and Busy, which end it.
        """
        identifier = asked.transaction or b""
        held = self.under_way.get(identifier)
        request = message.operation
        if held is None:
            raise OperationsError(_UNKNOWN)
        if asked.write.no_op:
            raise UnwillingToPerform(_NO_OP)
        if asked.proxied_as is not None:
            raise UnwillingToPerform(_PROXIED)
        if trait.respond is None or not isinstance(
            request, AddRequest | ModifyRequest | ModifyDnRequest | DeleteRequest
        ):
            raise UnwillingToPerform("not an update of an entry")
        octets = len(encode_message(message))
        held.octets += octets
        self._waiting.octets += octets
        if len(held.updates) == MAX_UPDATES or held.octets > MAX_OCTETS:
            too_large = f"a transaction has {MAX_UPDATES} updates and {MAX_OCTETS} octets at most"
            self._abort(identifier, ResultCode.ADMIN_LIMIT_EXCEEDED, too_large)
            raise AdminLimitExceeded(too_large)
        if self._waiting.octets > MAX_WAITING_OCTETS:
            self._abort(identifier, ResultCode.BUSY, _FULL)
            raise Busy(_FULL)
        held.updates.append(_Collected(message.message_id, request, trait, asked))
        return Answer(trait.respond(SUCCESS))

    async def end(self, request: ExtendedRequest, handle: Handle) -> Answer:
        """Makes or forgets what was collected (RFC 5805 §3.3), and tells which update failed.

        Raises ProtocolError, OperationsError for an identifier that is none, Busy, Unavailable.
        """
        try:
            asked = decode_end_transaction(request.value)
        except DecodeError as error:
            raise ProtocolError(error.why) from error
        held = self._forget(asked.identifier)
        if held is None:
            raise OperationsError(_UNKNOWN)
        if not asked.commit:
            return Answer(end_transaction_response(SUCCESS, TransactionEnded()))
        try:
            written = await handle.transact([(each.request, each.asked.write) for each in held.updates])
        except UpdateFailed as failure:
            return _failed(held.updates[failure.number], failure.error)
        told = (
            UpdateControls(each.message_id, controls)
            for each, what in zip(held.updates, written, strict=True)
            if (controls := _controls(each, what))
        )
        return Answer(end_transaction_response(SUCCESS, TransactionEnded(None, tuple(told))))

    def abort(self, why: str) -> None:
        """Ends all that are open because the session becomes another one, and tells the client."""
        for identifier in tuple(self.under_way):
            self._abort(identifier, ResultCode.OPERATIONS_ERROR, why)

    def drop(self) -> None:
        """The connection has ended."""
        for identifier in tuple(self.under_way):
            self._forget(identifier)

    def _expire(self, identifier: bytes) -> None:
        why = f"the transaction was open for more than {MAX_SECONDS} seconds"
        self._abort(identifier, ResultCode.TIME_LIMIT_EXCEEDED, why)

    def _abort(self, identifier: bytes, code: ResultCode, why: str) -> None:
        self._forget(identifier)
        self._send(encode_message(aborted_transaction(code, why, identifier)))

    def _forget(self, identifier: bytes) -> _Open | None:
        held = self.under_way.pop(identifier, None)
        if held is not None:
            self._waiting.octets -= held.octets
            if held.timer.active():
                held.timer.cancel()
        return held


def _controls(update: _Collected, written: Written) -> tuple[Control, ...]:
    """Those that would go with the update's own response."""
    respond = update.trait.respond
    read = () if respond is None else answer_of(written, respond).controls
    return read + told_of_success(update.asked)


def _failed(update: _Collected, error: DirectoryError) -> Answer:
    """The first failing update's result, as the result of all."""
    answer = refused(update.trait, error, update.asked)
    told = (UpdateControls(update.message_id, answer.controls),) if answer.controls else ()
    ended = TransactionEnded(update.message_id, told)
    return Answer(end_transaction_response(answer.response.result, ended))
