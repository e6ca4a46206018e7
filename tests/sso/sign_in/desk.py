"""The town of the directory's tests with a desk to sign in at, its ports in memory."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, TypeVar

from msgspec.structs import replace
from pyotp import TOTP

from govdir.policy.load import load_province
from govdir.sso.accounts import Account
from govdir.sso.model import Session
from govdir.sso.sign_in.browser import Browser
from govdir.sso.sign_in.desk import Stores, open_desk
from govdir.sso.sign_in.progress import SignInSettings
from govdir.sso.sign_in.self_service import Owner
from govdir.sso.sign_in.sessions import SessionLimits
from govdir.sso.sign_in.steps import AskCode, AskEnrolment, Done, ShowRecovery, Step
from tests.directory.building import SONV, Town
from tests.sso.memory_ports import (
    MemoryAttempts,
    MemoryFactors,
    MemoryKeeping,
    MemoryOutbox,
    MemorySessions,
    MemoryTrail,
)

T = TypeVar("T")

AN = f"uid=an,{SONV}"
MAIL = "lan@cantho.gov.vn"
PASSWORD = "Hoa-sen-trang-927"
OTHER = "Song-Hau-chay-mai-38"
SECRET = bytes(range(32))

HOME = Browser(visit="visit-home", network="203.0.113.7", agent="Firefox")
AWAY = Browser(visit="visit-away", network="198.51.100.9", agent="Chrome")


class MemoryStores:
    """All ports, in memory."""

    def __init__(self) -> None:
        self.sessions = MemorySessions()
        self.keeping = MemoryKeeping()
        self.attempts = MemoryAttempts()
        self.factors = MemoryFactors()
        self.trail = MemoryTrail()
        self.outbox = MemoryOutbox()


class SmallDesk:
    """A desk on a town, with short ways to use it."""

    def __init__(
        self,
        town: Town,
        settings: SignInSettings | None = None,
        limits: SessionLimits | None = None,
        stores: Stores | None = None,
    ) -> None:
        self.town = town
        self.stores: Any = stores or MemoryStores()
        self.desk = open_desk(
            town.directory,
            load_province("cantho"),
            self.stores,
            secret=SECRET,
            settings=settings or SignInSettings(),
            limits=limits or SessionLimits(),
        )
        self.engine = self.desk.sign_in
        self.service = self.desk.self_service

    def run(self, awaitable: Awaitable[T]) -> T:
        async def waited() -> T:
            return await awaitable

        return self.town.run(waited())

    def begin(self, purpose: bytes | str = "/account", **options: object) -> str:
        return self.run(self.engine.begin(purpose, **options)).id  # type: ignore[arg-type]

    def password(
        self, flow: str, password: str = PASSWORD, name: str = MAIL, browser: Browser = HOME
    ) -> Step:
        return self.run(self.engine.password(flow, browser, name, password))

    def attempt(self, password: str = "wrong", name: str = MAIL, browser: Browser = HOME) -> Step:
        """One try in a flow of its own."""
        return self.password(self.begin(), password, name, browser)

    def signed_in(self, browser: Browser = HOME, name: str = MAIL, password: str = PASSWORD) -> Done:
        done = self.attempt(password, name, browser)
        assert isinstance(done, Done), done
        return done

    def owner(self, browser: Browser = HOME) -> Owner:
        """Somebody who has just signed in, at the pages of the account."""
        return self.owner_of(self.signed_in(browser).token, browser)

    def owner_of(self, token: str, browser: Browser = HOME) -> Owner:
        current = self.current(token)
        assert current is not None
        return Owner(*current, browser)

    def current(self, token: str) -> tuple[Session, Account] | None:
        return self.run(self.desk.book.current(token))

    def current_of(self, owner: Owner) -> bool:
        """Whether the session is still somebody's."""
        return self.run(self.desk.book.standing(owner.session.key)) is not None

    def sign_in_new(self, dn: str, browser: Browser = HOME) -> str:
        """Signs in somebody who was just given PASSWORD and must choose another; the token."""
        flow = self.begin()
        self.password(flow, PASSWORD, dn, browser)
        done = self.run(self.engine.new_password(flow, browser, OTHER, OTHER))
        assert isinstance(done, Done)
        return done.token

    def account(self, dn: str = AN) -> Account:
        record = self.desk.accounts.find(dn)
        assert record is not None
        return self.desk.accounts.of(record)

    def totp(self, secret: str) -> str:
        """The code of now."""
        return TOTP(secret).at(self.town.clock.now())

    def enrolled(self, browser: Browser = HOME) -> tuple[str, tuple[str, ...]]:
        """Sets a second factor up; its secret and the recovery codes. Half a minute passes."""
        flow = self.begin(needs_code=True)
        asked = self.password(flow, browser=browser)
        assert isinstance(asked, AskEnrolment)
        shown = self.run(self.engine.enrol(flow, browser, self.totp(asked.secret.text)))
        assert isinstance(shown, ShowRecovery)
        self.town.clock.pass_time(seconds=30)
        return asked.secret.text, shown.codes

    def challenged(self, browser: Browser = HOME, **options: object) -> str:
        """A flow that asks for a code."""
        flow = self.begin(**options)
        asked = self.password(flow, browser=browser)
        assert isinstance(asked, AskCode), asked
        return flow

    def trail(self) -> list[tuple[str, str]]:
        return [(line.kind.value, line.outcome) for line in self.stores.trail.lines]

    def letters(self) -> list[tuple[str, str]]:
        return [(letter.to, letter.subject) for letter in self.stores.outbox.letters]


def at_device(browser: Browser, done: Done) -> Browser:
    """The browser with its device cookie, after signing in."""
    return replace(browser, device=done.device)
