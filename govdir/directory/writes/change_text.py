"""Changes as LDIF text for the audit trail (RFC 2849); values of secrets are never in what comes here."""

from __future__ import annotations

from collections.abc import Sequence

from govdir.directory.entry import Attributes
from govdir.ldap.codec.ldif_write import write_change
from govdir.ldap.codec.messages import (
    AddRequest,
    Attribute,
    Change,
    DeleteRequest,
    ModifyDnRequest,
    ModifyOperation,
    ModifyRequest,
)

# Stands in the trail for a new password.
_PASSWORD_CHANGED = Change(ModifyOperation.REPLACE, Attribute("userPassword"))


def added_text(dn: str, attributes: Attributes) -> str:
    """A new entry: its user attributes."""
    user = tuple(
        Attribute(description.text, tuple(values))
        for description, values in attributes.items()
        if not description.operational
    )
    return write_change(AddRequest(dn, user))


def modified_text(dn: str, changes: Sequence[Change], *, password: bool) -> str:
    """The changes asked for, and that the password was changed if it was."""
    return write_change(ModifyRequest(dn, (*changes, _PASSWORD_CHANGED) if password else tuple(changes)))


def renamed_text(dn: str, new_rdn: str, new_superior: str | None, *, delete_old_rdn: bool) -> str:
    """A new name, with the new superior if it moved."""
    return write_change(ModifyDnRequest(dn, new_rdn, delete_old_rdn, new_superior))


def deleted_text(dn: str) -> str:
    """The entry is gone."""
    return write_change(DeleteRequest(dn))
