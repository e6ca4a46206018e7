"""The substring index: which keys contain a piece of text, whatever accents either has.

Keys are numbered as they come; every three octets that occur in a key without its accents (trigram) lead to
the numbers of the keys they occur in. A search takes the rarest trigram of what is asked for and tries only
those keys; a shorter text is in the keys of all trigrams that contain it. Where those are common, it walks
all keys, and finds enough of them soon.

Trigrams are collected a portion at a time, by whoever has time after loading, and a few by the searches
themselves: loading stays fast, and no search ever waits for more than a portion.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import chain

from govdir.schema.accents import Wanted, bare, matches_substrings

# Keys whose trigrams are collected at a time: about 5 ms.
PORTION = 1000

# Keys whose trigrams one search collects; an address book's searches the indexes many times.
_OWN_PORTION = 100

# Keys looked at between two points at which the loop may breathe, at first and at most; at most about 1 ms.
# The first hundred holders of what is common stand among the first keys.
_FIRST_STEP = 64
_LAST_STEP = 512
_SHORT_STEPS = 3

# A trigram in more than an eighth of the keys, and in this many, does not narrow a search: it is not kept.
_COMMON_SHARE = 8
_COMMON_LEAST = 4096

# Numbers of keys with one of several trigrams; with more, a walk comes to those asked for as soon.
_MOST_UNITED = 2048

# Texts for which it is remembered where they may be: address books ask again with every letter.
_REMEMBERED = 256

# Longer ones are no words that somebody types on at, and would fill the memory.
_LONGEST_REMEMBERED = 256

_GRAM = 3

Pair = tuple[bytes, bytes]
"""A key and its bare form."""


class SubstringKeys:
    """The distinct keys of one attribute.

    `_bare` holds those without accents whose trigrams are in, `_short` the numbers of those too short for
    one, `_within` the trigrams that contain one or two octets; `_places` is what `_numbers` found out since
    trigrams were last collected.
    """

    __slots__ = ("_bare", "_common", "_grams", "_keys", "_places", "_ready", "_removed", "_short", "_within")

    def __init__(self) -> None:
        self._keys: list[bytes | None] = []
        self._bare: list[bytes] = []
        self._grams: dict[bytes, array[int]] = {}
        self._common: set[bytes] = set()
        self._short: array[int] = array("I")
        self._within: dict[bytes, list[bytes]] = {}
        self._places: dict[bytes, array[int] | None] = {}
        self._ready = 0
        self._removed = 0

    def add(self, key: bytes) -> None:
        """A key that is not there yet."""
        self._keys.append(key)

    def remove(self, key: bytes) -> None:
        """A key that is there. The newest, which a transaction takes back in each of its turns, is quick and
        leaves no gap."""
        keys, ready = self._keys, self._ready
        if len(keys) > ready and keys[-1] == key:
            keys.pop()
            return
        rarest = self._rarest(bare(key))
        newest_first = range(len(keys) - 1, -1 if rarest is None else ready - 1, -1)
        for number in chain(rarest or (), newest_first):
            if keys[number] == key:
                keys[number] = None
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
        self._short = array("I")
        self._within = {}
        self._places = {}
        self._ready = self._removed = 0

    def search(self, wanted: Wanted) -> Iterator[bytes | None]:
        """Keys with these parts in this order, none overlapping; each once, in no order. None is a point to
        breathe at."""
        return (None if pair is None else pair[0] for pair in self.pairs(wanted))

    def pairs(self, wanted: Wanted) -> Iterator[Pair | None]:
        """The same keys, each with its bare form."""
        self.collect(_OWN_PORTION)
        parts = wanted.parts
        single = parts == (None, (wanted.longest,), None)
        for number, likely in enumerate(self._likely(wanted)):
            if number >= _SHORT_STEPS:
                yield None
            if not single:
                likely = [pair for pair in likely if matches_substrings(pair[1], *parts)]  # noqa: PLW2901
            if wanted.marked:
                yield from [pair for pair in likely if wanted.accepts(pair[0])]
            else:
                yield from likely

    def narrowed(self, text: bytes) -> int:
        """About how many keys contain the text; at least as many as do, once all trigrams are in."""
        numbers = self._numbers(text)
        return len(self._keys) if numbers is None else len(numbers) + len(self._keys) - self._ready

    def _likely(self, wanted: Wanted) -> Iterator[list[Pair]]:
        """The keys that contain the longest part, step by step."""
        text = wanted.longest
        keys, known = self._keys, self._bare
        ready, total = len(known), len(keys)  # others may collect while this waits for its next turn
        numbers = self._numbers(text)
        if numbers is None:
            letter = wanted.needle
            for start, end in _steps(0, ready):
                both = zip(keys[start:end], known[start:end], strict=True)
                if letter:
                    yield [pair for pair in both if pair[0] and letter in pair[0] and text in pair[1]]  # type: ignore[misc] # no key is None
                else:
                    yield [pair for pair in both if text in pair[1] and pair[0] is not None]  # type: ignore[misc]
        else:
            yield from self._among(text, numbers[:], ready)
        for start, end in _steps(ready, total):
            fresh = [(key, bare(key)) for key in keys[start:end] if key is not None]
            yield [pair for pair in fresh if text in pair[1]]

    def _among(self, text: bytes, numbers: array[int], ready: int) -> Iterator[list[Pair]]:
        """Those of the numbered keys that contain the text; remembers which, as most searches come again for
        their next part or the next letter."""
        keys, known = self._keys, self._bare
        proved = array("I")
        for start, end in _steps(0, len(numbers)):
            found = [number for number in numbers[start:end] if text in known[number]]
            proved.extend(found)
            yield [(key, known[number]) for number in found if (key := keys[number]) is not None]
        if self._ready == ready and self._bare is known and len(text) <= _LONGEST_REMEMBERED:
            self._places[text] = proved

    def _numbers(self, text: bytes) -> array[int] | None:
        """The numbers of the keys that may contain the text, of those whose trigrams are in; None if it is
        too common to narrow a search."""
        try:
            return self._places[text]
        except KeyError:
            if len(self._places) >= _REMEMBERED:
                self._places.clear()
            numbers = self._rarest(text) if len(text) >= _GRAM else self._united(text)
            for shorter in (text[1:], text[:-1]):
                among = self._places.get(shorter)
                if among is not None and (numbers is None or len(among) < len(numbers)):
                    numbers = among
            if len(text) <= _LONGEST_REMEMBERED:
                self._places[text] = numbers
            return numbers

    def _united(self, text: bytes) -> array[int] | None:
        """The same for a text shorter than a trigram."""
        grams = self._within.get(text, ())
        if not text or not self._common.isdisjoint(grams):
            return None
        found = [self._grams[gram] for gram in grams]
        if sum(map(len, found)) > _MOST_UNITED:
            return None
        return array("I", sorted(set(self._short).union(*found)))

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

    def collect(self, portion: int = PORTION) -> bool:
        """Takes the next so many keys into the trigrams; False once all are in."""
        if self._ready == len(self._keys):
            return False
        self._places.clear()
        keys, grams, common, known = self._keys, self._grams, self._common, self._bare
        end = min(len(keys), self._ready + portion)
        limit = max(_COMMON_LEAST, len(keys) // _COMMON_SHARE)
        for number in range(self._ready, end):
            key = keys[number]
            if key is None:
                known.append(b"")
                continue
            plain = bare(key)
            known.append(plain)
            if len(plain) < _GRAM:
                self._short.append(number)
            for gram in {plain[at : at + _GRAM] for at in range(len(plain) - _GRAM + 1)} - common:
                numbers = grams.get(gram)
                if numbers is None:
                    grams[gram] = array("I", (number,))
                    for text in {gram[:1], gram[1:2], gram[2:], gram[:2], gram[1:]}:
                        self._within.setdefault(text, []).append(gram)
                elif len(numbers) < limit:
                    numbers.append(number)
                else:
                    common.add(gram)
                    del grams[gram]
        self._ready = end
        return True


_NOWHERE: array[int] = array("I")


def _steps(start: int, end: int) -> Iterator[tuple[int, int]]:
    """From start to end in steps that grow."""
    step = _FIRST_STEP
    while start < end:
        yield start, min(start + step, end)
        start += step
        step = min(2 * step, _LAST_STEP)
