"""Entries that stand for something else: referral objects, aliases, subentries. Most directories have none.

All three are leaves, and only administrators make them (AccessView).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from govdir.directory.image import Image, Record

REFERRAL: Final = "referral"
"""The class of referral objects (RFC 3296): what is below them is held elsewhere."""

ALIAS: Final = "alias"
"""The class of other names of entries (RFC 4512 §2.6)."""

SUBENTRY: Final = "subentry"
"""The class of what administers a subtree (RFC 3672)."""

SPECIAL_CLASSES: Final = frozenset({REFERRAL, ALIAS, SUBENTRY})


def special_records(image: Image, object_class: str) -> Iterator[Record]:
    """The entries of one of these classes, whoever may see them."""
    for shape in image.shapes.special:
        if object_class in shape.classes:
            yield from (record for record in shape.members if record.alive)


def has_special(image: Image, object_class: str) -> bool:
    """Whether there is any."""
    return next(special_records(image, object_class), None) is not None
