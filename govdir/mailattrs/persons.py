"""A person's entry: the name it states, and the attributes that follow from the name."""

from __future__ import annotations

from typing import Final

from govdir.directory.entry import Attributes
from govdir.mailattrs import texts
from govdir.mailattrs.folding import name_key
from govdir.mailattrs.names import InvalidPersonName, PersonName, read, split, tidy
from govdir.mailattrs.places import Surroundings, name_of
from govdir.policy.model import Pack

NAME_ATTRIBUTES: Final = ("cn", "sn", "gdMiddleName", "givenName")


def read_name(attributes: Attributes) -> PersonName:
    """The name by cn in written order, its parts by sn, gdMiddleName and givenName where these are given.

    Raises InvalidPersonName, also when there is no name at all.
    """
    written = attributes.text("cn")
    surname, middle, given = (attributes.text(name) for name in NAME_ATTRIBUTES[1:])
    if written is not None:
        return read(written, surname, middle, given)
    if surname is None or given is None:
        raise InvalidPersonName(texts.NAME_NEEDED)
    return split("", surname=surname, middle=middle, given=given)


def unread_name(attributes: Attributes) -> PersonName:
    """A stand-in for a name in cn that cannot be read: nothing but the text as it is, and its key."""
    text = tidy(attributes.text("cn") or "")
    key = name_key(text)
    return PersonName("", "", attributes.text("givenName") or text, text, "", "", key, key)


def fill_names(attributes: Attributes, name: PersonName, *, in_full: bool) -> None:
    """cn, sn and givenName where missing; `in_full` (gdPerson) gdMiddleName too, and gdNameKey."""
    if "cn" not in attributes:
        attributes.replace("cn", (name.written,))
    if "sn" not in attributes:
        attributes.replace("sn", (name.surname or name.written,))
    if "givenName" not in attributes:
        attributes.replace("givenName", (name.given,))
    if in_full:
        if name.middle and "gdMiddleName" not in attributes:
            attributes.replace("gdMiddleName", (name.middle,))
        attributes.replace("gdNameKey", (name.key,))


def display_name(pack: Pack, name: str, around: Surroundings) -> str:
    """The name as the regulation wants it shown: with the agency, if the person is in one."""
    agency = name_of(around.agency) if around.agency is not None else None
    return pack.display_name.format(name=name, agency=agency) if agency else name


def fill_display_name(pack: Pack, attributes: Attributes, name: PersonName, around: Surroundings) -> None:
    """displayName, where the client gave none."""
    if "displayName" not in attributes:
        attributes.replace("displayName", (display_name(pack, name.written, around),))


def follow_name(before: Attributes, after: Attributes) -> None:
    """When cn changed, the parts that followed from the old one follow the new one; gdNameKey always does.

    An entry that becomes a gdPerson gets what a new one has. Raises InvalidPersonName for a new name that is
    none.
    """
    in_full = "gdperson" in after.object_classes
    same = all(before.values(name) == after.values(name) for name in NAME_ATTRIBUTES)
    if same and (not in_full or "gdperson" in before.object_classes):
        return
    old, new = before.text("cn"), after.text("cn")
    if old is not None and new is not None and old != new:
        _drop_derived(before, after, old)
    fill_names(after, read_name(after), in_full=in_full)


def _drop_derived(before: Attributes, after: Attributes, old: str) -> None:
    """Removes the parts that the client left alone and that were only derived from the old cn."""
    try:
        name = split(old)
    except InvalidPersonName:
        return
    derived = (("sn", name.surname or name.written), ("gdMiddleName", name.middle), ("givenName", name.given))
    for attribute, value in derived:
        held = before.texts(attribute)
        if held == after.texts(attribute) and [tidy(text) for text in held] == [value]:
            after.remove(attribute)


def follow_display_name(pack: Pack, before: Attributes, after: Attributes, around: Surroundings) -> None:
    """displayName follows name and agency as long as it is the derived one, and comes back when removed."""
    shown, name = before.text("displayName"), after.text("cn")
    if name is None or ("displayName" in after and after.text("displayName") != shown):
        return
    old = before.text("cn") or ""
    start, _, end = pack.display_name.format(name=old, agency="\0").partition("\0")
    derived = shown is None or shown == old or (shown.startswith(start) and shown.endswith(end))
    if derived or "displayName" not in after:
        after.replace("displayName", (display_name(pack, tidy(name), around),))
