"""Which entries of an image changed lately, for what is worked out from many of them and kept."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from govdir.directory.image import Image, Record

MAX_CHANGES: Final = 4096
"""Whoever lags further behind starts anew."""


class Journal:
    """The last changes of an image. A position is a number; `end` is that after the newest change."""

    __slots__ = ("_changes", "_upset_at", "end")

    def __init__(self, image: Image) -> None:
        self._changes: deque[Record] = deque(maxlen=MAX_CHANGES)
        self._upset_at = 0
        self.end = 0
        image.watchers.append(self._changed)
        image.farewells.append(self._note)

    def _changed(self, record: Record) -> None:
        """With the entry everything below it may have another place."""
        if record.children:
            self.end += 1
            self._changes.clear()
            self._upset_at = self.end
        else:
            self._note(record)

    def _note(self, record: Record) -> None:
        self._changes.append(record)
        self.end += 1

    def since(self, position: int) -> list[Record] | None:
        """What changed from a position on, newest first, perhaps several times; None: perhaps all."""
        missed = self.end - position
        if position < self._upset_at or missed > len(self._changes):
            return None
        return list(islice(reversed(self._changes), missed))
