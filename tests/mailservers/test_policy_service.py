"""One question after the other: verdicts become answers, and what cannot be judged its configured end."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred, succeed
from twisted.logger import LogEvent, globalLogPublisher

from govdir.directory.ports import StoreUnavailable
from govdir.mailservers.networks import Networks
from govdir.mailservers.policy_request import PolicyRequest
from govdir.mailservers.policy_service import News
from govdir.mailservers.seldom import TOLD_SECONDS
from tests.mailservers.asking import DEFERRED, DUNNO, PASS, REFUSAL, REFUSED, WARNED, Asked, limited

REQUEST = PolicyRequest(
    state="RCPT",
    client="203.0.113.9",
    login="nvminh",
    sender="a@b.vn",
    recipient="sonv@cantho.gov.vn",
    instance="2a1.66f0.8c01.0",
    size=77,
)


def answer(asked: Asked, request: PolicyRequest = REQUEST, peer: str = "10.0.0.1") -> bytes:
    found: list[bytes] = []
    Deferred.fromCoroutine(asked.service.answer(request, peer)).addCallback(found.append)
    return found[0]


def at_the_end(size: int, instance: str = REQUEST.instance) -> PolicyRequest:
    return PolicyRequest(state="END-OF-MESSAGE", instance=instance, size=size, queue_id="4XyZ")


@pytest.fixture
def told() -> list[str]:
    """What the program's own log is told."""
    lines: list[str] = []

    def note(event: LogEvent) -> None:
        if event.get("log_namespace") == "govdir.policy":
            lines.append(event["log_format"])

    globalLogPublisher.addObserver(note)
    yield lines
    globalLogPublisher.removeObserver(note)


def test_what_passes_is_left_to_postfixs_other_rules_and_not_logged() -> None:
    asked = Asked()
    assert (answer(asked), asked.logged) == (DUNNO, [])


def test_a_refusal_is_answered_and_logged_with_all_that_explains_it() -> None:
    asked = Asked()
    asked.judge.verdict = REFUSAL
    assert answer(asked) == REFUSED
    (line,) = asked.logged
    assert isinstance(line.pop("us"), int)
    assert line == {
        "time": "2026-03-02T09:00:00.000+00:00",
        "op": "policy",
        "peer": "10.0.0.1",
        "state": "RCPT",
        "instance": "2a1.66f0.8c01.0",
        "queue": "",
        "client": "203.0.113.9",
        "login": "nvminh",
        "sender": "a@b.vn",
        "recipient": "sonv@cantho.gov.vn",
        "size": 77,
        "rule": "list-sender",
        "action": REFUSED.decode().removeprefix("action=").strip(),
    }


def test_control_characters_do_not_reach_a_terminal_through_the_log() -> None:
    asked = Asked()
    asked.judge.verdict = REFUSAL
    answer(asked, PolicyRequest(state="RCPT", sender="a\x1b[2J\u202eb"))
    assert asked.logged[0]["sender"] == "a\\u001b[2J\\u202eb"
    assert asked.written[0].endswith("\n")
    assert asked.written[0].count("\n") == 1


def test_a_log_that_cannot_be_written_stops_no_mail(told: list[str]) -> None:
    asked = Asked()
    asked.judge.verdict = REFUSAL

    def full(_line: str) -> None:
        raise OSError(28, "No space left on device")

    asked.service._policy_log._write = full  # type: ignore[union-attr]
    assert answer(asked) == REFUSED
    assert told == ["a line of the mail log is lost: {error}"]


def test_warn_mode_lets_pass_what_it_would_refuse() -> None:
    asked = Asked(enforce=False)
    asked.judge.verdict = REFUSAL
    assert (answer(asked), asked.logged[0]["rule"]) == (WARNED, "list-sender")


@pytest.mark.parametrize("state", ["CONNECT", "HELO", "EHLO", "VRFY", "ETRN", "XCLIENT"])
def test_commands_without_a_message_are_not_judged(state: str) -> None:
    asked = Asked()
    assert (answer(asked, PolicyRequest(state=state)), asked.judge.asked) == (DUNNO, [])


@pytest.mark.parametrize(
    ("client", "believed"),
    [("192.0.2.7", True), ("::ffff:192.0.2.7", True), ("192.0.2.8", False), ("unknown", False)],
)
def test_only_trusted_relays_are_believed(client: str, believed: bool) -> None:
    asked = Asked(trusted=Networks(["192.0.2.7"]))
    answer(asked, PolicyRequest(state="RCPT", client=client))
    assert asked.judge.asked[0].believed is believed


