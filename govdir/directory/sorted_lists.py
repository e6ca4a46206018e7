"""Results in order: sorted in turns that block nobody, and kept a while for whoever scrolls through them."""

from __future__ import annotations

from array import array
from bisect import bisect
from collections import OrderedDict
from collections.abc import Generator, Hashable
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from msgspec import msgpack

from govdir.directory.image import Image, Record

MAX_SORTED: Final = 250_000
"""Entries that one search may sort: twice the mailboxes of a large province; 30 MB, two seconds in turns."""

MAX_BEING_SORTED: Final = 2 * MAX_SORTED
"""Entries in all searches that are being sorted at one time, 60 MB; who comes then is told to come again."""

MAX_KEPT: Final = 1_000_000
"""Entries in all lists that are kept: 8 MB."""

MAX_LISTS: Final = 64
"""Each has a filter of the client's beside it."""

MAX_NAME_OCTETS: Final = 65_536
"""A search with a longer filter is made anew for each page."""

KEPT_SECONDS: Final = 60
"""Somebody who scrolls asks again within seconds; what is worked out by the clock is not older than this."""

SLICE: Final = 1000
"""Entries dealt with in one go: about a millisecond."""

_encode = msgpack.Encoder().encode

# Keys looked at to part the rest by, for each run: so many keep the runs of nearly one size.
_SAMPLES: Final = 8

Ids: TypeAlias = "array[int]"
"""Entries by their ids: octets alone, which the collector of garbage need not look through."""


def sorted_in_turns(keys: list[bytes]) -> Generator[None, None, list[bytes]]:
    """The keys in order; what it yields are points to breathe at. Empties its argument.

    Many are parted into ranges first, by some of themselves, and each range is sorted by itself.
    """
    samples = sorted(keys[:: SLICE // _SAMPLES])
    bounds = samples[_SAMPLES::_SAMPLES]
    ranges: list[list[bytes]] = [[] for _ in range(len(bounds) + 1)]
    for start in range(0, len(keys), SLICE):
        for key in keys[start : start + SLICE]:
            ranges[bisect(bounds, key)].append(key)
        yield None
    keys.clear()
    found: list[bytes] = []
    for held in ranges:
        held.sort()
        found += held
        held.clear()
        yield None
    return found


class Room:
    """What one search has taken of the room that all that are being sorted share."""

    __slots__ = ("_lists", "_taken")

    def __init__(self, lists: SortedLists) -> None:
        self._lists = lists
        self._taken = 0

    def take(self) -> bool:
        """Room for one more entry; False where there is none."""
        if self._lists.being_sorted >= MAX_BEING_SORTED:
            return False
        self._lists.being_sorted += 1
        self._taken += 1
        return True

    def give_back(self) -> None:
        """All of it; again is harmless."""
        self._lists.being_sorted -= self._taken
        self._taken = 0


class SortedLists:
    """The sorted results of one directory by search and caller, until any entry changes.

    What a change moves cannot be told from the entry alone (rights, lists, domains), so it forgets all. `age`
    is another number after each change.
    """

    def __init__(self) -> None:
        self.age = 0
        self.being_sorted = 0
        self._held: OrderedDict[Hashable, tuple[Ids, datetime]] = OrderedDict()
        self._count = 0

    @classmethod
    def following(cls, image: Image) -> SortedLists:
        """Lists that are forgotten as the image changes."""
        lists = cls()
        image.watchers.append(lists.changed)
        image.farewells.append(lists.changed)
        return lists

    def changed(self, _record: Record) -> None:
        """An entry is about to change, or has."""
        self.age += 1
        if self._held:
            self._held.clear()
            self._count = 0

    def get(self, search: Hashable, now: datetime) -> Ids | None:
        """The result of a search, if it is here and not older than KEPT_SECONDS."""
        held = self._held.get(search)
        if held is None:
            return None
        if not timedelta(0) <= now - held[1] <= timedelta(seconds=KEPT_SECONDS):
            self._forget(search)
            return None
        self._held.move_to_end(search)
        return held[0]

    def keep(self, search: Hashable, ids: Ids, now: datetime, age: int) -> None:
        """Keeps a result that was begun at `age`, unless something has changed since, or the client's filter
        is too long to be kept beside it."""
        if age != self.age or len(_encode(search)) > MAX_NAME_OCTETS:
            return
        if search in self._held:
            self._forget(search)
        self._held[search] = (ids, now)
        self._count += len(ids)
        while self._count > MAX_KEPT or len(self._held) > MAX_LISTS:
            self._forget(next(iter(self._held)))

    def _forget(self, search: Hashable) -> None:
        ids, _ = self._held.pop(search)
        self._count -= len(ids)
