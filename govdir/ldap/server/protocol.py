"""The one Twisted protocol: octets in, messages to the conversation, octets out, all within bounds."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IDelayedCall, IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.protocols.tls import TLSMemoryBIOProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

from govdir.ldap.codec.connection import NEED_DATA, Connection
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.errors import DecodeError, Unacceptable
from govdir.ldap.codec.extended import notice_of_disconnection
from govdir.ldap.codec.limits import DecodeLimits
from govdir.ldap.codec.messages import BindResponse, LdapMessage, LdapResult
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.client_certificates import ClientCertificate, presented_by
from govdir.ldap.server.conversation import Conversation
from govdir.ldap.server.monitor import ConnectionState
from govdir.ldap.server.refusals import SessionViolation
from govdir.ldap.server.tls import ServerTls
from govdir.ldap.server.traits import REFUSABLE
from govdir.ldap.server.transport import ServerTransport

if TYPE_CHECKING:
    from govdir.ldap.server.factory import LdapFactory

GOING_DOWN = "the server is going down"


@implementer(IPushProducer)
class LdapProtocol(Protocol):
    """One connection; `number` names it in the access log, `peer` is the client's address.

    It is a streaming producer of its transport: while the client does not take what was sent, nothing is
    read, no request starts and no search goes on, so a slow reader costs one buffer.
    """

    def __init__(self, factory: LdapFactory, number: int, peer: str) -> None:
        self.number = number
        self.peer = peer
        self._server = factory
        self._limits = factory.limits
        self._codec = Connection(factory.anonymous_decoding)
        self._reading = True
        self._output_full = False
        self._closing = False
        self._draining = False
        self._in_turn = False
        self._next_turn: IDelayedCall | None = None
        self._quiet_sweeps = 0
        self._partial_sweeps = 0
        self._swept_requests = 0
        self._stalled_sweeps = 0
        self._why: dict[str, str] = {}

    # What the transport calls

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """Registers with transport and factory; LDAPS connections are under TLS from the start."""
        tls = isinstance(self.transport, TLSMemoryBIOProtocol)
        self._wire: ServerTransport = self.transport  # type: ignore[assignment] # all of ours provide it
        self._conversation = Conversation(self, self._server, self.number, self.peer, tls=tls)
        self._began = self._server.clock.seconds()
        self._wire.registerProducer(self, True)
        self._server.connected(self)
        self._server.access_log.event(
            self.number, "connect", peer=self.peer, transport="tls" if tls else "plain"
        )

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Takes octets, performs the requests that are whole."""
        self._quiet_sweeps = 0
        if self._closing:
            return
        codec, conversation = self._codec, self._conversation
        alone = not (codec.pending_bytes or self._in_turn or self._output_full or self._draining)
        if alone and conversation.answer_repeated(data, perf_counter()):
            return
        before = conversation.requests
        codec.feed(data)
        self._take_turn()
        if alone and conversation.requests == before + 1 and not codec.pending_bytes:
            conversation.learn_repeated(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """All that is under way is abandoned; updates that are being committed still are."""
        del reason
        self._end()
        requests = self._conversation.requests
        self._server.access_log.event(self.number, "disconnect", requests=requests, **self._why)
        self._server.disconnected(self)

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The output buffer is full."""
        if not self._output_full:
            self._output_full = True
            self._stalled_sweeps = 0
            self._conversation.pause_searches()
            self.load_changed()

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The output buffer is empty."""
        if self._output_full:
            self._output_full = False
            self._conversation.resume_searches()
            self.go_on()

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The transport is gone; connectionLost follows."""

    # What the factory calls

    @property
    def state(self) -> ConnectionState:
        """The connection as cn=monitor shows it."""
        conversation = self._conversation
        dn, executing, pending = conversation.state
        quiet = max(0, self._quiet_sweeps)
        return ConnectionState(
            number=self.number,
            peer=self.peer,
            began=self._began,
            heard=max(self._began, self._server.clock.seconds() - quiet),
            dn=dn,
            tls=conversation.session.tls,
            received=conversation.requests,
            executing=executing,
            pending=pending,
        )

    @property
    def under_way(self) -> list[str]:
        """The names of its operations that have come and not ended."""
        return self._conversation.under_way

    def sweep(self) -> None:
        """Once a second: closes what is idle, cuts off what does not take its output."""
        if self._closing or self._output_full:
            self._stalled_sweeps += 1
            if self._stalled_sweeps > self._limits.write_seconds:
                self._wire.abortConnection()
            return
        self._quiet_sweeps += 1
        if self._is_stuck():
            self.disconnect(ResultCode.UNAVAILABLE, "a request was begun and not ended in time")
            return
        session = self._conversation.session
        granted = self._limits.service_idle_seconds if session.is_service else self._limits.idle_seconds
        if self._quiet_sweeps > granted and session.is_idle:
            self._leave(f"idle for {granted} seconds")

    def _is_stuck(self) -> bool:
        """Whether a request has been coming for so long that it cannot be meant: one octet a second, say."""
        conversation = self._conversation
        if not (self._codec.pending_bytes and self._reading) or conversation.requests != self._swept_requests:
            self._swept_requests = conversation.requests
            self._partial_sweeps = 0
            return False
        self._partial_sweeps += 1
        bound = self._codec.limits is not self._server.anonymous_decoding
        return self._partial_sweeps > (self._limits.idle_seconds if bound else self._limits.request_seconds)

    def drain(self) -> None:
        """Takes no more requests; closes once what is under way has ended."""
        if not self._closing:
            self._draining = True
            self.load_changed()
            self.go_on()

    def disconnect(self, code: ResultCode, why: str) -> None:
        """Sends a notice of disconnection (RFC 4511 §4.4.1) behind what was sent, then closes."""
        if not self._closing:
            self._notify(code, why)
            self.close()

    def _notify(self, code: ResultCode, why: str) -> None:
        self.send(encode_message(notice_of_disconnection(code, why)))
        self._server.access_log.event(self.number, "notice", result=int(code), why=why)

    def _leave(self, why: str) -> None:
        """Closes an idle connection, whether the client notices now or when it next asks.

        Mail servers get no notice: libldap would hand it to the next request as its answer, and Postfix
        refuse a message (451) instead of connecting again.
        """
        if not self._conversation.has_served:
            self._notify(ResultCode.UNAVAILABLE, why)
        self._why = {"why": why}
        self.close()
        self._wire.leave()

    def abort(self) -> None:
        """Closes at once; what the client has not taken is lost."""
        self.disconnect(ResultCode.UNAVAILABLE, GOING_DOWN)
        self._wire.abortConnection()

    # What the conversation calls (Link)

    def send(self, octets: bytes) -> None:
        """Puts octets behind those sent before."""
        self._wire.write(octets)

    def start_tls(self, tls: ServerTls) -> None:
        """Goes on under TLS. What came in clear behind the request could be anybody's and is dropped."""
        self._codec.discard_buffered()
        self._wire.unregisterProducer()
        self._wire = self._wire.under_tls(tls)
        self._wire.registerProducer(self, True)

    def bound_requests(self, limits: DecodeLimits) -> None:
        """How much a request may weigh from now on."""
        self._codec.limits = limits

    def client_certificate(self) -> ClientCertificate | None:
        """What certificate the client has presented under TLS, None for none."""
        wire = self._wire
        return presented_by(wire._tlsConnection) if isinstance(wire, TLSMemoryBIOProtocol) else None  # noqa: SLF001

    def load_changed(self) -> None:
        """Reads from the network only while there is room for what would come of it."""
        wanted = not (
            self._output_full
            or self._draining
            or self._next_turn is not None
            or self._conversation.session.load >= self._limits.outstanding
        )
        if wanted != self._reading and not self._closing:
            self._reading = wanted
            if wanted:
                self._wire.resumeProducing()
            else:
                self._wire.pauseProducing()

    def go_on(self) -> None:
        """Something has ended: starts what waits, then what has been received."""
        if self._in_turn or self._closing:
            return
        self._quiet_sweeps = 0
        self._in_turn = True
        try:
            while not (self._output_full or self._closing) and self._conversation.start_waiting():
                pass
        finally:
            self._in_turn = False
        if self._draining and self._conversation.session.is_idle:
            self._leave(GOING_DOWN)
        elif not self._closing:
            if self._codec.pending_bytes:
                self._take_turn()
            self.load_changed()

    def close(self) -> None:
        """Closes behind what was sent; nothing more is taken or answered."""
        self._stalled_sweeps = 0
        self._end()
        self._wire.unregisterProducer()
        self._wire.loseConnection()

    # Turns

    def _take_turn(self) -> None:
        """Performs what has been received, for the time one connection may take of a reactor turn."""
        if self._in_turn or self._draining:
            return
        self._in_turn = True
        next_message = self._codec.next_message
        receive = self._conversation.receive
        turn_ends = 0.0
        try:
            while not (self._output_full or self._closing):
                started = perf_counter()
                if not turn_ends:
                    turn_ends = started + self._limits.turn_seconds
                elif started > turn_ends and self._codec.pending_bytes:
                    self._postpone()
                    break
                try:
                    message = next_message()
                except Unacceptable as error:
                    self._refuse(error)
                    continue
                if message is NEED_DATA:
                    break
                receive(message, started)
        except DecodeError as error:
            self._undecodable(error)
        except SessionViolation as violation:
            self.disconnect(ResultCode.PROTOCOL_ERROR, str(violation))
        finally:
            self._in_turn = False

    def _refuse(self, error: Unacceptable) -> None:
        """Answers a request that cannot be performed as it was read; raises it where there is no answer."""
        trait = None if error.operation is None else REFUSABLE.get(error.operation)
        if error.message_id is None or trait is None or trait.respond is None:
            raise error
        refused = trait.respond(LdapResult(error.code, diagnostic_message=error.why))
        self.send(encode_message(LdapMessage(error.message_id, refused)))
        self._server.access_log.event(self.number, "refuse", id=error.message_id, why=error.why)

    def _undecodable(self, error: DecodeError) -> None:
        if error.code is ResultCode.AUTH_METHOD_NOT_SUPPORTED and error.message_id is not None:
            refused = BindResponse(LdapResult(error.code, diagnostic_message=error.why))
            self.send(encode_message(LdapMessage(error.message_id, refused)))
        self.disconnect(error.code, error.why)

    def _postpone(self) -> None:
        if self._next_turn is None:
            self._next_turn = self._server.clock.callLater(0, self._take_postponed_turn)
            self.load_changed()

    def _take_postponed_turn(self) -> None:
        self._next_turn = None
        self._take_turn()
        self.load_changed()

    def _end(self) -> None:
        self._closing = True
        self._conversation.end()
        if self._next_turn is not None:
            self._next_turn.cancel()
            self._next_turn = None
