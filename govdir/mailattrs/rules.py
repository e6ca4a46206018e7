"""The regulation at work on entries: what an add or a change fills in, and what it refuses."""

from __future__ import annotations

import re
from collections.abc import Iterable

from govdir.directory.entry import Attributes
from govdir.directory.errors import RuleViolation
from govdir.directory.rules import Actor, Neighbourhood
from govdir.mailattrs import labels, persons, texts
from govdir.mailattrs.addresses import ParentNeeded, rules_of
from govdir.mailattrs.leftovers import drop_leftovers
from govdir.mailattrs.names import InvalidName, InvalidPersonName, PersonName
from govdir.mailattrs.places import REGULATED, ROLE, Surroundings, kind_of, name_of
from govdir.mailattrs.refusals import Refusals
from govdir.mailattrs.settlement import AddressCheck, Claim, Settled, Settlement
from govdir.mailattrs.states import LIST_SERVICES, STATE_OF_STATUS, State, may_follow, services
from govdir.policy.model import Citation, MailboxKind, MailboxRules, Pack
from govdir.policy.texts import Language

# Attributes that no rule reads or derives from: a change of them alone needs no judging.
_CONTACTS = frozenset(
    {
        "description",
        "facsimiletelephonenumber",
        "homephone",
        "mobile",
        "preferredlanguage",
        "roomnumber",
        "telephonenumber",
        "title",
    }
)


