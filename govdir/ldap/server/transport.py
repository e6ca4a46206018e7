"""A TCP transport that sends at once.

Twisted queues every write and asks the reactor to be told when the socket is writable, which it nearly always
is: two system calls and a turn of the loop before each response. Here a write goes to the socket directly
while nothing is queued; what the socket does not take is queued as usual, so order, back-pressure and orderly
closing are Twisted's own. The TLS layer writes through the same door, and without Twisted's gathering of
small writes until the next turn: a conversation hands over whole answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from socket import AddressFamily
from typing import Any, Protocol

from twisted.internet import tcp
from twisted.internet.interfaces import IListeningPort, IProtocolFactory, IPushProducer, IReactorTime
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol

from govdir.ldap.server.tls import ServerTls

# Connections waiting to be accepted; the kernel caps it at net.core.somaxconn.
BACKLOG = 1024


class ServerTransport(Protocol):
    """All that the LDAP protocol asks of its transport; Twisted's interfaces say what each does."""

    def write(self, data: bytes, /) -> None: ...

    def loseConnection(self) -> None: ...  # noqa: N802

    def abortConnection(self) -> None: ...  # noqa: N802

    def leave(self) -> None: ...

    def under_tls(self, tls: ServerTls) -> ServerTransport: ...

    def registerProducer(self, producer: IPushProducer, streaming: bool, /) -> None: ...  # noqa: N802

    def unregisterProducer(self) -> None: ...  # noqa: N802

    def pauseProducing(self) -> None: ...  # noqa: N802

    def resumeProducing(self) -> None: ...  # noqa: N802


class PromptServer(tcp.Server):
    """The server side of one connection: responses leave at once, dead peers are noticed."""

    def __init__(self, *arguments: Any) -> None:  # whatever tcp.Port passes
        super().__init__(*arguments)
        self.setTcpNoDelay(True)
        self.setTcpKeepAlive(True)

    def write(self, data: bytes) -> None:
        """Sends what the socket takes now and queues the rest; drops it once the connection is lost."""
        if self.TLS or self._tempDataLen or self.dataBuffer or not self.connected or self.disconnecting:
            super().write(data)  # type: ignore[no-untyped-call]
            return
        try:
            sent = self.socket.send(data)
        except OSError:  # full, or broken: then the queued write meets the error and ends the connection
            sent = 0
        if sent != len(data):
            super().write(data[sent:])  # type: ignore[no-untyped-call]

    def leave(self) -> None:
        """Closes behind what was written; waits for nothing from the client."""
        self.loseConnection()  # type: ignore[no-untyped-call]

    def under_tls(self, tls: ServerTls) -> ServerTransport:
        """Puts TLS between itself and its protocol; returns what the protocol is to write to from now on.

        A producer must be registered there anew.
        """
        reactor: IReactorTime = self.reactor  # type: ignore[assignment] # every real one is both
        factory = _tls_factory(tls, None, reactor)
        layer = PromptTls(factory, self.protocol, False)  # type: ignore[no-untyped-call]
        self.protocol = layer
        layer.makeConnection(self)  # type: ignore[no-untyped-call]
        return layer

    def writeSequence(self, iovec: Iterable[bytes]) -> None:  # noqa: N802 - Twisted's name
        """As `write` of all of it."""
        self.write(b"".join(iovec))


class PromptTls(TLSMemoryBIOProtocol):
    """The TLS layer, which can also close as RFC 8446 §6.1 allows: without the client's close_notify.

    Postfix and Dovecot look at an idle connection only when they next need it, which may be hours later.
    """

    def leave(self) -> None:
        """Says close_notify behind what was written and closes; cuts off a handshake that is not done."""
        if self._handshakeDone and self.transport is not None:
            self.loseConnection()  # type: ignore[no-untyped-call]
            self.transport.loseConnection()
        else:
            self.abortConnection()  # type: ignore[no-untyped-call]


class PromptPort(tcp.Port):
    """A listening port whose connections are PromptServers."""

    transport: type[tcp.Server] = PromptServer


def listen(
    reactor: IReactorTime, factory: IProtocolFactory, address: str, port: int, tls: ServerTls | None = None
) -> IListeningPort:
    """Listens on `address` (IPv4 or IPv6 literal, "" for all IPv4) and `port` (0 for any).

    With `tls`, TLS starts with the first octet (LDAPS).

    Raises:
        CannotListenError: the address cannot be had.
    """
    listening = PromptPort(port, _served(reactor, factory, tls), BACKLOG, address, reactor)
    listening.startListening()
    return listening


def adopt(
    reactor: IReactorTime,
    descriptor: int,
    family: AddressFamily,
    factory: IProtocolFactory,
    tls: ServerTls | None = None,
) -> IListeningPort:
    """Serves a TCP socket that listens already and is not blocking; otherwise as `listen`.

    The descriptor is duplicated: the caller keeps and closes its own. As Twisted's adoptStreamPort, which
    knows its own transport only.
    """
    served = _served(reactor, factory, tls)
    listening: PromptPort = PromptPort._fromListeningDescriptor(  # type: ignore[no-untyped-call] # noqa: SLF001
        reactor, descriptor, family, served
    )
    listening.startListening()
    return listening


def _served(reactor: IReactorTime, factory: IProtocolFactory, tls: ServerTls | None) -> IProtocolFactory:
    return factory if tls is None else _tls_factory(tls, factory, reactor)


def _tls_factory(
    tls: ServerTls, factory: IProtocolFactory | None, reactor: IReactorTime
) -> TLSMemoryBIOFactory:
    made = TLSMemoryBIOFactory(tls, False, factory, clock=reactor)  # type: ignore[arg-type] # None: no factory
    made.protocol = PromptTls
    return made
