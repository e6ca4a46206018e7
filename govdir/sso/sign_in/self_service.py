"""What somebody who is signed in does with the own account: password, second factor, sessions."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from govdir.directory.proving import Outcome
from govdir.sso.accounts import Account, Accounts
from govdir.sso.deeds import Deed, Detail
from govdir.sso.model import Factor, Happened, Kind, Session
from govdir.sso.ports import Trail
from govdir.sso.second_factor import BadSeal, FactorStatus, SecondFactors
from govdir.sso.sign_in import texts
from govdir.sso.sign_in.browser import Browser
from govdir.sso.sign_in.letters import Letters
from govdir.sso.sign_in.new_password import NewPasswords
from govdir.sso.sign_in.notes import Notes
from govdir.sso.sign_in.progress import SignInSettings
from govdir.sso.sign_in.proving import Prover
from govdir.sso.sign_in.sessions import SessionBook, new_token
from govdir.sso.sign_in.steps import PasswordList, Secret, Throttled


class Owner(Struct, frozen=True):
    """Who asks: the session as SessionBook.current gave it, its account, and the browser."""

    session: Session
    account: Account
    browser: Browser


class Refusal(Enum):
    """Why nothing was done."""

    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - the word
    PROVE_AGAIN = "prove-again"  # the password is needed: the last proof is too long ago
    WRONG_CODE = "wrong-code"
    NO_FACTOR = "no-factor"
    DEMANDED = "demanded"  # the account's role needs a second factor: it may be replaced, not removed
    LOCKED = "locked"  # the password was right, but the account was locked or closed meanwhile
    STALE = "stale"  # what was being set up is over: begin again


class Renewed(Struct, frozen=True):
    """Done; the session goes on under a new `token`. `ended`: how many other sessions were ended."""

    token: str
    session: Session
    ended: int = 0

    def __repr__(self) -> str:
        return f"Renewed(ended={self.ended}, <hidden>)"


class Enrolled(Struct, frozen=True):
    """Done; `codes` are the recovery codes, shown this once. The session goes on under a new `token`."""

    codes: tuple[str, ...]
    token: str
    session: Session

    def __repr__(self) -> str:
        return "Enrolled(<hidden>)"


class Pending(Struct, frozen=True):
    """A second factor being set up: `ticket` comes back with the first code, as a field of the form (it is
    encrypted for this account, and good for ten minutes)."""

    secret: Secret
    ticket: str

    def __repr__(self) -> str:
        return "Pending(<hidden>)"


class SelfService:
    """The engine of the pages below /account. Everything may raise StoreUnavailable, Unavailable or Busy.

    What changes the second factor wants the password, unless it was proved minutes ago.
    """

    def __init__(
        self,
        *,
        accounts: Accounts,
        book: SessionBook,
        prover: Prover,
        factors: SecondFactors,
        passwords: NewPasswords,
        letters: Letters,
        notes: Notes,
        trail: Trail,
        settings: SignInSettings,
    ) -> None:
        self._accounts = accounts
        self._book = book
        self._prover = prover
        self._factors = factors
        self._passwords = passwords
        self._letters = letters
        self._notes = notes
        self._trail = trail
        self._settings = settings

    # -- password ----------------------------------------------------------------------------------------

    def rules(self, account: Account, candidate: str = "") -> PasswordList:
        """The rules on the account's password, judged on a candidate, which is not kept."""
        return self._passwords.rules(account, candidate)

    async def change_password(
        self, owner: Owner, current: str, new: str, repeated: str
    ) -> Renewed | PasswordList | Refusal | Throttled:
        """Ends all other sessions. A PasswordList says what is wrong with the new one."""
        account, browser = owner.account, owner.browser
        wrong = self._passwords.judged(account, new, repeated)
        if wrong is not None:
            return wrong
        refused = await self._refused(owner, current)
        if refused is not None:
            return refused
        changed = await self._passwords.change(account, new, repeated)
        if isinstance(changed, PasswordList):
            return changed
        ended = await self._book.end_all(account.entry_uuid, but=owner.session.key)
        token = new_token()
        all_proved = owner.session.factors <= {Factor.PASSWORD}
        session = await self._book.renew(owner.session, changed, token, proved=all_proved, revive=True)
        detail = Detail(Deed.CHANGED, ended)
        self._notes.note(Kind.PASSWORD, "ok", changed, browser, detail=detail)
        await self._letters.send(changed, texts.PASSWORD_CHANGED, texts.PASSWORD_CHANGED_TEXT, browser)
        return Renewed(token.text, session, ended)

    def is_proved(self, owner: Owner) -> bool:
        """Whether the operations below need no password now."""
        return self._book.is_recent(owner.session)

    async def _proved(self, owner: Owner, password: str) -> Refusal | Throttled | None:
        """None when the owner is proved, by this password or minutes ago."""
        if self.is_proved(owner):
            return None
        return await self._refused(owner, password) if password else Refusal.PROVE_AGAIN

    async def _refused(self, owner: Owner, password: str) -> Refusal | Throttled | None:
        """None for the right password."""
        record = self._accounts.record(owner.account.entry_uuid)
        if record is None:
            return Refusal.LOCKED
        proof = await self._prover.of_record(record, password, owner.browser)
        if isinstance(proof, Throttled):
            self._notes.throttled(owner.account, owner.browser)
            return proof
        match proof.outcome:
            case Outcome.WRONG:
                self._notes.note(Kind.REFUSAL, "wrong-password", owner.account, owner.browser)
                return Refusal.WRONG_PASSWORD
            case Outcome.LOCKED | Outcome.CLOSED:
                return Refusal.LOCKED
        return None

    # -- second factor -----------------------------------------------------------------------------------

    async def factor(self, account: Account) -> FactorStatus | None:
        """The account's second factor."""
        return await self._factors.status(account.entry_uuid)

    def demands_factor(self, account: Account) -> bool:
        """Whether a role of the account needs one, so that it is not removed."""
        return self._settings.demands_code(account)

    async def start_enrolment(self, owner: Owner, password: str = "") -> Pending | Refusal | Throttled:
        """A secret to take over, also in place of a present factor."""
        refused = await self._proved(owner, password)
        if refused is not None:
            return refused
        sealed = self._factors.new_secret(owner.account)
        return Pending(
            self._factors.shown(sealed, owner.account), self._factors.ticket(owner.account, sealed)
        )

    def pending(self, owner: Owner, ticket: str) -> Pending | Refusal:
        """The same again, for the page after a wrong code."""
        try:
            sealed = self._factors.from_ticket(owner.account, ticket)
            return Pending(self._factors.shown(sealed, owner.account), ticket)
        except BadSeal:
            return Refusal.STALE

    async def confirm_enrolment(self, owner: Owner, ticket: str, code: str) -> Enrolled | Refusal:
        """The first code: the factor is set up, and the session has proved it. All others, which have not,
        end: one may be of whoever the factor is to keep out."""
        account = owner.account
        try:
            codes = await self._factors.enrol(account, self._factors.from_ticket(account, ticket), code)
        except BadSeal:
            return Refusal.STALE
        if codes is None:
            return Refusal.WRONG_CODE
        token = new_token()
        added = frozenset({Factor.CODE})
        session = await self._book.renew(owner.session, account, token, factors=added)
        self._notes.note(Kind.FACTOR, "ok", account, owner.browser, detail=Detail(Deed.SET_UP))
        await self.end_other_sessions(replace(owner, session=session))
        await self._letters.send(account, texts.FACTOR_ENROLLED, texts.FACTOR_ENROLLED_TEXT, owner.browser)
        return Enrolled(codes, token.text, session)

    async def remove_factor(self, owner: Owner, password: str = "") -> Renewed | Refusal | Throttled:
        """No second factor any more."""
        account = owner.account
        if self.demands_factor(account):
            return Refusal.DEMANDED
        refused = await self._proved(owner, password)
        if refused is not None:
            return refused
        if not await self._factors.remove(account.entry_uuid):
            return Refusal.NO_FACTOR
        token = new_token()
        session = await self._book.renew(owner.session, account, token)
        self._notes.note(Kind.FACTOR, "ok", account, owner.browser, detail=Detail(Deed.TURNED_OFF))
        await self._letters.send(account, texts.FACTOR_REMOVED, texts.FACTOR_REMOVED_TEXT, owner.browser)
        return Renewed(token.text, session)

    async def new_recovery_codes(
        self, owner: Owner, password: str = ""
    ) -> tuple[str, ...] | Refusal | Throttled:
        """Ten others in place of those that are left, shown this once."""
        account = owner.account
        refused = await self._proved(owner, password)
        if refused is not None:
            return refused
        codes = await self._factors.renew_recovery(account.entry_uuid)
        if codes is None:
            return Refusal.NO_FACTOR
        self._notes.note(Kind.FACTOR, "ok", account, owner.browser, detail=Detail(Deed.RECOVERY_RENEWED))
        await self._letters.send(account, texts.RECOVERY_RENEWED, texts.RECOVERY_RENEWED_TEXT, owner.browser)
        return codes

    # -- sessions and history ----------------------------------------------------------------------------

    async def sessions(self, account: Account) -> Sequence[Session]:
        """The account's sessions, the one used last first."""
        return await self._book.of_entry(account.entry_uuid)

    async def end_session(self, owner: Owner, key: bytes) -> bool:
        """Ends one of the owner's; False when there is none of that key."""
        done = await self._book.end_one(owner.account, key)
        if done:
            self._notes.note(Kind.SESSION, "ok", owner.account, owner.browser, detail=Detail(Deed.ENDED, 1))
        return done

    async def end_other_sessions(self, owner: Owner) -> int:
        """Ends all but this one; how many there were."""
        ended = await self._book.end_all(owner.account.entry_uuid, but=owner.session.key)
        if ended:
            detail = Detail(Deed.OTHERS_ENDED, ended)
            self._notes.note(Kind.SESSION, "ok", owner.account, owner.browser, detail=detail)
        return ended

    async def history(self, account: Account, limit: int = 50) -> Sequence[Happened]:
        """What happened to the account, the latest first."""
        return await self._trail.of_entry(account.entry_uuid, limit)
