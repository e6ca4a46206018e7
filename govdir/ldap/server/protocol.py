"""The one Twisted protocol: octets in, requests through session and dispatch, octets out."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Iterator
from time import perf_counter
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.task import CooperativeTask
from twisted.protocols.tls import TLSMemoryBIOProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

from govdir.directory.caller import Caller
from govdir.directory.errors import DirectoryError
from govdir.directory.search import PageRequest
from govdir.ldap.codec.connection import NEED_DATA, Connection
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.extended import notice_of_disconnection
from govdir.ldap.codec.messages import (
    AbandonRequest,
    BindRequest,
    BindResponse,
    CompareRequest,
    ExtendedRequest,
    LdapMessage,
    LdapResult,
    SearchRequest,
    UnbindRequest,
)
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.access_log import origin_of
from govdir.ldap.server.dispatch import ResultResponse, Trait, check_controls, trait_of, update
from govdir.ldap.server.operations.abandon import abandon
from govdir.ldap.server.operations.bind import bind
from govdir.ldap.server.operations.compare import compare
from govdir.ldap.server.operations.extended import extended
from govdir.ldap.server.operations.search import SearchRun
from govdir.ldap.server.operations.start_tls import STARTED, check_start_tls
from govdir.ldap.server.refusals import SessionViolation
from govdir.ldap.server.results import SUCCESS, result_of
from govdir.ldap.server.session import Admission, Manner, Outstanding, Session
from govdir.ldap.server.transport import IServerTransport

if TYPE_CHECKING:
    from govdir.ldap.server.factory import LdapFactory

_BUSY = LdapResult(ResultCode.BUSY, diagnostic_message="too many requests are outstanding on this connection")
_GOING_DOWN = "the server is going down"


@implementer(IPushProducer)
class LdapProtocol(Protocol):
    """One connection.

    It is a streaming producer of its transport: while the client does not take what was sent, nothing is
    read, no request starts and no search goes on.
    """

    factory: LdapFactory

    def __init__(self, factory: LdapFactory, number: int, peer: str) -> None:
        self.factory = factory
        self.number = number
        self.peer = peer
        self._limits = factory.limits
        self._log = factory.access_log
        self._codec = Connection(factory.anonymous_decoding)
        self._searches: dict[Outstanding, tuple[SearchRun, CooperativeTask[Iterator[None]]]] = {}
        self._reading = True
        self._output_full = False
        self._closing = False
        self._draining = False
        self._in_turn = False
        self._next_turn: IDelayedCall | None = None
        self._quiet_sweeps = 0
        self._stalled_sweeps = 0
        self._requests = 0

    # The transport's side

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """Registers with transport and factory; LDAPS connections are under TLS from the start."""
        factory = self.factory
        tls = isinstance(self.transport, TLSMemoryBIOProtocol)
        self._session = Session(
            factory.anonymous,
            outstanding_at_most=self._limits.outstanding_at_most,
            tls=tls,
            passwords_allowed=factory.passwords_allowed(self.peer, tls=tls),
        )
        self._origin = origin_of(self.number, "")
        self._wire: IServerTransport = self.transport  # type: ignore[assignment]
        self._wire.registerProducer(self, True)
        factory.connected(self)
        self._log.event(self.number, "connect", peer=self.peer, tls="yes" if tls else "no")

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Takes octets, performs the requests that are whole."""
        self._quiet_sweeps = 0
        if not self._closing:
            self._codec.feed(data)
            self._take_turn()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """All that is under way is abandoned; updates that are being committed still are."""
        del reason
        self._closing = True
        self._end_session()
        self.factory.disconnected(self)
        self._log.event(self.number, "disconnect", requests=str(self._requests))

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The output buffer is full."""
        if not self._output_full:
            self._output_full = True
            self._stalled_sweeps = 0
            for _, task in self._searches.values():
                task.pause()
            self._set_reading()

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The output buffer is empty."""
        if self._output_full:
            self._output_full = False
            for _, task in self._searches.values():
                task.resume()
            self._go_on()

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The transport is gone; connectionLost follows."""

    # The factory's side

    def sweep(self) -> None:
        """Called once a second: closes what is idle, cuts off what does not take its output."""
        if self._closing or self._output_full:
            self._stalled_sweeps += 1
            if self._stalled_sweeps > self._limits.write_seconds:
                self._wire.abortConnection()
            return
        self._quiet_sweeps += 1
        limits = self._limits
        granted = limits.service_idle_seconds if self._session.is_service else limits.idle_seconds
        if self._quiet_sweeps > granted and self._session.is_idle:
            self.disconnect(ResultCode.UNAVAILABLE, f"idle for {granted} seconds")

    def drain(self) -> None:
        """Takes no more requests; closes with a notice once what is under way has ended."""
        if not self._closing and not self._draining:
            self._draining = True
            self._set_reading()
            self._go_on()

    def disconnect(self, code: ResultCode, why: str) -> None:
        """Sends a notice of disconnection (RFC 4511 §4.4.1) behind what was sent, then closes."""
        if self._closing:
            return
        self._wire.write(encode_message(notice_of_disconnection(code, why)))
        self._log.event(self.number, "notice", code=str(int(code)), why=why)
        self._close()

    def abort(self) -> None:
        """Closes at once; what was not sent is lost."""
        self.disconnect(ResultCode.UNAVAILABLE, _GOING_DOWN)
        self._wire.abortConnection()

    # Requests

    def _take_turn(self) -> None:
        """Performs what has been received, for the time one connection may take of a reactor turn."""
        if self._in_turn or self._draining:
            return
        self._in_turn = True
        next_message = self._codec.next_message
        turn_ends = 0.0
        try:
            while not (self._output_full or self._closing):
                started = perf_counter()
                if not turn_ends:
                    turn_ends = started + self._limits.turn_seconds
                elif started > turn_ends:
                    self._postpone_turn()
                    break
                message = next_message()
                if message is NEED_DATA:
                    break
                self._receive(message, started)
        except (DecodeError, SessionViolation) as violation:
            self._violated(violation)
        finally:
            self._in_turn = False

    def _violated(self, violation: DecodeError | SessionViolation) -> None:
        if isinstance(violation, DecodeError):
            if violation.code is ResultCode.AUTH_METHOD_NOT_SUPPORTED and violation.message_id is not None:
                refused = BindResponse(LdapResult(violation.code, diagnostic_message=violation.why))
                self._wire.write(encode_message(LdapMessage(violation.message_id, refused)))
            self.disconnect(violation.code, violation.why)
        else:
            self.disconnect(ResultCode.PROTOCOL_ERROR, str(violation))

    def _receive(self, message: LdapMessage, started: float) -> None:
        self._requests += 1
        trait = trait_of(message.operation)
        admission = self._session.admit(message.message_id, trait.manner)
        if admission is Admission.START:
            if trait.manner is Manner.BIND:
                self._stop(self._session.drop_waiting())
            self._start(message, trait, started)
        elif admission is Admission.WAIT:
            self._session.wait(message, trait.manner, started)
            self._set_reading()
        elif trait.respond is not None:
            self._answer(message, trait, started, trait.respond(_BUSY))

    def _start(self, message: LdapMessage, trait: Trait, started: float) -> None:
        """Performs a request that nothing stands in the way of."""
        page = None
        if message.controls and trait.respond is not None:  # criticality means nothing without a response
            try:
                page = check_controls(message.controls, trait)
            except DirectoryError as refusal:
                self._answer(message, trait, started, trait.respond(result_of(refusal)))
                return
        if trait.manner is Manner.READ:
            request = message.operation
            if type(request) is SearchRequest:
                self._search(message, request, page, started)
            else:
                self._answer(message, trait, started, self._read(message, trait))
        elif trait.manner is Manner.UPDATE:
            self._update(message, trait, started)
        elif trait.manner is Manner.BIND:
            self._bind(message, trait, started)
        else:
            self._at_once(message, trait, started)

    def _search(
        self, message: LdapMessage, request: SearchRequest, page: PageRequest | None, started: float
    ) -> None:
        run = SearchRun(message.message_id, request, page, started)
        messages = run.begin(self._session.handle, self.factory.own_entries, self._limits)
        if run.code is None:
            # Entered before anything is written: the write may fill the buffer and pause it.
            outstanding = self._session.begin(message, Manner.READ, started)
            task = self.factory.turns.cooperate(self._search_on(outstanding, run))
            self._searches[outstanding] = (run, task)
            self._set_reading()
            self._wire.write(b"".join(messages))
            return
        self._wire.write(b"".join(messages))
        self._log_search(run, run.code)

    def _search_on(self, outstanding: Outstanding, run: SearchRun) -> Iterator[None]:
        """The turns of a search that was not done in its first; the cooperator takes one at a time."""
        while run.code is None:
            messages = run.advance(self._limits)
            if run.code is not None:
                self._searches.pop(outstanding)
                self._session.finish(outstanding)
            if messages:
                self._wire.write(b"".join(messages))
            yield None
        self._log_search(run, run.code)
        self._quiet_sweeps = 0
        self._go_on()

    def _read(self, message: LdapMessage, trait: Trait) -> ResultResponse:
        request = message.operation
        handle = self._session.handle
        try:
            if isinstance(request, CompareRequest):
                return compare(request, handle, self.factory.own_entries)
            if isinstance(request, ExtendedRequest):
                return extended(request, handle.caller)
        except Exception as error:
            return _refusal(trait, error)
        raise SessionViolation("not a read")

    def _update(self, message: LdapMessage, trait: Trait, started: float) -> None:
        session = self._session
        outstanding = session.begin(message, Manner.UPDATE, started)
        work = update(message.operation, session.handle, passwords_allowed=session.passwords_allowed)
        _drive(work).addCallbacks(
            self._ended, self._failed, callbackArgs=(outstanding, trait), errbackArgs=(outstanding, trait)
        )

    def _bind(self, message: LdapMessage, trait: Trait, started: float) -> None:
        request = message.operation
        if not isinstance(request, BindRequest):
            raise SessionViolation("not a bind")
        session = self._session
        outstanding, abandoned = session.begin_bind(message, started)
        self._stop(abandoned)
        self._identified()
        work = bind(request, self.factory.directory, passwords_allowed=session.passwords_allowed)
        _drive(work).addCallbacks(
            self._bound, self._failed, callbackArgs=(outstanding, trait), errbackArgs=(outstanding, trait)
        )

    def _at_once(self, message: LdapMessage, trait: Trait, started: float) -> None:
        request = message.operation
        if isinstance(request, UnbindRequest):
            self._log_operation(message, trait, started, None)
            self._close()
        elif isinstance(request, AbandonRequest):
            self._log_operation(message, trait, started, None)
            stopped = abandon(request, self._session)
            if stopped is not None:
                self._stop([stopped])
                self._set_reading()
        elif isinstance(request, ExtendedRequest):
            self._start_tls(message, request, trait, started)

    def _start_tls(
        self, message: LdapMessage, request: ExtendedRequest, trait: Trait, started: float
    ) -> None:
        factory = self.factory
        try:
            tls = check_start_tls(request, self._session, factory.tls)
        except DirectoryError as refusal:
            self._answer(message, trait, started, _refusal(trait, refusal))
            return
        self._answer(message, trait, started, STARTED)
        # Octets that came in clear behind the request could be anybody's: they must not count as protected.
        self._codec.discard_buffered()
        self._wire.startTLS(tls)
        self._session.secure(passwords_allowed=factory.passwords_allowed(self.peer, tls=True))

    # Results

    def _bound(self, caller: Caller, outstanding: Outstanding, trait: Trait) -> None:
        if not outstanding.abandoned:
            self._session.identify(self.factory.directory.as_caller(caller))
            self._identified()
        self._ended(BindResponse(SUCCESS), outstanding, trait)

    def _identified(self) -> None:
        """The identity has changed: so do the log's lines and what a request may weigh."""
        dn = self._session.handle.caller.dn
        self._origin = origin_of(self.number, dn)
        self._codec.limits = self.factory.bound_decoding if dn else self.factory.anonymous_decoding

    def _failed(self, failure: Failure, outstanding: Outstanding, trait: Trait) -> None:
        self._ended(_refusal(trait, failure.value or RuntimeError()), outstanding, trait)

    def _ended(self, response: ResultResponse, outstanding: Outstanding, trait: Trait) -> None:
        """A request that took its time has its result."""
        if self._session.finish(outstanding):
            self._quiet_sweeps = 0
            self._answer(outstanding.message, trait, outstanding.started, response)
        else:
            self._log_operation(outstanding.message, trait, outstanding.started, None)
        if not self._closing:
            self._go_on()

    def _answer(self, message: LdapMessage, trait: Trait, started: float, response: ResultResponse) -> None:
        self._wire.write(encode_message(LdapMessage(message.message_id, response)))
        self._log_operation(message, trait, started, response.result.code)

    def _log_operation(
        self, message: LdapMessage, trait: Trait, started: float, code: ResultCode | None
    ) -> None:
        seconds = perf_counter() - started
        self._log.operation(
            self._origin, message.message_id, trait.name, message.operation, code=code, seconds=seconds
        )

    def _log_search(self, run: SearchRun, code: ResultCode | None) -> None:
        seconds = perf_counter() - run.started
        self._log.search(
            self._origin, run.message_id, run.request, code=code, entries=run.entries, seconds=seconds
        )

    # Flow

    def _go_on(self) -> None:
        """Something has ended: starts what waits, then what has been received."""
        if self._in_turn:
            return
        self._in_turn = True
        try:
            while not (self._output_full or self._closing):
                waiting = self._session.next_waiting()
                if waiting is None:
                    break
                self._start(waiting.message, trait_of(waiting.message.operation), waiting.started)
        except SessionViolation as violation:
            self._violated(violation)
        finally:
            self._in_turn = False
        if self._draining and self._session.is_idle:
            self.disconnect(ResultCode.UNAVAILABLE, _GOING_DOWN)
        elif not self._closing:
            if self._codec.pending_bytes:
                self._take_turn()
            self._set_reading()

    def _postpone_turn(self) -> None:
        if self._next_turn is None:
            self._next_turn = self.factory.clock.callLater(0, self._take_postponed_turn)
            self._set_reading()

    def _take_postponed_turn(self) -> None:
        self._next_turn = None
        self._take_turn()
        self._set_reading()

    def _set_reading(self) -> None:
        """Reads from the network only while there is room for what would come of it."""
        wanted = not (
            self._output_full
            or self._draining
            or self._next_turn is not None
            or self._session.load >= self._limits.outstanding
        )
        if wanted != self._reading and not self._closing:
            self._reading = wanted
            if wanted:
                self._wire.resumeProducing()
            else:
                self._wire.pauseProducing()

    def _stop(self, abandoned: Iterable[Outstanding]) -> None:
        """Stops the work of abandoned requests that can be stopped, and logs those whose work never began."""
        for each in abandoned:
            held = self._searches.pop(each, None)
            if held is not None:
                run, task = held
                task.stop()
                self._log_search(run, None)
            elif not each.begun:
                self._log_operation(each.message, trait_of(each.message.operation), each.started, None)

    def _end_session(self) -> None:
        self._stop(self._session.end())
        if self._next_turn is not None:
            self._next_turn.cancel()
            self._next_turn = None

    def _close(self) -> None:
        self._closing = True
        self._stalled_sweeps = 0
        self._end_session()
        self._wire.unregisterProducer()
        self._wire.loseConnection()


def _drive(work: Coroutine[Deferred[Any], Any, Any]) -> Deferred[Any]:
    return Deferred.fromCoroutine(work)


def _refusal(trait: Trait, error: BaseException) -> ResultResponse:
    result = result_of(error)
    if trait.respond is None:
        raise SessionViolation("no response is defined")
    return trait.respond(result)
