"""The states of a password and an account."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from govdir.directory.password_policy import (
    LOCKED_BY_HAND,
    PasswordChange,
    PasswordPolicy,
    PasswordState,
    add_months,
    after_change,
    expires_at,
    is_expired,
    is_in_history,
    is_locked,
    is_too_young,
    recent_failures,
    should_lock,
)
from govdir.schema.times import format_generalized_time

NOW = datetime(2015, 6, 30, 17, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
INSTANT = timedelta(microseconds=1)
HANOI = timezone(timedelta(hours=7))

POLICY = PasswordPolicy(
    max_age_months=3,
    history_length=5,
    max_failures=3,
    failure_window_seconds=600,
    lock_seconds=900,
    must_change_after_reset=True,
    min_age_seconds=60,
)
FREE = PasswordPolicy(history_length=0, must_change_after_reset=False)


def hashed(word: str) -> bytes:
    return b"{SHA}" + b64encode(hashlib.sha1(word.encode()).digest())


def locked_since(moment: datetime) -> PasswordState:
    return PasswordState(locked_at=format_generalized_time(moment))


# -- expiry --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "months", "expected"),
    [
        ((2014, 11, 30, 12, 0), 3, (2015, 2, 28, 12, 0)),
        ((2015, 11, 30, 12, 0), 3, (2016, 2, 29, 12, 0)),
        ((2016, 2, 29, 12, 0), 12, (2017, 2, 28, 12, 0)),
        ((2016, 2, 29, 12, 0), 48, (2020, 2, 29, 12, 0)),
        ((2015, 1, 31, 12, 0), 1, (2015, 2, 28, 12, 0)),
        ((2015, 3, 31, 12, 0), 1, (2015, 4, 30, 12, 0)),
        ((2015, 10, 15, 8, 30), 3, (2016, 1, 15, 8, 30)),
        ((2015, 12, 31, 23, 59), 2, (2016, 2, 29, 23, 59)),
        ((2015, 9, 30, 0, 0), 3, (2015, 12, 30, 0, 0)),
        ((1999, 11, 30, 1, 0), 3, (2000, 2, 29, 1, 0)),
        ((2099, 11, 30, 1, 0), 3, (2100, 2, 28, 1, 0)),
    ],
)
def test_months_are_calendar_months_cut_to_the_last_day(
    changed: tuple[int, int, int, int, int], months: int, expected: tuple[int, int, int, int, int]
) -> None:
    assert add_months(datetime(*changed, tzinfo=HANOI), months) == datetime(*expected, tzinfo=HANOI)


def test_the_calendar_is_the_one_of_viet_nam() -> None:
    # 31 January 01:00 in Cần Thơ is still 30 January in UTC.
    changed = datetime(2015, 1, 30, 18, 0, tzinfo=UTC)

    assert add_months(changed, 1) == datetime(2015, 2, 27, 18, 0, tzinfo=UTC)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2190, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    st.integers(1, 60),
)
def test_an_expiry_lies_in_the_right_month_at_the_same_time_of_day(changed: datetime, months: int) -> None:
    before, after = changed.astimezone(HANOI), add_months(changed, months).astimezone(HANOI)

    assert (after.year * 12 + after.month) - (before.year * 12 + before.month) == months
    assert after.timetz() == before.timetz()
    assert after.day == before.day or (after.day < before.day and (after + timedelta(days=1)).day == 1)


def test_a_password_expires_at_the_very_moment() -> None:
    state = PasswordState(changed_at=NOW)
    end = expires_at(POLICY, state)
    assert end == datetime(2015, 10, 1, tzinfo=HANOI)

    assert not is_expired(POLICY, state, end - INSTANT)
    assert is_expired(POLICY, state, end)


def test_without_a_limit_or_without_a_known_change_a_password_does_not_expire() -> None:
    for policy, state in ((FREE, PasswordState(changed_at=NOW)), (POLICY, PasswordState())):
        assert expires_at(policy, state) is None
        assert not is_expired(policy, state, NOW + timedelta(days=10_000))


# -- minimum age ---------------------------------------------------------------------------------------------


def test_a_password_must_be_kept_until_the_minimum_age_is_reached() -> None:
    state = PasswordState(changed_at=NOW)

    assert is_too_young(POLICY, state, NOW)
    assert is_too_young(POLICY, state, NOW + 60 * SECOND - INSTANT)
    assert not is_too_young(POLICY, state, NOW + 60 * SECOND)
    assert not is_too_young(FREE, state, NOW)
    assert not is_too_young(POLICY, PasswordState(), NOW)


def test_a_password_that_must_be_changed_is_never_too_young() -> None:
    assert not is_too_young(POLICY, PasswordState(changed_at=NOW, reset=True), NOW)


# -- locks ---------------------------------------------------------------------------------------------------


def test_a_lock_holds_from_its_beginning_until_just_before_its_end() -> None:
    state = locked_since(NOW)

    assert not is_locked(POLICY, state, NOW - INSTANT)
    assert is_locked(POLICY, state, NOW)
    assert is_locked(POLICY, state, NOW + 900 * SECOND - INSTANT)
    assert not is_locked(POLICY, state, NOW + 900 * SECOND)


def test_a_lock_without_duration_lasts_until_an_administrator_ends_it() -> None:
    assert is_locked(replace(POLICY, lock_seconds=0), locked_since(NOW), NOW + timedelta(days=10_000))


def test_a_lock_by_hand_never_ends_by_itself() -> None:
    assert is_locked(POLICY, PasswordState(locked_at=LOCKED_BY_HAND), NOW)
    assert is_locked(FREE, PasswordState(locked_at=LOCKED_BY_HAND), datetime.max.replace(tzinfo=UTC))


@pytest.mark.parametrize("text", ["", "soon", "00000101000000Z"])
def test_a_lock_time_that_cannot_be_read_is_a_lock(text: str) -> None:
    assert is_locked(POLICY, PasswordState(locked_at=text), NOW)


def test_an_account_without_a_lock_is_not_locked() -> None:
    assert not is_locked(POLICY, PasswordState(failures=(NOW, NOW, NOW, NOW)), NOW)


def test_the_last_allowed_failure_locks() -> None:
    failures = (NOW - 2 * SECOND, NOW - SECOND, NOW)

    assert not should_lock(POLICY, PasswordState(failures=failures[:2]), NOW)
    assert should_lock(POLICY, PasswordState(failures=failures), NOW)
    assert not should_lock(FREE, PasswordState(failures=failures), NOW)


def test_a_failure_counts_until_the_window_has_passed() -> None:
    state = PasswordState(failures=(NOW,))

    assert recent_failures(POLICY, state, NOW + 600 * SECOND - INSTANT) == (NOW,)
    assert recent_failures(POLICY, state, NOW + 600 * SECOND) == ()


def test_without_a_window_failures_count_until_a_success() -> None:
    policy = replace(POLICY, failure_window_seconds=0)

    assert recent_failures(policy, PasswordState(failures=(NOW,)), NOW + timedelta(days=10_000)) == (NOW,)


@pytest.mark.parametrize("window", [0, 86_400])
def test_failures_before_a_lock_that_has_ended_do_not_lock_again(window: int) -> None:
    policy = replace(POLICY, failure_window_seconds=window)
    old, later = (NOW - SECOND, NOW - SECOND, NOW), NOW + 1000 * SECOND
    state = replace(locked_since(NOW), failures=(*old, later))

    assert recent_failures(policy, state, later) == (later,)
    assert not should_lock(policy, state, later)


def test_failures_during_a_lock_still_count_with_those_that_caused_it() -> None:
    state = replace(locked_since(NOW), failures=(NOW - SECOND, NOW))

    assert recent_failures(POLICY, state, NOW + SECOND) == (NOW - SECOND, NOW)


# -- history and change --------------------------------------------------------------------------------------


def test_the_present_and_the_latest_passwords_cannot_be_chosen_again() -> None:
    earlier = tuple((number, hashed(f"word{number}")) for number in range(6))

    for word, used in (("word6", True), ("word5", True), ("word2", True), ("word1", False), ("new", False)):
        assert is_in_history(POLICY, hashed("word6"), earlier, word.encode()) is used


def test_without_history_even_the_present_password_may_be_kept() -> None:
    assert not is_in_history(FREE, hashed("a"), ((1, hashed("b")),), b"a")


def test_a_first_password_has_no_history() -> None:
    assert not is_in_history(POLICY, None, (), b"a")
    assert after_change(POLICY, None, (), NOW, by_owner=True) == PasswordChange(NOW, False, ())


def test_a_change_keeps_the_replaced_hash_with_its_time() -> None:
    change = after_change(POLICY, b"{SHA}present", ((1, b"{SHA}old"),), NOW, by_owner=True)

    assert change.history == ((1, b"{SHA}old"), (1_435_683_600_000_000, b"{SHA}present"))
    assert change.changed_at == NOW


def test_a_password_set_by_another_must_be_changed_where_the_policy_says_so() -> None:
    assert after_change(POLICY, None, (), NOW, by_owner=False).reset
    assert not after_change(POLICY, None, (), NOW, by_owner=True).reset
    assert not after_change(FREE, None, (), NOW, by_owner=False).reset


@pytest.mark.parametrize("length", [0, 1, 2, 5])
def test_the_latest_passwords_are_refused_however_many_changes_there_were(length: int) -> None:
    policy = replace(POLICY, history_length=length)
    present: bytes | None = None
    earlier: tuple[tuple[int, bytes], ...] = ()
    for number in range(8):
        earlier = after_change(policy, present, earlier, NOW + number * SECOND, by_owner=True).history
        present = hashed(f"word{number}")

    refused = [
        number for number in range(8) if is_in_history(policy, present, earlier, f"word{number}".encode())
    ]
    assert refused == list(range(8 - length, 8))
    assert len(earlier) == max(0, length - 1)


def test_hashes_are_not_shown() -> None:
    change = after_change(POLICY, b"{SHA}present", (), NOW, by_owner=True)

    assert "present" not in repr(change)
