"""A town whose people have browsers: the pages of accounts on a real directory, without sockets.

Each Browser keeps its cookies and fills in the forms that pages show, as a person would.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from lxml import html
from msgspec.structs import replace
from pyotp import TOTP

from govdir.policy.load import load_province
from govdir.policy.texts import Language
from govdir.sso.accounts import Account
from govdir.sso.idp.outcomes import ServiceName
from govdir.sso.sign_in.browser import Browser as Seen
from govdir.sso.sign_in.desk import Desk, open_desk
from govdir.sso.sign_in.progress import SignInSettings
from govdir.sso.sign_in.steps import AskCode, AskEnrolment, Done, ShowRecovery
from govdir.web.account_routes import account_routes
from govdir.web.asked import FORM, Asked
from govdir.web.cookies import SESSION_COOKIE
from govdir.web.pages import Pages
from govdir.web.reply import Reply
from govdir.web.router import Router
from govdir.web.static_files import load_static_files
from tests.directory.building import Town, open_town
from tests.directory.role_town import AN, BINH, holder, populate
from tests.sso.memory_ports import (
    MemoryAttempts,
    MemoryFactors,
    MemoryKeeping,
    MemoryOutbox,
    MemorySessions,
    MemoryTrail,
)

T = TypeVar("T")

PASSWORD = "Hoa-sen-trang-927"
OTHER = "Cau#Hang#Xanh#27"
SITE = "https://thu.cantho.gov.vn"


class Stores:
    """All in memory."""

    def __init__(self) -> None:
        self.sessions = MemorySessions()
        self.keeping = MemoryKeeping()
        self.attempts = MemoryAttempts()
        self.factors = MemoryFactors()
        self.trail = MemoryTrail()
        self.outbox = MemoryOutbox()


class Registered:
    """Stands for the identity provider: these applications, open to everybody."""

    def __init__(self) -> None:
        self.names: list[ServiceName] = []
        self.registry: Any = SimpleNamespace(known={}, refresh=self._nothing)

    async def startable(self, account: Account) -> list[ServiceName]:
        assert account.entry_uuid
        return self.names

    async def _nothing(self) -> bool:
        return False


class Office:
    """The pages, the town behind them and what they leave behind."""

    def __init__(
        self, town: Town, code_roles: frozenset[str] = frozenset(), *, sends_mail: bool = True
    ) -> None:
        self.town = town
        self.stores = Stores()
        self.provider = Registered()
        self.pack = load_province("cantho")
        self.desk: Desk = open_desk(
            town.directory,
            self.pack,
            self.stores,
            secret=b"s" * 32,
            settings=SignInSettings(code_roles=code_roles),
        )
        self.static = load_static_files()
        self.pages = Pages(self.static, SITE, "cantho.gov.vn")
        self.seconds = 0.0
        routes = account_routes(
            self.desk,
            self.provider,
            self.pages,
            self.pack,
            sends_mail=sends_mail,
            seconds=self._now,
            breathe=self._breathe,
        )
        self.router = Router(routes)

    def run(self, awaitable: Awaitable[T]) -> T:
        async def coroutine() -> T:
            return await awaitable

        return self.town.run(coroutine())

    def account(self, dn: str) -> Account:
        path = self.town.directory.path_of(dn)
        assert path is not None
        record = self.town.directory.image.find(path)
        assert record is not None
        return self.desk.accounts.of(record)

    def browser(
        self,
        dn: str,
        password: str = PASSWORD,
        *,
        agent: str = "Firefox, Linux",
        network: str = "203.0.113.7",
        code: str = "",
    ) -> Browser:
        """A browser that has just signed in, with a code where one is asked for."""
        seen, name = Seen("v" * 43, network, agent), self.account(dn).shown
        engine = self.desk.sign_in
        flow = self.run(engine.begin("/account", visit=seen.visit))
        step = self.run(engine.password(flow.id, seen, name, password))
        if isinstance(step, AskCode):
            step = self.run(engine.code(flow.id, seen, code))
        assert isinstance(step, Done), step
        browser = self.stranger(agent=agent, network=network)
        browser.cookies[SESSION_COOKIE] = step.token
        return browser

    def signed_in_with_new_factor(self, dn: str) -> Browser:
        """A browser that had to set up a second factor when it signed in."""
        seen = Seen("v" * 43, "203.0.113.7")
        engine = self.desk.sign_in
        flow = self.run(engine.begin("/account", visit=seen.visit))
        step = self.run(engine.password(flow.id, seen, self.account(dn).shown, PASSWORD))
        assert isinstance(step, AskEnrolment), step
        code = TOTP(step.secret.text).at(self.town.clock.moment)
        assert isinstance(self.run(engine.enrol(flow.id, seen, code)), ShowRecovery)
        step = self.run(engine.acknowledge(flow.id, seen))
        assert isinstance(step, Done), step
        browser = self.stranger()
        browser.cookies[SESSION_COOKIE] = step.token
        return browser

    def stranger(self, *, agent: str = "Firefox, Linux", network: str = "203.0.113.7") -> Browser:
        """A browser that has not."""
        return Browser(self, agent, network)

    def code_of(self, page: Page) -> str:
        """The code of an authenticator that took over the key on this page."""
        key = str(page.tree.xpath("//*[contains(@class, 'key')]")[0].text_content()).replace(" ", "")
        return TOTP(key).at(self.town.clock.moment)

    def letters(self) -> list[tuple[str, str]]:
        """Whom letters went to, and their subjects."""
        return [(letter.to, letter.subject) for letter in self.stores.outbox.letters]

    def outcomes(self) -> list[str]:
        """What the trail holds, in order."""
        return [f"{happened.kind.value}: {happened.outcome}" for happened in self.stores.trail.lines]

    def _now(self) -> float:
        return self.seconds

    async def _breathe(self) -> None:
        """There is no loop to attend to."""


@dataclass
class Browser:
    """Asks for pages; `page` is the one it shows, `language` what it wants them in."""

    office: Office
    agent: str
    network: str
    language: Language = Language.ENGLISH
    cookies: dict[str, str] = field(default_factory=dict)
    page: Page | None = None

    def get(self, place: str) -> Page:
        path, _, query = place.partition("?")
        return self._ask(self._asked("GET", path, query))

    def post(self, place: str, fields: Mapping[str, str]) -> Page:
        path, _, query = place.partition("?")
        body = urlencode(fields).encode()
        return self._ask(replace(self._asked("POST", path, query), body=body, content_type=FORM))

    def send(self, page: Page, button: str, **typed: str) -> Page:
        """Fills in the form with that button and sends it."""
        form = page.form(button)
        fields = {name: value for name, value in form.form_values() if value is not None}
        missing = set(typed) - set(form.fields)
        assert not missing, f"the form has no {missing}"
        return self.post(form.action, {**fields, **typed})

    def _asked(self, method: str, path: str, query: str = "") -> Asked:
        return Asked(
            method=method,
            path=path,
            raw_query=query.encode(),
            language=self.language,
            network=self.network,
            agent=self.agent,
            visit="v" * 43,
            cookies=dict(self.cookies),
        )

    def _ask(self, asked: Asked) -> Page:
        reply = self.office.run(self.office.router.answer(asked))
        for cookie in reply.cookies:
            self.cookies[cookie.name] = cookie.value
        return Page(reply)


class Page:
    """A reply as a person sees it."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.status = reply.status

    @property
    def tree(self) -> html.HtmlElement:
        return html.document_fromstring(self.reply.body.decode())

    @property
    def text(self) -> str:
        """What stands on it, blanks folded, without what only machines read."""
        main = self.tree.xpath("//main")[0]
        for gone in main.xpath(".//*[@hidden] | .//svg"):
            gone.drop_tree()
        return " ".join(unescape(main.text_content()).split())

    @property
    def heading(self) -> str:
        return " ".join(self.tree.xpath("//h1")[0].text_content().split())

    @property
    def location(self) -> str:
        return dict(self.reply.headers).get("Location", "")

    @property
    def problems(self) -> list[str]:
        return [" ".join(item.text_content().split()) for item in self.tree.xpath("//*[@role='alert']//li")]

    @property
    def menu(self) -> list[str]:
        return [item.text_content() for item in self.tree.xpath("//ul[@class='tabs']//a")]

    @property
    def buttons(self) -> list[str]:
        return [" ".join(each.text_content().split()) for each in self.tree.xpath("//main//form//button")]

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.reply.body)

    def form(self, button: str) -> Any:
        """The form that this button sends."""
        found = [
            form
            for form in self.tree.forms
            if any(" ".join(each.text_content().split()) == button for each in form.iter("button"))
        ]
        assert found, f"no button {button!r}, but {self.buttons}"
        return found[0]

    def rows(self) -> list[list[str]]:
        """The cells of its table."""
        return [
            [" ".join(cell.text_content().split()) for cell in row.xpath("./td")]
            for row in self.tree.xpath("//tbody/tr")
        ]

    def fact(self, name: str) -> str:
        """What stands beside a term."""
        (found,) = self.tree.xpath(f"//dt[normalize-space()={name!r}]/following-sibling::dd[1]")
        return " ".join(found.text_content().split())


def staff(town: Town) -> None:
    """Everybody of the role town, with one password."""
    populate(town)
    for dn in (AN, BINH, holder("agency-admin"), holder("operator"), holder("administrator")):
        give_password(town, dn)


def give_password(town: Town, dn: str, password: str = PASSWORD) -> None:
    """A password, as the owner's own choice: one that others have set must be changed."""
    first = town.run(town.local.change_password(dn, None, None)) or b""
    own = town.bound(dn, first.decode())
    town.run(own.change_password(None, first, password.encode()))


@contextmanager
def open_office(path: Path, furnished: Path | None = None) -> Iterator[Office]:
    """The pages on a copy of that town."""
    with open_town(path, furnished) as town:
        yield Office(town)


def later(office: Office, **amount: float) -> datetime:
    """Time passes."""
    office.town.clock.pass_time(**amount)
    return office.town.clock.moment
