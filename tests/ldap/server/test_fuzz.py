"""A short run of what `python -m bench.fuzz_server` runs at length."""

from bench import fuzz_server


def test_spoiled_messages_are_answered_or_noticed_and_the_next_client_is_served(capsys):
    report = fuzz_server.fuzz(0, 6_000, seed=1)

    assert report.findings == []
    assert fuzz_server.growth_mib(report) < fuzz_server.GROWTH_LIMIT_MIB
    assert report.results["SUCCESS"] > 500  # some reach what they ask for
    assert len(report.results) > 15  # and many a refusal
    assert report.notices["PROTOCOL_ERROR"] > 1_000
    assert report.waiting > 100
