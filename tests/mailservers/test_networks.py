"""Whose address is in which networks."""

from __future__ import annotations

import pytest

from govdir.mailservers.networks import MAX_REMEMBERED, Networks


@pytest.mark.parametrize(
    ("host", "held"),
    [
        ("127.0.0.1", True),
        ("::ffff:127.0.0.1", True),
        ("10.1.2.3", True),
        ("10.2.0.1", False),
        ("2001:db8::7", True),
        ("IPv6:2001:db8::7", True),
        ("2001:db9::7", False),
        ("fe80::1%eth0", False),
        ("unknown", False),
        ("", False),
    ],
)
def test_addresses_are_found_in_networks_of_both_families(host: str, held: bool) -> None:
    assert Networks(["127.0.0.0/8", "10.1.0.0/16", "2001:db8::/32"]).holds(host) is held


def test_without_networks_nobody_is_in_them() -> None:
    assert not Networks([]).holds("127.0.0.1")


def test_strangers_do_not_fill_the_memory() -> None:
    networks = Networks(["10.0.0.0/8"])
    for number in range(MAX_REMEMBERED + 10):
        networks.holds(f"192.0.{number // 256}.{number % 256}")
    assert len(networks._known) <= MAX_REMEMBERED
    assert networks.holds("10.0.0.1")
