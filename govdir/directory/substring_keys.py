"""The substring index: which keys contain a piece of text.

Keys are numbered as they come; every three octets that occur in a key (trigram) lead to the numbers of the
keys they occur in. A search takes the rarest trigram of what is asked for and tries only those keys; where
even that one is common, or the text is shorter, it walks all keys, and finds enough of them soon.

Trigrams are collected a portion at a time, by whoever has time after loading and by the searches themselves:
loading stays fast, and no search ever waits for more than a portion.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

# Keys whose trigrams one search collects: about 5 ms.
PORTION = 1000

# A trigram in more than an eighth of the keys, and in this many, does not narrow a search: it is not kept.
_COMMON_SHARE = 8
_COMMON_LEAST = 4096

_GRAM = 3


class SubstringKeys:
    """The distinct keys of one attribute."""

    __slots__ = ("_common", "_grams", "_keys", "_ready", "_removed")

    def __init__(self) -> None:
        self._keys: list[bytes | None] = []
        self._grams: dict[bytes, array[int]] = {}
        self._common: set[bytes] = set()
        self._ready = 0
        self._removed = 0

    def add(self, key: bytes) -> None:
        """A key that is not there yet."""
        self._keys.append(key)

    def remove(self, key: bytes) -> None:
        """A key that is there."""
        for number in self._numbers(key):
            if self._keys[number] == key:
                self._keys[number] = None
                self._removed += 1
                break
        if self._removed > max(PORTION, len(self._keys) // 2):
            self._start_anew()

    def _start_anew(self) -> None:
        """Numbers the keys that are left from 0; searches under way go on with the old numbers."""
        self._keys = [key for key in self._keys if key is not None]
        self._grams = {}
        self._common = set()
        self._ready = self._removed = 0

    def search(
        self, initial: bytes | None, middle: tuple[bytes, ...], final: bytes | None
    ) -> Iterator[bytes]:
        """Keys with these parts in this order, none overlapping; each once, in no order."""
        self.collect()
        keys = self._keys
        pieces = [piece for piece in (initial, *middle, final) if piece is not None]
        longest = max(pieces, key=len)
        single = middle == (longest,) and len(pieces) == 1
        for number in self._numbers(longest):
            key = keys[number]
            if key is None or longest not in key:
                continue
            if single or matches_substrings(key, initial, middle, final):
                yield key

    def _numbers(self, text: bytes) -> Iterable[int]:
        """Numbers of keys that may contain the text, among them all that do."""
        rarest: array[int] | None = None
        for at in range(len(text) - _GRAM + 1):
            gram = text[at : at + _GRAM]
            if gram in self._common:
                continue
            found = self._grams.get(gram, _NOWHERE)
            if rarest is None or len(found) < len(rarest):
                rarest = found
        total = len(self._keys)
        if rarest is None:
            return range(total)
        return (*rarest, *range(self._ready, total))

    def collect(self) -> bool:
        """Takes the next portion of keys into the trigrams; False once all are in."""
        if self._ready == len(self._keys):
            return False
        keys, grams, common = self._keys, self._grams, self._common
        end = min(len(keys), self._ready + PORTION)
        limit = max(_COMMON_LEAST, len(keys) // _COMMON_SHARE)
        for number in range(self._ready, end):
            key = keys[number]
            if key is None:
                continue
            for gram in {key[at : at + _GRAM] for at in range(len(key) - _GRAM + 1)} - common:
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


def matches_substrings(
    key: bytes, initial: bytes | None, middle: tuple[bytes, ...], final: bytes | None
) -> bool:
    """Whether the parts occur in `key` in order without overlap (RFC 4517 §4.2.6)."""
    at = 0
    end = len(key)
    if initial is not None:
        if not key.startswith(initial):
            return False
        at = len(initial)
    if final is not None:
        if not key.endswith(final):
            return False
        end -= len(final)
    for part in middle:
        at = key.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return at <= end
