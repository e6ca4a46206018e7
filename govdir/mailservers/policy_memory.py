"""The smallest size among a message's recipients, kept from their commands until the message is there."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from govdir.mailattrs.message_sizes import Limit

# More messages than several mail servers receive at once; the oldest is forgotten, and only its size is.
MAX_MESSAGES: Final = 20_000
# Postfix itself waits some minutes for each command of a client.
MAX_SECONDS: Final = 3600.0

Key = tuple[str, str]
"""The mail server that asks, and its name for the message (instance)."""


class SmallestLimits:
    """Bounded in number and time; `seconds` is any clock that goes forward."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._held: OrderedDict[Key, tuple[float, Limit]] = OrderedDict()

    def note(self, key: Key, limit: Limit) -> None:
        """One more recipient's limit."""
        known = self.of(key)
        smallest = limit if known is None or limit.octets < known.octets else known
        self._held.pop(key, None)
        self._held[key] = (self._seconds(), smallest)
        while len(self._held) > MAX_MESSAGES:
            self._held.popitem(last=False)

    def of(self, key: Key) -> Limit | None:
        """The smallest so far."""
        held = self._held.get(key)
        if held is None:
            return None
        noted, limit = held
        if self._seconds() - noted > MAX_SECONDS:
            del self._held[key]
            return None
        return limit
