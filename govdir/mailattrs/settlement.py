"""Which address a mailbox gets: the one asked for, if the regulation gives it, or the one it gives."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from functools import partial

from msgspec import Struct

from govdir.directory.errors import RuleViolation
from govdir.mailattrs import texts
from govdir.mailattrs.change import EntryChange
from govdir.mailattrs.domains import is_mail_domain, stands_for_another, stood_for
from govdir.mailattrs.ladder import (
    Candidate,
    HumanDecides,
    Proposal,
    Subject,
    Taken,
    candidates,
    is_for_lists,
    is_reserved,
    is_unlucky,
    local_part,
    parse_address,
    propose,
)
from govdir.mailattrs.refusals import Refusals
from govdir.policy.model import Citation, MailboxKind, MailboxRules, Pack


class AddressCheck(Enum):
    """How strictly a given address is judged.

    STRICT: it must be the one the regulation gives now. LADDER: any free form of that name (an existing
    directory in whatever order). KEEP: any free, well-formed address of the mail system; quotas and terms are
    taken over too.
    """

    STRICT = "strict"
    LADDER = "ladder"
    KEEP = "keep"


class Claim(Struct, frozen=True):
    """A mailbox that needs an address, whether somebody else holds one, and whether an operator asks."""

    subject: Subject
    taken: Taken
    by_operator: bool


class Settled(Struct, frozen=True):
    """The address, in lower case, and aliases registered with it; `by_ladder`: it is a form of the name."""

    address: str
    aliases: tuple[str, ...] = ()
    by_ladder: bool = False


class Settlement:
    """Decides claims by one pack. Every method raises RuleViolation for a refusal, and ParentNeeded."""

    def __init__(self, pack: Pack, refusals: Refusals, check: AddressCheck) -> None:
        self._pack = pack
        self._refusals = refusals
        self._check = check

    @property
    def keeps_addresses(self) -> bool:
        """Addresses are taken over whatever their form."""
        return self._check is AddressCheck.KEEP

    @property
    def judges_strictly(self) -> bool:
        """This is the directory itself, not one that is taken over."""
        return self._check is not AddressCheck.KEEP

    def keep(self, wanted: str, taken: Taken, rules: MailboxRules) -> Settled:
        """The address named, if it is one of this mail system and free."""
        self.check_usable(wanted.lower(), taken, rules.form_citation)
        return Settled(wanted.lower())

    def settle(self, claim: Claim, wanted: str | None) -> Settled:
        """The address for the claim; `wanted` is what the client named, if anything."""
        if wanted is not None:
            wanted = wanted.lower()
            if self._check is AddressCheck.LADDER and self._is_free_form(claim, wanted):
                return Settled(wanted, by_ladder=True)

        def accept(candidate: Candidate) -> bool:
            return not candidate.on_request or candidate.address == wanted

        outcome = propose(self._pack, claim.subject, claim.taken, accept)
        if isinstance(outcome, HumanDecides):
            if wanted is None:
                raise self._exhausted(outcome)
        elif wanted is None or wanted == outcome.address:
            return Settled(outcome.address, outcome.aliases, outcome.candidate.rank > 0)
        return self._judge(claim, wanted, outcome)

    def check_usable(
        self,
        address: str,
        taken: Taken,
        citation: Citation,
        *,
        suggestion: str | None = None,
        any_domain: bool = False,
    ) -> None:
        """Refuses what is no address of this mail system, or is taken; `citation` is the rule on its form.
        `any_domain`: somebody else looks at the domain."""
        parsed = parse_address(address)
        if parsed is None:
            why = texts.ADDRESS_MALFORMED.filled(address=address)
            raise self._refusals.violation("address-malformed", why, citation, suggestion)
        if not any_domain and not self._pack.has_domain(parsed[1]):
            raise self._elsewhere(address, suggestion)
        if taken(address):
            why = texts.ADDRESS_TAKEN.filled(address=address)
            raise self._refusals.violation("address-taken", why, self._pack.unique_citation, suggestion)

    def check_free_choice(
        self,
        address: str,
        taken: Taken,
        citation: Citation,
        *,
        suggestion: str | None = None,
        any_domain: bool = False,
    ) -> None:
        """The same, and refuses reserved names: for addresses that a human chooses, and aliases."""
        self.check_usable(address, taken, citation, suggestion=suggestion, any_domain=any_domain)
        if local_part(address) in self._pack.reserved or is_for_lists(self._pack, address):
            raise self._reserved(address, suggestion)

    def check_aliases(self, aliases: Iterable[str], change: EntryChange, citation: Citation) -> None:
        """Refuses aliases that are taken or reserved, or in no domain that mail is taken for."""
        for alias in map(str.lower, aliases):
            if self.keeps_addresses:
                self.check_usable(alias, change.taken, citation, any_domain=True)
            else:
                self.check_free_choice(alias, change.taken, citation, any_domain=True)
            if not self._pack.has_domain(alias.rpartition("@")[2]):
                change.near.afterwards(partial(self._check_domain, alias, change))
            self._check_stands_for_nobody(alias, change)

    def _check_domain(self, address: str, change: EntryChange) -> None:
        if not is_mail_domain(address.rpartition("@")[2], change.near):
            raise self._elsewhere(address, None)

    def _check_stands_for_nobody(self, address: str, change: EntryChange) -> None:
        """What others have by its domain alone is for operators to give away."""
        other = None if change.by_operator else stood_for(address, change.near)
        if other is not None and change.taken(other):
            why = stands_for_another(address, other)
            raise self._refusals.violation("address-taken", why, self._pack.unique_citation)

    def is_form(self, claim: Claim, wanted: str) -> bool:
        """Whether the address (lower case) is one of those the regulation has for the claim, free or not."""
        return any(form.address == wanted for form in candidates(self._pack, claim.subject))

    def _is_free_form(self, claim: Claim, wanted: str) -> bool:
        """What is not free is refused in the same words whoever judges."""
        return parse_address(wanted) is not None and self.is_form(claim, wanted) and not claim.taken(wanted)

    def _judge(self, claim: Claim, wanted: str, outcome: Proposal | HumanDecides) -> Settled:
        """`wanted` is not what the regulation gives; is it a choice somebody may make?"""
        right = outcome.address if isinstance(outcome, Proposal) else None
        rules = claim.subject.rules
        exhausted = isinstance(outcome, HumanDecides)
        unlucky = is_unlucky(self._pack, rules.kind, wanted) and self.is_form(claim, wanted)
        leaves_choice = exhausted or unlucky or rules.kind.is_body or rules.free_name is not None
        if rules.free_for_all or (claim.by_operator and leaves_choice):
            self.check_free_choice(wanted, claim.taken, rules.free_name or outcome.citation, suggestion=right)
            return Settled(wanted)
        if rules.kind is not MailboxKind.LIST and is_reserved(self._pack, rules.kind, wanted):
            raise self._reserved(wanted, right)
        if isinstance(outcome, HumanDecides):
            raise self._exhausted(outcome)
        if claim.taken(wanted) and self.is_form(claim, wanted):
            why = texts.ADDRESS_TAKEN.filled(address=wanted)
            raise self._refusals.violation("address-taken", why, outcome.citation, right)
        if unlucky:
            why = texts.ADDRESS_UNLUCKY.filled(address=wanted)
            raise self._refusals.violation("address-unlucky", why, self._pack.unlucky_citation, right)
        parsed = parse_address(wanted)
        if parsed is None or not self._pack.has_domain(parsed[1]):
            self.check_usable(wanted, claim.taken, outcome.citation, suggestion=right)
        why = texts.ADDRESS_WRONG_FORM.filled(address=wanted)
        raise self._refusals.violation("address-form", why, outcome.citation, right)

    def _elsewhere(self, address: str, suggestion: str | None) -> RuleViolation:
        why = texts.ADDRESS_DOMAIN.filled(address=address, domain=self._pack.domain)
        return self._refusals.violation("address-domain", why, self._pack.domain_citation, suggestion)

    def _reserved(self, address: str, suggestion: str | None) -> RuleViolation:
        why = texts.ADDRESS_RESERVED.filled(address=address)
        return self._refusals.violation("address-reserved", why, self._pack.reserved_citation, suggestion)

    def _exhausted(self, outcome: HumanDecides) -> RuleViolation:
        tried = outcome.tried
        why = texts.ADDRESS_EXHAUSTED.filled(tried=tried) if tried else texts.ADDRESS_OPEN
        return self._refusals.violation("address-exhausted", why, outcome.citation)
