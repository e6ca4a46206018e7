"""Whose request it is, and the way to the sign-in page for pages that only their owners see."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlencode

import msgspec

from govdir.sso.sign_in.browser import Browser
from govdir.sso.sign_in.self_service import Owner
from govdir.sso.sign_in.sessions import SessionBook
from govdir.web.asked import Asked
from govdir.web.cookies import SESSION_COOKIE, Cookie
from govdir.web.reply import Handler, Reply, redirect
from govdir.web.visitors import session_cookie

OwnerHandler = Callable[[Asked, Owner], Coroutine[Any, Any, Reply]]
"""Answers what somebody asks who is signed in."""


class Door:
    """Lets those in who are signed in, and sends others to sign in first."""

    def __init__(self, book: SessionBook) -> None:
        self._book = book

    async def owner(self, asked: Asked) -> Owner | None:
        """Who asks, None for whoever is not signed in (any more)."""
        current = await self._book.current(asked.session_token or "")
        return None if current is None else Owner(*current, browser_of(asked))

    def signed_in(self, handler: OwnerHandler) -> Handler:
        """A handler that answers only those who are signed in; a form that was sent without is shown anew
        after signing in."""

        async def guarded(asked: Asked) -> Reply:
            owner = await self.owner(asked)
            if owner is None:
                return _to_sign_in(asked)
            return await handler(asked, owner)

        return guarded


def browser_of(asked: Asked) -> Browser:
    """The browser as the sign-in engine sees it."""
    return Browser(
        asked.visit, asked.network, asked.agent, asked.device_token or "", asked.session_token or ""
    )


def under_new_token(asked: Asked, token: str) -> tuple[Asked, Cookie]:
    """The request as if it had come with the session's new token, which the forms of the answer hang on, and
    the cookie that brings it to the browser."""
    cookies = {**asked.cookies, SESSION_COOKIE: token}
    return msgspec.structs.replace(asked, cookies=cookies), session_cookie(token)


def _to_sign_in(asked: Asked) -> Reply:
    """Nothing is kept for a visitor before a password comes: the way back is in the query."""
    path = asked.path if asked.method == "POST" else asked.place
    return redirect(f"/sign-in?{urlencode({'to': path})}")
