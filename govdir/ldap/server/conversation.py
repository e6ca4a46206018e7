"""What one client asks and is answered: requests to operations, results to octets and to the access log."""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from govdir.directory.errors import DirectoryError
from govdir.directory.handle import Handle
from govdir.ldap.codec.cancel import CANCEL
from govdir.ldap.codec.messages import (
    AbandonRequest,
    BindRequest,
    CompareRequest,
    ExtendedRequest,
    ExtendedResponse,
    LdapMessage,
    LdapResult,
    SearchRequest,
    UnbindRequest,
)
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.codec.transactions import END_TRANSACTION, START_TRANSACTION
from govdir.ldap.server.answers import Answer, Answers, Link, refused
from govdir.ldap.server.binds import Binds
from govdir.ldap.server.controls import NOTHING_ASKED, Asked, read_controls
from govdir.ldap.server.dispatch import update
from govdir.ldap.server.identities import Identities
from govdir.ldap.server.known_binds import may_be_bind
from govdir.ldap.server.operations.abandon import abandon
from govdir.ldap.server.operations.cancel import CANCELED, cancel
from govdir.ldap.server.operations.compare import compare
from govdir.ldap.server.operations.extended import extended
from govdir.ldap.server.operations.start_tls import STARTED, check_start_tls
from govdir.ldap.server.own_entries import OwnEntries
from govdir.ldap.server.refusals import OperationsError, SessionViolation
from govdir.ldap.server.results import SUCCESS, record_incident
from govdir.ldap.server.searches import Searches
from govdir.ldap.server.session import Admission, Manner, Outstanding, Session
from govdir.ldap.server.tally import SEARCH
from govdir.ldap.server.told import told_of
from govdir.ldap.server.traits import Trait, trait_of
from govdir.ldap.server.transactions import Transactions

if TYPE_CHECKING:
    from govdir.ldap.server.factory import LdapFactory

_BUSY = LdapResult(ResultCode.BUSY, diagnostic_message="too many requests are outstanding on this connection")


