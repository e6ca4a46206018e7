"""What administrators do for others: a one-time password, ending sessions, taking a lost device off.

Each asks for the same right: to set that person's password, by the access rules. Who has it could sign in as
that person anyway; who lacks a role or office of the person's has it not (directory.roles).
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from govdir.sso.accounts import Account
from govdir.sso.sign_in.self_service import Owner


class HelpRefused(Enum):
    """Why nothing was done."""

    NOT_ALLOWED = "not-allowed"  # the access rules, or there is no such entry
    OWN = "own"  # one's own account is changed by its own pages
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
    """The engine of the pages below /administration. Everything may raise StoreUnavailable or Busy."""

    def may_help(self, owner: Owner, target: Account) -> bool:
        """Whether the operations below are open to `owner` for this account."""
        raise NotImplementedError

    async def one_time_password(self, owner: Owner, target_uuid: str) -> Issued | HelpRefused:
        """A generated password in place of the person's, as that caller would set it over LDAP."""
        raise NotImplementedError

    async def end_sessions(self, owner: Owner, target_uuid: str) -> int | HelpRefused:
        """Ends all of somebody's sessions; how many there were."""
        raise NotImplementedError

    async def remove_factor(self, owner: Owner, target_uuid: str) -> bool | HelpRefused:
        """Takes somebody's second factor off, whose device is lost; whether there was one."""
        raise NotImplementedError
