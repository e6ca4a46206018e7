"""A whole site in memory, attacked through its octets: directory, sign-in, identity provider, web server.

Nothing of the product is replaced but storage and the clocks. Browsers keep cookies as browsers do: what
another site sends brings none (SameSite=Lax), unless it is a link.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from lxml import html
from msgspec.structs import replace
from pyotp import TOTP
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from govdir.policy.load import load_province
from govdir.policy.texts import Language
from govdir.sso.accounts import Account
from govdir.sso.idp.key_ring import KeyRing
from govdir.sso.idp.provider import IdentityProvider
from govdir.sso.idp.site import Site as Address
from govdir.sso.model import Participant, Session
from govdir.sso.saml import post, redirect
from govdir.sso.sign_in.desk import open_desk
from govdir.sso.sign_in.progress import SignInSettings
from govdir.web.cookies import SESSION_COOKIE
from govdir.web.form_tokens import FIELD
from govdir.web.limits import WebLimits
from govdir.web.server import WebServer
from govdir.web.site import SiteParts, web_server
from tests.directory.building import Town, open_town
from tests.directory.role_town import AN
from tests.sso.idp.stage import SECRET, SLO, SSO, URL, Application, key
from tests.sso.memory_ports import (
    DirectWork,
    MemoryAttempts,
    MemoryBackChannel,
    MemoryFactors,
    MemoryKeeping,
    MemoryOutbox,
    MemoryServices,
    MemorySessions,
    MemoryTrail,
    run,
)
from tests.web.offices import OTHER, PASSWORD

__all__ = ["AN", "OTHER", "PASSWORD", "Browser", "Page", "Place", "open_place"]

HOST = urlsplit(URL).netloc
ATTACKER = "198.51.100.66"


class Stores:
    """Where it is all kept."""

    def __init__(self) -> None:
        self.sessions = MemorySessions()
        self.keeping = MemoryKeeping()
        self.attempts = MemoryAttempts()
        self.factors = MemoryFactors()
        self.trail = MemoryTrail()
        self.outbox = MemoryOutbox()


class Line(StringTransport):
    """The other end of a connection."""

    aborted = False

    def abortConnection(self) -> None:  # noqa: N802 - Twisted's name
        self.aborted = True
        self.loseConnection()


class Place:
    """The site. `code_roles` must have a second factor; `proxies` are trusted."""

    def __init__(
        self, town: Town, code_roles: frozenset[str] = frozenset(), proxies: tuple[str, ...] = ()
    ) -> None:
        self.town = town
        self.stores = Stores()
        self.services = MemoryServices()
        self.back_channel = MemoryBackChannel()
        self.slow = DirectWork()
        self.timer = Clock()
        self.log: list[str] = []
        self._asked = self._answered = 0
        self._waiting: list[Deferred[None]] = []
        pack = load_province("cantho")
        self.desk = open_desk(
            town.directory, pack, self.stores, secret=SECRET, settings=SignInSettings(code_roles=code_roles)
        )
        self.idp = IdentityProvider(
            site=Address(URL, "cantho.gov.vn"),
            keys=KeyRing(key("idp")),
            secret=SECRET,
            directory=town.directory,
            sessions=self.stores.sessions,
            keeping=self.stores.keeping,
            services=self.services,
            trail=self.stores.trail,
            back_channel=self.back_channel,
            sign_ins=self.desk.sign_in,
            slow=self.slow,
            clock=town.clock,
        )
        parts = SiteParts(
            idp=self.idp,
            desk=self.desk,
            pack=pack,
            language=Language.ENGLISH,
            proxies=proxies,
            clock=self.timer,
        )
        self.server: WebServer = web_server(parts, self._witness, WebLimits())
        answer = self.server.answer

        def counted(request: Any) -> None:
            self._asked += 1
            answer(request)

        self.server.answer = counted  # type: ignore[method-assign]

    # -- time and people -----------------------------------------------------------------------------------

    def pass_time(self, **amount: float) -> None:
        """Time passes for everybody."""
        before = self.town.clock.moment
        self.town.clock.pass_time(**amount)
        self.timer.advance((self.town.clock.moment - before).total_seconds())

    def account(self, dn: str = AN) -> Account:
        path = self.town.directory.path_of(dn)
        record = None if path is None else self.town.directory.image.find(path)
        assert record is not None
        return self.desk.accounts.of(record)

    def name(self, dn: str = AN) -> str:
        """What somebody signs in as."""
        return self.account(dn).shown

    def sessions(self, dn: str = AN) -> list[Session]:
        uuid = self.account(dn).entry_uuid
        return [one for one in self.stores.sessions.held.values() if one.entry_uuid == uuid]

    def told(self) -> list[Participant]:
        return self.stores.sessions.told

    def register(self, application: Application, **settings: Any) -> Application:
        """The application, known with these settings."""
        service = application.registered(**settings)
        held = self.services.held.get(service.entity_id)
        if held is not None:
            service = replace(service, version=held.version + 1)
        assert run(self.services.put(service))
        self.pass_time(seconds=3)
        return application

    def enrolled(self, dn: str = AN) -> tuple[TOTP, tuple[str, ...]]:
        """Somebody's new authenticator, and the recovery codes; half a minute passes."""
        account = self.account(dn)
        factors = self.desk.sign_in._factors
        sealed = factors.new_secret(account)
        totp = TOTP(factors.shown(sealed, account).text)
        codes = run(factors.enrol(account, sealed, totp.at(self.town.clock.now())))
        assert codes is not None
        self.pass_time(seconds=60)
        return totp, codes

    # -- octets ----------------------------------------------------------------------------------------------

    def connect(self, network: str = "203.0.113.7") -> Connection:
        peer = IPv4Address("TCP", network, 40000)
        channel = self.server.buildProtocol(peer)
        assert channel is not None
        line = Line(peerAddress=peer)
        channel.makeConnection(line)
        return Connection(self, channel, line)

    def browser(self, network: str = "203.0.113.7") -> Browser:
        """A browser that was never here."""
        return Browser(self, network)

    def signed_in(self, dn: str = AN, password: str = PASSWORD, code: str = "") -> Browser:
        """A browser in which somebody has just signed in."""
        browser = self.browser()
        page = browser.sign_in(self.name(dn), password)
        if code:
            page = browser.send(page, code=code)
        assert SESSION_COOKIE in browser.cookies, page
        return browser

    def wait(self) -> None:
        """Until all that was asked is answered; the directory's writer is another thread."""
        while self._asked > self._answered:
            self.timer.advance(0)  # a long search lets others have the loop
            if self._asked > self._answered and not self._is_due():
                self.town.run(self._next())

    def _is_due(self) -> bool:
        return any(call.getTime() <= self.timer.seconds() for call in self.timer.getDelayedCalls())

    async def _next(self) -> None:
        self._waiting.append(Deferred())
        await self._waiting[-1]

    def _witness(self, connection: int, name: str, **facts: str | int) -> None:
        self.log.append(f"{connection} {name} {facts}")
        if name == "web":
            self._answered += 1
            waiting, self._waiting = self._waiting, []
            for each in waiting:
                each.callback(None)


