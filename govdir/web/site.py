"""The whole web site put together, below its sockets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from govdir.policy.model import Pack
from govdir.policy.texts import Language
from govdir.sso.idp.provider import IdentityProvider
from govdir.sso.sign_in.desk import Desk
from govdir.web.account_routes import account_routes
from govdir.web.answering import Answering
from govdir.web.asking import Reader
from govdir.web.door import Door
from govdir.web.home_pages import HomePages
from govdir.web.limits import WebLimits
from govdir.web.pages import Pages
from govdir.web.router import Route, Router
from govdir.web.saml_pages import SamlPages
from govdir.web.saml_views import SamlViews
from govdir.web.server import WebServer, Witness
from govdir.web.sign_in_pages import SignInPages
from govdir.web.static_files import load_static_files


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteParts:
    """What the site is made of. `language` is for who asks for none; `proxies` are networks whose
    X-Forwarded-For is believed; `clock` is the reactor; `sends_mail` whether letters go out."""

    idp: IdentityProvider
    desk: Desk
    pack: Pack
    language: Language
    proxies: Sequence[str]
    clock: IReactorTime
    sends_mail: bool = False


def web_server(
    parts: SiteParts, witness: Witness, limits: WebLimits, numbers: Iterator[int] | None = None
) -> WebServer:
    """The server of the site, to be given to listening ports. Blocking: reads templates and files."""
    url = parts.idp.site.url
    static = load_static_files()
    pages = Pages(static, url, parts.idp.site.mail_domain, parts.pack.name)
    pages.load()
    router = Router([*static.routes(), *_routes(parts, pages)])
    return WebServer(
        reader=Reader(url, parts.language, parts.proxies),
        answering=Answering(url, router, pages),
        clock=parts.clock,
        witness=witness,
        limits=limits,
        numbers=numbers,
    )


def _routes(parts: SiteParts, pages: Pages) -> list[Route]:
    desk, idp = parts.desk, parts.idp

    async def breathe() -> None:
        await deferLater(parts.clock, 0)

    return [
        *HomePages(pages, Door(desk.book), idp, desk.accounts, desk.directory).routes(),
        *SignInPages(pages, desk.sign_in, desk.book, idp).routes(),
        *SamlPages(SamlViews(pages), idp, desk.book).routes(),
        *account_routes(
            desk,
            idp,
            pages,
            parts.pack,
            sends_mail=parts.sends_mail,
            seconds=monotonic,
            breathe=breathe,
        ),
    ]
