"""All connections of one server: how many, from where, how long idle; and an end that loses nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from ipaddress import ip_address
from itertools import count
from time import perf_counter

import msgspec
from twisted.internet.defer import Deferred, DeferredList, succeed
from twisted.internet.interfaces import IAddress, IDelayedCall, IListeningPort, IReactorTime
from twisted.internet.protocol import Factory
from twisted.internet.task import Cooperator, LoopingCall

from govdir import __version__
from govdir.directory.service import Directory
from govdir.ldap.codec.extended import START_TLS
from govdir.ldap.codec.limits import AFTER_BIND, BEFORE_BIND, DecodeLimits
from govdir.ldap.server.access_log import AccessLog
from govdir.ldap.server.client_certificates import ClientCertificates
from govdir.ldap.server.limits import ServerLimits
from govdir.ldap.server.mechanisms import Mechanisms
from govdir.ldap.server.monitor import Observed
from govdir.ldap.server.own_entries import SelfDescription
from govdir.ldap.server.protocol import LdapProtocol
from govdir.ldap.server.root_dse import Abilities
from govdir.ldap.server.tally import Tally
from govdir.ldap.server.tls import ServerTls
from govdir.ldap.server.traits import EXTENDED, SUPPORTED_CONTROLS, TRAITS
from govdir.ldap.server.transactions import Waiting

# Idle and write times are counted in sweeps over all connections: cheaper than a timer for each request.
SWEEP_SECONDS = 1.0


class PlaintextBind(Enum):
    """Where a password may be used without TLS."""

    LOOPBACK = "loopback"
    ALWAYS = "always"
    NEVER = "never"


class LdapFactory(Factory[LdapProtocol]):
    """Makes and keeps the connections of one directory.

    `tls` is for StartTLS, None where it is not offered; `clients` are the certificates that SASL EXTERNAL
    takes, None where there is none of it; `clock` is the reactor; `numbers` are those of
    connections. Connections over the limits are closed at once. `queues` tells cn=monitor how much work waits
    where.
    """

    noisy = False

    def __init__(
        self,
        *,
        directory: Directory,
        clock: IReactorTime,
        access_log: AccessLog,
        limits: ServerLimits | None = None,
        tls: ServerTls | None = None,
        clients: ClientCertificates | None = None,
        plaintext_bind: PlaintextBind = PlaintextBind.LOOPBACK,
        numbers: Iterator[int] | None = None,
        queues: Mapping[str, Callable[[], int]] | None = None,
    ) -> None:
        self.directory = directory
        self.clock = clock
        self.access_log = access_log
        self.limits = limits = limits or ServerLimits()
        self.tls = tls
        self.anonymous = directory.as_caller(directory.anonymous)
        self.anonymous_decoding: DecodeLimits = _with_size(BEFORE_BIND, limits.anonymous_pdu_bytes)
        self.bound_decoding: DecodeLimits = _with_size(AFTER_BIND, limits.bound_pdu_bytes)
        self.in_transactions = Waiting()
        self.tally = Tally(trait.name for trait in (*TRAITS.values(), *EXTENDED.values()))
        self.opened = 0
        self.connections: set[LdapProtocol] = set()
        self.mechanisms = Mechanisms(directory, clients)
        self.described = SelfDescription(
            directory.vocabulary,
            self._abilities(),
            self._observed(queues or {}),
            self.mechanisms.offered,
        )
        # Long searches of all connections share one turn, so quick requests never wait for more than that.
        self.turns = Cooperator(lambda: _turn(limits.turn_seconds), self._next_turn)
        self._plaintext_bind = plaintext_bind
        self._per_address: Counter[str] = Counter()
        self._numbers = numbers or count(1)
        self._sweeping = LoopingCall(self._sweep)
        self._sweeping.clock = clock
        self._draining = False
        self._drained: Deferred[None] | None = None

    def buildProtocol(self, addr: IAddress | None) -> LdapProtocol | None:  # noqa: N802 - Twisted's name
        """A connection's protocol, None to refuse it."""
        peer = str(getattr(addr, "host", "local"))
        number = next(self._numbers)
        limits = self.limits
        if self._draining:
            return None
        if len(self.connections) >= limits.connections:
            self.access_log.event(number, "refuse", peer=peer, why="too many connections")
            return None
        if self._per_address[peer] >= limits.connections_per_address:
            self.access_log.event(number, "refuse", peer=peer, why="too many connections from one address")
            return None
        return LdapProtocol(self, number, peer)

    def passwords_allowed(self, peer: str, *, tls: bool) -> bool:
        """Whether a connection from `peer` is confidential enough for passwords."""
        if tls or self._plaintext_bind is PlaintextBind.ALWAYS:
            return True
        return self._plaintext_bind is PlaintextBind.LOOPBACK and is_loopback(peer)

    def connected(self, connection: LdapProtocol) -> None:
        """A connection has begun."""
        self.connections.add(connection)
        self.opened += 1
        self._per_address[connection.peer] += 1
        if not self._sweeping.running:
            self._sweeping.start(SWEEP_SECONDS, now=False)

    def disconnected(self, connection: LdapProtocol) -> None:
        """A connection has ended."""
        self.connections.discard(connection)
        self._per_address[connection.peer] -= 1
        if not self._per_address[connection.peer]:
            del self._per_address[connection.peer]
        if not self.connections:
            if self._sweeping.running:
                self._sweeping.stop()
            if self._drained is not None:
                drained, self._drained = self._drained, None
                drained.callback(None)

    def drain(self, grace_seconds: float) -> Deferred[None]:
        """Ends each connection once its work is done, what is left after `grace_seconds` with a notice.

        Fires when none is left; the access log is then flushed. Listening ports are the caller's: see `stop`.
        """
        self._draining = True
        drained: Deferred[None] = Deferred() if self.connections else succeed(None)
        if self.connections:
            self._drained = drained
            cut = self.clock.callLater(grace_seconds, self._cut)
            drained.addCallback(_cancel, cut)
            for connection in tuple(self.connections):
                connection.drain()
        return drained.addCallback(lambda _: self.access_log.flush())

    def _abilities(self) -> Abilities:
        extensions = (oid for oid in EXTENDED if self.tls is not None or oid != START_TLS)
        return Abilities(
            str(self.directory.suffix), tuple(extensions), tuple(SUPPORTED_CONTROLS), __version__
        )

    def _observed(self, queues: Mapping[str, Callable[[], int]]) -> Observed:
        return Observed(
            version=__version__,
            started=self.clock.seconds(),
            seconds=self.clock.seconds,
            tally=self.tally,
            image=self.directory.image,
            connections=lambda: [connection.state for connection in self.connections],
            opened=lambda: self.opened,
            under_way=self._under_way,
            queues=queues,
        )

    def _under_way(self) -> Counter[str]:
        """How many operations have come and not ended, by name."""
        return Counter(name for connection in self.connections for name in connection.under_way)

    def _cut(self) -> None:
        for connection in tuple(self.connections):
            connection.abort()

    def _sweep(self) -> None:
        for connection in tuple(self.connections):
            connection.sweep()

    def _next_turn(self, turn: Callable[[], None]) -> IDelayedCall:
        return self.clock.callLater(0, turn)


def stop(ports: Iterable[IListeningPort], factory: LdapFactory, grace_seconds: float) -> Deferred[None]:
    """Stops accepting on `ports`, then drains the factory; fires when all is closed."""
    closing = [port.stopListening() for port in ports]
    waiting = DeferredList([each for each in closing if each is not None], consumeErrors=True)
    return waiting.addCallback(lambda _: factory.drain(grace_seconds))


def is_loopback(host: str) -> bool:
    """Whether an address is this host's own (127.0.0.0/8, ::1, also mapped into IPv6)."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _cancel(result: None, call: IDelayedCall) -> None:
    del result
    if call.active():
        call.cancel()


def _turn(seconds: float) -> Callable[[], bool]:
    ends = perf_counter() + seconds
    return lambda: perf_counter() >= ends


def _with_size(limits: DecodeLimits, pdu_size: int) -> DecodeLimits:
    return msgspec.structs.replace(limits, pdu_size=pdu_size)
