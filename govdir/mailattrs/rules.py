"""The regulation at work on entries: what an add or a change fills in, and what it refuses."""

from __future__ import annotations

from govdir.directory.entry import Attributes
from govdir.directory.errors import RuleViolation
from govdir.directory.rules import Actor, Neighbourhood
from govdir.mailattrs import persons
from govdir.mailattrs.address_terms import AddressTerms
from govdir.mailattrs.addressing import Addressing
from govdir.mailattrs.change import CONTACTS, EntryChange, addresses, changed_attributes, has_address
from govdir.mailattrs.composed import compose_names
from govdir.mailattrs.delegation import Delegations
from govdir.mailattrs.domains import DOMAIN_CLASS, MailDomains
from govdir.mailattrs.ladder import ParentNeeded
from govdir.mailattrs.leftovers import drop_leftovers
from govdir.mailattrs.lists import MailLists
from govdir.mailattrs.names import InvalidName, InvalidPersonName
from govdir.mailattrs.password_limits import PasswordLimits
from govdir.mailattrs.places import REGULATED
from govdir.mailattrs.refusals import Refusals
from govdir.mailattrs.settlement import AddressCheck, Settlement
from govdir.mailattrs.sharing import SharedMailboxes
from govdir.mailattrs.state_changes import StateChanges
from govdir.policy.model import MailboxKind, Pack
from govdir.policy.texts import Language


class MailRules:
    """Implements directory.rules.EntryRules for one pack.

    `address_check` other than STRICT is for taking over existing directories; with `approval` what an agency
    adds waits for an approver. `old_address_months`: how long the address before a rename goes on receiving,
    0: for good.
    """

    def __init__(
        self,
        pack: Pack,
        language: Language = Language.VIETNAMESE,
        address_check: AddressCheck = AddressCheck.STRICT,
        *,
        approval: bool = False,
        old_address_months: int = 0,
    ) -> None:
        self._pack = pack
        self._refusals = Refusals(language)
        settlement = Settlement(pack, self._refusals, address_check)
        self._addressing = Addressing(pack, self._refusals, settlement)
        self._terms = AddressTerms(pack, self._refusals, old_address_months)
        self._sharing = SharedMailboxes(pack, self._refusals, strictly=address_check is not AddressCheck.KEEP)
        self._lists = MailLists(pack, self._refusals)
        self._states = StateChanges(pack, self._refusals)
        self._domains = MailDomains(pack, self._refusals)
        self._password_limits = PasswordLimits(pack, self._refusals)
        self._delegations = Delegations(pack, self._refusals, approval=approval)

    def complete_add(self, attributes: Attributes, near: Neighbourhood, actor: Actor) -> None:
        """Fills in what follows from name and place; raises RuleViolation."""
        if DOMAIN_CLASS in attributes.object_classes:
            self._domains.check(None, attributes, near)
        self._password_limits.check(attributes)
        if REGULATED.isdisjoint(attributes.object_classes):
            return
        compose_names(attributes)
        try:
            change = EntryChange(attributes, near, actor, frozenset())
            self._delegations.begin(change)
            self._complete(change)
            self._sharing.begin(change)
            self._lists.begin(change)
        except InvalidName as error:
            raise self._refusal_of(error) from None

    def complete_modify(
        self, before: Attributes, after: Attributes, near: Neighbourhood, actor: Actor
    ) -> None:
        """Lets the derived attributes follow a change from `before` to `after`; raises RuleViolation.

        An address given up stays as an alias.
        """
        drop_leftovers(before, after)
        if DOMAIN_CLASS in after.object_classes:
            self._domains.check(before, after, near)
        self._password_limits.check(after)
        self._sharing.check_kept(before, after)
        if REGULATED.isdisjoint(after.object_classes):
            return
        changed = changed_attributes(before, after)
        compose_names(after, changed)
        if changed and changed <= CONTACTS:
            return
        try:
            change = EntryChange(after, near, actor, frozenset(addresses(before)))
            self._delegations.follow(before, change, changed)
            if change.has_address and not has_address(before.object_classes):
                self._delegations.begin(change)
                self._complete(change)
            else:
                self._follow(before, change)
            self._sharing.follow(before, change)
            self._lists.follow(before, change)
        except InvalidName as error:
            raise self._refusal_of(error) from None

    def check_delete(self, attributes: Attributes, near: Neighbourhood, actor: Actor) -> None:
        """Mailboxes that are the operators' to run are theirs to delete; the system's domain is nobody's."""
        self._domains.check_delete(attributes)
        try:
            self._delegations.check_delete(attributes, near, actor)
        except InvalidName as error:
            raise self._refusal_of(error) from None

    def follow_named(self, before: Attributes, after: Attributes, near: Neighbourhood) -> None:
        """What follows, for a list or shared mailbox, from a change of somebody it names."""
        self._sharing.follow_named(before, after)
        self._lists.follow_named(after, near)

    def _complete(self, change: EntryChange) -> None:
        """Everything a new mailbox, list, body or person needs."""
        attributes, kind = change.entry, change.kind
        person = None
        if kind is not None and kind.is_personal:
            person = self._addressing.read_name(attributes)
            persons.fill_names(attributes, person, in_full="gdperson" in change.classes)
            persons.fill_display_name(self._pack, attributes, person, change.around)
        if change.has_address:
            self._addressing.give(change, person)
            self._terms.begin(change)
            self._states.begin(change)
        elif kind is not None and kind.is_body:
            self._addressing.enter_body(change, kind)

    def _follow(self, before: Attributes, change: EntryChange) -> None:
        """What a change of an entry that already was regulated takes with it."""
        after, kind = change.entry, change.kind
        if kind is not None and kind.is_personal:
            persons.follow_name(before, after)
            persons.follow_display_name(self._pack, before, after, change.around)
        if not change.has_address:
            return
        self._addressing.follow(before, change)
        self._terms.follow(before, change)
        self._states.follow(before, change)

    def _refusal_of(self, error: InvalidName) -> RuleViolation:
        kind = MailboxKind.AGENCY
        if isinstance(error, InvalidPersonName):
            kind = MailboxKind.PERSON
        elif isinstance(error, ParentNeeded):
            kind = error.kind
        return self._refusals.violation(error.rule, error.why, self._addressing.citation(kind))
