"""What administrators do for others, within what the access rules let them."""

from __future__ import annotations

import pytest

from govdir.sso.sign_in.helpdesk import HelpRefused, Issued
from govdir.sso.sign_in.self_service import Owner
from govdir.sso.sign_in.steps import AskCode, AskNewPassword, Done, Reason
from tests.directory.building import ADMIN, ADMIN_PASSWORD, SONV, SOTTTT, SUFFIX
from tests.sso.sign_in.desk import AN, AWAY, HOME, MAIL, OTHER, PASSWORD, SmallDesk

BINH = f"uid=binh,{SONV}"
CHI = f"uid=chi,{SOTTTT}"


@pytest.fixture
def desk(desk: SmallDesk) -> SmallDesk:
    """Bình administers Sở Nội vụ, where An works; Chi works elsewhere."""
    desk.town.replace(SONV, "gdItAdmin", BINH)
    desk.town.person("chi", "Vũ Chi", SOTTTT, userPassword=PASSWORD)
    return desk


def as_binh(desk: SmallDesk) -> Owner:
    return desk.owner_of(desk.signed_in(AWAY, "binh").token, AWAY)


def uuid(desk: SmallDesk, dn: str) -> str:
    return desk.account(dn).entry_uuid


def test_an_administrator_of_the_body_issues_a_one_time_password(desk: SmallDesk) -> None:
    session = desk.signed_in()
    binh = as_binh(desk)

    issued = desk.run(desk.desk.helpdesk.one_time_password(binh, uuid(desk, AN)))

    assert isinstance(issued, Issued)
    assert (issued.account.dn, issued.ended, issued.must_change) == (AN, 1, True)
    assert session.session.key not in desk.stores.sessions.held
    assert desk.current(session.token) is None
    assert desk.current_of(binh)
    flow = desk.begin()
    asked = desk.password(flow, issued.password)
    assert isinstance(asked, AskNewPassword)
    assert asked.reason is Reason.RESET
    assert isinstance(desk.run(desk.engine.new_password(flow, HOME, OTHER, OTHER)), Done)


def test_the_person_is_told_by_whom_and_it_is_in_their_history(desk: SmallDesk) -> None:
    binh = as_binh(desk)
    issued = desk.run(desk.desk.helpdesk.one_time_password(binh, uuid(desk, AN)))
    assert isinstance(issued, Issued)
    (letter,) = desk.stores.outbox.letters
    assert (letter.to, letter.subject) == (MAIL, "Mật mã một lần đã được cấp")
    assert "Trần Bình" in letter.text
    assert issued.password not in letter.text
    assert AWAY.network not in letter.text
    line = desk.stores.trail.lines[-1]
    assert (line.kind.value, line.outcome, line.who) == ("password-change", "ok", MAIL)
    assert line.detail == "issued count=0 by=tbinh@cantho.gov.vn"
    assert issued.password not in repr((issued, desk.stores.trail.lines))


def test_it_opens_nothing_to_who_lacks_the_second_factor(desk: SmallDesk) -> None:
    desk.enrolled()
    issued = desk.run(desk.desk.helpdesk.one_time_password(as_binh(desk), uuid(desk, AN)))
    assert isinstance(issued, Issued)
    assert isinstance(desk.attempt(issued.password), AskCode)


def test_what_the_access_rules_do_not_allow_is_refused_and_written_down(desk: SmallDesk) -> None:
    chi = desk.owner_of(desk.sign_in_new(CHI), HOME)
    helpdesk = desk.desk.helpdesk
    target = uuid(desk, AN)
    for operation in (helpdesk.one_time_password, helpdesk.end_sessions, helpdesk.remove_factor):
        assert desk.run(operation(chi, target)) is HelpRefused.NOT_ALLOWED
        assert desk.trail()[-1] == ("refusal", "not-allowed")
    assert isinstance(desk.attempt(PASSWORD), Done)


def test_an_administrator_of_one_body_helps_nobody_of_another(desk: SmallDesk) -> None:
    binh = as_binh(desk)
    assert desk.run(desk.desk.helpdesk.one_time_password(binh, uuid(desk, CHI))) is HelpRefused.NOT_ALLOWED


