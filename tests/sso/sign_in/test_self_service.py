"""What people do with their own accounts: every change is proved, told by letter, and written down."""

from __future__ import annotations

import pytest

from govdir.directory.ports import StoreUnavailable
from govdir.sso.model import Factor
from govdir.sso.sign_in.progress import SignInSettings
from govdir.sso.sign_in.self_service import Enrolled, Owner, Pending, Refusal, Renewed
from govdir.sso.sign_in.steps import Done, PasswordList, PasswordProblem, Throttled
from tests.directory.building import SUFFIX, Town
from tests.sso.sign_in.desk import AN, AWAY, HOME, MAIL, OTHER, PASSWORD, SmallDesk


def pending(desk: SmallDesk, owner: Owner, password: str = "") -> Pending:
    started = desk.run(desk.service.start_enrolment(owner, password))
    assert isinstance(started, Pending)
    return started


def enrolled(desk: SmallDesk, owner: Owner) -> Enrolled:
    started = pending(desk, owner)
    code = desk.totp(started.secret.text)
    done = desk.run(desk.service.confirm_enrolment(owner, started.ticket, code))
    assert isinstance(done, Enrolled)
    return done


# -- password ----------------------------------------------------------------------------------------------


def test_a_changed_password_ends_all_other_sessions_and_renews_this_one(desk: SmallDesk) -> None:
    elsewhere = desk.signed_in(AWAY)
    owner = desk.owner()

    changed = desk.run(desk.service.change_password(owner, PASSWORD, OTHER, OTHER))

    assert isinstance(changed, Renewed)
    assert changed.ended == 1
    assert set(desk.stores.sessions.held) == {changed.session.key}
    assert desk.current(elsewhere.token) is None
    assert desk.run(desk.desk.book.standing(owner.session.key)) is None
    current = desk.current(changed.token)
    assert current is not None
    assert current[1].dn == AN
    assert isinstance(desk.attempt(OTHER), Done)
    assert desk.letters() == [(MAIL, "Mật mã đã được đổi")]
    assert ("password-change", "ok") in desk.trail()


def test_the_present_password_is_asked_however_recent(desk: SmallDesk) -> None:
    owner = desk.owner()
    for current in ("wrong", ""):
        assert desk.run(desk.service.change_password(owner, current, OTHER, OTHER)) is (
            Refusal.WRONG_PASSWORD
        )
    assert desk.trail()[-1] == ("refusal", "wrong-password")
    assert isinstance(desk.attempt(PASSWORD), Done)


def test_guessing_the_present_password_in_a_session_is_slowed_down(desk: SmallDesk) -> None:
    owner = desk.owner()
    for _ in range(5):
        desk.run(desk.service.change_password(owner, "wrong", OTHER, OTHER))
    assert desk.run(desk.service.change_password(owner, PASSWORD, OTHER, OTHER)) == Throttled(1)


@pytest.mark.parametrize(
    ("new", "repeated", "problem"),
    [
        ("short", "short", PasswordProblem.RULES),
        (OTHER, OTHER + "x", PasswordProblem.DIFFERENT),
        (PASSWORD, PASSWORD, PasswordProblem.USED_BEFORE),
    ],
)
def test_what_is_wrong_with_the_new_one_is_said(
    desk: SmallDesk, new: str, repeated: str, problem: PasswordProblem
) -> None:
    refused = desk.run(desk.service.change_password(desk.owner(), PASSWORD, new, repeated))
    assert isinstance(refused, PasswordList)
    assert refused.problems == (problem,)
    assert isinstance(desk.attempt(PASSWORD), Done)


def test_a_new_password_that_cannot_be_taken_costs_no_hash(desk: SmallDesk) -> None:
    owner = desk.owner()
    before = desk.town.slow.done
    desk.run(desk.service.change_password(owner, PASSWORD, "short", "short"))
    assert desk.town.slow.done == before


