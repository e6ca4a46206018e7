"""What waits for a Dovecot server: in order, again after a failure, and not for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.logger import LogEvent, globalLogPublisher
from twisted.python.failure import Failure

from govdir.mailservers import errands
from govdir.mailservers.doveadm import Doveadm, DoveadmTrouble
from govdir.mailservers.errands import AGAIN_SECONDS, KEPT_SECONDS, Errand, Errands, EveryServer
from govdir.mailservers.withdrawals import Why
from govdir.policy.texts import Wording

T = TypeVar("T")

AN, BINH = "an@cantho.gov.vn", "binh@cantho.gov.vn"


class Server(Doveadm):
    """Keeps what it is asked; fails while it is `away`, and always for users in `broken`."""

    def __init__(self) -> None:
        super().__init__("http://mail1:8080", Path("none"))
        self.asked: list[str] = []
        self.away = False
        self.broken: set[str] = set()

    def kick(self, user: str) -> bool:
        self._ask(f"kick {user}", user)
        return True

    def grant(self, user: str, group: str) -> None:
        self._ask(f"grant {user} {group}", user)

    def _ask(self, what: str, user: str) -> None:
        self.asked.append(what)
        if "*" in user:
            raise ValueError(user)
        if self.away or user in self.broken:
            raise DoveadmTrouble(Wording("đi vắng", "away"))


class AtOnce:
    """Slow work, done at once."""

    def run(self, function: Callable[[], T]) -> Deferred[T]:
        try:
            return succeed(function())
        except (DoveadmTrouble, ValueError):
            return fail(Failure())


class Desk:
    def __init__(self) -> None:
        self.clock, self.server = Clock(), Server()
        self.errands = Errands(self.server, AtOnce(), self.clock.seconds)

    def pass_time(self, seconds: float, step: float = 0.5) -> None:
        for _ in range(int(seconds / step)):
            self.clock.advance(step)
            self.run()

    def run(self) -> list[str]:
        """What is asked now."""
        before = len(self.server.asked)
        done: list[None] = []
        Deferred.fromCoroutine(self.errands.run()).addCallback(done.append)
        assert done == [None]
        return self.server.asked[before:]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def told() -> Iterator[list[str]]:
    """The lines of the event log."""
    lines: list[str] = []

    def keep(event: LogEvent) -> None:
        lines.append(str(event["log_format"]).format(**event))

    globalLogPublisher.addObserver(keep)
    yield lines
    globalLogPublisher.removeObserver(keep)


def test_what_came_first_is_asked_first(desk: Desk) -> None:
    desk.errands.add(Errand(BINH, "closed"))
    desk.errands.add(Errand(AN, "shared", "box-an"))
    assert desk.run() == [f"kick {BINH}", f"grant {AN} box-an"]


def test_sessions_are_ended_once_more_a_little_later_for_a_login_that_was_under_way(desk: Desk) -> None:
    desk.errands.add(Errand(AN, "closed"))
    assert desk.run() == [f"kick {AN}"]
    desk.clock.advance(AGAIN_SECONDS)
    assert desk.run() == [f"kick {AN}"]
    assert len(desk.errands) == 0


def test_what_waits_already_is_asked_once(desk: Desk) -> None:
    for _ in range(3):
        desk.errands.add(Errand(AN, "shared", "box-an"))
    assert desk.run() == [f"grant {AN} box-an"]


def test_a_server_that_is_away_is_left_alone_for_a_while_and_asked_again(desk: Desk, told: list[str]) -> None:
    desk.server.away = True
    desk.errands.add(Errand(AN, "shared", "box-an"))
    assert len(desk.run()) == 1
    assert desk.run() == []
    desk.pass_time(60)
    assert 6 <= len(desk.server.asked) <= 12
    desk.server.away = False
    desk.pass_time(10)
    assert len(desk.errands) == 0
    assert told == [
        "doveadm mail1:8080: away; open sessions there are ended once it answers",
        "doveadm mail1:8080: answers again",
        f"doveadm mail1:8080: box-an comes into the mailbox of {AN}",
    ]


def test_one_that_always_fails_does_not_hold_up_the_others(desk: Desk) -> None:
    desk.server.broken = {AN}
    desk.errands.add(Errand(AN, "closed"))
    desk.errands.add(Errand(BINH, "closed"))
    desk.run()
    desk.pass_time(2)
    assert f"kick {BINH}" in desk.server.asked


def test_after_an_hour_it_is_given_up_and_said(desk: Desk, told: list[str]) -> None:
    desk.server.away = True
    desk.errands.add(Errand(AN, "closed"))
    desk.run()
    desk.pass_time(KEPT_SECONDS + 30, step=5)
    assert len(desk.errands) == 0
    assert told[-1] == f"doveadm mail1:8080: given up: {AN} (closed)"


def test_what_waits_is_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch, told: list[str]) -> None:
    monkeypatch.setattr(errands, "MAX_WAITING", 2)
    for user in (AN, BINH, "chau@cantho.gov.vn"):
        desk.errands.add(Errand(user, "shared", "box"))
    assert desk.run() == [f"grant {AN} box", f"grant {BINH} box"]
    assert told[0] == "doveadm mail1:8080: too much waits, chau@cantho.gov.vn is left out"


def test_every_server_is_asked(desk: Desk) -> None:
    other = Desk()
    everywhere = EveryServer((desk.errands, other.errands))
    everywhere.end(AN, Why.RENAMED)
    everywhere.let_in(BINH, "box-binh")
    assert desk.run() == other.run() == [f"kick {AN}", f"grant {BINH} box-binh"]


def test_a_name_that_cannot_be_asked_for_holds_nobody_up(desk: Desk, told: list[str]) -> None:
    desk.errands.add(Errand("*@cantho.gov.vn", "closed"))
    desk.errands.add(Errand(BINH, "closed"))
    assert desk.run() == ["kick *@cantho.gov.vn", f"kick {BINH}"]
    desk.pass_time(AGAIN_SECONDS + 1)
    assert len(desk.errands) == 0
    assert told.count("doveadm mail1:8080: *@cantho.gov.vn cannot be asked for") == 2
