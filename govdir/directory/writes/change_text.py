"""Changes as LDIF text for the audit trail (RFC 2849); values of secrets are never written."""

from __future__ import annotations

from collections.abc import Sequence

from govdir.directory.entry import Attributes
from govdir.directory.secrets import SECRET_ATTRIBUTES
from govdir.ldap.codec.ldif_write import attribute_line
from govdir.ldap.codec.messages import Change


def added_text(attributes: Attributes) -> str:
    """A new entry: its user attributes."""
    lines = ["changetype: add\n"]
    for description, values in attributes.items():
        if not description.operational and description.attribute.key not in SECRET_ATTRIBUTES:
            lines += [attribute_line(description.text, value) for value in values]
    return "".join(lines)


def modified_text(changes: Sequence[Change], *, password: bool) -> str:
    """The changes asked for, and that the password was changed if it was."""
    lines = ["changetype: modify\n"]
    for change in changes:
        name = change.modification.type
        lines.append(attribute_line(change.operation.name.lower(), name.encode()))
        lines += [attribute_line(name, value) for value in change.modification.values]
        lines.append("-\n")
    if password:
        lines.append("replace: userPassword\n-\n")
    return "".join(lines)


def renamed_text(new_rdn: str, new_superior: str | None, *, delete_old_rdn: bool) -> str:
    """A new name, with the new superior if it moved."""
    text = "changetype: modrdn\n" + attribute_line("newrdn", new_rdn.encode())
    text += f"deleteoldrdn: {int(delete_old_rdn)}\n"
    return text if new_superior is None else text + attribute_line("newsuperior", new_superior.encode())


def deleted_text() -> str:
    """The entry is gone."""
    return "changetype: delete\n"
