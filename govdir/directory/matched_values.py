"""Searches that return only those values that match (RFC 3876): one member of a list of ten thousand.

An attribute of which no value matches is returned with an empty set of values (§2, 4 ii). What other controls
add to an entry is not theirs to take away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from govdir.directory.access import Grant
from govdir.directory.access_view import AccessView
from govdir.directory.body_names import FROM_BODIES
from govdir.directory.conditions import Condition
from govdir.directory.dynamic import DYNAMIC
from govdir.directory.image import Image, Record
from govdir.directory.matches import Annotated, Sent
from govdir.directory.options import SearchOptions
from govdir.directory.resolve import resolve
from govdir.directory.selection import Planned, Selecting, Selection
from govdir.directory.shape import Shape, encode_values
from govdir.directory.vocabulary import Description, Vocabulary
from govdir.ldap.codec import ber

if TYPE_CHECKING:
    from govdir.directory.service import Directory


def with_matched_values(
    selection: Selecting, options: SearchOptions, directory: Directory, view: AccessView
) -> Selecting:
    """The selection that returns matching values only, where that is asked for and there are any (§2, 2)."""
    del view
    if not options.matched_values or (isinstance(selection, Selection) and selection.types_only):
        return selection
    items = [resolve(item, directory.image) for item in options.matched_values]
    return _Matching(selection, items, directory.vocabulary)


class _Matching:
    """A selection whose values pass one of the items."""

    __slots__ = ("_inner", "_items", "_vocabulary")

    def __init__(self, inner: Selecting, items: Sequence[Condition], vocabulary: Vocabulary) -> None:
        self._inner = inner
        self._items = items
        self._vocabulary = vocabulary

    def plan(self, shape: Shape, grant: Grant) -> Planned:
        return _MatchingPlan(self._inner.plan(shape, grant), shape, self)

    def left(self, content: bytes, shape: Shape) -> bytes:
        """The content octets of a SearchResultEntry with the values that pass."""
        entry = ber.Reader(content)
        name = entry.octets(ber.OCTET_STRING, "objectName")
        attributes = entry.enter(ber.SEQUENCE, "attributes")
        parts = []
        while not attributes.at_end:
            attribute = attributes.enter(ber.SEQUENCE, "PartialAttribute")
            kind = attribute.octets(ber.OCTET_STRING, "type")
            values = attribute.enter(ber.SET, "vals")
            parts.append(encode_values(ber.octet_string(kind), self._passing(kind, values, shape)))
        return ber.octet_string(name) + ber.sequence(*parts)

    def _passing(self, kind: bytes, values: ber.Reader, shape: Shape) -> list[bytes]:
        description = self._vocabulary.find(kind.decode())
        found = []
        while not values.at_end:
            value = values.octets(ber.OCTET_STRING, "value")
            if description is None or not _is_of(shape, description) or self._passes(description, value):
                found.append(value)
        return found

    def _passes(self, description: Description, value: bytes) -> bool:
        return any(item.selects(description, value) for item in self._items)


class _MatchingPlan:
    """One shape's entries, of their values those that pass."""

    __slots__ = ("_inner", "_matching", "_shape")

    def __init__(self, inner: Planned, shape: Shape, matching: _Matching) -> None:
        self._inner = inner
        self._shape = shape
        self._matching = matching

    def content(self, record: Record, image: Image) -> Sent:
        sent = self._inner.content(record, image)
        if isinstance(sent, Annotated):
            return replace(sent, content=self._matching.left(sent.content, self._shape))
        return self._matching.left(sent, self._shape)


def _is_of(shape: Shape, description: Description) -> bool:
    """Whether the attribute is of the entry itself, and not something that a control tells of it."""
    key = description.attribute.key
    return key in shape.by_attribute or key in DYNAMIC or key in FROM_BODIES
