"""The home page, and the page where operators see what an application would be told."""

from __future__ import annotations

from govdir.directory.service import Directory
from govdir.sso.accounts import Account, Accounts
from govdir.sso.idp.provider import IdentityProvider
from govdir.sso.sign_in.self_service import Owner
from govdir.web import home_texts as texts
from govdir.web.asked import Asked
from govdir.web.door import Door
from govdir.web.pages import Pages
from govdir.web.reply import Reply, redirect
from govdir.web.router import Route
from govdir.web.saml_texts import DENIALS
from govdir.web.trouble import Trouble
from govdir.web.visitors import signed_in


class HomePages:
    """Handlers of / and /saml/test."""

    def __init__(
        self, pages: Pages, door: Door, idp: IdentityProvider, accounts: Accounts, directory: Directory
    ) -> None:
        self._pages = pages
        self._door = door
        self._idp = idp
        self._accounts = accounts
        self._directory = directory

    def routes(self) -> list[Route]:
        """Both."""
        return [
            Route("GET", "/", self.home),
            Route("GET", "/saml/test", self._door.signed_in(self.test)),
        ]

    async def home(self, asked: Asked) -> Reply:
        """For visitors; whoever is signed in has a page of the own."""
        if await self._door.owner(asked) is not None:
            return redirect("/account")
        return self._pages.page(asked, "home.html", h=texts)

    async def test(self, asked: Asked, owner: Owner) -> Reply:
        """What an application would be told of an account, the operator's own unless said otherwise."""
        if not self._directory.as_caller(owner.account.caller).is_operator:
            raise Trouble(403, texts.NOT_FOR_YOU_TITLE, texts.NOT_FOR_YOU, again="/account")
        await self._idp.registry.refresh()
        services = sorted(
            (known.name for known in self._idp.registry.known.values()), key=lambda each: each.name
        )
        chosen, typed = asked.query.get("sp", ""), asked.query.get("account", owner.account.shown)
        account = self._account(typed)
        preview = await self._idp.preview(chosen, account) if chosen and account is not None else None
        return self._pages.page(
            asked,
            "saml/test.html",
            who=signed_in(owner.account),
            h=texts,
            services=services,
            chosen=chosen,
            typed=typed,
            found=account is not None,
            preview=preview,
            denials=DENIALS,
        )

    def _account(self, name: str) -> Account | None:
        record = self._accounts.find(name)
        return None if record is None else self._accounts.of(record)
