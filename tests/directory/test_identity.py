"""Open connections: what ends the identity on them, and what does not."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha1
from pathlib import Path

import pytest

from govdir.directory.caller import Role
from govdir.directory.errors import InsufficientAccessRights, InvalidCredentials
from govdir.directory.handle import Handle
from tests.directory.building import SONV, SOTTTT, SUFFIX, Town, names, open_town

AN, CHI = f"uid=an,{SONV}", f"uid=chi,{SONV}"
GIVEN = b"Nuoc-lon-dong-sau-64"
FIRST, SECOND, THIRD = b"Hoa-sen-trang-927", b"Song-que-em-dem-31", b"Trang-sang-vuon-chuoi-5"
SERVICE = f"cn=postfix,ou=services,{SUFFIX}"


@pytest.fixture(scope="module")
def peopled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("identity") / "town.db"
    with open_town(path) as town:
        town.person("an", "Lê An", userPassword=GIVEN.decode())
        town.run(town.bound(AN, GIVEN.decode()).change_password(None, GIVEN, FIRST))
        town.person("chi", "Vũ Chi")
        town.add(SERVICE, {"objectClass": "gdService", "gdServiceKind": "mail"})
        town.replace(SERVICE, "userPassword", FIRST.decode())
        town.clock.pass_time(hours=1)
    return path


@pytest.fixture
def town(tmp_path: Path, peopled_file: Path) -> Iterator[Town]:
    with open_town(tmp_path / "town.db", peopled_file) as town:
        town.clock.pass_time(hours=2)
        yield town


def goes_on(handle: Handle) -> bool:
    try:
        names(handle, "(uid=chi)")
    except InsufficientAccessRights:
        return False
    return True


def reset(town: Town) -> None:
    town.run(town.admin().change_password(AN, None, SECOND))


def suspend_and_restore(town: Town) -> None:
    town.replace(AN, "gdState", "suspended")
    town.clock.pass_time(seconds=1)
    town.replace(AN, "gdState", "active")


BY_OTHERS: dict[str, Callable[[Town], None]] = {
    "another password": reset,
    "the same password again": lambda town: town.replace(AN, "userPassword", FIRST.decode()),
    "no password": lambda town: town.replace(AN, "userPassword"),
    "sending blocked": lambda town: town.replace(AN, "gdState", "sendblocked"),
    "suspended": lambda town: town.replace(AN, "gdState", "suspended"),
    "suspended and restored": suspend_and_restore,
}


@pytest.mark.parametrize("change", BY_OTHERS.values(), ids=BY_OTHERS.keys())
def test_a_password_or_state_set_by_somebody_else_ends_the_identity(
    town: Town, change: Callable[[Town], None]
) -> None:
    an = town.bound(AN, FIRST.decode())
    assert goes_on(an)
    change(town)
    assert not goes_on(an)
    with pytest.raises(InsufficientAccessRights, match="bind again"):
        town.replace(AN, "telephoneNumber", "1", handle=an)
    with pytest.raises(InsufficientAccessRights, match="bind again"):
        town.run(an.change_password(None, FIRST, THIRD))


def test_an_identity_that_ended_does_not_come_back(town: Town) -> None:
    an = town.bound(AN, FIRST.decode())
    reset(town)
    assert not goes_on(an)
    town.run(town.bound(AN, SECOND.decode()).change_password(None, SECOND, THIRD))
    assert not goes_on(an)


def test_whoever_binds_again_goes_on(town: Town) -> None:
    reset(town)
    again = town.bound(AN, SECOND.decode())
    town.run(again.change_password(None, SECOND, THIRD))
    assert goes_on(again)


def test_a_reset_within_the_second_of_the_bind_ends_it_too(town: Town) -> None:
    town.run(town.bound(AN, FIRST.decode()).change_password(None, FIRST, THIRD))
    an = town.bound(AN, THIRD.decode())
    reset(town)
    assert not goes_on(an)


def test_ones_own_change_keeps_the_connection_it_was_made_on(town: Town) -> None:
    an, other = (town.bound(AN, FIRST.decode()) for _ in range(2))
    town.run(an.change_password(None, FIRST, SECOND))
    assert goes_on(an)
    assert not goes_on(other)
    town.replace(AN, "telephoneNumber", "0292 3812 345", handle=an)
    assert goes_on(an)


def test_other_changes_by_others_end_nothing(town: Town) -> None:
    an = town.bound(AN, FIRST.decode())
    for name in ("title", "description"):
        town.replace(AN, name, "x")
    town.rename(AN, "uid=an", SOTTTT)
    for _ in range(3):
        with pytest.raises(InvalidCredentials):
            town.bound(f"uid=an,{SOTTTT}", "sai")
    assert goes_on(an)


def test_who_closes_itself_is_out(town: Town) -> None:
    town.add(
        f"cn=operator,ou=admins,{SUFFIX}",
        {"objectClass": "gdRoleGroup", "gdRoleKind": "operator", "member": AN},
    )
    an = town.bound(AN, FIRST.decode())
    town.replace(AN, "gdState", "sendblocked", handle=an)
    assert goes_on(an)
    town.replace(AN, "gdState", "suspended", handle=an)
    assert not goes_on(an)


def test_a_better_hash_of_the_same_password_ends_nothing(town: Town) -> None:
    """Ten connections of a pool bind at once with a password taken over from another server."""
    salt = b"muoi"
    town.replace(SERVICE, "userPassword", "{SSHA}" + b64encode(sha1(FIRST + salt).digest() + salt).decode())
    record = town.directory.image.find(town.directory.path_of(SERVICE) or ())
    assert record is not None
    before = record.secrets
    first = town.caller(Role.SERVICE, SERVICE, "mail")
    town.bound(SERVICE, FIRST.decode())
    town.run(town.directory.upgrade_passwords())
    assert record.secrets != before
    assert goes_on(first)


def test_a_service_with_a_new_password_binds_again(town: Town) -> None:
    service = town.bound(SERVICE, FIRST.decode())
    assert goes_on(service)
    town.run(town.admin().change_password(SERVICE, None, SECOND))
    assert not goes_on(service)
    assert goes_on(town.bound(SERVICE, SECOND.decode()))
