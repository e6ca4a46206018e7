"""A short run of the fuzzer that `python -m bench.fuzz_codec` runs at length."""

from __future__ import annotations

from bench import fuzz_codec


def test_mutated_messages_never_surprise_and_memory_stays_flat() -> None:
    report = fuzz_codec.fuzz(20_000, seed=2849)

    assert report.refused > 5_000  # the mutations bite
    assert report.messages > 1_000  # and some leave a message whole
    assert report.awaited > 1_000
