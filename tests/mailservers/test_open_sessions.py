"""From a change of the directory to the question to Dovecot, and which process it is that asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from govdir.mailservers.doveadm import Doveadm
from govdir.mailservers.open_sessions import TICK_SECONDS, TURN_SECONDS, OpenSessions, Turn
from tests.directory.building import SONV, Town, open_town

T = TypeVar("T")

CHAU = f"uid=chau,{SONV}"
CHAU_ADDRESS = "lmchau@cantho.gov.vn"


class Server(Doveadm):
    """Keeps whose sessions were ended."""

    def __init__(self) -> None:
        super().__init__("http://mail1:8080", Path("none"))
        self.ended: list[str] = []

    def kick(self, user: str) -> bool:
        self.ended.append(user)
        return True


class AtOnce:
    def run(self, function: Callable[[], T]) -> Deferred[T]:
        return succeed(function())


class Process:
    """One of the processes of a home."""

    def __init__(self, town: Town, clock: Clock, lock: Path) -> None:
        self.server = Server()
        self.sessions = OpenSessions(town.directory, [self.server], AtOnce(), clock, Turn(lock))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with open_town(tmp_path / "town.db") as town:
        town.person("chau", "Lê Minh Châu")
        yield town


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_suspension_ends_sessions_within_two_ticks(town: Town, clock: Clock, tmp_path: Path) -> None:
    process = Process(town, clock, tmp_path / "lock")
    process.sessions.start()
    town.replace(CHAU, "gdState", "suspended")
    clock.pump([TICK_SECONDS] * 2)
    assert process.server.ended == [CHAU_ADDRESS]
    process.sessions.stop()


def test_one_process_asks_and_another_follows_when_it_ends(town: Town, clock: Clock, tmp_path: Path) -> None:
    first, second = (Process(town, clock, tmp_path / "lock") for _ in range(2))
    first.sessions.start()
    second.sessions.start()
    clock.pump([TURN_SECONDS] * 3)
    town.replace(CHAU, "gdState", "suspended")
    clock.pump([TICK_SECONDS] * 2)
    assert (first.server.ended, second.server.ended) == ([CHAU_ADDRESS], [])

    first.sessions.stop()
    clock.pump([TURN_SECONDS] * 2 + [TICK_SECONDS] * 2)
    assert CHAU_ADDRESS in second.server.ended
    second.sessions.stop()


def test_where_no_lock_can_be_had_every_process_asks(town: Town, clock: Clock, tmp_path: Path) -> None:
    processes = [Process(town, clock, tmp_path / "none" / "lock") for _ in range(2)]
    for each in processes:
        each.sessions.start()
    town.replace(CHAU, "gdState", "suspended")
    clock.pump([TICK_SECONDS] * 2)
    assert [each.server.ended for each in processes] == [[CHAU_ADDRESS], [CHAU_ADDRESS]]
    for each in processes:
        each.sessions.stop()


def test_after_the_stop_nothing_is_asked(town: Town, clock: Clock, tmp_path: Path) -> None:
    process = Process(town, clock, tmp_path / "lock")
    process.sessions.start()
    clock.pump([TICK_SECONDS] * 2)
    process.sessions.stop()
    town.replace(CHAU, "gdState", "suspended")
    clock.pump([TICK_SECONDS] * 4)
    assert process.server.ended == []


def test_a_fault_in_one_step_leaves_the_next_to_come(
    town: Town, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = Process(town, clock, tmp_path / "lock")
    faults = iter([RuntimeError("một lỗi")])

    def kick(user: str) -> bool:
        for fault in faults:
            raise fault
        process.server.ended.append(user)
        return True

    monkeypatch.setattr(process.server, "kick", kick)
    process.sessions.start()
    town.replace(CHAU, "gdState", "suspended")
    clock.pump([TICK_SECONDS] * 4)
    assert process.server.ended == [CHAU_ADDRESS]
    process.sessions.stop()
