"""What a search tells of accounts besides their entries: usability, the policy in force, logins."""

from __future__ import annotations

import pytest

from govdir.directory.caller import Role
from govdir.directory.errors import ConstraintViolation, InvalidCredentials
from govdir.directory.handle import Handle
from govdir.directory.matches import Annotated
from govdir.directory.options import SearchOptions
from govdir.ldap.codec.controls.account_usable import Unusable, encode_unusable, encode_usable
from govdir.ldap.codec.messages import Control, ModifyOperation
from tests.directory.building import ADMIN, ADMIN_PASSWORD, SONV, SUFFIX, Town, entries, names, request

AN = f"uid=an,{SONV}"
BINH = f"uid=binh,{SONV}"
PERSONS = f"cn=person,ou=policies,{SUFFIX}"
FIRST, SECOND = "Hoa-sen-trang-927", "Song-Hau-chay-mai-38"
DAY = 86_400
MONTHS = 92 * DAY  # three of them from 2026-03-02 on


@pytest.fixture
def town(town: Town) -> Town:
    """With An, who has chosen her password, and Binh, who has none."""
    town.person("an", "Lê An", userPassword=SECOND)
    town.run(town.bound(AN, SECOND).change_password(None, None, FIRST.encode()))
    town.person("binh", "Lê Bình")
    return town


def told(town: Town, handle: Handle | None = None, dn: str = AN) -> tuple[Control, ...]:
    """The controls that come with the entry."""
    asked = request("(objectClass=*)", dn, attributes=["1.1"])
    found = [one for one in (handle or town.admin()).search(asked, SearchOptions(account_usable=True)) if one]
    return found[0].controls if isinstance(found[0], Annotated) else ()


def unusable(**why: bool | int) -> tuple[Control, ...]:
    return (encode_unusable(Unusable(**why)),)


def policy(town: Town, **values: str) -> None:
    classes = ("device", "pwdPolicy")
    town.add(PERSONS, {"objectClass": classes, "cn": "person", "pwdAttribute": "userPassword", **values})


def fail(town: Town, times: int) -> None:
    for _ in range(times):
        with pytest.raises(InvalidCredentials):
            town.run(town.directory.bind(AN, b"wrong"))


def test_an_account_in_order_tells_the_seconds_it_has_left(town: Town) -> None:
    assert told(town) == (encode_usable(MONTHS),)
    town.clock.pass_time(days=91)
    assert told(town) == (encode_usable(DAY),)
    assert told(town, dn=ADMIN) == (encode_usable(None),)


def test_each_bar_is_told_by_what_ends_it(town: Town) -> None:
    admin = town.admin()
    fail(town, 10)
    assert told(town) == unusable(unlocks_in_seconds=900)
    town.run(town.directory.upgrade_passwords())
    assert told(town) == unusable(unlocks_in_seconds=900)
    town.replace(AN, "pwdAccountLockedTime", "000001010000Z", handle=admin)
    assert told(town) == unusable(inactive=True)
    town.replace(AN, "pwdAccountLockedTime", handle=admin)
    town.replace(AN, "pwdEndTime", "20260302000000Z", handle=admin)
    assert told(town) == unusable(inactive=True)
    town.replace(AN, "pwdEndTime", handle=admin)
    town.replace(AN, "gdState", "suspended", handle=admin)
    assert told(town) == unusable(inactive=True)


def test_reset_and_expiry_are_told(town: Town) -> None:
    town.run(town.admin().change_password(AN, None, SECOND.encode()))
    assert told(town) == unusable(reset=True)
    town.clock.pass_time(days=92)
    assert told(town) == unusable(reset=True, expired=True)


def test_logins_left_are_told(town: Town) -> None:
    policy(town, pwdMaxAge=str(DAY), pwdGraceAuthnLimit="2")
    town.clock.pass_time(days=1)
    assert told(town) == unusable(expired=True, grace_logins_left=2)
    town.run(town.directory.bind(AN, FIRST.encode()))
    assert told(town) == unusable(expired=True, grace_logins_left=1)


def test_only_who_may_read_operational_attributes_is_told(town: Town) -> None:
    assert told(town, town.caller(Role.PERSON, BINH)) == ()
    assert told(town, town.bound(AN, FIRST)) == (encode_usable(MONTHS),)


def test_what_is_no_account_or_has_no_password_tells_nothing(town: Town) -> None:
    assert told(town, dn=BINH) == ()
    assert told(town, dn=f"ou=policies,{SUFFIX}") == ()


def shown(town: Town, name: str, dn: str = AN) -> list[str]:
    """An attribute's values as an administrator sees them."""
    (entry,) = entries(town.admin().search(request("(objectClass=*)", dn, attributes=[name])))
    return [value.decode() for each in entry.attributes for value in each.values]


def test_the_policy_in_force_is_shown_and_found(town: Town) -> None:
    assert shown(town, "pwdPolicySubentry") == []
    policy(town, pwdMaxFailure="3")
    assert shown(town, "pwdPolicySubentry") == [PERSONS]
    strict = f"cn=strict,ou=policies,{SUFFIX}"
    town.rename(PERSONS, "cn=strict")
    assert shown(town, "pwdPolicySubentry") == []
    town.replace(AN, "pwdPolicySubentry", strict, handle=town.admin())
    assert shown(town, "pwdPolicySubentry") == [strict]
    assert names(town.admin(), f"(pwdPolicySubentry={strict})") == ["an"]


def test_logins_are_shown_as_operational_attributes(town: Town) -> None:
    policy(town, pwdMaxFailure="0", pwdMinDelay="8")
    town.clock.pass_time(seconds=60)
    town.run(town.directory.bind(AN, FIRST.encode()))
    assert shown(town, "pwdLastSuccess") == ["20260302080100Z"]
    assert shown(town, "pwdFailureTime") == []
    fail(town, 1)
    town.clock.pass_time(seconds=2)
    assert shown(town, "pwdFailureTime") == ["20260302080100Z"]
    assert shown(town, "pwdAccountTmpLockoutEnd") == ["20260302080108Z"]
    town.clock.pass_time(seconds=6)
    assert shown(town, "pwdAccountTmpLockoutEnd") == []


@pytest.mark.parametrize(
    "name", ["pwdLastSuccess", "pwdFailureTime", "pwdAccountTmpLockoutEnd", "pwdGraceUseTime"]
)
def test_nobody_writes_what_the_server_counts(town: Town, name: str) -> None:
    with pytest.raises(ConstraintViolation, match="no user modification"):
        town.change(AN, ModifyOperation.REPLACE, name, "20260302080000Z", handle=town.admin())


def test_a_bind_writes_nothing_to_the_entry(town: Town) -> None:
    record = town.directory.image.find(town.directory.path_of(ADMIN) or ())
    assert record is not None
    before = record.version
    town.run(town.directory.bind(ADMIN, ADMIN_PASSWORD.encode()))
    assert record.version == before


def test_history_is_never_shown(town: Town) -> None:
    assert shown(town, "pwdHistory") == []
