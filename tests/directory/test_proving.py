"""Proving a password elsewhere than at a bind: told in full after the right password, else nothing."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

import pytest

from govdir.directory.errors import InvalidCredentials
from govdir.directory.identity import proof_of
from govdir.directory.image import Record
from govdir.directory.password_policy import LOCKED_BY_HAND, PasswordPolicy, PasswordState, lock_ends
from govdir.directory.proving import Outcome, Proof
from govdir.directory.secrets import unpack_secrets
from tests.directory.building import SONV, SUFFIX, Town, open_town

AN = f"uid=an,{SONV}"
FIRST = "Hoa-sen-trang-927"
SECOND = "Song-Hau-chay-mai-38"
LIMIT = 10


@pytest.fixture
def town(town: Town) -> Town:
    """With one person who signs in with FIRST, stored as a cheap hash of another server."""
    digest = hashlib.sha1(FIRST.encode() + b"salt").digest() + b"salt"
    town.person("an", "Lê An", userPassword="{SSHA}" + b64encode(digest).decode())
    town.replace(AN, "pwdReset")
    return town


def record(town: Town, dn: str = AN) -> Record | None:
    return town.directory.image.find(town.directory.path_of(dn) or ())


def prove(town: Town, password: str = FIRST, dn: str = AN) -> Proof:
    return town.run(town.directory.logins.prove(lambda: record(town, dn), password.encode()))


def proof(town: Town) -> bytes:
    held = record(town)
    assert held is not None
    return proof_of(held)


def test_the_right_password_is_proved_and_leaves_what_a_bind_leaves(town: Town) -> None:
    held = record(town)
    assert held is not None

    proved = prove(town)

    assert (proved.outcome, proved.record, proved.until, proved.reset) == (Outcome.OK, held, None, False)
    assert proved.expires_in_seconds is not None
    assert town.directory.logins.last_success(held.id) == town.clock.now()
    assert (unpack_secrets(held.secrets).password or b"").startswith(b"{ARGON2}")


def test_every_wrong_one_costs_one_hash_and_says_nothing(town: Town) -> None:
    town.person("none", "Vũ Chi")
    for dn, password in (
        (AN, "wrong"),
        (f"uid=none,{SONV}", FIRST),
        (f"uid=nobody,{SONV}", FIRST),
    ):
        before = town.slow.done
        assert prove(town, password, dn) == Proof(Outcome.WRONG)
        assert town.slow.done == before + 1


def test_the_right_one_costs_one_hash_too(town: Town) -> None:
    prove(town)  # once, to have the stored form renewed
    before = town.slow.done
    prove(town)
    assert town.slow.done == before + 1


def test_an_empty_password_is_wrong(town: Town) -> None:
    assert prove(town, "").outcome is Outcome.WRONG


def test_wrong_ones_never_lock_the_account(town: Town) -> None:
    for _ in range(3 * LIMIT):
        prove(town, "wrong")
    assert town.values(AN, "pwdAccountLockedTime") == ()
    assert prove(town).outcome is Outcome.OK


def test_a_lock_of_binds_is_told_after_the_right_password_only(town: Town) -> None:
    for _ in range(LIMIT):
        with pytest.raises(InvalidCredentials):
            town.run(town.directory.bind(AN, b"wrong"))

    assert prove(town, "wrong").outcome is Outcome.WRONG
    locked = prove(town)
    assert (locked.outcome, locked.until) == (Outcome.LOCKED, datetime(2026, 3, 2, 8, 15, tzinfo=UTC))
    town.clock.pass_time(minutes=15)
    assert prove(town).outcome is Outcome.OK


def test_a_lock_by_hand_has_no_end(town: Town) -> None:
    town.replace(AN, "pwdAccountLockedTime", LOCKED_BY_HAND)
    locked = prove(town)
    assert (locked.outcome, locked.until) == (Outcome.LOCKED, None)


@pytest.mark.parametrize(
    ("locked_at", "seconds", "ends"),
    [
        (None, 900, None),
        (LOCKED_BY_HAND, 900, None),
        ("20260302080000Z", 0, None),
        ("20260302080000Z", 900, datetime(2026, 3, 2, 8, 15, tzinfo=UTC)),
        ("nonsense", 900, None),
    ],
)
def test_a_lock_ends_when_its_policy_says(locked_at: str | None, seconds: int, ends: datetime | None) -> None:
    assert lock_ends(PasswordPolicy(lock_seconds=seconds), PasswordState(locked_at=locked_at)) == ends


def test_a_closed_account_is_told_so_and_has_not_signed_in(town: Town) -> None:
    town.replace(AN, "gdState", "suspended")
    held = record(town)
    assert held is not None
    assert prove(town, "wrong").outcome is Outcome.WRONG
    assert prove(town).outcome is Outcome.CLOSED
    assert town.directory.logins.last_success(held.id) is None


def test_a_password_that_others_have_set_must_be_changed(town: Town) -> None:
    town.replace(AN, "userPassword", SECOND, handle=town.admin())
    proved = prove(town, SECOND)
    assert (proved.outcome, proved.reset) == (Outcome.MUST_CHANGE, True)


def test_an_expired_password_must_be_changed(town: Town) -> None:
    town.clock.pass_time(days=200)
    proved = prove(town)
    assert (proved.outcome, proved.reset, proved.expires_in_seconds) == (Outcome.MUST_CHANGE, False, 0)


def test_services_are_proved_without_rotation(town: Town) -> None:
    dn = f"cn=postfix,ou=services,{SUFFIX}"
    town.add(dn, {"objectClass": "gdService", "gdServiceKind": "mail", "userPassword": SECOND})
    proved = prove(town, SECOND, dn)
    assert (proved.outcome, proved.expires_in_seconds) == (Outcome.OK, None)


def test_a_password_that_another_process_has_set_is_learnt_before_it_is_refused(
    town: Town, tmp_path: Path
) -> None:
    with open_town(tmp_path / "town.db", furnish=False) as other:
        other.replace(AN, "userPassword", SECOND)
        assert prove(town, SECOND).outcome is Outcome.MUST_CHANGE


def test_a_person_that_another_process_has_added_is_found_before_it_is_refused(
    town: Town, tmp_path: Path
) -> None:
    with open_town(tmp_path / "town.db", furnish=False) as other:
        other.person("binh", "Trần Bình", userPassword=SECOND)
        assert prove(town, SECOND, f"uid=binh,{SONV}").outcome is Outcome.MUST_CHANGE


def test_the_digest_of_an_account_changes_with_password_and_state_and_with_nothing_else(town: Town) -> None:
    first = proof(town)
    prove(town)  # renews the stored form of the same password
    town.replace(AN, "telephoneNumber", "0292 123 4567")
    assert proof(town) == first

    town.clock.pass_time(seconds=1)
    town.replace(AN, "gdState", "sendBlocked")
    second = proof(town)
    town.replace(AN, "userPassword", SECOND, handle=town.admin())
    assert len({first, second, proof(town)}) == 3


def test_the_digest_changes_when_the_password_does_within_one_second(town: Town) -> None:
    town.replace(AN, "userPassword", SECOND, handle=town.admin())
    first = proof(town)
    town.replace(AN, "userPassword", FIRST, handle=town.admin())
    assert proof(town) != first
