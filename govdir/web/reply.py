"""What a page answers."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from msgspec import Struct

from govdir.web.asked import Asked
from govdir.web.cookies import Cookie
from govdir.web.headers import STRICT, ContentPolicy

HTML = "text/html; charset=utf-8"
JSON = "application/json"
SEE_OTHER = 303


class Reply(Struct, frozen=True, kw_only=True):
    """A response; what headers all have in common the site adds. `content_type` "" without a body.

    `public` replies may be kept by browsers and caches (their own headers say how long), others never.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    cookies: tuple[Cookie, ...] = ()
    policy: ContentPolicy = STRICT
    public: bool = False

    def with_cookies(self, *cookies: Cookie) -> Reply:
        """The same with more cookies set."""
        return msgspec.structs.replace(self, cookies=(*self.cookies, *cookies))

    def __repr__(self) -> str:
        return f"Reply({self.status}, {self.content_type!r}, {len(self.body)} octets)"


Handler = Callable[[Asked], Coroutine[Any, Any, Reply]]
"""Answers one kind of request; raises web.trouble.Trouble for what is told by a page of errors."""


def redirect(url: str, *cookies: Cookie) -> Reply:
    """Sends the browser on with a GET."""
    return Reply(status=SEE_OTHER, headers=(("Location", url),), cookies=cookies)


def json_reply(value: object, status: int = 200) -> Reply:
    """For scripts of our own pages."""
    return Reply(status=status, body=msgspec.json.encode(value), content_type=JSON)
