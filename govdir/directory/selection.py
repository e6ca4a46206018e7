"""Which attributes a search returns, and how: slices of the stored body (RFC 4511 §4.5.1.8).

A `Selection` is one client's attribute list; for each shape and grant it works out a `Plan` once. Attributes
come back under the name the client asked for when that is another of the type's names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Protocol

from govdir.directory.access import AttributeSet, Grant
from govdir.directory.body_names import FROM_BODIES, PERSON_CLASS
from govdir.directory.dynamic import DYNAMIC, ONLY_BY_NAME
from govdir.directory.image import Image, Record
from govdir.directory.matches import Sent
from govdir.directory.shape import Shape, encode_values
from govdir.directory.vocabulary import Description, Vocabulary
from govdir.ldap.codec import ber

# Clients write few different lists; past this many the memory starts anew.
MAX_SELECTIONS = 1024
# A list of all attributes that entries have; what is longer is not kept.
MAX_SELECTION_CHARACTERS = 8192
MAX_PLANS = 1024

ValuesOf = Callable[[Image, Record], list[bytes]]

_SEQUENCE = 0x30

# Tag and length octets of names and attribute lists of nearly all entries, made once.
_SHORT = 2048
_NAME_HEADERS = tuple(b"\x04" + ber.length(size) for size in range(_SHORT))
_LIST_HEADERS = tuple(b"\x30" + ber.length(size) for size in range(_SHORT))

# A language range (RFC 3866 §2.2): "lang-" for all, "lang-vi-" for a language and its variants.
_LANGUAGES = re.compile("lang-(.+-)?$")


class Planned(Protocol):
    """Ready instructions for answering with entries of one shape under one grant."""

    def content(self, record: Record, image: Image) -> Sent:
        """The entry as it is sent."""


class Selecting(Protocol):
    """What of its entries a search returns: a `Selection`, or one that more has been asked of."""

    def plan(self, shape: Shape, grant: Grant) -> Planned:
        """How to answer for entries of this shape under this grant."""


class Wanted:
    """One name of an attribute list: the type, its options, and the BER of the name to answer under.

    `answer_tlv` is None when the stored name is the answer. A last option "lang-" asks for all languages.
    """

    __slots__ = ("answer_tlv", "description", "language_range")

    def __init__(self, description: Description, answer: str | None) -> None:
        self.description = description
        self.answer_tlv = None if answer is None else ber.octet_string(answer.encode("utf-8"))
        self.language_range = tuple(option for option in description.options if _LANGUAGES.match(option))

    def covers(self, held: Description) -> bool:
        """Whether a stored description is asked for: the type or a subtype, with at least these options."""
        options = set(self.description.options) - set(self.language_range)
        return options.issubset(held.options) and all(
            any(option.startswith(prefix) or option == prefix[:-1] for option in held.options)
            for prefix in self.language_range
        )


class Selection:
    """A client's attribute list; an empty one means all user attributes.

    `names` are the list as it came. `computed` False leaves out what is worked out on reading, for entries
    that hold all they have.
    """

    __slots__ = (
        "_all_operational",
        "_all_user",
        "_computed",
        "_of_bodies",
        "_plans",
        "_types_only",
        "_wanted",
        "names",
        "types_only",
    )

    def __init__(
        self, names: Sequence[str], vocabulary: Vocabulary, *, types_only: bool, computed: bool = True
    ) -> None:
        self.names = tuple(names)
        self.types_only = types_only
        self._computed = DYNAMIC if computed else {}
        self._of_bodies = FROM_BODIES if computed else {}
        self._all_user = not names or "*" in names
        self._all_operational = "+" in names
        self._types_only = types_only
        self._plans: dict[tuple[Shape, Grant], Plan] = {}
        self._wanted: dict[Description, Wanted] = {}
        for name in names:
            self._want(name, vocabulary)

    def _want(self, name: str, vocabulary: Vocabulary) -> None:
        if name in ("*", "+", "1.1"):
            return
        if name.startswith("@"):
            self._want_class(name[1:], vocabulary)
            return
        description = vocabulary.find(name)
        if description is not None and description not in self._wanted:
            self._wanted[description] = Wanted(description, _alias(name, description))

    def _want_class(self, name: str, vocabulary: Vocabulary) -> None:
        """RFC 4529: `@class` stands for all attributes of an object class."""
        found = vocabulary.schema.find_object_class(name)
        if found is not None:
            for key in sorted(found.all_must | found.all_may):
                description = vocabulary.describe(key)
                self._wanted.setdefault(description, Wanted(description, None))

    def plan(self, shape: Shape, grant: Grant) -> Plan:
        """How to answer for entries of this shape under this grant."""
        key = (shape, grant)
        held = self._plans.get(key)
        if held is None:
            held = self._make(shape, grant.read)
            if len(self._plans) >= MAX_PLANS:
                self._plans.clear()
            self._plans[key] = held
        return held

    def _make(self, shape: Shape, readable: AttributeSet) -> Plan:
        places: list[tuple[int, bytes | None]] = []
        for place, held in enumerate(shape.descriptions):
            if readable.holds(held.attribute.key, held.operational):
                asked, answer = self._asks(held)
                if asked:
                    places.append((place, answer))
        computed = [
            (values_of, self._answer_tlv(key, shape))
            for key, values_of in self._computed.items()
            if key not in shape.by_attribute and readable.holds(key, True) and self._asks_computed(key)
        ]
        if PERSON_CLASS in shape.classes:
            computed += [
                (values_of, self._answer_tlv(key, shape))
                for key, values_of in self._of_bodies.items()
                if key not in shape.by_attribute and readable.holds(key, False) and self._names(key)
            ]
        return Plan(shape, places, computed, types_only=self._types_only)

    def _asks(self, held: Description) -> tuple[bool, bytes | None]:
        attribute = held.attribute
        for wanted in self._wanted.values():
            if wanted.description.attribute is attribute and wanted.covers(held):
                return True, wanted.answer_tlv if held.options == () else None
        if self._all_operational if held.operational else self._all_user:
            return True, None
        above = attribute.superior
        while above is not None:
            for wanted in self._wanted.values():
                if wanted.description.attribute is above and wanted.covers(held):
                    return True, None
            above = above.superior
        return False, None

    def _asks_computed(self, key: str) -> bool:
        if self._all_operational and key not in ONLY_BY_NAME:
            return True
        return self._names(key)

    def _names(self, key: str) -> bool:
        return any(one.attribute.key == key and not one.options for one in self._wanted)

    def _answer_tlv(self, key: str, shape: Shape) -> bytes:
        for wanted in self._wanted.values():
            if wanted.description.attribute.key == key:
                return wanted.answer_tlv or wanted.description.type_tlv
        return shape.vocabulary.describe(key).type_tlv


def _alias(name: str, description: Description) -> str | None:
    """The name to answer under if it is another descriptor of the type than the canonical one."""
    base = name.split(";", 1)[0]
    attribute = description.attribute
    if base.lower() == attribute.key:
        return None
    for other in attribute.names:
        if other.lower() == base.lower():
            return other
    return None


class Plan:
    """Ready instructions for one shape: runs of adjacent attributes, renamed ones, computed ones."""

    __slots__ = ("_computed", "_offsets", "_renamed", "_runs", "_shape", "_simple", "_types_only")

    def __init__(
        self,
        shape: Shape,
        places: list[tuple[int, bytes | None]],
        computed: list[tuple[ValuesOf, bytes]],
        *,
        types_only: bool,
    ) -> None:
        self._shape = shape
        self._offsets = shape.offsets
        self._runs = _runs([place for place, answer in places if answer is None])
        self._renamed = [(place, answer) for place, answer in places if answer is not None]
        self._computed = computed
        self._types_only = types_only
        self._simple = not (self._renamed or computed or types_only)

    def content(self, record: Record, image: Image) -> bytes:
        """The content octets of the SearchResultEntry: objectName and attributes."""
        body = record.body
        offsets = self._offsets(body)
        if self._simple:
            runs = self._runs
            if len(runs) == 1:
                first, last = runs[0]
                attributes = body[offsets[first] : offsets[last]]
            else:
                attributes = b"".join([body[offsets[first] : offsets[last]] for first, last in runs])
        else:
            attributes = b"".join(self._parts(record, image, offsets))
        dn = record.dn
        if len(dn) < _SHORT and len(attributes) < _SHORT:
            return _NAME_HEADERS[len(dn)] + dn + _LIST_HEADERS[len(attributes)] + attributes
        return ber.octet_string(dn) + ber.tlv(_SEQUENCE, attributes)

    def _parts(self, record: Record, image: Image, offsets: tuple[int, ...]) -> list[bytes]:
        shape, body = self._shape, record.body
        if self._types_only:
            places = [place for first, last in self._runs for place in range(first, last)]
            tlvs = [shape.descriptions[place].type_tlv for place in places]
            tlvs += [answer for _, answer in self._renamed] + [
                tlv for values_of, tlv in self._computed if values_of(image, record)
            ]
            return [encode_values(tlv, ()) for tlv in tlvs]
        parts = [body[offsets[first] : offsets[last]] for first, last in self._runs]
        parts += [encode_values(answer, shape.values(body, place)) for place, answer in self._renamed]
        for values_of, tlv in self._computed:
            values = values_of(image, record)
            if values:
                parts.append(encode_values(tlv, values))
        return parts


def _runs(places: list[int]) -> list[tuple[int, int]]:
    """Ascending places as half-open runs of neighbours; one empty run when there are none."""
    runs: list[tuple[int, int]] = []
    for place in places:
        if runs and runs[-1][1] == place:
            runs[-1] = (runs[-1][0], place + 1)
        else:
            runs.append((place, place + 1))
    return runs or [(0, 0)]


class Selections:
    """Selections by the client's list, remembered."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._held: dict[tuple[tuple[str, ...], bool], Selection] = {}

    def get(self, names: tuple[str, ...], types_only: bool) -> Selection:
        """The selection for this attribute list."""
        key = (names, types_only)
        held = self._held.get(key)
        if held is None:
            held = Selection(names, self._vocabulary, types_only=types_only)
            if sum(map(len, names)) <= MAX_SELECTION_CHARACTERS:
                if len(self._held) >= MAX_SELECTIONS:
                    self._held.clear()
                self._held[key] = held
        return held
