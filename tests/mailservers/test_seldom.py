"""What is told once a minute."""

from __future__ import annotations

from twisted.internet.task import Clock

from govdir.mailservers.seldom import TOLD_SECONDS, Seldom


def test_a_trouble_that_lasts_is_told_once_a_minute_and_each_for_itself() -> None:
    clock = Clock()
    seldom = Seldom(clock.seconds)
    told = []
    for seconds in (0, 1, TOLD_SECONDS - 2, 1, 1):
        clock.advance(seconds)
        told.append((seldom.is_due("stale"), clock.seconds()))
    assert told == [(True, 0), (False, 1), (False, 59), (True, 60), (False, 61)]
    assert seldom.is_due("fault")
