"""A province's people asking for their addresses one after the other, as when a mail system is filled."""

from __future__ import annotations

import tomllib
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from itertools import accumulate
from random import Random
from time import process_time
from typing import Final

from msgspec import Struct

from govdir.mailattrs.ladder import Proposal, Subject, propose, rules_of
from govdir.mailattrs.names import split
from govdir.mailattrs.stated_places import StatedPlace
from govdir.policy.model import MailboxKind, Pack

_VOCABULARY: Final = "kinh_nam"

# Of 100 people: how many work in bodies of that kind, and how many such a body has.
_BODIES: Final = (("agency", 35, 70), ("district", 25, 110), ("commune", 40, 22))


class Tally(Struct):
    """What came out: how often each step of the ladder was given, how often a human had to decide.

    `asked` counts questions whether an address is taken, `most_asked` those of the worst proposal.
    `seconds` is the processor's time for the last tenth of the proposals.
    """

    people: int
    steps: Counter[int]
    by_hand: int
    addresses: int
    asked: int
    most_asked: int
    seconds: float

    @property
    def microseconds(self) -> float:
        """For one of the last proposals, when the directory is full."""
        return self.seconds / max(1, self.people // 10) * 1_000_000

    def share(self, step: int) -> float:
        """Of all people, who got their address by that step of the ladder, from 0 to 1."""
        return self.steps[step] / self.people


class _Register:
    """The addresses given; counts questions."""

    def __init__(self) -> None:
        self.held: set[str] = set()
        self.asked = 0

    def taken(self, address: str) -> bool:
        self.asked += 1
        return address in self.held


def intake(pack: Pack, people: int, seed: int = 0) -> Tally:
    """`people` people in bodies of real sizes ask in no order; where a human must decide, one does."""
    random = Random(seed)
    rules = rules_of(pack, MailboxKind.PERSON)
    register, places, drawn = _Register(), _places(people), _draw(random)
    tally = Tally(people, Counter(), 0, 0, 0, 0, 0.0)
    requests = [(next(drawn), places[int(random.random() * len(places))]) for _ in range(people)]
    for number, (name, place) in enumerate(requests):
        before = register.asked
        started = process_time()
        subject = Subject(rules, split(name).fields(place.fields), place.place)
        outcome = propose(pack, subject, register.taken)
        if number >= people - people // 10:
            tally.seconds += process_time() - started
        tally.most_asked = max(tally.most_asked, register.asked - before)
        if isinstance(outcome, Proposal):
            if outcome.address in register.held:
                raise AssertionError(f"{outcome.address} was given twice")
            tally.steps[outcome.candidate.rank] += 1
            register.held.add(outcome.address)
        else:
            tally.by_hand += 1
            register.held.add(f"byhand{number}@{pack.domain}")
    tally.asked, tally.addresses = register.asked, len(register.held)
    return tally


def _places(people: int) -> Sequence[StatedPlace]:
    """One place for each person, so that drawing one is drawing a body by its size."""
    found: list[StatedPlace] = []
    for kind, share, size in _BODIES:
        for number in range(max(1, people * share // 100 // size)):
            label = f"{kind[0]}{number}"
            fields = {"parent": label, "parent.domain": label, "agency": label, "body": label}
            found += [StatedPlace(kind, fields, (label,))] * size
    return found


def _draw(random: Random) -> Iterator[str]:
    """Names as they are common; no two people are kept from having one name."""
    text = (resources.files("govdir.sample") / "data" / "names.toml").read_text("utf-8")
    people = tomllib.loads(text)[_VOCABULARY]
    surnames = _Urn(people["surnames"])
    sexes = [
        (_Urn(people[sex]["middle"]), _Urn(dict.fromkeys(people[sex]["given"], 1)))
        for sex in ("men", "women")
    ]
    while True:
        middles, givens = sexes[random.random() < 0.5]
        yield f"{surnames.draw(random)} {middles.draw(random)} {givens.draw(random)}"


class _Urn:
    """Words drawn by weight."""

    def __init__(self, weights: Mapping[str, int]) -> None:
        self._words = tuple(weights)
        self._cumulated = tuple(accumulate(weights.values()))

    def draw(self, random: Random) -> str:
        return self._words[bisect(self._cumulated, random.random() * self._cumulated[-1])]