def test_the_list_judges_what_is_typed_with_ones_own_words(desk: SmallDesk) -> None:
    account = desk.account()
    blank = desk.service.rules(account)
    assert (blank.blank, blank.broken) == (True, ())
    own = desk.service.rules(account, "Lan@Cantho#2026")
    assert "password-own" in {verdict.rule for verdict in own.broken}
    good = desk.service.rules(account, OTHER)
    assert good.broken == ()
    assert good.history is not None
    assert good.history.en == "The password must not be one of the last 5."


def test_a_password_changed_in_one_tab_leaves_the_other_tab_signed_in(desk: SmallDesk) -> None:
    """The other tab asks between the change and the new key."""
    owner = desk.owner()
    whole = desk.desk.book.end_all

    async def end_all(entry_uuid: str, but: bytes = b"") -> int:
        assert await desk.desk.book.standing(owner.session.key) is None
        return await whole(entry_uuid, but)

    desk.desk.book.end_all = end_all  # type: ignore[method-assign]
    changed = desk.run(desk.service.change_password(owner, PASSWORD, OTHER, OTHER))
    assert isinstance(changed, Renewed)
    assert desk.current(changed.token) is not None


# -- second factor -----------------------------------------------------------------------------------------


def test_a_second_factor_is_set_up_by_its_first_code(desk: SmallDesk) -> None:
    owner = desk.owner()
    started = pending(desk, owner)
    assert desk.run(desk.service.factor(owner.account)) is None
    wrong = desk.run(desk.service.confirm_enrolment(owner, started.ticket, "000000"))
    assert wrong is Refusal.WRONG_CODE
    assert desk.service.pending(owner, started.ticket) == started

    done = desk.run(desk.service.confirm_enrolment(owner, started.ticket, desk.totp(started.secret.text)))

    assert isinstance(done, Enrolled)
    assert len(done.codes) == 10
    current = desk.current(done.token)
    assert current is not None
    assert current[0].factors == {Factor.PASSWORD, Factor.CODE}
    assert desk.run(desk.desk.book.standing(owner.session.key)) is None
    assert desk.letters() == [(MAIL, "Đã bật xác thực hai lớp")]
    assert desk.trail()[-1] == ("second-factor", "ok")
    for text in (started.secret.text, started.ticket, done.codes[0], done.token):
        assert text not in repr((started, done))


def test_the_password_is_asked_again_after_five_minutes(desk: SmallDesk) -> None:
    owner = desk.owner()
    assert desk.service.is_proved(owner)
    desk.town.clock.pass_time(minutes=5)
    assert not desk.service.is_proved(owner)
    for operation in (
        desk.service.start_enrolment,
        desk.service.remove_factor,
        desk.service.new_recovery_codes,
    ):
        assert desk.run(operation(owner)) is Refusal.PROVE_AGAIN
        assert desk.run(operation(owner, "wrong")) is Refusal.WRONG_PASSWORD
    assert isinstance(desk.run(desk.service.start_enrolment(owner, PASSWORD)), Pending)


def test_a_set_up_that_took_too_long_begins_again(desk: SmallDesk) -> None:
    owner = desk.owner()
    started = pending(desk, owner)
    desk.town.clock.pass_time(minutes=10)
    code = desk.totp(started.secret.text)
    assert desk.run(desk.service.confirm_enrolment(owner, started.ticket, code)) is Refusal.STALE
    assert desk.service.pending(owner, "x") is Refusal.STALE


def test_a_new_device_takes_the_place_of_the_old_one(desk: SmallDesk) -> None:
    secret, _ = desk.enrolled()
    done = desk.run(desk.engine.code(desk.challenged(), HOME, desk.totp(secret)))
    assert isinstance(done, Done)
    owner = desk.owner_of(done.token)
    desk.town.clock.pass_time(minutes=1)
    enrolled(desk, owner)
    desk.town.clock.pass_time(minutes=1)
    flow = desk.challenged()
    assert not isinstance(desk.run(desk.engine.code(flow, HOME, desk.totp(secret))), Done)


