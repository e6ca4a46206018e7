"""A serving process: everything it is made of, how it starts and how it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from threading import Timer
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IListeningPort
from twisted.internet.posixbase import PosixReactorBase
from twisted.internet.protocol import Factory
from twisted.internet.task import LoopingCall, deferLater
from twisted.logger import Logger

from govdir.assembly import Core, assemble, lifecycle_of, load_directory, make_policies, site_of
from govdir.config import Config, LimitSettings
from govdir.directory.certificates import OwnerBy
from govdir.directory.errors import Busy, DirectoryError
from govdir.directory.ports import StoreUnavailable
from govdir.key_troubles import UnusableKeyFile
from govdir.ldap.server.access_log import AccessLog
from govdir.ldap.server.client_certificates import ClientCertificates
from govdir.ldap.server.factory import LdapFactory, PlaintextBind, stop
from govdir.ldap.server.limits import ServerLimits
from govdir.ldap.server.tls import ServerTls
from govdir.ldap.server.tls_files import TlsFilesError
from govdir.ldap.server.transport import adopt
from govdir.lifecycle.clock import LifecycleClock, Settings
from govdir.lifecycle.run import Item
from govdir.listening import Listening, Service, close_sockets, urls
from govdir.logs import EventLog, begin_event_log, output
from govdir.mail_services import MailServices
from govdir.storage.patience import Patience
from govdir.storage.threads import BoundedPool
from govdir.web_site import Step, WebSite

# Asking costs 5 µs; a change made by another process shows up here after 50 ms at most.
FEED_SECONDS = 0.05
# What binds leave behind is written in batches; a crash loses the last second of it, never an entry.
LOGINS_SECONDS = 1.0
# Between a login with an imported hash and its replacement by a better one.
UPGRADE_SECONDS = 0.25
# A moment that has come is acted on after so long; a tick without work costs microseconds.
CLOCK_SECONDS = 0.05
# Whoever gives a wrong password waits so long for news of another, while the database hangs; once.
PATIENCE_SECONDS = 1.0
# Steps of some 5 ms each, so that answers are delayed by no more while a new process settles.
SETTLE_SECONDS = 0.02
# The loop and the store's writer share the interpreter; at the default of 5 ms each of the writer's some ten
# statements would wait that long for a busy loop to let go.
SWITCH_SECONDS = 0.0002
# What is in flight at SIGTERM may take so long; systemd kills after 90 s.
GRACE_SECONDS = 5.0
# All of an end may take so long: a restart must not wait for a database that hangs.
ENDING_SECONDS = 8.0
# Followers read pages of changes one after the other; a second thread serves whoever asks besides.
READING_THREADS = 2

_log = Logger(namespace="govdir")


class Application:
    """One server process on sockets that are open already.

    `start` blocks until the directory is loaded; what it raises is what `assemble` and ServerTls raise.
    """

    def __init__(self, config: Config, sockets: Sequence[Listening], reactor: PosixReactorBase) -> None:
        home, log = config.home, config.log
        self._reactor = reactor
        self._sockets = sockets
        self._outputs = tuple(
            output(setting, home, stream)
            for setting, stream in (
                (log.events, sys.stderr),
                (log.access, sys.stdout),
                (log.sign_ins, sys.stdout),
                (log.mail, sys.stdout),
            )
        )
        self._hashing = BoundedPool(
            reactor,
            "hashing",
            threads=config.work.hashing_threads,
            max_waiting=config.work.queued,
            yielding=True,
        )
        self._reading = BoundedPool(
            reactor, "reading", threads=READING_THREADS, max_waiting=config.work.queued
        )
        self._core = assemble(
            config,
            deliver=reactor.callFromThread,
            hashing=self._hashing,
            reading=self._reading,
        )
        self._core.directory.logins.in_time = Patience(reactor, PATIENCE_SECONDS)
        self._core.directory.committer.breathe = lambda: deferLater(reactor, 0)
        self._feed = self._core.database.open_feed()
        clients = client_certificates(config)
        pair = config.path(config.tls.certificate), config.path(config.tls.key)
        self._tls = ServerTls(*pair)
        self._ldap_tls = ServerTls(*pair, clients) if clients else self._tls  # browsers are not asked
        access_log, numbers = AccessLog(self._outputs[1].write, reactor), count(1)
        self._factory = LdapFactory(
            directory=self._core.directory,
            clock=reactor,
            access_log=access_log,
            limits=server_limits(config.limits),
            tls=self._ldap_tls,
            clients=clients,
            plaintext_bind=PlaintextBind(config.security.plaintext_bind),
            numbers=numbers,
            queues={
                "hashing": lambda: self._hashing.under_way,
                "reading": lambda: self._reading.under_way,
                "writer": lambda: self._core.store.writer.waiting,
            },
        )
        self._web = self._web_site(access_log, numbers)
        self._mail = MailServices(self._core, reactor, feed=self._feed, note=self._outputs[3].write)
        self._clock = _clock(self._core)
        self._ports: list[IListeningPort] = []
        self._following = self._loop(self._follow)
        self._flushing = self._loop(self._flush_logins)
        self._upgrading = self._loop(self._upgrade_passwords)
        self._settling = self._loop(self._settle)
        self._ticking = self._loop(self._clock.tick)
        self._hindered: set[object] = set()

    def start(self) -> None:
        """Loads the directory, then opens for clients. Blocking; the loop runs afterwards."""
        begin_event_log(EventLog(self._outputs[0]))
        sys.setswitchinterval(SWITCH_SECONDS)
        load_directory(self._core)
        self._hashing.start()
        self._reading.start()
        self._core.store.start()
        Deferred.fromCoroutine(self._make_policies())
        self._following.start(FEED_SECONDS)
        self._flushing.start(LOGINS_SECONDS)
        self._upgrading.start(UPGRADE_SECONDS)
        self._settling.start(SETTLE_SECONDS)
        self._ticking.start(CLOCK_SECONDS, now=False)
        self._mail.start()
        if self._web is not None:
            self._web.start()
        self._ports = [self._open(each) for each in self._sockets]
        _log.info("serving {urls}", urls=urls(self._sockets))

    def stop(self) -> Deferred[None]:
        """Accepts nothing more, finishes what is in flight, writes what is pending; then fires."""
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        _log.info("stopping")
        giving_up = Timer(ENDING_SECONDS, _give_up)
        giving_up.daemon = True
        giving_up.start()
        for last in (self._drain, self._flush_logins, self._stop_web):
            try:
                await last()
            except Exception:
                # Threads that are not ended below would keep the process alive for ever.
                _log.failure("a fault of the program while stopping")
        self._feed.close()
        self._hashing.stop()
        self._reading.stop()
        self._core.store.close()
        self._core.database.close()
        giving_up.cancel()
        giving_up.join()
        _log.info("stopped")

    async def _drain(self) -> None:
        # Postfix hears at once that nobody is there, while LDAP goes on refusing for as long as clients stay.
        mail = self._mail.drain(GRACE_SECONDS)
        web = None if self._web is None else self._web.server.drain(GRACE_SECONDS)
        # The ports have descriptors of their own; while these are open the system goes on taking connections.
        close_sockets(self._sockets)
        await stop(self._ports, self._factory, GRACE_SECONDS)
        await mail
        await (web or succeed(None))
        self._factory.access_log.flush()  # of answers given after the last LDAP connection was closed
        for loop in (self._following, self._flushing, self._upgrading, self._ticking, self._settling):
            if loop.running:
                loop.stop()

    async def _stop_web(self) -> None:
        if self._web is not None:
            await self._web.stop()

    def reload(self) -> None:
        """Reads certificates and signing keys again and re-opens the log files; what cannot be read stays as
        it was."""
        steps = [each.reload for each in {self._tls, self._ldap_tls}]
        steps += [each.reopen for each in self._outputs]
        if self._web is not None:
            steps.append(self._web.reload)
        reloaded = [_reloaded(step) for step in steps]
        if all(reloaded):
            _log.info("certificates, keys and log files read again")

    def _open(self, listening: Listening) -> IListeningPort:
        descriptor, family = listening.socket.fileno(), listening.socket.family
        tls = self._ldap_tls if listening.service is Service.LDAPS else self._tls if listening.tls else None
        factory: Factory[Any] = self._factory
        if listening.service is Service.WEB and self._web is not None:
            factory = self._web.server
        elif listening.service is Service.POLICY:
            factory = self._mail.policy
        return adopt(self._reactor, descriptor, family, factory, tls)

    def _web_site(self, access_log: AccessLog, numbers: Iterator[int]) -> WebSite | None:
        """Without sockets for it nothing of it is made."""
        ports = [each.endpoint.port for each in self._sockets if each.service is Service.WEB]
        site = site_of(self._core.config, self._core.pack, ports[0]) if ports else None
        if site is None:
            return None
        return WebSite(
            self._core,
            site,
            self._reactor,
            reading=self._reading,
            round_of=self._round,
            note=self._outputs[2].write,
            witness=access_log.event,
            numbers=numbers,
        )

    def _loop(self, step: Callable[[], Coroutine[Deferred[Any], Any, None]]) -> LoopingCall:
        """A step that is never started while the one before is under way."""
        loop = LoopingCall(lambda: Deferred.fromCoroutine(step()))
        loop.clock = self._reactor
        return loop

    def _round(self, step: Step) -> LoopingCall:
        """A step of the web site, which goes on whatever becomes of it."""

        async def guarded() -> None:
            with self._noticing(step):
                try:
                    await step()
                except (StoreUnavailable, Busy):
                    raise
                except Exception:
                    _log.failure("what goes on at intervals failed, and will be tried again")

        return self._loop(guarded)

    async def _follow(self) -> None:
        """Applies what other processes have committed."""
        with self._noticing(self._feed):
            if self._feed.changed(self._core.directory.image.number):
                await self._core.directory.catch_up()
            self._mail.followed()

    async def _settle(self) -> None:
        """The indexing that loading left for later, in steps that no client notices."""
        if not self._core.directory.image.settle():
            self._settling.stop()

    async def _make_policies(self) -> None:
        try:
            await make_policies(self._core)
        except DirectoryError as error:  # what they would say is in force without them
            _log.warn("the password policies were not entered: {why}", why=error.diagnostic)

    async def _flush_logins(self) -> None:
        with self._noticing(self._core.directory):
            await self._core.directory.flush_logins()

    async def _upgrade_passwords(self) -> None:
        await self._core.directory.upgrade_passwords()

    @contextmanager
    def _noticing(self, step: object) -> Iterator[None]:
        """Reads go on without the database; its loss and return are told once each.

        A step that has nothing to do does not ask the database, so the return shows only in one that failed.
        """
        try:
            yield
        except (StoreUnavailable, Busy) as error:
            if not self._hindered:
                _log.error("the database does not answer: {error}", error=error)
            self._hindered.add(step)
        else:
            if step in self._hindered:
                _log.info("the database answers again")
                self._hindered.clear()


class ClockEvents:
    """What the clock of mailboxes does, in the event log; implements lifecycle.clock.Witness."""

    def done(self, item: Item) -> None:
        """One line a change."""
        _log.info(
            "lifecycle: {what} of {address}, by {citation}",
            what=item.due.what.value,
            address=item.address,
            citation=item.due.citation.place,
        )

    def refused(self, item: Item, why: str) -> None:
        """Somebody has to look."""
        _log.warn(
            "lifecycle: {what} of {address} was refused: {why}",
            what=item.due.what.value,
            address=item.address,
            why=why,
        )

    def hindered(self, why: str) -> None:
        """Goes on by itself."""
        _log.warn("lifecycle: waiting for the database: {why}", why=why)

    def braked(self, closing: int, mailboxes: int) -> None:
        """An operator decides."""
        _log.error(
            "lifecycle: {closing} of {mailboxes} mailboxes are unused and would be closed; none was. If that "
            "is right, run govdir lifecycle run",
            closing=closing,
            mailboxes=mailboxes,
        )


def _give_up() -> None:
    """Threads that wait for the database cannot be told to stop."""
    _log.error("the database did not answer while stopping: accesses of the last seconds may be lost")
    os._exit(1)


def _reloaded(step: Callable[[], None]) -> bool:
    try:
        step()
    except (TlsFilesError, UnusableKeyFile, OSError) as error:
        _log.error("not reloaded: {error}", error=error)
        return False
    return True


def _clock(core: Core) -> LifecycleClock:
    settings = core.config.lifecycle
    chosen = Settings(
        automatic=settings.automatic,
        inactivity=settings.inactivity,
        inactivity_share_percent=settings.inactivity_share_percent,
    )
    return LifecycleClock(core.directory, lifecycle_of(core), chosen, ClockEvents())


def client_certificates(config: Config) -> ClientCertificates | None:
    """The certificates that LDAP clients may sign in by; None where they are not asked for. Raises
    TlsFilesError."""
    tls = config.tls
    if not tls.client_authority:
        return None
    revocations = config.path(tls.client_revocations) if tls.client_revocations else None
    mappings = frozenset(map(OwnerBy, tls.client_mappings))
    return ClientCertificates(config.path(tls.client_authority), revocations, mappings)


def server_limits(limits: LimitSettings) -> ServerLimits:
    """The [limits] of the configuration as the server takes them."""
    return ServerLimits(
        connections=limits.connections,
        connections_per_address=limits.connections_per_address,
        anonymous_pdu_bytes=limits.request_bytes_before_bind,
        bound_pdu_bytes=limits.request_bytes,
        idle_seconds=limits.idle_seconds,
        service_idle_seconds=limits.service_idle_seconds,
        search_seconds=limits.search_seconds,
    )