# -- the sizes of several recipients


def test_at_the_end_the_smallest_of_the_recipients_limits_is_remembered() -> None:
    asked = Asked()
    for size in (300, 100, 200):
        asked.judge.verdict = limited(size)
        answer(asked)
    answer(asked, at_the_end(150))
    remembered = asked.judge.asked[-1].remembered
    assert remembered is not None
    assert (remembered.octets, asked.judge.asked[-1].size) == (100, 150)


def test_the_limits_of_a_refused_recipient_and_of_another_message_do_not_count() -> None:
    asked = Asked()
    asked.judge.verdict = limited(100, passes=False)
    answer(asked)
    asked.judge.verdict = limited(200)
    answer(asked)
    answer(asked, at_the_end(150))
    remembered = asked.judge.asked[-1].remembered
    assert remembered is not None
    assert remembered.octets == 200
    answer(asked, at_the_end(150, instance="another"))
    assert asked.judge.asked[-1].remembered is None


def test_messages_without_a_name_share_nothing() -> None:
    asked = Asked()
    asked.judge.verdict = limited(100)
    answer(asked, PolicyRequest(state="RCPT", recipient="x@b.vn"))
    answer(asked, at_the_end(150, instance=""))
    assert asked.judge.asked[-1].remembered is None


def test_a_single_recipient_at_the_end_is_judged_by_name() -> None:
    asked = Asked()
    asked.judge.verdict = limited(100)
    answer(asked)
    answer(asked, PolicyRequest(state="END-OF-MESSAGE", instance=REQUEST.instance, recipient="x@b.vn"))
    assert (asked.judge.asked[-1].remembered, asked.judge.asked[-1].recipient) == (None, "x@b.vn")


# -- what cannot be judged


@pytest.mark.parametrize(
    ("settings", "answered"),
    [
        ({}, DEFERRED),
        ({"defer": False}, DUNNO),
        ({"enforce": False}, b"action=WARN govdir: danh ba tam thoi khong tra loi duoc"),
    ],
)
def test_a_directory_that_is_too_old_judges_nobody(settings: dict[str, bool], answered: bytes) -> None:
    asked = Asked(News(current=lambda: False), **settings)
    assert answer(asked).startswith(answered)
    assert (asked.judge.asked, asked.logged[0]["rule"]) == ([], "stale")


def test_a_fault_of_the_program_defers_and_the_next_question_is_answered(told: list[str]) -> None:
    asked = Asked()
    asked.judge.verdict = ZeroDivisionError("nguyễn's message")
    assert answer(asked) == DEFERRED
    asked.judge.verdict = PASS
    assert (answer(asked), asked.logged[0]["rule"]) == (DUNNO, "fault")
    assert told == ["a fault of the program while judging a message"]


def test_a_lasting_trouble_is_told_once_a_minute(told: list[str]) -> None:
    asked = Asked(News(current=lambda: False))
    for seconds in (0, 1, TOLD_SECONDS - 2, 2):
        asked.clock.advance(seconds)
        answer(asked)
    assert told == ["the directory is too old to judge messages by: the database is away too long"] * 2
    assert len(asked.logged) == 4


def test_nobody_is_refused_by_what_others_have_changed_meanwhile() -> None:
    asked = Asked()
    caught_up: list[int] = []

    def catch_up() -> Deferred[None]:
        caught_up.append(1)
        asked.judge.verdict = PASS
        return succeed(None)

    asked.service._news = News(behind=lambda: True, catch_up=catch_up)
    asked.judge.verdict = REFUSAL
    assert (answer(asked), caught_up) == (DUNNO, [1])
    assert (answer(asked), caught_up) == (DUNNO, [1])


def test_what_is_up_to_date_is_refused_without_asking_the_database() -> None:
    asked = Asked(News(behind=lambda: False, catch_up=lambda: pytest.fail("asked")))
    asked.judge.verdict = REFUSAL
    assert answer(asked) == REFUSED


def test_a_refusal_stands_while_the_database_is_away() -> None:
    async def away() -> None:
        raise StoreUnavailable("locked")

    asked = Asked(News(behind=lambda: True, catch_up=away))
    asked.judge.verdict = REFUSAL
    assert answer(asked) == REFUSED
