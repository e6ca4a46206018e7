"""How many operations one process has performed, by kind and result; read by cn=monitor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from govdir.ldap.codec.result_codes import ResultCode

SEARCH = "search"
BIND = "bind"


class Tally:
    """Counts since the start.

    `completed` is by the names of operations (traits.Trait.name), abandoned ones included; `results` by the
    code of every result but success; `entries` those that searches sent.
    """

    __slots__ = ("completed", "entries", "results")

    def __init__(self, operations: Iterable[str]) -> None:
        self.completed = dict.fromkeys((*operations, SEARCH, BIND), 0)
        self.results: Counter[ResultCode] = Counter()
        self.entries = 0

    def ended(self, operation: str, code: ResultCode | None) -> None:
        """One operation has ended; `code` None: without a result."""
        self.completed[operation] += 1
        if code:
            self.results[code] += 1
