"""Signing out of everything at once: from our page, from an application, from server to server."""

from __future__ import annotations

from datetime import timedelta

import pytest
from lxml import etree

from govdir.sso.idp.outcomes import (
    Arrival,
    ContinueAt,
    LogoutPage,
    Outcome,
    PostForm,
    Reason,
    Redirect,
    Refused,
    StepState,
    Visitor,
)
from govdir.sso.model import Kind
from govdir.sso.saml import post, signatures, soap, xml
from govdir.sso.saml.model import Binding
from govdir.sso.saml.names import samlp
from tests.sso.idp.stage import (
    AN,
    BINH,
    PERSISTENT,
    SLO,
    SOAP,
    TRANSIENT,
    UNSPECIFIED,
    Answer,
    Application,
    Stage,
)
from tests.sso.memory_ports import run

REDIRECT, POST, BACK = Binding.REDIRECT, Binding.POST, Binding.SOAP
STATUS = f"{samlp('Status')}/{samlp('StatusCode')}"
WAITING, ASKED, DONE = StepState.WAITING, StepState.ASKED, StepState.DONE
FAILED, SKIPPED = StepState.FAILED, StepState.SKIPPED


class Round:
    """One browser, signed in to some applications with one session."""

    def __init__(self, stage: Stage, *applications: Application, dn: str = AN) -> None:
        self.stage = stage
        self.visitor = stage.signed_in(dn)
        self.answers: dict[str, Answer] = {}
        for application in applications:
            if application.entity_id not in stage.services.held:
                stage.register(application)
            self.answers[application.name] = application.read(stage.ask(application, self.visitor))

    @property
    def is_signed_in(self) -> bool:
        assert self.visitor.session is not None
        return self.visitor.session.key in self.stage.sessions.held

    def request(self, application: Application, **options: str | None) -> bytes:
        """A LogoutRequest for what the application was told."""
        answer = self.answers[application.name]
        return application.logout(
            self.stage.clock.now(), answer.name or "", indexes=[answer.session_index], **options
        )

    def ask(self, application: Application, *, relay_state: str | None = None) -> Outcome:
        """The application sends the browser with its signed LogoutRequest."""
        return self.bring(application, self.request(application), relay_state=relay_state)

    def bring(
        self,
        application: Application,
        octets: bytes,
        *,
        relay_state: str | None = None,
        signed: bool = True,
        is_request: bool = True,
    ) -> Outcome:
        arrival = self.stage.by_redirect(
            application,
            octets,
            visitor=self.visitor if self.is_signed_in else Visitor(),
            relay_state=relay_state,
            signed=signed,
            is_request=is_request,
        )
        return run(self.stage.idp.logout_message(arrival))

    def go(self, outcome: Outcome, action: str = "") -> Outcome:
        """The browser follows to the page of the logout, and clicks there."""
        assert isinstance(outcome, ContinueAt), outcome
        return self.open(outcome.path + (f"&action={action}" if action else ""))

    def open(self, path: str | None) -> Outcome:
        assert path is not None
        logout_id, _, action = path.removeprefix("/saml/slo/continue?logout=").partition("&action=")
        visitor = self.visitor if self.is_signed_in else Visitor()
        return run(self.stage.idp.proceed_logout(logout_id, action, visitor))

    def page(self, outcome: Outcome) -> LogoutPage:
        page = self.go(outcome)
        assert isinstance(page, LogoutPage), page
        return page

    def answered(self, application: Application, asked: Outcome, status: str = "Success") -> Outcome:
        """The application answers the LogoutRequest it was brought."""
        request = application.read_logout(asked)
        octets = application.logout_answer(self.stage.clock.now(), request.attrib["ID"], status=status)
        return self.bring(application, octets, is_request=False)


def states(page: Outcome) -> dict[str, StepState]:
    assert isinstance(page, LogoutPage), page
    return {step.service.name: step.state for step in page.steps}


def told(root: etree._Element) -> tuple[str, str | None]:
    """The status of a LogoutResponse without prefixes."""
    outer = root.find(STATUS)
    assert outer is not None
    inner = outer.find(samlp("StatusCode"))
    second = None if inner is None else inner.attrib["Value"].rpartition(":")[2]
    return outer.attrib["Value"].rpartition(":")[2], second


@pytest.fixture
def portal() -> Application:
    return Application("portal", slo=[(REDIRECT, "slo")], signs=True)


@pytest.fixture
def files() -> Application:
    return Application("files", slo=[(REDIRECT, "slo")], signs=True)


@pytest.fixture
def chat() -> Application:
    return Application("chat", slo=[(POST, "slo")], signs=True)


@pytest.fixture
def records() -> Application:
    return Application("records", slo=[(BACK, "soap"), (REDIRECT, "slo")], signs=True)


@pytest.fixture
def wall() -> Application:
    """An application that knows no logout."""
    return Application("wall")


