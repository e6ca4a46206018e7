"""Letters from the outbox to a mail server: by one process at a time, again and again for two days."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct
from twisted.logger import Logger

from govdir.directory.ports import Clock, SlowWork
from govdir.sso.model import Outgoing
from govdir.sso.ports import Letters
from govdir.web.leash import Leash
from govdir.web.mail_message import Sender, message

TICK_SECONDS: Final = 2.0
"""How often `tick` is to be called; without letters it costs one small query."""

AT_ONCE: Final = 20
"""Letters over one connection; a province changes fewer passwords in two seconds."""

BATCH_SECONDS: Final = 30.0
"""No letter is begun after so long."""

COMMAND_SECONDS: Final = 15.0
"""RFC 5321 §4.5.3.2 allows minutes; but the server is the operator's own, and stopping waits for it."""

CONNECTION_SECONDS: Final = 60.0
"""Then the connection is cut, though the server may always be about to answer."""

LEASE: Final = timedelta(minutes=5)
"""Letters taken by a process that died with them are due again so much later: longer than sending them takes
at the slowest, CONNECTION_SECONDS and finding the server."""

FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=4)
GIVEN_UP_AFTER: Final = timedelta(days=2)
"""Who was told of a changed password only later would be alarmed for nothing."""

_PERMANENT: Final = range(500, 600)


class Route(Struct, frozen=True):
    """Where mail is handed in. With `tls` from the first octet, and then the server's certificate must be
    valid; else STARTTLS is used where it is offered, as mail servers do among themselves (RFC 7435)."""

    host: str
    port: int
    tls: bool

    @classmethod
    def parse(cls, url: str) -> Route:
        """From "smtp://host:25" or "smtps://host:465", as [mail] server has it. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or not parts.port:
            raise ValueError(url)
        return cls(parts.hostname, parts.port, parts.scheme == "smtps")


class Fate(Enum):
    """What became of a letter."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"


class Delivery(Struct, frozen=True):
    """A letter's fate and, unless it was sent, why: the server's code or the kind of failure."""

    fate: Fate
    why: str = ""


def deliver(
    route: Route,
    sender: Sender,
    letters: Sequence[Outgoing],
    tls: ssl.SSLContext | None = None,
    *,
    leash: Leash | None = None,
    seconds: Callable[[], float] = time.monotonic,
) -> list[Delivery]:
    """Hands letters in over one connection; the fate of each, in order. Blocking.

    `tls` judges the server's certificate where Route.tls asks for it; None is the system's. Pulling `leash`
    ends it early.
    """
    ends = seconds() + BATCH_SECONDS
    leash = leash or Leash()
    fates: list[Delivery] = []
    try:
        with closing(leash), _connected(route, sender, leash, tls) as server:
            for each in letters:
                if seconds() > ends:
                    break
                fates.append(_send(server, each, sender))
    except (OSError, smtplib.SMTPException) as error:
        why = _reason(error)
    else:
        why = "the mail server is too slow"
    return fates + [Delivery(Fate.LATER, why)] * (len(letters) - len(fates))


class _Smtp(smtplib.SMTP):
    """A connection on a leash from the first octet; encrypted by `tls` from there on, or not at all."""

    def __init__(self, route: Route, us: str, leash: Leash, tls: ssl.SSLContext | None) -> None:
        self._leash = leash
        self._from_the_start = tls
        super().__init__(route.host, route.port, local_hostname=us, timeout=COMMAND_SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """What smtplib calls to be overridden (as its SMTP_SSL does)."""
        connected = socket.create_connection((host, port), timeout)
        try:
            self._leash.put_on(connected, CONNECTION_SECONDS)
            if self._from_the_start is None:
                return connected
            return self._from_the_start.wrap_socket(connected, server_hostname=host)
        except BaseException:
            connected.close()
            raise


def _connected(route: Route, sender: Sender, leash: Leash, tls: ssl.SSLContext | None) -> smtplib.SMTP:
    us = sender.domain
    if route.tls:
        return _Smtp(route, us, leash, tls or ssl.create_default_context())
    server = _Smtp(route, us, leash, None)
    try:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=_unauthenticated())
    except BaseException:
        server.close()
        raise
    return server


def _unauthenticated() -> ssl.SSLContext:
    """Against listeners only; who could pretend to be the server could also hide that it offers STARTTLS."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _send(server: smtplib.SMTP, outgoing: Outgoing, sender: Sender) -> Delivery:
    """Raises OSError or SMTPServerDisconnected when the connection is of no more use."""
    try:
        made = message(outgoing, sender)
    except ValueError:
        return Delivery(Fate.REFUSED, "not an address that mail can be sent to")
    try:
        server.send_message(made, from_addr=sender.address, to_addrs=[outgoing.letter.to])
    except smtplib.SMTPServerDisconnected:
        raise
    except smtplib.SMTPException as error:
        code = _code(error)
        return Delivery(Fate.REFUSED if code in _PERMANENT else Fate.LATER, _reason(error))
    return Delivery(Fate.SENT)


def _code(error: Exception) -> int:
    match error:
        case smtplib.SMTPRecipientsRefused():
            return next(iter(error.recipients.values()))[0]
        case smtplib.SMTPResponseException():
            return int(error.smtp_code)
    return 0


def _reason(error: Exception) -> str:
    """The server's code; its text may quote what was sent."""
    code = _code(error)
    return f"the mail server answered {code}" if code else f"no mail server ({type(error).__name__})"


class MailSender:
    """Sends what is in the outbox, on the pool `slow`; `sender` is [mail] sender, `route` [mail] server."""

    _log = Logger()

    def __init__(
        self,
        letters: Letters,
        slow: SlowWork,
        clock: Clock,
        *,
        route: Route,
        sender: Sender,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._letters = letters
        self._slow = slow
        self._clock = clock
        self._route = route
        self._sender = sender
        self._tls = tls
        self._leash: Leash | None = None

    def cut(self) -> None:
        """Ends a delivery under way; its letters that the server has not taken wait for the next."""
        if self._leash is not None:
            self._leash.pull()

    async def tick(self) -> None:
        """Sends what is due. Raises StoreUnavailable, Busy; letters already sent may then be sent again."""
        now = self._clock.now()
        taken = await self._letters.take(now, now + LEASE, AT_ONCE)
        if not taken:
            return
        self._leash = leash = Leash()
        work = partial(deliver, self._route, self._sender, taken, self._tls, leash=leash)
        try:
            fates = await self._slow.run(work)
        finally:
            self._leash = None
        now = self._clock.now()
        for outgoing, delivery in zip(taken, fates, strict=True):
            await self._settle(outgoing, delivery, now)

    async def _settle(self, outgoing: Outgoing, delivery: Delivery, now: datetime) -> None:
        if delivery.fate is Fate.SENT:
            await self._letters.drop(outgoing.number)
            return
        if delivery.fate is Fate.LATER and now < outgoing.written + GIVEN_UP_AFTER:
            if outgoing.tries == 1:
                self._log.warn("a letter could not be sent and waits: {why}", why=delivery.why)
            await self._letters.delay(outgoing.number, now + pause(outgoing.tries))
            return
        self._log.error(
            "a letter to {to} was given up at attempt {tries}: {why}",
            to=outgoing.letter.to,
            tries=outgoing.tries,
            why=delivery.why,
        )
        await self._letters.drop(outgoing.number)


def pause(tries: int) -> timedelta:
    """How long a letter waits after so many tries: twice as long each time, up to LONGEST_PAUSE."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(tries - 1, 16)
    return min(doubled, LONGEST_PAUSE)
