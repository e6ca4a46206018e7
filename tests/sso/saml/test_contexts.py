"""Which class an assertion names, and what that takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.sso.saml.contexts import (
    PASSWORD,
    PASSWORD_PROTECTED_TRANSPORT,
    RANKS,
    REFEDS_MFA,
    REFEDS_SFA,
    TIME_SYNC_TOKEN,
    UNSPECIFIED,
    Rank,
    answer,
    rank_needed,
)
from govdir.sso.saml.model import Comparison, RequestedAuthnContext

PPT, MFA, SFA, TOKEN = PASSWORD_PROTECTED_TRANSPORT, REFEDS_MFA, REFEDS_SFA, TIME_SYNC_TOKEN
KERBEROS = "urn:oasis:names:tc:SAML:2.0:ac:classes:Kerberos"
EXACT, MINIMUM, MAXIMUM, BETTER = Comparison
ONE, TWO = Rank.PROTECTED_PASSWORD, Rank.SECOND_FACTOR


@pytest.mark.parametrize(
    ("comparison", "classes", "with_password", "with_code"),
    [
        (EXACT, [UNSPECIFIED], UNSPECIFIED, UNSPECIFIED),
        (EXACT, [PASSWORD], PASSWORD, PASSWORD),
        (EXACT, [PPT], PPT, PPT),
        (EXACT, [SFA], SFA, SFA),
        (EXACT, [TOKEN], None, TOKEN),
        (EXACT, [MFA], None, MFA),
        (EXACT, [MFA, PPT], PPT, MFA),
        (EXACT, [PPT, MFA], PPT, PPT),
        (EXACT, [KERBEROS, PPT], PPT, PPT),
        (EXACT, [KERBEROS], None, None),
        (EXACT, [], None, None),
        (MINIMUM, [UNSPECIFIED], UNSPECIFIED, UNSPECIFIED),
        (MINIMUM, [PPT], PPT, PPT),
        (MINIMUM, [PPT, MFA], PPT, MFA),
        (MINIMUM, [MFA, PASSWORD], PASSWORD, MFA),
        (MINIMUM, [SFA, PPT], SFA, SFA),
        (MINIMUM, [TOKEN], None, TOKEN),
        (MINIMUM, [KERBEROS, TOKEN], None, TOKEN),
        (MINIMUM, [KERBEROS], None, None),
        (MAXIMUM, [UNSPECIFIED], UNSPECIFIED, UNSPECIFIED),
        (MAXIMUM, [PASSWORD], PASSWORD, PASSWORD),
        (MAXIMUM, [PPT], PPT, PPT),
        (MAXIMUM, [MFA], PPT, MFA),
        (MAXIMUM, [PASSWORD, MFA], PPT, MFA),
        (MAXIMUM, [SFA, TOKEN], SFA, TOKEN),
        (MAXIMUM, [KERBEROS, PPT], PPT, PPT),
        (MAXIMUM, [KERBEROS], None, None),
        (BETTER, [UNSPECIFIED], PPT, MFA),
        (BETTER, [PASSWORD], PPT, MFA),
        (BETTER, [PPT], None, MFA),
        (BETTER, [PASSWORD, SFA], None, MFA),
        (BETTER, [PASSWORD, MFA], None, None),
        (BETTER, [TOKEN], None, None),
        (BETTER, [PASSWORD, KERBEROS], None, None),
    ],
)
def test_the_class_that_is_named_after_a_password_and_after_a_code(
    comparison: Comparison, classes: list[str], with_password: str | None, with_code: str | None
) -> None:
    requested = RequestedAuthnContext(comparison, tuple(classes))

    assert (answer(requested, ONE), answer(requested, TWO)) == (with_password, with_code)


@pytest.mark.parametrize(
    ("rank", "name"),
    [(0, UNSPECIFIED), (1, PASSWORD), (2, PPT), (3, MFA)],
)
def test_who_asks_for_nothing_is_told_what_was_done(rank: int, name: str) -> None:
    assert answer(None, rank) == name


@pytest.mark.parametrize(
    ("comparison", "classes", "needed", "told"),
    [
        (EXACT, [PPT], ONE, PPT),
        (EXACT, [MFA], TWO, MFA),
        (EXACT, [MFA, PPT], ONE, MFA),
        (EXACT, [PPT, MFA], ONE, PPT),
        (EXACT, [KERBEROS, MFA, PPT], ONE, MFA),
        (EXACT, [KERBEROS], None, None),
        (MINIMUM, [PPT, TOKEN], ONE, TOKEN),
        (MINIMUM, [TOKEN], TWO, TOKEN),
        (MAXIMUM, [PPT], Rank.UNSPECIFIED, PPT),
        (MAXIMUM, [PPT, MFA], Rank.UNSPECIFIED, MFA),
        (MAXIMUM, [KERBEROS], None, None),
        (BETTER, [UNSPECIFIED], Rank.PASSWORD, MFA),
        (BETTER, [PPT], TWO, MFA),
        (BETTER, [MFA], None, None),
        (BETTER, [KERBEROS, PPT], None, None),
    ],
)
def test_what_a_request_takes_and_what_it_is_told_of_who_has_a_second_factor(
    comparison: Comparison, classes: list[str], needed: Rank | None, told: str | None
) -> None:
    requested = RequestedAuthnContext(comparison, tuple(classes))

    assert (rank_needed(requested), answer(requested, TWO)) == (needed, told)


def test_a_request_that_asks_for_nothing_takes_nothing() -> None:
    assert rank_needed(None) is Rank.UNSPECIFIED


REQUESTS = st.builds(
    RequestedAuthnContext,
    st.sampled_from(Comparison),
    st.lists(st.sampled_from([*RANKS, KERBEROS]), max_size=4).map(tuple),
)


@given(REQUESTS, st.sampled_from(Rank))
def test_there_is_an_answer_from_the_rank_that_is_needed_on(
    requested: RequestedAuthnContext, achieved: Rank
) -> None:
    needed = rank_needed(requested)

    assert (answer(requested, achieved) is not None) == (needed is not None and achieved >= needed)


@given(REQUESTS, st.sampled_from(Rank))
def test_no_answer_claims_more_than_was_achieved(requested: RequestedAuthnContext, achieved: Rank) -> None:
    named = answer(requested, achieved)

    assert named is None or RANKS[named] <= achieved


@given(REQUESTS, st.sampled_from(Rank))
def test_every_answer_keeps_to_its_comparison(requested: RequestedAuthnContext, achieved: Rank) -> None:
    named = answer(requested, achieved)

    if named is None:
        return
    ranks = [RANKS[name] for name in requested.classes if name in RANKS]
    match requested.comparison:
        case Comparison.EXACT:
            assert named in requested.classes
        case Comparison.MINIMUM:
            assert RANKS[named] >= min(ranks)
        case Comparison.MAXIMUM:
            assert RANKS[named] <= max(ranks)
        case Comparison.BETTER:
            assert all(RANKS[named] > rank for rank in ranks)
