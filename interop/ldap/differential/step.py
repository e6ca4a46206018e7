"""One step of the script, and short ways to write requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from govdir.ldap.codec.filter_text import parse_filter
from govdir.ldap.codec.limits import AFTER_BIND
from govdir.ldap.codec.messages import (
    AddRequest,
    Attribute,
    Change,
    CompareRequest,
    Control,
    DeleteRequest,
    DerefAliases,
    ModifyDnRequest,
    ModifyOperation,
    ModifyRequest,
    Request,
    Scope,
    SearchRequest,
)
from interop.server import SUFFIX

BASE: Final = f"ou=so sánh,{SUFFIX}"
"""Where all of it happens: a corner of the tree in which no regulation applies."""

PERSON: Final = ("top", "person", "organizationalPerson", "inetOrgPerson")

ADD: Final = ModifyOperation.ADD
DELETE: Final = ModifyOperation.DELETE
REPLACE: Final = ModifyOperation.REPLACE
INCREMENT: Final = ModifyOperation.INCREMENT

Value = str | bytes
Values = Value | Sequence[Value]


@dataclass(frozen=True, slots=True)
class Step:
    """A request by the administrator, or by nobody. `name` is what the list of differences calls it."""

    name: str
    request: Request
    controls: tuple[Control, ...] = ()
    anonymous: bool = False


def octets(values: Values) -> tuple[bytes, ...]:
    """Values as octets."""
    several: Iterable[Value] = (values,) if isinstance(values, str | bytes) else values
    return tuple(value.encode() if isinstance(value, str) else value for value in several)


def at(rdn: str) -> str:
    """A name below the base; "" is the base's."""
    return f"{rdn},{BASE}" if rdn else BASE


def add(rdn: str, attributes: dict[str, Values]) -> AddRequest:
    """An add below the base."""
    return AddRequest(at(rdn), tuple(Attribute(name, octets(values)) for name, values in attributes.items()))


def person(rdn: str, surname: str = "Nguyễn", **more: Values) -> AddRequest:
    """An add of an inetOrgPerson whose cn is its surname unless given."""
    attributes: dict[str, Values] = {"objectClass": PERSON, "sn": surname, "cn": surname, **more}
    return add(rdn, attributes)


def modify(rdn: str, *changes: tuple[ModifyOperation, str, Values]) -> ModifyRequest:
    """A modify below the base; the values of a change may be ()."""
    return ModifyRequest(
        at(rdn),
        tuple(Change(operation, Attribute(name, octets(values))) for operation, name, values in changes),
    )


def rename(rdn: str, new_rdn: str, *, keep: bool = False, to: str | None = None) -> ModifyDnRequest:
    """A modifyDN below the base; `to` is the new superior's name below the base."""
    return ModifyDnRequest(at(rdn), new_rdn, not keep, None if to is None else at(to))


def delete(rdn: str) -> DeleteRequest:
    """A delete below the base."""
    return DeleteRequest(at(rdn))


def compare(rdn: str, attribute: str, value: Value) -> CompareRequest:
    """A compare below the base."""
    return CompareRequest(at(rdn), attribute, octets(value)[0])


def search(
    filter_text: str = "(objectClass=*)",
    *attributes: str,
    rdn: str = "",
    scope: Scope = Scope.WHOLE_SUBTREE,
    size: int = 0,
    types_only: bool = False,
) -> SearchRequest:
    """A search below the base."""
    wanted = parse_filter(filter_text, AFTER_BIND)
    return SearchRequest(at(rdn), scope, DerefAliases.NEVER, size, 0, types_only, wanted, attributes)
