"""Password policies as entries: each attribute at work, on the regulation's floor, at once for everybody."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path

import pytest

from govdir.directory.admission import Bound
from govdir.directory.errors import (
    ConstraintViolation,
    InvalidAttributeSyntax,
    InvalidCredentials,
    OldPasswordNeeded,
    PasswordChangeNotAllowed,
    PasswordNotReadable,
    PasswordTooLong,
    PasswordTooShort,
    PasswordTooYoung,
    PasswordUsedBefore,
    RuleViolation,
    UnwillingToPerform,
)
from govdir.directory.image import Record
from govdir.directory.password_policy import PasswordPolicy
from govdir.ldap.codec.messages import Change, ModifyOperation, ModifyRequest
from tests.directory.building import ADMIN, SONV, SUFFIX, Town, attribute, open_town

AN = f"uid=an,{SONV}"
PERSONS = f"cn=person,ou=policies,{SUFFIX}"
ADMINS = f"cn=administrator,ou=policies,{SUFFIX}"
POSTFIX = f"cn=postfix,ou=services,{SUFFIX}"
PASSWORDS = ("Hoa-sen-trang-927", "Song-Hau-chay-mai-38", "Trang-sang-vuon-chuoi-5", "Gio-mua-thu-ve-64")
GIVEN, GENTLE = "Thuyen-ve-ben-cu-71", "Cau-tre-lac-leo-86"
FIRST, SECOND, THIRD, FOURTH = PASSWORDS
DAY = 86_400


@pytest.fixture
def town(town: Town) -> Town:
    """With one person who has chosen FIRST, just now."""
    town.person("an", "Lê An", userPassword=GIVEN)
    town.run(town.bound(AN, GIVEN).change_password(None, None, FIRST.encode()))
    return town


def policy(town: Town, dn: str = PERSONS, **values: str) -> str:
    """A policy entry that says just this."""
    name = dn.partition("=")[2].partition(",")[0]
    return town.add(
        dn, {"objectClass": ("device", "pwdPolicy"), "cn": name, "pwdAttribute": "userPassword", **values}
    )


def bind(town: Town, password: str = FIRST, dn: str = AN) -> Bound:
    return town.run(town.directory.bind(dn, password.encode()))


def choose(town: Town, new: str, old: str | None = None, present: str = FIRST) -> None:
    """The owner chooses another password by Password Modify."""
    handle = town.bound(AN, present)
    town.run(handle.change_password(None, None if old is None else old.encode(), new.encode()))


def refuse_bind(town: Town, password: str = FIRST, dn: str = AN) -> None:
    with pytest.raises(InvalidCredentials):
        bind(town, password, dn)


def in_force(town: Town, dn: str = AN) -> PasswordPolicy | None:
    return town.directory.password_rules.policy(town.local.read(dn))


def failures_allowed(town: Town) -> int:
    found = in_force(town)
    assert found is not None
    return found.max_failures


def test_a_policy_whose_number_is_none_is_refused_by_the_schema(town: Town) -> None:
    with pytest.raises(InvalidAttributeSyntax, match="pwdMaxAge"):
        policy(town, pwdMaxAge="ba tháng")


def test_without_entries_the_settings_and_the_regulation_are_in_force(town: Town) -> None:
    found = in_force(town)
    assert found is not None
    assert (found.max_age_months, found.max_age_seconds, found.max_failures) == (3, 0, 10)


def test_an_entry_changes_what_it_says_and_nothing_else(town: Town) -> None:
    before = in_force(town)
    policy(town, pwdMaxFailure="4", pwdMinLength="12")
    after = in_force(town)

    assert before is not None
    assert after is not None
    assert (after.max_failures, after.min_length) == (4, 12)
    assert (after.lock_seconds, after.history_length) == (before.lock_seconds, before.history_length)


def test_a_change_of_a_policy_works_on_the_next_login_though_the_password_is_remembered(town: Town) -> None:
    policy(town, pwdMaxAge=str(30 * DAY))
    bind(town)
    town.clock.pass_time(days=8)
    assert not bind(town).caller.must_change
    town.replace(PERSONS, "pwdMaxAge", str(7 * DAY))

    assert bind(town).caller.must_change


def test_a_policy_by_hand_goes_before_that_of_the_kind_and_a_lost_one_does_not(town: Town) -> None:
    strict = policy(town, f"cn=strict,ou=policies,{SUFFIX}", pwdMaxFailure="2")
    policy(town, pwdMaxFailure="7")
    assert failures_allowed(town) == 7
    town.replace(AN, "pwdPolicySubentry", strict)
    assert failures_allowed(town) == 2
    town.replace(AN, "pwdPolicySubentry")
    assert failures_allowed(town) == 7


def test_a_policy_that_does_not_exist_is_nobodys(town: Town) -> None:
    for nothing in (f"cn=none,ou=policies,{SUFFIX}", AN, "cn=elsewhere,dc=example"):
        with pytest.raises(ConstraintViolation, match="pwdPolicySubentry"):
            town.replace(AN, "pwdPolicySubentry", nothing, handle=town.admin())


def test_a_policy_that_others_are_under_stays(town: Town) -> None:
    strict = policy(town, f"cn=strict,ou=policies,{SUFFIX}", pwdMaxFailure="2")
    town.replace(AN, "pwdPolicySubentry", strict)
    with pytest.raises(UnwillingToPerform, match="pwdPolicySubentry"):
        town.delete(strict)
    with pytest.raises(UnwillingToPerform, match="pwdPolicySubentry"):
        town.rename(strict, "cn=stricter")
    town.replace(AN, "pwdPolicySubentry")
    town.rename(strict, "cn=stricter")
    town.delete(f"cn=stricter,ou=policies,{SUFFIX}")


def test_services_are_under_a_policy_only_by_hand(town: Town) -> None:
    service = {"objectClass": ("applicationProcess", "gdService"), "cn": "postfix", "gdServiceKind": "mail"}
    town.add(POSTFIX, {**service, "userPassword": FIRST})
    assert in_force(town, POSTFIX) is None
    strict = policy(town, f"cn=strict,ou=policies,{SUFFIX}", pwdMaxFailure="2", pwdLockoutDuration="60")
    town.replace(POSTFIX, "pwdPolicySubentry", strict)

    for _ in range(2):
        refuse_bind(town, SECOND, POSTFIX)
    refuse_bind(town, FIRST, POSTFIX)
    town.clock.pass_time(seconds=60)
    assert bind(town, FIRST, POSTFIX).caller.dn == POSTFIX


# -- each attribute ------------------------------------------------------------------------------------------


def test_pwd_min_age_keeps_a_password_for_a_while_but_not_one_set_by_others(town: Town) -> None:
    policy(town, pwdMinAge=str(DAY))
    with pytest.raises(PasswordTooYoung):
        choose(town, THIRD)
    town.clock.pass_time(days=1)
    choose(town, THIRD)

    town.run(town.admin().change_password(AN, None, FOURTH.encode()))
    choose(town, GENTLE, present=FOURTH)


def test_pwd_max_age_ends_a_password_at_its_second(town: Town) -> None:
    policy(town, pwdMaxAge=str(DAY))
    town.clock.pass_time(seconds=DAY - 1)
    assert bind(town).expires_in_seconds == 1
    town.clock.pass_time(seconds=1)
    assert bind(town).caller.must_change


def test_the_months_of_the_regulation_stand_beside_a_longer_pwd_max_age(town: Town) -> None:
    policy(town, pwdMaxAge=str(92 * DAY))  # 2026-03-02 + 3 months is 92 days
    town.clock.moment = datetime(2026, 6, 2, 7, 59, 59, tzinfo=UTC)
    assert not bind(town).caller.must_change
    town.clock.pass_time(seconds=1)
    assert bind(town).caller.must_change


@pytest.mark.parametrize(("remembered", "refused"), [(0, 0), (1, 2), (2, 3)])
def test_pwd_in_history_counts_former_passwords_and_the_present_one_beside(
    town: Town, remembered: int, refused: int
) -> None:
    policy(town, pwdInHistory=str(remembered))
    for old, new in itertools.pairwise(PASSWORDS):
        choose(town, new, present=old)

    newest_first = PASSWORDS[::-1]
    for used in newest_first[:refused]:
        with pytest.raises(PasswordUsedBefore):
            choose(town, used, present=FOURTH)
    if refused < len(newest_first):
        choose(town, newest_first[refused], present=FOURTH)


def test_pwd_min_and_max_length_count_characters_however_they_are_composed(town: Town) -> None:
    policy(town, pwdMinLength="16", pwdMaxLength="18")
    fifteen, nineteen = "Đồng-lúa-chín-9", "Đồng-lúa-chín-vàng9"
    assert (len(fifteen), len(nineteen)) == (15, 19)
    with pytest.raises(PasswordTooShort):
        choose(town, fifteen)
    with pytest.raises(PasswordTooLong):
        choose(town, nineteen)
    choose(town, "Đô\u0300ng-lu\u0301a-chi\u0301n-1\u0323")  # 16 letters, 20 characters as sent


def test_what_is_generated_is_as_long_as_the_policy_asks(town: Town) -> None:
    policy(town, pwdMinLength="20")
    generated = town.run(town.admin().change_password(AN, None, None))

    assert generated is not None
    assert len(generated) == 20


def test_pwd_check_quality_is_for_those_whom_the_regulation_does_not_know(town: Town) -> None:
    hashed = b"{SSHA}k8p9ZpHhZxE4dA6AhRAjVTJ0Y8RzYWx0"
    admin = town.admin()
    with pytest.raises(PasswordNotReadable):
        town.run(admin.change_password(ADMIN, None, hashed))
    policy(town, ADMINS, pwdCheckQuality="1")
    town.run(admin.change_password(ADMIN, None, hashed))
    with pytest.raises(ConstraintViolation):
        town.run(town.admin().change_password(ADMIN, None, b"short"))
    town.replace(ADMINS, "pwdCheckQuality", "0")
    town.run(town.admin().change_password(ADMIN, None, b"short"))
    assert bind(town, "short", ADMIN).caller.dn == ADMIN


def test_a_mailbox_under_the_policy_of_administrators_is_checked_all_the_same(town: Town) -> None:
    policy(town, ADMINS, pwdCheckQuality="0")
    town.replace(AN, "pwdPolicySubentry", ADMINS)
    with pytest.raises(RuleViolation):
        town.run(town.admin().change_password(AN, None, b"short"))


def test_pwd_expire_warning_tells_from_its_second_on(town: Town) -> None:
    policy(town, pwdMaxAge=str(10 * DAY), pwdExpireWarning=str(DAY))
    town.clock.pass_time(seconds=9 * DAY - 1)
    assert not bind(town).expires_soon
    town.clock.pass_time(seconds=1)
    assert bind(town).expires_soon
    town.replace(PERSONS, "pwdExpireWarning", "0")
    assert not bind(town).expires_soon


def test_grace_logins_are_counted_down_and_then_refused(town: Town) -> None:
    policy(town, pwdMaxAge=str(DAY), pwdGraceAuthnLimit="2")
    town.clock.pass_time(days=1)

    bound = [bind(town) for _ in range(2)]
    assert [(each.grace_left, each.caller.must_change) for each in bound] == [(1, False), (0, False)]
    refuse_bind(town)
    assert len(town.values(AN, "pwdGraceUseTime")) == 2
    town.run(town.admin().change_password(AN, None, SECOND.encode()))
    assert town.values(AN, "pwdGraceUseTime") == ()


def test_grace_logins_end_with_their_time(town: Town) -> None:
    policy(town, pwdMaxAge=str(DAY), pwdGraceAuthnLimit="9", pwdGraceExpiry="60")
    town.clock.pass_time(days=1, seconds=59)
    assert bind(town).grace_left == 8
    town.clock.pass_time(seconds=1)
    refuse_bind(town)


def test_a_grace_login_opens_no_mail_and_is_not_used_up_by_a_mail_server(town: Town) -> None:
    policy(town, pwdMaxAge=str(DAY), pwdGraceAuthnLimit="2")
    town.clock.pass_time(days=1)
    with pytest.raises(InvalidCredentials):
        town.run(town.directory.bind(AN, FIRST.encode(), "imap"))

    assert bind(town).grace_left == 1


def test_pwd_lockout_switches_the_lock_off(town: Town) -> None:
    policy(town, pwdLockout="FALSE", pwdMaxFailure="2")
    for _ in range(5):
        refuse_bind(town, SECOND)
    assert bind(town).caller.dn == AN


def test_pwd_max_failure_locks_for_pwd_lockout_duration(town: Town) -> None:
    policy(town, pwdLockout="TRUE", pwdMaxFailure="2", pwdLockoutDuration="30")
    for _ in range(2):
        refuse_bind(town, SECOND)
    town.clock.pass_time(seconds=29)
    refuse_bind(town)
    town.clock.pass_time(seconds=1)
    assert bind(town).caller.dn == AN


def test_pwd_failure_count_interval_forgets(town: Town) -> None:
    policy(town, pwdMaxFailure="2", pwdFailureCountInterval="60")
    refuse_bind(town, SECOND)
    town.clock.pass_time(seconds=60)
    refuse_bind(town, SECOND)
    assert bind(town).caller.dn == AN


def test_pwd_must_change_false_lets_a_given_password_be_kept(town: Town) -> None:
    policy(town, ADMINS, pwdMustChange="TRUE")
    town.run(town.local.change_password(ADMIN, None, THIRD.encode()))
    assert bind(town, THIRD, ADMIN).caller.must_change
    town.replace(ADMINS, "pwdMustChange", "FALSE")
    assert not bind(town, THIRD, ADMIN).caller.must_change


def test_pwd_allow_user_change_false_keeps_owners_from_changing(town: Town) -> None:
    policy(town, ADMINS, pwdAllowUserChange="FALSE")
    with pytest.raises(PasswordChangeNotAllowed):
        town.run(town.admin().change_password(None, None, THIRD.encode()))
    town.run(town.local.change_password(ADMIN, None, THIRD.encode()))


def test_pwd_safe_modify_asks_for_the_old_password(town: Town) -> None:
    policy(town, pwdSafeModify="TRUE")
    with pytest.raises(OldPasswordNeeded):
        choose(town, THIRD)
    with pytest.raises(OldPasswordNeeded):
        town.replace(AN, "userPassword", THIRD, handle=town.bound(AN, FIRST))
    with pytest.raises(InvalidCredentials):
        choose(town, THIRD, old=FOURTH)
    choose(town, THIRD, old=FIRST)
    exchange = (
        Change(ModifyOperation.DELETE, attribute("userPassword", THIRD)),
        Change(ModifyOperation.ADD, attribute("userPassword", FOURTH)),
    )
    town.run(town.bound(AN, THIRD).modify(ModifyRequest(AN, exchange)))
    town.run(town.bound(AN, FOURTH).change_password(None, None, GENTLE.encode(), proved=True))


def test_wrong_old_passwords_lock_and_then_the_right_one_is_not_taken_either(town: Town) -> None:
    policy(town, pwdMaxFailure="3")
    handle = town.bound(AN, FIRST)
    for _ in range(3):
        with pytest.raises(InvalidCredentials):
            town.run(handle.change_password(None, SECOND.encode(), THIRD.encode()))
    with pytest.raises(InvalidCredentials):
        town.run(handle.change_password(None, FIRST.encode(), THIRD.encode()))


def test_delays_double_and_guesses_meanwhile_count_for_nothing(town: Town) -> None:
    policy(town, pwdMaxFailure="0", pwdMinDelay="4", pwdMaxDelay="6")
    refuse_bind(town, SECOND)
    for _ in range(9):
        refuse_bind(town, SECOND)
    town.clock.pass_time(seconds=3.9)
    refuse_bind(town)
    town.clock.pass_time(seconds=0.1)
    refuse_bind(town, SECOND)
    town.clock.pass_time(seconds=5.9)
    refuse_bind(town)
    town.clock.pass_time(seconds=0.1)
    assert bind(town).caller.dn == AN


def test_guesses_during_a_delay_do_not_make_it_longer(town: Town) -> None:
    policy(town, pwdMaxFailure="0", pwdMinDelay="4", pwdMaxDelay="60")
    for _ in range(9):
        refuse_bind(town, SECOND)
    town.clock.pass_time(seconds=4)
    assert bind(town).caller.dn == AN


def test_pwd_max_idle_closes_what_nobody_uses_and_a_new_password_opens_it(town: Town) -> None:
    policy(town, pwdMaxIdle=str(DAY))
    bind(town)
    town.clock.pass_time(hours=23)
    bind(town)
    town.clock.pass_time(days=1)
    refuse_bind(town)
    town.run(town.admin().change_password(AN, None, SECOND.encode()))
    assert bind(town, SECOND).caller.must_change


def test_pwd_start_and_end_time_bound_the_use(town: Town) -> None:
    admin = town.admin()
    town.replace(AN, "pwdStartTime", "20260302090000Z", handle=admin)
    town.replace(AN, "pwdEndTime", "20260302100000Z", handle=admin)
    refuse_bind(town)
    town.clock.pass_time(hours=1)
    assert bind(town).caller.dn == AN
    town.clock.pass_time(hours=1)
    refuse_bind(town)


def test_pwd_max_recorded_failure_bounds_what_is_kept(town: Town) -> None:
    policy(town, pwdMaxFailure="0", pwdMaxRecordedFailure="3")
    for _ in range(9):
        town.clock.pass_time(seconds=1)
        refuse_bind(town, SECOND)

    assert len(town.directory.logins.state_of(record_of(town)).failures) == 3


def record_of(town: Town, dn: str = AN) -> Record:
    record = town.directory.image.find(town.directory.path_of(dn) or ())
    assert record is not None
    return record


def test_a_password_that_a_policy_has_ended_closes_the_mail_when_its_state_is_looked_at(town: Town) -> None:
    policy(town, pwdMaxAge=str(DAY))
    town.replace(AN, "gdState", "sendBlocked", handle=town.admin())
    assert "imap" in town.values(AN, "enabledService")
    town.clock.pass_time(days=1)
    town.replace(AN, "gdState", "active", handle=town.admin())
    assert "imap" not in town.values(AN, "enabledService")


def test_two_processes_together_give_no_more_logins_than_are_left(town: Town, tmp_path: Path) -> None:
    policy(town, pwdMaxAge=str(DAY), pwdGraceAuthnLimit="3")
    town.clock.pass_time(days=1)
    with open_town(tmp_path / "town.db", furnish=False) as other:
        other.clock.moment = town.clock.moment
        results = []
        for place in (town, other, town, other, town, other):
            try:
                results.append(bind(place).grace_left)
            except InvalidCredentials:
                results.append(None)

    assert results == [2, 1, 0, None, None, None]
    assert len(town.values(AN, "pwdGraceUseTime")) == 3


def test_an_account_that_another_process_has_just_opened_is_let_in(town: Town, tmp_path: Path) -> None:
    town.replace(AN, "pwdAccountLockedTime", "000001010000Z")
    with open_town(tmp_path / "town.db", furnish=False) as other:
        town.replace(AN, "pwdAccountLockedTime")
        assert bind(other).caller.dn == AN