class Conversation:
    """The requests of one connection.

    `requests` counts those received. Everything unexpected is answered and logged here; only SessionViolation
    leaves it, and the connection must then be closed with a notice.
    """

    def __init__(self, link: Link, factory: LdapFactory, number: int, peer: str, *, tls: bool) -> None:
        self._link = link
        self._factory = factory
        self._log = factory.access_log
        self._peer = peer
        self.requests = 0
        self.session = session = Session(
            factory.anonymous,
            outstanding_at_most=factory.limits.outstanding_at_most,
            tls=tls,
            passwords_allowed=factory.passwords_allowed(peer, tls=tls),
        )
        session.certificate = link.client_certificate
        self._own = OwnEntries(factory.described, session)
        self._identities = identities = Identities(factory.directory, number, session)
        self._answers = answers = Answers(link, factory.access_log, session, identities, factory.tally)
        self._transactions = Transactions(link.send, factory.clock, factory.in_transactions)
        self._searches = Searches(link, factory, session, identities, answers, own=self._own)
        self._binds = Binds(
            link, factory, session, identities, answers, identity_changed=self._identity_changed
        )

    # The connection's side

    def receive(self, message: LdapMessage, started: float) -> None:
        """Takes a request; `started` is perf_counter's time. Raises SessionViolation."""
        self.requests += 1
        self._searches.answered = None
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
            self._answers.send(message, trait, started, Answer(trait.respond(_BUSY)))

    @property
    def state(self) -> tuple[str, int, int]:
        """Who is bound ("" for nobody), and how many requests are under way and wait."""
        session = self.session
        return self._identities.name, len(session.outstanding), len(session.waiting)

    @property
    def has_served(self) -> bool:
        """Whether a service was ever bound on the connection: a mail server or another program."""
        return self._identities.served

    @property
    def under_way(self) -> list[str]:
        """The names of the operations that have come and not ended."""
        session = self.session
        taken = (*session.outstanding.values(), *session.waiting.values())
        return [trait_of(each.message.operation).name for each in taken]

    def answer_repeated(self, data: bytes, started: float) -> bool:
        """Answers octets that are one whole message and repeat an earlier search or bind; False: they do
        not."""
        session = self.session
        if not session.is_idle or session.waiting:
            return False
        try:
            if may_be_bind(data) and not self._transactions.under_way and self._binds.again(data, started):
                self.requests += 1
                return True
            answer = self._identities.repeats.answer(data)
        except Exception as error:
            record_incident(error)
            return False
        if answer is None:
            return False
        octets, line, message_id, value, entries = answer
        self.requests += 1
        tally = self._factory.tally
        tally.completed[SEARCH] += 1
        tally.entries += entries
        self._link.send(octets)
        self._log.repeated(line, message_id, value, entries, perf_counter() - started)
        return True

    def learn_repeated(self, data: bytes) -> None:
        """`data` was one whole message; if it was a search and has been answered, the next may repeat it."""
        if self._searches.answered is not None:
            self._searches.learn(data)

    def start_waiting(self) -> bool:
        """Starts the next request that waits and may start; False when there is none."""
        waiting = self.session.next_waiting()
        if waiting is None:
            return False
        self._start(waiting.message, trait_of(waiting.message.operation), waiting.started)
        return True

    def pause_searches(self) -> None:
        """The client does not take what it is sent."""
        self._searches.pause()

    def resume_searches(self) -> None:
        """It does again."""
        self._searches.resume()

    def end(self) -> None:
        """Nothing is sent any more: stops what can be stopped, starts nothing that waits."""
        self._transactions.drop()
        self._stop(self.session.end())

    # Requests

    def _start(self, message: LdapMessage, trait: Trait, started: float) -> None:
        """Performs a request that nothing stands in the way of."""
        asked, handle = NOTHING_ASKED, None
        if (
            self.session.exchange is not None
            and trait.respond is not None
            and trait.manner is not Manner.BIND
        ):
            refusal = OperationsError("a SASL bind is under way: go on with it, or bind otherwise")
            self._answers.send(message, trait, started, refused(trait, refusal, asked))
            return
        if message.controls and trait.respond is not None:  # criticality means nothing without a response
            try:
                asked = read_controls(message.controls, trait.controls)
                if asked.proxied_as is not None:
                    handle = self._identities.acting_as(asked.proxied_as)
            except DirectoryError as error:
                answer = refused(trait, error, asked)
                self._answers.send(message, trait, started, answer, told=told_of(asked))
                return
        request = message.operation
        if trait.manner is Manner.READ:
            handle = handle or self.session.handle
            if type(request) is SearchRequest:
                self._searches.start(message, request, handle, asked, started)
            else:
                answer = self._read(message, trait, handle, asked)
                self._answers.send(message, trait, started, answer, told=told_of(asked))
        elif trait.manner is Manner.UPDATE and asked.transaction is not None:
            self._answers.send(
                message, trait, started, self._collect(message, trait, asked), told=told_of(asked)
            )
        elif trait.manner is Manner.UPDATE:
            self._update(message, trait, handle or self.session.handle, asked, started)
        elif isinstance(request, BindRequest):
            self._transactions.abort("a bind ends the transactions begun before it")
            self._stop(self._binds.start(message, request, trait, asked, started))
        else:
            self._at_once(message, trait, started, told_of(asked))

    def _read(self, message: LdapMessage, trait: Trait, handle: Handle, asked: Asked) -> Answer:
        request = message.operation
        try:
            if isinstance(request, CompareRequest):
                return Answer(compare(request, handle, self._own, asked))
            if isinstance(request, ExtendedRequest):
                if request.name == START_TRANSACTION:
                    return self._transactions.start(request, handle)
                return Answer(extended(request, handle.authz_id))
        except Exception as error:
            return refused(trait, error, asked)
        raise SessionViolation("not a read")

    def _collect(self, message: LdapMessage, trait: Trait, asked: Asked) -> Answer:
        try:
            return self._transactions.collect(message, trait, asked)
        except Exception as error:
            return refused(trait, error, asked)

    def _update(
        self, message: LdapMessage, trait: Trait, handle: Handle, asked: Asked, started: float
    ) -> None:
        session = self.session
        outstanding = session.begin(message, Manner.UPDATE, started)
        outstanding.told = told_of(asked)
        request = message.operation
        if isinstance(request, ExtendedRequest) and request.name == END_TRANSACTION:
            work = Deferred.fromCoroutine(self._transactions.end(request, handle))
        else:
            allowed = session.passwords_allowed
            work = Deferred.fromCoroutine(update(request, handle, asked, passwords_allowed=allowed))

        def failed(failure: Failure) -> None:
            answer = refused(trait, failure.value or Exception(), asked)
            self._answers.ended(answer, outstanding, trait)

        work.addCallbacks(self._answers.ended, failed, callbackArgs=(outstanding, trait))

    def _at_once(self, message: LdapMessage, trait: Trait, started: float, told: str) -> None:
        request = message.operation
        if isinstance(request, UnbindRequest):
            self._answers.log(message, trait, started, None)
            self._link.close()
        elif isinstance(request, AbandonRequest):
            self._answers.log(message, trait, started, None)
            stopped = abandon(request, self.session)
            if stopped is not None:
                self._stop([stopped])
                self._link.load_changed()
        elif isinstance(request, ExtendedRequest):
            if request.name == CANCEL:
                answer = self._cancel(message, request, trait)
                self._answers.send(message, trait, started, answer, told=told)
            else:
                self._start_tls(message, request, trait, started, told)

    def _cancel(self, message: LdapMessage, request: ExtendedRequest, trait: Trait) -> Answer:
        try:
            stopped = cancel(request, self.session, message.message_id)
        except DirectoryError as refusal:
            return refused(trait, refusal, NOTHING_ASKED)
        if not self._searches.cancel(stopped):
            waited = trait_of(stopped.message.operation)
            if waited.respond is not None:
                self._answers.send(stopped.message, waited, stopped.started, Answer(waited.respond(CANCELED)))
        self._link.load_changed()
        return Answer(ExtendedResponse(SUCCESS))

    def _start_tls(
        self, message: LdapMessage, request: ExtendedRequest, trait: Trait, started: float, told: str
    ) -> None:
        try:
            tls = check_start_tls(request, self.session, self._factory.tls)
        except DirectoryError as refusal:
            self._answers.send(message, trait, started, refused(trait, refusal, NOTHING_ASKED), told=told)
            return
        self._transactions.abort("StartTLS ends the transactions begun before it")
        self._answers.send(message, trait, started, Answer(STARTED), told=told)
        self._link.start_tls(tls)
        self.session.secure(passwords_allowed=self._factory.passwords_allowed(self._peer, tls=True))

    # Results

    def _identity_changed(self) -> None:
        self._searches.answered = None

    def _stop(self, abandoned: Iterable[Outstanding]) -> None:
        """Stops abandoned searches and logs what never began; a running update logs its own end."""
        for each in abandoned:
            if not self._searches.stop(each) and not each.begun:
                self._answers.log_unbegun(each)
