"""Keys of entries with many values, remembered while a filter is tried on them.

A filter may have two thousand parts, and an entry five hundred values: were the keys worked out for each
part, one request of a stranger would hold everybody up for seconds.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from govdir.directory.image import Record
from govdir.schema.errors import InvalidValue
from govdir.schema.matching import MatchingRule

LONG: Final = 4096
"""Octets of a body from which on this is worth it: that of a person has 2000."""

# Longer ones (lists) are searched by indexes; what is held here stays below 20 MB.
_TOO_LONG: Final = 1024 * 1024
_HELD: Final = 8

_Held = tuple[bytes, MatchingRule, list[bytes]]


class LongValues:
    """The keys of the few attributes that were looked at last."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[int, int, int], _Held] = OrderedDict()

    def keys(self, rule: MatchingRule, record: Record, place: int) -> list[bytes]:
        """By the rule, of the values at a place of the record; values that break its syntax have none."""
        body = record.body
        name = (id(body), id(rule), place)  # of nothing else while both are held
        held = self._held.get(name)
        if held is not None:
            return held[2]
        keys = []
        for value in record.shape.values(body, place):
            try:
                keys.append(rule.key(value))
            except InvalidValue:
                continue
        if len(body) <= _TOO_LONG:
            self._held[name] = (body, rule, keys)
            if len(self._held) > _HELD:
                self._held.popitem(last=False)
        return keys