@dataclass
class Connection:
    """A connection to the site, octet by octet."""

    place: Place
    channel: Any
    line: Line

    def say(self, *octets: bytes) -> bytes:
        """What comes back."""
        for each in octets:
            self.channel.dataReceived(each)
            self.place.wait()
        heard: bytes = self.line.value()
        self.line.clear()
        return heard

    @property
    def closed(self) -> bool:
        return bool(self.line.disconnecting or self.line.aborted)

    def hang_up(self) -> None:
        """The client goes away."""
        self.channel.connectionLost(Failure(ConnectionDone()))


class Page:
    """An answer."""

    def __init__(self, octets: bytes) -> None:
        head, _, self.body = octets.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1]) if lines[0] else 0
        self.headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines[1:])]

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def location(self) -> str:
        return self.header("Location")

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def tree(self) -> html.HtmlElement:
        return html.document_fromstring(self.text or "<p></p>")

    @property
    def said(self) -> str:
        """What stands in the main part."""
        main = self.tree.xpath("//main") or [self.tree]
        return " ".join(main[0].text_content().split())

    @property
    def policy(self) -> dict[str, str]:
        """Content-Security-Policy by directive."""
        parts = self.header("Content-Security-Policy").split(";")
        return {name: value for name, _, value in (part.strip().partition(" ") for part in parts)}

    @property
    def form(self) -> tuple[str, dict[str, str]]:
        """Where the page's own form goes, and its fields."""
        forms = self.tree.xpath("//main//form") or self.tree.forms
        assert forms, self
        values = {name: value for name, value in forms[0].form_values() if value is not None}
        return str(forms[0].get("action")), {**dict.fromkeys(forms[0].fields, ""), **values}

    @property
    def posted(self) -> tuple[str, dict[str, str]] | None:
        """Where a page posts a message of SAML, and the fields; None when it does not."""
        for form in self.tree.forms:
            fields = dict(form.form_values())
            if {"SAMLResponse", "SAMLRequest"} & set(fields):
                return str(form.get("action")), fields
        return None

    def __repr__(self) -> str:
        return f"Page({self.status}, {self.location!r}, {self.said[:300]!r})"


