"""Signing in, step by step: the one way in for browsers. Pages show steps and bring back what is typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from msgspec.structs import replace

from govdir.directory import channels
from govdir.directory.caller import Role
from govdir.directory.ports import Clock
from govdir.directory.proving import Outcome, Proof
from govdir.sso.accounts import Account, Accounts
from govdir.sso.deeds import Deed, Detail
from govdir.sso.model import Factor, Kind, Session
from govdir.sso.second_factor import BadSeal, SecondFactors
from govdir.sso.sign_in import texts
from govdir.sso.sign_in.browser import Browser, digest_of
from govdir.sso.sign_in.flow import Flow, Flows, FlowState, Held, Overtaken, Proved, Stage
from govdir.sso.sign_in.letters import Letters
from govdir.sso.sign_in.new_password import NewPasswords
from govdir.sso.sign_in.notes import Notes
from govdir.sso.sign_in.progress import Progress, SignInSettings, ask_password
from govdir.sso.sign_in.proving import Prover
from govdir.sso.sign_in.sessions import SessionBook
from govdir.sso.sign_in.steps import (
    AskEnrolment,
    AskNewPassword,
    AskPassword,
    Block,
    Blocked,
    PasswordList,
    Problem,
    Reason,
    ShowRecovery,
    Step,
    Throttled,
)
from govdir.sso.sign_in.throttle import CODES_PER_CHALLENGE, Throttle

__all__ = ["SignIn", "SignInSettings"]

_SECONDS_A_DAY: Final = 86_400
_BLOCKS: Final = {block.value: block for block in Block}


class SignIn:
    """The engine. Everything may raise StoreUnavailable, Unavailable or Busy; FlowLost where the flow is no
    more or another browser's; Overtaken, a FlowLost, where another request was quicker (a form sent twice) or
    the flow is done: `flow` tells how it stands."""

    def __init__(
        self,
        *,
        flows: Flows,
        accounts: Accounts,
        book: SessionBook,
        prover: Prover,
        factors: SecondFactors,
        passwords: NewPasswords,
        throttle: Throttle,
        letters: Letters,
        notes: Notes,
        clock: Clock,
        settings: SignInSettings,
    ) -> None:
        self._flows = flows
        self._accounts = accounts
        self._book = book
        self._prover = prover
        self._factors = factors
        self._passwords = passwords
        self._throttle = throttle
        self._letters = letters
        self._notes = notes
        self._clock = clock
        self._progress = Progress(
            flows=flows,
            accounts=accounts,
            book=book,
            factors=factors,
            passwords=passwords,
            throttle=throttle,
            notes=notes,
            clock=clock,
            settings=settings,
        )

    # -- flows -------------------------------------------------------------------------------------------

    async def begin(
        self,
        purpose: bytes | str,
        *,
        force: Session | None = None,
        step_up: Session | None = None,
        needs_code: bool = False,
        name_hint: str = "",
        visit: str = "",
        through: str = channels.WEB,
    ) -> Flow:
        """A new sign-in. `purpose` is a path of the site to go to afterwards, or octets for whoever asks.

        `force`: the browser's present session, whose place the new one takes; all factors are proved anew.
        `step_up`: a session that lacks the second factor only, which is all that is asked (unless one has to
        be set up and the password was proved long ago). Another account may sign in instead: then that
        session is ended. `visit`: the browser is known already; `through`: the channel that the sign-in is
        an access by. Raises ValueError for a path that leads elsewhere.
        """
        session = step_up or force
        state = FlowState(
            purpose=purpose if isinstance(purpose, bytes) else b"",
            path=_checked(purpose) if isinstance(purpose, str) else "",
            began=self._clock.now(),
            name=name_hint,
            visit=digest_of(visit) if visit else b"",
            needs_code=needs_code or step_up is not None,
            through=through,
            session=b"" if session is None else session.key,
        )
        account = None if session is None else self._accounts.stands(session)
        if account is not None:
            state = replace(state, account=account.entry_uuid, name=name_hint or account.shown)
            if step_up is not None:
                state = await self._stepping_up(state, account, step_up)
        held = await self._flows.begin(state)
        return Flow(held.id, state.aim, await self._progress.shown(held))

    async def _stepping_up(self, state: FlowState, account: Account, session: Session) -> FlowState:
        """What the session has proved counts; setting up a second factor asks for a recent password."""
        proved = Proved(account.entry_uuid, account.proof, self._clock.now(), frozenset({Factor.PASSWORD}))
        if await self._factors.status(account.entry_uuid) is not None:
            return replace(state, stage=Stage.CODE, proved=proved, step_up=True)
        if not self._book.is_recent(session):
            return state
        sealed = self._factors.new_secret(account)
        return replace(state, stage=Stage.ENROLMENT, proved=proved, sealed=sealed, step_up=True)

    async def flow(self, flow_id: str, browser: Browser) -> Flow:
        """The sign-in for its page to show. Raises FlowLost."""
        held = await self._flows.find(flow_id, browser)
        return Flow(held.id, held.state.aim, await self._progress.shown(held), held.state.signed_in)

    async def purpose(self, flow_id: str) -> bytes | str:
        """What the sign-in is for, whichever browser has it. Raises FlowLost."""
        return (await self._flows.unbound(flow_id)).aim

    async def restart(self, flow_id: str, browser: Browser) -> Step:
        """Somebody else wants to sign in, or from the beginning."""
        return await self._progress.anew(await self._open(flow_id, browser))

    async def _open(self, flow_id: str, browser: Browser) -> Held:
        """A flow that is not done. Raises FlowLost, Overtaken."""
        held = await self._flows.find(flow_id, browser)
        if held.state.stage is Stage.DONE:
            raise Overtaken
        return held

    async def _at(self, flow_id: str, browser: Browser, *stages: Stage) -> tuple[Held, Account] | Step:
        """The flow and whose password it has proved, if it is at one of these stages; else what it asks."""
        held = await self._open(flow_id, browser)
        if held.state.stage in stages:
            account = await self._progress.proved_account(held)
            return await self._progress.anew(held, Problem.TOO_LATE) if account is None else (held, account)
        return await self._progress.shown(held) or ask_password(held)

    # -- name and password -------------------------------------------------------------------------------

    async def password(self, flow_id: str, browser: Browser, name: str, password: str) -> Step:
        """Name and password were typed; the name may be another than before."""
        held = await self._open(flow_id, browser)
        proof = await self._prover.named(name, password, browser, held.state.through)
        if isinstance(proof, Throttled):
            self._notes.throttled(self._called(name), browser)
            return proof
        if proof.outcome is Outcome.WRONG or proof.record is None:
            self._notes.note(Kind.REFUSAL, "wrong-password", self._called(name), browser)
            return AskPassword(Problem.WRONG, name.strip(), bool(held.state.account))
        account = self._accounts.of(proof.record)
        blocked = _blocked(proof, account)
        if blocked is not None:
            self._notes.note(Kind.REFUSAL, blocked.kind.value, account, browser)
            return blocked
        held = held.with_state(
            name=name.strip(),
            proved=self._proved(account, proof),
            stage=Stage.PASSWORD,
            wrong_codes=0,
            sealed=b"",
            step_up=False,
        )
        return await self._progress.advance(held, account, browser)

    def _proved(self, account: Account, proof: Proof) -> Proved:
        reason = ""
        if proof.outcome is Outcome.MUST_CHANGE:
            reason = (Reason.RESET if proof.reset else Reason.EXPIRED).value
        seconds = proof.expires_in_seconds
        return Proved(
            account.entry_uuid,
            account.proof,
            self._clock.now(),
            frozenset({Factor.PASSWORD}),
            reason,
            None if seconds is None else seconds // _SECONDS_A_DAY,
        )

    def _called(self, name: str) -> Account | None:
        record = self._accounts.find(name)
        return None if record is None else self._accounts.of(record)

    # -- the second factor -------------------------------------------------------------------------------

    async def code(self, flow_id: str, browser: Browser, code: str) -> Step:
        """A code of the second factor was typed."""
        return await self._challenge(flow_id, browser, code, self._factors.is_code, self._nothing_told)

    async def recovery(self, flow_id: str, browser: Browser, code: str) -> Step:
        """A recovery code was typed instead."""
        is_right = self._factors.is_recovery_code
        return await self._challenge(flow_id, browser, code, is_right, self._recovery_told)

    async def _challenge(
        self,
        flow_id: str,
        browser: Browser,
        code: str,
        is_right: Callable[[str, str], Awaitable[bool]],
        tell: Callable[[Account, Browser], Awaitable[None]],
    ) -> Step:
        at = await self._at(flow_id, browser, Stage.CODE)
        if not isinstance(at, tuple):
            return at
        held, account = at
        ticket = await self._throttle.code(account.entry_uuid, browser)
        if isinstance(ticket, Throttled):
            self._notes.throttled(account, browser)
            return ticket
        try:
            # Counted before it is looked at: of codes sent at once, one is tried.
            held = await self._flows.put(held.with_state(wrong_codes=held.state.wrong_codes + 1))
            right = await is_right(account.entry_uuid, code)
            await (self._throttle.succeeded if right else self._throttle.failed)(ticket)
        finally:
            self._throttle.close(ticket)
        if right:
            await tell(account, browser)
            return await self._progress.advance(self._with_code(held), account, browser)
        self._notes.note(Kind.REFUSAL, "wrong-code", account, browser)
        if held.state.wrong_codes >= CODES_PER_CHALLENGE:
            return await self._progress.anew(held, Problem.TOO_OFTEN)
        return await self._progress.ask_code(account, Problem.WRONG)

    def _with_code(self, held: Held) -> Held:
        """The flow after the second factor was proved too."""
        proved = held.state.proved
        assert proved is not None  # noqa: S101 - a password comes first
        factors = proved.factors | {Factor.CODE}
        return held.with_state(proved=replace(proved, factors=factors, at=self._clock.now()), wrong_codes=0)

    async def _nothing_told(self, account: Account, browser: Browser) -> None:
        """Codes are used every day."""

    async def _recovery_told(self, account: Account, browser: Browser) -> None:
        status = await self._factors.status(account.entry_uuid)
        left = 0 if status is None else status.recovery_left
        self._notes.note(Kind.FACTOR, "ok", account, browser, detail=Detail(Deed.RECOVERY_USED, left))
        await self._letters.send(account, texts.RECOVERY_USED, texts.RECOVERY_USED_TEXT, browser, left=left)

    async def enrol(self, flow_id: str, browser: Browser, code: str) -> Step:
        """A first code of the second factor being set up was typed. Other sessions of the account, which have
        proved none, end."""
        at = await self._at(flow_id, browser, Stage.ENROLMENT)
        if not isinstance(at, tuple):
            return at
        held, account = at
        if await self._factors.status(account.entry_uuid) is not None:  # elsewhere, meanwhile
            return await self._progress.anew(held, Problem.TOO_LATE)
        try:
            codes = await self._factors.enrol(account, held.state.sealed, code)
            if codes is None:
                return AskEnrolment(self._factors.shown(held.state.sealed, account), Problem.WRONG)
        except BadSeal:
            return await self._progress.anew(held, Problem.TOO_LATE)
        held = self._with_code(held)
        sealed = self._factors.seal_codes(account, codes)
        await self._flows.put(held.with_state(stage=Stage.RECOVERY, sealed=sealed))
        ended = await self._book.end_all(account.entry_uuid, but=held.state.session or browser.session_key)
        self._notes.note(Kind.FACTOR, "ok", account, browser, detail=Detail(Deed.SET_UP))
        if ended:
            self._notes.note(Kind.SESSION, "ok", account, browser, detail=Detail(Deed.OTHERS_ENDED, ended))
        await self._letters.send(account, texts.FACTOR_ENROLLED, texts.FACTOR_ENROLLED_TEXT, browser)
        return ShowRecovery(codes)

    # -- a new password, and what was read ---------------------------------------------------------------

    async def new_password(self, flow_id: str, browser: Browser, new: str, repeated: str) -> Step:
        """Another password was typed: because it had to be, or on the notice that it expires soon.

        The present one is not asked again, it was proved in this flow. All sessions of the account end, but
        the one whose place this sign-in takes.
        """
        at = await self._at(flow_id, browser, Stage.NEW_PASSWORD, Stage.NOTICE)
        if not isinstance(at, tuple):
            return at
        held, account = at
        proved = held.state.proved
        assert proved is not None  # noqa: S101 - `_at` looked
        changed = await self._passwords.change(account, new, repeated)
        if isinstance(changed, PasswordList):
            return AskNewPassword(Reason(proved.must_change or Reason.SOON), changed)
        ended = await self._book.end_all(account.entry_uuid, but=held.state.session or browser.session_key)
        detail = Detail(Deed.CHANGED_AT_SIGN_IN, ended)
        self._notes.note(Kind.PASSWORD, "ok", changed, browser, factors=proved.factors, detail=detail)
        await self._letters.send(changed, texts.PASSWORD_CHANGED, texts.PASSWORD_CHANGED_TEXT, browser)
        now = replace(proved, proof=changed.proof, at=self._clock.now(), must_change="", days_left=None)
        return await self._progress.advance(held.with_state(proved=now), changed, browser)

    async def acknowledge(self, flow_id: str, browser: Browser) -> Step:
        """Recovery codes or the notice were read."""
        at = await self._at(flow_id, browser, Stage.RECOVERY, Stage.NOTICE)
        if not isinstance(at, tuple):
            return at
        held, account = at
        if held.state.stage is Stage.NOTICE and held.state.proved is not None:
            held = held.with_state(proved=replace(held.state.proved, days_left=None))
        return await self._progress.advance(held, account, browser)


def _blocked(proof: Proof, account: Account) -> Blocked | None:
    if account.caller.role is Role.SERVICE:
        return Blocked(Block.PROGRAM)
    if proof.outcome is Outcome.LOCKED:
        return Blocked(Block.LOCKED, proof.until)
    if proof.outcome is Outcome.CLOSED:
        return Blocked(_BLOCKS.get(account.state, Block.OTHER))
    return None


def _checked(path: str) -> str:
    """A path of our own site, which no browser takes for another's address."""
    if not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable():
        raise ValueError("a sign-in leads to a path of the site")
    return path
