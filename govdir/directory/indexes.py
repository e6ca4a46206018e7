"""The image's indexes over normalised keys: equality, ordering and substring.

A posting is one Record or a set of them; most keys of a directory are unique, and a bare reference costs
nothing. Keys are those of the attribute's equality rule (schema.matching).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from typing import TYPE_CHECKING

from govdir.directory.substring_keys import SubstringKeys

if TYPE_CHECKING:
    from govdir.directory.image import Record

# Below this many keys sorting anew is cheaper than keeping order on every insertion.
_BULK = 1024


class EqualityIndex:
    """Normalised key to the entries that have it; `ordering` and `substring` are kept in step if present."""

    __slots__ = ("ordering", "substring", "table")

    def __init__(self, *, ordering: bool = False, substring: bool = False) -> None:
        self.table: dict[bytes, Record | set[Record]] = {}
        self.ordering = OrderedKeys() if ordering else None
        self.substring = SubstringKeys() if substring else None

    def add(self, key: bytes, record: Record) -> None:
        """Enters `record` under `key`; again is harmless."""
        table = self.table
        known = len(table)
        held = table.setdefault(key, record)
        if held is record:
            if len(table) == known:
                return
            if self.substring is not None:
                self.substring.add(key)
            if self.ordering is not None:
                self.ordering.add(key)
        elif type(held) is set:
            held.add(record)
        else:
            table[key] = {held, record}  # type: ignore[arg-type]

    def remove(self, key: bytes, record: Record) -> None:
        """Takes `record` out from under `key` if it is there."""
        held = self.table.get(key)
        if type(held) is set:
            held.discard(record)
            if len(held) == 1:
                self.table[key] = held.pop()
        elif held is record:
            del self.table[key]
            if self.substring is not None:
                self.substring.remove(key)
            if self.ordering is not None:
                self.ordering.remove(key)

    def get(self, key: bytes) -> Iterable[Record]:
        """The entries under `key`, in no order; not those that are gone and whose keys are still here."""
        held = self.table.get(key)
        if held is None:
            return ()
        if type(held) is set:
            return [record for record in held if record.alive]
        return (held,) if held.alive else ()  # type: ignore[return-value,union-attr] # the set is ruled out

    def count(self, key: bytes) -> int:
        """How many entries `key` has."""
        held = self.table.get(key)
        if held is None:
            return 0
        return len(held) if type(held) is set else 1

    def holds(self, key: bytes, record: Record) -> bool:
        """Whether `record` is under `key`."""
        held = self.table.get(key)
        return held is record or (type(held) is set and record in held)


class OrderedKeys:
    """The distinct keys of an index in order; sorted when first asked for, kept in order from then on."""

    __slots__ = ("_keys", "_sorted")

    def __init__(self) -> None:
        self._keys: list[bytes] = []
        self._sorted = True

    def add(self, key: bytes) -> None:
        """A key that is not there yet."""
        if not self._keys or (self._sorted and key > self._keys[-1]):
            self._keys.append(key)
        elif self._sorted and len(self._keys) > _BULK:
            insort(self._keys, key)
        else:
            self._keys.append(key)
            self._sorted = False

    def remove(self, key: bytes) -> None:
        """A key that is there."""
        self._sort()
        place = bisect_left(self._keys, key)
        if place < len(self._keys) and self._keys[place] == key:
            del self._keys[place]

    def at_least(self, key: bytes) -> list[bytes]:
        """Keys >= `key`, ascending."""
        self._sort()
        return self._keys[bisect_left(self._keys, key) :]

    def at_most(self, key: bytes) -> list[bytes]:
        """Keys <= `key`, ascending."""
        self._sort()
        return self._keys[: bisect_right(self._keys, key)]

    def _sort(self) -> None:
        if not self._sorted:
            self._keys.sort()
            self._sorted = True
