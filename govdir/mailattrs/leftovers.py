"""What is left of a mailbox, a person or a body when the class that made it one is taken off the entry."""

from __future__ import annotations

from typing import Final

from govdir.directory.entry import Attributes
from govdir.mailattrs.places import REGULATED
from govdir.mailattrs.states import State

_FILLED_IN: Final = frozenset({"gdmailboxkind", "gdmiddlename", "mailquota", "maxmessagesize"})
"""Follows again from the entry whenever the class comes back."""


def drop_leftovers(before: Attributes, after: Attributes) -> None:
    """Takes away what the server wrote for a regulated class that is gone and no other class allows.

    Addresses, labels and a state other than active stay: a client that means to give them up says so.
    """
    if REGULATED.isdisjoint(before.object_classes - after.object_classes):
        return
    classes = after.class_set
    for description in list(after):
        attribute = description.attribute
        if description.operational or classes.extensible or attribute.key in classes.may:
            continue
        written = attribute.no_user_modification or attribute.key in _FILLED_IN
        if written or (attribute.key == "gdstate" and after.text("gdState") == State.ACTIVE):
            after.put(description, [])
