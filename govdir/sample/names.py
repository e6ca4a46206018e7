"""Names for people who do not exist: common words in random combinations, no name twice."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from itertools import accumulate
from random import Random
from typing import Literal

import msgspec
from msgspec import Struct

from govdir.policy.folding import fold

Part = Literal["surname", "middle", "given"]


class PersonName(Struct, frozen=True):
    """A name in its three parts, họ, tên đệm and tên, and as it is `written`; only tên is never empty."""

    surname: str
    middle: str
    given: str
    written: str

    @property
    def spelling(self) -> str:
        """The full name in plain letters, run together, as the longest form of an address has it."""
        return fold(self.written)


def written_name(parts: Iterable[str]) -> str:
    """The parts that there are, in their order; a marker with an apostrophe stands close (H'Nghia)."""
    text = ""
    for part in filter(None, parts):
        text += f" {part}" if text and not text.endswith("'") else part
    return text


class _Words(Struct, frozen=True, forbid_unknown_fields=True):
    given: tuple[str, ...]
    middle: dict[str, int]
    surnames: dict[str, int] = {}


class _Vocabulary(Struct, frozen=True, forbid_unknown_fields=True):
    """How a people names its men and women; `written` is the order of the parts."""

    men: _Words
    women: _Words
    surnames: dict[str, int] = {}
    written: tuple[Part, ...] = ("surname", "middle", "given")


class TooManyPeople(ValueError):
    """More people than the vocabulary has different names for; `limit` is how many it allows."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the sample has names for at most {limit} people")
        self.limit = limit


class UnknownPeople(LookupError):
    """The vocabulary has no names of that kind."""


def draw_names(
    random: Random, count: int, taken: Iterable[str], peoples: Mapping[str, int]
) -> Iterator[PersonName]:
    """`count` names whose spellings differ from each other and from `taken`.

    So everybody's full name is nobody else's, and a ladder of addresses that ends with the full name leaves
    nobody without one. `peoples` says which kinds of names there are, each with its weight; the first one
    stands in for those whose few names have been used up. Raises TooManyPeople, UnknownPeople.
    """
    namings = [_Naming(people) for people in peoples]
    limit = sum(naming.capacity for naming in namings)
    if count > limit:
        raise TooManyPeople(limit)
    chosen = _Urn({str(index): weight for index, weight in enumerate(peoples.values())})
    used = set(taken)
    for _ in range(count):
        naming = namings[int(chosen.draw(random))]
        if not naming.capacity:
            naming = next(other for other in namings if other.capacity)
        naming.capacity -= 1
        name = naming.draw(random)
        while name.spelling in used:
            name = naming.draw(random)
        used.add(name.spelling)
        yield name


class _Urn:
    """Words drawn by weight. Uses only Random.random, whose sequence Python promises to keep."""

    def __init__(self, weights: Mapping[str, int]) -> None:
        self._words = tuple(weights)
        self._cumulated = tuple(accumulate(weights.values()))

    def draw(self, random: Random) -> str:
        return self._words[bisect(self._cumulated, random.random() * self._cumulated[-1])]


class _Naming:
    """The names of one people. `capacity` is how many more may be drawn: a third of the combinations to begin
    with, since drawing new ones would get slow beyond."""

    def __init__(self, people: str) -> None:
        vocabulary = _vocabularies().get(people)
        if vocabulary is None:
            raise UnknownPeople(f"there are no names of the kind {people!r}")
        self._order = vocabulary.written
        self._sexes = []
        self.capacity = 0
        for words in (vocabulary.men, vocabulary.women):
            surnames = words.surnames or vocabulary.surnames
            self._sexes.append((_Urn(surnames), _Urn(words.middle), _Urn(dict.fromkeys(words.given, 1))))
            self.capacity += len(surnames) * len(words.middle) * len(words.given) // 3

    def draw(self, random: Random) -> PersonName:
        surnames, middles, givens = self._sexes[random.random() < 0.5]
        parts: dict[Part, str] = {
            "surname": surnames.draw(random),
            "middle": middles.draw(random),
            "given": "",
        }
        while parts["given"] in ("", *parts["middle"].split()):  # nobody is called Công Công
            parts["given"] = givens.draw(random)
        return PersonName(**parts, written=written_name(parts[part] for part in self._order))


@cache
def _vocabularies() -> dict[str, _Vocabulary]:
    text = (resources.files("govdir.sample") / "data" / "names.toml").read_bytes()
    return msgspec.toml.decode(text, type=dict[str, _Vocabulary])
