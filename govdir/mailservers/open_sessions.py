"""Ends the open sessions of whoever may not go on, on all Dovecot servers, by one process of each home."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from govdir.directory.ports import SlowWork
from govdir.directory.service import Directory
from govdir.mailservers.doveadm import Doveadm
from govdir.mailservers.errands import Errands, EveryServer
from govdir.mailservers.withdrawals import Withdrawals

TICK_SECONDS: Final = 0.05
"""Between a change of the directory and the question to Dovecot; a tick without work costs microseconds."""

TURN_SECONDS: Final = 1.0
"""A process that ended is followed by another after so long."""


class Turn:
    """Which of several processes of one home it is that asks: who holds the lock on `file`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor: int | None = None

    def is_mine(self) -> bool:
        """Takes it if it is free. Where no lock can be had every process asks, which harms nothing."""
        if self._descriptor is not None:
            return True
        try:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError:
            os.close(descriptor)
            return True
        self._descriptor = descriptor
        return True

    def leave(self) -> None:
        """Lets another have it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class OpenSessions:
    """From `start` to `stop`; a failure of a step is logged, and the next step comes all the same."""

    _log = Logger(namespace="govdir")

    def __init__(
        self,
        directory: Directory,
        servers: Sequence[Doveadm],
        slow: SlowWork,
        reactor: IReactorTime,
        turn: Turn,
    ) -> None:
        self._directory = directory
        self._servers = tuple(Errands(each, slow, reactor.seconds) for each in servers)
        self._turn = turn
        self._withdrawals: Withdrawals | None = None
        self._taking = _loop(self._take_turn, reactor)
        self._looking = _loop(self._look, reactor)
        self._asking = [_loop(Guarded(each), reactor) for each in self._servers]

    def start(self) -> None:
        """Once the directory is loaded."""
        self._taking.start(TURN_SECONDS)

    def stop(self) -> None:
        """Asks no more."""
        for loop in (self._taking, self._looking, *self._asking):
            if loop.running:
                loop.stop()
        self._turn.leave()

    def _take_turn(self) -> None:
        if not self._turn.is_mine():
            return
        self._withdrawals = Withdrawals(self._directory, EveryServer(self._servers))
        self._withdrawals.begin()
        self._looking.start(TICK_SECONDS)
        for loop in self._asking:
            loop.start(TICK_SECONDS)
        self._taking.stop()

    def _look(self) -> None:
        if self._withdrawals is not None:
            try:
                self._withdrawals.tick()
            except Exception:
                self._log.failure("looking for sessions to be ended failed, and will be tried again")


class Guarded:
    """One round of one server's errands."""

    _log = Logger(namespace="govdir")

    def __init__(self, errands: Errands) -> None:
        self._errands = errands

    def __call__(self) -> Deferred[None]:
        """Fires when all is asked, or put off."""
        return Deferred.fromCoroutine(self._run())

    async def _run(self) -> None:
        try:
            await self._errands.run()
        except Exception:
            self._log.failure("asking a Dovecot server failed, and will be tried again")


def _loop(step: Callable[[], Deferred[None] | None], reactor: IReactorTime) -> LoopingCall:
    loop = LoopingCall(step)
    loop.clock = reactor
    return loop
