"""Searches that return only those values that match (RFC 3876): one member of a list of ten thousand.

An attribute of which no value matches is returned with an empty set of values (§2, 4 ii). What other controls
add to an entry is not theirs to take away. Values are tried in turns: an entry may have a hundred thousand,
and a request two thousand items to try each by.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from govdir.directory.conditions import Condition
from govdir.directory.image import Image
from govdir.directory.matches import Annotated, Found, Matches
from govdir.directory.options import SearchOptions
from govdir.directory.resolve import resolve
from govdir.directory.rights_told import TOLD_OF_RIGHTS
from govdir.directory.shape import encode_values
from govdir.directory.vocabulary import Description, Vocabulary
from govdir.ldap.codec import ber
from govdir.ldap.codec.messages import SearchRequest

# Values tried between two points to breathe at, each by one item: 2 ms where they are names.
_BREATHE_EVERY: Final = 100


def with_matched_values(
    matches: Matches, request: SearchRequest, options: SearchOptions, image: Image
) -> Matches:
    """The same matches with matching values only, where that is asked for and there are any (§2, 2)."""
    if not options.matched_values or request.types_only:
        return matches
    items = [resolve(item, image) for item in options.matched_values]
    return Matches(_Matching(items, image.vocabulary).found(matches.found), matches.outcome)


class _Matching:
    """Leaves the values that pass one of the items."""

    __slots__ = ("_items", "_tried", "_vocabulary")

    def __init__(self, items: Sequence[Condition], vocabulary: Vocabulary) -> None:
        self._items = items
        self._vocabulary = vocabulary
        self._tried = 0

    def found(self, matches: Iterable[Found]) -> Iterator[Found]:
        """What a search comes upon, and more points to breathe at."""
        for found in matches:
            if isinstance(found, bytes):
                yield (yield from self._left(found))
            elif isinstance(found, Annotated):
                yield replace(found, content=(yield from self._left(found.content)))
            else:
                yield found

    def _left(self, content: bytes) -> Generator[None, None, bytes]:
        """The content octets of a SearchResultEntry with the values that pass."""
        entry = ber.Reader(content)
        name = entry.octets(ber.OCTET_STRING, "objectName")
        attributes = entry.enter(ber.SEQUENCE, "attributes")
        parts = []
        while not attributes.at_end:
            attribute = attributes.enter(ber.SEQUENCE, "PartialAttribute")
            kind = attribute.octets(ber.OCTET_STRING, "type")
            values = attribute.enter(ber.SET, "vals")
            parts.append(encode_values(ber.octet_string(kind), (yield from self._passing(kind, values))))
        return ber.octet_string(name) + ber.sequence(*parts)

    def _passing(self, kind: bytes, values: ber.Reader) -> Generator[None, None, list[bytes]]:
        description = self._vocabulary.find(kind.decode())
        is_told = description is None or description.attribute.key in TOLD_OF_RIGHTS
        found = []
        while not values.at_end:
            value = values.octets(ber.OCTET_STRING, "value")
            if description is None or is_told or (yield from self._passes(description, value)):
                found.append(value)
        return found

    def _passes(self, description: Description, value: bytes) -> Generator[None, None, bool]:
        for item in self._items:
            self._tried += 1
            if self._tried >= _BREATHE_EVERY:
                self._tried = 0
                yield None
            if item.selects(description, value):
                return True
        return False
