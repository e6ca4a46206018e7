"""A browser without a window: keeps cookies, follows redirects, posts the forms that post themselves.

Applications are functions under host names of their own; what no function answers goes over TLS to loopback.
Cookies travel as browsers let them: `SameSite=Lax` ones come with a link from another site, and not with a
form that another site posts.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPResponse, HTTPSConnection, RemoteDisconnected
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from lxml import html

MAX_STEPS: Final = 30
_TIMEOUT_SECONDS: Final = 30
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1"})
_SENDS_ITSELF: Final = re.compile(r"\.submit\s*\(")
_AT_ONCE: Final = re.compile(r"\s*[01]\s*;\s*url=(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Visit:
    """What an application is asked: `query` as it was sent, `form` of a POST decoded."""

    method: str
    url: str
    form: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def raw_query(self) -> str:
        return urlsplit(self.url).query

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a page, with the values it was shown with."""

    action: str
    method: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """An answer. Header names are in lower case; of several with one name the last is kept."""

    url: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    @property
    def tree(self) -> html.HtmlElement:
        return html.document_fromstring(self.text or "<p></p>")

    @property
    def heading(self) -> str:
        return " ".join(" ".join(self.tree.xpath("//h1[1]//text()")).split())

    @property
    def said(self) -> str:
        """What stands in the page's main part, blanks folded."""
        main = self.tree.xpath("//main") or [self.tree]
        return " ".join(main[0].text_content().split())

    @property
    def forms(self) -> list[Form]:
        return [
            Form(
                urljoin(self.url, form.get("action") or ""),
                (form.get("method") or "get").upper(),
                tuple(_values(form)),
            )
            for form in self.tree.forms
        ]

    def form(self, name: str) -> Form:
        """The form that has a field of this name."""
        for form in self.forms:
            if name in dict(form.fields):
                return form
        raise AssertionError(f"{self.url} ({self.status}) has no form with {name}: {self.said[:600]}")

    def form_to(self, path: str) -> Form:
        """The form that goes to this path."""
        for form in self.forms:
            if urlsplit(form.action).path == path:
                return form
        raise AssertionError(f"{self.url} ({self.status}) has no form to {path}: {self.said[:600]}")


Application = Callable[[Visit], Page]
Listener = Callable[[Page], None]


@dataclass
class Browser:
    """`authority` is whom it trusts; `applications` by "https://host"; `heard` is shown what we answer."""

    authority: Path
    applications: dict[str, Application] = field(default_factory=dict)
    heard: Listener | None = None
    language: str = "en"
    cookies: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)
    trail: list[tuple[str, str]] = field(default_factory=list)
    """Method and URL, without query, of all it went to."""
    stops_at: str = ""
    """Does not go to URLs that begin so, but shows the page before."""
    _connections: dict[tuple[str, int], HTTPSConnection] = field(default_factory=dict, repr=False)

    def open(self, url: str) -> Page:
        """Goes to an address somebody typed."""
        return self._go("GET", url, (), origin=None)

    def follow(self, page: Page, url: str) -> Page:
        """Goes to where a link of the page leads."""
        return self._go("GET", urljoin(page.url, url), (), origin=page.url)

    def send(self, page: Page, form: Form, **typed: str) -> Page:
        """Fills in a form of the page and sends it."""
        fields = tuple((name, typed.get(name, value)) for name, value in form.fields)
        return self._go(form.method, form.action, fields, origin=page.url)

    def post(self, origin: str, url: str, fields: Mapping[str, str]) -> Page:
        """As a form of a page at `origin` would."""
        return self._go("POST", url, tuple(fields.items()), origin=origin)

    def close(self) -> None:
        """Ends its connections."""
        for connection in self._connections.values():
            connection.close()

    def _go(self, method: str, url: str, fields: tuple[tuple[str, str], ...], origin: str | None) -> Page:
        page = Page(url)
        for _ in range(MAX_STEPS):
            if self.stops_at and url.startswith(self.stops_at):
                return page
            if method == "GET" and fields:
                url, fields = f"{url.partition('?')[0]}?{urlencode(fields)}", ()
            self.trail.append((method, url.partition("?")[0]))
            page = self._ask(method, url, fields, origin)
            onward = _onward(page, method, fields)
            if onward is None:
                return page
            if page.status < 300:  # a page's own doing, not a redirect of whoever began
                origin = page.url
            method, url, fields = onward
        raise AssertionError(f"no end of redirects at {page.url}")

    def _ask(self, method: str, url: str, fields: tuple[tuple[str, str], ...], origin: str | None) -> Page:
        parts = urlsplit(url)
        application = self.applications.get(f"{parts.scheme}://{parts.netloc}")
        if application is not None:
            answer = application(Visit(method, url, dict(fields)))
            return Page(url, answer.status, answer.headers, answer.text)
        assert parts.scheme == "https", f"sent to {url}"
        assert parts.hostname in _LOOPBACK, f"sent to {url}"
        page = self._ask_server(method, url, fields, with_lax=method == "GET" or _same_site(origin, url))
        if self.heard is not None:
            self.heard(page)
        return page

    def _ask_server(
        self, method: str, url: str, fields: tuple[tuple[str, str], ...], *, with_lax: bool
    ) -> Page:
        parts = urlsplit(url)
        host = parts.hostname or ""
        headers = {"Accept": "text/html", "Accept-Language": self.language, "User-Agent": "Mozilla/5.0 (X11)"}
        jar = self.cookies.setdefault(host, {})
        sent = [f"{name}={value}" for name, (value, same) in jar.items() if with_lax or same == "none"]
        if sent:
            headers["Cookie"] = "; ".join(sent)
        body = None
        if method == "POST":
            body = urlencode(fields).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        target = f"{parts.path or '/'}{parts.query and '?' + parts.query}"

        def exchange() -> tuple[HTTPResponse, str]:
            with self._connection(host, parts.port or 443) as connection:
                connection.request(method, target, body, headers)
                response = connection.getresponse()
                return response, response.read().decode("utf-8", "replace")

        is_kept = (host, parts.port or 443) in self._connections
        try:
            response, text = exchange()
        except (RemoteDisconnected, ConnectionError, ssl.SSLError):
            if not is_kept:  # a server may close one that lies idle, at any moment (RFC 9112 §9.3.1)
                raise
            response, text = exchange()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                _keep(jar, value)
        return Page(url, response.status, {n.lower(): v for n, v in response.getheaders()}, text)

    @contextmanager
    def _connection(self, host: str, port: int) -> Iterator[HTTPSConnection]:
        """One that is kept for the next request, unless this one fails."""
        connection = self._connections.pop((host, port), None)
        if connection is None:
            context = ssl.create_default_context(cafile=str(self.authority))
            connection = HTTPSConnection(host, port, timeout=_TIMEOUT_SECONDS, context=context)
        yield connection
        self._connections[host, port] = connection


