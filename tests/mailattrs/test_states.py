"""What mail servers see of a mailbox, state by state."""

from __future__ import annotations

import pytest

from govdir.mailattrs.states import State, may_follow, services


@pytest.mark.parametrize(
    ("state", "must_change", "status", "enabled"),
    [
        (State.ACTIVE, False, "active", "mail deliver smtp imap pop3 sieve"),
        (State.ACTIVE, True, "active", "mail deliver"),
        (State.SEND_BLOCKED, False, "active", "mail deliver imap pop3 sieve"),
        (State.SEND_BLOCKED, True, "active", "mail deliver"),
        (State.SUSPENDED, False, "noaccess", "mail deliver"),
        (State.SUSPENDED, True, "noaccess", "mail deliver"),
        (State.REVOKED, False, "disabled", ""),
        (State.REVOKED, True, "disabled", ""),
        (State.PENDING, False, "disabled", ""),
        (State.DELETED, False, "deleted", ""),
    ],
)
def test_services_follow_from_the_state(state: State, must_change: bool, status: str, enabled: str) -> None:
    seen = services(state, must_change_password=must_change)

    assert seen.account_status.decode() == status
    assert b" ".join(seen.enabled).decode() == enabled


@pytest.mark.parametrize("state", State)
def test_a_state_may_stay_and_only_a_new_mailbox_is_pending(state: State) -> None:
    assert may_follow(state, state)
    assert may_follow(state, State.PENDING) is (state is State.PENDING)


@pytest.mark.parametrize("state", State)
def test_deleted_is_the_end(state: State) -> None:
    assert may_follow(State.DELETED, state) is (state is State.DELETED)


@pytest.mark.parametrize("state", [State.SUSPENDED, State.SEND_BLOCKED, State.REVOKED, State.PENDING])
def test_a_mailbox_can_be_restored(state: State) -> None:
    assert may_follow(state, State.ACTIVE)
