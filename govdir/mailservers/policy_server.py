"""Postfix's access policy delegation over TCP: connections of mail servers, several questions on each."""

from __future__ import annotations

from collections import Counter, deque
from time import perf_counter
from typing import Final
from typing import Protocol as Interface

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import (
    IAddress,
    IDelayedCall,
    IHalfCloseableProtocol,
    IPushProducer,
    IReactorTime,
)
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from govdir.mailservers.networks import Networks
from govdir.mailservers.policy_log import printable
from govdir.mailservers.policy_request import PolicyRequest, RequestReader
from govdir.mailservers.policy_service import PolicyService
from govdir.mailservers.seldom import Seldom

# Postfix keeps a connection for 1000 s at most, 300 s of them idle (smtpd_policy_service_max_ttl, _max_idle).
IDLE_SECONDS: Final = 1800.0
# It writes a request at once.
REQUEST_SECONDS: Final = 30.0
# One of each smtpd process (100 by default) of some mail servers.
MAX_CONNECTIONS: Final = 2000
# What goes wrong at one mail server leaves room for the others.
MAX_CONNECTIONS_OF_ONE: Final = 1000
# Questions that wait on one connection before no more is read from it; Postfix asks one at a time.
MAX_WAITING: Final = 64
# Look-ups of others wait no longer than this for a client that asks much at once.
TURN_SECONDS: Final = 0.005

_log = Logger(namespace="govdir.policy")


class Transport(Interface):
    """All that the protocol asks of its transport; Twisted's interfaces say what each does."""

    def write(self, data: bytes, /) -> None: ...

    def loseConnection(self) -> None: ...  # noqa: N802

    def abortConnection(self) -> None: ...  # noqa: N802

    def registerProducer(self, producer: IPushProducer, streaming: bool, /) -> None: ...  # noqa: N802

    def unregisterProducer(self) -> None: ...  # noqa: N802

    def pauseProducing(self) -> None: ...  # noqa: N802

    def resumeProducing(self) -> None: ...  # noqa: N802


