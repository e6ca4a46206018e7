"""What administrators do for others: a one-time password, ending sessions, taking a lost device off.

Each asks for the same right: to set that person's password, by the access rules. Who has it could sign in as
that person anyway; who lacks a role or office of the person's has it not (directory.roles). And each asks for
a recent proof: at a desk that was left open nobody takes over other people's accounts.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from msgspec import Struct

from govdir.directory.errors import (
    ConstraintViolation,
    InsufficientAccessRights,
    NoSuchObject,
    ObjectClassViolation,
)
from govdir.directory.service import Directory
from govdir.sso.accounts import Account, Accounts
from govdir.sso.deeds import Deed, Detail
from govdir.sso.model import Kind
from govdir.sso.second_factor import SecondFactors
from govdir.sso.sign_in import texts
from govdir.sso.sign_in.letters import Letters
from govdir.sso.sign_in.notes import Notes
from govdir.sso.sign_in.self_service import Owner
from govdir.sso.sign_in.sessions import SessionBook

HELPER_PROVED_MINUTES: Final = 10
"""So long a sign-in lets somebody help: to find the person, make sure who it is, and one or two more."""

_SIGN_IN: Final = frozenset({"gdmailbox", "gdadministrator"})
_NO_SIGN_IN: Final = frozenset({"gdmaillist", "gdservice"})


class HelpRefused(Enum):
    """Why nothing was done."""

    NOT_ALLOWED = "not-allowed"  # the access rules, or there is no such entry
    OWN = "own"  # one's own account is changed by its own pages
    PROVE_AGAIN = "prove-again"  # the helper's last sign-in is too long ago
    NO_SIGN_IN = "no-sign-in"  # a list, a program: nobody signs in to it here


class Issued(Struct, frozen=True):
    """A one-time password, shown this once; `ended`: how many sessions were ended. `must_change`: at the next
    sign-in it must be replaced, which holds for all mailboxes."""

    password: str
    account: Account
    ended: int
    must_change: bool

    def __repr__(self) -> str:
        return f"Issued({self.account!r}, <hidden>)"


class Helpdesk:
    """The engine of the pages below /administration. Everything may raise StoreUnavailable, Unavailable or
    Busy."""

    def __init__(
        self,
        *,
        directory: Directory,
        accounts: Accounts,
        book: SessionBook,
        factors: SecondFactors,
        letters: Letters,
        notes: Notes,
    ) -> None:
        self._directory = directory
        self._accounts = accounts
        self._book = book
        self._factors = factors
        self._letters = letters
        self._notes = notes

    def is_proved(self, owner: Owner) -> bool:
        """Whether `owner` has signed in recently enough to help."""
        return self._book.is_recent(owner.session, HELPER_PROVED_MINUTES)

    async def one_time_password(self, owner: Owner, target_uuid: str) -> Issued | HelpRefused:
        """A generated password in place of the person's, as that caller would set it over LDAP.

        It opens nothing to whoever lacks the person's second factor.
        """
        target = self._target(owner, target_uuid)
        if isinstance(target, HelpRefused):
            return target
        handle = self._directory.as_caller(owner.account.caller)
        try:
            generated = await handle.change_password(f"dn:{target.dn}", None, None)
        except (InsufficientAccessRights, NoSuchObject):
            return self._noted(owner, target, HelpRefused.NOT_ALLOWED)
        except (ObjectClassViolation, ConstraintViolation):
            return HelpRefused.NO_SIGN_IN
        ended = await self._book.end_all(target.entry_uuid)
        self._note_done(Kind.PASSWORD, owner, target, Deed.ISSUED, ended)
        await self._letters.send(
            target, texts.PASSWORD_ISSUED, texts.PASSWORD_ISSUED_TEXT, None, by=owner.account.name
        )
        now = self._accounts.by_uuid(target_uuid) or target
        must_change = now.attributes.text("pwdReset") == "TRUE"
        return Issued((generated or b"").decode(), now, ended, must_change)

    async def end_sessions(self, owner: Owner, target_uuid: str) -> int | HelpRefused:
        """Ends all of somebody's sessions; how many there were."""
        target = self._target(owner, target_uuid)
        if isinstance(target, HelpRefused):
            return target
        ended = await self._book.end_all(target.entry_uuid)
        self._note_done(Kind.SESSION, owner, target, Deed.SIGNED_OUT, ended)
        if ended:
            await self._letters.send(
                target, texts.SESSIONS_ENDED, texts.SESSIONS_ENDED_TEXT, None, by=owner.account.name
            )
        return ended

    async def remove_factor(self, owner: Owner, target_uuid: str) -> bool | HelpRefused:
        """Takes somebody's second factor off, whose device is lost; whether there was one."""
        target = self._target(owner, target_uuid)
        if isinstance(target, HelpRefused):
            return target
        removed = await self._factors.remove(target.entry_uuid)
        if removed:
            self._note_done(Kind.FACTOR, owner, target, Deed.TAKEN_OFF)
            await self._letters.send(
                target, texts.FACTOR_REMOVED, texts.FACTOR_REMOVED_BY_TEXT, None, by=owner.account.name
            )
        return removed

    def _target(self, owner: Owner, entry_uuid: str) -> Account | HelpRefused:
        target = self._accounts.by_uuid(entry_uuid)
        if target is None:
            return HelpRefused.NOT_ALLOWED
        refused = self._refused(owner, target)
        if refused is not None:
            return self._noted(owner, target, refused)
        return target if self.is_proved(owner) else HelpRefused.PROVE_AGAIN

    def _refused(self, owner: Owner, target: Account) -> HelpRefused | None:
        """By the access rules, asked as that caller; None when nothing stands against it."""
        if target.entry_uuid == owner.account.entry_uuid:
            return HelpRefused.OWN
        handle = self._directory.as_caller(owner.account.caller)
        try:
            allowed = handle.may_write(target.dn, "userPassword")
        except InsufficientAccessRights:
            allowed = False
        if not allowed:
            return HelpRefused.NOT_ALLOWED
        classes = target.attributes.object_classes
        signs_in = not _SIGN_IN.isdisjoint(classes) and _NO_SIGN_IN.isdisjoint(classes)
        return None if signs_in else HelpRefused.NO_SIGN_IN

    def _noted(self, owner: Owner, target: Account, refused: HelpRefused) -> HelpRefused:
        if refused is HelpRefused.NOT_ALLOWED:
            detail = Detail(Deed.HELP, to=target.shown)
            self._notes.note(Kind.REFUSAL, "not-allowed", owner.account, owner.browser, detail=detail)
        return refused

    def _note_done(
        self, kind: Kind, owner: Owner, target: Account, deed: Deed, count: int | None = None
    ) -> None:
        detail = Detail(deed, count, by=owner.account.shown)
        self._notes.note(kind, "ok", target, owner.browser, detail=detail)
