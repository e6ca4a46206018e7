"""The pages of signing in: each shows one step of a flow and brings back what was typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, Protocol
from urllib.parse import urlencode

from govdir.sso.idp.outcomes import ServiceName
from govdir.sso.sign_in.engine import SignIn
from govdir.sso.sign_in.flow import Flow, FlowLost, Overtaken
from govdir.sso.sign_in.sessions import SessionBook
from govdir.sso.sign_in.steps import (
    AskCode,
    AskEnrolment,
    AskNewPassword,
    AskPassword,
    Done,
    Notice,
    Step,
)
from govdir.web import sign_in_texts as texts
from govdir.web.asked import Asked
from govdir.web.door import browser_of
from govdir.web.pages import Pages
from govdir.web.reply import Handler, Reply, redirect
from govdir.web.router import Route
from govdir.web.sign_in_views import PATHS, View, view_of
from govdir.web.trouble import Trouble
from govdir.web.visitors import device_cookie, session_cookie

SIGN_IN: Final = "/sign-in"
# Where somebody goes who signs in without having been sent.
AFTERWARDS: Final = "/account"
# Places that may be come back to: pages of ours, whatever a link says.
_PLACES: Final = ("/account", "/administration", "/saml/start", "/saml/test")


class Applications(Protocol):
    """What is needed of the identity provider."""

    def service_waiting(self, purpose: str) -> Awaitable[ServiceName | None]:
        """Which application a sign-in is for."""


class SignInPages:
    """Handlers below /sign-in."""

    def __init__(self, pages: Pages, sign_in: SignIn, book: SessionBook, applications: Applications) -> None:
        self._pages = pages
        self._sign_in = sign_in
        self._book = book
        self._applications = applications

    def routes(self) -> list[Route]:
        """All of them."""
        forms: dict[str, Handler] = {
            SIGN_IN: self.password,
            "/sign-in/code": self.code,
            "/sign-in/password": self.new_password,
            "/sign-in/enrol": self.enrol,
            "/sign-in/recovery-codes": self.acknowledge,
            "/sign-in/notice": self.acknowledge,
        }
        shown = [Route("GET", path, self.show) for path in forms if path != SIGN_IN]
        sent = [Route("POST", path, handler) for path, handler in forms.items()]
        restart = Route("POST", "/sign-in/restart", self.restart)
        return [Route("GET", SIGN_IN, self.begin), restart, *shown, *sent]

    async def begin(self, asked: Asked) -> Reply:
        """GET /sign-in: of a flow that was begun, or on somebody's own accord: then nothing is kept before a
        password comes."""
        if "flow" in asked.query:
            return await self.show(asked)
        if await self._book.current(asked.session_token or "") is not None:
            return redirect(_place(asked))
        return self._render(asked, view_of(AskPassword()), None, asked.place)

    async def show(self, asked: Asked) -> Reply:
        """GET: the step that the flow is at, on its own page."""
        flow = await self._flow(asked)
        step = flow.step
        if step is None:
            return redirect(_target(flow.purpose))
        changing = isinstance(step, Notice) and asked.path == "/sign-in/password"
        if PATHS[type(step)] != asked.path and not changing:
            return redirect(_at(PATHS[type(step)], flow.id))
        return await self._page(asked, flow.id, flow.purpose, step)

    async def password(self, asked: Asked) -> Reply:
        """Name and password."""
        form = asked.form
        flow_id = asked.query.get("flow", "")
        if not flow_id:
            flow_id = (await self._sign_in.begin(_place(asked), visit=asked.visit)).id
        name, password = form.get("name", ""), form.get("password", "")
        return await self._after(
            asked, flow_id, self._sign_in.password(flow_id, browser_of(asked), name, password)
        )

    async def code(self, asked: Asked) -> Reply:
        """A code of the authenticator, or a recovery code."""
        flow_id, form, browser = asked.query.get("flow", ""), asked.form, browser_of(asked)
        if "recovery" in form:
            step = self._sign_in.recovery(flow_id, browser, form["recovery"])
        else:
            step = self._sign_in.code(flow_id, browser, form.get("code", ""))
        return await self._after(asked, flow_id, step)

    async def new_password(self, asked: Asked) -> Reply:
        """Another password, twice."""
        flow_id, form = asked.query.get("flow", ""), asked.form
        new, repeated = form.get("new", ""), form.get("repeated", "")
        return await self._after(
            asked, flow_id, self._sign_in.new_password(flow_id, browser_of(asked), new, repeated)
        )

    async def enrol(self, asked: Asked) -> Reply:
        """The first code of a second factor."""
        flow_id, code = asked.query.get("flow", ""), asked.form.get("code", "")
        return await self._after(asked, flow_id, self._sign_in.enrol(flow_id, browser_of(asked), code))

    async def acknowledge(self, asked: Asked) -> Reply:
        """Recovery codes, or the notice, were read."""
        flow_id = asked.query.get("flow", "")
        return await self._after(asked, flow_id, self._sign_in.acknowledge(flow_id, browser_of(asked)))

    async def restart(self, asked: Asked) -> Reply:
        """From the beginning, for somebody else."""
        flow_id = asked.query.get("flow", "")
        return await self._after(asked, flow_id, self._sign_in.restart(flow_id, browser_of(asked)))

    async def _flow(self, asked: Asked) -> Flow:
        try:
            return await self._sign_in.flow(asked.query.get("flow", ""), browser_of(asked))
        except FlowLost:
            raise _lost() from None

    async def _after(self, asked: Asked, flow_id: str, coming: Awaitable[Step]) -> Reply:
        """What the step that was taken leads to. What says nothing new is shown by a GET of its own, so that
        going back and reloading send nothing again."""
        try:
            step = await coming
            if isinstance(step, Done):
                return redirect(_target(step.purpose), session_cookie(step.token), device_cookie(step.device))
            if type(step) in PATHS and not _says_something(step):
                return redirect(_at(PATHS[type(step)], flow_id))
            return await self._page(asked, flow_id, await self._sign_in.purpose(flow_id), step)
        except Overtaken:  # the form was sent twice: on to where the first one has led
            return redirect(_at(SIGN_IN, flow_id))
        except FlowLost:
            raise _lost() from None

    async def _page(self, asked: Asked, flow_id: str, purpose: bytes | str, step: Step) -> Reply:
        service = await self._applications.service_waiting(purpose) if isinstance(purpose, str) else None
        view = view_of(step, changing=asked.path == "/sign-in/password", recovery=_recovery(asked))
        return self._render(asked, view, service, _at(view.path, flow_id, recovery=_recovery(asked)))

    def _render(self, asked: Asked, view: View, service: ServiceName | None, action: str) -> Reply:
        """`action` is where the page's form goes, and where the page itself can be had again."""
        flow_id = asked.query.get("flow", "") or action.partition("flow=")[2]
        return self._pages.page(
            asked,
            view.template,
            view.context(asked.language),
            status=view.status,
            headers=view.headers,
            here=action,
            s=texts,
            service=service,
            action=action,
            at=_paths_of(flow_id),
        )