@implementer(IPushProducer, IHalfCloseableProtocol)
class PolicyProtocol(Protocol):
    """One connection; answers go out in the order of the questions."""

    transport: Transport  # type: ignore[assignment] # what Twisted gives has all of it

    def __init__(self, factory: PolicyFactory, peer: str) -> None:
        self._owner = factory
        self.peer = peer
        self._reader = RequestReader()
        self._waiting: deque[PolicyRequest] = deque()
        self._working = False
        self._held_back = False
        self._ending = False
        self._end: IDelayedCall | None = None

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """Counts, and asks to be told when answers pile up."""
        self._owner.connected(self)
        self.transport.registerProducer(self, True)
        self._end = self._owner.clock.callLater(IDLE_SECONDS, self.abort)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Questions, in any pieces."""
        if self._ending:
            return
        waited = self._reader.in_request
        requests = self._reader.feed(data)
        self._waiting.extend(requests)
        if self._end is not None and not self._reader.in_request:
            self._end.reset(IDLE_SECONDS)
        elif self._end is not None and (requests or not waited):
            self._end.reset(REQUEST_SECONDS)  # from its first octet on, however many more come one by one
        if self._reader.trouble is not None:
            why = f"{printable(self.peer)} does not speak Postfix's policy protocol: {self._reader.trouble}"
            self._owner.tell("speech", why)
            self._ending = True
        if len(self._waiting) > MAX_WAITING:
            self.transport.pauseProducing()
        self._work()

    def _work(self) -> None:
        if not self._working:
            self._working = True
            Deferred.fromCoroutine(self._answer()).addErrback(self._failed)

    async def _answer(self) -> None:
        ends = perf_counter() + TURN_SECONDS
        while self._waiting and not self._held_back:
            answer = await self._owner.service.answer(self._waiting.popleft(), self.peer)
            self.transport.write(answer)
            if self._waiting and perf_counter() >= ends:
                await deferLater(self._owner.clock, 0)
                ends = perf_counter() + TURN_SECONDS
        self._working = False
        if self._waiting:
            return
        if self._ending:
            self.transport.unregisterProducer()
            self.transport.loseConnection()
        elif not self._held_back:
            self.transport.resumeProducing()

    def _failed(self, failure: Failure) -> None:
        """Nothing should come here; the mail server connects again and the others go on."""
        _log.failure("a fault of the program on a policy connection", failure=failure)
        self.transport.abortConnection()

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The client does not read its answers: it gets no more, and no more is read from it."""
        self._held_back = True
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        """It reads again."""
        self._held_back = False
        self._work()

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The connection is lost."""
        self._held_back = True

    def drain(self) -> None:
        """Ends once what was asked is answered."""
        self._ending = True
        self._work()

    def readConnectionLost(self) -> None:  # noqa: N802 - Twisted's name
        """No more questions come (Exim's ${readsocket} says so at once); what was asked is answered."""
        self.drain()

    def writeConnectionLost(self) -> None:  # noqa: N802 - Twisted's name
        """Never by itself: `loseConnection` ends both ways."""

    def abort(self) -> None:
        """Ends now: nothing came for too long, or half a request, or the process stops."""
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """What was not answered is asked again by the mail server."""
        if self._end is not None and self._end.active():
            self._end.cancel()
        self._held_back = True
        self._waiting.clear()
        self._owner.disconnected(self)


class PolicyFactory(Factory[PolicyProtocol]):
    """All policy connections of one process; others than `clients` are closed at once."""

    noisy = False

    def __init__(
        self,
        service: PolicyService,
        clients: Networks,
        clock: IReactorTime,
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        self.service = service
        self.clock = clock
        self.connections: set[PolicyProtocol] = set()
        self.by_peer: Counter[str] = Counter()
        self._clients = clients
        self._max_connections = max_connections
        self._seldom = Seldom(clock.seconds)
        self._draining = False
        self._drained: Deferred[None] | None = None

    def buildProtocol(self, addr: IAddress | None) -> PolicyProtocol | None:  # noqa: N802 - Twisted's name
        """A connection's protocol, None to refuse it."""
        peer = str(getattr(addr, "host", ""))
        if self._draining:
            return None
        if not self._clients.holds(peer):
            self.tell("a stranger", f"{printable(peer)} is not among mail_servers.policy_clients")
            return None
        if len(self.connections) >= self._max_connections:
            self.tell("too many", f"{len(self.connections)} policy connections are open, no more are taken")
            return None
        if self.by_peer[peer] >= MAX_CONNECTIONS_OF_ONE:
            self.tell("too many of one", f"{printable(peer)} has too many policy connections open")
            return None
        return PolicyProtocol(self, peer)

    def connected(self, connection: PolicyProtocol) -> None:
        """A connection has begun."""
        self.connections.add(connection)
        self.by_peer[connection.peer] += 1

    def disconnected(self, connection: PolicyProtocol) -> None:
        """A connection has ended."""
        self.connections.discard(connection)
        self.by_peer[connection.peer] -= 1
        if not self.by_peer[connection.peer]:
            del self.by_peer[connection.peer]
        if not self.connections and self._drained is not None:
            drained, self._drained = self._drained, None
            drained.callback(None)

    def drain(self, grace_seconds: float) -> Deferred[None]:
        """Ends each connection once it is answered, all of them after `grace_seconds`; fires at the last."""
        self._draining = True
        if not self.connections:
            return succeed(None)
        drained = self._drained = Deferred[None]()
        cut = self.clock.callLater(grace_seconds, self._cut)
        for connection in tuple(self.connections):
            connection.drain()
        return drained.addCallback(lambda _: cut.cancel() if cut.active() else None)

    def _cut(self) -> None:
        for connection in tuple(self.connections):
            connection.abort()

    def tell(self, what: str, text: str) -> None:
        """Tells the operator, of each kind of trouble once in a while, however often others cause it."""
        if self._seldom.is_due(what):
            _log.warn("{text}", text=text)
