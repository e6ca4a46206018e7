"""What a sign-in asks for next, or what came of it: the values that pages show."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from msgspec import Struct

from govdir.policy.password_rules import Verdict
from govdir.policy.texts import Wording
from govdir.sso.model import Session


class Problem(Enum):
    """Why the same is asked again."""

    WRONG = "wrong"  # name or password, or the code
    TOO_LATE = "too-late"  # the password was proved too long ago, or the account changed meanwhile: anew
    TOO_OFTEN = "too-often"  # too many wrong codes: begin with the password again


class PasswordProblem(Enum):
    """Why a new password was not taken, besides the rules of the pack."""

    DIFFERENT = "different"  # the repetition is another one
    RULES = "rules"  # at least one of the list is broken
    USED_BEFORE = "used-before"
    TOO_YOUNG = "too-young"  # the present one was set too short a time ago
    REFUSED = "refused"  # the access rules do not let the account change it, or it is no text


class Reason(Enum):
    """Why the password must be changed."""

    EXPIRED = "expired"
    RESET = "reset"
    SOON = "soon"  # it need not be yet, but the notice said so


class PasswordList(Struct, frozen=True):
    """The rules of the pack for this account, judged on a candidate, and what else keeps a password out.

    `blank`: nothing was typed yet, so the marks mean nothing. `history` is the rule on former passwords,
    None without one; it is judged only when the change is made.
    """

    title: Wording
    verdicts: tuple[Verdict, ...]
    blank: bool
    history: Wording | None = None
    problems: tuple[PasswordProblem, ...] = ()

    @property
    def broken(self) -> tuple[Verdict, ...]:
        """The rules against the candidate; none for a blank one."""
        return () if self.blank else tuple(verdict for verdict in self.verdicts if not verdict.passed)


class AskPassword(Struct, frozen=True):
    """Name and password; `name` is what was typed or hinted before. `fixed`: the sign-in confirms that very
    account, which another name may replace."""

    problem: Problem | None = None
    name: str = ""
    fixed: bool = False


class AskCode(Struct, frozen=True):
    """The code of the second factor, or one of the `recovery_left` recovery codes."""

    problem: Problem | None = None
    recovery_left: int = 0


class AskNewPassword(Struct, frozen=True):
    """Another password, before anything else."""

    reason: Reason
    rules: PasswordList


class Secret(Struct, frozen=True):
    """A second factor to be set up: its base32 text, and the otpauth URI for a QR code."""

    text: str
    uri: str

    def __repr__(self) -> str:
        return "Secret(<hidden>)"


class AskEnrolment(Struct, frozen=True):
    """A first code of the second factor that is being set up, because one is demanded and none is there."""

    secret: Secret
    problem: Problem | None = None


class ShowRecovery(Struct, frozen=True):
    """The recovery codes of a factor just set up, until they are acknowledged."""

    codes: tuple[str, ...]

    def __repr__(self) -> str:
        return "ShowRecovery(<hidden>)"


class Notice(Struct, frozen=True):
    """The password expires in so many days (0: today); to be acknowledged, or changed now by `rules`."""

    days: int
    rules: PasswordList


class Block(Enum):
    """Why an account does not sign in; told only after the right password."""

    LOCKED = "locked"
    PENDING = "pending"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    DELETED = "deleted"
    PROGRAM = "program"  # services have no business here
    OTHER = "other"


class Blocked(Struct, frozen=True):
    """The account does not sign in; `until` when a lock ends by itself."""

    kind: Block
    until: datetime | None = None


class Throttled(Struct, frozen=True):
    """Not now: too many failures; whether the password was right was not looked at."""

    seconds: int


class Done(Struct, frozen=True):
    """Signed in. `token` and `device` are the values of the cookies to set; `purpose` what the flow was for:
    octets of whoever began it, or a path of the site to go to."""

    token: str
    session: Session
    device: str
    purpose: bytes | str

    def __repr__(self) -> str:
        return "Done(<hidden>)"


Step = (
    AskPassword | AskCode | AskNewPassword | AskEnrolment | ShowRecovery | Notice | Blocked | Throttled | Done
)