class MailRules:
    """Implements directory.rules.EntryRules for one pack.

    `address_check` other than STRICT is for taking over existing directories.
    """

    def __init__(
        self,
        pack: Pack,
        language: Language = Language.VIETNAMESE,
        address_check: AddressCheck = AddressCheck.STRICT,
    ) -> None:
        self._pack = pack
        self._refusals = Refusals(language)
        self._settlement = Settlement(pack, self._refusals, address_check)

    def complete_add(self, attributes: Attributes, near: Neighbourhood, actor: Actor) -> None:
        """Fills in what follows from name and place; raises RuleViolation."""
        if REGULATED.isdisjoint(attributes.object_classes):
            return
        try:
            self._complete(_Change(attributes, near, actor, frozenset()))
        except InvalidName as error:
            raise self._refusal_of(error) from None

    def complete_modify(
        self, before: Attributes, after: Attributes, near: Neighbourhood, actor: Actor
    ) -> None:
        """Lets the derived attributes follow a change from `before` to `after`; raises RuleViolation.

        An address given up stays as an alias.
        """
        drop_leftovers(before, after)
        if REGULATED.isdisjoint(after.object_classes) or _only_contacts(before, after):
            return
        try:
            change = _Change(after, near, actor, frozenset(_addresses(before)))
            if change.has_address and not _has_address(before.object_classes):
                self._complete(change)
            else:
                self._follow(before, change)
        except InvalidName as error:
            raise self._refusal_of(error) from None

    def _complete(self, change: _Change) -> None:
        """Everything a new mailbox, list, body or person needs."""
        attributes, kind = change.entry, change.kind
        person = None
        if kind is not None and kind.is_personal:
            person = self._read_name(attributes)
            persons.fill_names(attributes, person, in_full="gdperson" in change.classes)
            persons.fill_display_name(self._pack, attributes, person, change.around)
        if change.has_address:
            if "gdmailbox" in change.classes:
                _state_from_status(attributes)
            self._give_address(change, person)
            _derive_services(change, self._state(attributes))
        elif kind is not None and kind.is_body and change.lacks_label:
            rules = rules_of(self._pack, kind)
            attributes.replace("gdOrgCode", (self._body_fields(rules, change)["label"],))

    def _follow(self, before: Attributes, change: _Change) -> None:
        """What a change of an entry that already was regulated takes with it."""
        after, kind = change.entry, change.kind
        if kind is not None and kind.is_personal:
            persons.follow_name(before, after)
            persons.follow_display_name(self._pack, before, after, change.around)
        if not change.has_address:
            return
        self._follow_address(before, change)
        self._follow_kind(before, change)
        state = self._state(after)
        old = self._state(before)
        if not may_follow(old, state):
            why = texts.STATE_TRANSITION.filled(before=old, after=state)
            raise self._refusals.violation("state", why, self._pack.state_citation)
        _derive_services(change, state)

    # -- addresses

    def _give_address(self, change: _Change, person: PersonName | None) -> None:
        """mail, its aliases, uid, gdOrgCode, gdMailboxKind and the sizes of a new mailbox or list."""
        entry, kind = change.entry, change.kind
        wanted = self._single_mail(change)
        aliases = tuple(alias.lower() for alias in entry.texts("mailLocalAddress"))
        if kind is None:
            if wanted is None:
                raise self._address_needed(kind)
            self._settlement.check_free_choice(wanted.lower(), change.taken, self._pack.unique_citation)
            self._settlement.check_aliases(aliases, change.taken, self._pack.unique_citation)
            self._check_own_choices(change, (wanted.lower(), *aliases))
            entry.replace("mail", (wanted.lower(),))
            entry.replace("gdMailboxKind", (ROLE,))
            return
        rules = rules_of(self._pack, kind)
        if wanted is not None and self._settlement.keeps_addresses:
            settled = self._settlement.keep(wanted, change.taken, rules)
        else:
            settled = self._settlement.settle(self._claim(rules, change, person), wanted)
        chosen = [alias for alias in aliases if alias not in settled.aliases and alias != settled.address]
        self._settlement.check_aliases(chosen, change.taken, rules.exhausted)
        self._check_own_choices(change, (settled.address, *chosen) if rules.free_for_all else chosen)
        _put_address(entry, settled, [alias for alias in settled.aliases if not change.taken(alias)])
        _fill_mailbox(entry, kind, rules)
        self._check_sizes(entry, rules)
        if kind.is_body and change.lacks_label:
            of_unit = kind is MailboxKind.UNIT
            label = self._body_fields(rules, change)["label"] if of_unit else _local_part(settled.address)
            entry.replace("gdOrgCode", (label,))

    def _follow_address(self, before: Attributes, change: _Change) -> None:
        """A changed address is judged as a new one is; the old one stays as an alias."""
        entry, old = change.entry, before.text("mail")
        if old is None:
            self._give_address(change, self._person_of(change))
            return
        wanted = self._single_mail(change)
        if wanted is None:
            raise self._refusals.violation(
                "address-needed", texts.ADDRESS_NEEDED, self._citation(change.kind)
            )
        fresh = {text.lower() for text in entry.texts("mailLocalAddress")} - change.own - {wanted.lower()}
        if wanted.lower() == old.lower():
            _put_address(entry, Settled(old), [])
        else:
            self._move_address(old, wanted.lower(), change)
        self._settlement.check_aliases(sorted(fresh), change.taken, self._citation(change.kind))
        self._check_own_choices(change, sorted(fresh))

    def _move_address(self, old: str, wanted: str, change: _Change) -> None:
        entry, kind = change.entry, change.kind
        if kind is None:
            self._settlement.check_free_choice(wanted, change.taken, self._pack.unique_citation)
            settled = Settled(wanted)
        else:
            claim = self._claim(rules_of(self._pack, kind), change, self._person_of(change))
            settled = self._settlement.settle(claim, wanted)
        if kind is None or rules_of(self._pack, kind).free_for_all:
            self._check_own_choices(change, (settled.address,))
        _put_address(entry, settled, [old])
        if kind is not MailboxKind.LIST:
            previous = (text for text in entry.texts("gdPreviousAddress") if text != old)
            entry.replace("gdPreviousAddress", (*previous, old))

    def _check_own_choices(self, change: _Change, addresses: Iterable[str]) -> None:
        """Refuses whoever is no operator an address of its own choice outside its agency's names.

        Names without the agency's label are the whole province's: chutich@, and every other agency's.
        """
        if change.by_operator:
            return
        label = change.around.parent_label("agency") or ""
        for address in addresses:
            if not label or not _local_part(address).endswith(f".{label}"):
                why = texts.ADDRESS_FOR_OPERATORS.filled(address=address)
                raise self._refusals.violation("address-operator", why, self._citation(change.kind))

    def _claim(self, rules: MailboxRules, change: _Change, person: PersonName | None) -> Claim:
        if person is not None:
            fields = person.fields(change.around.parent_label(rules.parent))
            return Claim(rules, fields, None, change.taken, change.by_operator)
        name = _body_name(change.entry)
        parents = change.around.parent_names()
        override = labels.find_override(self._pack, rules.kind, name, parents)
        return Claim(rules, self._body_fields(rules, change), override, change.taken, change.by_operator)

    def _body_fields(self, rules: MailboxRules, change: _Change) -> dict[str, str]:
        """Of a body or list; a label is registered by gdOrgCode, or by an ou (cn of a list) that is one."""
        entry = change.entry
        label = entry.text("gdOrgCode")
        if label is None:
            stated = entry.text("cn" if rules.kind is MailboxKind.LIST else "ou")
            label = stated if stated is not None and labels.is_label(stated) else None
        parent = change.around.parent_label(rules.parent)
        return labels.fields(rules, self._pack.words, name=_body_name(entry), label=label, parent=parent)

    def _read_name(self, entry: Attributes) -> PersonName:
        """Of a new entry; a directory whose addresses are kept may hold names that no address comes from."""
        try:
            return persons.read_name(entry)
        except InvalidPersonName:
            if "mail" not in entry or "cn" not in entry or not self._settlement.keeps_addresses:
                raise
            return persons.unread_name(entry)

    def _person_of(self, change: _Change) -> PersonName | None:
        personal = change.kind is not None and change.kind.is_personal
        return persons.read_name(change.entry) if personal else None

    def _single_mail(self, change: _Change) -> str | None:
        mails = change.entry.texts("mail")
        if len(mails) > 1:
            raise self._refusals.violation(
                "address-single", texts.ADDRESS_SINGLE, self._citation(change.kind)
            )
        return mails[0].strip() if mails else None

    # -- kinds and states

    def _follow_kind(self, before: Attributes, change: _Change) -> None:
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
            for attribute, size in (("mailQuota", old.quota), ("maxMessageSize", old.maximum_message_size)):
                if entry.text(attribute) == str(size):
                    entry.remove(attribute)
        _fill_mailbox(entry, kind, rules_of(self._pack, kind))
        if any(entry.values(size) != before.values(size) for size in ("mailQuota", "maxMessageSize")):
            self._check_sizes(entry, rules_of(self._pack, kind))

    def _check_sizes(self, entry: Attributes, rules: MailboxRules) -> None:
        """Refuses what is no size, and a quota over the regulation's, unless a directory is taken over."""
        for attribute in ("mailQuota", "maxMessageSize"):
            if _size(entry, attribute) not in _SIZES:
                why = texts.SIZE_IMPOSSIBLE.filled(attribute=attribute)
                raise self._refusals.violation("size", why, rules.quota_citation)
        quota = _size(entry, "mailQuota")
        if rules.quota and not 0 < quota <= rules.quota and self._settlement.judges_strictly:
            why = texts.QUOTA_TOO_LARGE.filled(quota=quota, maximum=rules.quota)
            raise self._refusals.violation("quota", why, rules.quota_citation)

    def _state(self, entry: Attributes) -> State:
        said = entry.text("gdState") or State.ACTIVE.value
        try:
            return State(said.lower())
        except ValueError:
            why = texts.STATE_UNKNOWN.filled(state=said, known=", ".join(State))
            raise self._refusals.violation("state", why, self._pack.state_citation) from None

    # -- refusals

    def _address_needed(self, kind: MailboxKind | None) -> RuleViolation:
        return self._refusals.violation("address-needed", texts.ADDRESS_NEEDED, self._citation(kind))

    def _citation(self, kind: MailboxKind | None) -> Citation:
        rules = self._pack.mailbox(kind) if kind is not None else None
        return rules.ladder[0].citation if rules is not None else self._pack.unique_citation

    def _refusal_of(self, error: InvalidName) -> RuleViolation:
        kind = MailboxKind.AGENCY
        if isinstance(error, InvalidPersonName):
            kind = MailboxKind.PERSON
        elif isinstance(error, ParentNeeded):
            kind = MailboxKind.UNIT
        return self._refusals.violation(error.rule, error.why, self._citation(kind))


