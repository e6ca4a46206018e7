"""Substring conditions: through trigrams, an index's keys, or the entries that have the attribute."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from govdir.directory.access import Grant
from govdir.directory.conditions import MAX_VERDICTS, UNINDEXED, OnValue, distinct, holders
from govdir.directory.dynamic import DYNAMIC
from govdir.directory.image import Image, Record
from govdir.directory.substring_keys import SubstringKeys
from govdir.schema.accents import Parts, matches_substrings, wanted
from govdir.schema.definitions import AttributeType
from govdir.schema.matching import MatchingRule

# What a substring search is taken to yield when the planner compares: unknown until it is run.
_SUBSTRING_GUESS = 500

# Keys tried between two points at which the loop may breathe: about 1 ms.
_BREATHE_EVERY = 500

# Who ignores case in text of any script ignores accents, too (docs/protocol/deviations.md).
ACCENT_BLIND = frozenset({"caseIgnoreSubstringsMatch", "caseIgnoreIA5SubstringsMatch"})


class Containing(OnValue):
    """`(attribute=initial*any*final)`; the parts are prepared by the substring rule."""

    __slots__ = ("_accents_count", "_parts", "_verdicts", "wanted")

    def __init__(
        self,
        image: Image,
        attribute: AttributeType,
        options: tuple[str, ...],
        rule: MatchingRule,
        parts: Parts,
    ) -> None:
        super().__init__(image, attribute, options, rule)
        self._parts = parts
        self._accents_count = rule.name not in ACCENT_BLIND
        self.wanted = wanted(parts)
        self._verdicts: dict[bytes, bool] = {}

    @property
    def attribute_key(self) -> str:
        """The key of the attribute type it is about."""
        return self._attribute.key

    @property
    def text(self) -> bytes:
        """What somebody typed, prepared, as far as the start of a value or a place inside it has it."""
        initial, middle, _ = self._parts
        return (initial or next(iter(middle), b"")).strip()

    @property
    def is_initial(self) -> bool:
        """Whether a value has to begin with it."""
        return self._parts[0] is not None

    @property
    def is_one_piece(self) -> bool:
        """Whether it asks for the text alone: every value that begins with that satisfies it."""
        initial, middle, final = self._parts
        return final is None and (initial is not None) + len(middle) == 1

    def _accepts(self, key: bytes) -> bool:
        if self._accents_count:
            return matches_substrings(key, *self._parts)
        return self.wanted.matches(key)

    def matches(self, record: Record, grant: Grant) -> bool | None:
        """Verdicts are remembered by the attribute's octets: titles and the like recur in many entries."""
        places = record.shape.by_attribute.get(self._attribute.key, ())
        if len(places) != 1 or self._options or not self._searchable(grant):
            return super().matches(record, grant)
        offsets = record.shape.offsets(record.body)
        octets = record.body[offsets[places[0]] : offsets[places[0] + 1]]
        verdict = self._verdicts.get(octets)
        if verdict is None:
            verdict = super().matches(record, grant) is True
            if len(self._verdicts) < MAX_VERDICTS:
                self._verdicts[octets] = verdict
        return verdict

    def certain(self, grant: Grant) -> bool:
        return self._index is not None and super().certain(grant)

    def estimate(self, image: Image) -> int:
        index = self._index
        if index is not None:
            trigrams = index.substring
            return _SUBSTRING_GUESS if trigrams is None else self._narrowed(trigrams)
        key = self._attribute.key
        if key in DYNAMIC:
            return UNINDEXED
        return sum(len(shape.members) for shape in image.shapes if key in shape.by_attribute)

    def _narrowed(self, trigrams: SubstringKeys) -> int:
        """A key may be many entries': more than one is taken for several, many for a guess."""
        return min(2 * trigrams.narrowed(self.wanted.longest), _SUBSTRING_GUESS)

    def candidates(self, image: Image) -> Iterable[Record | None]:
        return distinct(self.found(image))

    def found(self, image: Image) -> Iterable[Record | None]:
        index = self._index
        if index is None:
            key = self._attribute.key
            return [record for shape in image.shapes if key in shape.by_attribute for record in shape.members]
        if index.substring is not None:
            return holders(index, index.substring.search(self.wanted))
        return holders(index, self._keys(list(index.table)))

    def _keys(self, keys: list[bytes]) -> Iterator[bytes | None]:
        """Of an index without trigrams: a walk over its keys is still less than one over entries."""
        for number, key in enumerate(keys, 1):
            if not number % _BREATHE_EVERY:
                yield None
            if self._accepts(key):
                yield key
