"""All pages for whoever is signed in, put together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from govdir.directory.service import Directory
from govdir.policy.model import Pack
from govdir.sso.accounts import Accounts
from govdir.sso.idp.registry import Registry
from govdir.sso.sign_in.helpdesk import Helpdesk
from govdir.sso.sign_in.self_service import SelfService
from govdir.sso.sign_in.sessions import SessionBook
from govdir.web.account import AccountPages
from govdir.web.account_applications import Applications
from govdir.web.account_factor import FactorPages
from govdir.web.account_frame import Frame
from govdir.web.account_password import CHECK_BURST, CHECK_SECONDS, PasswordPages
from govdir.web.administration import AdministrationPages
from govdir.web.administration_people import People
from govdir.web.door import Door
from govdir.web.pace import Pace
from govdir.web.pages import Pages
from govdir.web.router import Route


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountParts:
    """What the pages stand on. `seconds` is a clock that never goes back; `breathe` lets the loop attend to
    others in a long search."""

    pages: Pages
    directory: Directory
    pack: Pack
    book: SessionBook
    accounts: Accounts
    service: SelfService
    helpdesk: Helpdesk
    registry: Registry
    seconds: Callable[[], float]
    breathe: Callable[[], Awaitable[None]]


def account_routes(parts: AccountParts) -> list[Route]:
    """Everything below /account and /administration."""
    directory, clock = parts.directory, parts.directory.clock
    door = Door(parts.book)
    frame = Frame(parts.pages, directory)
    account = AccountPages(
        frame=frame,
        door=door,
        service=parts.service,
        applications=Applications(parts.registry, directory),
        pack=parts.pack,
        clock=clock,
    )
    pace = Pace(CHECK_BURST, CHECK_SECONDS, parts.seconds)
    password = PasswordPages(frame, door, parts.service, parts.pack, pace)
    factor = FactorPages(frame, door, parts.service, clock)
    administration = AdministrationPages(
        frame=frame,
        door=door,
        people=People(directory, parts.breathe),
        helpdesk=parts.helpdesk,
        service=parts.service,
        accounts=parts.accounts,
        clock=clock,
    )
    return [*account.routes(), *password.routes(), *factor.routes(), *administration.routes()]