def test_who_holds_a_role_the_helper_lacks_is_left_alone(desk: SmallDesk) -> None:
    desk.town.add(
        f"cn=operators,ou=admins,{SUFFIX}",
        {"objectClass": "gdRoleGroup", "gdRoleKind": "operator", "member": AN},
    )
    helpdesk = desk.desk.helpdesk
    binh, target = as_binh(desk), uuid(desk, AN)
    for operation in (helpdesk.one_time_password, helpdesk.end_sessions, helpdesk.remove_factor):
        assert desk.run(operation(binh, target)) is HelpRefused.NOT_ALLOWED
    assert desk.run(helpdesk.one_time_password(binh, uuid(desk, ADMIN))) is HelpRefused.NOT_ALLOWED


def test_an_operator_helps_the_administrators_of_bodies(desk: SmallDesk) -> None:
    desk.town.add(
        f"cn=operators,ou=admins,{SUFFIX}",
        {"objectClass": "gdRoleGroup", "gdRoleKind": "operator", "member": AN},
    )
    issued = desk.run(desk.desk.helpdesk.one_time_password(desk.owner(), uuid(desk, BINH)))
    assert isinstance(issued, Issued)


def test_the_province_s_administrator_helps_everybody_but_programs_and_itself(desk: SmallDesk) -> None:
    admin = desk.owner_of(desk.signed_in(HOME, "cn=admin", ADMIN_PASSWORD).token)
    helpdesk = desk.desk.helpdesk
    service = f"cn=postfix,ou=services,{SUFFIX}"
    desk.town.add(service, {"objectClass": "gdService", "gdServiceKind": "mail", "userPassword": OTHER})
    assert isinstance(desk.run(helpdesk.one_time_password(admin, uuid(desk, CHI))), Issued)
    assert desk.run(helpdesk.one_time_password(admin, uuid(desk, service))) is HelpRefused.NO_SIGN_IN
    assert desk.run(helpdesk.one_time_password(admin, uuid(desk, ADMIN))) is HelpRefused.OWN
    container = uuid(desk, f"ou=lists,{SUFFIX}")
    assert desk.run(helpdesk.one_time_password(admin, container)) is HelpRefused.NO_SIGN_IN


def test_nobody_there_is_nobody_to_help(desk: SmallDesk) -> None:
    assert desk.run(desk.desk.helpdesk.one_time_password(as_binh(desk), "x")) is HelpRefused.NOT_ALLOWED


def test_sessions_of_others_are_ended(desk: SmallDesk) -> None:
    mine = desk.signed_in()
    assert desk.run(desk.desk.helpdesk.end_sessions(as_binh(desk), uuid(desk, AN))) == 1
    assert desk.current(mine.token) is None
    assert desk.trail()[-1] == ("session-end", "ok")
    assert desk.letters()[-1] == (MAIL, "Tài khoản đã được đăng xuất ở mọi nơi")
    assert "Trần Bình" in desk.stores.outbox.letters[-1].text


def test_nobody_is_told_of_sessions_that_there_were_none_of(desk: SmallDesk) -> None:
    assert desk.run(desk.desk.helpdesk.end_sessions(as_binh(desk), uuid(desk, AN))) == 0
    assert desk.letters() == []


def test_help_takes_a_sign_in_of_the_last_minutes(desk: SmallDesk) -> None:
    binh, helpdesk, target = as_binh(desk), desk.desk.helpdesk, uuid(desk, AN)
    desk.town.clock.pass_time(minutes=9, seconds=59)
    assert helpdesk.is_proved(binh)
    desk.town.clock.pass_time(seconds=1)
    assert not helpdesk.is_proved(binh)
    for operation in (helpdesk.one_time_password, helpdesk.end_sessions, helpdesk.remove_factor):
        assert desk.run(operation(binh, target)) is HelpRefused.PROVE_AGAIN
    assert isinstance(desk.attempt(PASSWORD), Done)


def test_a_lost_device_is_taken_off_and_told(desk: SmallDesk) -> None:
    desk.enrolled()
    binh = as_binh(desk)
    assert desk.run(desk.desk.helpdesk.remove_factor(binh, uuid(desk, AN))) is True
    assert isinstance(desk.attempt(PASSWORD), Done)
    assert desk.letters()[-1] == (MAIL, "Đã tắt xác thực hai lớp")
    assert "Trần Bình" in desk.stores.outbox.letters[-1].text
    assert desk.run(desk.desk.helpdesk.remove_factor(binh, uuid(desk, AN))) is False
