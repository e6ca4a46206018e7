"""How often somebody may have something done."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.sso import pace
from govdir.sso.pace import Pace


class Seconds:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_let_through_and_then_one_at_a_time() -> None:
    seconds = Seconds()
    limit = Pace(3, 2.0, seconds)
    assert [limit.wait_seconds("an") for _ in range(5)] == [0, 0, 0, 2, 2]
    seconds.now += 2
    assert [limit.wait_seconds("an") for _ in range(2)] == [0, 2]
    seconds.now += 60
    assert [limit.wait_seconds("an") for _ in range(4)] == [0, 0, 0, 2]


def test_one_does_not_wait_for_another() -> None:
    limit = Pace(1, 2.0, Seconds())
    assert [limit.wait_seconds(who) for who in ("an", "binh", "an")] == [0, 0, 2]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "MAX_REMEMBERED", 2)
    limit = Pace(1, 2.0, Seconds())
    for who in ("an", "binh", "chi"):
        limit.wait_seconds(who)
    assert [limit.wait_seconds(who) for who in ("binh", "chi")] == [2, 2]
    assert limit.wait_seconds("an") == 0


@given(st.lists(st.floats(min_value=0, max_value=10), max_size=60))
def test_no_more_get_through_than_the_burst_and_the_time_allow(pauses: list[float]) -> None:
    seconds = Seconds()
    limit = Pace(4, 1.5, seconds)
    through = 0
    for pause in pauses:
        seconds.now += pause
        through += limit.wait_seconds("an") == 0
    assert through <= 4 + (seconds.now - 100.0) / 1.5 + 1e-6


@given(st.floats(min_value=0.01, max_value=5), st.integers(min_value=1, max_value=5))
def test_whoever_waits_as_told_gets_through(every: float, burst: int) -> None:
    seconds = Seconds()
    limit = Pace(burst, every, seconds)
    for _ in range(20):
        seconds.now += limit.wait_seconds("an")
        assert limit.wait_seconds("an") in (0, 1, 2, 3, 4, 5)
    wait = limit.wait_seconds("an")
    seconds.now += wait
    assert wait == 0 or limit.wait_seconds("an") == 0
