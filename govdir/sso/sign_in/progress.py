"""What a sign-in asks next, by what is proved already: the order of its steps.

Code of the second factor, new password, setting up a second factor, notice: a password that somebody else has
set or that has expired opens nothing to whoever lacks the device, not even choosing another.
"""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct

from govdir.directory.ports import Clock
from govdir.policy.texts import Language
from govdir.sso.accounts import Account, Accounts, may_sign_in
from govdir.sso.model import Factor, Kind, Session
from govdir.sso.second_factor import BadSeal, SecondFactors
from govdir.sso.sign_in.browser import Browser
from govdir.sso.sign_in.flow import PROVED_MINUTES, Flows, FlowState, Held, Proved, Stage
from govdir.sso.sign_in.new_password import NewPasswords
from govdir.sso.sign_in.notes import Notes
from govdir.sso.sign_in.sessions import SessionBook, Token, new_token
from govdir.sso.sign_in.steps import (
    AskCode,
    AskEnrolment,
    AskNewPassword,
    AskPassword,
    Done,
    Notice,
    Problem,
    Reason,
    ShowRecovery,
    Step,
)
from govdir.sso.sign_in.throttle import Throttle


class SignInSettings(Struct, frozen=True):
    """`code_roles`: whoever holds one of these (Account.duties) needs a second factor. `notice_days`: who
    signs in so many days before the password expires is told, 0 for nobody. `language` where a person's is
    not known."""

    code_roles: frozenset[str] = frozenset()
    notice_days: int = 14
    language: Language = Language.VIETNAMESE

    def demands_code(self, account: Account) -> bool:
        """Whether something the account holds does."""
        return not self.code_roles.isdisjoint(account.duties)


class Progress:
    """Takes a flow to its next step, and to its end."""

    def __init__(
        self,
        *,
        flows: Flows,
        accounts: Accounts,
        book: SessionBook,
        factors: SecondFactors,
        passwords: NewPasswords,
        throttle: Throttle,
        notes: Notes,
        clock: Clock,
        settings: SignInSettings,
    ) -> None:
        self._flows = flows
        self._accounts = accounts
        self._book = book
        self._factors = factors
        self._passwords = passwords
        self._throttle = throttle
        self._notes = notes
        self._clock = clock
        self._settings = settings

    async def proved_account(self, held: Held) -> Account | None:
        """Whose password this flow has proved, not long ago and as the account still is; else None."""
        state = held.state
        proved = state.proved
        if proved is None or self._clock.now() - proved.at >= timedelta(minutes=PROVED_MINUTES):
            return None
        account = self._accounts.by_uuid(proved.entry_uuid)
        if account is None or account.proof != proved.proof or not may_sign_in(account):
            return None
        if state.step_up and await self._book.standing(state.session) is None:
            return None
        return account

    async def anew(self, held: Held, problem: Problem | None = None) -> Step:
        """From the password on."""
        held = await self._flows.put(
            held.with_state(stage=Stage.PASSWORD, proved=None, sealed=b"", wrong_codes=0, step_up=False)
        )
        return ask_password(held, problem)

    async def shown(self, held: Held) -> Step | None:
        """What the flow asks now, for its page; None when it is done."""
        state = held.state
        if state.stage is Stage.DONE:
            return None
        if state.stage is Stage.PASSWORD or state.proved is None:
            return ask_password(held)
        account = await self.proved_account(held)
        if account is None:
            return await self.anew(held, Problem.TOO_LATE)
        try:
            return await self._asked(held, account)
        except BadSeal:  # the secret of the site was exchanged meanwhile
            return await self.anew(held, Problem.TOO_LATE)

    async def _asked(self, held: Held, account: Account) -> Step:
        state = held.state
        proved = state.proved
        assert proved is not None  # noqa: S101 - `shown` and `advance` see to it
        match state.stage:
            case Stage.CODE:
                return await self.ask_code(account)
            case Stage.NEW_PASSWORD:
                return AskNewPassword(Reason(proved.must_change), self._passwords.rules(account))
            case Stage.ENROLMENT:
                return AskEnrolment(self._factors.shown(state.sealed, account))
            case Stage.RECOVERY:
                return ShowRecovery(self._factors.sealed_codes(state.sealed, account))
            case Stage.NOTICE:
                return Notice(proved.days_left or 0, self._passwords.rules(account))
        return ask_password(held)

    async def ask_code(self, account: Account, problem: Problem | None = None) -> AskCode:
        """For a code, with how many recovery codes are left."""
        status = await self._factors.status(account.entry_uuid)
        return AskCode(problem, 0 if status is None else status.recovery_left)

    async def advance(self, held: Held, account: Account, browser: Browser) -> Step:
        """On to whatever is not done yet; the changed flow is put back."""
        stage = await self._next(held, account)
        if stage is None:
            return await self._finish(held, account, browser)
        sealed = self._factors.new_secret(account) if stage is Stage.ENROLMENT else b""
        held = await self._flows.put(held.with_state(stage=stage, sealed=sealed))
        return await self._asked(held, account)

    async def _next(self, held: Held, account: Account) -> Stage | None:
        state, proved = held.state, held.state.proved
        assert proved is not None  # noqa: S101 - whoever calls has just proved it
        has_code = Factor.CODE in proved.factors
        enrolled = has_code or await self._factors.status(account.entry_uuid) is not None
        if enrolled and not has_code:
            return Stage.CODE
        if proved.must_change:
            return Stage.NEW_PASSWORD
        if not enrolled and (state.needs_code or self._settings.demands_code(account)):
            return Stage.ENROLMENT
        days = proved.days_left
        if days is not None and days < self._settings.notice_days:
            return Stage.NOTICE
        return None

    async def _finish(self, held: Held, account: Account, browser: Browser) -> Step:
        """The session. Of two requests at once that come here one has lost the flow before it is made."""
        state, proved = held.state, held.state.proved
        assert proved is not None  # noqa: S101 - see `_next`
        token = new_token()
        await self._flows.put(held.with_state(stage=Stage.DONE, proved=None, sealed=b"", signed_in=token.key))
        session = await self._session(state, proved, account, browser, token)
        device = browser.device if is_device(browser.device) else new_token().text
        await self._throttle.signed_in(account.entry_uuid, browser, device)
        self._notes.note(Kind.SIGN_IN, "ok", account, browser, factors=proved.factors)
        return Done(token.text, session, device, state.aim)

    async def _session(
        self, state: FlowState, proved: Proved, account: Account, browser: Browser, token: Token
    ) -> Session:
        """Stepping up adds a factor: the session ends when it would have, its password is no younger."""
        standing = await self._book.standing(state.session) if state.step_up else None
        if standing is not None:
            return await self._book.renew(standing[0], account, token, factors=proved.factors)
        instead_of = state.session or browser.session_key
        return await self._book.begin(account, proved.factors, browser, token, instead_of=instead_of)


def ask_password(held: Held, problem: Problem | None = None) -> AskPassword:
    """For name and password."""
    state = held.state
    return AskPassword(problem, state.name, bool(state.account))


def is_device(text: str) -> bool:
    """Whether a device cookie is one of ours; it goes on for all who sign in from that browser."""
    return len(text) == len(_SAMPLE) and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


_SAMPLE = new_token().text
