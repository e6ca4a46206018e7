"""Conditions made of conditions: AND, OR, NOT under three values (RFC 4511 §4.5.1.7)."""

from __future__ import annotations

from collections.abc import Iterable

from govdir.directory.access import Grant
from govdir.directory.conditions import UNINDEXED, Condition, distinct
from govdir.directory.image import Image, Record
from govdir.directory.vocabulary import Description


class Both(Condition):
    """`(&...)`: the first False decides, then Undefined; searched through its narrowest part."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Condition, ...]) -> None:
        self.parts = parts

    @property
    def weight(self) -> int:
        return 1 + sum(part.weight for part in self.parts)

    def matches(self, record: Record, grant: Grant) -> bool | None:
        result: bool | None = True
        for part in self.parts:
            verdict = part.matches(record, grant)
            if verdict is False:
                return False
            if verdict is None:
                result = None
        return result

    def estimate(self, image: Image) -> int:
        return min(part.estimate(image) for part in self.parts)

    def candidates(self, image: Image) -> Iterable[Record | None]:
        return min(self.parts, key=lambda part: part.estimate(image)).candidates(image)

    def selects(self, description: Description, value: bytes) -> bool:
        return all(part.selects(description, value) for part in self.parts)


class Either(Condition):
    """`(|...)`: the first True decides, then Undefined; searched through all of its parts."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Condition, ...]) -> None:
        self.parts = parts

    @property
    def weight(self) -> int:
        return 1 + sum(part.weight for part in self.parts)

    def certain(self, grant: Grant) -> bool:
        return all(part.certain(grant) for part in self.parts)

    def matches(self, record: Record, grant: Grant) -> bool | None:
        result: bool | None = False
        for part in self.parts:
            verdict = part.matches(record, grant)
            if verdict is True:
                return True
            if verdict is None:
                result = None
        return result

    def estimate(self, image: Image) -> int:
        total = 0
        for part in self.parts:
            total += part.estimate(image)
            if total >= UNINDEXED:
                return UNINDEXED
        return total

    def candidates(self, image: Image) -> Iterable[Record | None]:
        return distinct(self.found(image))

    def found(self, image: Image) -> Iterable[Record | None]:
        """A part may go through all keys of an index to find nothing: one may breathe behind each."""
        for part in self.parts:
            yield from part.found(image)
            yield None

    def selects(self, description: Description, value: bytes) -> bool:
        return any(part.selects(description, value) for part in self.parts)


class Negated(Condition):
    """`(!...)`: Undefined stays Undefined."""

    __slots__ = ("_part",)

    def __init__(self, part: Condition) -> None:
        self._part = part

    @property
    def weight(self) -> int:
        return 1 + self._part.weight

    def matches(self, record: Record, grant: Grant) -> bool | None:
        verdict = self._part.matches(record, grant)
        return None if verdict is None else not verdict

    def estimate(self, image: Image) -> int:
        return UNINDEXED
