"""What an LDIF file (RFC 2849) is made of."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from govdir.ldap.codec.messages import (
    AddRequest,
    Attribute,
    Control,
    DeleteRequest,
    ModifyDnRequest,
    ModifyRequest,
)


class LdifError(ValueError):
    """Line `line` (from 1) of the file breaks the rule that `why` words."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line
        self.why = why


class ContentRecord(Struct, frozen=True):
    """An entry: its DN as written, and (attribute description, value) pairs in the order of the file.

    Pairs and not Attributes, because a bulk load is fastest with them: most attributes have one value.
    `line` is where the record begins. See `grouped`.
    """

    line: int
    dn: str
    attributes: list[tuple[str, bytes]]


class ChangeRecord(Struct, frozen=True):
    """A change: the request that makes it, and the controls to send with it. `line` is where it begins."""

    line: int
    request: AddRequest | DeleteRequest | ModifyRequest | ModifyDnRequest
    controls: tuple[Control, ...] = ()


def grouped(pairs: Iterable[tuple[str, bytes]]) -> tuple[Attribute, ...]:
    """Pairs as Attributes in order of first appearance; descriptions are compared without case, the first
    spelling stays."""
    attributes: dict[str, tuple[str, list[bytes]]] = {}
    for description, value in pairs:
        attributes.setdefault(description.lower(), (description, []))[1].append(value)
    return tuple(Attribute(description, tuple(values)) for description, values in attributes.values())
