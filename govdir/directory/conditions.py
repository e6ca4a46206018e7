"""Filters with the schema applied: three-valued conditions on records (RFC 4511 §4.5.1.7).

A condition says whether a record satisfies it (True, False, or None for Undefined), how many records could
at most, and which. Attributes the caller may not search are Undefined, so nothing leaks bit by bit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator

from govdir.directory.access import Grant
from govdir.directory.dynamic import DYNAMIC
from govdir.directory.image import Image, Record
from govdir.directory.indexes import EqualityIndex
from govdir.directory.long_values import LONG, LongValues
from govdir.directory.vocabulary import Description
from govdir.schema.definitions import AttributeType
from govdir.schema.errors import InvalidValue
from govdir.schema.matching import MatchingRule

# Verdicts one condition remembers: the values that matter are few, and a condition lives as long as a search.
MAX_VERDICTS = 64

_LONG_VALUES = LongValues()

# More candidates than anything else: the condition has no index.
UNINDEXED = 1 << 60


class Condition:
    """One node of a resolved filter; as it stands, Undefined for every record."""

    __slots__ = ()

    @property
    def weight(self) -> int:
        """How many conditions one record may have to be tried by."""
        return 1

    def certain(self, grant: Grant) -> bool:
        """Whether every candidate that this grant is for is known to satisfy the condition."""
        return False

    def matches(self, record: Record, grant: Grant) -> bool | None:
        """Whether the record satisfies it; None is Undefined."""
        return None

    def estimate(self, image: Image) -> int:
        """An upper bound of the number of candidates, UNINDEXED if all entries would have to be tried."""
        return 0

    def candidates(self, image: Image) -> Iterable[Record | None]:
        """A superset of the records that satisfy it, each once; only where `estimate` is not UNINDEXED. None
        is a point to breathe at."""
        return ()

    def found(self, image: Image) -> Iterable[Record | None]:
        """The candidates, some perhaps several times."""
        return self.candidates(image)

    def selects(self, description: Description, value: bytes) -> bool:
        """Whether it is true of this one value (RFC 3876 §2)."""
        return False


class Undefined(Condition):
    """What the schema cannot make sense of; it has no candidates, so nothing is uncertain about them."""

    __slots__ = ()

    def certain(self, grant: Grant) -> bool:
        return True


UNDEFINED = Undefined()


class Constant(Condition):
    """`(&)` and `(|)` (RFC 4526)."""

    __slots__ = ("_value",)

    def __init__(self, value: bool) -> None:
        self._value = value

    def matches(self, record: Record, grant: Grant) -> bool | None:
        return self._value

    def estimate(self, image: Image) -> int:
        return UNINDEXED if self._value else 0


class OfClass(Condition):
    """`(objectClass=name)`: answered by the shapes."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def certain(self, grant: Grant) -> bool:
        return grant.search.holds("objectclass", False)

    def matches(self, record: Record, grant: Grant) -> bool | None:
        if not grant.search.holds("objectclass", False):
            return None
        return self._name in record.shape.classes

    def selects(self, description: Description, value: bytes) -> bool:
        return description.attribute.key == "objectclass" and value.lower() == self._name.encode()

    def estimate(self, image: Image) -> int:
        return sum(len(shape.members) for shape in image.shapes if self._name in shape.classes)

    def candidates(self, image: Image) -> Iterable[Record | None]:
        return [record for shape in image.shapes if self._name in shape.classes for record in shape.members]


class OnAttribute(Condition):
    """A condition on the values of one attribute type with its subtypes, under all the given options."""

    __slots__ = ("_attribute", "_image", "_options")

    def __init__(self, image: Image, attribute: AttributeType, options: tuple[str, ...]) -> None:
        self._image = image
        self._attribute = attribute
        self._options = options

    def certain(self, grant: Grant) -> bool:
        """The indexes hold values under any options, so a description with options has to be checked."""
        return not self._options and self._searchable(grant)

    def _searchable(self, grant: Grant) -> bool:
        return grant.search.holds(self._attribute.key, self._attribute.is_operational)

    def _concerns(self, description: Description) -> bool:
        """Whether it is about values under this description: of the type or a subtype, with its options."""
        above: AttributeType | None = description.attribute
        while above is not None and above is not self._attribute:
            above = above.superior
        return above is not None and set(self._options).issubset(description.options)

    def _places(self, record: Record) -> Iterable[int]:
        shape = record.shape
        places = shape.by_attribute.get(self._attribute.key, ())
        if not self._options:
            return places
        wanted = set(self._options)
        return [place for place in places if wanted.issubset(shape.descriptions[place].options)]

    def _values(self, record: Record) -> Iterator[bytes]:
        computed = DYNAMIC.get(self._attribute.key)
        if computed is not None:
            yield from computed(self._image, record)
            return
        for place in self._places(record):
            yield from record.shape.values(record.body, place)


class Has(OnAttribute):
    """`(attribute=*)`: answered by the shapes."""

    __slots__ = ()

    def matches(self, record: Record, grant: Grant) -> bool | None:
        if not self._searchable(grant):
            return None
        if self._attribute.key in DYNAMIC:
            return any(True for _ in self._values(record))
        return bool(self._places(record))

    def selects(self, description: Description, value: bytes) -> bool:
        return self._concerns(description)

    def estimate(self, image: Image) -> int:
        key = self._attribute.key
        if key in DYNAMIC:
            return UNINDEXED
        return sum(len(shape.members) for shape in image.shapes if key in shape.by_attribute)

    def candidates(self, image: Image) -> Iterable[Record | None]:
        key = self._attribute.key
        return [record for shape in image.shapes if key in shape.by_attribute for record in shape.members]