# -- from our own page ---------------------------------------------------------------------------------


def test_signing_out_without_applications_is_over_at_once(stage: Stage) -> None:
    browser = Round(stage)

    page = run(stage.idp.sign_out(browser.visitor))

    assert page == LogoutPage(steps=(), advance=None, finished=True, complete=True)
    assert not browser.is_signed_in
    line = stage.last_line()
    assert (line.kind, line.outcome, line.who) == (Kind.SIGN_OUT, "ok", "lvan@cantho.gov.vn")


def test_signing_out_when_nobody_is_signed_in_changes_nothing(stage: Stage) -> None:
    assert run(stage.idp.sign_out(Visitor())) == LogoutPage()
    assert stage.trail.lines == []


def test_signing_out_ends_our_session_before_any_application_is_asked(
    stage: Stage, portal: Application
) -> None:
    browser = Round(stage, portal)

    outcome = run(stage.idp.sign_out(browser.visitor))

    assert isinstance(outcome, ContinueAt)
    assert not browser.is_signed_in


def test_applications_are_asked_one_by_one_through_the_browser(
    stage: Stage, portal: Application, chat: Application
) -> None:
    browser = Round(stage, portal, chat)
    outcome = run(stage.idp.sign_out(browser.visitor))

    page = browser.page(outcome)
    to_portal = browser.open(page.advance)
    back = browser.answered(portal, to_portal)
    between = browser.page(back)
    to_chat = browser.open(between.advance)
    end = browser.answered(chat, to_chat)

    assert states(page) == {"portal": WAITING, "chat": WAITING}
    assert (page.finished, page.automatic, page.skip) == (False, True, None)
    assert isinstance(to_portal, Redirect)
    assert states(between) == {"portal": DONE, "chat": WAITING}
    assert isinstance(to_chat, PostForm)
    assert states(end) == {"portal": DONE, "chat": DONE}
    assert isinstance(end, LogoutPage)
    assert (end.finished, end.complete, end.advance) == (True, True, None)


def test_an_application_is_asked_by_the_name_and_index_it_was_told(stage: Stage, portal: Application) -> None:
    browser = Round(stage, stage.register(portal, name_id=PERSISTENT))
    answer = browser.answers["portal"]
    page = browser.page(run(stage.idp.sign_out(browser.visitor)))

    request = portal.read_logout(browser.open(page.advance))

    name_id = request.find("{*}NameID")
    assert name_id is not None
    assert answer.name_id is not None
    assert (name_id.text, dict(name_id.attrib)) == (answer.name, dict(answer.name_id.attrib))
    assert request.findtext("{*}SessionIndex") == answer.session_index
    assert request.get("NotOnOrAfter") == "2026-03-02T08:05:02Z"
    assert request.get("Reason") == "urn:oasis:names:tc:SAML:2.0:logout:user"


def test_a_dead_application_is_skipped_from_the_page_the_back_button_leads_to(
    stage: Stage, portal: Application, files: Application
) -> None:
    browser = Round(stage, portal, files)
    outcome = run(stage.idp.sign_out(browser.visitor))
    browser.go(outcome, "next")

    back = browser.page(outcome)
    after = browser.open(back.skip)
    page = browser.page(after)
    end = browser.page(browser.answered(files, browser.open(page.advance)))

    assert states(back) == {"portal": ASKED, "files": WAITING}
    assert (back.advance, back.finished) == (None, False)
    assert states(page) == {"portal": SKIPPED, "files": WAITING}
    assert states(end) == {"portal": SKIPPED, "files": DONE}
    assert (end.finished, end.complete, end.advance) == (True, False, None)


def test_a_dead_application_can_be_asked_again_with_a_new_request(stage: Stage, portal: Application) -> None:
    browser = Round(stage, portal)
    outcome = run(stage.idp.sign_out(browser.visitor))
    first = browser.go(outcome, "next")

    second = browser.open(browser.page(outcome).retry)
    late = browser.answered(portal, first)
    end = browser.answered(portal, second)

    assert isinstance(late, Refused)
    assert late.reason is Reason.UNEXPECTED_ANSWER
    assert states(end) == {"portal": DONE}


def test_an_application_that_fails_is_shown_and_the_others_go_on(
    stage: Stage, portal: Application, files: Application
) -> None:
    browser = Round(stage, portal, files)
    outcome = run(stage.idp.sign_out(browser.visitor))

    page = browser.page(browser.answered(portal, browser.go(outcome, "next"), status="Responder"))

    assert states(page) == {"portal": FAILED, "files": WAITING}
    assert page.automatic


