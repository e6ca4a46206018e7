"""The smallest limit of a message's recipients."""

from __future__ import annotations

from twisted.internet.task import Clock

from govdir.mailattrs.message_sizes import Limit
from govdir.mailattrs.sending_texts import SIZE_SET
from govdir.mailservers import policy_memory
from govdir.mailservers.policy_memory import MAX_MESSAGES, MAX_SECONDS, SmallestLimits

KEY = ("10.0.0.1", "2a1.66f0.8c01.0")


def limit(octets: int) -> Limit:
    return Limit(octets, f"{octets}@cantho.gov.vn", SIZE_SET)


def test_the_smallest_of_several_counts_in_whatever_order() -> None:
    held = SmallestLimits(Clock().seconds)
    for octets in (300, 100, 200):
        held.note(KEY, limit(octets))
    assert held.of(KEY) == limit(100)


def test_messages_of_two_mail_servers_are_two_even_by_one_name() -> None:
    held = SmallestLimits(Clock().seconds)
    held.note(KEY, limit(100))
    assert held.of(("10.0.0.2", KEY[1])) is None


def test_what_is_long_ago_is_forgotten() -> None:
    clock = Clock()
    held = SmallestLimits(clock.seconds)
    held.note(KEY, limit(100))
    clock.advance(MAX_SECONDS + 1)
    assert held.of(KEY) is None


def test_a_flood_of_messages_pushes_out_the_oldest_only() -> None:
    held = SmallestLimits(Clock().seconds)
    for number in range(MAX_MESSAGES + 1):
        held.note(("10.0.0.1", str(number)), limit(number + 1))
    assert held.of(("10.0.0.1", "0")) is None
    assert held.of(("10.0.0.1", "1")) == limit(2)
    assert len(held._held) == policy_memory.MAX_MESSAGES
