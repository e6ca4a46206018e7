"""Several updates made as one, or none of them (RFC 5805 §3.3).

Each is planned on what those before it leave (trial.Trial), by the same rules and rights as if it came alone,
and all go to the store as one unit. Where others were quicker, all are planned anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from time import perf_counter
from typing import Generic, TypeVar

from msgspec.structs import replace

from govdir.directory.commit import Committer
from govdir.directory.errors import DirectoryError, UpdateFailed
from govdir.directory.image import SLICE_SECONDS, Image
from govdir.directory.options import Written
from govdir.directory.ports import WriteUnit
from govdir.directory.trial import Trial
from govdir.directory.undertaking import Undertaking

T = TypeVar("T")

# Of the time that showing takes, a turn goes on planning for so much.
_TURN_OF_SHOWING = 0.5

Prepare = Callable[[], Coroutine[object, object, Undertaking]]
"""Makes one update ready: everything that takes time, such as hashing a password."""


class Transaction:
    """The updates of one transaction, each still to be prepared, in the order they were asked for."""

    def __init__(self, updates: Sequence[Prepare], image: Image, committer: Committer) -> None:
        self._updates = updates
        self._image = image
        self._committer = committer
        self._ready: list[Undertaking] = []
        self._written: list[Written] = []

    async def commit(self) -> list[Written]:
        """Makes them all; what came of each.

        Raises UpdateFailed for the first that cannot be made, Busy, Unavailable; then none was.
        """
        if not self._updates:
            return []
        await self._committer.commit_in_turns(self._plan)
        for undertaking in self._ready:
            undertaking.settle()
        return self._written

    async def _plan(self) -> WriteUnit:
        """The joint unit, planned in slices. Raises Conflict when somebody got in between."""
        trial = Trial(self._image)
        self._written = []
        units: list[WriteUnit] = []
        end = perf_counter() + SLICE_SECONDS
        trial.enter()
        try:
            for number in range(len(self._updates)):
                if perf_counter() > end:
                    end = await self._next_turn(trial)
                try:
                    undertaking = await self._prepared(number, trial)
                    units.append(undertaking.plan())
                except DirectoryError as error:
                    raise UpdateFailed(number, error) from None
                trial.add(units[-1])
                self._written.append(replace(undertaking.tried(), performed=True))
        finally:
            trial.leave()
        return _joint(units, trial)

    async def _next_turn(self, trial: Trial) -> float:
        """Lets others have their turn, for whom the effects are taken back; when the turn that begins ends.

        Showing the effects of many updates takes longer than planning the next few: turns grow with it, else
        nearly all the time would go there.
        """
        trial.leave()
        await self._committer.breathe()
        begun = perf_counter()
        trial.enter()
        now = perf_counter()
        return now + max(SLICE_SECONDS, (now - begun) * _TURN_OF_SHOWING)

    async def _prepared(self, number: int, trial: Trial) -> Undertaking:
        """The update made ready on what those before it leave; once, whatever is planned anew."""
        if number == len(self._ready):
            self._ready.append(await _Shown(self._updates[number](), trial))
        return self._ready[number]


class _Shown(Awaitable[T], Generic[T]):
    """A coroutine that sees the effects of a trial whenever it runs; while it waits, they are taken back."""

    __slots__ = ("_coroutine", "_trial")

    def __init__(self, coroutine: Coroutine[object, object, T], trial: Trial) -> None:
        self._coroutine = coroutine
        self._trial = trial

    def __await__(self) -> Generator[object, object, T]:
        coroutine, trial = self._coroutine, self._trial
        resume: Callable[[], object] = lambda: coroutine.send(None)  # noqa: E731 - the others are made as it runs
        try:
            while True:
                try:
                    awaited = resume()
                except StopIteration as done:
                    result: T = done.value
                    return result
                trial.leave()
                resume = yield from _outcome(awaited, coroutine)
                trial.enter()
        finally:
            coroutine.close()


def _outcome(
    awaited: object, coroutine: Coroutine[object, object, T]
) -> Generator[object, object, Callable[[], object]]:
    """Waits, and tells how the coroutine goes on with what came."""
    try:
        given = yield awaited
    except GeneratorExit:
        raise
    except BaseException as error:
        thrown = error
        return lambda: coroutine.throw(thrown)
    return lambda: coroutine.send(given)


def _joint(units: Sequence[WriteUnit], trial: Trial) -> WriteUnit:
    """All operations as one change; the trail has the LDIF of each, in order."""
    first = units[0].change
    detail = "\n".join(unit.change.detail for unit in units)
    return WriteUnit(tuple(trial.operations), replace(first, kind="transaction", detail=detail))