@pytest.mark.parametrize("signer", [None, "mallory"])
def test_an_answer_without_a_good_signature_confirms_nothing_and_the_others_go_on(
    stage: Stage, portal: Application, files: Application, signer: str | None
) -> None:
    browser = Round(stage, portal, files)
    outcome = run(stage.idp.sign_out(browser.visitor))
    request = portal.read_logout(browser.go(outcome, "next"))
    octets = portal.logout_answer(stage.clock.now(), request.attrib["ID"])

    if signer is None:
        back = browser.bring(portal, octets, is_request=False, signed=False)
    else:
        message = post.encode(Application(signer).signed(octets))
        back = run(stage.idp.logout_message(Arrival(POST, Visitor(), saml_response=message)))

    page = browser.page(back)
    assert states(page) == {"portal": FAILED, "files": WAITING}
    assert page.automatic


@pytest.mark.parametrize("clock", [timedelta(minutes=-10), timedelta(minutes=10)])
def test_an_answer_by_a_clock_that_is_wrong_confirms_nothing_and_the_others_go_on(
    stage: Stage, portal: Application, files: Application, clock: timedelta
) -> None:
    browser = Round(stage, portal, files)
    outcome = run(stage.idp.sign_out(browser.visitor))
    request = portal.read_logout(browser.go(outcome, "next"))
    octets = portal.logout_answer(stage.clock.now() + clock, request.attrib["ID"])

    page = browser.page(browser.bring(portal, octets, is_request=False))

    assert states(page) == {"portal": FAILED, "files": WAITING}
    assert page.automatic


def test_an_application_that_is_switched_off_is_signed_out_like_others(
    stage: Stage, portal: Application, files: Application
) -> None:
    browser = Round(stage, portal, files)
    stage.register(portal, enabled=False)
    outcome = run(stage.idp.sign_out(browser.visitor))

    page = browser.page(browser.answered(portal, browser.go(outcome, "next")))

    assert states(page) == {"portal": DONE, "files": WAITING}


def test_an_answer_without_a_signature_to_what_was_never_asked_is_refused(
    stage: Stage, portal: Application, files: Application
) -> None:
    browser = Round(stage, portal, files)
    outcome = run(stage.idp.sign_out(browser.visitor))
    request = portal.read_logout(browser.go(outcome, "next"))
    of_another = files.logout_answer(stage.clock.now(), request.attrib["ID"])

    back = browser.bring(files, of_another, is_request=False, signed=False)

    assert isinstance(back, Refused)
    assert back.reason is Reason.UNSIGNED


def test_an_application_without_logout_is_shown_as_not_reached(
    stage: Stage, portal: Application, wall: Application
) -> None:
    browser = Round(stage, portal, wall)

    page = browser.page(run(stage.idp.sign_out(browser.visitor)))

    assert states(page) == {"portal": WAITING, "wall": FAILED}
    assert not page.complete


def test_an_application_that_was_removed_meanwhile_is_shown_as_not_reached(
    stage: Stage, portal: Application
) -> None:
    browser = Round(stage, portal)
    outcome = run(stage.idp.sign_out(browser.visitor))
    run(stage.services.remove(portal.entity_id))
    stage.clock.pass_time(seconds=2)

    after = browser.go(outcome, "next")

    assert states(browser.page(after)) == {portal.entity_id: FAILED}


def test_servers_are_asked_before_the_browser_and_all_at_once(
    stage: Stage, portal: Application, records: Application
) -> None:
    archive = Application("archive", slo=[(BACK, "soap")])
    browser = Round(stage, portal, records, archive)
    for application in (records, archive):
        stage.back_channel.answers[f"{application.url}/soap"] = application.by_soap(stage.clock.now)

    page = browser.page(run(stage.idp.sign_out(browser.visitor)))

    assert states(page) == {"portal": WAITING, "records": DONE, "archive": DONE}
    assert [url for url, _ in stage.back_channel.posted] == [
        "https://records.example.vn/soap",
        "https://archive.example.vn/soap",
    ]


def test_when_all_servers_answer_there_is_nothing_left_to_do(stage: Stage, records: Application) -> None:
    browser = Round(stage, records)
    stage.back_channel.answers["https://records.example.vn/soap"] = records.by_soap(stage.clock.now)

    page = run(stage.idp.sign_out(browser.visitor))

    assert states(page) == {"records": DONE}
    assert isinstance(page, LogoutPage)
    assert (page.finished, page.complete) == (True, True)


def test_a_server_that_is_dead_is_asked_through_the_browser_where_it_can_be(
    stage: Stage, records: Application
) -> None:
    archive = Application("archive", slo=[(BACK, "soap")])
    browser = Round(stage, records, archive)

    page = browser.page(run(stage.idp.sign_out(browser.visitor)))

    assert states(page) == {"records": WAITING, "archive": FAILED}


def _unsigned(application: Application, stage: Stage, envelope: bytes) -> bytes:
    answer = application.logout_answer(stage.clock.now(), soap.read(envelope).attrib["ID"])
    return soap.wrap(xml.parse(answer))


