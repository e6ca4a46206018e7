"""Whose people may share a mailbox: those of the agency it belongs to, its units' included."""

from __future__ import annotations

from govdir.directory.dn import Dn
from govdir.directory.entry import Attributes
from govdir.directory.errors import InvalidDn
from govdir.mailattrs.change import EntryChange
from govdir.mailattrs.places import name_of
from govdir.policy.model import MailboxKind


def agency_name(change: EntryChange) -> str:
    """What people call the agency of a mailbox: the entry itself, or the one around it."""
    agency = change.entry if _is_agency(change) else change.around.agency
    return "" if agency is None else name_of(agency) or ""


def is_of_agency(dn: str, change: EntryChange) -> bool:
    """Whether an entry stands in the agency of the mailbox; a mailbox of no agency is everybody's."""
    schema = change.entry.vocabulary.schema
    names = [Dn.parse(name, schema) for name in change.near.ancestor_names()]
    try:
        named = Dn.parse(dn, schema)
    except InvalidDn:
        return False
    if _is_agency(change):
        return not names or _is_below(named, change.entry, names[0])
    at = next((at for at, above in enumerate(change.above) if above is change.around.agency), None)
    return at is None or named.below(names[at]) is not None


def _is_agency(change: EntryChange) -> bool:
    return "gdorganization" in change.classes and change.kind is not MailboxKind.UNIT


def _is_below(named: Dn, entry: Attributes, parent: Dn) -> bool:
    """Whether `named` stands below the entry, which has no name yet where it is being added: among the
    entries of one parent, none but it holds the values of its RDN."""
    while named and named.parent != parent:
        named = named.parent
    if not named:
        return False
    held = {attribute: {value.lower() for value in entry.values(attribute)} for attribute, _ in named.rdn}
    return all(value.lower() in held[attribute] for attribute, value in named.rdn)
