"""Does not wait for a database that hangs, where the answer can be done without."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from govdir.directory.errors import DirectoryError
from govdir.directory.ports import StoreUnavailable

T = TypeVar("T")


class Patience:
    """Implements directory.ports.InTime, for answers within `seconds` of `clock`."""

    _log = Logger()

    def __init__(self, clock: IReactorTime, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._overdue = 0

    def __call__(self, asked: Coroutine[Any, Any, T]) -> Deferred[T]:
        """See InTime."""
        if self._overdue:
            asked.close()
            return fail(StoreUnavailable("the database has not answered yet"))
        answer: Deferred[T] = Deferred()
        waiting = self._clock.callLater(self._seconds, self._give_up, answer)

        def arrived(result: T | Failure) -> None:
            if waiting.active():
                waiting.cancel()
                answer.callback(result)
                return
            self._overdue -= 1
            if isinstance(result, Failure) and not isinstance(
                result.value, StoreUnavailable | DirectoryError
            ):
                self._log.failure("what nobody waited for any more failed", failure=result)

        Deferred.fromCoroutine(asked).addBoth(arrived)
        return answer

    def _give_up(self, answer: Deferred[Any]) -> None:
        self._overdue += 1
        answer.errback(StoreUnavailable("the database does not answer"))
