"""Mail addresses by the regulation, without any directory: what a name and a place give."""

from __future__ import annotations

from collections.abc import Collection

from govdir.mailattrs import labels, names
from govdir.mailattrs.ladder import (
    Candidate,
    HumanDecides,
    KindNotProvided,
    ParentNeeded,
    Proposal,
    Skipped,
    Subject,
    Taken,
    by_rule,
    candidates,
    is_local_part,
    parse_address,
    propose,
    rules_of,
)
from govdir.mailattrs.stated_places import read_place
from govdir.policy.model import MailboxKind, Pack

__all__ = [
    "Candidate",
    "HumanDecides",
    "KindNotProvided",
    "ParentNeeded",
    "Proposal",
    "Skipped",
    "Subject",
    "Taken",
    "candidates",
    "is_local_part",
    "parse_address",
    "propose",
    "propose_address",
    "rules_of",
    "subject_of",
    "taken_among",
]


def taken_among(addresses: Collection[str]) -> Taken:
    """Asks whether an address is one of `addresses`; one without a domain is taken in every domain."""
    whole = {address.strip().lower() for address in addresses}

    def taken(address: str) -> bool:
        return address in whole or address.partition("@")[0] in whole

    return taken


def propose_address(  # noqa: PLR0917 (the order people write a name's parts in)
    pack: Pack,
    kind: MailboxKind,
    name: str,
    parent: str | None = None,
    taken: Collection[str] | Taken = (),
    surname: str | None = None,
    middle: str | None = None,
    given: str | None = None,
    *,
    unit: str | None = None,
    parent_kind: MailboxKind | None = None,
) -> Proposal | HumanDecides:
    """The address for a name, without any directory.

    `parent` and `parent_kind` say where the mailbox stands (stated_places.read_place); `unit`, the label of
    the unit of a person, asks for the forms made with it. `taken` holds addresses, or local parts, or tells.
    `surname`, `middle` and `given` go before the split of `name` for persons. Raises InvalidName
    (InvalidPersonName, InvalidBodyName, ParentNeeded, KindNotProvided).
    """
    subject = subject_of(
        pack,
        kind,
        name,
        parent,
        surname=surname,
        middle=middle,
        given=given,
        unit=unit,
        parent_kind=parent_kind,
    )
    held = taken_among(taken) if isinstance(taken, Collection) else taken
    return propose(pack, subject, held, by_rule if unit is None else _asked_for)


def subject_of(
    pack: Pack,
    kind: MailboxKind,
    name: str,
    parent: str | None = None,
    *,
    surname: str | None = None,
    middle: str | None = None,
    given: str | None = None,
    unit: str | None = None,
    parent_kind: MailboxKind | None = None,
) -> Subject:
    """The mailbox that is described so; raises InvalidName."""
    rules = rules_of(pack, kind)
    around = read_place(pack, parent, kind, kind=parent_kind, unit=unit)
    if kind.is_personal:
        person = names.split(name, surname=surname, middle=middle, given=given)
        return Subject(rules, person.fields(around.fields), around.place)
    fields = labels.fields(rules, pack.words, name=name, label=None, place=around.fields)
    override = labels.find_override(pack, kind, name, around.names)
    return Subject(rules, fields, around.place, override)


def _asked_for(_: Candidate) -> bool:
    return True
