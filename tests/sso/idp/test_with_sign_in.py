"""The identity provider together with the sign-in it sends people to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from govdir.sso.idp.outcomes import NeedSignIn, Outcome, PostForm, Visitor
from govdir.sso.sign_in.steps import AskEnrolment, AskPassword, Done
from tests.directory.building import Town
from tests.sso.idp.stage import AN, Application, Stage
from tests.sso.memory_ports import run
from tests.sso.sign_in.desk import HOME, PASSWORD, SmallDesk

MAIL = "lvan@cantho.gov.vn"


class Counter(Stage):
    """The identity provider on the same sessions as a desk to sign in at."""

    def __init__(self, town: Town) -> None:
        self.desk = SmallDesk(town)
        super().__init__(town)
        self.sessions, self.keeping = self.desk.stores.sessions, self.desk.stores.keeping
        self.door = self.desk.engine  # type: ignore[assignment]
        self.idp = self.provider(self.idp._resources.keys)

    def visitor(self, token: str) -> Visitor:
        """The browser that has this cookie."""
        current = self.desk.current(token)
        return Visitor() if current is None else Visitor(*current)

    def goes_on(self, done: object) -> Outcome:
        """The browser, with its new cookie, where its sign-in was for."""
        assert isinstance(done, Done), done
        assert isinstance(done.purpose, str)
        pending_id = done.purpose.rpartition("=")[2]
        return run(self.idp.proceed(pending_id, self.visitor(done.token)))


@pytest.fixture
def counter(town: Town) -> Counter:
    town.replace(AN, "userPassword", PASSWORD)
    town.replace(AN, "pwdReset")
    return Counter(town)


def flow_of(outcome: Outcome) -> str:
    assert isinstance(outcome, NeedSignIn), outcome
    return outcome.flow_id


def test_one_signs_in_once_and_opens_the_next_application_without_a_password(counter: Counter) -> None:
    portal, files = counter.register(Application("portal")), counter.register(Application("files"))
    before = counter.town.slow.done

    done = counter.desk.password(flow_of(counter.ask(portal, relay_state="/")), name=MAIL)
    first = portal.read(counter.goes_on(done))
    assert isinstance(done, Done)
    second = files.read(counter.ask(files, counter.visitor(done.token)))

    assert (first.name, first.relay_state, second.name) == (MAIL, "/", MAIL)
    assert counter.town.slow.done == before + 1  # one password was hashed


def test_a_forced_request_asks_the_same_account_again_and_is_met(counter: Counter) -> None:
    portal = counter.register(Application("portal"))
    signed_in = counter.desk.signed_in(name=MAIL)
    counter.clock.pass_time(minutes=5)

    flow = flow_of(counter.ask(portal, counter.visitor(signed_in.token), ForceAuthn="true"))
    asked = counter.desk.run(counter.desk.engine.flow(flow, HOME)).step
    answer = portal.read(counter.goes_on(counter.desk.password(flow, name=MAIL)))

    assert isinstance(asked, AskPassword)
    assert answer.status == "Success"
    assert counter.desk.current(signed_in.token) is None


def test_a_second_factor_that_is_demanded_is_set_up_on_the_way(counter: Counter) -> None:
    portal = counter.register(Application("portal"), second_factor=True)
    flow = flow_of(counter.ask(portal))
    asked = counter.desk.password(flow, name=MAIL)
    assert isinstance(asked, AskEnrolment)
    counter.desk.run(counter.desk.engine.enrol(flow, HOME, counter.desk.totp(asked.secret.text)))
    enrolled = counter.desk.run(counter.desk.engine.acknowledge(flow, HOME))

    answer = portal.read(counter.goes_on(enrolled))

    assert answer.context == "https://refeds.org/profile/mfa"


def test_a_session_that_lacks_the_code_is_asked_for_that_alone(counter: Counter) -> None:
    portal = counter.register(Application("portal"), second_factor=True)
    signed_in = counter.desk.signed_in(name=MAIL)

    flow = flow_of(counter.ask(portal, counter.visitor(signed_in.token)))
    asked = counter.desk.run(counter.desk.engine.flow(flow, HOME)).step

    assert isinstance(asked, AskEnrolment)


def test_after_a_password_was_changed_by_others_the_old_session_is_nobodys(counter: Counter) -> None:
    portal = counter.register(Application("portal"))
    signed_in = counter.desk.signed_in(name=MAIL)
    assert isinstance(counter.ask(portal, counter.visitor(signed_in.token)), PostForm)
    counter.clock.pass_time(seconds=5)

    counter.town.replace(AN, "userPassword", "Song-Hau-chay-mai-38")

    assert isinstance(counter.ask(portal, counter.visitor(signed_in.token)), NeedSignIn)


def accesses(counter: Counter) -> Mapping[str, datetime]:
    record_id = counter.account().record_id
    return counter.town.run(counter.town.directory.accesses.last(record_id))


def test_a_sign_in_that_an_application_began_is_an_access_by_single_sign_on(counter: Counter) -> None:
    portal = counter.register(Application("portal"))
    flow = flow_of(counter.ask(portal))

    done = counter.desk.password(flow, name=MAIL)

    assert isinstance(done, Done)
    assert accesses(counter) == {"sso": counter.clock.now()}


def test_one_on_the_own_pages_is_an_access_by_the_web_and_each_application_after_it_by_single_sign_on(
    counter: Counter,
) -> None:
    portal = counter.register(Application("portal"))
    began = counter.clock.now()
    signed_in = counter.desk.signed_in(name=MAIL)
    assert accesses(counter) == {"web": began}
    counter.clock.pass_time(minutes=20)

    counter.ask(portal, counter.visitor(signed_in.token))

    assert accesses(counter) == {"web": began, "sso": began + timedelta(minutes=20)}
    last = counter.town.directory.logins.last_success(counter.account().record_id)
    assert last == began + timedelta(minutes=20)


def test_an_application_that_is_told_no_is_no_access(counter: Counter) -> None:
    portal = counter.register(Application("portal"), second_factor=True)
    signed_in = counter.desk.signed_in(name=MAIL)

    counter.ask(portal, counter.visitor(signed_in.token))

    assert set(accesses(counter)) == {"web"}
