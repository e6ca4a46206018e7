"""All connections to the web site: how many, from where, and an end that cuts no answer short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any, Protocol

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IAddress, IDelayedCall, IReactorTime
from twisted.internet.protocol import Factory
from twisted.logger import Logger
from twisted.web.http import RESPONSES, datetimeToString

from govdir.web.answering import Answering
from govdir.web.asked import Asked
from govdir.web.asking import Reader
from govdir.web.channel import WebChannel, WebRequest
from govdir.web.limits import WebLimits
from govdir.web.reply import Reply

# Longer paths are nobody's, and a line of the log has an end.
LOGGED_PATH = 200

_log = Logger(namespace="govdir.web")


class Witness(Protocol):
    """The access log: one line for each request, and for connections that are refused."""

    def __call__(self, connection: int, name: str, **facts: str | int) -> None: ...


class WebServer(Factory[Any]):
    """Makes and keeps the connections of the site. `clock` is the reactor; `numbers` number connections."""

    noisy = False

    def __init__(
        self,
        *,
        reader: Reader,
        answering: Answering,
        clock: IReactorTime,
        witness: Witness,
        limits: WebLimits | None = None,
        numbers: Iterator[int] | None = None,
    ) -> None:
        self.limits = limits or WebLimits()
        self.draining = False
        self._reader = reader
        self._answering = answering
        self._clock = clock
        self._witness = witness
        self._numbers = numbers or count(1)
        self._channels: set[WebChannel] = set()
        self._per_address: Counter[str] = Counter()
        self._drained: Deferred[None] | None = None

    def buildProtocol(self, addr: IAddress | None) -> WebChannel | None:  # noqa: N802 - Twisted's name
        """A connection's protocol, None to refuse it."""
        peer, number = str(getattr(addr, "host", "local")), next(self._numbers)
        if self.draining:
            return None
        if len(self._channels) >= self.limits.connections:
            self._witness(number, "refuse", peer=peer, why="too many connections")
            return None
        if self._per_address[peer] >= self.limits.connections_per_address:
            self._witness(number, "refuse", peer=peer, why="too many connections from one address")
            return None
        channel = WebChannel(self, number, peer)
        channel.callLater = self._clock.callLater  # type: ignore[method-assign, assignment] # as HTTPFactory does
        return channel

    def connected(self, channel: WebChannel) -> None:
        """A connection has begun."""
        self._channels.add(channel)
        self._per_address[channel.peer] += 1

    def disconnected(self, channel: WebChannel) -> None:
        """A connection has ended."""
        if channel not in self._channels:
            return
        self._channels.discard(channel)
        self._per_address[channel.peer] -= 1
        if not self._per_address[channel.peer]:
            del self._per_address[channel.peer]
        if not self._channels and self._drained is not None:
            drained, self._drained = self._drained, None
            drained.callback(None)

    def drain(self, grace_seconds: float) -> Deferred[None]:
        """Ends each connection once its answer is given, all of them after `grace_seconds`; fires when none
        is left. Listening ports are the caller's."""
        self.draining = True
        if not self._channels:
            return succeed(None)
        drained = self._drained = Deferred()
        cut = self._clock.callLater(grace_seconds, self._cut)
        for channel in tuple(self._channels):
            channel.drain()
        return drained.addCallback(_cancel, cut)

    def answer(self, request: WebRequest) -> None:
        """Answers in its own time; the connection waits."""
        started = self._clock.seconds()
        asked = self._reader.read(request.arrived())
        answer = _Answer(self, request, asked, started)
        answer.late = self._clock.callLater(
            self.limits.answer_seconds, lambda: answer.give(self._answering.busy(asked))
        )
        Deferred.fromCoroutine(self._answering.reply(asked)).addCallback(answer.give).addErrback(_fault)

    def refused(self, request: WebRequest, status: int) -> None:
        """A request that was cut off before it was read."""
        self._witness(
            request.channel.number, "refuse", peer=request.channel.peer, why=RESPONSES[status].decode()
        )

    def told(self, number: int, asked: Asked, reply: Reply, started: float) -> None:
        """One line of the access log."""
        self._witness(
            number,
            "web",
            method=asked.method,
            path=asked.path[:LOGGED_PATH],
            status=reply.status,
            ms=round((self._clock.seconds() - started) * 1000),
            peer=asked.network,
        )

    def date(self) -> bytes:
        """Now, as HTTP writes it."""
        return bytes(datetimeToString(self._clock.seconds()))  # type: ignore[no-untyped-call]

    def _cut(self) -> None:
        for channel in tuple(self._channels):
            channel.forceAbortClient()  # type: ignore[no-untyped-call]


class _Answer:
    """One request's answer: the first one that is given; a handler that takes too long goes on unheard."""

    def __init__(self, server: WebServer, request: WebRequest, asked: Asked, started: float) -> None:
        self._server = server
        self._request = request
        self._number = request.channel.number
        self._asked = asked
        self._started = started
        self.late: IDelayedCall | None = None

    def give(self, reply: Reply) -> None:
        """Sends it, unless one was sent or nobody listens any more."""
        if self.late is None:
            return
        if self.late.active():
            self.late.cancel()
        self.late = None
        self._server.told(self._number, self._asked, reply, self._started)
        if not self._request.gone:
            _send(self._request, reply, self._server)


def _send(request: WebRequest, reply: Reply, server: WebServer) -> None:
    request.setResponseCode(reply.status)
    headers = request.responseHeaders
    for name, value in reply.headers:
        headers.addRawHeader(name, value)
    for cookie in reply.cookies:
        headers.addRawHeader("Set-Cookie", cookie.header())
    if reply.content_type:
        headers.setRawHeaders("Content-Type", [reply.content_type])
    headers.setRawHeaders(b"Date", [server.date()])
    headers.setRawHeaders("Content-Length", [str(len(reply.body))])
    if server.draining:
        headers.setRawHeaders("Connection", ["close"])
    request.write(reply.body)  # type: ignore[no-untyped-call]
    request.finish()  # type: ignore[no-untyped-call]


def _cancel(result: None, call: IDelayedCall) -> None:
    del result
    if call.active():
        call.cancel()


def _fault(failure: object) -> None:
    """Sending itself failed: there is nobody to tell but the log."""
    _log.error("an answer could not be sent: {failure}", failure=failure)
