"""Search filters as received: RFC 4511 §4.5.1.7, before any schema is applied.

Attribute descriptions are text as the client wrote them; assertion values are bytes.
"""

from __future__ import annotations

from msgspec import Struct


class And(Struct, frozen=True):
    """True when every part is; `(&)` is True (RFC 4526)."""

    filters: tuple[Filter, ...]


class Or(Struct, frozen=True):
    """True when one part is; `(|)` is False (RFC 4526)."""

    filters: tuple[Filter, ...]


class Not(Struct, frozen=True):
    """True when `filter` is False; Undefined stays Undefined."""

    filter: Filter


class Equality(Struct, frozen=True):
    """`(attribute=value)`."""

    attribute: str
    value: bytes


class Substrings(Struct, frozen=True):
    """`(attribute=initial*any*final)`; at least one part is present, parts are never empty."""

    attribute: str
    initial: bytes | None
    any: tuple[bytes, ...]
    final: bytes | None


class GreaterOrEqual(Struct, frozen=True):
    """`(attribute>=value)`."""

    attribute: str
    value: bytes


class LessOrEqual(Struct, frozen=True):
    """`(attribute<=value)`."""

    attribute: str
    value: bytes


class Present(Struct, frozen=True):
    """`(attribute=*)`."""

    attribute: str


class Approx(Struct, frozen=True):
    """`(attribute~=value)`."""

    attribute: str
    value: bytes


class Extensible(Struct, frozen=True):
    """`(attribute:dn:rule:=value)`; `rule` or `attribute` is present."""

    rule: str | None
    attribute: str | None
    value: bytes
    dn_attributes: bool


Filter = And | Or | Not | Equality | Substrings | GreaterOrEqual | LessOrEqual | Present | Approx | Extensible
