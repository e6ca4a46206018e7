"""What somebody who is signed in does with the own account: password, second factor, sessions."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from msgspec import Struct

from govdir.sso.accounts import Account
from govdir.sso.model import Happened, Session
from govdir.sso.second_factor import FactorStatus
from govdir.sso.sign_in.browser import Browser
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
    """The engine of the pages below /account. Everything may raise StoreUnavailable or Busy."""

    def rules(self, account: Account, candidate: str = "") -> PasswordList:
        """The rules on the account's password, judged on a candidate, which is not kept."""
        raise NotImplementedError

    async def change_password(
        self, owner: Owner, current: str, new: str, repeated: str
    ) -> Renewed | PasswordList | Refusal | Throttled:
        """Ends all other sessions. A PasswordList says what is wrong with the new one."""
        raise NotImplementedError

    def is_proved(self, owner: Owner) -> bool:
        """Whether the operations below need no password now."""
        raise NotImplementedError

    async def factor(self, account: Account) -> FactorStatus | None:
        """The account's second factor."""
        raise NotImplementedError

    async def start_enrolment(self, owner: Owner, password: str = "") -> Pending | Refusal | Throttled:
        """A secret to take over, also in place of a present factor."""
        raise NotImplementedError

    def pending(self, owner: Owner, ticket: str) -> Pending | Refusal:
        """The same again, for the page after a wrong code."""
        raise NotImplementedError

    async def confirm_enrolment(self, owner: Owner, ticket: str, code: str) -> Enrolled | Refusal | Throttled:
        """The first code: the factor is set up."""
        raise NotImplementedError

    async def remove_factor(self, owner: Owner, password: str = "") -> Renewed | Refusal | Throttled:
        """No second factor any more."""
        raise NotImplementedError

    async def new_recovery_codes(
        self, owner: Owner, password: str = ""
    ) -> tuple[str, ...] | Refusal | Throttled:
        """Ten others in place of those that are left, shown this once."""
        raise NotImplementedError

    async def sessions(self, account: Account) -> Sequence[Session]:
        """The account's sessions, the one used last first."""
        raise NotImplementedError

    async def end_session(self, owner: Owner, key: bytes) -> bool:
        """Ends one of the owner's; False when there is none of that key."""
        raise NotImplementedError

    async def end_other_sessions(self, owner: Owner) -> int:
        """Ends all but this one; how many there were."""
        raise NotImplementedError

    async def history(self, account: Account, limit: int = 50) -> Sequence[Happened]:
        """What happened to the account, the latest first."""
        raise NotImplementedError
