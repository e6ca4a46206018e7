"""Who uses which shared mailboxes at this moment: the owners and delegates that their entries name."""

from __future__ import annotations

from collections.abc import Iterator

from govdir.directory.image import Image, Record
from govdir.schema.errors import InvalidValue
from govdir.schema.times import parse_generalized_time

GROUPS = "gdaclgroups"
"""Every shared mailbox has it, and nothing else."""


def boxes_of(image: Image, person: Record) -> Iterator[Record]:
    """The shared mailboxes that are open to this person, in no order.

    A mailbox whose own state lets nobody read it (suspended, or handed over and its password not yet changed)
    is open to none; nor is it to delegates whose authorisation is over.
    """
    key = person.dn_key.encode()
    boxes = set(image.indexes["owner"].get(key))
    boxes.update(box for box in image.indexes["gddelegate"].get(key) if not _is_over(image, box))
    return (
        box for box in boxes if GROUPS in box.shape.by_attribute and b"imap" in box.values("enabledservice")
    )


def _is_over(image: Image, box: Record) -> bool:
    """Said by the clock of mailboxes too, which takes the delegates out; this holds while it cannot write."""
    try:
        return any(
            parse_generalized_time(until.decode()) <= image.now() for until in box.values("gddelegateuntil")
        )
    except (InvalidValue, UnicodeDecodeError):
        return False
