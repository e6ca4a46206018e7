"""What is sent to Postfix: one line of ASCII, whatever is in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.mailattrs.sending import Action, Verdict
from govdir.mailservers.policy_answers import MAX_TEXT, deferral, encoded, plain, refusal, warning
from govdir.policy.texts import Wording
from tests.mailservers.asking import DEFERRED, REFUSAL, REFUSED, RULE, WARNED

ANYTHING = st.text(st.characters(), max_size=600)


def test_a_refusal_has_code_both_languages_and_article() -> None:
    assert encoded(refusal(REFUSAL)) == REFUSED


def test_a_warning_says_what_would_be_refused() -> None:
    assert encoded(warning(REFUSAL)) == WARNED


def test_a_deferral_asks_to_try_again() -> None:
    assert encoded(deferral()) == DEFERRED


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Sở Nội vụ – Điều 5", "So Noi vu - Dieu 5"),
        ("“đã”\r\nQUIT", '"da" QUIT'),
        ("a\0b\x1b[2Jc\x7f", "a b [2Jc"),
        ("H’Nghia Êban, ƀuôn", "H'Nghia Eban, buon"),
        ("電子", ""),
    ],
)
def test_text_is_folded_to_printable_ascii(text: str, same: str) -> None:
    assert plain(text) == same


@given(ANYTHING, ANYTHING)
def test_no_text_breaks_the_line_or_the_limit(vi: str, en: str) -> None:
    verdict = Verdict(Action.REFUSE, "own-address", Wording(vi, en), RULE)
    for action in (refusal(verdict), warning(verdict)):
        assert len(action) <= MAX_TEXT
        assert action.isascii()
        assert action.isprintable()
        assert encoded(action).count(b"\n") == 2


def test_long_addresses_leave_room_for_the_article() -> None:
    verdict = Verdict(Action.REFUSE, "own-address", Wording("d" * 900, "e" * 900), RULE)
    assert refusal(verdict).endswith("e (Dieu 11 khoan 5, Quyet dinh 33/2015/QD-UBND)")
