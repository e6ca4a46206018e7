"""Who of one LDIF file chooses an address first, where the regulation gives a higher post the choice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Final

from govdir.ldap.codec.ldif_records import ContentRecord
from govdir.policy.model import Pack

_PERSONS: Final = frozenset({b"gdperson", b"inetorgperson"})
_ASKED_FOR: Final = b"*"
_POSTS: Final = ("gdposition", "title")


def in_turn(
    pack: Pack, records: Iterable[ContentRecord], file_of: Callable[[int], int]
) -> Iterator[ContentRecord]:
    """The records, those of one file together; people without an address of their own come after the others
    of their file, the highest post first and equal ones as they stand.

    Only where the pack has such a rule; elsewhere nothing is held back. `file_of` tells the file of a line.
    """
    if pack.ranks.priority is None:
        yield from records
        return
    for _, of_one_file in groupby(records, key=lambda record: file_of(record.line)):
        waiting: list[ContentRecord] = []
        for record in of_one_file:
            if _chooses(record):
                waiting.append(record)
            else:
                yield record
        yield from sorted(waiting, key=lambda record: pack.ranks.precedence(_post(record)))


def _chooses(record: ContentRecord) -> bool:
    """Whether the entry is a person's and its address is left to the regulation."""
    person = False
    for name, value in record.attributes:
        key = name.lower()
        if key == "mail" and value != _ASKED_FOR:
            return False
        person = person or (key == "objectclass" and value.lower() in _PERSONS)
    return person


def _post(record: ContentRecord) -> str:
    """gdPosition, else title: as the rank of a leaver is told by."""
    given = {name.lower(): value for name, value in reversed(record.attributes)}
    found = next((given[name] for name in _POSTS if given.get(name)), b"")
    return found.decode("utf-8", "replace")
