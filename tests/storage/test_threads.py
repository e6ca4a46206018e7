"""Slow work is bounded and its results belong to the loop."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from threading import Event, current_thread, get_native_id, main_thread

import pytest

from govdir.directory.errors import Busy
from govdir.storage.threads import BoundedPool
from tests.storage.loop import Loop


@pytest.fixture
def pool(loop: Loop) -> Iterator[BoundedPool]:
    pool = BoundedPool(loop, "test", threads=1, max_waiting=1)  # type: ignore[arg-type]
    pool.start()
    yield pool
    pool.stop()


def test_work_runs_elsewhere_and_its_result_arrives_on_the_loop(loop: Loop, pool: BoundedPool) -> None:
    arrived_on: list[object] = []
    deferred = pool.run(current_thread)
    deferred.addCallback(lambda thread: arrived_on.append(current_thread()) or thread)

    assert loop.result(deferred) is not main_thread()
    assert arrived_on == [main_thread()]


def test_what_is_under_way_or_waits_is_counted(loop: Loop, pool: BoundedPool) -> None:
    release = Event()
    first, second = pool.run(release.wait), pool.run(release.wait)
    assert pool.under_way == 2
    release.set()
    loop.result(first)
    loop.result(second)
    assert pool.under_way == 0


def test_a_failure_arrives_as_it_was_raised(loop: Loop, pool: BoundedPool) -> None:
    def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        loop.result(pool.run(fail))


def test_a_full_queue_refuses_until_something_is_done(loop: Loop, pool: BoundedPool) -> None:
    hold = Event()
    under_way = [pool.run(hold.wait), pool.run(hold.wait)]

    with pytest.raises(Busy):
        loop.result(pool.run(hold.wait))
    hold.set()
    loop.wait(*under_way)

    assert loop.result(pool.run(lambda: "again")) == "again"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no niceness of their own")
@pytest.mark.parametrize(("yielding", "niceness"), [(True, 10), (False, 0)])
def test_yielding_threads_leave_the_processor_to_the_loop(loop: Loop, yielding: bool, niceness: int) -> None:
    pool = BoundedPool(loop, "test", threads=1, max_waiting=1, yielding=yielding)  # type: ignore[arg-type]
    pool.start()
    own = os.getpriority(os.PRIO_PROCESS, get_native_id())
    theirs = loop.result(pool.run(lambda: os.getpriority(os.PRIO_PROCESS, get_native_id())))
    pool.stop()

    assert theirs == min(19, own + niceness)
    assert os.getpriority(os.PRIO_PROCESS, get_native_id()) == own