_SIZE = re.compile("[0-9]{1,19}")

_SIZES = range(1 << 63)
"""Mail servers read sizes as signed numbers of 64 bits, which have at most 19 digits."""

_UID_ASKED_FOR = ((), ("*",))
"""uid=* in a new entry's name asks for the uid the regulation gives, as leaving it out does."""


class _Change:
    """One entry on its way in: what it is, what is around it, and who asks."""

    __slots__ = ("around", "by_operator", "classes", "entry", "kind", "near", "own")

    def __init__(self, entry: Attributes, near: Neighbourhood, actor: Actor, own: frozenset[str]) -> None:
        self.entry = entry
        self.near = near
        self.by_operator = actor.is_operator
        self.own = own
        self.around = Surroundings.of(near.ancestors())
        self.classes = entry.object_classes
        self.kind = kind_of(entry, self.classes, self.around)

    @property
    def has_address(self) -> bool:
        """It is a mailbox or a list."""
        return _has_address(self.classes)

    @property
    def lacks_label(self) -> bool:
        """It is a body whose label is not registered yet."""
        return "gdOrgCode" not in self.entry and "gdorganization" in self.classes

    def taken(self, address: str) -> bool:
        """Whether somebody else holds it, or nobody may have it again."""
        return address not in self.own and self.near.address_holder(address) is not None


