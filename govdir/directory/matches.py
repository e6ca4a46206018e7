"""What a search yields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from govdir.ldap.codec.controls.list_view import ListViewResult
from govdir.ldap.codec.controls.sorting import SortResult

# A scan that has found nothing for so many entries, divided by the conditions each is tried by, lets the loop
# breathe; about 2 ms of work.
YIELD_EVERY = 1000


class Matches:
    """The entries of a search, as encoded SearchResultEntry contents; None is a point to yield at.

    Raises SizeLimitExceeded after the last entry that may be sent. What goes with the result stands here once
    `found` is exhausted: `cookie`, b"" behind the last page; `sorted` and `view`, None where they were not
    asked for.
    """

    __slots__ = ("cookie", "found", "sorted", "view")

    def __init__(self, found: Iterable[bytes | None] = ()) -> None:
        self.found = found
        self.cookie = b""
        self.sorted: SortResult | None = None
        self.view: ListViewResult | None = None

    def __iter__(self) -> Iterator[bytes | None]:
        return iter(self.found)
