"""Which handler answers: by exact path and method."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from govdir.web import texts
from govdir.web.asked import Asked
from govdir.web.fields import BadFields
from govdir.web.form_tokens import is_genuine
from govdir.web.reply import Handler, Reply
from govdir.web.trouble import Trouble

Tell = Callable[[Trouble, str], Reply]
"""What a program is told of a trouble, and the number of the event in the log or ""."""


class Route(Struct, frozen=True):
    """A handler for one method of one path.

    `foreign`: other sites' forms and programs may send to it (SAML messages, which are signed); everything
    else that is not a GET needs a form token of ours. `tell` is for end points of programs, which can read no
    page of errors.
    """

    method: str
    path: str
    handler: Handler
    foreign: bool = False
    tell: Tell | None = None


class Router:
    """Routes by path; a GET also answers HEAD (the server leaves the body out)."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes: dict[str, dict[str, Route]] = {}
        for route in routes:
            methods = self._routes.setdefault(route.path, {})
            if route.method in methods:
                raise ValueError(f"{route.method} {route.path} has two handlers")
            methods[route.method] = route

    def knows(self, path: str, method: str = "GET") -> bool:
        """Whether something is there."""
        return method in self._routes.get(path, ())

    def tells(self, asked: Asked) -> Tell | None:
        """How a trouble with this request is told; None by a page."""
        route = self._routes.get(asked.path, {}).get(asked.method)
        return None if route is None else route.tell

    async def answer(self, asked: Asked) -> Reply:
        """The handler's reply. Raises Trouble: nothing there, wrong method, not a form of ours, bad fields;
        and what handlers raise."""
        methods = self._routes.get(asked.path)
        if methods is None:
            raise Trouble(404, texts.NOT_FOUND_TITLE, texts.NOT_FOUND)
        allowed = ", ".join(sorted({*methods, "OPTIONS", *(("HEAD",) if "GET" in methods else ())}))
        if asked.method == "OPTIONS":
            return Reply(status=204, headers=(("Allow", allowed),))
        route = methods.get("GET" if asked.method == "HEAD" else asked.method)
        if route is None:
            raise Trouble(405, texts.METHOD_TITLE, texts.METHOD, headers=(("Allow", allowed),))
        try:
            if not (route.method == "GET" or route.foreign or is_genuine(asked)):
                raise Trouble(403, texts.STALE_FORM_TITLE, texts.STALE_FORM, again=_again(asked, methods))
            return await route.handler(asked)
        except BadFields:
            raise Trouble(400, texts.BAD_REQUEST_TITLE, texts.BAD_REQUEST) from None


def _again(asked: Asked, methods: dict[str, Route]) -> str:
    """The page that a stale form was on, to be filled in anew."""
    return asked.place if "GET" in methods else "/"
