"""What a serving process does for mail servers besides LDAP: everything it is made of."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.posixbase import PosixReactorBase

from govdir.assembly import Core
from govdir.directory.ports import StoreUnavailable
from govdir.mailattrs.sending import Sending
from govdir.mailservers.doveadm import Doveadm
from govdir.mailservers.networks import Networks
from govdir.mailservers.open_sessions import OpenSessions, Turn
from govdir.mailservers.policy_log import PolicyLog
from govdir.mailservers.policy_server import PolicyFactory
from govdir.mailservers.policy_service import News, PolicyService, PolicySettings
from govdir.storage.feed import Feed
from govdir.storage.threads import BoundedPool

TURN_FILE: Final = "doveadm.lock"
"""In the home; who holds it asks the Dovecot servers."""


class Freshness:
    """How old the directory in memory may be, by when its database last answered."""

    def __init__(self, stale_seconds: float, seconds: Callable[[], float] = monotonic) -> None:
        self._stale_seconds = stale_seconds
        self._seconds = seconds
        self._current_at = seconds()

    def followed(self, silent_seconds: float) -> None:
        """All is known of what was committed until so long ago."""
        self._current_at = max(self._current_at, self._seconds() - silent_seconds)

    def is_current(self) -> bool:
        """Whether the directory may still be judged by."""
        return self._seconds() - self._current_at <= self._stale_seconds


class MailServices:
    """Of one process. `policy` answers on the sockets of Service.POLICY; `note` takes lines of the mail log;
    `feed` tells of other processes' commits."""

    def __init__(
        self, core: Core, reactor: PosixReactorBase, *, feed: Feed, note: Callable[[str], object]
    ) -> None:
        settings, self._feed, self._image = core.config.mail_servers, feed, core.directory.image
        self.freshness = Freshness(settings.policy_stale_seconds)
        service = PolicyService(
            Sending(core.directory, core.pack),
            PolicySettings(
                trusted=Networks(settings.trusted_relays),
                enforce=settings.policy_mode == "enforce",
                defer=settings.policy_unsure == "defer",
            ),
            seconds=reactor.seconds,
            news=News(self.freshness.is_current, self._is_behind, core.directory.catch_up),
            log=PolicyLog(note, reactor.seconds),
        )
        self.policy = PolicyFactory(service, Networks(settings.policy_clients), reactor)
        self._asking = BoundedPool(
            reactor, "doveadm", threads=len(settings.doveadm), max_waiting=len(settings.doveadm)
        )
        self._sessions = _open_sessions(core, self._asking, reactor)

    def start(self) -> None:
        """Once the directory is loaded."""
        self.freshness.followed(0)
        if self._sessions is not None:
            self._asking.start()
            self._sessions.start()

    def followed(self) -> None:
        """The directory has just caught up with its database."""
        self.freshness.followed(self._feed.silent_seconds())

    def drain(self, grace_seconds: float) -> Deferred[None]:
        """Answers what was asked and ends the connections; fires at the last."""
        if self._sessions is not None:
            self._sessions.stop()
            self._asking.stop()
        return self.policy.drain(grace_seconds)

    def _is_behind(self) -> bool:
        try:
            return self._feed.changed(self._image.number)
        except StoreUnavailable:
            return False


def _open_sessions(core: Core, slow: BoundedPool, reactor: PosixReactorBase) -> OpenSessions | None:
    """None where no Dovecot server is to be asked."""
    config = core.config
    key, authority = config.path(config.mail_servers.doveadm_key), config.path(config.tls.authority)
    servers = [Doveadm(url, key, authority) for url in config.mail_servers.doveadm]
    turn = Turn(config.home / TURN_FILE)
    return OpenSessions(core.directory, servers, slow, reactor, turn) if servers else None
