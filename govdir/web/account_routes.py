"""All pages for whoever is signed in, put together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from govdir.policy.model import Pack
from govdir.sso.pace import Pace
from govdir.sso.sign_in.desk import Desk
from govdir.web.account import AccountPages
from govdir.web.account_applications import Applications, Provider
from govdir.web.account_factor import FactorPages
from govdir.web.account_frame import Frame
from govdir.web.account_password import CHECK_BURST, CHECK_SECONDS, PasswordPages
from govdir.web.administration import AdministrationPages
from govdir.web.administration_people import People
from govdir.web.door import Door
from govdir.web.pages import Pages
from govdir.web.router import Route


def account_routes(
    desk: Desk,
    provider: Provider,
    pages: Pages,
    pack: Pack,
    *,
    sends_mail: bool,
    seconds: Callable[[], float],
    breathe: Callable[[], Awaitable[None]],
) -> list[Route]:
    """Everything below /account and /administration.

    `sends_mail`: letters go out, so pages may promise one. `seconds` is a clock that never goes back;
    `breathe` lets the loop attend to others in a long search.
    """
    directory, clock = desk.directory, desk.directory.clock
    door = Door(desk.book)
    frame = Frame(pages, directory)
    account = AccountPages(
        frame=frame,
        door=door,
        service=desk.self_service,
        applications=Applications(provider),
        pack=pack,
        clock=clock,
    )
    pace = Pace(CHECK_BURST, CHECK_SECONDS, seconds)
    password = PasswordPages(
        frame=frame,
        door=door,
        service=desk.self_service,
        pack=pack,
        pace=pace,
        sends_mail=sends_mail,
    )
    factor = FactorPages(frame, door, desk.self_service, clock)
    administration = AdministrationPages(
        frame=frame,
        door=door,
        people=People(directory, breathe),
        sign_in=desk.sign_in,
        helpdesk=desk.helpdesk,
        service=desk.self_service,
        accounts=desk.accounts,
        clock=clock,
    )
    return [*account.routes(), *password.routes(), *factor.routes(), *administration.routes()]
