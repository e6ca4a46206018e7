"""Several server processes on the same sockets, kept by one parent that serves nobody itself."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from threading import Thread
from types import FrameType

from govdir.cli.language import say
from govdir.cli.outcome import EnvironmentTrouble, ExitStatus, explain
from govdir.cli.output import remark
from govdir.policy.texts import Wording

_ENDED = Wording(
    "một tiến trình phục vụ đã dừng bất thường (mã {status})", "a worker ended by itself (status {status})"
)


# What a process does until it is told to end; it calls its argument when it is ready.
Serve = Callable[[Callable[[], None]], None]


class _Family:
    """The children, by process id."""

    def __init__(self, leave: Callable[[], None]) -> None:
        self.children: set[int] = set()
        self.stopping = False
        self.leave = leave

    def start(self, jobs: Sequence[Serve]) -> int:
        """Forks for each; returns the end of a pipe on which each child writes one octet when it is ready."""
        reading, writing = os.pipe()
        # Nothing is ever written on it: its end tells that the parent is there no more.
        parents_end, held = os.pipe()
        for serve in jobs:
            child = os.fork()
            if child == 0:
                os.close(reading)
                os.close(held)
                Thread(target=_end_after, args=(parents_end,), daemon=True).start()
                os._exit(self._be_child(serve, writing))
            self.children.add(child)
        os.close(writing)
        os.close(parents_end)
        return reading

    @staticmethod
    def _be_child(serve: Serve, writing: int) -> int:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        try:
            serve(lambda: os.close(writing) if os.write(writing, b"+") else None)
        except Exception as error:
            ending = explain(error)
            if ending is None:
                sys.excepthook(type(error), error, error.__traceback__)
                return ExitStatus.ENVIRONMENT
            for line in ending.lines:
                remark(line)
            return ending.status
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
        return ExitStatus.DONE

    def signal(self, number: int) -> None:
        """Passes a signal on."""
        for child in self.children:
            os.kill(child, number)

    def receive(self, number: int, _frame: FrameType | None) -> None:
        """The parent's own signals are meant for the children."""
        if number != signal.SIGHUP:
            self.stopping = True
            self.leave()
        self.signal(number)


def run_workers(jobs: Sequence[Serve], ready: Callable[[], None], leave: Callable[[], None]) -> None:
    """Runs each of the jobs in a forked process of its own until a signal ends them.

    A job calls its argument when it is ready; `ready` is called when all of them are, and `leave`, perhaps
    more than once, when they are to end. A worker that ends by
    itself ends all, so that a supervisor (systemd) starts afresh; then raises EnvironmentTrouble.
    """
    family = _Family(leave)
    reading = family.start(jobs)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, family.receive)
    if _all_ready(reading, len(jobs)):
        ready()
    failed = 0
    while family.children:
        child, status = os.wait()
        family.children.discard(child)
        if not family.stopping:
            failed = os.waitstatus_to_exitcode(status)
            family.stopping = True
            leave()
            family.signal(signal.SIGTERM)
    if failed:
        raise EnvironmentTrouble(say(_ENDED, status=failed))


def _end_after(parents_end: int) -> None:
    """A parent that is killed outright would leave processes that hold its ports and that nobody ends."""
    os.read(parents_end, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _all_ready(reading: int, count: int) -> bool:
    """Waits until every child has said so; False when one ended before."""
    told = 0
    while told < count and (octets := os.read(reading, count)):
        told += len(octets)
    os.close(reading)
    return told == count
