"""What one Dovecot server is to be asked: in order, again while it does not answer, for an hour."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

from msgspec import Struct
from twisted.logger import Logger

from govdir.directory.errors import Busy
from govdir.directory.ports import SlowWork
from govdir.mailservers.doveadm import Doveadm, DoveadmTrouble
from govdir.mailservers.withdrawals import Why

KEPT_SECONDS: Final = 3600.0
"""After so long a server is given up: who starts it again finds every login asked anew anyway."""

MAX_WAITING: Final = 100_000
"""A reorganisation closes thousands of accounts at once; each takes some hundred octets."""

FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 10.0

AGAIN_SECONDS: Final = 3.0
"""A login under way when an account was closed opens its session a moment after: sessions are ended twice."""


class Errand(Struct, frozen=True):
    """End the sessions of `user`, or, with a `group`, let that into the mailbox; `why` is for the log."""

    user: str
    why: str
    group: str = ""


class Errands:
    """Of one server; `seconds` is a clock that only goes forward."""

    _log = Logger(namespace="govdir")

    def __init__(self, doveadm: Doveadm, slow: SlowWork, seconds: Callable[[], float]) -> None:
        self._doveadm = doveadm
        self._slow = slow
        self._seconds = seconds
        self._waiting: dict[Errand, float] = {}
        self._again: deque[tuple[float, Errand]] = deque()
        self._pause = 0.0
        self._rests_until = 0.0

    def __len__(self) -> int:
        return len(self._waiting) + len(self._again)

    def add(self, errand: Errand) -> None:
        """To be done; one that waits already is not done twice."""
        if len(self) >= MAX_WAITING:
            self._log.error(
                "doveadm {place}: too much waits, {user} is left out",
                user=errand.user,
                place=self._doveadm.place,
            )
            return
        self._waiting.setdefault(errand, self._seconds())
        if not errand.group:
            self._again.append((self._seconds() + AGAIN_SECONDS, errand))

    async def run(self) -> None:
        """Does what waits. After a failure the server is left alone for a while, longer each time."""
        while self._again and self._again[0][0] <= self._seconds():
            self._waiting.setdefault(self._again.popleft()[1], self._seconds())
        while self._waiting and self._seconds() >= self._rests_until:
            errand, since = next(iter(self._waiting.items()))
            try:
                done = await self._slow.run(partial(_do, self._doveadm, errand))
            except (DoveadmTrouble, Busy) as error:
                self._put_off(errand, since, error)
                continue
            except ValueError:  # a name that stands for many: nobody is asked, now or later
                self._log.error(
                    "doveadm {place}: {user} cannot be asked for", place=self._doveadm.place, user=errand.user
                )
                done = False
            except Exception:  # a fault of the program; what comes behind it is not held up
                self._waiting[errand] = self._waiting.pop(errand)
                raise
            if self._pause:
                self._pause = 0.0
                self._log.info("doveadm {place}: answers again", place=self._doveadm.place)
            del self._waiting[errand]
            if done:
                self._tell(errand)

    def _put_off(self, errand: Errand, since: float, error: Exception) -> None:
        now = self._seconds()
        if not self._pause:
            self._log.warn(
                "doveadm {place}: {error}; open sessions there are ended once it answers",
                place=self._doveadm.place,
                error=error,
            )
        self._pause = min(max(self._pause * 2, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
        self._rests_until = now + self._pause
        # One that alone fails (a mailbox the server cannot open) must not hold up the others.
        del self._waiting[errand]
        if now - since < KEPT_SECONDS:
            self._waiting[errand] = since
        else:
            self._log.error(
                "doveadm {place}: given up: {user} ({why})",
                place=self._doveadm.place,
                user=errand.user,
                why=errand.why,
            )

    def _tell(self, errand: Errand) -> None:
        if errand.group:
            text = "doveadm {place}: {group} comes into the mailbox of {user}"
        else:
            text = "doveadm {place}: ended the sessions of {user} ({why})"
        self._log.info(
            text, place=self._doveadm.place, user=errand.user, why=errand.why, group=errand.group
        )  # fmt: skip


def _do(doveadm: Doveadm, errand: Errand) -> bool:
    """Whether there was anything to do."""
    if errand.group:
        doveadm.grant(errand.user, errand.group)
        return True
    return doveadm.kick(errand.user)


class EveryServer:
    """The same errands for each server; implements withdrawals.Witness."""

    def __init__(self, servers: tuple[Errands, ...]) -> None:
        self._servers = servers

    def end(self, user: str, why: Why) -> None:
        """See withdrawals.Witness."""
        self._add(Errand(user, why.value))

    def let_in(self, user: str, group: str) -> None:
        """See withdrawals.Witness."""
        self._add(Errand(user, "shared", group))

    def _add(self, errand: Errand) -> None:
        for each in self._servers:
            each.add(errand)
