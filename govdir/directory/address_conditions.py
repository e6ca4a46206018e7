"""`(mailLocalAddress=value)`: also true of the entry that the address reaches through an alias domain.

So is `(gdPreviousAddress=value)` of the one that it reached.
"""

from __future__ import annotations

from collections.abc import Iterable

from govdir.directory.access import Grant
from govdir.directory.conditions import UNINDEXED, EqualTo
from govdir.directory.image import Image, Record


class Reached(EqualTo):
    """The address is a value of the entry, or is one by its domain alone (directory.domains)."""

    __slots__ = ()

    def matches(self, record: Record, grant: Grant) -> bool | None:
        verdict = super().matches(record, grant)
        return record in self._by_domain() if verdict is False else verdict

    def _by_domain(self) -> Iterable[Record]:
        if self._index is None:
            return ()
        held = self._image.domains.otherwise[self._attribute.key](self._key)
        if held is None:
            return ()
        return held if isinstance(held, set) else (held,)

    def estimate(self, image: Image) -> int:
        estimate = super().estimate(image)
        return estimate or sum(1 for _ in self._by_domain()) if estimate < UNINDEXED else estimate

    def candidates(self, image: Image) -> Iterable[Record | None]:
        return super().candidates(image) or list(self._by_domain())
