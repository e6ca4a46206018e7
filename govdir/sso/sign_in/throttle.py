"""The brake on guessing passwords and codes, which must not lock anybody out from where they always work.

Failures are counted under three kinds of keys: a name and the place it was tried from, an account from
anywhere it is not known, a network. A place is a browser that somebody has signed in from before (by its
device cookie), else the network. Names that nobody has are counted alike.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Final

from msgspec import Struct

from govdir.directory.ports import Clock
from govdir.sso.ports import Attempts
from govdir.sso.second_factor import derived_key
from govdir.sso.sign_in.browser import Browser
from govdir.sso.sign_in.steps import Throttled

IPV4_PREFIX: Final = 24
IPV6_PREFIX: Final = 64
"""What one provider's customer has at least, and a guesser changes within for nothing."""

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)

REFUSED_SECONDS: Final = 3600
"""What is said when a day's failures are used up; they become fewer as the day goes on."""


class Allowance(Struct, frozen=True):
    """How many failures are free; then each next try waits twice as long, from one second to `longest`. From
    `most` failures on there are no tries at all (0: no such end)."""

    free: int
    longest: int
    most: int = 0

    def wait(self, failures: int, latest: datetime | None, now: datetime) -> int:
        """Seconds to wait before the next try, 0 for none."""
        if failures < self.free or latest is None:
            return 0
        if self.most and failures >= self.most:
            return REFUSED_SECONDS
        pause = min(self.longest, 2 ** min(failures - self.free, 30))
        return max(0, ceil((latest + timedelta(seconds=pause) - now) / timedelta(seconds=1)))


NAME_HERE: Final = Allowance(free=5, longest=300)
"""Five slips are human; then some 290 tries a day are left, for ever too few for a password of the rules."""

KNOWN_DEVICE: Final = Allowance(free=5, longest=300, most=100)
"""The same for a known browser. One that fails a hundred times a day is stolen: it counts as unknown."""

ACCOUNT_ELSEWHERE: Final = Allowance(free=20, longest=300, most=100)
"""All tries from where somebody is not known, by however many networks: NIST SP 800-63B's hundred, a day."""

NETWORK: Final = Allowance(free=100, longest=60)
NETWORK_AT_HOME: Final = Allowance(free=300, longest=10)
"""A network in an hour. A whole office mistypes behind one address, so those who are known there are slowed
down later and less; those with a known browser never."""

CODES: Final = Allowance(free=5, longest=300, most=100)
"""Codes of one account, by whoever knows its password: a hundred a day find one of a million in centuries."""

CODES_PER_CHALLENGE: Final = 5
"""After so many wrong codes the password is asked again."""


class Ticket(Struct, frozen=True):
    """A try that was let through; `counted` are the keys under which it would be a failure, `own` those with
    failures that a success clears. Must be closed."""

    counted: tuple[str, ...]
    own: tuple[str, ...]


