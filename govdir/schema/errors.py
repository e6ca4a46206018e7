"""What the schema refuses, as types; the text says why and never repeats the offending value."""

from __future__ import annotations


class SchemaError(Exception):
    """Base of what this package raises on purpose; `why` is an English phrase."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class InvalidValue(SchemaError):
    """Octets that a syntax does not allow or that a matching rule cannot compare."""


class InvalidName(InvalidValue):
    """A text that is not a distinguished name (RFC 4514), or one that this schema cannot compare."""


class UndefinedAttribute(SchemaError):
    """The schema has no attribute type of that name or OID."""

    def __init__(self, name: str) -> None:
        super().__init__(f"attribute type {name!r} is not defined")
        self.name = name


class UndefinedObjectClass(SchemaError):
    """The schema has no object class of that name or OID."""

    def __init__(self, name: str) -> None:
        super().__init__(f"object class {name!r} is not defined")
        self.name = name


class InvalidDefinition(SchemaError):
    """A schema definition that cannot be read or resolved; `where` names the definition, or file and line."""

    def __init__(self, why: str, where: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
