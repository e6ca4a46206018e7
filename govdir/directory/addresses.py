"""The one namespace of mail addresses: who holds one, and what a change does to the claims."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from govdir.directory.entry import Attributes
from govdir.directory.errors import ConstraintViolation
from govdir.directory.image import Image, Record
from govdir.directory.ports import ClaimAddress, ReleaseAddress, RetireAddress
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


def taken(kind: str) -> ConstraintViolation:
    """The refusal of an address of this kind that another entry holds or held: names the attribute alone."""
    name = next(name for name, one in _KINDS if one == kind)
    return ConstraintViolation(
        f"{name}: địa chỉ đã cấp cho mục khác, hoặc không cấp lại nữa "
        "(the address is another entry's already, or is never given again)"
    )


def holder(image: Image, address: str, but: Record | None = None) -> str | None:
    """The DN of the entry that holds the address (other than `but`), RETIRED, or None when it is free."""
    if address in image.retired_addresses:
        return RETIRED
    for name, _ in _KINDS:
        for record in entries_with(image, name, address):
            if record is not but:
                return record.dn_text
    return None


def entries_with(image: Image, attribute: str, value: str) -> Iterable[Record]:
    """The entries that have this value of an indexed attribute; none for what its syntax forbids."""
    key = _key(image, attribute, value)
    described = image.vocabulary.describe(attribute).attribute
    return () if key is None else image.indexes[described.key].get(key)


def _key(image: Image, attribute: str, value: str) -> bytes | None:
    rule = image.vocabulary.describe(attribute).attribute.equality
    try:
        return value.encode() if rule is None else rule.key(value.encode())
    except InvalidValue:
        return None


def forget_former(attributes: Attributes, addresses: Collection[str]) -> None:
    """Notes no longer that the entry had these (lower case), which others may have from now on."""
    former = attributes.texts("gdPreviousAddress")
    kept = [text for text in former if text.strip().lower() not in addresses]
    if len(kept) != len(former):
        attributes.replace("gdPreviousAddress", kept)


def canonical(image: Image, address: str) -> str:
    """The address that this one stands for, in lower case: of the domain itself for an alias domain, unless
    somebody holds it as it is, or it is retired; itself otherwise, whether anybody has it or not."""
    key = _key(image, "mailLocalAddress", address)
    other = None if key is None else image.domains.standing_for(key)
    return (address.encode() if other is None else other).decode().strip().lower()


def claims(
    before: dict[str, str], after: dict[str, str], entry_id: int | None, *, retire: bool
) -> Iterator[ClaimAddress | ReleaseAddress | RetireAddress]:
    """The operations that turn one set of addresses into the other, releases first.

    `retire`: what the entry gives up is never given again.
    """
    if entry_id is not None:
        for address, kind in before.items():
            if address not in after and retire:
                yield RetireAddress(address, entry_id)
            elif after.get(address) != kind:
                yield ReleaseAddress(address, entry_id)
    for address, kind in after.items():
        if before.get(address) != kind:
            yield ClaimAddress(address, kind, entry_id)
