"""Whose certificate a client has presented (RFC 4513 §5.2.3): by what the entry stores, or by what it says.

The authority that issued it has been checked before (ldap.server.client_certificates).
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from govdir.directory.errors import InvalidDn
from govdir.directory.image import Record
from govdir.directory.sign_in_names import find_named, read_name

if TYPE_CHECKING:
    from govdir.directory.service import Directory


class OwnerBy(Enum):
    """How a certificate tells whose it is."""

    CERTIFICATE = "certificate"  # the entry has it in userCertificate;binary
    ADDRESS = "address"  # its rfc822Names are addresses of the entry
    SUBJECT = "subject"  # its subject is the entry's name


class Presented(Struct, frozen=True):
    """A certificate: its DER octets, its subject as RFC 4514 writes it, its rfc822Names."""

    octets: bytes
    subject: str
    addresses: tuple[str, ...] = ()


_STORED: Final = "usercertificate"
_ADDRESS: Final = re.compile(r"[!-?A-~]+@[!-?A-~]+")  # printable ASCII without space, one @


def owner_of(directory: Directory, presented: Presented, mappings: frozenset[OwnerBy]) -> Record | None:
    """The entry whose it is; None where it is nobody's or several entries'.

    An entry that stores certificates has no others, whatever address or name they are for.
    """
    if OwnerBy.CERTIFICATE in mappings:
        holders = _holders(directory, presented.octets)
        if holders:
            return holders[0] if len(holders) == 1 else None
    found: list[Record | None] = []
    if OwnerBy.ADDRESS in mappings:
        found += [_of_address(directory, address) for address in presented.addresses]
    if OwnerBy.SUBJECT in mappings and not found:
        found.append(_of_subject(directory, presented.subject))
    named = {record.id: record for record in found if record is not None}
    if None in found or len(named) != 1:
        return None
    record = next(iter(named.values()))
    return None if record.values(_STORED) else record


def _holders(directory: Directory, octets: bytes) -> list[Record]:
    """Entries that store it; few shapes have the attribute at all, so no index is kept."""
    return [
        record
        for shape in directory.image.shapes
        if _STORED in shape.by_attribute
        for record in shape.members
        if octets in record.values(_STORED)
    ]


def _of_address(directory: Directory, address: str) -> Record | None:
    """Nothing in it is passed over as in what people type: an authority vouches for these very characters."""
    if not _ADDRESS.fullmatch(address):
        return None
    name = read_name(directory, address)
    return find_named(directory, name) if name.attributes else None  # none: it was taken for a DN


def _of_subject(directory: Directory, subject: str) -> Record | None:
    try:
        path = directory.path_of(subject)
    except InvalidDn:
        return None
    return directory.image.find(path) if path else None
