"""Addresses of entries: what a new mailbox, body or list gets, and what follows when it changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from govdir.directory.entry import Attributes
from govdir.directory.errors import RuleViolation
from govdir.mailattrs import labels, persons, texts
from govdir.mailattrs.bodies import BodyRegister, ending
from govdir.mailattrs.change import EntryChange
from govdir.mailattrs.ladder import HumanDecides, Proposal, Subject, local_part, propose, rules_of
from govdir.mailattrs.names import InvalidName, InvalidPersonName, PersonName
from govdir.mailattrs.places import ROLE, kind_of
from govdir.mailattrs.refusals import Refusals
from govdir.mailattrs.settlement import Claim, Settled, Settlement
from govdir.mailattrs.sizes import check_sizes, drop_sizes_of, fill_sizes
from govdir.policy.model import Citation, MailboxKind, MailboxRules, Pack

_ASKED_FOR = "*"
"""mail: * asks for the address the regulation gives now, as leaving it out of a new entry does."""

_UID_ASKED_FOR = ((), (_ASKED_FOR,))
"""uid=* in an entry's name asks for the uid the regulation gives, as leaving it out of a new one does."""


class Addressing:
    """One pack's rules on addresses of entries. Raises RuleViolation, InvalidName."""

    def __init__(self, pack: Pack, refusals: Refusals, settlement: Settlement) -> None:
        self._pack = pack
        self._refusals = refusals
        self._settlement = settlement
        self._bodies = BodyRegister(pack, refusals, strictly=settlement.judges_strictly)

    def give(self, change: EntryChange, person: PersonName | None) -> None:
        """mail, its aliases, uid, gdMailboxKind and the sizes of a new mailbox or list, a body's label."""
        entry, kind = change.entry, change.kind
        self._bodies.check_open(change)
        wanted = self._single_mail(change)
        if wanted == _ASKED_FOR:
            wanted = None
            entry.remove("mail")
        aliases = tuple(alias.lower() for alias in entry.texts("mailLocalAddress"))
        if kind is None:
            if wanted is None:
                raise self._address_needed(kind)
            self._settlement.check_free_choice(wanted.lower(), change.taken, self._pack.unique_citation)
            self._settlement.check_aliases(aliases, change, self._pack.unique_citation)
            self._check_own_choices(change, (wanted.lower(), *aliases))
            entry.replace("mail", (wanted.lower(),))
            entry.replace("gdMailboxKind", (ROLE,))
            return
        rules = rules_of(self._pack, kind)
        if wanted is not None and self._settlement.keeps_addresses:
            settled = self._settlement.keep(wanted, change.taken, rules)
        else:
            settled = self._settlement.settle(
                self._claim(change, self._subject(rules, change, person)), wanted
            )
        chosen = [alias for alias in aliases if alias not in settled.aliases and alias != settled.address]
        self._settlement.check_aliases(chosen, change, rules.exhausted)
        self._check_own_choices(change, (settled.address, *chosen) if rules.free_for_all else chosen)
        _put_address(entry, settled, [alias for alias in settled.aliases if not change.taken(alias)])
        _fill_mailbox(entry, kind, rules)
        check_sizes(entry, rules, self._refusals, strictly=self._settlement.judges_strictly)
        if kind.is_body:
            self._bodies.enter(change, self._subject(rules, change, None), settled)

    def enter_body(self, change: EntryChange, kind: MailboxKind) -> None:
        """What a body without a mailbox registers."""
        rules = self._pack.mailbox(kind)
        if rules is None:
            self._bodies.enter_unprovided(change)
        else:
            self._bodies.enter(change, self._subject(rules, change, None), None)

    def follow(self, before: Attributes, change: EntryChange) -> None:
        """A changed address is judged as a new one is and the old one kept as an alias; sizes follow.

        A body that takes no new mailboxes takes none from elsewhere.
        """
        if change.near.moved:
            self._bodies.check_open(change)
        self._follow_address(before, change)
        self._bodies.follow(before, change)
        self._follow_kind(before, change)

    def _follow_address(self, before: Attributes, change: EntryChange) -> None:
        entry, old = change.entry, before.text("mail")
        if old is None:
            self.give(change, self.person_of(change))
            return
        wanted = self._single_mail(change)
        if wanted is None:
            raise self._refusals.violation("address-needed", texts.ADDRESS_NEEDED, self.citation(change.kind))
        if wanted == _ASKED_FOR or entry.texts("uid") == (_ASKED_FOR,):
            wanted = self._given_anew(before, old, change)
        fresh = {text.lower() for text in entry.texts("mailLocalAddress")} - change.own - {wanted.lower()}
        if wanted.lower() == old.lower():
            _put_address(entry, Settled(old), [])
        else:
            self._move_address(old, wanted.lower(), change)
        self._settlement.check_aliases(sorted(fresh), change, self.citation(change.kind))
        self._check_own_choices(change, sorted(fresh))

    def _given_anew(self, before: Attributes, old: str, change: EntryChange) -> str:
        """The address for the name and place the entry has now: `old`, if it still is a form of that name and
        no other label was registered."""
        if change.kind is None:
            raise self._address_needed(None)
        claim = self._claim_of(change, change.kind)
        labelled = before.values("gdOrgCode") == change.entry.values("gdOrgCode")
        if labelled and self._settlement.is_form(claim, old.lower()):
            return old
        return self._settlement.settle(claim, None).address

    def proposal(self, change: EntryChange) -> Proposal | HumanDecides | None:
        """What the regulation gives the entry as it is, for telling people why; None for a mailbox it does
        not describe."""
        if change.kind is None:
            return None
        return propose(self._pack, self._claim_of(change, change.kind).subject, change.taken)

    def _move_address(self, old: str, wanted: str, change: EntryChange) -> None:
        entry, kind = change.entry, change.kind
        if kind is None:
            self._settlement.check_free_choice(wanted, change.taken, self._pack.unique_citation)
            settled = Settled(wanted)
        else:
            settled = self._settlement.settle(self._claim_of(change, kind), wanted)
        if kind is None or rules_of(self._pack, kind).free_for_all:
            self._check_own_choices(change, (settled.address,))
        _put_address(entry, settled, [old])
        again = (old.lower(), settled.address)
        previous = (text for text in entry.texts("gdPreviousAddress") if text.lower() not in again)
        entry.replace("gdPreviousAddress", (*previous, old))

    def _check_own_choices(self, change: EntryChange, addresses: Iterable[str]) -> None:
        """Refuses whoever is no operator an address of its own choice outside its agency's names.

        Names without the agency's label are the whole province's: chutich@, and every other agency's.
        """
        if change.by_operator:
            return
        place = change.around.fields(self._pack.domain)
        endings = ending(place)
        own_domain = f"{place['parent.domain']}.{self._pack.domain}" if "parent.domain" in place else None
        for address in addresses:
            local, _, domain = address.partition("@")
            if not local.endswith(endings) and domain != own_domain:
                why = texts.ADDRESS_FOR_OPERATORS.filled(address=address)
                raise self._refusals.violation("address-operator", why, self.citation(change.kind))

    def _claim_of(self, change: EntryChange, kind: MailboxKind) -> Claim:
        subject = self._subject(rules_of(self._pack, kind), change, self.person_of(change))
        return self._claim(change, subject)

    @staticmethod
    def _claim(change: EntryChange, subject: Subject) -> Claim:
        return Claim(subject, change.taken, change.by_operator)

    def _subject(self, rules: MailboxRules, change: EntryChange, person: PersonName | None) -> Subject:
        around = change.around
        place = around.fields(self._pack.domain)
        if person is not None:
            return Subject(rules, person.fields(place), around.place)
        override = labels.find_override(self._pack, rules.kind, change.name, around.parent_names())
        return Subject(rules, self.body_fields(rules, change, place), around.place, override)

    def body_fields(
        self, rules: MailboxRules, change: EntryChange, place: Mapping[str, str]
    ) -> dict[str, str]:
        """Of a body or list; a label is registered by gdOrgCode, or by an ou (cn of a list) that is one."""
        entry = change.entry
        label = entry.text("gdOrgCode")
        if label is None:
            stated = entry.text("cn" if rules.kind is MailboxKind.LIST else "ou")
            label = stated if stated is not None and labels.is_label(stated) else None
        return labels.fields(rules, self._pack.words, name=change.name, label=label, place=place)

    def read_name(self, entry: Attributes) -> PersonName:
        """Of a new entry; a directory whose addresses are kept may hold names that no address comes from."""
        try:
            return persons.read_name(entry)
        except InvalidPersonName:
            if "mail" not in entry or "cn" not in entry or not self._settlement.keeps_addresses:
                raise
            return persons.unread_name(entry)

    def person_of(self, change: EntryChange) -> PersonName | None:
        personal = change.kind is not None and change.kind.is_personal
        return persons.read_name(change.entry) if personal else None

    def _single_mail(self, change: EntryChange) -> str | None:
        mails = change.entry.texts("mail")
        if len(mails) > 1:
            raise self._refusals.violation("address-single", texts.ADDRESS_SINGLE, self.citation(change.kind))
        return mails[0].strip() if mails else None

    def _follow_kind(self, before: Attributes, change: EntryChange) -> None:
        """The sizes of the old kind become those of the new one, unless they were set by hand."""
        entry, kind = change.entry, change.kind
        if kind is None:
            return
        try:
            old_kind = kind_of(before, before.object_classes, change.around)
        except InvalidName:
            old_kind = None
        old = self._pack.mailbox(old_kind) if old_kind is not None else None
        if old is not None and old_kind is not kind:
            drop_sizes_of(old, entry)
        rules = rules_of(self._pack, kind)
        _fill_mailbox(entry, kind, rules)
        if any(entry.values(size) != before.values(size) for size in ("mailQuota", "maxMessageSize")):
            check_sizes(entry, rules, self._refusals, strictly=self._settlement.judges_strictly)

    # -- refusals

    def _address_needed(self, kind: MailboxKind | None) -> RuleViolation:
        return self._refusals.violation("address-needed", texts.ADDRESS_NEEDED, self.citation(kind))

    def citation(self, kind: MailboxKind | None) -> Citation:
        rules = self._pack.mailbox(kind) if kind is not None else None
        return rules.form_citation if rules is not None else self._pack.unique_citation


def _put_address(entry: Attributes, settled: Settled, more_aliases: list[str]) -> None:
    """mail and, behind those held, the aliases; the primary address is none of them."""
    entry.replace("mail", (settled.address,))
    held = entry.texts("mailLocalAddress")
    aliases = {alias.lower(): alias for alias in (*more_aliases, *held)}
    aliases.pop(settled.address.lower(), None)
    if more_aliases or len(aliases) != len(held):
        entry.replace("mailLocalAddress", aliases.values())


def _fill_mailbox(entry: Attributes, kind: MailboxKind, rules: MailboxRules) -> None:
    """gdMailboxKind, uid of persons, and the sizes, where the client did not say."""
    fill_sizes(entry, kind, rules)
    if kind is MailboxKind.LIST:
        return
    entry.replace("gdMailboxKind", (kind.attribute_value,))
    mail = entry.text("mail")
    if kind.is_personal and mail is not None and entry.texts("uid") in _UID_ASKED_FOR:
        entry.replace("uid", (local_part(mail),))
