"""Whose staff a list is for: the body that owns it or that it stands below, else the whole province."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from govdir.directory.entry import Attributes
from govdir.directory.rules import Neighbourhood
from govdir.ldap.codec.filters import And, Equality
from govdir.ldap.codec.messages import Scope
from govdir.ldap.codec.urls import LdapUrl, format_url
from govdir.mailattrs.named import dn_key, with_ancestors
from govdir.schema.registry import Schema

STAFF: Final = And((Equality("objectClass", b"gdPerson"), Equality("enabledService", b"deliver")))
"""Everybody whose mailbox takes mail."""

_ORGANISATION: Final = "gdorganization"


class ListPlace(Struct, frozen=True):
    """Whose staff a list is for: a body, or with None the province; their entries are below the DN `base`."""

    body: str | None
    base: str

    def holds(self, dn: str, schema: Schema) -> bool:
        """Whether that entry is the base or below it."""
        key, base = dn_key(dn, schema), dn_key(self.base, schema)
        return key == base or key.endswith(f",{base}")


def owner_body(entry: Attributes, near: Neighbourhood) -> list[tuple[str, Attributes]]:
    """The organisation that owns a list, and the entries above it, with their DNs; empty if none does."""
    for dn in entry.texts("owner"):
        found = with_ancestors(dn, near, entry.vocabulary.schema)
        if found and _ORGANISATION in found[0][1].object_classes:
            return found
    return []


def place_of(entry: Attributes, near: Neighbourhood) -> ListPlace:
    """By the organisation that owns it, else by the body it stands below, else the province."""
    above = list(zip(near.ancestor_names(), near.ancestors(), strict=True))
    for dn, body in owner_body(entry, near) or above:
        if _ORGANISATION in body.object_classes:
            return ListPlace(dn, dn)
    suffix = above[-1][0] if above else ""
    return ListPlace(None, f"ou=orgs,{suffix}")


def controllers(entry: Attributes, near: Neighbourhood) -> Iterator[Attributes]:
    """Who may send to a list under every policy: its owners, and the body it stands below unless it is
    another body's."""
    owners = [near.entry(dn) for dn in entry.texts("owner")]
    if not any(owner is not None and _ORGANISATION in owner.object_classes for owner in owners):
        for dn, above in zip(near.ancestor_names(), near.ancestors(), strict=True):
            if _ORGANISATION in above.object_classes:
                owners.insert(0, near.entry(dn) or above)
                break
    yield from (owner for owner in owners if owner is not None)


def may_be_body_of(dn: str, near: Neighbourhood) -> bool:
    """Whether a list here may be that entry's without reaching beyond the body it stands below."""
    found = near.entry(dn)
    if found is None or _ORGANISATION not in found.object_classes:
        return True
    for above, body in zip(near.ancestor_names(), near.ancestors(), strict=True):
        if _ORGANISATION in body.object_classes:
            return ListPlace(above, above).holds(dn, body.vocabulary.schema)
    return False


def staff_url(base: str) -> str:
    """The LDAP URL of everybody below an entry whose mailbox takes mail (RFC 4516)."""
    return format_url(LdapUrl(dn=base, attributes=("mail",), scope=Scope.WHOLE_SUBTREE, filter=STAFF))
