"""Changing passwords: by modify, replace and Password Modify, with the same rules everywhere."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from govdir.config import PasswordSettings
from govdir.directory.errors import (
    DirectoryError,
    InsufficientAccessRights,
    RuleViolation,
    UnwillingToPerform,
)
from govdir.directory.handle import Handle
from govdir.directory.secrets import unpack_secrets
from govdir.ldap.codec.messages import Change, ModifyOperation, ModifyRequest
from tests.directory.building import ADMIN, ADMIN_PASSWORD, SONV, SUFFIX, Town, attribute
from tests.directory.test_logins import AN, FIRST, SECOND, bind, fail_to_bind, ssha, stored

ADD, DELETE, REPLACE = ModifyOperation.ADD, ModifyOperation.DELETE, ModifyOperation.REPLACE
WEAK = "12345678"


@pytest.fixture
def town(town: Town) -> Town:
    town.person("an", "Lê An", userPassword=ssha(FIRST))
    town.replace(AN, "pwdReset")
    return town


def by_modify(town: Town, handle: Handle, old: str, new: str) -> None:
    changes = (
        Change(DELETE, attribute("userPassword", old)),
        Change(ADD, attribute("userPassword", new)),
    )
    town.run(handle.modify(ModifyRequest(AN, changes)))


def by_replace(town: Town, handle: Handle, _old: str, new: str) -> None:
    town.replace(AN, "userPassword", new, handle=handle)


def by_operation(town: Town, handle: Handle, old: str, new: str) -> None:
    assert town.run(handle.change_password(None, old.encode(), new.encode())) is None


WAYS = pytest.mark.parametrize("change", [by_modify, by_replace, by_operation])
Way = Callable[[Town, Handle, str, str], None]


@WAYS
def test_the_owner_changes_the_password(town: Town, change: Way) -> None:
    change(town, town.bound(AN, FIRST), FIRST, SECOND)
    fail_to_bind(town, password=FIRST)
    assert not bind(town, AN, SECOND).caller.must_change
    assert stored(town).startswith(b"{ARGON2}")
    assert town.values(AN, "pwdChangedTime") == ("20260302080000Z",)


@WAYS
def test_a_password_against_the_rules_is_refused_with_the_rule(town: Town, change: Way) -> None:
    before = stored(town)
    with pytest.raises(RuleViolation):
        change(town, town.caller(town.bound(AN, FIRST).caller.role, AN), FIRST, WEAK)
    assert stored(town) != b""
    assert before


@WAYS
def test_a_hash_is_refused_with_a_hint_what_to_do(town: Town, change: Way) -> None:
    with pytest.raises(DirectoryError) as refusal:
        change(town, town.bound(AN, FIRST), FIRST, ssha(SECOND))
    assert refusal.value.code == 19
    assert "Plaintext" in refusal.value.diagnostic


@pytest.mark.parametrize("change", [by_modify, by_operation])
def test_a_wrong_old_password_is_49_and_changes_nothing(town: Town, change: Way) -> None:
    handle = town.bound(AN, FIRST)
    before = stored(town)
    with pytest.raises(DirectoryError) as refusal:
        change(town, handle, "wrong", SECOND)
    assert refusal.value.code == 49
    assert stored(town) == before


def test_the_last_passwords_cannot_be_chosen_again(town: Town) -> None:
    passwords = [FIRST, SECOND, "Trang-sang-vuon-chuoi-5", "Gio-dua-canh-truc-61"]
    for old, new in itertools.pairwise(passwords):
        by_operation(town, town.bound(AN, old), old, new)
    handle = town.bound(AN, passwords[-1])
    for earlier in passwords:
        with pytest.raises(DirectoryError) as refusal:
            by_operation(town, handle, passwords[-1], earlier)
        assert refusal.value.code == 19
        assert "again" in refusal.value.diagnostic
    record = town.directory.image.find(town.directory.path_of(AN) or ())
    assert record is not None
    assert len(unpack_secrets(record.secrets).history) == 3


def test_the_administrators_reset_has_to_be_changed_by_the_owner(town: Town) -> None:
    by_replace(town, town.admin(), "", SECOND)
    assert town.values(AN, "pwdReset") == ("TRUE",)
    assert bind(town, AN, SECOND).caller.must_change


def test_a_generated_password_meets_the_rules_and_is_told_once(town: Town) -> None:
    generated = town.run(town.bound(AN, FIRST).change_password(None, FIRST.encode(), None))
    assert generated is not None
    assert bind(town, AN, generated.decode()).caller.dn == AN
    other = town.run(town.admin().change_password(f"dn:{AN}", None, None))
    assert other not in (None, generated)


def test_an_administrators_own_password_needs_no_second_change(town: Town) -> None:
    admin = town.bound(ADMIN, ADMIN_PASSWORD)
    town.run(admin.change_password(None, None, SECOND.encode()))
    assert not bind(town, ADMIN, SECOND).caller.must_change


def test_others_passwords_need_the_right_to_write_them(town: Town) -> None:
    town.person("chi", "Vũ Chi")
    chi = town.bound(AN, FIRST)
    before = town.slow.done
    for attempt in (
        chi.change_password(f"uid=chi,{SONV}", None, SECOND.encode()),
        chi.modify(ModifyRequest(f"uid=chi,{SONV}", (Change(REPLACE, attribute("userPassword", SECOND)),))),
    ):
        with pytest.raises(InsufficientAccessRights):
            town.run(attempt)
    assert town.slow.done == before


def test_anonymous_must_name_a_user_and_then_finds_none(town: Town) -> None:
    anonymous = town.directory.as_caller(town.directory.anonymous)
    with pytest.raises(InsufficientAccessRights):
        town.run(anonymous.change_password(None, None, SECOND.encode()))
    with pytest.raises(DirectoryError) as refusal:
        town.run(anonymous.change_password(AN, FIRST.encode(), SECOND.encode()))
    assert refusal.value.code == 32


def test_a_password_is_taken_away_by_others_only(town: Town) -> None:
    with pytest.raises(UnwillingToPerform):
        town.change(AN, DELETE, "userPassword", handle=town.bound(AN, FIRST))
    town.change(AN, DELETE, "userPassword", handle=town.admin())
    fail_to_bind(town, password=FIRST)
    assert town.values(AN, "pwdChangedTime") == ()


@pytest.mark.parametrize(
    "changes",
    [
        ((REPLACE, (SECOND, FIRST)),),
        ((ADD, (SECOND,)), (ADD, (FIRST,))),
        ((DELETE, (FIRST, SECOND)),),
        ((ModifyOperation.INCREMENT, ("1",)),),
        ((ADD, ()),),
    ],
)
def test_what_is_not_one_password_is_19(
    town: Town, changes: tuple[tuple[ModifyOperation, tuple[str, ...]], ...]
) -> None:
    asked = tuple(Change(operation, attribute("userPassword", values)) for operation, values in changes)
    with pytest.raises(DirectoryError) as refusal:
        town.run(town.admin().modify(ModifyRequest(AN, asked)))
    assert refusal.value.code in (2, 19)


def test_a_password_and_other_attributes_change_together_or_not_at_all(town: Town) -> None:
    password = Change(REPLACE, attribute("userPassword", SECOND))
    both = (password, Change(REPLACE, attribute("title", "Giám đốc")))
    with pytest.raises(InsufficientAccessRights):
        town.run(town.bound(AN, FIRST).modify(ModifyRequest(AN, both)))
    bind(town, AN, FIRST)
    town.run(town.admin().modify(ModifyRequest(AN, both)))
    assert town.values(AN, "title") == ("Giám đốc",)
    bind(town, AN, SECOND)


def test_octets_that_are_no_text_are_21(town: Town) -> None:
    with pytest.raises(DirectoryError) as refusal:
        town.run(town.admin().change_password(AN, None, b"\xff\xfe" * 8))
    assert refusal.value.code == 21


def test_the_operator_takes_over_hashes_that_can_be_checked_and_no_others(town: Town) -> None:
    by_replace(town, town.local, "", ssha(SECOND))
    bind(town, AN, SECOND)
    with pytest.raises(DirectoryError) as refusal:
        by_replace(town, town.local, "", "{SSHA}short")
    assert refusal.value.code == 19


def test_the_trail_of_changes_holds_no_password(town: Town) -> None:
    by_operation(town, town.bound(AN, FIRST), FIRST, SECOND)
    content = (town.directory.image.number, *(repr(one) for one in town.local.read(AN).as_messages()))
    assert SECOND not in str(content)
    exported = dict(town.local.export(with_secrets=True))
    assert any(one.type == "userPassword" for one in exported[AN])
    assert not any(one.type == "userPassword" for one in dict(town.local.export(with_secrets=False))[AN])
    with pytest.raises(InsufficientAccessRights):
        next(town.admin().export(with_secrets=True))
    assert next(iter(exported)) == SUFFIX


def test_guessing_the_old_password_locks_the_account_like_guessing_at_binds(town: Town) -> None:
    handle = town.bound(AN, FIRST)
    for _ in range(PasswordSettings().failures):
        with pytest.raises(DirectoryError):
            by_operation(town, handle, "wrong", SECOND)
    fail_to_bind(town, password=FIRST)
