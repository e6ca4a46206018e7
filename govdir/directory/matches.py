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


class Outcome:
    """What goes with a result, complete once the search has ended, also when it fails.

    `cookie` is b"" behind the last page; `sorted` and `view` None where they were not asked for.
    """

    __slots__ = ("cookie", "sorted", "view")

    def __init__(self) -> None:
        self.cookie = b""
        self.sorted: SortResult | None = None
        self.view: ListViewResult | None = None


_PLAIN: Final = Outcome()


class Matches:
    """What a search finds, in the order in which it is sent.

    Raises SizeLimitExceeded after the last entry that may be sent. The `outcome` is apart, so that what makes
    `found` holds nothing that holds it: who drops a search drops all that it has collected.
    """

    __slots__ = ("found", "outcome")

    def __init__(self, found: Iterable[Found] = (), outcome: Outcome = _PLAIN) -> None:
        self.found = found
        self.outcome = outcome

    def __iter__(self) -> Iterator[Found]:
        return iter(self.found)

    @property
    def cookie(self) -> bytes:
        """To go on with paging, b"" behind the last page."""
        return self.outcome.cookie

    @property
    def sorted(self) -> SortResult | None:
        """How sorting came out."""
        return self.outcome.sorted

    @property
    def view(self) -> ListViewResult | None:
        """What a virtual list view shows."""
        return self.outcome.view


NOTHING_FOUND: Final = Matches()
"""What a search has found that has not begun."""
