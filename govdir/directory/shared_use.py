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
    boxes.update(box for box in image.indexes["gddelegate"].get(key) if not is_over(image, box))
    return (box for box in boxes if is_open(box))


def is_open(box: Record) -> bool:
    """Whether this is a shared mailbox that may be read."""
    return GROUPS in box.shape.by_attribute and b"imap" in box.values("enabledservice")


def is_named(image: Image, box: Record, attribute: str, person: Record) -> bool:
    """Whether a mailbox names this person in `attribute` ("owner" or "gddelegate")."""
    return image.indexes[attribute].holds(person.dn_key.encode(), box)


def is_over(image: Image, box: Record) -> bool:
    """Whether its delegates' authorisation has ended.

    The clock of mailboxes takes such delegates out; this holds while it cannot write.
    """
    try:
        ends = [parse_generalized_time(until.decode()) for until in box.values("gddelegateuntil")]
    except (InvalidValue, UnicodeDecodeError):
        return False
    return any(end <= image.now() for end in ends)
