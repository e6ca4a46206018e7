"""Requests of LDAP in short: what a command asks of one entry, all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from govdir.cli.local import LocalDirectory
from govdir.ldap.codec.messages import AddRequest, Attribute, Change, ModifyOperation, ModifyRequest

Values = str | None | Iterable[str]


def put(name: str, *values: str) -> Change:
    """These values in place of the present ones; none takes the attribute away."""
    return Change(ModifyOperation.REPLACE, _attribute(name, values))


def also(name: str, value: str) -> Change:
    """One more value."""
    return Change(ModifyOperation.ADD, _attribute(name, (value,)))


def without(name: str, value: str) -> Change:
    """That value no more."""
    return Change(ModifyOperation.DELETE, _attribute(name, (value,)))


def modify(local: LocalDirectory, dn: str, *changes: Change) -> None:
    """All changes at once. Raises DirectoryError."""
    local.run(local.handle.modify(ModifyRequest(dn, changes)))


def add(local: LocalDirectory, dn: str, classes: Iterable[str], given: Mapping[str, Values]) -> str:
    """A new entry with what is given (None and "" are nothing); the name it got. Raises DirectoryError."""
    attributes = [_attribute("objectClass", ("top", *classes))]
    for name, value in given.items():
        values = (value,) if isinstance(value, str) else tuple(value or ())
        if any(values):
            attributes.append(_attribute(name, values))
    return local.run(local.handle.add(AddRequest(dn, tuple(attributes)))).dn


def _attribute(name: str, values: Iterable[str]) -> Attribute:
    return Attribute(name, tuple(value.encode() for value in values))