def _forged(application: Application, stage: Stage, envelope: bytes) -> bytes:
    answer = application.logout_answer(stage.clock.now(), soap.read(envelope).attrib["ID"])
    return soap.wrap(xml.parse(Application("mallory").signed(answer)))


def _to_another(application: Application, stage: Stage, _envelope: bytes) -> bytes:
    answer = application.logout_answer(stage.clock.now(), "_another")
    return soap.wrap(xml.parse(application.signed(answer)))


def _of_another(_application: Application, stage: Stage, envelope: bytes) -> bytes:
    answer = Application("mallory").logout_answer(stage.clock.now(), soap.read(envelope).attrib["ID"])
    return soap.wrap(xml.parse(answer))


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (_unsigned, DONE),  # TLS has told who it is
        (_forged, FAILED),
        (_to_another, FAILED),
        (_of_another, FAILED),
        (lambda *_: b"<html>oops</html>", FAILED),
        (lambda *_: soap.fault("no"), FAILED),
    ],
)
def test_a_servers_answer_counts_when_it_is_its_own_and_to_our_request(
    stage: Stage, answer: object, state: StepState
) -> None:
    archive = Application("archive", slo=[(BACK, "soap")])
    browser = Round(stage, archive)
    assert callable(answer)
    stage.back_channel.answers["https://archive.example.vn/soap"] = lambda envelope: answer(
        archive, stage, envelope
    )

    outcome = run(stage.idp.sign_out(browser.visitor))

    page = outcome if isinstance(outcome, LogoutPage) else browser.page(outcome)
    assert states(page) == {"archive": state}


def test_a_server_that_signs_out_only_partly_has_failed(stage: Stage) -> None:
    archive = Application("archive", slo=[(BACK, "soap")])
    browser = Round(stage, archive)
    stage.back_channel.answers["https://archive.example.vn/soap"] = archive.by_soap(
        stage.clock.now, status="Responder"
    )

    assert states(browser.page(run(stage.idp.sign_out(browser.visitor)))) == {"archive": FAILED}


# -- from an application -------------------------------------------------------------------------------


@pytest.mark.parametrize("relay_state", [None, "", "back to /x?y=1&z=+"])
def test_an_application_signs_its_user_out_and_is_answered(
    stage: Stage, portal: Application, relay_state: str | None
) -> None:
    browser = Round(stage, portal)

    answer = portal.read_logout(browser.ask(portal, relay_state=relay_state))

    assert told(answer) == ("Success", None)
    assert answer.get("InResponseTo") == "_portal-2"
    assert answer.get("relay") == (relay_state or "")
    assert not browser.is_signed_in
    line = stage.last_line()
    assert (line.kind, line.outcome, line.entity_id) == (Kind.SIGN_OUT, "ok", portal.entity_id)
    assert line.who == "lvan@cantho.gov.vn"


def test_the_application_that_asked_is_answered_after_all_others(
    stage: Stage, portal: Application, files: Application, chat: Application
) -> None:
    browser = Round(stage, portal, files, chat)

    outcome = browser.ask(portal, relay_state="home")
    page = browser.page(outcome)
    between = browser.page(browser.answered(files, browser.open(page.advance)))
    answer = portal.read_logout(browser.answered(chat, browser.open(between.advance)))

    assert states(page) == {"files": WAITING, "chat": WAITING}
    assert page.asked_by is not None
    assert page.asked_by.name == "portal"
    assert told(answer) == ("Success", None)
    assert (answer.get("InResponseTo"), answer.get("relay")) == ("_portal-2", "home")


def test_the_application_that_asked_learns_when_others_were_not_reached(
    stage: Stage, portal: Application, files: Application
) -> None:
    browser = Round(stage, portal, files)
    outcome = browser.ask(portal)
    browser.go(outcome, "next")

    page = browser.page(browser.open(browser.page(outcome).skip))
    answer = portal.read_logout(browser.open(page.advance))

    assert states(page) == {"files": SKIPPED}
    assert (page.finished, page.automatic) == (True, False)
    assert told(answer) == ("Success", "PartialLogout")


def test_the_answer_is_given_once_and_the_page_stays(
    stage: Stage, portal: Application, wall: Application
) -> None:
    browser = Round(stage, portal, wall)
    outcome = browser.ask(portal)
    first = browser.go(outcome, "next")

    again = browser.go(outcome, "next")

    assert told(portal.read_logout(first)) == ("Success", "PartialLogout")
    assert states(again) == {"wall": FAILED}
    assert isinstance(again, LogoutPage)
    assert (again.advance, again.asked_by) == (None, None)