def _values(form: html.FormElement) -> Iterator[tuple[str, str]]:
    """What would be sent; fields that are empty as well, for somebody may fill them in."""
    for field_ in form.iter("input", "select", "textarea"):
        kind = (field_.get("type") or "").lower()
        is_left_out = kind in ("checkbox", "radio") and not field_.checked
        if field_.get("name") and not is_left_out and kind not in ("submit", "button", "reset"):
            yield field_.name, str(field_.value or ("on" if kind == "checkbox" else ""))


def _onward(
    page: Page, method: str, fields: tuple[tuple[str, str], ...]
) -> tuple[str, str, tuple[tuple[str, str], ...]] | None:
    """Where the page leads without anybody doing anything."""
    location = page.headers.get("location")
    if page.status in (301, 302, 303) and location:
        return "GET", urljoin(page.url, location), ()
    if page.status in (307, 308) and location:
        return method, urljoin(page.url, location), fields
    if page.status != 200 or not page.text.lstrip().startswith("<"):
        return None
    tree = page.tree
    for content in tree.xpath("//meta[translate(@http-equiv,'REFSH','refsh')='refresh']/@content"):
        found = _AT_ONCE.fullmatch(content)
        if found:
            return "GET", urljoin(page.url, found[1]), ()
    scripts = [*tree.xpath("//script/text()"), *tree.xpath("//body/@onload")]
    if any(_SENDS_ITSELF.search(script) for script in scripts):
        form = page.forms[0]
        return form.method, form.action, form.fields
    return None


def _same_site(origin: str | None, url: str) -> bool:
    """Whether a request is of its own site's doing, or of nobody's but the person's."""
    if origin is None:
        return True
    one, other = urlsplit(origin), urlsplit(url)
    return (one.scheme, one.hostname) == (other.scheme, other.hostname)


def _keep(jar: dict[str, tuple[str, str]], header: str) -> None:
    for name, morsel in SimpleCookie(header).items():
        if name.startswith("__Host-"):
            assert morsel["secure"], header
            assert morsel["path"] == "/", header
            assert not morsel["domain"], header
        if morsel["max-age"] == "0":
            jar.pop(name, None)
        else:
            jar[name] = (morsel.value, morsel["samesite"].lower() or "lax")


def show(text: str) -> Page:
    """An application's page."""
    return Page("", 200, {}, html.tostring(html.fragment_fromstring(text, "main"), encoding="unicode"))


def send_on(url: str) -> Page:
    """An application's redirect."""
    return Page("", 302, {"location": url})


def post_on(url: str, fields: Mapping[str, str]) -> Page:
    """An application's page whose form posts itself."""
    form = html.Element("form", method="post", action=url)
    for name, value in fields.items():
        form.append(html.Element("input", type="hidden", name=name, value=value))
    script = html.Element("script")
    script.text = "document.forms[0].submit()"
    main = html.Element("main")
    main.extend([form, script])
    return Page("", 200, {}, html.tostring(main, encoding="unicode"))
