"""A short run of what `python -m bench.fuzz_server` runs at length."""

from types import ModuleType

import pytest

from bench import fuzz_server
from govdir.directory import passwords, scram_keys
from govdir.ldap.server import transactions

_CHEAPENED: tuple[tuple[ModuleType, str], ...] = (
    (passwords, "TIME_COST"),
    (passwords, "MEMORY_KIB"),
    (passwords, "LANES"),
    (passwords, "_NOBODY"),
    (transactions, "secrets"),
)


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the campaign cheapens costs other tests of this process what it did."""
    for module, name in _CHEAPENED:
        monkeypatch.setattr(module, name, getattr(module, name))
    monkeypatch.setattr(scram_keys.derive_keys, "__defaults__", scram_keys.derive_keys.__defaults__)


def test_spoiled_messages_are_answered_or_noticed_and_the_next_client_is_served() -> None:
    report = fuzz_server.fuzz(0, 6_000, seed=1)

    assert report.findings == []
    assert fuzz_server.growth_mib(report) < fuzz_server.GROWTH_LIMIT_MIB
    assert report.results["SUCCESS"] > 500  # some reach what they ask for
    assert len(report.results) > 15  # and many a refusal
    assert report.notices["PROTOCOL_ERROR"] > 1_000
    assert report.waiting > 100
