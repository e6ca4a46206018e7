"""What a search yields, and how a part of it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

# A scan that has found nothing for so many entries, divided by the conditions each is tried by, lets the loop
# breathe; about 2 ms of work.
YIELD_EVERY = 1000


class PageRequest(Struct, frozen=True):
    """RFC 2696: the page size and the cookie of the previous page, b"" for the first."""

    size: int
    cookie: bytes


class Matches:
    """The entries of a search, as encoded SearchResultEntry contents; None is a point to yield at.

    Raises SizeLimitExceeded after the last entry that may be sent. `cookie` is set once a page is exhausted:
    b"" when it was the last.
    """

    __slots__ = ("cookie", "found")

    def __init__(self, found: Iterable[bytes | None] = ()) -> None:
        self.found = found
        self.cookie = b""

    def __iter__(self) -> Iterator[bytes | None]:
        return iter(self.found)