class Throttle:
    """Counts and decides. Tries under way count as failures until they end, so a volley gains nothing."""

    def __init__(self, attempts: Attempts, secret: bytes, clock: Clock) -> None:
        self._attempts = attempts
        self._key = derived_key(secret, b"govdir sign-in: attempts")
        self._clock = clock
        self._under_way: dict[str, int] = {}

    async def password(self, name: bytes, entry_uuid: str, browser: Browser) -> Ticket | Throttled:
        """Whether a password may be tried now. `name` is canonical (names.TypedName), `entry_uuid` "" when
        nobody is called so. The ticket must be closed."""
        account = entry_uuid or self._digest("nobody", name)
        if browser.device and await self._attempts.is_familiar(account, self._device_mark(browser.device)):
            here = self._digest("name", name, browser.device.encode())
            decided = await self._decide((here,), ((here, KNOWN_DEVICE, DAY),), (here,))
            if isinstance(decided, Ticket) or decided.seconds < REFUSED_SECONDS:
                return decided
        network = network_of(browser.network)
        at_home = await self._attempts.is_familiar(account, self._network_mark(network))
        here = self._digest("name", name, network)
        around = self._digest("network", network)
        limits = [(here, NAME_HERE, DAY), (around, NETWORK_AT_HOME if at_home else NETWORK, HOUR)]
        guarded = [here]
        if not at_home:
            elsewhere = self._digest("account", account.encode())
            limits.append((elsewhere, ACCOUNT_ELSEWHERE, DAY))
            guarded.append(elsewhere)
        return await self._decide(tuple(guarded), tuple(limits), (here,))

    async def code(self, entry_uuid: str, browser: Browser) -> Ticket | Throttled:
        """Whether a code of the second factor, or a recovery code, may be tried now. Close the ticket.

        From a known browser it is counted apart, so that whoever has the password only cannot use up the
        owner's tries."""
        place = b""
        if browser.device and await self._attempts.is_familiar(entry_uuid, self._device_mark(browser.device)):
            place = browser.device.encode()
        here = self._digest("code", entry_uuid.encode(), place)
        return await self._decide((here,), ((here, CODES, DAY),), (here,))

    async def failed(self, ticket: Ticket) -> None:
        """It was wrong."""
        await self._attempts.failed(ticket.counted, self._clock.now())

    async def succeeded(self, ticket: Ticket) -> None:
        """It was right: failures under that name from that place count no more; others go on counting."""
        if ticket.own:
            await self._attempts.succeeded(ticket.own)

    def close(self, ticket: Ticket) -> None:
        """The try is over."""
        for key in ticket.counted:
            left = self._under_way.get(key, 0) - 1
            if left > 0:
                self._under_way[key] = left
            else:
                self._under_way.pop(key, None)

    async def signed_in(self, entry_uuid: str, browser: Browser, device: str) -> None:
        """Somebody has proved everything: network and browser are known from now on."""
        now = self._clock.now()
        await self._attempts.familiar(entry_uuid, self._network_mark(network_of(browser.network)), now)
        await self._attempts.familiar(entry_uuid, self._device_mark(device), now)

    async def _decide(
        self,
        guarded: Sequence[str],
        limits: Sequence[tuple[str, Allowance, timedelta]],
        own: tuple[str, ...],
    ) -> Ticket | Throttled:
        """`guarded` are the keys for which tries under way count; a network has many at once."""
        ticket = Ticket(tuple(key for key, _, _ in limits), ())
        before = {key: self._under_way.get(key, 0) for key in guarded}
        for key in ticket.counted:
            self._under_way[key] = self._under_way.get(key, 0) + 1
        now = self._clock.now()
        wait = 0
        failed: set[str] = set()
        try:
            for window in {window for _, _, window in limits}:
                asked = [(key, allowance) for key, allowance, each in limits if each == window]
                held = await self._attempts.failures([key for key, _ in asked], now - window)
                for (key, allowance), (count, latest) in zip(asked, held, strict=True):
                    failed.update([key] if count else ())
                    trying = before.get(key, 0)
                    wait = max(wait, allowance.wait(count + trying, now if trying else latest, now))
        except BaseException:
            self.close(ticket)
            raise
        if not wait:
            return Ticket(ticket.counted, tuple(key for key in own if key in failed))
        self.close(ticket)
        return Throttled(wait)

    def _network_mark(self, network: bytes) -> bytes:
        return self._mac("known network", network)

    def _device_mark(self, device: str) -> bytes:
        return self._mac("known device", device.encode())

    def _digest(self, *parts: str | bytes) -> str:
        return self._mac(*parts).hex()

    def _mac(self, *parts: str | bytes) -> bytes:
        """Keyed: names and networks are few enough to be tried out."""
        message = b"".join(
            len(octets).to_bytes(4) + octets
            for octets in (part.encode() if isinstance(part, str) else part for part in parts)
        )
        return hmac.new(self._key, message, sha256).digest()


def network_of(address: str) -> bytes:
    """The network an address is in, as text; what is no address stands for itself."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address.encode()
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    prefix = IPV4_PREFIX if parsed.version == 4 else IPV6_PREFIX
    return str(ip_network((parsed, prefix), strict=False)).encode()
