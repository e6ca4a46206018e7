"""Entries and changes to LDIF (RFC 2849): base64 where it must be, lines of 76 columns."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from typing import Final

from govdir.ldap.codec.messages import (
    AddRequest,
    Attribute,
    Change,
    Control,
    DeleteRequest,
    ModifyDnRequest,
    ModifyRequest,
)

VERSION_LINE: Final = "version: 1\n\n"
"""What a file begins with, an empty line after it."""

COLUMNS: Final = 76  # RFC 2849 note 2 leaves the width open; 76 is what other tools fold at

# SAFE-STRING; note 8: a value that ends with a space should be in base64 too.
_SAFE: Final = re.compile(rb"(?![ :<])[\x01-\x09\x0b\x0c\x0e-\x7f]*(?<! )")


def write_entry(dn: str, attributes: Sequence[Attribute]) -> str:
    """The content record of an entry, the empty line after it included."""
    return "\n".join([_line("dn", dn.encode()), *_attribute_lines(attributes), "", ""])


def write_change(
    request: AddRequest | DeleteRequest | ModifyRequest | ModifyDnRequest, controls: Sequence[Control] = ()
) -> str:
    """The change record that stands for `request`, the empty line after it included."""
    dn = request.object if isinstance(request, ModifyRequest) else request.entry
    lines = [_line("dn", dn.encode()), *map(_control_line, controls)]
    if isinstance(request, AddRequest):
        lines += ["changetype: add", *_attribute_lines(request.attributes)]
    elif isinstance(request, DeleteRequest):
        lines.append("changetype: delete")
    elif isinstance(request, ModifyRequest):
        lines.append("changetype: modify")
        for change in request.changes:
            lines += _change_lines(change)
    else:
        lines += ["changetype: modrdn", _line("newrdn", request.new_rdn.encode())]
        lines.append(f"deleteoldrdn: {int(request.delete_old_rdn)}")
        if request.new_superior is not None:
            lines.append(_line("newsuperior", request.new_superior.encode()))
    return "\n".join([*lines, "", ""])


def _attribute_lines(attributes: Sequence[Attribute]) -> list[str]:
    return [_line(attribute.type, value) for attribute in attributes for value in attribute.values]


def _change_lines(change: Change) -> list[str]:
    head = f"{change.operation.name.lower()}: {change.modification.type}"
    return [head, *_attribute_lines([change.modification]), "-"]


def _control_line(control: Control) -> str:
    criticality = " true" if control.critical else " false"
    if control.value is None:
        return f"control: {control.oid}{criticality}"
    return _folded(f"control: {control.oid}{criticality}{_value_spec(control.value)}")


def _line(name: str, value: bytes) -> str:
    line = name + _value_spec(value)
    return line if len(line) <= COLUMNS else _folded(line)


def _value_spec(value: bytes) -> str:
    """The value with the colon or colons before it."""
    if not value:
        return ":"
    if _SAFE.fullmatch(value):
        return f": {value.decode()}"
    return f":: {b64encode(value).decode()}"


def _folded(line: str) -> str:
    """Continuation lines begin with a space, which counts."""
    width = COLUMNS - 1
    rest = (line[start : start + width] for start in range(COLUMNS, len(line), width))
    return "\n ".join((line[:COLUMNS], *rest))