def test_the_answer_comes_by_the_binding_of_the_request_and_to_the_response_location(
    stage: Stage,
) -> None:
    class Elsewhere(Application):
        def metadata(self) -> bytes:
            located = f'Location="{self.url}/slo"'.encode()
            answers = f'{located.decode()} ResponseLocation="{self.url}/done"'.encode()
            return super().metadata().replace(located, answers)

    portal = Elsewhere("portal", slo=[(REDIRECT, "slo"), (POST, "slo")], signs=True)
    browser = Round(stage, portal)
    arrival = stage.by_post(portal.signed(browser.request(portal)), visitor=browser.visitor)

    outcome = run(stage.idp.logout_message(arrival))

    assert isinstance(outcome, PostForm)
    assert outcome.location == "https://portal.example.vn/done"


def test_a_post_without_cookies_is_carried_out_when_the_browser_brings_them(
    stage: Stage, portal: Application, files: Application
) -> None:
    browser = Round(stage, portal, files)
    octets = portal.signed(browser.request(portal))

    kept = run(stage.idp.logout_message(stage.by_post(octets, has_cookies=False)))
    still = browser.is_signed_in
    outcome = browser.go(kept)
    page = browser.page(outcome)
    answer = portal.read_logout(browser.answered(files, browser.open(page.advance)))

    assert still
    assert states(page) == {"files": WAITING}
    assert told(answer) == ("Success", None)
    assert not browser.is_signed_in


def test_a_kept_request_of_one_application_alone_is_answered_at_once(
    stage: Stage, portal: Application
) -> None:
    browser = Round(stage, portal)
    octets = portal.signed(browser.request(portal))

    kept = run(stage.idp.logout_message(stage.by_post(octets, has_cookies=False)))
    answer = portal.read_logout(browser.go(kept))

    assert told(answer) == ("Success", None)


def test_all_sessions_of_the_name_end_when_the_request_names_none(stage: Stage, portal: Application) -> None:
    one, other = Round(stage, portal), Round(stage, portal)
    somebody = Round(stage, portal, dn=BINH)

    one.bring(portal, portal.logout(stage.clock.now(), "lvan@cantho.gov.vn"))

    assert [browser.is_signed_in for browser in (one, other, somebody)] == [False, False, True]


def test_only_the_session_that_is_named_ends(stage: Stage, portal: Application) -> None:
    one, other = Round(stage, portal), Round(stage, portal)

    one.ask(portal)

    assert [one.is_signed_in, other.is_signed_in] == [False, True]


def test_applications_of_a_session_in_another_browser_are_told_by_servers_only(
    stage: Stage, portal: Application, files: Application, records: Application
) -> None:
    here, there = Round(stage, portal), Round(stage, portal, files, records)
    stage.back_channel.answers["https://records.example.vn/soap"] = records.by_soap(stage.clock.now)

    page = here.page(here.bring(portal, portal.logout(stage.clock.now(), "lvan@cantho.gov.vn")))

    assert states(page) == {"files": FAILED, "records": DONE}
    assert not there.is_signed_in


@pytest.mark.parametrize("format_", [PERSISTENT, TRANSIENT, UNSPECIFIED])
def test_every_kind_of_name_signs_out(stage: Stage, portal: Application, format_: str) -> None:
    browser = Round(stage, stage.register(portal, name_id=format_))

    answer = portal.read_logout(browser.bring(portal, browser.request(portal, format_=format_)))

    assert told(answer) == ("Success", None)
    assert not browser.is_signed_in


@pytest.mark.parametrize(
    ("name", "indexes"),
    [("ttbinh@cantho.gov.vn", []), ("lvan@cantho.gov.vn", ["_another"]), ("LVAN@cantho.gov.vn", [])],
)
def test_a_request_that_does_not_match_the_session_ends_nothing(
    stage: Stage, portal: Application, name: str, indexes: list[str]
) -> None:
    browser = Round(stage, portal)

    octets = portal.logout(stage.clock.now(), name, indexes=indexes)
    answer = portal.read_logout(browser.bring(portal, octets))

    assert told(answer) == ("Requester", "UnknownPrincipal")
    assert browser.is_signed_in
    assert stage.last_line().outcome == "unknown-principal"


@pytest.mark.parametrize(
    ("held", "said"),
    [(PERSISTENT, "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"), (PERSISTENT, TRANSIENT)],
)
def test_a_name_said_to_be_of_another_format_is_not_the_one(
    stage: Stage, portal: Application, held: str, said: str
) -> None:
    browser = Round(stage, stage.register(portal, name_id=held))

    answer = portal.read_logout(browser.bring(portal, browser.request(portal, format_=said)))

    assert told(answer) == ("Requester", "UnknownPrincipal")
    assert browser.is_signed_in


def test_an_application_cannot_end_what_another_was_told(
    stage: Stage, portal: Application, files: Application
) -> None:
    browser = Round(stage, portal)
    stage.register(files)
    index = browser.answers["portal"].session_index

    octets = files.logout(stage.clock.now(), "lvan@cantho.gov.vn", indexes=[index])
    answer = files.read_logout(browser.bring(files, octets))

    assert browser.is_signed_in
    assert told(answer) == ("Success", None)  # nobody is signed in there


