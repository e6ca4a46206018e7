"""The names people sign in under: any address of theirs, uid, or the DN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from unicodedata import normalize

from msgspec import Struct

from govdir.directory import addresses
from govdir.directory.errors import InvalidDn
from govdir.directory.image import Record
from govdir.schema.errors import InvalidValue

if TYPE_CHECKING:
    from govdir.directory.service import Directory

MAX_NAME_CHARACTERS: Final = 320
"""An address has 64 + 1 + 255 octets (RFC 5321 §4.5.3.1); DNs that people type are shorter."""

_FORMS: Final = ("dn", "u")
_ADDRESSES: Final = ("mail", "mailLocalAddress")


class TypedName(Struct, frozen=True):
    """A name as the directory compares it: `attributes` it may be a value of (none: a DN), the text, and
    `canonical`, which is the same for all spellings that name the same entry in the same way."""

    attributes: tuple[str, ...]
    text: str
    canonical: bytes
    path: tuple[str, ...] | None = None


def read_name(directory: Directory, name: str) -> TypedName:
    """What was typed, whether somebody is called so or not."""
    if len(name) > MAX_NAME_CHARACTERS:
        return TypedName((), "", b"")
    text = normalize("NFC", name.encode("utf-8", "replace").decode()).replace("\0", "").strip()
    if "=" in text:
        path = _path(directory, text)
        canonical = text.casefold() if path is None else "\0".join(path)
        return TypedName((), text, b"dn:" + canonical.encode(), path)
    attributes = _ADDRESSES if "@" in text else ("uid",)
    if "@" in text and directory.image.domains.by_alias:
        text = addresses.canonical(directory.image, text)
    return TypedName(attributes, text, attributes[0].encode() + b":" + _key(directory, attributes[0], text))


def read_identity(directory: Directory, text: str) -> TypedName:
    """The same of a SASL identity: "dn:" and a name, "u:" and any other (RFC 4513 §5.2.1.8), or as typed."""
    form, colon, rest = text.partition(":")
    if not colon or form.lower() not in _FORMS:
        return read_name(directory, text)
    is_dn = form.lower() == "dn"
    name = read_name(directory, rest)
    return name if is_dn == (name.path is not None) else TypedName((), rest, name.canonical)


def find_named(directory: Directory, name: TypedName) -> Record | None:
    """The one entry of that name; None when there is none, or several share a uid."""
    if name.path:
        return directory.image.find(name.path)
    image = directory.image
    found = {
        record.id: record
        for each in name.attributes
        for record in addresses.entries_with(image, each, name.text)
    }
    return next(iter(found.values())) if len(found) == 1 else None


def _key(directory: Directory, attribute: str, text: str) -> bytes:
    """As its equality rule compares it: case, width, spaces and invisible characters aside."""
    rule = directory.vocabulary.describe(attribute).attribute.equality
    try:
        return text.encode() if rule is None else rule.key(text.encode())
    except InvalidValue:
        return text.casefold().encode()


def _path(directory: Directory, name: str) -> tuple[str, ...] | None:
    """By the whole name, or by what of it stands before the suffix ("cn=admin")."""
    for text in (name, f"{name},{directory.suffix}"):
        try:
            path = directory.path_of(text)
        except InvalidDn:
            return None
        if path:
            return path
    return None
