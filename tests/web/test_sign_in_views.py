"""Every step of signing in has its page, and everything it can say has words."""

from __future__ import annotations

import pytest

from govdir.policy.texts import Language
from govdir.sso.sign_in.steps import AskCode, AskPassword, Block, Blocked, PasswordProblem, Problem, Reason
from govdir.web import sign_in_texts as texts
from govdir.web.sign_in_views import in_groups, view_of, waiting_time

VI, EN = Language.VIETNAMESE, Language.ENGLISH


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_is_told_at_the_password_and_at_the_code(problem: Problem) -> None:
    assert view_of(AskPassword(problem)).values["problem"] is texts.PASSWORD_PROBLEMS_AT_SIGN_IN[problem]
    assert view_of(AskCode(problem)).values["problem"] is texts.CODE_PROBLEMS[problem]
    assert view_of(AskCode(problem), recovery=True).values["problem"] is texts.RECOVERY_PROBLEMS[problem]


def test_every_reason_for_another_password_has_words() -> None:
    assert set(texts.PASSWORD_TITLES) == set(texts.PASSWORD_REASONS) == set(Reason)
    assert set(texts.NEW_PASSWORD_PROBLEMS) == set(PasswordProblem)


@pytest.mark.parametrize("kind", Block)
def test_every_closed_account_is_told_why(kind: Block) -> None:
    view = view_of(Blocked(kind))

    assert (view.status, view.values["text"]) == (403, texts.BLOCKS[kind])


@pytest.mark.parametrize(
    ("seconds", "vi", "en"),
    [
        (1, "1 giây", "1 second"),
        (119, "119 giây", "119 seconds"),
        (120, "2 phút", "2 minutes"),
        (121, "3 phút", "3 minutes"),
        (7199, "120 phút", "120 minutes"),
        (7201, "3 giờ", "3 hours"),
        (86_400, "24 giờ", "24 hours"),
    ],
)
def test_waiting_times_are_told_rather_too_long_than_too_short(seconds: int, vi: str, en: str) -> None:
    wait = waiting_time(seconds)

    assert (wait.in_language(VI), wait.in_language(EN)) == (vi, en)


def test_a_key_is_shown_in_groups_of_four() -> None:
    assert in_groups("ABCDEFGHIJ") == "ABCD EFGH IJ"
