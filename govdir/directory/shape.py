"""How an entry's attributes lie in memory and in the store.

A `body` is an offset table (n+1 little-endian offsets from the body's start) followed by n BER-encoded
PartialAttributes, user attributes first. Which attributes those are is the entry's `Shape`, one object
shared by all entries alike; so a search response is a join of slices and nothing is encoded twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate
from struct import Struct
from types import MappingProxyType
from typing import TYPE_CHECKING

from govdir.directory.entry import Attributes
from govdir.directory.roles import ROLE_CLASS
from govdir.directory.special import SPECIAL_CLASSES
from govdir.directory.vocabulary import MAX_SEEN, Description, Vocabulary
from govdir.ldap.codec import ber
from govdir.schema.definitions import AttributeType

if TYPE_CHECKING:
    from govdir.directory.image import Record

# Offsets take two bytes while a body fits in 64 KiB, four beyond (long member lists, photographs).
_NARROW, _WIDE = "H", "I"
_NARROW_LIMIT = 0xFFFF

# Orders in which clients name attributes; past this many the cache starts anew.
MAX_LAYOUTS = 4096

# Attributes that name holders of offices (directory.roles).
_OFFICES = frozenset({"gditadmin", "gdapprover"})

# Entries that name mail domains (directory.domains).
_DOMAIN_CLASS = "gdmaildomain"

_SEQUENCE = 0x30
_SET = 0x31
_OCTET_STRINGS = tuple(bytes((0x04, length)) for length in range(0x80))


class Shape:
    """Which attributes a body holds and where.

    `descriptions` are in body order, the first `user_count` of them user attributes; `position` maps a
    Description to its place; `by_attribute` maps an attribute type's key to the places of its descriptions
    (with options and subtypes); `classes` are the lower-case object classes with superiors; `gives_rights`
    tells entries that may give others roles or offices, `names_domain` those that may name mail domains,
    `receives` all but mailboxes that take no mail (which have a status and no service at all), `special`
    those that are not simply entries (directory.special); `members` are the image's entries of this shape.
    """

    __slots__ = (
        "by_attribute",
        "classes",
        "count",
        "descriptions",
        "descriptor",
        "gives_rights",
        "header_size",
        "members",
        "names_domain",
        "offsets",
        "pack",
        "position",
        "receives",
        "special",
        "user_count",
        "vocabulary",
    )

    def __init__(self, vocabulary: Vocabulary, descriptor: str) -> None:
        self.vocabulary = vocabulary
        self.descriptor = descriptor
        width, class_names, texts = descriptor.split("|")
        self.descriptions = tuple(vocabulary.describe(text) for text in texts.split())
        self.count = len(self.descriptions)
        self.user_count = sum(not description.operational for description in self.descriptions)
        self.position = {description: place for place, description in enumerate(self.descriptions)}
        self.classes = vocabulary.class_set(name.encode() for name in class_names.split()).closure
        self.by_attribute = self._places_by_attribute()
        self.gives_rights = ROLE_CLASS in self.classes or not _OFFICES.isdisjoint(self.by_attribute)
        self.receives = "accountstatus" not in self.by_attribute or "enabledservice" in self.by_attribute
        self.names_domain = _DOMAIN_CLASS in self.classes
        self.special = not SPECIAL_CLASSES.isdisjoint(self.classes)
        table = Struct(f"<{self.count + 1}{width}")
        self.header_size = table.size
        self.offsets: Callable[[bytes], tuple[int, ...]] = table.unpack_from
        self.pack: Callable[..., bytes] = table.pack  # type: ignore[explicit-any] # one number for each place
        self.members: set[Record] = set()

    def _places_by_attribute(self) -> dict[str, tuple[int, ...]]:
        places: dict[str, list[int]] = {}
        for place, description in enumerate(self.descriptions):
            attribute: AttributeType | None = description.attribute
            while attribute is not None:
                places.setdefault(attribute.key, []).append(place)
                attribute = attribute.superior
        return {key: tuple(held) for key, held in places.items()}

    def values(self, body: bytes, place: int) -> list[bytes]:
        """The values of the attribute at `place`."""
        offsets = self.offsets(body)
        return partial_attribute_values(body, offsets[place], offsets[place + 1])

    def octets(self, body: bytes, attribute_key: str) -> tuple[bytes, ...]:
        """The encoded PartialAttributes of an attribute type with its options and subtypes."""
        places = self.by_attribute.get(attribute_key)
        if places is None:
            return ()
        offsets = self.offsets(body)
        return tuple([body[offsets[place] : offsets[place + 1]] for place in places])

    def unchanged(self, body: bytes, before: Attributes, after: Attributes) -> dict[Description, bytes]:
        """The encoded PartialAttributes of `body`, that of `before`, that are right for `after` too."""
        offsets = self.offsets(body)
        return {
            description: body[offsets[place] : offsets[place + 1]]
            for place, description in enumerate(self.descriptions)
            if before.get(description) == after.get(description)
        }

    def attributes(self, body: bytes) -> Attributes:
        """All of the body, open for change."""
        offsets = self.offsets(body)
        return Attributes(
            self.vocabulary,
            {
                description: partial_attribute_values(body, offsets[place], offsets[place + 1])
                for place, description in enumerate(self.descriptions)
            },
        )


def partial_attribute_values(body: bytes, start: int, end: int) -> list[bytes]:
    """The values of the PartialAttribute that `encode_attribute` wrote at body[start:end]."""
    at = _skip_header(body, start)
    at += 2 + body[at + 1]  # the type: always shorter than 128 octets
    at = _skip_header(body, at)
    values = []
    while at < end:
        length = body[at + 1]
        at += 2
        if length & 0x80:
            octets = length & 0x7F
            length = int.from_bytes(body[at : at + octets], "big")
            at += octets
        values.append(body[at : at + length])
        at += length
    return values


def _skip_header(body: bytes, at: int) -> int:
    first = body[at + 1]
    return at + 2 if first < 0x80 else at + 2 + (first & 0x7F)


def encode_attribute(description: Description, values: list[bytes]) -> bytes:
    """A PartialAttribute (RFC 4511 §4.1.7)."""
    seen = description.seen
    key = seen.key(values)
    octets = seen.encoded.get(key)
    if octets is None:
        octets = encode_values(description.type_tlv, values)
        if len(seen.encoded) < MAX_SEEN and seen.takes(values):
            seen.encoded[key] = octets
    return octets


def encode_values(type_tlv: bytes, values: Iterable[bytes]) -> bytes:
    """A PartialAttribute under the type whose BER is `type_tlv`."""
    short = _OCTET_STRINGS
    content = b"".join(
        [short[len(value)] + value if len(value) < 0x80 else ber.octet_string(value) for value in values]
    )
    return ber.tlv(_SEQUENCE, type_tlv + ber.tlv(_SET, content))


class Shapes:
    """Every shape in use, and the layout of new bodies; `special` are those of special entries, () until the
    first comes."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.special: tuple[Shape, ...] = ()
        self._vocabulary = vocabulary
        self._by_descriptor: dict[str, Shape] = {}
        self._layouts: dict[tuple[object, ...], Shape] = {}

    def __iter__(self) -> Iterator[Shape]:
        return iter(self._by_descriptor.values())

    def get(self, descriptor: str) -> Shape:
        """The shape a stored descriptor names."""
        held = self._by_descriptor.get(descriptor)
        if held is None:
            held = self._by_descriptor[descriptor] = Shape(self._vocabulary, descriptor)
            if held.special:
                self.special = (*self.special, held)
        return held

    def encode(
        self, attributes: Attributes, encoded_before: Mapping[Description, bytes] = MappingProxyType({})
    ) -> tuple[Shape, bytes]:
        """The shape and body of these attributes, some of which may have been encoded before."""
        encoded = {
            description: encoded_before.get(description) or encode_attribute(description, values)
            for description, values in attributes.items()
        }
        size = sum(map(len, encoded.values()))
        width = _NARROW if size + 2 * len(encoded) + 2 <= _NARROW_LIMIT else _WIDE
        shape = self._layout(attributes, width)
        parts = [encoded[description] for description in shape.descriptions]
        offsets = accumulate(map(len, parts), initial=shape.header_size)
        return shape, shape.pack(*offsets) + b"".join(parts)

    def _layout(self, attributes: Attributes, width: str) -> Shape:
        classes = attributes.get(self._vocabulary.object_class) or ()
        key = (width, *attributes, *classes)
        held = self._layouts.get(key)
        if held is None:
            descriptions = sorted(attributes, key=self._order)
            names = sorted(attributes.class_set.closure)
            texts = " ".join(description.text for description in descriptions)
            held = self.get(f"{width}|{' '.join(names)}|{texts}")
            if len(self._layouts) >= MAX_LAYOUTS:
                self._layouts.clear()
            self._layouts[key] = held
        return held

    def _order(self, description: Description) -> tuple[bool, bool, str]:
        """objectClass, user attributes, operational ones, each by name: few shapes, stable output."""
        return description.operational, description is not self._vocabulary.object_class, description.key
