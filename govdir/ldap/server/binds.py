"""The binds of one connection (RFC 4511 §4.2.1): who it speaks for, from when on."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING

from msgspec.structs import replace
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from govdir.directory.admission import Bound
from govdir.directory.channels import LDAP
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.messages import (
    BindRequest,
    BindResponse,
    Control,
    LdapMessage,
    SaslAuthentication,
)
from govdir.ldap.server.answers import Answer, Answers, Link, refused
from govdir.ldap.server.controls import Asked
from govdir.ldap.server.identities import Identities
from govdir.ldap.server.known_binds import read_simple_bind, success
from govdir.ldap.server.operations.bind import bind, bind_response
from govdir.ldap.server.operations.sasl_bind import IN_PROGRESS, SaslSteps
from govdir.ldap.server.password_policy import told_of_bind
from govdir.ldap.server.sasl import Challenge, Exchange, Proven
from govdir.ldap.server.session import Outstanding, Session
from govdir.ldap.server.tally import BIND
from govdir.ldap.server.told import told_of
from govdir.ldap.server.traits import Trait

if TYPE_CHECKING:
    from govdir.ldap.server.factory import LdapFactory


class Binds:
    """`identity_changed` is called whenever the connection speaks for somebody else, or for nobody."""

    def __init__(
        self,
        link: Link,
        factory: LdapFactory,
        session: Session,
        identities: Identities,
        answers: Answers,
        *,
        identity_changed: Callable[[], None],
    ) -> None:
        self._link = link
        self._factory = factory
        self._session = session
        self._identities = identities
        self._answers = answers
        self._identity_changed = identity_changed

    def start(
        self, message: LdapMessage, request: BindRequest, trait: Trait, asked: Asked, started: float
    ) -> list[Outstanding]:
        """Begins a bind; returns what it abandons, whose work is to be stopped."""
        exchange, self._session.exchange = self._session.exchange, None
        channel = self._identities.channel_of(request.name.encode())
        outstanding, abandoned = self._session.begin_bind(message, started)
        outstanding.told = told_of(asked)
        self._identities.drop()
        self._identified()
        if isinstance(request.authentication, SaslAuthentication):
            self._start_sasl(outstanding, request, trait, asked, exchange)
            return abandoned
        allowed = self._session.passwords_allowed
        work = Deferred.fromCoroutine(
            bind(request, self._factory.directory, channel, passwords_allowed=allowed)
        )

        def bound(identity: Bound) -> None:
            if not outstanding.abandoned:
                self._identify(identity)
            answer = Answer(bind_response(identity.caller), told_of_bind(asked, identity))
            self._answers.ended(answer, outstanding, trait, channel)

        def failed(failure: Failure) -> None:
            answer = refused(trait, failure.value or Exception(), asked)
            self._answers.ended(answer, outstanding, trait, channel)

        work.addCallbacks(bound, failed)
        return abandoned

    def _start_sasl(
        self,
        outstanding: Outstanding,
        request: BindRequest,
        trait: Trait,
        asked: Asked,
        exchange: Exchange | None,
    ) -> None:
        """One step of a SASL bind; `exchange` is the one that the request before it has left under way."""
        session, steps = self._session, SaslSteps(self._factory.mechanisms, self._session, exchange)
        work = Deferred.fromCoroutine(steps.take(request, self._identities.channel_of))

        def taken(step: Challenge | Proven) -> None:
            channel = LDAP
            told: tuple[Control, ...] = ()
            if isinstance(step, Proven):
                channel = step.channel
                if not outstanding.abandoned:
                    self._identify(step.bound)
                response = replace(bind_response(step.bound.caller), server_sasl_credentials=step.octets)
                told = told_of_bind(asked, step.bound)
            else:
                if not outstanding.abandoned:
                    session.exchange = steps.exchange
                response = BindResponse(IN_PROGRESS, step.octets)
            outstanding.told += steps.told
            self._answers.ended(Answer(response, told), outstanding, trait, channel)

        def failed(failure: Failure) -> None:
            outstanding.told += steps.told
            answer = refused(trait, failure.value or Exception(), asked)
            self._answers.ended(answer, outstanding, trait)

        work.addCallbacks(taken, failed)

    def again(self, data: bytes, started: float) -> bool:
        """Answers octets that are one whole simple bind whose password is known to be right; False: they are
        not."""
        read = read_simple_bind(data) if self._session.passwords_allowed else None
        if read is None:
            return False
        encoded_id, message_id, name, password = read
        identities = self._identities
        channel = identities.channel_of(name)
        bound = self._factory.directory.bind_at_once(name, password, channel)
        if bound is None:
            return False
        self._session.exchange = None
        self._identify(bound)
        if bound.caller.must_change:
            self._link.send(encode_message(LdapMessage(message_id, bind_response(bound.caller))))
        else:
            self._link.send(success(encoded_id))
        self._factory.tally.completed[BIND] += 1
        told = "" if channel == LDAP else channel
        seconds = perf_counter() - started
        self._factory.access_log.known_bind(identities.origin, message_id, name.decode(), told, seconds)
        return True

    def _identify(self, bound: Bound) -> None:
        self._identities.take(bound)
        self._identified()

    def _identified(self) -> None:
        """The identity has changed: so does what a request may weigh."""
        factory = self._factory
        bound = self._identities.is_bound
        self._link.bound_requests(factory.bound_decoding if bound else factory.anonymous_decoding)
        self._identity_changed()
