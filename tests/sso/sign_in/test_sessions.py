"""Sessions: who the cookie's token is, how long, and what ends it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from govdir.sso.model import Factor, Participant
from govdir.sso.saml.model import NameId
from govdir.sso.sign_in.sessions import SessionLimits, new_token
from govdir.sso.sign_in.steps import Done
from tests.directory.building import Town
from tests.sso.sign_in.desk import AN, AWAY, HOME, OTHER, SmallDesk


def told(desk: SmallDesk, key: bytes) -> Participant:
    """A service provider that was told of the session."""
    session = desk.stores.sessions.held[key]
    participant = Participant(key, "https://portal.vn", "_1", NameId("an"), session.began)
    return desk.run(desk.stores.sessions.join(participant))


def farewells(desk: SmallDesk) -> list[Sequence[Participant]]:
    heard: list[Sequence[Participant]] = []
    desk.desk.book.farewell = heard.append
    return heard


def test_only_the_digest_of_the_token_is_kept(desk: SmallDesk) -> None:
    done = desk.signed_in()
    assert done.token not in repr(desk.stores.sessions.held)
    assert desk.current(done.token) is not None
    assert len(done.token) == 43


def test_no_token_and_odd_ones_are_nobody(desk: SmallDesk) -> None:
    desk.signed_in()
    for token in ("", "x", "\ud800", "x" * 100_000, new_token().text):
        assert desk.current(token) is None


def test_tokens_are_not_shown(desk: SmallDesk) -> None:
    token = new_token()
    assert token.text not in repr(token)


def test_a_session_that_is_not_used_is_over_after_the_idle_limit(town: Town) -> None:
    desk = SmallDesk(town, limits=SessionLimits(timedelta(minutes=30), timedelta(hours=8)))
    done = desk.signed_in()
    for _ in range(4):
        town.clock.pass_time(minutes=29)
        assert desk.current(done.token) is not None
    town.clock.pass_time(minutes=30)
    assert desk.current(done.token) is None


def test_a_session_is_over_after_the_absolute_limit_however_busy(town: Town) -> None:
    desk = SmallDesk(town, limits=SessionLimits(timedelta(minutes=30), timedelta(hours=1)))
    done = desk.signed_in()
    for _ in range(5):
        town.clock.pass_time(minutes=10)
        assert desk.current(done.token) is not None
    town.clock.pass_time(minutes=10)
    assert desk.current(done.token) is None


def test_a_use_is_noted_once_a_minute(desk: SmallDesk) -> None:
    done = desk.signed_in()
    began = desk.town.clock.now()
    desk.town.clock.pass_time(seconds=59)
    desk.current(done.token)
    assert desk.stores.sessions.held[done.session.key].seen == began
    desk.town.clock.pass_time(seconds=1)
    current = desk.current(done.token)
    assert current is not None
    assert current[0].seen == desk.stores.sessions.held[done.session.key].seen == desk.town.clock.now()


def test_a_password_set_by_others_ends_the_session_and_applications_are_told(desk: SmallDesk) -> None:
    heard = farewells(desk)
    done = desk.signed_in()
    participant = told(desk, done.session.key)
    desk.town.replace(AN, "userPassword", OTHER, handle=desk.town.admin())
    assert desk.current(done.token) is None
    assert not desk.stores.sessions.held
    assert heard == [[participant]]


def test_a_closed_account_ends_the_session(desk: SmallDesk) -> None:
    done = desk.signed_in()
    desk.town.replace(AN, "gdState", "suspended")
    assert desk.current(done.token) is None


def test_a_deleted_account_ends_the_session(desk: SmallDesk) -> None:
    done = desk.signed_in()
    desk.town.replace(AN, "gdState", "deleted")
    desk.town.delete(AN)
    assert desk.current(done.token) is None


def test_other_changes_of_the_account_leave_the_session(desk: SmallDesk) -> None:
    done = desk.signed_in()
    desk.town.replace(AN, "telephoneNumber", "0292 123 4567")
    desk.town.rename(AN, "uid=an2")
    current = desk.current(done.token)
    assert current is not None
    assert current[1].dn.startswith("uid=an2,")


def test_sessions_are_listed_and_ended_by_their_owner_only(desk: SmallDesk) -> None:
    first, second, binh = desk.signed_in(), desk.signed_in(AWAY), desk.signed_in(name="binh")
    book, account = desk.desk.book, desk.account()
    assert {each.key for each in desk.run(book.of_entry(account.entry_uuid))} == {
        first.session.key,
        second.session.key,
    }
    assert not desk.run(book.end_one(account, binh.session.key))
    assert desk.run(book.end_one(account, first.session.key))
    assert not desk.run(book.end_one(account, first.session.key))
    assert desk.current(first.token) is None
    assert desk.current(second.token) is not None


def test_sessions_that_are_over_are_not_listed(desk: SmallDesk) -> None:
    desk.signed_in()
    desk.town.clock.pass_time(hours=2)
    account = desk.account()
    assert list(desk.run(desk.desk.book.of_entry(account.entry_uuid))) == []
    assert desk.run(desk.desk.book.end_all(account.entry_uuid)) == 0
    assert not desk.stores.sessions.held


def test_ending_all_tells_the_applications_of_all(desk: SmallDesk) -> None:
    heard = farewells(desk)
    participants = [told(desk, desk.signed_in(browser).session.key) for browser in (HOME, AWAY)]
    assert desk.run(desk.desk.book.end_all(desk.account().entry_uuid)) == 2
    (both,) = heard
    assert list(both) == participants


def test_applications_follow_a_session_to_its_new_key(desk: SmallDesk) -> None:
    heard = farewells(desk)
    done = desk.signed_in()
    told(desk, done.session.key)
    token = new_token()
    added = frozenset({Factor.CODE})
    renewed = desk.run(desk.desk.book.renew(done.session, desk.account(), token, factors=added))
    assert renewed.factors == {Factor.PASSWORD, Factor.CODE}
    assert renewed.authenticated == done.session.authenticated
    assert [each.session_key for each in desk.stores.sessions.told] == [token.key]
    assert heard == []


def test_applications_of_one_are_told_when_another_signs_in_instead(desk: SmallDesk) -> None:
    heard = farewells(desk)
    done = desk.signed_in()
    participant = told(desk, done.session.key)
    assert isinstance(desk.password(desk.begin(force=done.session), name="binh"), Done)
    assert heard == [[participant]]
    assert not desk.stores.sessions.told


def test_a_session_that_was_ended_is_not_renewed(desk: SmallDesk) -> None:
    done = desk.signed_in()
    desk.run(desk.desk.book.end((done.session.key,)))
    token = new_token()
    desk.run(desk.desk.book.renew(done.session, desk.account(), token))
    assert desk.current(token.text) is None
    desk.run(desk.desk.book.renew(done.session, desk.account(), token, revive=True))
    assert desk.current(token.text) is not None
