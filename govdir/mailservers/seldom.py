"""What is told to an operator's log, however often it comes about: once a minute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

TOLD_SECONDS: Final = 60.0


class Seldom:
    """Troubles by a word for each; `seconds` is any clock that goes forward."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._told: dict[str, float] = {}

    def is_due(self, what: str) -> bool:
        """Whether this one is to be told now; whoever asks tells it then."""
        now, last = self._seconds(), self._told.get(what)
        if last is not None and now - last < TOLD_SECONDS:
            return False
        self._told[what] = now
        return True
