"""LDIF change records (RFC 2849, change-record; increment: RFC 4525) as the requests they stand for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from govdir.ldap.codec.attribute_description import NUMERIC_OID, is_attribute_description
from govdir.ldap.codec.ldif_line import Line, ReadUrl, parse_value
from govdir.ldap.codec.ldif_records import ChangeRecord, LdifError, grouped
from govdir.ldap.codec.messages import (
    AddRequest,
    Attribute,
    Change,
    Control,
    DeleteRequest,
    ModifyDnRequest,
    ModifyOperation,
    ModifyRequest,
)

END_OF_MODIFICATION: Final = "-"

_CONTROL: Final = re.compile(
    rb"(?P<oid>%b)(?: +(?P<critical>true|false))?(?: *:(?P<value>.*))?" % NUMERIC_OID.encode(),
    re.DOTALL | re.IGNORECASE,
)
_OPERATIONS: Final = {operation.name.lower(): operation for operation in ModifyOperation}


def is_change(line: Line) -> bool:
    """Whether the line after the DN makes the record a change record."""
    return line.name.lower() in ("control", "changetype")


def change_record(
    number: int, dn: str, lines: Sequence[Line], read_url: ReadUrl | None = None
) -> ChangeRecord:
    """The change to `dn` that the lines after it describe (begun in line `number`); raises LdifError."""
    count = 0
    while count < len(lines) and lines[count].name.lower() == "control":
        count += 1
    controls = tuple(_control(line, read_url) for line in lines[:count])
    if count == len(lines) or lines[count].name.lower() != "changetype":
        raise LdifError(lines[min(count, len(lines) - 1)].number, "“changetype:” expected after “control:”")
    change_type, body = lines[count], lines[count + 1 :]
    kind = change_type.text().lower()
    if kind == "add":
        return ChangeRecord(number, _add(dn, change_type, body), controls)
    if kind == "delete":
        if body:
            raise LdifError(body[0].number, "nothing follows “changetype: delete”")
        return ChangeRecord(number, DeleteRequest(dn), controls)
    if kind == "modify":
        return ChangeRecord(number, ModifyRequest(dn, _changes(body)), controls)
    if kind in ("modrdn", "moddn"):
        return ChangeRecord(number, _modify_dn(dn, change_type, body), controls)
    raise LdifError(change_type.number, "changetype is one of add, delete, modify, modrdn, moddn")


def _control(line: Line, read_url: ReadUrl | None) -> Control:
    match = _CONTROL.fullmatch(line.value)
    if match is None:
        raise LdifError(line.number, "“control:” is followed by an OID, true or false, and a value-spec")
    value = None if match["value"] is None else parse_value(line.number, match["value"], read_url)
    critical = match["critical"] is not None and match["critical"].lower() == b"true"
    return Control(match["oid"].decode(), critical, value)


def _add(dn: str, change_type: Line, lines: Sequence[Line]) -> AddRequest:
    if not lines:
        raise LdifError(change_type.number, "“changetype: add” is followed by attributes")
    return AddRequest(dn, grouped((line.attribute(), line.value) for line in lines))


def _changes(lines: Sequence[Line]) -> tuple[Change, ...]:
    """Modifications, each ended by “-”; after the last one it may be missing, as OpenLDAP has it."""
    changes: list[Change] = []
    start = 0
    while start < len(lines):
        end = start + 1
        while end < len(lines) and lines[end].name != END_OF_MODIFICATION:
            end += 1
        changes.append(_change(lines[start], lines[start + 1 : end]))
        start = end + 1
    return tuple(changes)


def _change(head: Line, lines: Sequence[Line]) -> Change:
    """One modification: `head` is `add: description` or the like."""
    operation = _OPERATIONS.get(head.name.lower())
    if operation is None:
        raise LdifError(head.number, "“add:”, “delete:”, “replace:” or “increment:” expected")
    description = head.text()
    if not is_attribute_description(description):
        raise LdifError(head.number, f"“{description}” is not an attribute description (RFC 4512 §2.5)")
    for line in lines:
        if line.name.lower() != description.lower():
            raise LdifError(line.number, f"a value of “{description}”, or “-”, expected, not “{line.name}”")
    if operation is ModifyOperation.ADD and not lines:
        raise LdifError(head.number, "“add:” is followed by values")
    if operation is ModifyOperation.INCREMENT and len(lines) != 1:
        raise LdifError(head.number, "“increment:” is followed by one value (RFC 4525)")
    return Change(operation, Attribute(description, tuple(line.value for line in lines)))


def _modify_dn(dn: str, change_type: Line, lines: Sequence[Line]) -> ModifyDnRequest:
    names = [line.name.lower() for line in lines]
    if names not in (["newrdn", "deleteoldrdn"], ["newrdn", "deleteoldrdn", "newsuperior"]):
        raise LdifError(
            change_type.number, "“newrdn:”, “deleteoldrdn:” and perhaps “newsuperior:” follow, in this order"
        )
    if lines[1].value not in (b"0", b"1"):
        raise LdifError(lines[1].number, "deleteoldrdn is 0 or 1")
    new_superior = lines[2].text() if len(lines) == 3 else None
    return ModifyDnRequest(dn, lines[0].text(), lines[1].value == b"1", new_superior)
