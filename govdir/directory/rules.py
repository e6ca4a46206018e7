"""What the directory asks of the province's regulation, as protocols that `mailattrs` implements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from govdir.directory.entry import Attributes
from govdir.directory.password_policy import PasswordPolicy


class Actor(Struct, frozen=True):
    """Who makes a change.

    An operator decides where the regulation leaves the choice to one; an approver lets new mailboxes begin at
    this place. `is_holder`: the entry is the actor's own.
    """

    dn: str
    is_operator: bool
    may_approve: bool = False
    is_holder: bool = False


class Neighbourhood(Protocol):
    """What a rule may look at besides the entry itself."""

    @property
    def moment(self) -> datetime:
        """When the change is made; aware, UTC."""

    @property
    def new_password(self) -> bool:
        """Whether the same request sets a new password."""

    @property
    def moved(self) -> bool:
        """Whether the change brings the entry from below another superior."""

    def entry(self, dn: str) -> Attributes | None:
        """The entry of that name, None when there is none (or the text is no name)."""

    def address_holder(self, address: str) -> str | None:
        """The DN of the entry holding the address (lower case), "retired", or None when it is free."""

    def others_with(self, attribute: str, value: str) -> Sequence[Attributes]:
        """The other entries that have this value of an indexed attribute."""

    def ancestors(self) -> Sequence[Attributes]:
        """The entries above, parent first, up to the suffix."""

    def ancestor_names(self) -> Sequence[str]:
        """Their DNs, in the same order."""

    def afterwards(self, check: Callable[[], None]) -> None:
        """Has `check` look at other entries once all that come together are here: at once for a single
        change, at the end of a load. It may raise RuleViolation."""


class EntryRules(Protocol):
    """The regulation at work on one entry. Raises RuleViolation; leaves entries that are no mailbox alone."""

    def complete_add(self, attributes: Attributes, near: Neighbourhood, actor: Actor) -> None:
        """Fills in what the regulation derives and refuses what it forbids."""

    def complete_modify(
        self, before: Attributes, after: Attributes, near: Neighbourhood, actor: Actor
    ) -> None:
        """The same for a change from `before` to `after`."""

    def check_delete(self, attributes: Attributes, near: Neighbourhood, actor: Actor) -> None:
        """Refuses what must not be deleted by this actor."""

    def follow_named(self, before: Attributes, after: Attributes, near: Neighbourhood) -> None:
        """For an entry that names another one which changes, moves or goes: derives anew what follows from
        the other, which `near.entry` gives as it will be. Raises RuleViolation where the other must stay."""


class PasswordRules(Protocol):
    """The regulation's and the product's rules on passwords."""

    def policy(self, attributes: Attributes) -> PasswordPolicy | None:
        """The clockwork of this entry's password; None for identities without rotation (services)."""

    def policy_name(self, attributes: Attributes) -> str | None:
        """The cn of the policy entry for entries of this kind; None for those without a policy (services, and
        what does not sign in)."""

    def check(self, candidate: str, attributes: Attributes) -> None:
        """Raises RuleViolation naming every broken rule."""

    def generate(self, attributes: Attributes, least: int = 0) -> str:
        """A random password that `check` accepts, of at least so many characters."""
