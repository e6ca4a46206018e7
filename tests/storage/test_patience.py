"""Nobody waits long for an answer that can be done without."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher

from govdir.directory.ports import StoreUnavailable
from govdir.storage.patience import Patience


class Asking:
    """Questions to a database that answers when it is told to."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.patience = Patience(self.clock, 1.0)
        self.asked: list[Deferred[str]] = []

    def ask(self) -> list[object]:
        """Where the outcome will be: the answer, or the type of what was raised."""

        async def question() -> str:
            self.asked.append(Deferred())
            return await self.asked[-1]

        outcome: list[object] = []
        self.patience(question()).addCallbacks(outcome.append, lambda failure: outcome.append(failure.type))
        return outcome


@pytest.fixture
def asking() -> Asking:
    return Asking()


def test_an_answer_in_time_is_the_answer(asking: Asking) -> None:
    outcome = asking.ask()
    asking.clock.advance(0.9)
    asking.asked[0].callback("news")
    assert outcome == ["news"]
    assert asking.clock.getDelayedCalls() == []


def test_a_failure_in_time_is_the_outcome(asking: Asking) -> None:
    outcome = asking.ask()
    asking.asked[0].errback(LookupError())
    assert outcome == [LookupError]


def test_nobody_waits_longer(asking: Asking) -> None:
    outcome = asking.ask()
    asking.clock.advance(1.0)
    assert outcome == [StoreUnavailable]


def test_while_an_answer_is_overdue_nothing_is_asked(asking: Asking) -> None:
    asking.ask()
    asking.clock.advance(1.0)
    assert asking.ask() == [StoreUnavailable]
    assert len(asking.asked) == 1


def test_several_ask_side_by_side_as_long_as_none_is_overdue(asking: Asking) -> None:
    first, second = asking.ask(), asking.ask()
    asking.asked[1].callback("second")
    asking.asked[0].callback("first")
    assert (first, second) == (["first"], ["second"])


@pytest.mark.parametrize("late", ["news", StoreUnavailable("lost")])
def test_once_the_answer_has_come_after_all_the_next_is_asked(asking: Asking, late: str | Exception) -> None:
    outcome = asking.ask()
    asking.clock.advance(1.0)
    asking.asked[0].errback(late) if isinstance(late, Exception) else asking.asked[0].callback(late)
    assert outcome == [StoreUnavailable]

    again = asking.ask()
    asking.asked[1].callback("again")
    assert again == ["again"]


def test_a_late_fault_of_the_program_is_told(asking: Asking) -> None:
    told: list[str] = []
    asking.ask()
    asking.clock.advance(1.0)
    globalLogPublisher.addObserver(observer := lambda event: told.append(event["log_format"]))
    asking.asked[0].errback(LookupError())
    globalLogPublisher.removeObserver(observer)
    assert told == ["what nobody waited for any more failed"]
