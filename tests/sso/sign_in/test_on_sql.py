"""The whole of signing in on the real storage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from govdir.cli.local import InPlace
from govdir.sso.model import Factor
from govdir.sso.sign_in.self_service import Renewed
from govdir.sso.sign_in.steps import AskCode, AskEnrolment, Done, Problem, ShowRecovery, Throttled
from govdir.storage.engine import open_database
from govdir.storage.sso import SqlSso
from govdir.storage.store import SqlStore
from tests.directory.building import open_town
from tests.sso.sign_in.desk import AWAY, HOME, OTHER, PASSWORD, SmallDesk, at_device


class SqlDesk(SmallDesk):
    """A desk whose stores are SQL's."""

    sql: SqlSso


@pytest.fixture
def desk(tmp_path: Path, furnished: Path) -> Iterator[SqlDesk]:
    path, stores = tmp_path / "town.db", []

    def keep(store: SqlStore) -> SqlStore:
        stores.append(store)
        return store

    with open_town(path, furnished, store_in_use=keep) as town:
        database = open_database(f"sqlite:///{path}")
        sql = SqlSso(database, stores[0].writer, InPlace(), sends_mail=True, now=town.clock.now)
        desk = SqlDesk(town, stores=sql)
        desk.sql = sql
        yield desk
        town.run(sql.flush())
        database.close()


def test_somebody_signs_in_goes_on_and_signs_out(desk: SqlDesk) -> None:
    done = desk.signed_in()
    desk.town.clock.pass_time(minutes=2)
    current = desk.current(done.token)
    assert current is not None
    assert current[0].seen == desk.town.clock.now()
    desk.run(desk.desk.book.end((done.session.key,)))
    assert desk.current(done.token) is None


def test_a_second_factor_is_set_up_asked_for_and_not_good_twice(desk: SqlDesk) -> None:
    flow = desk.begin(needs_code=True)
    asked = desk.password(flow)
    assert isinstance(asked, AskEnrolment)
    shown = desk.run(desk.engine.enrol(flow, HOME, desk.totp(asked.secret.text)))
    assert isinstance(shown, ShowRecovery)
    assert isinstance(desk.run(desk.engine.acknowledge(flow, HOME)), Done)
    assert desk.run(desk.engine.code(desk.challenged(), HOME, desk.totp(asked.secret.text))) == AskCode(
        Problem.WRONG, 10
    )
    done = desk.run(desk.engine.recovery(desk.challenged(), HOME, shown.codes[0]))
    assert isinstance(done, Done)
    assert done.session.factors == {Factor.PASSWORD, Factor.CODE}
    assert desk.run(desk.engine.recovery(desk.challenged(), HOME, shown.codes[0])) == AskCode(
        Problem.WRONG, 9
    )


def test_a_session_is_proved_anew_and_stepped_up(desk: SqlDesk) -> None:
    first = desk.signed_in()
    again = desk.password(desk.begin(force=first.session))
    assert isinstance(again, Done)
    assert desk.current(first.token) is None
    secret, _ = desk.enrolled(replace(HOME, session=again.token))
    done = desk.run(desk.engine.code(desk.begin(step_up=again.session), HOME, desk.totp(secret)))
    assert isinstance(done, Done)
    assert done.session.ends == again.session.ends
    assert desk.current(again.token) is None
    assert desk.current(done.token) is not None


def test_a_changed_password_ends_the_other_sessions(desk: SqlDesk) -> None:
    away = desk.signed_in(AWAY)
    changed = desk.run(desk.service.change_password(desk.owner(), PASSWORD, OTHER, OTHER))
    assert isinstance(changed, Renewed)
    assert (changed.ended, desk.current(away.token)) == (1, None)
    assert desk.current(changed.token) is not None


def test_an_ended_session_stays_ended_though_its_owner_goes_on(desk: SqlDesk) -> None:
    owner = desk.owner()
    desk.run(desk.desk.book.end((owner.session.key,)))
    desk.enrolled(AWAY)
    removed = desk.run(desk.service.remove_factor(owner))
    assert isinstance(removed, Renewed)
    assert desk.current(removed.token) is None


def test_failures_and_what_is_known_are_counted(desk: SqlDesk) -> None:
    mine = at_device(HOME, desk.signed_in())
    for _ in range(5):
        desk.attempt("wrong", browser=AWAY)
    assert desk.attempt(PASSWORD, browser=AWAY) == Throttled(1)
    for _ in range(5):
        desk.attempt("wrong")
    assert desk.attempt(PASSWORD) == Throttled(1)
    assert isinstance(desk.attempt(PASSWORD, browser=mine), Done)


def test_the_history_is_read_once_it_is_written(desk: SqlDesk) -> None:
    desk.attempt("wrong")
    desk.town.clock.pass_time(seconds=1)
    owner = desk.owner()
    desk.town.run(desk.sql.flush())
    history = desk.run(desk.service.history(owner.account))
    assert [line.outcome for line in history] == ["ok", "wrong-password"]
