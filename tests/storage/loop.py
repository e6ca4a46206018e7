"""A loop for tests: the store's threads hand functions over, the test runs them while it waits."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

from twisted.internet.defer import Deferred, execute
from twisted.python.failure import Failure

T = TypeVar("T")

# Far above anything a test does, so that a lost result fails a test instead of hanging the suite.
_PATIENCE_SECONDS = 30


class Loop:
    """`deliver` is what the reactor's callFromThread is in production."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.deliveries = 0

    def deliver(self, function: Callable[[], None]) -> None:
        self._calls.put(function)

    def callFromThread(self, function: Callable[..., object], *args: object) -> None:  # noqa: N802 - Twisted's
        self._calls.put(lambda: function(*args) and None)

    def run_once(self) -> None:
        self._calls.get(timeout=_PATIENCE_SECONDS)()
        self.deliveries += 1

    def wait(self, *deferreds: Deferred[T]) -> list[T | Exception]:
        """What each came to, exceptions included, in the order given."""
        outcomes: dict[int, T | Exception] = {}

        def keep(index: int, outcome: T | Failure) -> None:
            outcomes[index] = outcome.value if isinstance(outcome, Failure) else outcome

        for index, deferred in enumerate(deferreds):
            deferred.addBoth(lambda outcome, index=index: keep(index, outcome))
        while len(outcomes) < len(deferreds):
            self.run_once()
        return [outcomes[index] for index in range(len(deferreds))]

    def result(self, deferred: Deferred[T]) -> T:
        """The result; raises what it failed with."""
        (outcome,) = self.wait(deferred)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class SameThread:
    """SlowWork without threads."""

    def run(self, function: Callable[[], T]) -> Deferred[T]:
        return execute(function)