def test_signing_out_twice_succeeds_twice(stage: Stage, portal: Application) -> None:
    browser = Round(stage, portal)
    browser.ask(portal)

    answer = portal.read_logout(browser.ask(portal))

    assert told(answer) == ("Success", None)


def test_an_application_without_an_end_point_leaves_the_browser_on_our_page(stage: Stage) -> None:
    portal = Application("portal", signs=True)
    browser = Round(stage, portal)

    outcome = browser.ask(portal)

    assert isinstance(outcome, LogoutPage)
    assert outcome.finished
    assert not browser.is_signed_in


def test_an_application_that_wants_no_answer_gets_none(stage: Stage, portal: Application) -> None:
    browser = Round(stage, portal)
    extension = "urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo"
    wish = f'<samlp:Extensions><aslo:Asynchronous xmlns:aslo="{extension}"/></samlp:Extensions>'

    outcome = browser.bring(portal, browser.request(portal, extensions=wish))

    assert isinstance(outcome, LogoutPage)
    assert not browser.is_signed_in


def test_an_application_that_learnt_a_new_name_is_asked_by_that_alone(
    stage: Stage, portal: Application
) -> None:
    browser = Round(stage, portal)
    stage.clock.pass_time(minutes=1)
    policy = f'<samlp:NameIDPolicy Format="{PERSISTENT}"/>'
    later = portal.read(stage.ask(portal, browser.visitor, content=policy))

    page = browser.page(run(stage.idp.sign_out(browser.visitor)))
    request = portal.read_logout(browser.open(page.advance))

    assert states(page) == {"portal": WAITING}
    assert len(page.steps) == 1
    assert request.findtext("{*}NameID") == later.name


def test_applications_that_may_still_have_their_session_are_in_the_trail(
    stage: Stage, portal: Application, files: Application, wall: Application
) -> None:
    browser = Round(stage, portal, files, wall)
    outcome = run(stage.idp.sign_out(browser.visitor))
    browser.answered(portal, browser.go(outcome, "next"), status="Responder")
    browser.go(outcome, "next")
    browser.go(outcome, "skip")

    missed = [(line.outcome, line.entity_id) for line in stage.trail.lines if line.channel == "logout"]

    assert missed == [
        ("not-reached", wall.entity_id),
        ("failed", portal.entity_id),
        ("skipped", files.entity_id),
    ]


# -- requests that are not taken -----------------------------------------------------------------------


def refusal(outcome: Outcome) -> Reason:
    assert isinstance(outcome, Refused), outcome
    return outcome.reason


def test_an_unsigned_request_is_refused(stage: Stage, portal: Application) -> None:
    browser = Round(stage, portal)

    outcome = browser.bring(portal, browser.request(portal), signed=False)

    assert refusal(outcome) is Reason.UNSIGNED
    assert browser.is_signed_in


def test_an_unsigned_request_of_an_application_without_keys_is_refused(stage: Stage) -> None:
    wall = Application("wall", slo=[(REDIRECT, "slo")], has_key=False)
    browser = Round(stage, wall)

    assert refusal(browser.bring(wall, browser.request(wall))) is Reason.UNSIGNED
    assert browser.is_signed_in


def test_where_it_is_permitted_an_unsigned_request_ends_the_browsers_own_session_only(
    stage: Stage, portal: Application
) -> None:
    stage.register(portal, unsigned_logout=True)
    here, there = Round(stage, portal), Round(stage, portal)

    octets = portal.logout(stage.clock.now(), "lvan@cantho.gov.vn")
    answer = portal.read_logout(here.bring(portal, octets, signed=False))

    assert told(answer) == ("Success", None)
    assert [here.is_signed_in, there.is_signed_in] == [False, True]


def test_an_unsigned_request_for_somebody_elses_session_ends_nothing(
    stage: Stage, portal: Application
) -> None:
    stage.register(portal, unsigned_logout=True)
    here, there = Round(stage, portal), Round(stage, portal, dn=BINH)

    octets = portal.logout(stage.clock.now(), "ttbinh@cantho.gov.vn")
    answer = portal.read_logout(here.bring(portal, octets, signed=False))

    assert told(answer) == ("Requester", "UnknownPrincipal")
    assert [here.is_signed_in, there.is_signed_in] == [True, True]


def test_a_replayed_request_is_refused(stage: Stage, portal: Application) -> None:
    browser = Round(stage, portal)
    octets = browser.request(portal)
    browser.bring(portal, octets)

    assert refusal(browser.bring(portal, octets)) is Reason.REPLAYED


def test_a_request_past_its_own_end_is_stale(stage: Stage, portal: Application) -> None:
    browser = Round(stage, portal)
    octets = browser.request(portal, NotOnOrAfter="2026-03-02T07:57:02Z")

    assert refusal(browser.bring(portal, octets)) is Reason.STALE
    assert browser.is_signed_in


