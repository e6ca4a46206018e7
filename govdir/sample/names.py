"""Names for people who do not exist: common words in random combinations, no name twice."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from itertools import accumulate
from random import Random

import msgspec
from msgspec import Struct

from govdir.policy.folding import fold


class PersonName(Struct, frozen=True):
    """A name in its three parts: họ, tên đệm (never empty here), tên."""

    surname: str
    middle: str
    given: str

    @property
    def full(self) -> str:
        """The name as it is written."""
        return f"{self.surname} {self.middle} {self.given}"

    @property
    def spelling(self) -> str:
        """The full name in plain letters, run together, as the longest form of an address has it."""
        return fold(self.full)


class _Words(Struct, frozen=True, forbid_unknown_fields=True):
    given: tuple[str, ...]
    middle: dict[str, int]


class _Vocabulary(Struct, frozen=True, forbid_unknown_fields=True):
    surnames: dict[str, int]
    men: _Words
    women: _Words


class TooManyPeople(ValueError):
    """More people than the vocabulary has different names for; `limit` is how many it allows."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the sample has names for at most {limit} people")
        self.limit = limit


def draw_names(random: Random, count: int, taken: Iterable[str]) -> Iterator[PersonName]:
    """`count` names whose spellings differ from each other and from `taken`.

    So everybody's full name is nobody else's, and a ladder of addresses that ends with the full name leaves
    nobody without one. Raises TooManyPeople.
    """
    vocabulary = _vocabulary()
    limit = _capacity(vocabulary)
    if count > limit:
        raise TooManyPeople(limit)
    surnames = _Urn(vocabulary.surnames)
    sexes = tuple(
        (_Urn(words.middle), _Urn(dict.fromkeys(words.given, 1)))
        for words in (vocabulary.men, vocabulary.women)
    )
    used = set(taken)
    drawn = 0
    while drawn < count:
        middles, givens = sexes[random.random() < 0.5]
        name = PersonName(surnames.draw(random), middles.draw(random), givens.draw(random))
        if name.spelling not in used:
            used.add(name.spelling)
            drawn += 1
            yield name


class _Urn:
    """Words drawn by weight. Uses only Random.random, whose sequence Python promises to keep."""

    def __init__(self, weights: Mapping[str, int]) -> None:
        self._words = tuple(weights)
        self._cumulated = tuple(accumulate(weights.values()))

    def draw(self, random: Random) -> str:
        return self._words[bisect(self._cumulated, random.random() * self._cumulated[-1])]


def _capacity(vocabulary: _Vocabulary) -> int:
    """A quarter of the combinations: with more, drawing new ones would get slow."""
    pairs = sum(len(words.middle) * len(words.given) for words in (vocabulary.men, vocabulary.women))
    return len(vocabulary.surnames) * pairs // 4


@cache
def _vocabulary() -> _Vocabulary:
    text = (resources.files("govdir.sample") / "data" / "names.toml").read_bytes()
    return msgspec.toml.decode(text, type=_Vocabulary)
