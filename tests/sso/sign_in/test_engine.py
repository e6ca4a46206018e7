"""Signing in, step by step, as pages drive it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from govdir.directory.errors import InvalidCredentials
from govdir.policy.texts import Language
from govdir.sso.model import Factor
from govdir.sso.sign_in.flow import FlowLost, Overtaken
from govdir.sso.sign_in.progress import SignInSettings
from govdir.sso.sign_in.sessions import SessionLimits
from govdir.sso.sign_in.steps import (
    AskCode,
    AskEnrolment,
    AskNewPassword,
    AskPassword,
    Block,
    Blocked,
    Done,
    Notice,
    PasswordProblem,
    Problem,
    Reason,
    ShowRecovery,
    Throttled,
)
from tests.directory.building import ADMIN, ADMIN_PASSWORD, SONV, SUFFIX, Town
from tests.sso.sign_in.desk import AN, AWAY, HOME, MAIL, OTHER, PASSWORD, SmallDesk

BINH = f"uid=binh,{SONV}"


def test_name_and_password_are_all_that_most_need(desk: SmallDesk) -> None:
    flow = desk.run(desk.engine.begin("/account"))
    assert flow.step == AskPassword()

    done = desk.password(flow.id)

    assert isinstance(done, Done)
    assert done.purpose == "/account"
    assert done.session.factors == {Factor.PASSWORD}
    assert (done.session.network, done.session.agent) == ("203.0.113.7", "Firefox")
    current = desk.current(done.token)
    assert current is not None
    assert current[1].dn == AN
    assert desk.trail() == [("sign-in", "ok")]


def test_what_a_flow_is_for_comes_back_as_it_was(desk: SmallDesk) -> None:
    purpose = bytes(range(256))
    flow = desk.begin(purpose)
    done = desk.password(flow)
    assert isinstance(done, Done)
    assert done.purpose == purpose
    assert desk.run(desk.engine.purpose(flow)) == purpose


@pytest.mark.parametrize("path", ["https://evil.vn/", "//evil.vn", "/\\evil.vn", "account", "", "/a\r\nb"])
def test_a_path_that_leads_elsewhere_begins_nothing(desk: SmallDesk, path: str) -> None:
    with pytest.raises(ValueError, match="path of the site"):
        desk.begin(path)


def test_a_done_flow_says_which_session_came_of_it(desk: SmallDesk) -> None:
    flow = desk.begin()
    done = desk.password(flow)
    assert isinstance(done, Done)
    seen = desk.run(desk.engine.flow(flow, HOME))
    assert (seen.step, seen.signed_in) == (None, done.session.key)


def test_a_form_sent_twice_makes_one_session(desk: SmallDesk) -> None:
    flow = desk.begin()
    desk.password(flow)
    with pytest.raises(Overtaken):
        desk.password(flow)
    assert len(desk.stores.sessions.held) == 1


def test_a_login_costs_one_password_hash(desk: SmallDesk) -> None:
    flow = desk.begin()
    before = desk.town.slow.done
    desk.password(flow)
    assert desk.town.slow.done == before + 1


def test_an_unknown_name_costs_and_says_what_a_wrong_password_does(desk: SmallDesk) -> None:
    answers = []
    for name in (MAIL, "nobody@cantho.gov.vn", "an", "nobody", f"cn=nobody,{SUFFIX}", "x" * 5000):
        flow = desk.begin()
        before = desk.town.slow.done
        step = desk.password(flow, "wrong", name)
        assert desk.town.slow.done == before + 1
        assert isinstance(step, AskPassword)
        answers.append(step.problem)
    assert set(answers) == {Problem.WRONG}


def test_a_name_that_nobody_has_is_not_written_down(desk: SmallDesk) -> None:
    desk.attempt("wrong", name=PASSWORD)
    (line,) = desk.stores.trail.lines
    assert (line.outcome, line.who, line.entry_uuid, line.detail) == ("wrong-password", "", "", "")


def test_a_wrong_password_of_somebody_is_written_to_their_history(desk: SmallDesk) -> None:
    desk.attempt("wrong")
    (line,) = desk.stores.trail.lines
    assert (line.outcome, line.who, line.network) == ("wrong-password", MAIL, "203.0.113.7")


def test_wrong_passwords_on_the_web_do_not_lock_binds(desk: SmallDesk) -> None:
    for _ in range(30):
        desk.attempt("wrong")
        desk.town.clock.pass_time(minutes=5)
    assert desk.town.run(desk.town.directory.bind(AN, PASSWORD.encode())).caller.dn == AN


# -- the browser a flow belongs to -------------------------------------------------------------------------


def test_a_flow_belongs_to_the_browser_that_first_shows_it(desk: SmallDesk) -> None:
    flow = desk.begin()
    desk.run(desk.engine.flow(flow, HOME))
    with pytest.raises(FlowLost):
        desk.password(flow, browser=AWAY)
    assert isinstance(desk.password(flow), Done)


def test_a_flow_may_belong_to_a_browser_from_the_start(desk: SmallDesk) -> None:
    flow = desk.begin(visit=HOME.visit)
    with pytest.raises(FlowLost):
        desk.run(desk.engine.flow(flow, AWAY))


def test_a_browser_without_a_cookie_has_no_flow(desk: SmallDesk) -> None:
    with pytest.raises(FlowLost):
        desk.run(desk.engine.flow(desk.begin(), replace(HOME, visit="")))


def test_a_flow_is_lost_after_an_hour(desk: SmallDesk) -> None:
    flow = desk.begin()
    desk.town.clock.pass_time(minutes=59)
    desk.run(desk.engine.flow(flow, HOME))
    desk.town.clock.pass_time(minutes=1)
    with pytest.raises(FlowLost):
        desk.password(flow)


def test_an_unknown_flow_is_lost(desk: SmallDesk) -> None:
    with pytest.raises(FlowLost):
        desk.run(desk.engine.flow("nothing", HOME))


# -- accounts that do not sign in --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "kind"),
    [
        (("suspended",), Block.SUSPENDED),
        (("revoked",), Block.REVOKED),
        (("deleted",), Block.DELETED),
    ],
)
def test_a_closed_account_is_told_so_after_the_right_password(
    desk: SmallDesk, states: tuple[str, ...], kind: Block
) -> None:
    for state in states:
        desk.town.replace(AN, "gdState", state)
    wrong = desk.attempt("wrong")
    assert isinstance(wrong, AskPassword)
    assert desk.attempt(PASSWORD) == Blocked(kind)
    assert desk.trail()[-1] == ("refusal", kind.value)
    assert not desk.stores.sessions.held


def test_a_locked_account_is_told_when_it_opens(desk: SmallDesk) -> None:
    for _ in range(10):
        with pytest.raises(InvalidCredentials):
            desk.town.run(desk.town.directory.bind(AN, b"wrong"))
    until = desk.town.clock.now() + timedelta(minutes=15)
    assert desk.attempt(PASSWORD) == Blocked(Block.LOCKED, until)


def test_programs_do_not_browse(desk: SmallDesk) -> None:
    dn = f"cn=postfix,ou=services,{SUFFIX}"
    desk.town.add(dn, {"objectClass": "gdService", "gdServiceKind": "mail", "userPassword": OTHER})
    assert isinstance(desk.attempt("wrong", dn), AskPassword)
    assert desk.attempt(OTHER, dn) == Blocked(Block.PROGRAM)


def test_the_administrator_signs_in_by_name(desk: SmallDesk) -> None:
    for name in (ADMIN, "cn=admin", "CN=Admin"):
        assert isinstance(desk.attempt(ADMIN_PASSWORD, name), Done)


# -- passwords that must be changed ------------------------------------------------------------------------


def issued(desk: SmallDesk, password: str = OTHER) -> None:
    desk.town.replace(AN, "userPassword", password, handle=desk.town.admin())


def test_a_password_set_by_others_is_changed_inside_the_sign_in(desk: SmallDesk) -> None:
    issued(desk)
    flow = desk.begin()
    asked = desk.password(flow, OTHER)
    assert isinstance(asked, AskNewPassword)
    assert (asked.reason, asked.rules.blank, asked.rules.broken) == (Reason.RESET, True, ())

    fresh = PASSWORD + "x"
    done = desk.run(desk.engine.new_password(flow, HOME, fresh, fresh))

    assert isinstance(done, Done)
    assert desk.current(done.token) is not None
    assert isinstance(desk.attempt(fresh), Done)
    assert desk.letters() == [(MAIL, "Mật mã đã được đổi")]
    assert ("password-change", "ok") in desk.trail()


def test_an_expired_password_is_changed_inside_the_sign_in(desk: SmallDesk) -> None:
    desk.town.clock.pass_time(days=200)
    flow = desk.begin(b"an application")
    asked = desk.password(flow)
    assert isinstance(asked, AskNewPassword)
    assert asked.reason is Reason.EXPIRED
    done = desk.run(desk.engine.new_password(flow, HOME, OTHER, OTHER))
    assert isinstance(done, Done)
    assert done.purpose == b"an application"


def test_the_change_does_not_ask_or_hash_the_present_password_again(desk: SmallDesk) -> None:
    issued(desk)
    flow = desk.begin()
    before = desk.town.slow.done
    desk.password(flow, OTHER)
    assert desk.town.slow.done == before + 1
    desk.run(desk.engine.new_password(flow, HOME, PASSWORD + "x", PASSWORD + "x"))
    assert desk.town.slow.done == before + 3  # the history together, and the new one


@pytest.mark.parametrize(
    ("new", "repeated", "problems"),
    [
        ("short", "short", (PasswordProblem.RULES,)),
        (PASSWORD + "x", PASSWORD + "y", (PasswordProblem.DIFFERENT,)),
        ("", "", (PasswordProblem.RULES,)),
        ("short", "", (PasswordProblem.RULES, PasswordProblem.DIFFERENT)),
        (OTHER, OTHER, (PasswordProblem.USED_BEFORE,)),
        (PASSWORD, PASSWORD, (PasswordProblem.USED_BEFORE,)),
        ("\ud800" + PASSWORD, "\ud800" + PASSWORD, (PasswordProblem.REFUSED,)),
    ],
)
def test_what_is_wrong_with_a_new_password_is_said(
    desk: SmallDesk, new: str, repeated: str, problems: tuple[PasswordProblem, ...]
) -> None:
    desk.town.clock.pass_time(days=200)
    flow = desk.begin()
    desk.password(flow)
    desk.run(desk.engine.new_password(flow, HOME, OTHER, OTHER))
    desk.town.clock.pass_time(days=200)
    flow = desk.begin()
    desk.password(flow, OTHER)

    asked = desk.run(desk.engine.new_password(flow, HOME, new, repeated))

    assert isinstance(asked, AskNewPassword)
    assert asked.rules.problems == problems
    assert bool(asked.rules.broken) == (PasswordProblem.RULES in problems)
    assert isinstance(desk.attempt(OTHER), AskNewPassword)


def test_a_repetition_composed_otherwise_is_the_same(desk: SmallDesk) -> None:
    issued(desk)
    flow = desk.begin()
    desk.password(flow, OTHER)
    composed, decomposed = (
        "Bến-Ninh-Kiều-chiều-38",
        "Be\u0302\u0301n-Ninh-Kie\u0302\u0300u-chie\u0302\u0300u-38",
    )
    assert isinstance(desk.run(desk.engine.new_password(flow, HOME, composed, decomposed)), Done)


def test_a_change_at_sign_in_ends_the_other_sessions(desk: SmallDesk) -> None:
    binh = desk.signed_in(name="binh")
    desk.signed_in(AWAY)
    desk.town.clock.pass_time(days=200)
    flow = desk.begin()
    desk.password(flow)
    done = desk.run(desk.engine.new_password(flow, HOME, OTHER, OTHER))
    assert isinstance(done, Done)
    assert set(desk.stores.sessions.held) == {done.session.key, binh.session.key}


def test_a_password_that_was_proved_is_good_for_ten_minutes(desk: SmallDesk) -> None:
    issued(desk)
    flow = desk.begin()
    desk.password(flow, OTHER)
    desk.town.clock.pass_time(minutes=10)
    late = desk.run(desk.engine.new_password(flow, HOME, PASSWORD, PASSWORD))
    assert late == AskPassword(Problem.TOO_LATE, MAIL)
    assert isinstance(desk.attempt(OTHER), AskNewPassword)


def test_a_password_changed_by_others_meanwhile_is_asked_again(desk: SmallDesk) -> None:
    issued(desk)
    flow = desk.begin()
    desk.password(flow, OTHER)
    issued(desk, PASSWORD + "x")
    assert desk.run(desk.engine.new_password(flow, HOME, PASSWORD, PASSWORD)) == AskPassword(
        Problem.TOO_LATE, MAIL
    )


def test_an_account_closed_meanwhile_gets_no_further(desk: SmallDesk) -> None:
    issued(desk)
    flow = desk.begin()
    desk.password(flow, OTHER)
    desk.town.replace(AN, "gdState", "suspended")
    assert isinstance(desk.run(desk.engine.new_password(flow, HOME, PASSWORD, PASSWORD)), AskPassword)
    assert not desk.stores.sessions.held


@pytest.mark.parametrize(("days", "told"), [(0, None), (1, 0), (14, 13), (60, 59)])
def test_who_signs_in_days_before_the_password_expires_is_told(
    town: Town, days: int, told: int | None
) -> None:
    """Notice from so many days before; the password has so many days less a moment."""
    desk = SmallDesk(town, SignInSettings(notice_days=days))
    expires = desk.town.run(town.directory.bind(AN, PASSWORD.encode())).expires_in_seconds
    assert expires is not None
    town.clock.pass_time(seconds=expires - max(days, 1) * 86_400 + 1)
    flow = desk.begin()
    step = desk.password(flow)
    if told is None:
        assert isinstance(step, Done)
        return
    assert isinstance(step, Notice)
    assert step.days == told
    assert isinstance(desk.run(desk.engine.acknowledge(flow, HOME)), Done)


def test_nobody_is_told_a_day_earlier(desk: SmallDesk) -> None:
    expires = desk.town.run(desk.town.directory.bind(AN, PASSWORD.encode())).expires_in_seconds
    assert expires is not None
    desk.town.clock.pass_time(seconds=expires - 14 * 86_400)
    assert isinstance(desk.attempt(PASSWORD), Done)


def test_the_notice_lets_one_change_the_password_at_once(desk: SmallDesk) -> None:
    desk.town.clock.pass_time(days=85)
    flow = desk.begin()
    assert isinstance(desk.password(flow), Notice)
    wrong = desk.run(desk.engine.new_password(flow, HOME, "short", "short"))
    assert isinstance(wrong, AskNewPassword)
    assert wrong.reason is Reason.SOON
    assert isinstance(desk.run(desk.engine.new_password(flow, HOME, OTHER, OTHER)), Done)


def test_steps_cannot_be_skipped(desk: SmallDesk) -> None:
    desk.enrolled()
    flow = desk.challenged()
    for forward in (
        desk.engine.acknowledge(flow, HOME),
        desk.engine.new_password(flow, HOME, OTHER, OTHER),
        desk.engine.enrol(flow, HOME, "123456"),
    ):
        assert isinstance(desk.run(forward), AskCode)
    flow = desk.begin()
    for forward in (
        desk.engine.acknowledge(flow, HOME),
        desk.engine.code(flow, HOME, "123456"),
        desk.engine.recovery(flow, HOME, "123456"),
        desk.engine.new_password(flow, HOME, OTHER, OTHER),
        desk.engine.enrol(flow, HOME, "123456"),
    ):
        assert isinstance(desk.run(forward), AskPassword)
    assert not desk.stores.sessions.held


# -- the second factor -------------------------------------------------------------------------------------


def test_who_has_a_second_factor_is_always_asked(desk: SmallDesk) -> None:
    secret, _ = desk.enrolled()
    flow = desk.begin()
    assert desk.password(flow) == AskCode(None, 10)
    done = desk.run(desk.engine.code(flow, HOME, desk.totp(secret)))
    assert isinstance(done, Done)
    assert done.session.factors == {Factor.PASSWORD, Factor.CODE}
    assert desk.stores.trail.lines[-1].factors == "password+code"


def test_codes_are_taken_as_people_type_them(desk: SmallDesk) -> None:
    secret, _ = desk.enrolled()
    code = desk.totp(secret)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert isinstance(desk.run(desk.engine.code(desk.challenged(), HOME, f" {wide[:3]} {wide[3:]} ")), Done)


def test_a_code_is_good_once(desk: SmallDesk) -> None:
    secret, _ = desk.enrolled()
    code = desk.totp(secret)
    assert isinstance(desk.run(desk.engine.code(desk.challenged(), HOME, code)), Done)
    assert desk.run(desk.engine.code(desk.challenged(), HOME, code)) == AskCode(Problem.WRONG, 10)


def test_after_five_wrong_codes_the_password_is_asked_again(desk: SmallDesk) -> None:
    desk.enrolled()
    flow = desk.challenged()
    for _ in range(4):
        assert desk.run(desk.engine.code(flow, HOME, "000000")) == AskCode(Problem.WRONG, 10)
    assert desk.run(desk.engine.code(flow, HOME, "000000")) == AskPassword(Problem.TOO_OFTEN, MAIL)


def test_who_starts_over_again_and_again_has_to_wait_all_the_same(desk: SmallDesk) -> None:
    secret, _ = desk.enrolled()
    flow = desk.challenged()
    for _ in range(5):
        desk.run(desk.engine.code(flow, HOME, "000000"))
    desk.password(flow)
    assert desk.run(desk.engine.code(flow, HOME, desk.totp(secret))) == Throttled(1)
    desk.town.clock.pass_time(seconds=1)
    assert desk.run(desk.engine.code(flow, HOME, "000000")) == AskCode(Problem.WRONG, 10)
    assert desk.run(desk.engine.code(flow, HOME, desk.totp(secret))) == Throttled(2)


def test_who_has_the_password_only_cannot_use_up_the_owners_codes(desk: SmallDesk) -> None:
    secret, codes = desk.enrolled()
    done = desk.run(desk.engine.code(desk.challenged(), HOME, desk.totp(secret)))
    assert isinstance(done, Done)
    flow = desk.challenged(AWAY)
    for _ in range(5):
        desk.run(desk.engine.code(flow, AWAY, "000000"))
    assert isinstance(desk.run(desk.engine.code(desk.challenged(AWAY), AWAY, "000000")), Throttled)
    mine = replace(HOME, device=done.device)
    assert isinstance(desk.run(desk.engine.recovery(desk.challenged(mine), mine, codes[0])), Done)


def test_a_recovery_code_stands_for_a_code_once_and_is_told(desk: SmallDesk) -> None:
    _, codes = desk.enrolled()
    typed = codes[3].upper().replace("-", " ")
    done = desk.run(desk.engine.recovery(desk.challenged(), HOME, typed))
    assert isinstance(done, Done)
    assert done.session.factors == {Factor.PASSWORD, Factor.CODE}
    assert desk.letters()[-1] == (MAIL, "Một mã dự phòng đã được dùng")
    assert "còn lại 9 mã" in desk.stores.outbox.letters[-1].text
    assert desk.run(desk.engine.recovery(desk.challenged(), HOME, typed)) == AskCode(Problem.WRONG, 9)


def test_wrong_recovery_codes_count_like_wrong_codes(desk: SmallDesk) -> None:
    desk.enrolled()
    flow = desk.challenged()
    for _ in range(2):
        desk.run(desk.engine.code(flow, HOME, "000000"))
    for _ in range(2):
        desk.run(desk.engine.recovery(flow, HOME, "0000-0000-0000-0000"))
    assert desk.run(desk.engine.recovery(flow, HOME, "x")) == AskPassword(Problem.TOO_OFTEN, MAIL)


def test_an_expired_password_is_changed_by_its_owner_only_after_the_code(desk: SmallDesk) -> None:
    secret, _ = desk.enrolled()
    issued(desk)
    flow = desk.begin()
    assert isinstance(desk.password(flow, OTHER), AskCode)
    assert isinstance(desk.run(desk.engine.new_password(flow, HOME, PASSWORD, PASSWORD)), AskCode)
    asked = desk.run(desk.engine.code(flow, HOME, desk.totp(secret)))
    assert isinstance(asked, AskNewPassword)
    done = desk.run(desk.engine.new_password(flow, HOME, PASSWORD + "x", PASSWORD + "x"))
    assert isinstance(done, Done)
    assert done.session.factors == {Factor.PASSWORD, Factor.CODE}


def test_a_factor_that_is_demanded_is_set_up_inside_the_sign_in(desk: SmallDesk) -> None:
    flow = desk.begin(needs_code=True)
    asked = desk.password(flow)
    assert isinstance(asked, AskEnrolment)
    assert asked.secret.uri.startswith("otpauth://totp/")
    shown_again = desk.run(desk.engine.flow(flow, HOME)).step
    assert shown_again == asked
    assert desk.run(desk.engine.enrol(flow, HOME, "000000")) == AskEnrolment(asked.secret, Problem.WRONG)
    assert not desk.stores.factors.held

    shown = desk.run(desk.engine.enrol(flow, HOME, desk.totp(asked.secret.text)))

    assert isinstance(shown, ShowRecovery)
    assert len(shown.codes) == 10
    assert desk.run(desk.engine.flow(flow, HOME)).step == shown
    done = desk.run(desk.engine.acknowledge(flow, HOME))
    assert isinstance(done, Done)
    assert done.session.factors == {Factor.PASSWORD, Factor.CODE}
    assert desk.letters() == [(MAIL, "Đã bật xác thực hai lớp")]


def test_holders_of_the_roles_need_a_second_factor(town: Town) -> None:
    desk = SmallDesk(town, SignInSettings(code_roles=frozenset({"operator"})))
    assert isinstance(desk.attempt(PASSWORD), Done)
    town.add(
        f"cn=operators,ou=admins,{SUFFIX}",
        {"objectClass": "gdRoleGroup", "gdRoleKind": "operator", "member": AN},
    )
    assert isinstance(desk.attempt(PASSWORD), AskEnrolment)
    assert isinstance(desk.attempt(PASSWORD, "binh"), Done)


def test_who_administers_an_agency_can_be_held_to_a_second_factor(town: Town) -> None:
    desk = SmallDesk(town, SignInSettings(code_roles=frozenset({"agency-admin"})))
    assert isinstance(desk.attempt(PASSWORD), Done)
    town.replace(SONV, "gdItAdmin", AN)
    assert isinstance(desk.attempt(PASSWORD), AskEnrolment)
    assert isinstance(desk.attempt(PASSWORD, "binh"), Done)


def test_the_province_s_administrator_counts_among_administrators(town: Town) -> None:
    desk = SmallDesk(town, SignInSettings(code_roles=frozenset({"administrator"})))
    assert isinstance(desk.attempt(ADMIN_PASSWORD, "cn=admin"), AskEnrolment)
    assert isinstance(desk.attempt(PASSWORD), Done)


def test_secrets_being_set_up_are_kept_encrypted(desk: SmallDesk) -> None:
    flow = desk.begin(needs_code=True)
    asked = desk.password(flow)
    assert isinstance(asked, AskEnrolment)
    shown = desk.run(desk.engine.enrol(flow, HOME, desk.totp(asked.secret.text)))
    assert isinstance(shown, ShowRecovery)
    payload = desk.stores.keeping.held[flow].payload
    assert all(code.encode() not in payload for code in shown.codes)
    desk.run(desk.engine.acknowledge(flow, HOME))
    assert len(desk.stores.keeping.held[flow].payload) < len(payload)


def test_nothing_that_is_shown_or_kept_tells_secrets_when_printed(desk: SmallDesk) -> None:
    flow = desk.begin(b"purpose", needs_code=True)
    asked = desk.password(flow)
    assert isinstance(asked, AskEnrolment)
    shown = desk.run(desk.engine.enrol(flow, HOME, desk.totp(asked.secret.text)))
    done = desk.run(desk.engine.acknowledge(flow, HOME))
    assert isinstance(done, Done)
    printed = repr((asked, shown, done, desk.run(desk.engine.flow(flow, HOME)), HOME))
    for secret in (asked.secret.text, done.token, done.device, "purpose", HOME.visit):
        assert secret not in printed


# -- proving anew, and stepping up -------------------------------------------------------------------------


def test_proving_anew_gives_the_session_a_new_key_and_keeps_its_beginning(desk: SmallDesk) -> None:
    first = desk.signed_in()
    desk.town.clock.pass_time(hours=1, minutes=-1)
    flow = desk.run(desk.engine.begin("/x", force=first.session))
    assert flow.step == AskPassword(None, MAIL, fixed=True)
    again = desk.password(flow.id)
    assert isinstance(again, Done)
    assert set(desk.stores.sessions.held) == {again.session.key}
    assert again.session.began == first.session.began
    assert again.session.authenticated == desk.town.clock.now()
    assert desk.current(first.token) is None


def test_somebody_else_may_sign_in_instead_and_the_old_session_ends(desk: SmallDesk) -> None:
    first = desk.signed_in()
    done = desk.password(desk.begin(force=first.session), name="binh")
    assert isinstance(done, Done)
    assert set(desk.stores.sessions.held) == {done.session.key}
    assert done.session.entry_uuid != first.session.entry_uuid


def test_signing_in_again_leaves_no_session_behind(desk: SmallDesk) -> None:
    """From a page that was open since before."""
    first = desk.signed_in()
    second = desk.signed_in(replace(HOME, session=first.token))
    assert set(desk.stores.sessions.held) == {second.session.key}
    third = desk.signed_in(replace(HOME, session=second.token), "binh")
    assert set(desk.stores.sessions.held) == {third.session.key}


def test_a_session_cookie_that_is_nobodys_changes_nothing(desk: SmallDesk) -> None:
    binh = desk.signed_in(AWAY, "binh")
    done = desk.signed_in(replace(HOME, session="forged"))
    assert set(desk.stores.sessions.held) == {binh.session.key, done.session.key}


def test_a_wrong_password_leaves_the_session_that_is_there(desk: SmallDesk) -> None:
    first = desk.signed_in()
    desk.password(desk.begin(force=first.session), "wrong")
    assert desk.current(first.token) is not None


def test_stepping_up_asks_for_the_code_only(desk: SmallDesk) -> None:
    first = desk.signed_in()
    secret, _ = desk.enrolled(replace(HOME, session=first.token))
    desk.town.clock.pass_time(minutes=20)
    flow = desk.run(desk.engine.begin("/x", step_up=first.session))
    assert flow.step == AskCode(None, 10)
    before = desk.town.slow.done

    done = desk.run(desk.engine.code(flow.id, HOME, desk.totp(secret)))

    assert isinstance(done, Done)
    assert desk.town.slow.done == before
    assert done.session.factors == {Factor.PASSWORD, Factor.CODE}
    assert (done.session.ends, done.session.authenticated) == (
        first.session.ends,
        first.session.authenticated,
    )
    assert desk.current(first.token) is None
    assert desk.current(done.token) is not None


def test_stepping_up_with_a_session_that_ended_asks_for_the_password(desk: SmallDesk) -> None:
    first = desk.signed_in()
    secret, _ = desk.enrolled(replace(HOME, session=first.token))
    flow = desk.begin(step_up=first.session)
    desk.run(desk.desk.book.end((first.session.key,)))
    assert desk.run(desk.engine.code(flow, HOME, desk.totp(secret))) == AskPassword(
        Problem.TOO_LATE, MAIL, fixed=True
    )


def test_stepping_up_sets_a_factor_up_only_for_who_has_just_proved_the_password(desk: SmallDesk) -> None:
    first = desk.signed_in()
    recent = desk.run(desk.engine.begin("/x", step_up=first.session))
    assert isinstance(recent.step, AskEnrolment)
    desk.town.clock.pass_time(minutes=5)
    late = desk.run(desk.engine.begin("/x", step_up=first.session))
    assert late.step == AskPassword(None, MAIL, fixed=True)
    assert isinstance(desk.password(late.id), AskEnrolment)


def test_somebody_else_can_sign_in_at_any_step(desk: SmallDesk) -> None:
    desk.enrolled()
    flow = desk.challenged()
    assert desk.run(desk.engine.restart(flow, HOME)) == AskPassword(None, MAIL)
    assert isinstance(desk.password(flow, name="binh"), Done)


def test_the_device_of_a_browser_stays_its_own(desk: SmallDesk) -> None:
    first = desk.signed_in()
    second = desk.signed_in(replace(HOME, device=first.device))
    third = desk.signed_in(replace(HOME, device="forged"))
    assert second.device == first.device
    assert third.device not in {first.device, "forged"}


def test_letters_are_in_the_language_of_the_person(desk: SmallDesk) -> None:
    desk.town.replace(AN, "preferredLanguage", "fr, en-GB;q=0.8, vi;q=0.5")
    issued(desk)
    flow = desk.begin()
    desk.password(flow, OTHER)
    desk.run(desk.engine.new_password(flow, HOME, PASSWORD + "x", PASSWORD + "x"))
    (letter,) = desk.stores.outbox.letters
    assert letter.subject == "Your password was changed"
    assert "Time: 02/03/2026 15:00. Network address: 203.0.113.7. Browser: Firefox." in letter.text


def test_letters_are_else_in_the_language_of_the_province(town: Town) -> None:
    desk = SmallDesk(town, SignInSettings(language=Language.ENGLISH), SessionLimits())
    desk.enrolled()
    assert desk.letters() == [(MAIL, "Two-step sign-in was turned on")]


def test_a_session_from_before_the_second_factor_ends_when_that_is_set_up_on_the_way(desk: SmallDesk) -> None:
    thief = desk.signed_in(AWAY)

    desk.enrolled()

    assert desk.current(thief.token) is None


def test_who_was_about_to_set_up_a_second_factor_does_not_replace_one_set_up_meanwhile(
    desk: SmallDesk,
) -> None:
    flow = desk.begin(needs_code=True)
    asked = desk.password(flow, browser=AWAY)
    assert isinstance(asked, AskEnrolment)
    secret, _ = desk.enrolled()

    step = desk.run(desk.engine.enrol(flow, AWAY, desk.totp(asked.secret.text)))

    assert step == AskPassword(Problem.TOO_LATE, MAIL)
    challenge = desk.challenged()
    assert isinstance(desk.run(desk.engine.code(challenge, HOME, desk.totp(secret))), Done)
