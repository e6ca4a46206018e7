"""People in the order of a Vietnamese address book: by given name, middle name, surname.

Nothing is sorted before somebody asks: the index of given names has their holders together, and each group is
put in order when a search first comes to it, until one of its members changes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from govdir.directory.shape import partial_attribute_values
from govdir.schema.accents import Wanted, bare
from govdir.schema.collation import collation_key

if TYPE_CHECKING:
    from govdir.directory.image import Image, Record

GIVEN_NAME = "givenname"

# Entries looked at between two points at which the loop may breathe: about 3 ms.
_BREATHE_EVERY = 500

# Names, and entries, whose order is remembered: a province has some thousand different names, and few
# entries are asked for at a time.
_REMEMBERED = 8192

# Bodies and lists that are kept in order; with more of them they come in the order found.
_MAX_NAMELESS = 5000

# Attributes that have the same values in many entries.
_RECURRING = frozenset({GIVEN_NAME, "sn"})

Key = tuple[bytes, bytes, bytes]


class NamesInOrder:
    """The people of an image by given name, each group in order; and what has no given name."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._groups: dict[bytes, list[Record]] = {}
        self._keys: dict[Record, Key] = {}
        self._order: list[bytes] | None = None
        self._known: frozenset[bytes] = frozenset()
        self._nameless: list[tuple[bytes, int, Record]] | None = None
        image.watchers.append(self._changed)

    def key(self, record: Record) -> Key:
        """What entries are sorted by: bodies and lists by their whole name."""
        held = self._keys.get(record)
        if held is None:
            if len(self._keys) >= _REMEMBERED:
                self._keys.clear()
            held = self._keys[record] = _key(record)
        return held

    def given_names(self) -> list[bytes]:
        """The keys of all given names, in order."""
        if self._order is None:
            table = self._image.indexes[GIVEN_NAME].table
            self._order = sorted(table, key=_collated)
            self._known = frozenset(table)
        return self._order

    def matching_given_names(self, wanted: Wanted) -> list[bytes]:
        """The keys of the given names that have what is wanted, in order."""
        index = self._image.indexes[GIVEN_NAME].substring
        return [] if index is None else sorted(filter(None, index.search(wanted)), key=_collated)

    def holders(self, given_name: bytes) -> Iterator[Record | None]:
        """Those with that given name, in order; None is a point to breathe at."""
        index = self._image.indexes[GIVEN_NAME]
        group = self._groups.get(given_name)
        if group is None:
            keyed: list[tuple[Key, int, Record]] = []
            for record in list(index.get(given_name)):
                keyed.append((_key(record), record.id, record))
                if not len(keyed) % _BREATHE_EVERY:
                    yield None
            keyed.sort()
            group = self._groups[given_name] = [record for _, _, record in keyed]
        held = index.table.get(given_name)
        if isinstance(held, set):
            for record in group:
                if record in held:  # not one that has been given another name since
                    yield record
        elif held is not None:
            yield held

    def nameless(self, wanted: Wanted) -> list[Record]:
        """What has no given name and a name that begins as is wanted, in order; [] where much has none."""
        if self._nameless is None:
            self._nameless = self._find_nameless()
        begins = wanted.initial or b""
        at = bisect_left(self._nameless, (begins,))
        found = []
        while at < len(self._nameless) and self._nameless[at][0].startswith(begins):
            found.append(self._nameless[at][2])
            at += 1
        return in_order(self, found)

    def _find_nameless(self) -> list[tuple[bytes, int, Record]]:
        """By the bare keys of names: bodies and lists."""
        shapes = [
            shape
            for shape in self._image.shapes
            if GIVEN_NAME not in shape.by_attribute
            and ("displayname" in shape.by_attribute or "cn" in shape.by_attribute)
        ]
        if sum(len(shape.members) for shape in shapes) > _MAX_NAMELESS:
            return []
        return sorted((_bare_name(one), one.id, one) for shape in shapes for one in shape.members)

    def _changed(self, record: Record) -> None:
        """Forgets the order that an entry may have changed; what an entry was called before is found out when
        its former group is gone through."""
        self._keys.pop(record, None)
        if GIVEN_NAME not in record.shape.by_attribute:
            self._nameless = None
            return
        for key in self._image.index_keys.of_attribute(GIVEN_NAME, record.shape, record.body):
            self._groups.pop(key, None)
            if key not in self._known:
                self._order = None


def _key(record: Record) -> Key:
    given = _collated_value(record, GIVEN_NAME)
    if given:
        return given, _collated_value(record, "gdmiddlename"), _collated_value(record, "sn")
    return _collated_value(record, "displayname") or _collated_value(record, "cn"), b"", b""


def bare_values(record: Record, attribute: str) -> Sequence[bytes]:
    """An attribute's values as bare keys (schema.accents); nearly those of the index, and quicker made."""
    shape = record.shape
    places = shape.by_attribute.get(attribute, ())
    if len(places) != 1:
        return _bare_texts(record.values(attribute))
    offsets = shape.offsets(record.body)
    octets = record.body[offsets[places[0]] : offsets[places[0] + 1]]
    return _bare_attribute(octets) if attribute in _RECURRING else _bare_texts(_values_of(octets))


@lru_cache(maxsize=_REMEMBERED)
def _bare_attribute(octets: bytes) -> Sequence[bytes]:
    return _bare_texts(_values_of(octets))


def _values_of(octets: bytes) -> list[bytes]:
    return partial_attribute_values(octets, 0, len(octets))


def _bare_texts(values: list[bytes]) -> Sequence[bytes]:
    texts = (value.decode("utf-8", "replace") for value in values)
    return tuple(bare(f" {'  '.join(text.casefold().split())} ".encode()) for text in texts)


def _bare_name(record: Record) -> bytes:
    names = bare_values(record, "displayname") or bare_values(record, "cn")
    return names[0]


def _collated_value(record: Record, attribute: str) -> bytes:
    """The collation key of an attribute's first value, b"" without one."""
    shape = record.shape
    places = shape.by_attribute.get(attribute)
    if places is None:
        return b""
    offsets = shape.offsets(record.body)
    return _collated_attribute(record.body[offsets[places[0]] : offsets[places[0] + 1]])


@lru_cache(maxsize=_REMEMBERED)
def _collated_attribute(octets: bytes) -> bytes:
    """By the encoded attribute: names recur, and need not be decoded then."""
    values = _values_of(octets)
    return collation_key(values[0].decode("utf-8", "replace")) if values else b""


def _collated(key: bytes) -> bytes:
    return collation_key(key.decode())


def in_order(names: NamesInOrder, records: Iterable[Record]) -> list[Record]:
    """The records in the order of their names."""
    return sorted(records, key=names.key)
