"""Bounded pools of threads for what would stop the loop; a pool per kind of work, so none starves another."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from threading import Thread, get_native_id
from typing import Final, TypeVar

from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from govdir.directory.errors import Busy

T = TypeVar("T")

# Added to their niceness: a tenth of the loop's share of a processor that both want.
YIELDING_NICENESS: Final = 10


class BoundedPool:
    """`threads` threads and a queue of at most `max_waiting`; implements directory.ports.SlowWork.

    `run` and the results belong to the loop's thread. Refusing at the bound keeps the answer to an overload
    quick: a queue longer than clients wait only does work that nobody wants any more.

    `yielding` threads leave the processor to the loop where there is not enough for both: for work in bulk,
    beside which other clients are to be answered as quickly as ever.
    """

    def __init__(
        self,
        reactor: IReactorFromThreads,
        name: str,
        *,
        threads: int,
        max_waiting: int,
        yielding: bool = False,
    ) -> None:
        self._reactor = reactor
        self._pool = ThreadPool(threads, threads, name)
        if yielding:
            self._pool.threadFactory = _YieldingThread
        self._capacity = threads + max_waiting
        self._under_way = 0

    @property
    def under_way(self) -> int:
        """How much is being done or waits."""
        return self._under_way

    def start(self) -> None:
        """Starts the threads."""
        self._pool.start()

    def stop(self) -> None:
        """Lets what is queued finish and waits for it. Blocking."""
        self._pool.stop()

    def run(self, function: Callable[[], T]) -> Deferred[T]:
        """The function's result, or its exception; fails with Busy when the queue is full."""
        if self._under_way >= self._capacity:
            return fail(Busy("too much is under way; try again"))
        self._under_way += 1
        result: Deferred[T] = deferToThreadPool(self._reactor, self._pool, function)
        return result.addBoth(self._one_done)

    def _one_done(self, result: T) -> T:
        self._under_way -= 1
        return result


class _YieldingThread(Thread):
    def run(self) -> None:
        if sys.platform == "linux":  # where threads have a niceness of their own
            mine = get_native_id()
            os.setpriority(os.PRIO_PROCESS, mine, os.getpriority(os.PRIO_PROCESS, mine) + YIELDING_NICENESS)
        super().run()
