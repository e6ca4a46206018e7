"""The sample applications: signing in and out, and what they do not believe."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import etree
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web.server import Site

from govdir.showcase.application import Application, Asked, LimitedRequest, Reply
from govdir.showcase.service_provider import ServiceProvider
from govdir.showcase.setup import Kind, metadata
from govdir.sso.saml import redirect, statuses, xml
from govdir.sso.saml.keys import SigningKey, VerificationKeys
from govdir.sso.saml.logout import read_logout_response
from govdir.sso.saml.metadata_sp import read_service_metadata
from govdir.sso.saml.model import Status
from tests.showcase.provider import SITE, Provider, pem, setup_of

MAIL = "nvminh@cantho.gov.vn"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    made = Provider()
    monkeypatch.setattr(ServiceProvider, "_fetch", made.fetched)
    return made


class Browser:
    """Keeps the cookies of one application."""

    def __init__(self, application: Application, kind: Kind) -> None:
        self.application = application
        self.kind = kind
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> Reply:
        path, _, query = path.partition("?")
        asked = Asked(method, path, query, form or {}, dict(self.cookies), "vi")
        reply = now(self.application.reply(asked))
        for cookie in reply.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies.pop(name, None) if "Max-Age=0" in cookie else self.cookies.update({name: value})
        return reply

    def get(self, path: str) -> Reply:
        return self.ask("GET", path)

    def answered(self, answer: str, relay_state: str) -> Reply:
        return self.ask("POST", "/saml/acs", {"SAMLResponse": answer, "RelayState": relay_state})

    def sign_in(self, provider: Provider, **said: Any) -> Reply:
        request, relay_state = provider.asked(self.get("/sign-in").location)
        return self.answered(provider.answer(self.kind, request.id, **said), relay_state)

    @property
    def page(self) -> str:
        return self.get("/").body.decode()


def now(reply: Any) -> Reply:
    """What a handler comes to, which waits for nothing here."""
    outcome: list[Any] = []
    Deferred.fromCoroutine(reply).addBoth(outcome.append)
    if isinstance(outcome[0], Failure):
        outcome[0].raiseException()
    assert isinstance(outcome[0], Reply)
    return outcome[0]


def at_once(function: Callable[..., Any], *arguments: Any) -> Awaitable[Any]:
    """In place of a thread."""
    return maybeDeferred(function, *arguments)


def browser(kind: Kind = Kind.PORTAL) -> Browser:
    return Browser(Application(setup_of(kind), at_once), kind)


@pytest.mark.parametrize("kind", list(Kind))
def test_who_signed_in_is_shown_with_what_was_told(provider: Provider, kind: Kind) -> None:
    visitor = browser(kind)
    assert "/sign-in" in visitor.page

    reply = visitor.sign_in(provider)

    assert (reply.status, reply.location) == (303, "/")
    assert "Xin chào, Nguyễn Văn Minh" in visitor.page
    assert MAIL in visitor.page
    assert "urn:oid:0.9.2342.19200300.100.1.3" in visitor.page


def test_the_request_is_signed_and_asks_to_be_answered_where_metadata_says(provider: Provider) -> None:
    request, _ = provider.asked(browser().get("/sign-in").location)
    assert request.issuer == "https://localhost:8444/saml/metadata"
    assert request.acs_url == "https://localhost:8444/saml/acs"


@pytest.mark.parametrize(
    ("kind", "encryption_keys", "titles"),
    [
        (Kind.PORTAL, 0, {"vi": "Cổng thông tin nội bộ", "en": "Staff portal"}),
        (Kind.DOCUMENTS, 1, {"vi": "Quản lý văn bản và điều hành", "en": "Document manager"}),
    ],
)
def test_their_metadata_can_be_taken_over(kind: Kind, encryption_keys: int, titles: dict[str, str]) -> None:
    told = read_service_metadata(metadata(setup_of(kind)))
    assert told.signs_requests
    assert told.valid_until is None
    assert len(told.encryption_certificates) == encryption_keys
    assert dict(told.display_names) == titles


def test_cookies_are_for_this_host_over_tls_and_out_of_reach_of_scripts(provider: Provider) -> None:
    visitor = browser()
    begun, done = visitor.get("/sign-in"), visitor.sign_in(provider)
    assert begun.cookies[0].startswith("__Host-portal-asked=")
    assert "Path=/; Secure; HttpOnly; SameSite=None" in begun.cookies[0]
    assert done.cookies[0].startswith("__Host-portal-session=")
    assert done.cookies[0].endswith("Path=/; Secure; HttpOnly; SameSite=Lax")


def is_stale(reply: Reply) -> bool:
    """Nobody is signed in by it, and the first page will say why."""
    return (reply.status, reply.location, reply.cookies) == (303, "/?notice=stale", ())


class TestWhatIsNotBelieved:
    def test_an_answer_in_another_browser(self, provider: Provider) -> None:
        visitor = browser()
        request, relay_state = provider.asked(visitor.get("/sign-in").location)
        visitor.cookies.clear()
        assert is_stale(visitor.answered(provider.answer(visitor.kind, request.id), relay_state))
        assert "Xin chào" not in visitor.page

    def test_an_answer_that_was_given_before(self, provider: Provider) -> None:
        visitor = browser()
        request, relay_state = provider.asked(visitor.get("/sign-in").location)
        answer = provider.answer(visitor.kind, request.id)
        assert visitor.answered(answer, relay_state).status == 303
        assert is_stale(visitor.answered(answer, relay_state))
        assert "Xin chào" in visitor.page

    def test_an_answer_that_was_given_before_at_the_document_manager(self, provider: Provider) -> None:
        visitor = browser(Kind.DOCUMENTS)
        request, relay_state = provider.asked(visitor.get("/sign-in").location)
        answer = provider.answer(visitor.kind, request.id)
        visitor.answered(answer, relay_state)
        assert is_stale(visitor.answered(answer, relay_state))

    def test_an_answer_to_another_request(self, provider: Provider) -> None:
        visitor = browser()
        _, relay_state = provider.asked(visitor.get("/sign-in").location)
        assert visitor.answered(provider.answer(visitor.kind, "_other"), relay_state).status == 403

    def test_an_answer_that_nobody_asked_for(self, provider: Provider) -> None:
        visitor = browser()
        assert is_stale(visitor.answered(provider.answer(visitor.kind, None), ""))

    def test_an_answer_signed_by_somebody_else(self, provider: Provider) -> None:
        visitor = browser()
        request, relay_state = provider.asked(visitor.get("/sign-in").location)
        stranger = Provider()
        stranger.key = SigningKey.load(*pem("stranger"))
        assert visitor.answered(stranger.answer(visitor.kind, request.id), relay_state).status == 403

    def test_an_answer_that_is_not_encrypted_where_it_must_be(self, provider: Provider) -> None:
        visitor = browser(Kind.DOCUMENTS)
        assert visitor.sign_in(provider, encrypted=False).status == 403

    def test_a_refusal(self, provider: Provider) -> None:
        visitor = browser()
        reply = visitor.sign_in(provider, status=statuses.RESPONDER)
        assert reply.status == 403
        assert "Responder" in reply.body.decode()
        assert "Xin chào" not in visitor.page

    @pytest.mark.parametrize("form", [{}, {"SAMLResponse": "x"}, {"SAMLResponse": "PGE+"}])
    def test_nonsense(self, provider: Provider, form: dict[str, str]) -> None:
        visitor = browser()
        _, relay_state = provider.asked(visitor.get("/sign-in").location)
        assert visitor.ask("POST", "/saml/acs", {**form, "RelayState": relay_state}).status == 403


def test_the_document_manager_may_be_opened_from_the_sign_in_site(provider: Provider) -> None:
    visitor = browser(Kind.DOCUMENTS)
    assert visitor.answered(provider.answer(visitor.kind, None), "").status == 303
    assert "Xin chào" in visitor.page


def test_new_keys_of_the_identity_provider_are_found_in_its_metadata(provider: Provider) -> None:
    visitor = browser()
    visitor.sign_in(provider)
    provider.key = SigningKey.load(*pem("renewed"))
    assert visitor.sign_in(provider).status == 303


def test_without_the_identity_provider_it_says_so(provider: Provider) -> None:
    provider.away = True
    assert browser().get("/sign-in").status == 503


def test_what_was_told_is_shown_as_text(provider: Provider) -> None:
    visitor = browser()
    visitor.sign_in(provider, name="<script>alert(1)</script>")
    assert "<script>" not in visitor.page
    assert "&lt;script&gt;" in visitor.page


class TestSigningOut:
    @pytest.mark.parametrize(
        ("status", "notice"),
        [
            (Status(statuses.SUCCESS), "Bạn đã đăng xuất."),
            (Status(statuses.RESPONDER, statuses.PARTIAL_LOGOUT), "chưa đăng xuất được"),
        ],
    )
    def test_the_session_is_over_at_once_and_the_identity_provider_is_asked_for_the_others(
        self, provider: Provider, status: Status, notice: str
    ) -> None:
        visitor = browser()
        visitor.sign_in(provider)

        request, relay_state = provider.asked_to_sign_out(visitor.ask("POST", "/sign-out").location)

        assert (request.name_id.value, request.session_indexes) == (MAIL, ("_index",))
        assert "Xin chào" not in visitor.page
        query = provider.signed_out(visitor.kind, request.id, relay_state, status)
        reply = visitor.get(f"/saml/slo?{query}")
        assert notice in visitor.get(reply.location).body.decode()

    def test_an_answer_to_another_logout_is_not_believed(self, provider: Provider) -> None:
        visitor = browser()
        visitor.sign_in(provider)
        _, relay_state = provider.asked_to_sign_out(visitor.ask("POST", "/sign-out").location)
        query = provider.signed_out(visitor.kind, "_other", relay_state, Status(statuses.SUCCESS))
        assert visitor.get(f"/saml/slo?{query}").location == "/?notice=partly_signed_out"

    def test_the_identity_provider_ends_the_session_and_is_answered(self, provider: Provider) -> None:
        visitor = browser()
        visitor.sign_in(provider)

        reply = visitor.get("/saml/slo?" + provider.sign_out(visitor.kind, MAIL))

        assert "Xin chào" not in visitor.page
        assert reply.location.startswith(f"{SITE}/saml/slo?")
        message = redirect.read(urlsplit(reply.location).query.encode())
        redirect.check(message, VerificationKeys.of([SigningKey.load(*pem("application")).certificate]))
        assert message.relay_state == "kept"
        assert read_logout_response(xml.parse(message.xml)).status.code == statuses.SUCCESS

    @pytest.mark.parametrize(("name_id", "index"), [("other@cantho.gov.vn", "_index"), (MAIL, "_other")])
    def test_sessions_that_are_not_meant_go_on(self, provider: Provider, name_id: str, index: str) -> None:
        visitor = browser()
        visitor.sign_in(provider)
        visitor.get("/saml/slo?" + provider.sign_out(visitor.kind, name_id, [index]))
        assert "Xin chào" in visitor.page

    def test_a_logout_that_is_not_signed_is_refused(self, provider: Provider) -> None:
        visitor = browser()
        visitor.sign_in(provider)
        query = provider.sign_out(visitor.kind, MAIL).partition("&SigAlg")[0]
        assert visitor.get("/saml/slo?" + query).status == 403
        assert "Xin chào" in visitor.page


def test_the_language_is_kept(provider: Provider) -> None:
    visitor = browser()
    assert 'lang="vi"' in visitor.page
    visitor.get("/?lang=en")
    assert 'lang="en"' in visitor.page
    assert "Sign in with your mail account" in visitor.page


@pytest.mark.parametrize("path", ["/", "/nothing"])
def test_pages_are_well_formed_and_load_nothing_from_elsewhere(provider: Provider, path: str) -> None:
    visitor = browser()
    visitor.sign_in(provider)
    page = visitor.get(path).body.decode()
    root = etree.HTML(page)
    assert root.xpath("//h1")
    loaded = root.xpath("//link/@href | //img/@src | //script")
    assert loaded == ["/static/style.css"]
    assert not re.search(r" (style|on\w+)=", page)


def test_a_body_of_many_megabytes_is_not_kept() -> None:
    site = Site(Application(setup_of(Kind.PORTAL), at_once), requestFactory=LimitedRequest)
    protocol, transport = site.buildProtocol(None), StringTransport()
    protocol.makeConnection(transport)
    length = 3 * 1024 * 1024
    protocol.dataReceived(f"POST /saml/acs HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
    for _ in range(3):
        protocol.dataReceived(b"x" * 1024 * 1024)
    assert transport.value().startswith(b"HTTP/1.1 413 ")
    protocol.connectionLost(Failure(ConnectionError()))


def test_a_setup_shows_no_key() -> None:
    assert "PRIVATE KEY" not in repr(replace(setup_of(Kind.PORTAL)))
