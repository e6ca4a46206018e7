"""What one client asks and is answered: requests to operations, results to octets and to the access log."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Iterator
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.task import CooperativeTask
from twisted.python.failure import Failure

from govdir.directory.admission import Bound
from govdir.directory.channels import LDAP
from govdir.directory.errors import DirectoryError
from govdir.directory.matches import PageRequest
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.limits import DecodeLimits
from govdir.ldap.codec.messages import (
    AbandonRequest,
    BindRequest,
    CompareRequest,
    ExtendedRequest,
    LdapMessage,
    LdapResult,
    SearchRequest,
    UnbindRequest,
)
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.access_log import is_plain, repeated_line
from govdir.ldap.server.dispatch import ResultResponse, Trait, check_controls, trait_of, update
from govdir.ldap.server.identities import Identities
from govdir.ldap.server.known_binds import may_be_bind, read_simple_bind, success
from govdir.ldap.server.operations.abandon import abandon
from govdir.ldap.server.operations.bind import bind, bind_response
from govdir.ldap.server.operations.compare import compare
from govdir.ldap.server.operations.extended import extended
from govdir.ldap.server.operations.search import SearchRun
from govdir.ldap.server.operations.start_tls import STARTED, check_start_tls
from govdir.ldap.server.refusals import SessionViolation
from govdir.ldap.server.results import record_incident, result_of
from govdir.ldap.server.session import Admission, Manner, Outstanding, Session
from govdir.ldap.server.tls import ServerTls

if TYPE_CHECKING:
    from govdir.ldap.server.factory import LdapFactory

_BUSY = LdapResult(ResultCode.BUSY, diagnostic_message="too many requests are outstanding on this connection")


class Link(Protocol):
    """The connection a conversation is held over."""

    def send(self, octets: bytes) -> None:
        """Puts octets behind those sent before."""

    def start_tls(self, tls: ServerTls) -> None:
        """Goes on under TLS, without what has come in clear and has not been taken."""

    def bound_requests(self, limits: DecodeLimits) -> None:
        """How much a request may weigh from now on."""

    def load_changed(self) -> None:
        """There are more, or fewer, requests outstanding."""

    def go_on(self) -> None:
        """Something has ended: what waits may start."""

    def close(self) -> None:
        """The client takes its leave."""


class Conversation:
    """The requests of one connection.

    `requests` counts those received. Everything unexpected is answered and logged here; only SessionViolation
    leaves it, and the connection must then be closed with a notice.
    """

    def __init__(self, link: Link, factory: LdapFactory, number: int, peer: str, *, tls: bool) -> None:
        self._link = link
        self._factory = factory
        self._limits = factory.limits
        self._log = factory.access_log
        self._peer = peer
        self._searches: dict[Outstanding, tuple[SearchRun, CooperativeTask[Iterator[None]]]] = {}
        self._searched: SearchRequest | None = None
        self.requests = 0
        self.session = Session(
            factory.anonymous,
            outstanding_at_most=factory.limits.outstanding_at_most,
            tls=tls,
            passwords_allowed=factory.passwords_allowed(peer, tls=tls),
        )
        self._identities = Identities(factory.directory, number, self.session)

    # The connection's side

    def receive(self, message: LdapMessage, started: float) -> None:
        """Takes a request; `started` is perf_counter's time. Raises SessionViolation."""
        self.requests += 1
        self._searched = None
        trait = trait_of(message.operation)
        admission = self.session.admit(message.message_id, trait.manner)
        if admission is Admission.START:
            if trait.manner is Manner.BIND:
                self._stop(self.session.drop_waiting())
            self._start(message, trait, started)
        elif admission is Admission.WAIT:
            self.session.wait(message, trait.manner, started)
            self._link.load_changed()
        elif trait.respond is not None:
            self._answer(message, trait, started, trait.respond(_BUSY))

    def answer_repeated(self, data: bytes, started: float) -> bool:
        """Answers octets that are one whole message and repeat an earlier search or bind; False: they do
        not."""
        session = self.session
        if not session.is_idle or session.waiting:
            return False
        try:
            if may_be_bind(data) and self._bind_again(data, started):
                return True
            answer = self._identities.repeats.answer(data)
        except Exception as error:
            record_incident(error)
            return False
        if answer is None:
            return False
        octets, line, message_id, value, entries = answer
        self.requests += 1
        self._link.send(octets)
        self._log.repeated(line, message_id, value, entries, perf_counter() - started)
        return True

    def _bind_again(self, data: bytes, started: float) -> bool:
        """Answers a simple bind whose password is known to be right."""
        read = read_simple_bind(data) if self.session.passwords_allowed else None
        if read is None:
            return False
        encoded_id, message_id, name, password = read
        identities = self._identities
        channel = identities.channel_of(name)
        bound = self._factory.directory.bind_at_once(name, password, channel)
        if bound is None:
            return False
        self.requests += 1
        self._identify(bound)
        if bound.caller.must_change:
            self._link.send(encode_message(LdapMessage(message_id, bind_response(bound.caller))))
        else:
            self._link.send(success(encoded_id))
        told = "" if channel == LDAP else channel
        self._log.known_bind(identities.origin, message_id, name.decode(), told, perf_counter() - started)
        return True

    def learn_repeated(self, data: bytes) -> None:
        """`data` was one whole message; if it was a search and has been answered, the next may repeat it."""
        request, self._searched = self._searched, None
        prepared = None if request is None else self.session.handle.prepared(request)
        if request is None or prepared is None:
            return
        value, search = prepared
        line = repeated_line(self._identities.origin, request, value) if is_plain(value) else None
        if line is not None:
            witness = self._identities.witness_of(request)
            self._identities.repeats.learn(data, value, search, line, witness)

    def start_waiting(self) -> bool:
        """Starts the next request that waits and may start; False when there is none."""
        waiting = self.session.next_waiting()
        if waiting is None:
            return False
        self._start(waiting.message, trait_of(waiting.message.operation), waiting.started)
        return True

    def pause_searches(self) -> None:
        """The client does not take what it is sent."""
        for _, task in self._searches.values():
            task.pause()

    def resume_searches(self) -> None:
        """It does again."""
        for _, task in self._searches.values():
            task.resume()

    def end(self) -> None:
        """Nothing is sent any more: stops what can be stopped, starts nothing that waits."""
        self._stop(self.session.end())

    # Requests

    def _start(self, message: LdapMessage, trait: Trait, started: float) -> None:
        """Performs a request that nothing stands in the way of."""
        page = None
        if message.controls and trait.respond is not None:  # criticality means nothing without a response
            try:
                page = check_controls(message.controls, trait)
            except DirectoryError as refusal:
                self._answer(message, trait, started, _refused(trait, refusal))
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
        run = SearchRun(message.message_id, request, page, started, self._identities.witness_of(request))
        messages = run.begin(self.session.handle, self._factory.own_entries, self._limits)
        if run.code is None:
            # Entered before anything is written: the write may fill the output buffer and pause it.
            outstanding = self.session.begin(message, Manner.READ, started)
            task = self._factory.turns.cooperate(self._search_on(outstanding, run))
            self._searches[outstanding] = (run, task)
            self._link.load_changed()
        self._link.send(b"".join(messages))
        if run.code is not None:
            self._log_search(run, run.code)
            if run.code is ResultCode.SUCCESS and not message.controls:
                self._searched = request

    def _search_on(self, outstanding: Outstanding, run: SearchRun) -> Iterator[None]:
        """The turns of a search that was not done in its first; the cooperator takes one at a time."""
        while run.code is None:
            messages = run.advance(self._limits)
            if run.code is not None:
                self._searches.pop(outstanding)
                self.session.finish(outstanding)
                self._log_search(run, run.code)
            if messages:
                self._link.send(b"".join(messages))
            yield None
        self._link.go_on()

    def _read(self, message: LdapMessage, trait: Trait) -> ResultResponse:
        request = message.operation
        handle = self.session.handle
        try:
            if isinstance(request, CompareRequest):
                return compare(request, handle, self._factory.own_entries)
            if isinstance(request, ExtendedRequest):
                return extended(request, handle.authz_id)
        except Exception as error:
            return _refused(trait, error)
        raise SessionViolation("not a read")

    def _update(self, message: LdapMessage, trait: Trait, started: float) -> None:
        session = self.session
        outstanding = session.begin(message, Manner.UPDATE, started)
        work = update(message.operation, session.handle, passwords_allowed=session.passwords_allowed)
        _drive(work).addCallbacks(
            self._ended, self._failed, callbackArgs=(outstanding, trait), errbackArgs=(outstanding, trait)
        )

    def _bind(self, message: LdapMessage, trait: Trait, started: float) -> None:
        request = message.operation
        if not isinstance(request, BindRequest):
            raise SessionViolation("not a bind")
        session, directory = self.session, self._factory.directory
        channel = self._identities.channel_of(request.name.encode())
        outstanding, abandoned = session.begin_bind(message, started)
        self._stop(abandoned)
        self._identities.drop()
        self._identified()
        work = bind(request, directory, channel, passwords_allowed=session.passwords_allowed)
        _drive(work).addCallbacks(
            self._bound,
            self._failed,
            callbackArgs=(outstanding, trait, channel),
            errbackArgs=(outstanding, trait, channel),
        )

    def _at_once(self, message: LdapMessage, trait: Trait, started: float) -> None:
        request = message.operation
        if isinstance(request, UnbindRequest):
            self._log_operation(message, trait, started, None)
            self._link.close()
        elif isinstance(request, AbandonRequest):
            self._log_operation(message, trait, started, None)
            stopped = abandon(request, self.session)
            if stopped is not None:
                self._stop([stopped])
                self._link.load_changed()
        elif isinstance(request, ExtendedRequest):
            self._start_tls(message, request, trait, started)

    def _start_tls(
        self, message: LdapMessage, request: ExtendedRequest, trait: Trait, started: float
    ) -> None:
        try:
            tls = check_start_tls(request, self.session, self._factory.tls)
        except DirectoryError as refusal:
            self._answer(message, trait, started, _refused(trait, refusal))
            return
        self._answer(message, trait, started, STARTED)
        self._link.start_tls(tls)
        self.session.secure(passwords_allowed=self._factory.passwords_allowed(self._peer, tls=True))

    # Results

    def _bound(self, bound: Bound, outstanding: Outstanding, trait: Trait, channel: str) -> None:
        if not outstanding.abandoned:
            self._identify(bound)
        self._ended(bind_response(bound.caller), outstanding, trait, channel)

    def _identify(self, bound: Bound) -> None:
        self._identities.take(bound)
        self._identified()

    def _identified(self) -> None:
        """The identity has changed: so does what a request may weigh."""
        factory = self._factory
        self._searched = None
        bound = self._identities.is_bound
        self._link.bound_requests(factory.bound_decoding if bound else factory.anonymous_decoding)

    def _failed(self, failure: Failure, outstanding: Outstanding, trait: Trait, channel: str = LDAP) -> None:
        self._ended(_refused(trait, failure.value or Exception()), outstanding, trait, channel)

    def _ended(
        self, response: ResultResponse, outstanding: Outstanding, trait: Trait, channel: str = LDAP
    ) -> None:
        """A request that took its time has its result."""
        if self.session.finish(outstanding):
            self._answer(outstanding.message, trait, outstanding.started, response, channel)
        else:
            self._log_operation(outstanding.message, trait, outstanding.started, None, channel)
        self._link.go_on()

    def _answer(
        self,
        message: LdapMessage,
        trait: Trait,
        started: float,
        response: ResultResponse,
        channel: str = LDAP,
    ) -> None:
        self._link.send(encode_message(LdapMessage(message.message_id, response)))
        self._log_operation(message, trait, started, response.result.code, channel)

    def _stop(self, abandoned: Iterable[Outstanding]) -> None:
        """Stops abandoned searches and logs what never began; a running update logs its own end."""
        for each in abandoned:
            held = self._searches.pop(each, None)
            if held is not None:
                run, task = held
                task.stop()
                self._log_search(run, None)
            elif not each.begun:
                self._log_operation(each.message, trait_of(each.message.operation), each.started, None)

    def _log_operation(
        self,
        message: LdapMessage,
        trait: Trait,
        started: float,
        code: ResultCode | None,
        channel: str = LDAP,
    ) -> None:
        self._log.operation(
            self._identities.origin,
            message.message_id,
            trait.name,
            message.operation,
            code=code,
            seconds=perf_counter() - started,
            channel="" if channel == LDAP else channel,
        )

    def _log_search(self, run: SearchRun, code: ResultCode | None) -> None:
        seconds = perf_counter() - run.started
        self._log.search(
            self._identities.origin,
            run.message_id,
            run.request,
            code=code,
            entries=run.entries,
            seconds=seconds,
        )


def _drive(work: Coroutine[Deferred[Any], Any, Any]) -> Deferred[Any]:
    return Deferred.fromCoroutine(work)


def _refused(trait: Trait, error: BaseException) -> ResultResponse:
    if trait.respond is None:
        raise SessionViolation("no response is defined")
    return trait.respond(result_of(error))