def _addresses(entry: Attributes) -> list[str]:
    return [text.lower() for text in (*entry.texts("mail"), *entry.texts("mailLocalAddress"))]


def _has_address(classes: frozenset[str]) -> bool:
    return "gdmailbox" in classes or "gdmaillist" in classes


def _local_part(address: str) -> str:
    return address.partition("@")[0]


def _body_name(entry: Attributes) -> str:
    return name_of(entry) or entry.text("cn") or ""


def _state_from_status(entry: Attributes) -> None:
    """What another directory closed stays closed: gdState from accountStatus, where only that is given."""
    status = entry.text("accountStatus")
    if status is not None and "gdState" not in entry:
        entry.replace("gdState", (STATE_OF_STATUS.get(status.lower(), State.ACTIVE).value,))


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
    if "maxMessageSize" not in entry:
        entry.replace("maxMessageSize", (str(rules.maximum_message_size),))
    if kind is MailboxKind.LIST:
        return
    entry.replace("gdMailboxKind", (kind.attribute_value,))
    if "mailQuota" not in entry:
        entry.replace("mailQuota", (str(rules.quota),))
    mail = entry.text("mail")
    if kind.is_personal and mail is not None and entry.texts("uid") in _UID_ASKED_FOR:
        entry.replace("uid", (_local_part(mail),))


def _size(entry: Attributes, attribute: str) -> int:
    """A number of bytes, 0 where there is none, -1 for what no mail server could read."""
    text = entry.text(attribute) or "0"
    return int(text) if _SIZE.fullmatch(text) else -1


def _derive_services(change: _Change, state: State) -> None:
    """gdState as it is stored, and what mail servers see of it."""
    entry, seen = change.entry, LIST_SERVICES
    if "gdmailbox" in change.classes:
        seen = services(state, must_change_password=entry.text("pwdReset") == "TRUE")
        entry.replace("gdState", (state.value,))
    entry.replace("accountStatus", (seen.account_status,))
    entry.replace("enabledService", seen.enabled)


def _only_contacts(before: Attributes, after: Attributes) -> bool:
    """Whether something has changed, and nothing but how to reach somebody. A move changes no attribute."""
    changed = {
        description.attribute.key
        for description in {*before, *after}
        if before.get(description) != after.get(description)
    }
    return bool(changed) and changed <= _CONTACTS
