"""The password policy response: every state in the octets of draft-behera §6.2, and back."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec.controls.oids import PASSWORD_POLICY
from govdir.ldap.codec.controls.password_policy import (
    PolicyError,
    PolicyState,
    decode_policy_state,
    encode_policy_state,
)
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.messages import Control

seconds = st.none() | st.integers(0, 2**31 - 1)
errors = st.none() | st.sampled_from(PolicyError)


@pytest.mark.parametrize(
    ("state", "octets"),
    [
        (PolicyState(), "3000"),
        (PolicyState(error=PolicyError.PASSWORD_TOO_SHORT), "3003810106"),
        (PolicyState(error=PolicyError.PASSWORD_EXPIRED), "3003810100"),
        (PolicyState(expires_in_seconds=300), "3006a0048002012c"),
        (PolicyState(grace_logins_left=0), "3005a003810100"),
        (PolicyState(grace_logins_left=2, error=PolicyError.CHANGE_AFTER_RESET), "3008a003810102810102"),
    ],
)
def test_each_state_has_its_octets(state: PolicyState, octets: str) -> None:
    control = encode_policy_state(state)

    assert (control.oid, control.critical) == (PASSWORD_POLICY, False)
    assert (control.value or b"").hex() == octets
    assert decode_policy_state(control) == state


@given(seconds, errors)
def test_seconds_come_back(left: int | None, error: PolicyError | None) -> None:
    state = PolicyState(expires_in_seconds=left, error=error)
    assert decode_policy_state(encode_policy_state(state)) == state


@given(seconds, errors)
def test_logins_that_are_left_come_back(left: int | None, error: PolicyError | None) -> None:
    state = PolicyState(grace_logins_left=left, error=error)
    assert decode_policy_state(encode_policy_state(state)) == state


def test_logins_that_are_left_go_before_seconds() -> None:
    both = encode_policy_state(PolicyState(expires_in_seconds=9, grace_logins_left=1))
    assert decode_policy_state(both) == PolicyState(grace_logins_left=1)


@given(st.binary(max_size=40))
def test_any_octets_are_a_state_or_a_decode_error(value: bytes) -> None:
    with suppress(DecodeError):
        assert isinstance(decode_policy_state(Control(PASSWORD_POLICY, False, value)), PolicyState)


@pytest.mark.parametrize("octets", ["", "30", "300381010a", "3003810106ff", "3005a003820100", "3002a000"])
def test_what_is_no_state_is_refused(octets: str) -> None:
    with pytest.raises(DecodeError):
        decode_policy_state(Control(PASSWORD_POLICY, False, bytes.fromhex(octets)))
