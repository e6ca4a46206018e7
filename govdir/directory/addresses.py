"""The one namespace of mail addresses: who holds one, and what a change does to the claims."""

from __future__ import annotations

from collections.abc import Iterator

from govdir.directory.entry import Attributes
from govdir.directory.image import Image, Record
from govdir.directory.ports import ClaimAddress, ReleaseAddress
from govdir.schema.errors import InvalidValue

RETIRED = "retired"

_KINDS = (("mail", "mail"), ("mailLocalAddress", "alias"))


def addresses_of(attributes: Attributes) -> dict[str, str]:
    """Every address of an entry in lower case, with its kind: "mail" or "alias"."""
    found: dict[str, str] = {}
    for name, kind in _KINDS:
        for text in attributes.texts(name):
            found.setdefault(text.strip().lower(), kind)
    return found


def holder(image: Image, address: str, but: Record | None = None) -> str | None:
    """The DN of the entry that holds the address (other than `but`), RETIRED, or None when it is free."""
    if address in image.retired_addresses:
        return RETIRED
    for name in ("mail", "maillocaladdress"):
        rule = image.vocabulary.describe(name).attribute.equality
        try:
            key = address.encode() if rule is None else rule.key(address.encode())
        except InvalidValue:
            return None
        for record in image.indexes[name].get(key):
            if record is not but:
                return record.dn_text
    return None


def claims(
    before: dict[str, str], after: dict[str, str], entry_id: int | None
) -> Iterator[ClaimAddress | ReleaseAddress]:
    """The operations that turn one set of addresses into the other, releases first."""
    if entry_id is not None:
        for address, kind in before.items():
            if after.get(address) != kind:
                yield ReleaseAddress(address, entry_id)
    for address, kind in after.items():
        if before.get(address) != kind:
            yield ClaimAddress(address, kind, entry_id)