def test_a_request_signed_by_another_is_refused(stage: Stage, portal: Application) -> None:
    browser = Round(stage, portal)
    octets = Application("mallory").signed(browser.request(portal))

    outcome = run(stage.idp.logout_message(stage.by_post(octets, visitor=browser.visitor)))

    assert refusal(outcome) is Reason.BAD_SIGNATURE
    assert browser.is_signed_in


def test_an_authn_request_is_no_message_of_this_end_point(stage: Stage, portal: Application) -> None:
    browser = Round(stage, portal)

    octets = portal.request(stage.clock.now(), Destination=SLO)

    assert refusal(browser.bring(portal, octets)) is Reason.MALFORMED


# -- answers that are not taken ------------------------------------------------------------------------


def test_an_answer_of_another_application_is_refused(
    stage: Stage, portal: Application, files: Application
) -> None:
    browser = Round(stage, portal, files)
    outcome = run(stage.idp.sign_out(browser.visitor))
    request = portal.read_logout(browser.go(outcome, "next"))
    octets = files.logout_answer(stage.clock.now(), request.attrib["ID"])

    answered = browser.bring(files, octets, is_request=False)

    assert refusal(answered) is Reason.UNEXPECTED_ANSWER
    assert states(browser.page(outcome)) == {"portal": ASKED, "files": WAITING}


@pytest.mark.parametrize("in_response_to", ["_something", "_" + "0" * 40 + "-" + "0" * 8])
def test_an_answer_to_nothing_is_refused(stage: Stage, portal: Application, in_response_to: str) -> None:
    browser = Round(stage, portal)
    octets = portal.logout_answer(stage.clock.now(), in_response_to)

    assert refusal(browser.bring(portal, octets, is_request=False)) is Reason.UNEXPECTED_ANSWER


def test_an_answer_after_skipping_is_refused(stage: Stage, portal: Application) -> None:
    browser = Round(stage, portal)
    outcome = run(stage.idp.sign_out(browser.visitor))
    asked = browser.go(outcome, "next")
    browser.open(browser.page(outcome).skip)

    assert refusal(browser.answered(portal, asked)) is Reason.UNEXPECTED_ANSWER
    assert states(browser.page(outcome)) == {"portal": SKIPPED}


def test_an_answer_that_comes_twice_counts_once(
    stage: Stage, portal: Application, files: Application
) -> None:
    browser = Round(stage, portal, files)
    asked = browser.go(run(stage.idp.sign_out(browser.visitor)), "next")
    browser.answered(portal, asked)

    page = browser.page(browser.answered(portal, asked, status="Responder"))

    assert states(page) == {"portal": DONE, "files": WAITING}


def test_an_answer_after_ten_minutes_is_refused(stage: Stage, portal: Application) -> None:
    browser = Round(stage, portal)
    outcome = run(stage.idp.sign_out(browser.visitor))
    asked = browser.go(outcome, "next")
    stage.clock.pass_time(minutes=10)

    assert refusal(browser.answered(portal, asked)) is Reason.UNEXPECTED_ANSWER
    assert refusal(browser.go(outcome)) is Reason.STALE


def test_a_response_in_the_parameter_of_requests_is_refused(stage: Stage, portal: Application) -> None:
    browser = Round(stage, portal)
    octets = portal.signed(portal.logout_answer(stage.clock.now(), "_x"))

    outcome = run(stage.idp.logout_message(stage.by_post(octets, is_request=True)))

    assert browser.is_signed_in
    assert refusal(outcome) is Reason.MALFORMED


# -- two tabs ------------------------------------------------------------------------------------------


def test_a_second_tab_does_not_send_the_browser_to_a_second_application(
    stage: Stage, portal: Application, files: Application
) -> None:
    browser = Round(stage, portal, files)
    outcome = run(stage.idp.sign_out(browser.visitor))
    first = browser.go(outcome, "next")

    second = browser.go(outcome, "next")

    assert states(second) == {"portal": ASKED, "files": WAITING}
    assert states(browser.page(browser.answered(portal, first))) == {
        "portal": StepState.DONE,
        "files": WAITING,
    }


