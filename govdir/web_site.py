"""The web site of a serving process: single sign-on on the directory's database, and what goes on beside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.posixbase import PosixReactorBase
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from govdir.assembly import Core, outbound_of
from govdir.config import Config
from govdir.directory.errors import Busy
from govdir.directory.ports import SlowWork, StoreUnavailable
from govdir.key_files import load_key_ring, load_sso_secret
from govdir.policy.texts import Language
from govdir.sso.idp.provider import IdentityProvider
from govdir.sso.idp.site import Site
from govdir.sso.model import Participant
from govdir.sso.sign_in.desk import open_desk
from govdir.sso.sign_in.progress import SignInSettings
from govdir.sso.sign_in.sessions import SessionLimits
from govdir.storage.sso import FLUSH_SECONDS, SqlSso
from govdir.storage.threads import BoundedPool
from govdir.web import mail_sender, metadata_refresh
from govdir.web.limits import WebLimits
from govdir.web.mail_message import Sender
from govdir.web.outbound import BACK_CHANNEL_THREADS, BACK_CHANNEL_WAITING, SoapChannel
from govdir.web.server import WebServer, Witness
from govdir.web.site import SiteParts, web_server

# What has ended by itself is of no use, and of no harm for an hour.
FORGET_SECONDS: Final = 3600.0
# Letters and metadata: nobody waits for them, and one of a kind is under way at a time.
ERRAND_THREADS: Final = 2
# A letter being handed in when the process stops has so long; systemd kills after 90 s.
ERRAND_GRACE_SECONDS: Final = 5.0

_log = Logger(namespace="govdir")

Step = Callable[[], Coroutine[Deferred[Any], Any, None]]
"""What is done again and again; it may raise StoreUnavailable or Busy."""


class WebSite:
    """Everything that a process with web sockets has and one without has not.

    `round_of` makes a loop of a step; `note` takes the lines of the trail of signing in. Making it is
    blocking, and raises BadSetting, UnusableKeyFile and OSError for keys that cannot be used.
    """

    def __init__(
        self,
        core: Core,
        site: Site,
        reactor: PosixReactorBase,
        *,
        reading: SlowWork,
        round_of: Callable[[Step], LoopingCall],
        note: Callable[[str], None],
        witness: Witness,
        numbers: Iterator[int],
    ) -> None:
        config = core.config
        self._config = config
        self._signing = BoundedPool(
            reactor,
            "signing",
            threads=config.work.signing_threads,
            max_waiting=config.work.queued,
            yielding=True,  # two milliseconds an answer, beside which look-ups take a twentieth of one
        )
        self._messages = _pool(reactor, "back-channel", BACK_CHANNEL_THREADS, BACK_CHANNEL_WAITING)
        self._errands = _pool(reactor, "errands", ERRAND_THREADS, config.work.queued)
        self._pools = (self._signing, self._messages, self._errands)
        self._reactor = reactor
        self._letters: mail_sender.MailSender | None = None
        self._farewells: set[Deferred[None]] = set()
        self._stored = SqlSso(
            core.database, core.store.writer, reading, log=note, sends_mail=bool(config.mail.server)
        )
        self._outbound = outbound_of(config, site.url)
        secret = load_sso_secret(config)
        desk = open_desk(
            core.directory,
            core.pack,
            self._stored,
            secret=secret,
            settings=sign_in_settings(config),
            limits=session_limits(config),
        )
        self._idp = IdentityProvider(
            site=site,
            keys=load_key_ring(config),
            secret=secret,
            directory=core.directory,
            sessions=self._stored.sessions,
            keeping=self._stored.keeping,
            services=self._stored.services,
            trail=self._stored.trail,
            back_channel=SoapChannel(self._outbound, self._messages),
            sign_ins=desk.sign_in,
            slow=self._signing,
            clock=core.directory.clock,
        )
        desk.book.farewell = self._tell
        self._accounts = desk.accounts
        self._clock = core.directory.clock
        self.server: WebServer = web_server(
            SiteParts(
                idp=self._idp,
                desk=desk,
                pack=core.pack,
                language=Language(config.language),
                sends_mail=bool(config.mail.server),
                proxies=config.web.trusted_proxies,
                clock=reactor,
            ),
            witness,
            web_limits(config),
            numbers,
        )
        self._ended: list[Deferred[LoopingCall]] = []
        self._rounds = [(round_of(step), seconds) for step, seconds in self._steps(site)]

    def start(self) -> None:
        """Begins what goes on beside; the store and its writer run already."""
        self._idp.metadata()
        for pool in self._pools:
            pool.start()
        self._ended = [each.start(seconds, now=False) for each, seconds in self._rounds]

    async def stop(self) -> None:
        """After the server was drained: writes what is pending and ends the threads."""
        for each, _ in self._rounds:
            each.stop()
        # A letter that is being handed in must be noted as sent, or it goes out again after the next start;
        # and applications are to learn of sessions that have just ended.
        cut = self._reactor.callLater(ERRAND_GRACE_SECONDS, self._cut)
        under_way: list[Deferred[Any]] = [*self._ended, *self._farewells]
        await DeferredList(under_way, consumeErrors=True)
        if cut.active():
            cut.cancel()
        try:
            await self._stored.flush()
        except (StoreUnavailable, Busy) as error:
            _log.error("the last lines of the trail of signing in are lost: {error}", error=error)
        for pool in self._pools:
            pool.stop()

    def _cut(self) -> None:
        """A mail server that hangs is not waited for; requests to other servers have ends of their own."""
        if self._letters is not None:
            self._letters.cut()

    def reload(self) -> None:
        """Reads the signing keys and the trusted authority again. Raises UnusableKeyFile, OSError; then the
        keys before stay in use."""
        self._outbound.renew()
        self._idp.use_keys(load_key_ring(self._config))

    def _steps(self, site: Site) -> Iterator[tuple[Step, float]]:
        config, stored, clock = self._config, self._stored, self._clock
        refresh = metadata_refresh.MetadataRefresh(
            services=stored.services,
            keeping=stored.keeping,
            trail=stored.trail,
            fetch=self._outbound.fetch,
            slow=self._errands,
            clock=clock,
            hours=config.sso.metadata_refresh_hours,
            language=Language(config.language),
        )
        yield stored.flush, FLUSH_SECONDS
        yield self._forget, FORGET_SECONDS
        yield refresh.tick, metadata_refresh.TICK_SECONDS
        if config.mail.server:
            self._letters = mail_sender.MailSender(
                stored.outbox,
                self._errands,
                clock,
                route=mail_sender.Route.parse(config.mail.server),
                sender=mail_from(config, site),
            )
            yield self._letters.tick, mail_sender.TICK_SECONDS

    async def _forget(self) -> None:
        await self._stored.forget_expired(
            self._clock.now(),
            session_limits(self._config).idle,
            lambda entry_uuid: self._accounts.record(entry_uuid) is not None,
        )

    def _tell(self, ended: Sequence[Participant]) -> None:
        """Nobody but the process's end waits for it; an application that cannot be told ends its session by
        its own limits."""
        telling = Deferred.fromCoroutine(_quietly(self._idp.tell(ended)))
        self._farewells.add(telling)
        telling.addBoth(lambda _: self._farewells.discard(telling))


async def _quietly(telling: Awaitable[None]) -> None:
    try:
        await telling
    except (StoreUnavailable, Busy) as error:
        _log.warn("applications were not told of ended sessions: {error}", error=error)
    except Exception:
        _log.failure("applications were not told of ended sessions")


def sign_in_settings(config: Config) -> SignInSettings:
    """[sso] as signing in takes it."""
    return SignInSettings(
        code_roles=frozenset(config.sso.second_factor_roles),
        notice_days=config.sso.password_notice_days,
        language=Language(config.language),
    )


def session_limits(config: Config) -> SessionLimits:
    """[web] as sessions take it."""
    return SessionLimits(
        idle=timedelta(minutes=config.web.idle_minutes), absolute=timedelta(hours=config.web.session_hours)
    )


def web_limits(config: Config) -> WebLimits:
    """[limits] as the web server takes them."""
    return WebLimits(
        connections=config.limits.connections,
        connections_per_address=config.limits.connections_per_address,
    )


def mail_from(config: Config, site: Site) -> Sender:
    """In whose name letters go out."""
    titles = dict(site.titles)
    return Sender(
        config.mail.sender or f"no-reply@{config.mail_domain}",
        titles.get(config.language, config.mail_domain),
    )


def _pool(reactor: PosixReactorBase, name: str, threads: int, waiting: int) -> BoundedPool:
    return BoundedPool(reactor, name, threads=threads, max_waiting=waiting)
