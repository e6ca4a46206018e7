"""The entries below another one, a few or a million, so that others may change them between two steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from govdir.directory.image import Image, Record

FIRST_CHILDREN: Final = 2000
"""More than Directory Studio shows of a branch at a time."""

MANY_CHILDREN: Final = 20_000
"""So many are noted down at once within a millisecond or two; a million would hold up everybody for 100."""

SLICE: Final = 1000
"""Entries of the image looked at between two points to breathe at."""


def children_of(parent: Record, image: Image) -> Iterable[Record | None]:
    """The children in no particular order, each once; None is a point to breathe at."""
    children = parent.children or {}
    if len(children) <= FIRST_CHILDREN:
        return list(children.values())
    return _in_parts(parent, children, image)


def _in_parts(parent: Record, children: dict[str, Record], image: Image) -> Iterator[Record | None]:
    """A browser takes the first thousand of what may be a million: the others are not looked at before."""
    first = list(islice(children.values(), FIRST_CHILDREN))
    yield from first
    sent = set(first)
    others = iter([list(children.values())]) if len(children) <= MANY_CHILDREN else _slices(image)
    for records in others:
        for record in records:
            if record is not None and record.alive and record.parent is parent and record not in sent:
                yield record
        yield None


def _slices(image: Image) -> Iterator[list[Record | None]]:
    """All entries by their numbers, which none of them changes."""
    for start in range(0, len(image.records), SLICE):
        yield image.records[start : start + SLICE]
