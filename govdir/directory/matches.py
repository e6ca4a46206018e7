"""What a search yields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from govdir.ldap.codec.controls.list_view import ListViewResult
from govdir.ldap.codec.controls.sorting import SortResult
from govdir.ldap.codec.messages import Control

# A scan that has found nothing for so many entries, divided by the conditions each is tried by, lets the loop
# breathe; about 2 ms of work.
YIELD_EVERY = 1000


class Annotated(Struct, frozen=True):
    """An entry, as the content octets of a SearchResultEntry, and the controls that go with it."""

    content: bytes
    controls: tuple[Control, ...]


class Reference(Struct, frozen=True):
    """A continuation reference (RFC 4511 §4.5.3): where else the search is to be made."""

    uris: tuple[str, ...]


Sent = bytes | Annotated
"""An entry; without controls it is its content octets alone."""

Found = Sent | Reference | None
"""What a search comes upon; None is a point to yield at."""


class Matches:
    """What a search finds, in the order in which it is sent.

    Raises SizeLimitExceeded after the last entry that may be sent. What goes with the result stands here once
    `found` is exhausted: `cookie`, b"" behind the last page; `sorted` and `view`, None where they were not
    asked for.
    """

    __slots__ = ("cookie", "found", "sorted", "view")

    def __init__(self, found: Iterable[Found] = ()) -> None:
        self.found = found
        self.cookie = b""
        self.sorted: SortResult | None = None
        self.view: ListViewResult | None = None

    def __iter__(self) -> Iterator[Found]:
        return iter(self.found)


NOTHING_FOUND: Final = Matches()
"""What a search has found that has not begun."""
