"""What came back, brought into a form in which two servers can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from govdir.directory.dn import Dn
from govdir.ldap.codec import ber
from govdir.ldap.codec.controls import oids
from govdir.ldap.codec.controls.list_view import decode_list_view_result
from govdir.ldap.codec.controls.paged_results import decode_paged_results
from govdir.ldap.codec.decode import decode_message
from govdir.ldap.codec.messages import Control, SearchResultEntry
from govdir.schema.registry import load_schema
from interop.ldap.differential.client import Came

_SCHEMA: Final = load_schema()

# What two servers cannot have in common.
_THEIR_OWN: Final = frozenset({"entryuuid", "entrycsn", "createtimestamp", "modifytimestamp"})

# Two different orders in which no order was asked for are the same.
Entry = tuple[str, tuple[tuple[str, tuple[bytes, ...]], ...]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result as it counts: texts left out, names in their normalised form."""

    code: int
    matched: str
    entries: tuple[Entry, ...]
    references: tuple[tuple[str, ...], ...]
    controls: tuple[tuple[str, object], ...]
    value: bytes | None


def outcome_of(came: Came, *, ordered: bool = False) -> Outcome:
    """The outcome; `ordered`: the order of entries matters."""
    entries = tuple(map(_entry, came.entries))
    return Outcome(
        came.code,
        _name(came.matched),
        entries if ordered else tuple(sorted(entries)),
        came.references,
        tuple(sorted((control.oid, _meaning(control)) for control in came.controls)),
        came.value,
    )


def _entry(entry: SearchResultEntry) -> Entry:
    attributes = sorted(
        (attribute.type.lower(), tuple(sorted(attribute.values)))
        for attribute in entry.attributes
        if attribute.type.lower() not in _THEIR_OWN
    )
    return _name(entry.object_name), tuple(attributes)


def _name(text: str) -> str:
    return Dn.parse(text, _SCHEMA).key if text else ""


def _meaning(control: Control) -> object:
    """The value of a response control, without what only its server understands."""
    if control.oid == oids.PAGED_RESULTS:
        return bool(decode_paged_results(control).cookie)
    if control.oid == oids.VIRTUAL_LIST_VIEW_RESPONSE:
        view = decode_list_view_result(control)
        return (view.position, view.count, int(view.code))
    if control.oid in (oids.PRE_READ, oids.POST_READ):
        message = ber.sequence(ber.integer(1), control.value or b"")
        operation = decode_message(message).operation
        assert isinstance(operation, SearchResultEntry)
        return _entry(operation)
    return control.value
