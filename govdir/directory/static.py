"""Entries that are no part of the tree: the root DSE and the subschema (RFC 4512 §4.2, §5.1)."""

from __future__ import annotations

from collections.abc import Sequence

from govdir.directory.access import AttributeSet, Grant
from govdir.directory.entry import Attributes
from govdir.directory.image import Image
from govdir.directory.ports import StoredEntry
from govdir.directory.resolve import resolve
from govdir.directory.selection import Selection
from govdir.ldap.codec.messages import SearchRequest

_ALL = AttributeSet(frozenset(), all_user=True, all_operational=True)
_EVERYONE = Grant(_ALL, _ALL, _ALL)


def static_content(
    image: Image, request: SearchRequest, dn: str, attributes: Sequence[tuple[str, bool, Sequence[bytes]]]
) -> bytes | None:
    """The content octets of the entry if the filter selects it, else None."""
    alone = Image(image.vocabulary)
    held = Attributes(image.vocabulary)
    for description, _operational, values in attributes:
        held.replace(description, values)
    shape, body = alone.shapes.encode(held)
    alone.put(StoredEntry(1, None, dn, "", shape.descriptor, body, None, alone.index_keys.of(held), 1))
    record = alone.root
    if record is None or resolve(request.filter, alone).matches(record, _EVERYONE) is not True:
        return None
    selection = Selection(request.attributes, image.vocabulary, types_only=request.types_only, computed=False)
    return selection.plan(shape, _EVERYONE).content(record, alone)
