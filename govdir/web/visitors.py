"""Who asks, as the identity provider takes it, and the cookies of whoever has signed in."""

from __future__ import annotations

from govdir.sso.accounts import Account
from govdir.sso.idp.outcomes import Visitor
from govdir.sso.sign_in.browser import digest_of
from govdir.sso.sign_in.sessions import SessionBook
from govdir.web.asked import Asked
from govdir.web.cookies import DEVICE_COOKIE, SESSION_COOKIE, YEAR_SECONDS, Cookie
from govdir.web.pages import SignedIn


async def visitor_of(book: SessionBook, asked: Asked) -> Visitor:
    """The browser, with its session if that still stands."""
    session, account = await book.current(asked.session_token or "") or (None, None)
    mark = b"" if asked.new_visit else digest_of(asked.visit)
    return Visitor(session, account, asked.network, asked.agent, mark)


def session_cookie(token: str) -> Cookie:
    """Keeps a session until the browser is closed; how long it may last the server decides."""
    return Cookie(SESSION_COOKIE, token)


def device_cookie(token: str) -> Cookie:
    """Lets the browser be known again at the next sign-in."""
    return Cookie(DEVICE_COOKIE, token, YEAR_SECONDS)


def signed_in(account: Account | None) -> SignedIn | None:
    """For the head of a page."""
    if account is None:
        return None
    is_person = "person" in account.attributes.object_classes
    return SignedIn((account.attributes.text("cn") if is_person else None) or account.name, account.shown)
