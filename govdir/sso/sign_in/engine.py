"""Signing in, step by step: the one way in for browsers. Pages show its steps and bring back what is typed."""

from __future__ import annotations

from msgspec import Struct

from govdir.policy.texts import Language
from govdir.sso.model import Session
from govdir.sso.sign_in.browser import Browser
from govdir.sso.sign_in.flow import Flow
from govdir.sso.sign_in.steps import Step


class SignInSettings(Struct, frozen=True):
    """`code_roles`: holders of these roles (gdRoleKind) need a second factor. `notice_days`: who signs in so
    many days before the password expires is told, 0 for nobody. `language` where a person's is not known."""

    code_roles: frozenset[str] = frozenset()
    notice_days: int = 14
    language: Language = Language.VIETNAMESE


class SignIn:
    """The engine. Everything may raise StoreUnavailable or Busy; FlowLost where the flow is no more."""

    async def begin(
        self,
        purpose: bytes | str,
        *,
        force: Session | None = None,
        step_up: Session | None = None,
        needs_code: bool = False,
        name_hint: str = "",
        visit: str = "",
    ) -> Flow:
        """A new sign-in. `purpose` is a path of the site to go to afterwards, or octets for whoever asks.

        `force`: the browser's present session, whose place the new one takes; all factors are proved anew.
        `step_up`: a session that lacks the second factor only, which is all that is asked. Both need not be
        of the account that signs in: another one's session is ended. `visit`: the browser is known already.
        """
        raise NotImplementedError

    async def flow(self, flow_id: str, browser: Browser) -> Flow:
        """The sign-in for its page to show. Raises FlowLost."""
        raise NotImplementedError

    async def purpose(self, flow_id: str) -> bytes | str:
        """What the sign-in is for, whichever browser has it. Raises FlowLost."""
        raise NotImplementedError

    async def password(self, flow_id: str, browser: Browser, name: str, password: str) -> Step:
        """Name and password were typed."""
        raise NotImplementedError

    async def code(self, flow_id: str, browser: Browser, code: str) -> Step:
        """A code of the second factor was typed."""
        raise NotImplementedError

    async def recovery(self, flow_id: str, browser: Browser, code: str) -> Step:
        """A recovery code was typed instead."""
        raise NotImplementedError

    async def new_password(self, flow_id: str, browser: Browser, new: str, repeated: str) -> Step:
        """Another password was typed: because it had to be, or on the notice that it expires soon."""
        raise NotImplementedError

    async def enrol(self, flow_id: str, browser: Browser, code: str) -> Step:
        """A first code of the second factor being set up was typed."""
        raise NotImplementedError

    async def acknowledge(self, flow_id: str, browser: Browser) -> Step:
        """Recovery codes or the notice were read."""
        raise NotImplementedError

    async def restart(self, flow_id: str, browser: Browser) -> Step:
        """Somebody else wants to sign in, or from the beginning."""
        raise NotImplementedError
