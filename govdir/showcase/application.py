"""An application on twisted.web: its addresses, its cookies, and what each request comes to."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, ParamSpec, TypeVar
from urllib.parse import parse_qsl, quote

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread
from twisted.python.failure import Failure
from twisted.web.http import Request as HttpRequest
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from govdir.policy.texts import Language
from govdir.showcase.pages import Pages
from govdir.showcase.service_provider import ProviderAway, SamlRefused, ServiceProvider
from govdir.showcase.sessions import MOST_UNDER_WAY, UNDER_WAY_SECONDS, Expiring, Sessions, UnderWay
from govdir.showcase.setup import ACS_PATH, METADATA_PATH, SLO_PATH, Kind, Setup, metadata

BODY_OCTETS = 1 << 20  # a response with its signatures and certificates takes some 20 kB
_HEADERS = {
    # No form-action: browsers apply it to where a form's answer redirects, and signing out goes through
    # applications that this one does not know.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered; `cookies` are whole Set-Cookie values."""

    status: int = 200
    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    location: str = ""
    cookies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a request the application looks at."""

    method: str
    path: str
    raw_query: str = field(repr=False)
    form: Mapping[str, str] = field(repr=False)
    cookies: Mapping[str, str] = field(repr=False)
    preferred: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters; of one that is given twice, the last."""
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))


class LimitedRequest(Request):
    """A request of which a bounded part is kept; twisted.web itself takes any body."""

    too_long = False

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - twisted's name
        """Drops what goes beyond."""
        content: Any = self.content
        self.too_long = self.too_long or content.tell() + len(data) > BODY_OCTETS
        if not self.too_long:
            content.write(data)

    def process(self) -> None:
        """Answers such a request by itself."""
        if self.too_long:
            _send(self, Reply(413, b"Too long", "text/plain"))
        else:
            super().process()  # type: ignore[no-untyped-call] # twisted's


