"""HTTP/1.1 on one connection: Twisted's, within limits.

Twisted bounds neither bodies nor the time a request may take to arrive: both are done here.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, Protocol

from twisted.internet.interfaces import IDelayedCall
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel, Request

from govdir.web.asking import Arrived
from govdir.web.limits import WebLimits

_TOO_LARGE = b"Too much was sent.\n"


class Serving(Protocol):
    """What a connection asks of its server."""

    limits: WebLimits
    draining: bool

    def connected(self, channel: WebChannel) -> None: ...

    def disconnected(self, channel: WebChannel) -> None: ...

    def answer(self, request: WebRequest) -> None: ...

    def refused(self, request: WebRequest, status: int) -> None: ...


class WebRequest(Request):
    """A request with its body in memory, bounded; fields are read by `asked` alone."""

    channel: WebChannel

    def __init__(self, channel: WebChannel, queued: object = False) -> None:
        super().__init__(channel, queued)
        self.gone = False
        self._refused = False
        self._body = BytesIO()

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        """None for a body in chunks."""
        self.content = self._body = BytesIO()
        if length is not None and length > self.channel.server.limits.body_bytes:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Counts, since chunks do not say how many will come."""
        if self._refused:
            return
        if self._body.tell() + len(data) > self.channel.server.limits.body_bytes:
            self._refuse()
        else:
            self._body.write(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802 - Twisted's name
        """All of it is there."""
        if self._refused:
            return
        self.method, self.uri, self.clientproto = command, path, version
        self.channel.server.answer(self)

    def arrived(self) -> Arrived:
        """Its values."""
        headers = {
            name.decode("latin-1").lower(): [value.decode("latin-1") for value in values]
            for name, values in self.requestHeaders.getAllRawHeaders()
        }
        peer = str(getattr(self.client, "host", "local"))
        return Arrived(self.method.decode("latin-1"), self.uri, headers, peer, self._body.getvalue())

    def connectionLost(self, reason: Failure) -> None:  # noqa: N802 - Twisted's name
        """Nobody waits for the answer any more."""
        self.gone = True
        super().connectionLost(reason)  # type: ignore[no-untyped-call]

    def _refuse(self) -> None:
        self._refused = True
        self._body = BytesIO()
        self.channel.server.refused(self, 413)
        self.channel.cut_off(
            b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Type: text/plain\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(_TOO_LARGE), _TOO_LARGE)
        )


class WebChannel(HTTPChannel):
    """A connection; `number` is its own in the access log."""

    requestFactory = WebRequest  # type: ignore[assignment] # noqa: N815 - Twisted's name
    factory: Any = None
    abortTimeout = 5  # noqa: N815 - Twisted's name

    def __init__(self, server: Serving, number: int, peer: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        limits = server.limits
        self.server = server
        self.number = number
        self.peer = peer
        self.timeOut = limits.idle_seconds
        self.totalHeadersSize = self.MAX_LENGTH = limits.head_bytes
        self.maxHeaders = limits.headers
        self._deadline: IDelayedCall | None = None
        self._cut_off = False

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """Counted from now on."""
        super().connectionMade()  # type: ignore[no-untyped-call]
        self.server.connected(self)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """Not counted any more."""
        self._stop_deadline()
        super().connectionLost(reason)  # type: ignore[no-untyped-call]
        self.server.disconnected(self)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Octets; the first of a request set its deadline, which further ones do not move."""
        if self._cut_off:
            return
        if self._deadline is None and not self._handlingRequest:
            self._start_deadline()
        super().dataReceived(data)  # type: ignore[no-untyped-call]

    def allContentReceived(self) -> None:  # noqa: N802 - Twisted's name
        """The request has arrived in time."""
        self._stop_deadline()
        super().allContentReceived()  # type: ignore[no-untyped-call]

    def requestDone(self, request: WebRequest) -> None:  # noqa: N802 - Twisted's name
        """The next request may have arrived in part meanwhile."""
        if self._dataBuffer:
            self._start_deadline()
        super().requestDone(request)  # type: ignore[no-untyped-call]

    def checkPersistence(self, request: WebRequest, version: bytes) -> bool:  # noqa: N802 - Twisted's name
        """Nothing more after this request when the server is about to end."""
        persistent: bool = super().checkPersistence(request, version)  # type: ignore[no-untyped-call]
        return persistent and not self.server.draining

    def drain(self) -> None:
        """Ends when the answer under way is given, at once when there is none."""
        self.persistent = False
        if not self.requests:
            self.loseConnection()  # type: ignore[no-untyped-call]

    def cut_off(self, octets: bytes) -> None:
        """Says a last thing and hears no more."""
        self._cut_off = True
        self._stop_deadline()
        if self.transport is not None:
            self.transport.write(octets)
        self.timeoutConnection()  # type: ignore[no-untyped-call]

    def _start_deadline(self) -> None:
        self._stop_deadline()
        self._deadline = self.callLater(self.server.limits.request_seconds, self._late)  # type: ignore[no-untyped-call]

    def _stop_deadline(self) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None

    def _late(self) -> None:
        self.cut_off(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
