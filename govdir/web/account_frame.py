"""What all pages of somebody who is signed in have in common: the head, the menu, the words."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from govdir.directory.handle import Handle
from govdir.directory.image import Record
from govdir.directory.service import Directory
from govdir.policy.texts import Wording
from govdir.sso.accounts import Account
from govdir.sso.sign_in.self_service import Owner
from govdir.web import account_texts as texts
from govdir.web import texts as page_texts
from govdir.web.account_facts import Facts, facts_of
from govdir.web.asked import Asked
from govdir.web.cookies import Cookie
from govdir.web.headers import SCRIPTED, STRICT
from govdir.web.pages import Pages, SignedIn
from govdir.web.reply import Reply
from govdir.web.trouble import Trouble

HOME: Final = "/account"
PASSWORD: Final = "/account/password"  # noqa: S105 - a path
SECOND_FACTOR: Final = "/account/second-factor"
RECOVERY_CODES: Final = "/account/recovery-codes"
SESSIONS: Final = "/account/sessions"
HISTORY: Final = "/account/history"
ADMINISTRATION: Final = "/administration/passwords"


class MenuItem(Struct, frozen=True):
    """One page of the menu."""

    path: str
    title: Wording


_MENU: Final = (
    MenuItem(HOME, texts.HOME),
    MenuItem(PASSWORD, texts.PASSWORD),
    MenuItem(SECOND_FACTOR, texts.SECOND_FACTOR),
    MenuItem(SESSIONS, texts.SESSIONS),
    MenuItem(HISTORY, texts.HISTORY),
)


class Problem(Struct, frozen=True):
    """What is wrong with a form; `field` is the id of the field to mend, "" for none of them."""

    text: str
    field: str = ""


class Frame:
    """Renders the pages of accounts of one directory."""

    def __init__(self, pages: Pages, directory: Directory) -> None:
        self._pages = pages
        self.directory = directory

    def record(self, account: Account) -> Record:
        """The account's entry. Raises Trouble when it was deleted a moment ago."""
        record = self.directory.image.by_id(account.record_id)
        if record is None:
            raise Trouble(404, page_texts.NOT_FOUND_TITLE, page_texts.NOT_FOUND)
        return record

    def facts(self, account: Account) -> Facts:
        """What the account's owner reads of it."""
        return facts_of(self.record(account), account.attributes)

    def helps_others(self, account: Account) -> bool:
        """Whether there may be anybody whose password the account may set."""
        handle = self.handle(account)
        return handle.is_operator or bool(handle.administers)

    def handle(self, account: Account) -> Handle:
        """The directory as the account may see and change it."""
        return self.directory.as_caller(account.caller)

    def page(
        self,
        asked: Asked,
        owner: Owner,
        template: str,
        current: str,
        *,
        here: str | None = None,
        scripted: bool = False,
        problems: tuple[Problem, ...] = (),
        status: int = 200,
        cookies: tuple[Cookie, ...] = (),
        **context: object,
    ) -> Reply:
        """The page `current` of the menu. With problems it is 422, unless `status` says otherwise.

        `here` is where a GET shows the same, when that is not where the menu leads.
        """
        helper = (MenuItem(ADMINISTRATION, texts.ADMINISTRATION),) if self.helps_others(owner.account) else ()
        facts = self.facts(owner.account)
        return self._pages.page(
            asked,
            template,
            context,
            status=422 if problems and status == 200 else status,
            who=SignedIn(name=facts.called, address=facts.address),
            here=None if asked.method == "GET" else here or current,
            policy=SCRIPTED if scripted or problems else STRICT,
            cookies=cookies,
            a=texts,
            menu=_MENU + helper,
            current=current,
            scripted=scripted or bool(problems),
            problems=problems,
            facts=facts,
        )