class Application(Resource):
    """One application; all its addresses are answered here."""

    isLeaf = True  # noqa: N815 - twisted's name

    def __init__(self, setup: Setup, in_thread: Callable[..., Awaitable[Any]] = deferToThread) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # twisted's
        self._setup = setup
        self._saml = ServiceProvider(setup)
        self._pages = Pages(setup)
        self._sessions = Sessions()
        self._under_way: Expiring[UnderWay] = Expiring(MOST_UNDER_WAY)
        self._in_thread = in_thread
        self._metadata = metadata(setup)
        self._style = resources.files("govdir.showcase").joinpath("static", "style.css").read_bytes()
        self._routes: dict[tuple[str, str], Callable[[Asked], Awaitable[Reply]]] = {
            ("GET", "/"): self._home,
            ("GET", "/sign-in"): self._sign_in,
            ("POST", ACS_PATH): self._answer,
            ("POST", "/sign-out"): self._sign_out,
            ("GET", SLO_PATH): self._logout_message,
            ("GET", METADATA_PATH): self._tell_metadata,
            ("GET", "/static/style.css"): self._tell_style,
        }

    # What each address does

    async def _home(self, asked: Asked) -> Reply:
        wanted = asked.query.get("lang")
        if wanted in set(Language):
            return Reply(303, location="/", cookies=(f"{self._cookie('lang')}={wanted}; {_FIRST_PARTY}",))
        who = self._sessions.get(asked.cookies.get(self._cookie("session")))
        if who is None:
            notice = asked.query.get("notice", "")
            return _page(self._pages.visitor(self._language(asked), notice if notice in _NOTICES else ""))
        return _page(self._pages.signed_in(self._language(asked), who))

    async def _sign_in(self, asked: Asked) -> Reply:
        """Off to the identity provider. The answer comes from another site, and must find a cookie then."""
        browser = asked.cookies.get(self._cookie("asked")) or secrets.token_urlsafe(32)
        relay_state = secrets.token_urlsafe(32)
        url, request_id = await self._blocking(self._saml.begin, relay_state)
        self._under_way.set(relay_state, UnderWay(request_id, browser), UNDER_WAY_SECONDS)
        cookie = f"{self._cookie('asked')}={browser}; {_ANY_PARTY}; Max-Age={UNDER_WAY_SECONDS}"
        return Reply(303, location=url, cookies=(cookie,))

    async def _answer(self, asked: Asked) -> Reply:
        """The assertion consumer service: believes only the answer to what this browser has asked."""
        relay_state = asked.form.get("RelayState", "")
        under_way = self._under_way.take(relay_state)
        begun_here = self._setup.kind is Kind.PORTAL or _OURS.fullmatch(relay_state) is not None
        if under_way is None and begun_here:
            return _STALE
        if under_way is not None and not hmac.compare_digest(
            under_way.browser.encode(), asked.cookies.get(self._cookie("asked"), "").encode()
        ):
            return _STALE
        request_id = None if under_way is None else under_way.request_id
        who = await self._blocking(self._saml.finish, asked.form, request_id)
        self._sessions.end(asked.cookies.get(self._cookie("session")))
        cookie = f"{self._cookie('session')}={self._sessions.begin(who)}; {_FIRST_PARTY}"
        return Reply(303, location="/", cookies=(cookie,))

    async def _sign_out(self, asked: Asked) -> Reply:
        """Ends the session here, then everywhere. The cookie comes along from our own pages only."""
        name = self._cookie("session")
        who = self._sessions.end(asked.cookies.get(name))
        if who is None:
            return Reply(303, location="/", cookies=(f"{name}=; {_FIRST_PARTY}; Max-Age=0",))
        relay_state = secrets.token_urlsafe(32)
        url, request_id = await self._blocking(self._saml.sign_out, who, relay_state)
        self._under_way.set(relay_state, UnderWay(request_id, ""), UNDER_WAY_SECONDS)
        return Reply(303, location=url, cookies=(f"{name}=; {_FIRST_PARTY}; Max-Age=0",))

    async def _logout_message(self, asked: Asked) -> Reply:
        """The single logout service: the identity provider's own request, or its answer to ours."""
        query = asked.query
        if "SAMLRequest" in query:
            over = await self._blocking(self._saml.logout_request, query, asked.raw_query)
            self._sessions.end_all(over.name_id, over.session_indexes)
            return Reply(303, location=over.answer_url)
        under_way = self._under_way.take(query.get("RelayState", ""))
        if under_way is None:
            return Reply(303, location="/")
        try:
            await self._blocking(self._saml.finish_sign_out, query, asked.raw_query, under_way.request_id)
        except SamlRefused:
            return Reply(303, location="/?notice=partly_signed_out")
        return Reply(303, location="/?notice=signed_out")

    async def _tell_metadata(self, _asked: Asked) -> Reply:
        return Reply(200, self._metadata, "application/samlmetadata+xml")

    async def _tell_style(self, _asked: Asked) -> Reply:
        return Reply(200, self._style, "text/css; charset=utf-8")

    # What is the same for all

    async def reply(self, asked: Asked) -> Reply:
        """The answer to any request."""
        method = "GET" if asked.method == "HEAD" else asked.method
        handler = self._routes.get((method, asked.path))
        language = self._language(asked)
        if handler is None:
            return _page(self._pages.trouble(language, "not_found", sign_in=False), 404)
        try:
            return await handler(asked)
        except SamlRefused as error:
            return _page(self._pages.trouble(language, "refused_text", reason=error.reason), 403)
        except ProviderAway as error:
            return _page(self._pages.trouble(language, "away", reason=str(error)), 503)

    def render(self, request: HttpRequest) -> int:
        """twisted.web's way in."""
        asked = _asked(request)
        Deferred.fromCoroutine(self.reply(asked)).addCallbacks(
            lambda reply: _send(request, reply), lambda failure: _fail(request, failure)
        )
        return NOT_DONE_YET

    async def _blocking(self, function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Fetching metadata, signatures: whatever would hold the loop up."""
        result: T = await self._in_thread(function, *arguments, **named)
        return result

    def _cookie(self, name: str) -> str:
        """Browsers send the cookies of one host to all its ports, so the applications' names differ."""
        return f"__Host-{self._setup.kind.value}-{name}"

    def _language(self, asked: Asked) -> Language:
        chosen = asked.cookies.get(self._cookie("lang"))
        if chosen in set(Language):
            return Language(chosen)
        return Language.ENGLISH if asked.preferred.lower().startswith("en") else Language.VIETNAMESE


_FIRST_PARTY = "Path=/; Secure; HttpOnly; SameSite=Lax"
_ANY_PARTY = "Path=/; Secure; HttpOnly; SameSite=None"
_NOTICES = ("signed_out", "partly_signed_out", "stale")
# Who goes back to the page that brought the answer sends it again, and is signed in: the first page shows
# which. It cannot be told here, where a form of another site brings no session.
_STALE = Reply(303, location="/?notice=stale")
_OURS = re.compile(r"[A-Za-z0-9_-]{43}")  # as secrets.token_urlsafe(32) makes a RelayState


def _page(text: str, status: int = 200) -> Reply:
    return Reply(status, text.encode())


def _asked(request: HttpRequest) -> Asked:
    path, _, raw_query = request.uri.partition(b"?")
    cookies = {
        name.decode("latin-1"): value.decode("latin-1") for name, value in request.received_cookies.items()
    }
    form: dict[str, str] = {}
    if request.method == b"POST" and request.content is not None:
        body = request.content.read(BODY_OCTETS)
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return Asked(
        method=request.method.decode("latin-1"),
        path=path.decode("latin-1"),
        raw_query=raw_query.decode("latin-1"),
        form=form,
        cookies=cookies,
        preferred=request.getHeader("Accept-Language") or "",
    )


def _send(http: HttpRequest, reply: Reply) -> None:
    request: Any = http  # most of its methods have no types
    request.setResponseCode(reply.status)
    for name, value in _HEADERS.items():
        request.setHeader(name, value)
    for cookie in reply.cookies:
        request.cookies.append(cookie.encode())
    if reply.location:
        request.setHeader("Location", quote(reply.location, safe=":/?#[]@!$&'()*+,;=%~"))
    request.setHeader("Content-Type", reply.kind)
    request.setHeader("Content-Length", str(len(reply.body)))
    request.write(reply.body)
    request.finish()


def _fail(request: HttpRequest, failure: Failure) -> None:
    """Our own fault: into the log, and nothing of it to the client."""
    failure.printTraceback()  # type: ignore[no-untyped-call] # twisted's
    _send(request, Reply(500, b"Internal error", "text/plain"))