@dataclass
class Browser:
    """Cookies and a network; a new connection for each request."""

    place: Place
    network: str = "203.0.113.7"
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        cookies: bool = True,
    ) -> Page:
        """One request as it is given."""
        sent = {"Host": HOST, **(headers or {})}
        if self.cookies and cookies:
            sent.setdefault("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if body or method == "POST":
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
            sent["Content-Length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        octets = f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body
        connection = self.place.connect(self.network)
        page = Page(connection.say(octets))
        connection.hang_up()
        for name, value in page.headers:
            if name.lower() == "set-cookie":
                cookie, _, rest = value.partition(";")
                if "Max-Age=0" in rest:
                    self.cookies.pop(cookie.partition("=")[0], None)
                else:
                    self.cookies[cookie.partition("=")[0]] = cookie.partition("=")[2]
        return page

    def get(self, target: str, *, from_elsewhere: bool = False) -> Page:
        """A link, perhaps of another site."""
        site = {"Sec-Fetch-Site": "cross-site"} if from_elsewhere else {"Sec-Fetch-Site": "same-origin"}
        return self.ask("GET", target, headers=site)

    def post(self, target: str, fields: Mapping[str, str], *, from_elsewhere: bool = False) -> Page:
        """A form, perhaps of another site."""
        said = (
            {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
            if from_elsewhere
            else {"Origin": URL, "Sec-Fetch-Site": "same-origin"}
        )
        return self.ask("POST", target, urlencode(fields).encode(), said, cookies=not from_elsewhere)

    def go(self, page: Page) -> Page:
        """Follows redirects within the site."""
        for _ in range(10):
            if page.status != 303 or not page.location.startswith("/"):
                return page
            page = self.get(page.location)
        raise AssertionError(page)

    def send(self, page: Page, **typed: str) -> Page:
        """Fills in the page's form, and follows where it leads."""
        action, fields = page.form
        return self.go(self.post(action, {**fields, **typed}))

    def sign_in(self, name: str, password: str, at: str = "/sign-in") -> Page:
        """Name and password on the page for them."""
        return self.send(self.go(self.get(at)), name=name, password=password)

    def token(self, path: str) -> str:
        """The token of the form that goes to `path`, from any page that shows one."""
        tree = self.go(self.get(path)).tree
        found = tree.xpath(f"//form[starts-with(@action, '{path}')]//input[@name='{FIELD}']/@value")
        assert found, path
        return str(found[0])

    # -- messages of applications ----------------------------------------------------------------------------

    def brings(
        self,
        application: Application,
        octets: bytes,
        *,
        to: str = SSO,
        relay_state: str | None = None,
        signed: bool | None = None,
        is_request: bool = True,
    ) -> Page:
        """A message by Redirect, signed as the application does unless said otherwise."""
        url = redirect.url(to, octets, is_request=is_request, relay_state=relay_state, key=application.key)
        query = urlsplit(url).query
        if not (application.signs if signed is None else signed):
            query = query.partition("&SigAlg=")[0]
        return self.ask("GET", f"{urlsplit(to).path}?{query}", headers={"Sec-Fetch-Site": "cross-site"})

    def posts(self, octets: bytes, *, to: str = SSO, relay_state: str | None = None) -> Page:
        """A message by POST from the application's site, and on to where that leads."""
        fields = {"SAMLRequest": post.encode(octets)}
        if relay_state is not None:
            fields["RelayState"] = relay_state
        return self.go(self.post(urlsplit(to).path, fields, from_elsewhere=True))

    def opens(self, application: Application, **attributes: str | None) -> Page:
        """Asks the application for a page, which sends the browser here."""
        return self.brings(application, application.request(self.place.town.clock.now(), **attributes))

    def leaves(self, application: Application, name: str, *, signed: bool = True, **said: Any) -> Page:
        """A LogoutRequest of the application by Redirect."""
        octets = application.logout(self.place.town.clock.now(), name, **said)
        return self.brings(application, octets, to=SLO, signed=signed)


@contextmanager
def open_place(
    path: Path,
    furnished: Path,
    code_roles: frozenset[str] = frozenset(),
    proxies: tuple[str, ...] = (),
) -> Iterator[Place]:
    """The site on a copy of that town."""
    with open_town(path, furnished) as town:
        yield Place(town, code_roles, proxies)
