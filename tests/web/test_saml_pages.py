"""The end points of the identity provider over HTTP: what arrives there, and how outcomes are answered."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest
from lxml import html
from msgspec.structs import replace

from govdir.directory.errors import Busy, Unavailable
from govdir.directory.ports import StoreUnavailable
from govdir.sso.idp.outcomes import (
    Arrival,
    ConfirmStart,
    ContinueAt,
    Denial,
    LogoutPage,
    LogoutStep,
    NeedSignIn,
    NotAllowed,
    Outcome,
    PostForm,
    Reason,
    Redirect,
    Refused,
    ServiceName,
    SoapAnswer,
    StepState,
    Visitor,
)
from govdir.sso.saml.model import Binding
from govdir.web import saml_texts as texts
from govdir.web.answering import Answering
from govdir.web.asked import Asked
from govdir.web.cookies import SESSION_COOKIE, VISIT_COOKIE
from govdir.web.pages import Pages
from govdir.web.reply import Reply
from govdir.web.router import Router
from govdir.web.saml_pages import SamlPages
from govdir.web.saml_views import SamlViews
from govdir.web.static_files import load_static_files
from tests.sso.memory_ports import run
from tests.web.asking_for import SITE, VISIT, get, post

PORTAL = ServiceName("portal", "https://portal.example/saml", {"vi": "Cổng thông tin", "en": "Staff portal"})
ACS = "https://portal.example:8444/acs?x=1&y=2"
FORM = PostForm(ACS, (("SAMLResponse", "PHNhbWw+"), ("RelayState", 'a"><script>&\u1ec7')))


class Provider:
    """Answers everything with `outcome`, and remembers what it was asked."""

    def __init__(self) -> None:
        self.outcome: Outcome = ContinueAt("/")
        self.asked: list[Any] = []
        self.document = b"<md:EntityDescriptor/>"
        self.soap_answer = SoapAnswer(b"<S:Envelope/>")
        self.broken: Exception | None = None

    def metadata(self) -> bytes:
        return self.document

    async def authn_request(self, arrival: Arrival) -> Outcome:
        return self._took(arrival)

    async def logout_message(self, arrival: Arrival) -> Outcome:
        return self._took(arrival)

    async def proceed(self, pending_id: str, visitor: Visitor) -> Outcome:
        return self._took(pending_id)

    async def proceed_logout(self, logout_id: str, action: str, visitor: Visitor) -> Outcome:
        return self._took((logout_id, action))

    async def start(
        self, name: str, relay_state: str | None, visitor: Visitor, *, confirmed: bool
    ) -> Outcome:
        return self._took((name, relay_state, confirmed))

    async def sign_out(self, visitor: Visitor) -> Outcome:
        return self._took("sign-out")

    async def soap_logout(self, octets: bytes, network: str) -> SoapAnswer:
        self.asked.append((octets, network))
        if self.broken is not None:
            raise self.broken
        return self.soap_answer

    def _took(self, asked: Any) -> Outcome:
        self.asked.append(asked)
        return self.outcome


class Book:
    """Nobody is signed in."""

    async def current(self, token: str) -> None:
        return None


class Front:
    """The end points, with what protects all pages."""

    def __init__(self) -> None:
        self.provider = Provider()
        pages = Pages(load_static_files(), SITE, "cantho.gov.vn")
        book: Any = Book()
        provider: Any = self.provider
        self.site = Answering(SITE, Router(SamlPages(SamlViews(pages), provider, book).routes()), pages)

    def answer(self, asked: Asked, outcome: Outcome | None = None) -> Reply:
        self.provider.outcome = outcome or self.provider.outcome
        return run(self.site.reply(asked))

    @property
    def arrival(self) -> Arrival:
        (arrived,) = self.provider.asked
        assert isinstance(arrived, Arrival)
        return arrived


@pytest.fixture
def front() -> Front:
    return Front()


def header(reply: Reply, name: str) -> str:
    return dict(reply.headers).get(name, "")


def text(reply: Reply) -> str:
    main = html.document_fromstring(reply.body.decode()).xpath("//main")[0]
    return " ".join(main.text_content().split())


def foreign(path: str, fields: dict[str, str]) -> Asked:
    """A form on another site: a browser sends no cookies with it."""
    return replace(post(path, fields, genuine=False), same_origin=False, cross_site=True, new_visit=True)


# -- what arrives -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/saml/sso", "/saml/slo"])
def test_a_message_by_redirect_arrives_as_it_stands_in_the_address(front: Front, path: str) -> None:
    query = "SAMLRequest=a%2fB%2B&RelayState=%c3%a9+x&SigAlg=z&Signature=%3d"

    front.answer(get(f"{path}?{query}"))

    assert (front.arrival.binding, front.arrival.raw_query) == (Binding.REDIRECT, query.encode())


@pytest.mark.parametrize("path", ["/saml/sso", "/saml/slo"])
def test_a_message_by_post_arrives_from_another_site_without_cookies(front: Front, path: str) -> None:
    reply = front.answer(
        foreign(path, {"SAMLRequest": "PHg+", "RelayState": ""}), ContinueAt("/saml/sso/continue?flow=p")
    )

    assert front.arrival.binding is Binding.POST
    assert (front.arrival.saml_request, front.arrival.saml_response) == ("PHg+", None)
    assert (front.arrival.relay_state, front.arrival.has_cookies) == ("", False)
    assert (reply.status, header(reply, "Location")) == (303, "/saml/sso/continue?flow=p")
    assert reply.cookies == ()


def test_a_message_by_post_with_cookies_says_so_and_relay_state_may_be_missing(front: Front) -> None:
    asked = post("/saml/slo", {"SAMLResponse": "PHg+"}, {VISIT_COOKIE: VISIT}, genuine=False)

    front.answer(asked)

    assert (front.arrival.saml_response, front.arrival.relay_state) == ("PHg+", None)
    assert front.arrival.has_cookies


def test_a_message_sent_twice_in_one_form_is_refused(front: Front) -> None:
    asked = replace(foreign("/saml/sso", {}), body=b"SAMLRequest=a&SAMLRequest=b")

    assert front.answer(asked).status == 400
    assert front.provider.asked == []


BY_SOAP = replace(
    get("/saml/slo/soap"), method="POST", body=b"<E/>", content_type="text/xml", same_origin=False
)


def test_a_logout_by_soap_is_answered_in_kind(front: Front) -> None:
    reply = front.answer(BY_SOAP)

    assert front.provider.asked == [(b"<E/>", "203.0.113.7")]
    assert (reply.status, reply.body, reply.content_type) == (
        200,
        b"<S:Envelope/>",
        "text/xml; charset=utf-8",
    )


def test_a_logout_by_soap_that_is_refused_is_a_fault_in_http_too(front: Front) -> None:
    front.provider.soap_answer = SoapAnswer(b"<S:Fault/>", is_fault=True)

    reply = front.answer(BY_SOAP)

    assert (reply.status, reply.body, reply.content_type) == (500, b"<S:Fault/>", "text/xml; charset=utf-8")


@pytest.mark.parametrize("broken", [StoreUnavailable("pg"), Busy("pg"), Unavailable("pg")])
def test_a_program_is_told_by_soap_that_the_database_is_away(front: Front, broken: Exception) -> None:
    front.provider.broken = broken

    reply = front.answer(BY_SOAP)

    assert (reply.status, reply.content_type) == (500, "text/xml; charset=utf-8")
    assert b"<faultcode>soap:Server</faultcode><faultstring>The system is busy</faultstring>" in reply.body
    assert (header(reply, "Retry-After"), header(reply, "Cache-Control")) == ("5", "no-store")


def test_a_program_that_waited_for_too_long_is_told_so_by_soap(front: Front) -> None:
    reply = front.site.busy(BY_SOAP)

    assert (reply.status, reply.content_type) == (500, "text/xml; charset=utf-8")


def test_a_program_is_told_of_a_fault_of_ours_by_its_number(front: Front) -> None:
    front.provider.broken = ZeroDivisionError("secret")

    reply = front.answer(BY_SOAP)

    assert reply.status == 500
    assert re.search(
        rb"<faultstring>Something went wrong here \(event [0-9a-f]{8}\)</faultstring>", reply.body
    )
    assert b"secret" not in reply.body


def test_who_looks_at_the_end_point_of_programs_with_a_browser_sees_a_page(front: Front) -> None:
    reply = front.answer(get("/saml/slo/soap"))

    assert (reply.status, reply.content_type) == (405, "text/html; charset=utf-8")


def test_what_was_kept_goes_on_by_its_id(front: Front) -> None:
    front.answer(get("/saml/sso/continue?flow=p1"))
    front.answer(get("/saml/slo/continue?logout=l1&action=skip"))
    front.answer(get("/saml/slo/continue?logout=l1"))

    assert front.provider.asked == ["p1", ("l1", "skip"), ("l1", "")]


def test_an_application_is_opened_only_by_a_form_of_our_own(front: Front) -> None:
    front.answer(get("/saml/start?sp=portal&RelayState=%2Fdeep"))
    front.answer(post("/saml/start", {"sp": "portal"}))
    refused = front.answer(foreign("/saml/start", {"sp": "portal"}))

    assert front.provider.asked == [("portal", "/deep", False), ("portal", None, True)]
    assert refused.status == 403


def test_nobody_is_signed_out_by_a_link_or_by_another_sites_form(front: Front) -> None:
    assert front.answer(get("/sign-out")).status == 200
    assert front.answer(foreign("/sign-out", {})).status == 403
    assert front.provider.asked == []


# -- metadata -----------------------------------------------------------------------------------------------


def test_metadata_may_be_kept_and_is_not_sent_again_to_who_has_it(front: Front) -> None:
    first = front.answer(get("/saml/metadata"))
    again = front.answer(replace(get("/saml/metadata"), if_none_match=header(first, "ETag")))
    front.provider.document = b"<other/>"
    other = front.answer(replace(get("/saml/metadata"), if_none_match=header(first, "ETag")))

    assert (first.body, first.content_type) == (b"<md:EntityDescriptor/>", "application/samlmetadata+xml")
    assert header(first, "Cache-Control") == "public, max-age=3600"
    assert (again.status, again.body) == (304, b"")
    assert (other.status, other.body) == (200, b"<other/>")
    assert first.cookies == ()


# -- outcomes -----------------------------------------------------------------------------------------------


def test_an_answer_is_posted_by_a_page_whose_fields_come_out_as_they_went_in(front: Front) -> None:
    reply = front.answer(get("/saml/sso"), FORM)

    (form,) = html.document_fromstring(reply.body.decode()).forms
    assert (form.action, form.method) == (ACS, "POST")
    assert dict(form.form_values()) == dict(FORM.fields)
    assert b"a&#34;&gt;&lt;script&gt;&amp;" in reply.body


def test_that_page_runs_its_own_script_alone_and_posts_to_the_application(front: Front) -> None:
    reply = front.answer(get("/saml/sso"), FORM)

    (script,) = re.findall(r"<script>(.*?)</script>", reply.body.decode())
    digest = b64encode(sha256(script.encode()).digest()).decode()
    policy = header(reply, "Content-Security-Policy")
    assert f"script-src 'sha256-{digest}';" in policy
    assert "form-action 'self' https://portal.example:8444 https:;" in policy
    assert "default-src 'none'" in policy
    assert header(reply, "Cache-Control") == "no-store"


def test_that_page_has_a_button_where_scripts_are_off(front: Front) -> None:
    reply = front.answer(get("/saml/sso"), FORM)

    assert html.document_fromstring(reply.body.decode()).xpath("//form//button/text()") == ["Continue"]


def test_other_pages_run_no_script_at_all(front: Front) -> None:
    outcomes: list[Outcome] = [LogoutPage(), Refused(400, Reason.MALFORMED), ConfirmStart(PORTAL)]
    for outcome in outcomes:
        reply = front.answer(get("/saml/sso"), outcome)
        assert "script-src 'none'; " in header(reply, "Content-Security-Policy")
        assert "form-action 'self'; " in header(reply, "Content-Security-Policy")


def test_who_has_to_sign_in_is_sent_to(front: Front) -> None:
    reply = front.answer(get("/saml/sso"), NeedSignIn("f-1_"))

    assert (reply.status, header(reply, "Location")) == (303, "/sign-in?flow=f-1_")


def test_a_message_by_redirect_is_a_redirect(front: Front) -> None:
    reply = front.answer(get("/saml/slo"), Redirect("https://portal.example/slo?SAMLResponse=a"))

    assert (reply.status, header(reply, "Location")) == (303, "https://portal.example/slo?SAMLResponse=a")


def test_a_question_comes_before_an_application_is_opened(front: Front) -> None:
    reply = front.answer(get("/saml/start?sp=portal"), ConfirmStart(PORTAL, 'r"&'))

    (form,) = html.document_fromstring(reply.body.decode()).forms
    fields = dict(form.form_values())
    assert form.action == "/saml/start"
    assert (fields["sp"], fields["RelayState"]) == ("portal", 'r"&')
    assert len(fields["form_token"]) == 64
    assert "Open Staff portal" in text(reply)


def test_who_may_not_use_an_application_is_told_why_and_may_tell_it(front: Front) -> None:
    reply = front.answer(get("/saml/sso"), NotAllowed(PORTAL, Denial.AGENCY, FORM))

    (form,) = html.document_fromstring(reply.body.decode()).forms
    assert reply.status == 403
    assert "You may not use Staff portal" in text(reply)
    assert "yours is not among them" in text(reply)
    assert form.action == ACS
    assert "<script" not in reply.body.decode()
    assert "https://portal.example:8444" in header(reply, "Content-Security-Policy")


@pytest.mark.parametrize("reason", Reason)
def test_every_refusal_is_told_in_both_languages_and_sends_nobody_anywhere(
    front: Front, reason: Reason
) -> None:
    reply = front.answer(get("/saml/sso?SAMLRequest=x"), Refused(400, reason, None, "Issuer is missing"))

    assert (reply.status, header(reply, "Location")) == (400, "")
    assert texts.REASONS[reason].en in text(reply)
    assert texts.REASONS[reason].vi in text(reply)
    assert "Issuer is missing" in text(reply)


def test_where_an_applications_logout_is_refused_one_can_sign_out_here(front: Front) -> None:
    refused = Refused(400, Reason.UNSIGNED, PORTAL)

    pages = [front.answer(get(path), refused).body.decode() for path in ("/saml/slo", "/saml/sso")]

    links = [html.document_fromstring(page).xpath("//main//a/@href") for page in pages]
    assert links == [["/sign-out", "/"], ["/"]]
    assert [texts.SIGN_OUT_HERE.vi in page and texts.SIGN_OUT_HERE.en in page for page in pages] == [
        True,
        False,
    ]


@pytest.mark.parametrize("denial", Denial)
def test_every_denial_has_words(denial: Denial) -> None:
    assert texts.DENIALS[denial].vi


@pytest.mark.parametrize("state", StepState)
def test_a_logout_shows_how_far_each_application_is(front: Front, state: StepState) -> None:
    page = LogoutPage(
        (LogoutStep(PORTAL, state),), advance="/saml/slo/continue?logout=l&action=next", finished=False
    )

    reply = front.answer(get("/saml/slo/continue?logout=l"), page)

    shown = html.document_fromstring(reply.body.decode())
    assert f"Staff portal {texts.STEPS[state].en}" in text(reply)
    assert shown.xpath("//meta[@http-equiv='refresh']/@content") == [f"1; url={page.advance}"]


def test_an_application_that_does_not_answer_can_be_asked_again_or_left_out(front: Front) -> None:
    page = LogoutPage(
        (LogoutStep(PORTAL, StepState.ASKED),),
        retry="/saml/slo/continue?logout=l&action=retry",
        skip="/saml/slo/continue?logout=l&action=skip",
        finished=False,
    )

    shown = html.document_fromstring(front.answer(get("/saml/slo/continue?logout=l"), page).body.decode())

    assert shown.xpath("//main//a/@href") == [page.retry, page.skip]
    assert shown.xpath("//meta[@http-equiv='refresh']") == []


@pytest.mark.parametrize(
    ("complete", "told"), [(True, "You are signed out"), (False, "Not signed out everywhere")]
)
def test_the_end_of_a_logout_tells_whether_everybody_was_reached(
    front: Front, complete: bool, told: str
) -> None:
    reply = front.answer(get("/saml/slo?SAMLResponse=x"), LogoutPage(complete=complete))

    assert told in text(reply)
    assert b'href="/sign-out?lang=vi"' in reply.body


def test_a_session_that_is_over_leaves_the_browser(front: Front) -> None:
    asked = get("/saml/slo?SAMLRequest=x", cookies={SESSION_COOKIE: "s" * 43})

    (cookie,) = front.answer(asked, LogoutPage()).cookies

    assert (cookie.name, cookie.value, cookie.max_age_seconds) == (SESSION_COOKIE, "", 0)
