"""/account/second-factor, /account/recovery-codes: a device that makes codes, and what stands in for it."""

from __future__ import annotations

from typing import Final

from govdir.directory.ports import Clock
from govdir.sso.sign_in.self_service import Enrolled, Owner, Pending, Refusal, Renewed, SelfService
from govdir.sso.sign_in.steps import Throttled
from govdir.web import account_texts as texts
from govdir.web.account_frame import RECOVERY_CODES, SECOND_FACTOR, Frame, Problem
from govdir.web.account_password import refusal_problem
from govdir.web.asked import Asked
from govdir.web.cookies import Cookie
from govdir.web.door import Door, under_new_token
from govdir.web.qr import qr_svg
from govdir.web.reply import Reply
from govdir.web.router import Route
from govdir.web.sign_in_views import in_groups

FEW_CODES: Final = 3
"""So few recovery codes are left that it is said."""


class FactorPages:
    """The pages."""

    def __init__(self, frame: Frame, door: Door, service: SelfService, clock: Clock) -> None:
        self._frame = frame
        self._door = door
        self._service = service
        self._clock = clock

    def routes(self) -> tuple[Route, ...]:
        """All for those who are signed in."""
        signed_in = self._door.signed_in
        return (
            Route("GET", SECOND_FACTOR, signed_in(self.show)),
            Route("POST", SECOND_FACTOR, signed_in(self.change)),
            Route("GET", RECOVERY_CODES, signed_in(self.show_codes)),
            Route("POST", RECOVERY_CODES, signed_in(self.renew_codes)),
        )

    async def show(self, asked: Asked, owner: Owner) -> Reply:
        """Whether there is a second factor, and what can be done."""
        return await self._overview(asked, owner)

    async def change(self, asked: Asked, owner: Owner) -> Reply:
        """A button of the pages: `do` says which."""
        form = asked.form
        password = form.get("password", "")
        match form.get("do", ""):
            case "start":
                return await self._started(asked, owner, await self._service.start_enrolment(owner, password))
            case "confirm":
                return await self._confirm(asked, owner, form.get("ticket", ""), form.get("code", ""))
            case "remove":
                return await self._removed(asked, owner, await self._service.remove_factor(owner, password))
        return await self._overview(asked, owner)

    async def show_codes(self, asked: Asked, owner: Owner) -> Reply:
        """That the codes are shown only once, and how to get others."""
        return await self._overview(asked, owner, "account/recovery.html")

    async def renew_codes(self, asked: Asked, owner: Owner) -> Reply:
        """Others in place of those that are left."""
        outcome = await self._service.new_recovery_codes(owner, asked.form.get("password", ""))
        if isinstance(outcome, tuple):
            return self._codes(asked, owner, outcome, renewed=True)
        return await self._refused(asked, owner, outcome, "account/recovery.html")

    # -- setting up ----------------------------------------------------------------------------------------

    async def _started(self, asked: Asked, owner: Owner, outcome: Pending | Refusal | Throttled) -> Reply:
        if isinstance(outcome, Pending):
            return self._setting_up(asked, owner, outcome)
        return await self._refused(asked, owner, outcome)

    async def _confirm(self, asked: Asked, owner: Owner, ticket: str, code: str) -> Reply:
        if not code.strip():
            return await self._once_more(asked, owner, ticket, texts.ENTER_CODE.in_language(asked.language))
        outcome = await self._service.confirm_enrolment(owner, ticket, code)
        match outcome:
            case Enrolled():
                fresh, cookie = under_new_token(asked, outcome.token)
                return self._codes(fresh, owner, outcome.codes, cookies=(cookie,))
            case Refusal.WRONG_CODE:
                wrong = texts.WRONG_CODE.in_language(asked.language)
                return await self._once_more(asked, owner, ticket, wrong)
            case Refusal():
                return await self._refused(asked, owner, outcome)

    async def _once_more(self, asked: Asked, owner: Owner, ticket: str, problem: str) -> Reply:
        """The same secret again, with what was wrong with the code."""
        outcome = self._service.pending(owner, ticket)
        if isinstance(outcome, Pending):
            return self._setting_up(asked, owner, outcome, (Problem(problem, "code"),))
        return await self._refused(asked, owner, outcome)

    def _setting_up(
        self, asked: Asked, owner: Owner, pending: Pending, problems: tuple[Problem, ...] = ()
    ) -> Reply:
        return self._frame.page(
            asked,
            owner,
            "account/enrolment.html",
            SECOND_FACTOR,
            scripted=True,
            problems=problems,
            ticket=pending.ticket,
            uri=pending.secret.uri,
            picture=qr_svg(pending.secret.uri, texts.QR_TITLE.in_language(asked.language)),
            key=in_groups(pending.secret.text),
        )

    # -- afterwards ----------------------------------------------------------------------------------------

    def _codes(
        self,
        asked: Asked,
        owner: Owner,
        codes: tuple[str, ...],
        *,
        renewed: bool = False,
        cookies: tuple[Cookie, ...] = (),
    ) -> Reply:
        """The recovery codes, this once."""
        return self._frame.page(
            asked,
            owner,
            "account/codes.html",
            SECOND_FACTOR,
            scripted=True,
            cookies=cookies,
            codes=codes,
            renewed=renewed,
            made=self._clock.now(),
        )

    async def _removed(self, asked: Asked, owner: Owner, outcome: Renewed | Refusal | Throttled) -> Reply:
        if not isinstance(outcome, Renewed):
            return await self._refused(asked, owner, outcome, field="password-remove")
        fresh, cookie = under_new_token(asked, outcome.token)
        told = texts.FACTOR_REMOVED.in_language(asked.language)
        return await self._overview(fresh, owner, told=told, cookies=(cookie,))

    async def _refused(
        self,
        asked: Asked,
        owner: Owner,
        outcome: Refusal | Throttled,
        template: str = "account/second_factor.html",
        *,
        field: str = "password",
    ) -> Reply:
        """Why nothing was done, at the `field` for the password of that form."""
        if isinstance(outcome, Throttled):
            slow = texts.SLOW_DOWN.render(asked.language, seconds=outcome.seconds)
            problem, status = Problem(slow, field), 429
        else:
            problem, status = refusal_problem(asked.language, outcome, field), 200
        return await self._overview(asked, owner, template, problems=(problem,), status=status)

    async def _overview(
        self,
        asked: Asked,
        owner: Owner,
        template: str = "account/second_factor.html",
        *,
        problems: tuple[Problem, ...] = (),
        status: int = 200,
        told: str = "",
        cookies: tuple[Cookie, ...] = (),
    ) -> Reply:
        return self._frame.page(
            asked,
            owner,
            template,
            SECOND_FACTOR,
            problems=problems,
            status=status,
            cookies=cookies,
            factor=await self._service.factor(owner.account),
            proved=self._service.is_proved(owner),
            demanded=self._service.demands_factor(owner.account),
            few=FEW_CODES,
            told=told,
        )
