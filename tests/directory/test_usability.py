"""Whether an account lets its owner in: one decision, at every boundary to the microsecond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from govdir.directory.password_policy import LOCKED_BY_HAND, PasswordPolicy, PasswordState, add_months
from govdir.directory.usability import Bar, Usability, seconds_left, usability_of

NOW = datetime(2026, 5, 4, 1, 30, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
POLICY = PasswordPolicy(max_age_months=3, max_failures=3, failure_window_seconds=600, lock_seconds=900)


def at(state: PasswordState, policy: PasswordPolicy | None = POLICY, now: datetime = NOW) -> Usability:
    return usability_of(policy, state, now, is_open=True)


def locked_since(moment: datetime) -> PasswordState:
    return PasswordState(locked_at=f"{moment:%Y%m%d%H%M%SZ}")


def test_an_account_that_nothing_is_known_of_is_usable_for_ever() -> None:
    assert at(PasswordState()) == Usability()
    assert usability_of(None, PasswordState(), NOW, is_open=True) == Usability()


def test_the_time_of_use_begins_at_its_moment_and_ends_at_it() -> None:
    for policy in (POLICY, None):
        assert at(PasswordState(starts=NOW + TICK), policy).bar is Bar.NOT_YET
        assert at(PasswordState(starts=NOW), policy).bar is None
        assert at(PasswordState(ends=NOW + TICK), policy).bar is None
        assert at(PasswordState(ends=NOW), policy).bar is Bar.OVER


def test_a_delay_doubles_with_each_failure_up_to_the_longest() -> None:
    policy = replace(POLICY, max_failures=0, min_delay_seconds=2, max_delay_seconds=5)
    for count, seconds in ((1, 2), (2, 4), (3, 5), (20, 5)):
        state = PasswordState(failures=(NOW,) * count)
        end = NOW + timedelta(seconds=seconds)
        assert at(state, policy).until == end
        assert at(state, policy, end - TICK).bar is Bar.DELAYED
        assert at(state, policy, end).bar is None


def test_an_account_is_idle_from_its_last_use_or_password_on() -> None:
    policy = replace(POLICY, max_idle_seconds=86_400)
    used, changed = PasswordState(last_success=NOW), PasswordState(changed_at=NOW)
    for state in (
        used,
        changed,
        replace(used, changed_at=NOW - 9 * DAY),
        replace(changed, last_success=NOW - DAY),
    ):
        assert at(state, policy, NOW + DAY - TICK).bar is None
        assert at(state, policy, NOW + DAY).bar is Bar.IDLE
    assert at(PasswordState(), policy).bar is None


def test_a_lock_by_hand_has_no_end_and_one_by_failures_has() -> None:
    assert at(PasswordState(locked_at=LOCKED_BY_HAND)) == Usability(Bar.LOCKED)
    assert at(locked_since(NOW)).until == NOW + timedelta(minutes=15)


def test_a_closed_state_bars_and_a_lock_is_told_before_it() -> None:
    assert usability_of(POLICY, PasswordState(), NOW, is_open=False).bar is Bar.CLOSED
    assert usability_of(POLICY, locked_since(NOW), NOW, is_open=False).bar is Bar.LOCKED


def test_an_expired_password_must_be_changed_where_no_logins_are_left_to_it() -> None:
    end = add_months(NOW, 3)
    state = PasswordState(changed_at=NOW)

    assert not at(state, now=end - TICK).must_change
    assert at(state, now=end).must_change


def test_a_password_that_somebody_else_has_set_must_be_changed_where_the_policy_says_so() -> None:
    given = PasswordState(changed_at=NOW, reset=True)

    assert at(given).must_change
    assert not at(given, replace(POLICY, must_change_after_reset=False)).must_change


def test_seconds_left_are_whole_and_never_negative() -> None:
    found, end = at(PasswordState(changed_at=NOW)), add_months(NOW, 3)

    moments = (end - timedelta(seconds=1), end - TICK, end, end + timedelta(days=9))
    assert [seconds_left(found, moment) for moment in moments] == [1, 0, 0, 0]
    assert seconds_left(at(PasswordState()), NOW) is None


def test_logins_left_are_counted_and_end_with_their_time() -> None:
    policy = replace(POLICY, grace_logins=2, grace_seconds=3600)
    end = add_months(NOW, 3)
    fresh = PasswordState(changed_at=NOW)
    used = [replace(fresh, grace_uses=(end,) * count) for count in range(4)]

    assert at(fresh, policy, end - TICK).grace_left is None
    assert [at(state, policy, end).grace_left for state in used] == [2, 1, 0, 0]
    assert [at(state, policy, end).is_spent for state in used] == [False, False, True, True]
    assert not at(fresh, policy, end).must_change
    assert at(fresh, policy, end + timedelta(hours=1) - TICK).grace_left == 2
    assert at(fresh, policy, end + timedelta(hours=1)).grace_left == 0


def test_the_earlier_of_months_and_seconds_is_the_end() -> None:
    state = PasswordState(changed_at=NOW)

    assert at(state, replace(POLICY, max_age_seconds=86_400)).expires == NOW + DAY
    assert at(state, replace(POLICY, max_age_seconds=92 * 86_400)).expires == add_months(NOW, 3)
    assert at(state, PasswordPolicy(max_age_seconds=60)).expires == NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (PasswordState(), None),
        (PasswordState(changed_at=NOW), add_months(NOW, 3)),
        (PasswordState(changed_at=add_months(NOW, -4)), None),
        (locked_since(NOW + DAY), NOW + DAY),
        (replace(locked_since(NOW + DAY), changed_at=NOW), NOW + DAY),
        (replace(locked_since(add_months(NOW, 4)), changed_at=NOW), add_months(NOW, 3)),
        (locked_since(NOW - DAY), None),
        (PasswordState(ends=NOW + DAY), NOW + DAY),
        (PasswordState(starts=NOW + DAY, ends=NOW + 2 * DAY), NOW + DAY),
    ],
)
def test_the_next_turn_is_the_first_moment_that_changes_an_answer(
    state: PasswordState, expected: datetime | None
) -> None:
    assert at(state).turns == expected


moments = st.none() | st.integers(-200, 200).map(lambda days: NOW + timedelta(days=days))


@given(
    changed=moments,
    locked=moments,
    starts=moments,
    ends=moments,
    used=moments,
    failures=st.lists(st.integers(-2000, 0), max_size=4),
    grace=st.integers(0, 2),
    ahead=st.integers(1, 200 * 86_400),
)
def test_until_the_next_turn_all_answers_stay(
    *,
    changed: datetime | None,
    locked: datetime | None,
    starts: datetime | None,
    ends: datetime | None,
    used: datetime | None,
    failures: list[int],
    grace: int,
    ahead: int,
) -> None:
    policy = replace(
        POLICY, grace_logins=grace, grace_seconds=86_400, max_idle_seconds=90 * 86_400, min_delay_seconds=30
    )
    state = PasswordState(
        changed_at=changed,
        locked_at=None if locked is None else f"{locked:%Y%m%d%H%M%SZ}",
        failures=tuple(NOW + timedelta(seconds=each) for each in sorted(failures)),
        starts=starts,
        ends=ends,
        last_success=used,
    )
    found, later = at(state, policy), NOW + timedelta(seconds=ahead)
    if found.turns is None or later < found.turns:
        answers = at(state, policy, later)
        assert replace(answers, until=None, turns=None) == replace(found, until=None, turns=None)