def _says_something(step: Step) -> bool:
    """Whether the step tells what the flow itself does not keep."""
    if isinstance(step, AskNewPassword):
        return bool(step.rules.problems)
    return isinstance(step, AskPassword | AskCode | AskEnrolment) and step.problem is not None


def _recovery(asked: Asked) -> bool:
    return asked.path == "/sign-in/code" and "recovery" in asked.query


def _at(path: str, flow_id: str, *, recovery: bool = False) -> str:
    query = {"flow": flow_id, "recovery": "1"} if recovery else {"flow": flow_id}
    return f"{path}?{urlencode(query)}"


def _paths_of(flow_id: str) -> Callable[..., str]:
    def at(path: str, **more: str) -> str:
        return f"{path}?{urlencode({'flow': flow_id, **more})}"

    return at


def _place(asked: Asked) -> str:
    """Where to go afterwards: what the query asks for, if it is a page of ours."""
    place = asked.query.get("to", AFTERWARDS)
    path = place.partition("?")[0]
    ours = any(path == allowed or path.startswith(f"{allowed}/") for allowed in _PLACES)
    return place if ours and place.isprintable() and place.isascii() else AFTERWARDS


def _target(purpose: bytes | str) -> str:
    return purpose if isinstance(purpose, str) else AFTERWARDS


def _lost() -> Trouble:
    return Trouble(410, texts.LOST_TITLE, texts.LOST)
