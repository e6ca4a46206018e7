"""One entry on its way in: what it is, what is around it, and who asks."""

from __future__ import annotations

from typing import Final

from govdir.directory.entry import Attributes
from govdir.directory.rules import Actor, Neighbourhood
from govdir.mailattrs.list_place import owner_body
from govdir.mailattrs.places import Surroundings, kind_of, name_of

CONTACTS: Final = frozenset(
    {
        "description", "facsimiletelephonenumber", "homephone", "mobile", "preferredlanguage", "roomnumber",
        "telephonenumber", "title",
    }
)  # fmt: skip
"""How to reach somebody: no rule reads these attributes or derives anything from them."""


class EntryChange:
    """`entry` as it will be stored; `own` are the addresses it held before, `above` the entries above it
    (of a list: the body that owns it, and those above that).

    Raises UnsuitableKind.
    """

    __slots__ = ("above", "actor", "around", "classes", "entry", "kind", "near", "own")

    def __init__(self, entry: Attributes, near: Neighbourhood, actor: Actor, own: frozenset[str]) -> None:
        self.entry = entry
        self.near = near
        self.actor = actor
        self.own = own
        self.classes = entry.object_classes
        owning = owner_body(entry, near) if "gdmaillist" in self.classes else ()
        self.above = [body for _, body in owning] or near.ancestors()
        self.around = Surroundings.of(self.above)
        self.kind = kind_of(entry, self.classes, self.around)

    @property
    def by_operator(self) -> bool:
        """Whether who asks decides where the regulation leaves the choice to the system's operator."""
        return self.actor.is_operator

    @property
    def name(self) -> str:
        """What people call the body or list."""
        return name_of(self.entry) or self.entry.text("cn") or ""

    @property
    def has_address(self) -> bool:
        """It is a mailbox or a list."""
        return has_address(self.classes)

    @property
    def lacks_label(self) -> bool:
        """It is a body whose label is not registered yet."""
        return "gdOrgCode" not in self.entry and "gdorganization" in self.classes

    def taken(self, address: str) -> bool:
        """Whether somebody else holds it, or nobody may have it again."""
        return address not in self.own and self.near.address_holder(address) is not None


def addresses(entry: Attributes) -> list[str]:
    """Every address of an entry, in lower case."""
    return [text.lower() for text in (*entry.texts("mail"), *entry.texts("mailLocalAddress"))]


def changed_attributes(before: Attributes, after: Attributes) -> frozenset[str]:
    """The keys of the attributes that differ, with options or without; a move changes none."""
    return frozenset(
        {
            description.attribute.key
            for description in {*before, *after}
            if before.get(description) != after.get(description)
        }
    )


def has_address(classes: frozenset[str]) -> bool:
    """Whether an entry of these classes is a mailbox or a list."""
    return "gdmailbox" in classes or "gdmaillist" in classes