def test_a_removed_factor_is_asked_for_no_more(desk: SmallDesk) -> None:
    owner = desk.owner()
    done = enrolled(desk, owner)
    owner = desk.owner_of(done.token)

    removed = desk.run(desk.service.remove_factor(owner))

    assert isinstance(removed, Renewed)
    assert desk.current(removed.token) is not None
    assert isinstance(desk.attempt(PASSWORD), Done)
    assert desk.letters()[-1] == (MAIL, "Đã tắt xác thực hai lớp")
    assert desk.run(desk.service.remove_factor(desk.owner_of(removed.token))) is Refusal.NO_FACTOR


def test_a_factor_that_the_role_demands_is_not_removed(town: Town) -> None:
    desk = SmallDesk(town, SignInSettings(code_roles=frozenset({"operator"})))
    done = enrolled(desk, desk.owner())
    town.add(
        f"cn=operators,ou=admins,{SUFFIX}",
        {"objectClass": "gdRoleGroup", "gdRoleKind": "operator", "member": AN},
    )
    owner = desk.owner_of(done.token)
    assert desk.service.demands_factor(owner.account)
    assert desk.run(desk.service.remove_factor(owner)) is Refusal.DEMANDED
    assert isinstance(desk.run(desk.service.start_enrolment(owner)), Pending)


def test_recovery_codes_are_renewed(desk: SmallDesk) -> None:
    owner = desk.owner()
    assert desk.run(desk.service.new_recovery_codes(owner)) is Refusal.NO_FACTOR
    done = enrolled(desk, owner)
    codes = desk.run(desk.service.new_recovery_codes(desk.owner_of(done.token)))
    assert isinstance(codes, tuple)
    assert set(codes).isdisjoint(done.codes)
    assert desk.letters()[-1] == (MAIL, "Đã tạo mã dự phòng mới")
    desk.town.clock.pass_time(seconds=30)
    assert isinstance(desk.run(desk.engine.recovery(desk.challenged(), HOME, codes[0])), Done)


# -- sessions and history ----------------------------------------------------------------------------------


def test_people_see_and_end_their_sessions(desk: SmallDesk) -> None:
    away = desk.signed_in(AWAY)
    desk.town.clock.pass_time(minutes=1)
    binh = desk.signed_in(name="binh")
    owner = desk.owner()
    listed = desk.run(desk.service.sessions(owner.account))
    assert [each.network for each in listed] == [HOME.network, AWAY.network]
    assert not desk.run(desk.service.end_session(owner, binh.session.key))
    assert desk.run(desk.service.end_session(owner, away.session.key))
    assert desk.trail()[-1] == ("session-end", "ok")
    desk.signed_in(AWAY)
    assert desk.run(desk.service.end_other_sessions(owner)) == 1
    assert [each.key for each in desk.run(desk.service.sessions(owner.account))] == [owner.session.key]


def test_the_history_is_ones_own_the_latest_first(desk: SmallDesk) -> None:
    desk.attempt("wrong", "binh")
    desk.attempt("wrong")
    owner = desk.owner()
    history = desk.run(desk.service.history(owner.account))
    assert [(line.kind.value, line.outcome) for line in history] == [
        ("sign-in", "ok"),
        ("refusal", "wrong-password"),
    ]


def test_a_letter_that_cannot_be_stored_stops_nothing(desk: SmallDesk) -> None:
    async def put(letter: object) -> None:
        raise StoreUnavailable

    desk.stores.outbox.put = put  # type: ignore[method-assign]
    assert isinstance(enrolled(desk, desk.owner()), Enrolled)


def test_a_session_from_before_the_second_factor_ends_when_that_is_set_up(desk: SmallDesk) -> None:
    thief = desk.signed_in(AWAY)
    owner = desk.owner()
    pending = desk.run(desk.service.start_enrolment(owner))
    assert isinstance(pending, Pending)

    enrolled = desk.run(desk.service.confirm_enrolment(owner, pending.ticket, desk.totp(pending.secret.text)))

    assert isinstance(enrolled, Enrolled)
    assert desk.current(thief.token) is None
    assert desk.current(enrolled.token) is not None
    assert ("session-end", "ok") in desk.trail()