class OnValue(OnAttribute, ABC):
    """True when a value's normalised key passes `_accepts`; values that break their syntax never do."""

    __slots__ = ("_index", "_rule")

    def __init__(
        self, image: Image, attribute: AttributeType, options: tuple[str, ...], rule: MatchingRule
    ) -> None:
        super().__init__(image, attribute, options)
        self._rule = rule
        self._index: EqualityIndex | None = image.indexes.get(attribute.key)

    @abstractmethod
    def _accepts(self, key: bytes) -> bool:
        """Whether a value with this key satisfies the condition."""

    def matches(self, record: Record, grant: Grant) -> bool | None:
        if not self._searchable(grant):
            return None
        if len(record.body) > LONG and self._attribute.key not in DYNAMIC:
            return any(
                self._accepts(key)
                for place in self._places(record)
                for key in _LONG_VALUES.keys(self._rule, record, place)
            )
        for value in self._values(record):
            try:
                if self._accepts(self._rule.key(value)):
                    return True
            except InvalidValue:
                continue
        return False

    def selects(self, description: Description, value: bytes) -> bool:
        try:
            return self._concerns(description) and self._accepts(self._rule.key(value))
        except InvalidValue:
            return False


class OnKey(OnValue):
    """A condition that compares values' keys with one key; `_verdicts` is by an attribute's octets."""

    __slots__ = ("_key", "_verdicts")

    def __init__(
        self,
        image: Image,
        attribute: AttributeType,
        options: tuple[str, ...],
        rule: MatchingRule,
        key: bytes,
    ) -> None:
        super().__init__(image, attribute, options, rule)
        self._key = key
        self._verdicts: dict[bytes, bool] = {}


class EqualTo(OnKey):
    """`(attribute=value)`."""

    __slots__ = ()

    def _accepts(self, key: bytes) -> bool:
        return key == self._key

    def matches(self, record: Record, grant: Grant) -> bool | None:
        if self._options or self._attribute.key in DYNAMIC:
            return super().matches(record, grant)
        if not self._searchable(grant):
            return None
        if self._index is not None:
            return self._index.holds(self._key, record)
        places = record.shape.by_attribute.get(self._attribute.key, ())
        if len(places) != 1:
            return super().matches(record, grant)
        return self._among(record, places[0], grant)

    def _among(self, record: Record, place: int, grant: Grant) -> bool | None:
        """Remembers verdicts by the attribute's octets: unindexed ones (states, services) are alike in most
        entries."""
        offsets = record.shape.offsets(record.body)
        octets = record.body[offsets[place] : offsets[place + 1]]
        verdict = self._verdicts.get(octets)
        if verdict is None:
            verdict = super().matches(record, grant)
            if len(self._verdicts) < MAX_VERDICTS and verdict is not None:
                self._verdicts[octets] = verdict
        return verdict

    def without_index(self) -> EqualTo:
        """The same condition, tried on values only."""
        self._index = None
        return self

    def estimate(self, image: Image) -> int:
        return UNINDEXED if self._index is None else self._index.count(self._key)

    def candidates(self, image: Image) -> Iterable[Record | None]:
        return () if self._index is None else list(self._index.get(self._key))


class AtLeast(OnKey):
    """`(attribute>=value)`, by the ordering rule."""

    __slots__ = ()

    def _accepts(self, key: bytes) -> bool:
        return key >= self._key

    def _keys(self) -> list[bytes] | None:
        ordering = None if self._index is None else self._index.ordering
        return None if ordering is None else ordering.at_least(self._key)

    def estimate(self, image: Image) -> int:
        keys = self._keys()
        if keys is None or self._index is None:
            return UNINDEXED
        return sum(map(self._index.count, keys))

    def candidates(self, image: Image) -> Iterable[Record | None]:
        keys = self._keys()
        if keys is None or self._index is None:
            return ()
        return distinct(holders(self._index, keys))


class AtMost(AtLeast):
    """`(attribute<=value)`, by the ordering rule."""

    __slots__ = ()

    def _accepts(self, key: bytes) -> bool:
        return key <= self._key

    def _keys(self) -> list[bytes] | None:
        ordering = None if self._index is None else self._index.ordering
        return None if ordering is None else ordering.at_most(self._key)


class ComesBefore(AtLeast):
    """An ordering rule in an extensible match: the value is less than the asserted one (RFC 4517 §4.2)."""

    __slots__ = ()

    def _accepts(self, key: bytes) -> bool:
        return key < self._key

    def _keys(self) -> None:
        return None


def holders(index: EqualityIndex, keys: Iterable[bytes | None]) -> Iterator[Record | None]:
    """Who has one of the keys, once for each; None, a point to breathe at, is passed on."""
    table = index.table
    for key in keys:
        if key is None:
            yield None
            continue
        held = table.get(key)
        if type(held) is set:
            yield from list(held)
        elif held is not None:
            yield held  # type: ignore[misc] # the set is ruled out


def distinct(records: Iterable[Record | None]) -> Iterator[Record | None]:
    """Each of the records once, with all points to breathe at."""
    seen: set[Record] = set()
    for record in records:
        if record is None:
            yield None
        elif record not in seen:
            seen.add(record)
            yield record
