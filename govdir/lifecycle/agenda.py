"""Which mailboxes are to be looked at when: a heap of moments, the nearest first, of the hours ahead."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from heapq import heappop, heappush


class Agenda:
    """At most one standing appointment a mailbox: the earliest that was asked for.

    An appointment that has become too early does no harm: whoever keeps it looks, and makes the next one.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int]] = []
        self._standing: dict[int, datetime] = {}

    def __len__(self) -> int:
        return len(self._standing)

    def enter(self, entry_id: int, moments: Iterable[datetime], *, until: datetime) -> None:
        """Notes the first of the moments, if it comes before `until` and before what is noted already."""
        moment = min(moments, default=until)
        held = self._standing.get(entry_id)
        if moment < until and (held is None or moment < held):
            self._standing[entry_id] = moment
            heappush(self._heap, (moment, entry_id))

    def take(self, now: datetime) -> int | None:
        """The next mailbox whose moment has come; it has no appointment any more. None: nothing has come."""
        while self._heap and self._heap[0][0] <= now:
            moment, entry_id = heappop(self._heap)
            if self._standing.get(entry_id) == moment:
                del self._standing[entry_id]
                return entry_id
        return None
