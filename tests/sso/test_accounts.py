"""Accounts: what of an entry signing in needs, and whether a session still is somebody's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from govdir.directory.caller import Role
from govdir.directory.roles import HeldRole
from govdir.policy.load import load_province
from govdir.policy.texts import Language
from govdir.sso.accounts import Account, Accounts, may_sign_in
from tests.directory.building import ADMIN, ADMIN_PASSWORD, SONV, SUFFIX, Town, open_town

AN = f"uid=an,{SONV}"


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("accounts") / "town.db"
    with open_town(path) as town:
        town.person("an", "Lê An", userPassword=ADMIN_PASSWORD + "x")
    return path


@pytest.fixture
def town(tmp_path: Path, furnished: Path) -> Iterator[Town]:
    with open_town(tmp_path / "town.db", furnished) as town:
        yield town


@pytest.fixture
def accounts(town: Town) -> Accounts:
    return Accounts(town.directory, load_province("cantho"))


def account(accounts: Accounts, name: str = AN) -> Account:
    record = accounts.find(name)
    assert record is not None
    return accounts.of(record)


def test_an_account_is_what_the_entry_says(accounts: Accounts) -> None:
    an = account(accounts)
    assert (an.dn, an.address, an.shown) == (AN, "lan@cantho.gov.vn", "lan@cantho.gov.vn")
    assert (an.name, an.state, an.roles) == ("Lê An - Sở Nội vụ", "active", frozenset())
    assert an.caller.role is Role.PERSON
    again = accounts.by_uuid(an.entry_uuid)
    assert again is not None
    assert (again.dn, again.proof) == (AN, an.proof)


def test_the_administrator_has_a_dn_and_no_address(accounts: Accounts) -> None:
    admin = account(accounts, "cn=admin")
    assert (admin.address, admin.shown, admin.state) == ("", ADMIN, "")
    assert admin.caller.role is Role.ADMINISTRATOR
    assert may_sign_in(admin)


def test_roles_are_those_held_now(town: Town, accounts: Accounts) -> None:
    town.add(
        f"cn=operators,ou=admins,{SUFFIX}",
        {"objectClass": "gdRoleGroup", "gdRoleKind": "operator", "member": AN},
    )
    assert account(accounts).roles == {HeldRole.OPERATOR}


def test_nobody_has_an_unknown_uuid(accounts: Accounts) -> None:
    for text in ("", "x", "00000000-0000-4000-8000-000000000000"):
        assert accounts.by_uuid(text) is None


def test_an_account_is_not_shown_with_its_attributes(accounts: Accounts) -> None:
    assert repr(account(accounts)) == f"Account(dn={AN!r})"


@pytest.mark.parametrize(
    ("preferred", "language"),
    [
        ("", Language.VIETNAMESE),
        ("en", Language.ENGLISH),
        ("EN-us", Language.ENGLISH),
        ("fr, de;q=0.9", Language.VIETNAMESE),
        ("fr, en;q=0.8, vi;q=0.5", Language.ENGLISH),
        ("vi-VN", Language.VIETNAMESE),
        ("*", Language.VIETNAMESE),
    ],
)
def test_the_language_is_the_first_that_everything_is_written_in(
    town: Town, accounts: Accounts, preferred: str, language: Language
) -> None:
    if preferred:
        town.replace(AN, "preferredLanguage", preferred)
    assert account(accounts).language(Language.VIETNAMESE) is language


def test_the_language_is_else_the_one_of_the_province(accounts: Accounts) -> None:
    assert account(accounts).language(Language.ENGLISH) is Language.ENGLISH


@pytest.mark.parametrize("state", ["active", "sendBlocked", "suspended", "revoked"])
def test_only_open_states_sign_in(town: Town, accounts: Accounts, state: str) -> None:
    if state != "active":
        town.replace(AN, "gdState", state)
    an = account(accounts)
    assert an.state == state.lower()
    assert may_sign_in(an) is (state in {"active", "sendBlocked"})


def test_services_do_not_sign_in(town: Town, accounts: Accounts) -> None:
    dn = f"cn=postfix,ou=services,{SUFFIX}"
    town.add(dn, {"objectClass": "gdService", "gdServiceKind": "mail", "userPassword": ADMIN_PASSWORD})
    assert not may_sign_in(account(accounts, dn))
