"""Answers on their way out of one connection: sent, and told to the access log."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from govdir.directory.channels import LDAP
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.messages import Control, LdapMessage
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.access_log import AccessLog
from govdir.ldap.server.controls import NOTHING_ASKED, Asked
from govdir.ldap.server.identities import Identities
from govdir.ldap.server.operations.search import SearchRun
from govdir.ldap.server.password_policy import told_of_refusal
from govdir.ldap.server.refusals import SessionViolation
from govdir.ldap.server.results import result_of
from govdir.ldap.server.session import Outstanding, Session
from govdir.ldap.server.tally import SEARCH, Tally
from govdir.ldap.server.told import told_of
from govdir.ldap.server.traits import ResultResponse, Trait, trait_of

if TYPE_CHECKING:
    from govdir.ldap.codec.limits import DecodeLimits
    from govdir.ldap.server.client_certificates import ClientCertificate
    from govdir.ldap.server.tls import ServerTls


class Link(Protocol):
    """The connection a conversation is held over."""

    def send(self, octets: bytes) -> None:
        """Puts octets behind those sent before."""

    def start_tls(self, tls: ServerTls) -> None:
        """Goes on under TLS, without what has come in clear and has not been taken."""

    def bound_requests(self, limits: DecodeLimits) -> None:
        """How much a request may weigh from now on."""

    def client_certificate(self) -> ClientCertificate | None:
        """What certificate the client has presented under TLS, None for none."""

    def load_changed(self) -> None:
        """There are more, or fewer, requests outstanding."""

    def go_on(self) -> None:
        """Something has ended: what waits may start."""

    def close(self) -> None:
        """The client takes its leave."""


class Answer(Struct, frozen=True):
    """The response that ends an operation, and its controls."""

    response: ResultResponse
    controls: tuple[Control, ...] = ()


class Answers:
    """The way out of one connection."""

    __slots__ = ("_identities", "_link", "_log", "_session", "_tally")

    def __init__(
        self, link: Link, log: AccessLog, session: Session, identities: Identities, tally: Tally
    ) -> None:
        self._link = link
        self._log = log
        self._tally = tally
        self._session = session
        self._identities = identities

    def send(
        self,
        message: LdapMessage,
        trait: Trait,
        started: float,
        answer: Answer,
        channel: str = LDAP,
        *,
        told: str = "",
    ) -> None:
        """Answers a request that was received at `started` (perf_counter's time); `told` is as in `log`."""
        self._link.send(encode_message(LdapMessage(message.message_id, answer.response, answer.controls)))
        self.log(message, trait, started, answer.response.result.code, channel, told=told)

    def ended(self, answer: Answer, outstanding: Outstanding, trait: Trait, channel: str = LDAP) -> None:
        """A request that took its time has its result; whoever abandoned it is not told."""
        if self._session.finish(outstanding):
            self.send(outstanding.message, trait, outstanding.started, answer, channel, told=outstanding.told)
        else:
            self.log(outstanding.message, trait, outstanding.started, None, channel, told=outstanding.told)
        self._link.go_on()

    def log(
        self,
        message: LdapMessage,
        trait: Trait,
        started: float,
        code: ResultCode | None,
        channel: str = LDAP,
        *,
        told: str = "",
    ) -> None:
        """Tells the access log of a request that has ended; `code` None: without an answer; `told` is what
        the log says besides (told.py)."""
        self._tally.ended(trait.name, code)
        self._log.operation(
            self._identities.origin + told,
            message.message_id,
            trait.name,
            message.operation,
            code=code,
            seconds=perf_counter() - started,
            channel="" if channel == LDAP else channel,
        )

    def log_search(self, run: SearchRun, code: ResultCode | None) -> None:
        """The same of a search."""
        self._tally.ended(SEARCH, code)
        self._tally.entries += run.entries
        origin = self._identities.origin
        self._log.search(
            origin if run.asked is NOTHING_ASKED else origin + told_of(run.asked),
            run.message_id,
            run.request,
            code=code,
            entries=run.entries,
            seconds=perf_counter() - run.started,
        )

    def log_unbegun(self, outstanding: Outstanding) -> None:
        """A request was abandoned before it began."""
        self.log(outstanding.message, trait_of(outstanding.message.operation), outstanding.started, None)


def refused(trait: Trait, error: BaseException, asked: Asked) -> Answer:
    """The answer to a request that `error` ended; `asked` tells what else the client wants to hear."""
    if trait.respond is None:
        raise SessionViolation("no response is defined")
    return Answer(trait.respond(result_of(error)), told_of_refusal(asked, error))