def test_of_two_tabs_at_the_very_same_moment_one_is_sent(
    stage: Stage, portal: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Round(stage, portal)
    outcome = run(stage.idp.sign_out(browser.visitor))

    async def quicker(_kept: object) -> bool:
        return False

    with monkeypatch.context() as patch:
        patch.setattr(stage.keeping, "put", quicker)
        lost = browser.go(outcome, "next")

    assert lost == outcome
    assert states(browser.page(outcome)) == {"portal": WAITING}


def test_an_unknown_logout_is_stale(stage: Stage) -> None:
    assert run(stage.idp.proceed_logout("0" * 40, "next", Visitor())) == Refused(400, Reason.STALE)


# -- from server to server -----------------------------------------------------------------------------


def by_soap(stage: Stage, octets: bytes) -> etree._Element:
    answer = run(stage.idp.soap_logout(soap.wrap(xml.parse(octets)), "203.0.113.9"))
    assert not answer.is_fault
    return soap.read(answer.envelope)


@pytest.mark.parametrize("destination", [SOAP, None])
def test_a_server_signs_its_user_out(stage: Stage, portal: Application, destination: str | None) -> None:
    browser = Round(stage, portal)
    octets = portal.signed(browser.request(portal, Destination=destination))

    answer = signatures.verified(by_soap(stage, octets), portal.of_idp)

    assert told(answer) == ("Success", None)
    assert answer.get("InResponseTo") == "_portal-2"
    assert answer.get("Destination") is None
    assert not browser.is_signed_in
    line = stage.last_line()
    assert (line.kind, line.channel, line.network) == (Kind.SIGN_OUT, "soap", "203.0.113.9")


def test_a_server_learns_that_others_can_only_be_reached_through_the_browser(
    stage: Stage, portal: Application, files: Application, records: Application
) -> None:
    browser = Round(stage, portal, files, records)
    stage.back_channel.answers["https://records.example.vn/soap"] = records.by_soap(stage.clock.now)

    octets = portal.signed(browser.request(portal, Destination=SOAP))

    assert told(by_soap(stage, octets)) == ("Success", "PartialLogout")
    assert not browser.is_signed_in


def test_a_server_that_names_nobody_is_told_so(stage: Stage, portal: Application) -> None:
    browser = Round(stage, portal)
    octets = portal.signed(portal.logout(stage.clock.now(), "x@cantho.gov.vn", Destination=SOAP))

    assert told(by_soap(stage, octets)) == ("Requester", "UnknownPrincipal")
    assert browser.is_signed_in


@pytest.mark.parametrize("unsigned_logout", [False, True])
def test_an_unsigned_request_of_a_server_is_always_refused(
    stage: Stage, portal: Application, unsigned_logout: bool
) -> None:
    browser = Round(stage, stage.register(portal, unsigned_logout=unsigned_logout))

    answer = by_soap_raw(stage, soap.wrap(xml.parse(browser.request(portal, Destination=SOAP))))

    assert b"<faultstring>unsigned</faultstring>" in answer
    assert browser.is_signed_in


def by_soap_raw(stage: Stage, envelope: bytes) -> bytes:
    """What is said of an envelope that is refused."""
    answer = run(stage.idp.soap_logout(envelope, "203.0.113.9"))
    assert answer.is_fault
    return answer.envelope


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"", "malformed"),
        (b"<x/>", "malformed"),
        (b"<!DOCTYPE x><x/>", "malformed"),
    ],
)
def test_what_is_no_envelope_is_a_fault(stage: Stage, octets: bytes, reason: str) -> None:
    assert f"<faultstring>{reason}</faultstring>".encode() in by_soap_raw(stage, octets)
    assert stage.last_line().outcome == reason


def test_a_request_meant_for_the_browsers_end_point_is_refused_from_a_server(
    stage: Stage, portal: Application
) -> None:
    browser = Round(stage, portal)
    envelope = soap.wrap(xml.parse(portal.signed(browser.request(portal))))

    assert b"wrong-destination" in by_soap_raw(stage, envelope)


def test_a_replayed_request_of_a_server_is_refused(stage: Stage, portal: Application) -> None:
    browser = Round(stage, portal)
    octets = portal.signed(browser.request(portal, Destination=SOAP))
    by_soap(stage, octets)

    assert b"replayed" in by_soap_raw(stage, soap.wrap(xml.parse(octets)))


# -- revocation ----------------------------------------------------------------------------------------


def test_ending_sessions_tells_servers_and_nobody_else(
    stage: Stage, portal: Application, records: Application
) -> None:
    browser = Round(stage, portal, records)
    stage.back_channel.answers["https://records.example.vn/soap"] = records.by_soap(stage.clock.now)
    assert browser.visitor.session is not None

    run(stage.idp.end_sessions([browser.visitor.session.key]))

    assert not browser.is_signed_in
    ((url, envelope),) = stage.back_channel.posted
    assert url == "https://records.example.vn/soap"
    request = signatures.verified(soap.read(envelope), records.of_idp)
    assert request.get("Reason") == "urn:oasis:names:tc:SAML:2.0:logout:admin"


def test_post_bodies_are_base64(stage: Stage, chat: Application) -> None:
    browser = Round(stage, chat)
    page = browser.page(run(stage.idp.sign_out(browser.visitor)))
    form = browser.open(page.advance)

    assert isinstance(form, PostForm)
    (name, value) = form.fields[0]
    assert (name, len(form.fields)) == ("SAMLRequest", 1)
    assert post.decode(value).startswith(b"<samlp:LogoutRequest")
