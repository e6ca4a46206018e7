"""How often somebody may have something done that costs others."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from math import ceil

# Who uses a page at a time; the one who was away longest is forgotten, who may then begin afresh.
MAX_REMEMBERED = 10_000


class Pace:
    """Lets each key have `burst` at once and one more every `seconds` after (a leaky bucket)."""

    def __init__(self, burst: int, seconds: float, now: Callable[[], float]) -> None:
        """`now` is a clock in seconds that never goes back."""
        self._burst = burst
        self._seconds = seconds
        self._now = now
        self._free_at: OrderedDict[str, float] = OrderedDict()

    def wait_seconds(self, key: str) -> int:
        """0 when it may be now, which counts; else the whole seconds to wait, which does not."""
        now = self._now()
        free_at = max(self._free_at.pop(key, now), now)
        ahead = free_at - now - (self._burst - 1) * self._seconds
        if ahead > 0:
            self._free_at[key] = free_at
            return ceil(ahead)
        self._free_at[key] = free_at + self._seconds
        if len(self._free_at) > MAX_REMEMBERED:
            self._free_at.popitem(last=False)
        return 0
