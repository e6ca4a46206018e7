"""The substring index: which keys contain a piece of text, whatever accents either has.

Keys are numbered as they come; every three octets that occur in a key without its accents (trigram) lead to
the numbers of the keys they occur in. A search takes the rarest trigram of what is asked for and tries only
those keys; where even that one is common, or the text is shorter, it walks all keys, and finds enough of them
soon.

Trigrams are collected a portion at a time, by whoever has time after loading and by the searches themselves:
loading stays fast, and no search ever waits for more than a portion.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import islice

from govdir.schema.accents import Wanted, bare, matches_substrings

# Keys whose trigrams one search collects: about 5 ms.
PORTION = 1000

# Keys that have what is asked for somewhere, and are looked at more closely, between two points at which the
# loop may breathe: about 1 ms.
_BREATHE_EVERY = 500

# A trigram in more than an eighth of the keys, and in this many, does not narrow a search: it is not kept.
_COMMON_SHARE = 8
_COMMON_LEAST = 4096

_GRAM = 3


class SubstringKeys:
    """The distinct keys of one attribute; `_bare` holds those without accents whose trigrams are in."""

    __slots__ = ("_bare", "_common", "_grams", "_keys", "_ready", "_removed")

    def __init__(self) -> None:
        self._keys: list[bytes | None] = []
        self._bare: list[bytes] = []
        self._grams: dict[bytes, array[int]] = {}
        self._common: set[bytes] = set()
        self._ready = 0
        self._removed = 0

    def add(self, key: bytes) -> None:
        """A key that is not there yet."""
        self._keys.append(key)

    def remove(self, key: bytes) -> None:
        """A key that is there."""
        rarest = self._rarest(bare(key))
        total = len(self._keys)
        for number in range(total) if rarest is None else (*rarest, *range(self._ready, total)):
            if self._keys[number] == key:
                self._keys[number] = None
                self._removed += 1
                break
        if self._removed > max(PORTION, len(self._keys) // 2):
            self._start_anew()

    def _start_anew(self) -> None:
        """Numbers the keys that are left from 0; searches under way go on with the old numbers."""
        self._keys = [key for key in self._keys if key is not None]
        self._bare = []
        self._grams = {}
        self._common = set()
        self._ready = self._removed = 0

    def search(self, wanted: Wanted) -> Iterator[bytes | None]:
        """Keys with these parts in this order, none overlapping; each once, in no order. None is a point to
        breathe at."""
        self.collect()
        initial, middle, final = wanted.parts
        longest = wanted.longest
        single = initial is None and final is None and middle == (longest,)
        for number, (key, plain) in enumerate(self._likely(longest), 1):
            if not number % _BREATHE_EVERY:
                yield None
            if (single or matches_substrings(plain, initial, middle, final)) and (
                not wanted.marked or wanted.accepts(key)
            ):
                yield key

    def narrowed(self, text: bytes) -> int:
        """About how many keys contain the text; at least as many as do, once all trigrams are in."""
        rarest = self._rarest(text)
        return len(self._keys) if rarest is None else len(rarest) + len(self._keys) - self._ready

    def _likely(self, text: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The keys that contain the text, each with its bare form."""
        keys, known = self._keys, self._bare
        ready = len(known)  # others may collect while this waits for its next turn
        rarest = self._rarest(text)
        if rarest is None:
            for key, plain in islice(zip(keys, known, strict=False), ready):
                if text in plain and key is not None:
                    yield key, plain
        else:
            for number in tuple(rarest):
                plain = known[number]
                key = keys[number]
                if text in plain and key is not None:
                    yield key, plain
        for number in range(ready, len(keys)):
            key = keys[number]
            plain = b"" if key is None else bare(key)
            if text in plain and key is not None:
                yield key, plain

    def _rarest(self, text: bytes) -> array[int] | None:
        """The numbers of the keys with the rarest trigram of the text; None if it has none that narrows."""
        rarest: array[int] | None = None
        for at in range(len(text) - _GRAM + 1):
            gram = text[at : at + _GRAM]
            if gram in self._common:
                continue
            found = self._grams.get(gram, _NOWHERE)
            if rarest is None or len(found) < len(rarest):
                rarest = found
        return rarest

    def collect(self) -> bool:
        """Takes the next portion of keys into the trigrams; False once all are in."""
        if self._ready == len(self._keys):
            return False
        keys, grams, common, known = self._keys, self._grams, self._common, self._bare
        end = min(len(keys), self._ready + PORTION)
        limit = max(_COMMON_LEAST, len(keys) // _COMMON_SHARE)
        for number in range(self._ready, end):
            key = keys[number]
            if key is None:
                known.append(b"")
                continue
            plain = bare(key)
            known.append(plain)
            for gram in {plain[at : at + _GRAM] for at in range(len(plain) - _GRAM + 1)} - common:
                numbers = grams.get(gram)
                if numbers is None:
                    grams[gram] = array("I", (number,))
                elif len(numbers) < limit:
                    numbers.append(number)
                else:
                    common.add(gram)
                    del grams[gram]
        self._ready = end
        return True


_NOWHERE: array[int] = array("I")
