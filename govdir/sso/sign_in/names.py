"""The names people sign in under: any address of theirs, uid, or the DN."""

from __future__ import annotations

from typing import Final
from unicodedata import normalize

from govdir.directory.addresses import entries_with
from govdir.directory.errors import InvalidDn
from govdir.directory.image import Image, Record
from govdir.directory.service import Directory

MAX_NAME_CHARACTERS: Final = 320
"""An address has 64 + 1 + 255 octets (RFC 5321 §4.5.3.1); DNs that people type are shorter."""

_ADDRESSES: Final = ("mail", "mailLocalAddress")


def folded(name: str) -> str:
    """The name as it is compared: composed, without the space around it, in lower case; "" for one that is
    too long to be any."""
    if len(name) > MAX_NAME_CHARACTERS:
        return ""
    return normalize("NFC", name.encode("utf-8", "replace").decode()).strip().lower()


def find_named(directory: Directory, name: str) -> Record | None:
    """The one entry of that name; None when there is none, or several share a uid."""
    wanted = folded(name)
    if not wanted or "\0" in wanted:
        return None
    if "=" in wanted:
        return _by_dn(directory, normalize("NFC", name).strip())
    image = directory.image
    if "@" not in wanted:
        return _only(image, ("uid",), wanted)
    return _only(image, _ADDRESSES, wanted)


def _only(image: Image, attributes: tuple[str, ...], value: str) -> Record | None:
    found = {record.id: record for name in attributes for record in entries_with(image, name, value)}
    return next(iter(found.values())) if len(found) == 1 else None


def _by_dn(directory: Directory, name: str) -> Record | None:
    """By the whole name, or by what of it stands before the suffix ("cn=admin")."""
    for text in (name, f"{name},{directory.suffix}"):
        try:
            path = directory.path_of(text)
        except InvalidDn:
            return None
        if path:
            return directory.image.find(path)
    return None
