"""Schema definitions as published: what a text of RFC 4512 §4.1 says, references unresolved."""

from __future__ import annotations

from enum import Enum
from typing import Final

from msgspec import Struct

Extensions = tuple[tuple[str, tuple[str, ...]], ...]
"""`X-…` keywords with their values, in the order written."""

DERIVED: Final = "X-GOVDIR-DERIVED"
"""Extension of user attributes that the server alone writes.

RFC 4512 §4.1.2 allows NO-USER-MODIFICATION only to operational attributes, and clients reject schemas
that use it otherwise; these attributes must be returned for "*" nevertheless.
"""


class Usage(Enum):
    """Attribute usage (RFC 4512 §4.1.2)."""

    USER_APPLICATIONS = "userApplications"
    DIRECTORY_OPERATION = "directoryOperation"
    DISTRIBUTED_OPERATION = "distributedOperation"
    DSA_OPERATION = "dSAOperation"


class ObjectClassKind(Enum):
    """The kind of an object class (RFC 4512 §2.4)."""

    ABSTRACT = "ABSTRACT"
    STRUCTURAL = "STRUCTURAL"
    AUXILIARY = "AUXILIARY"


class AttributeTypeDescription(Struct, frozen=True):
    """RFC 4512 §4.1.2; `length` is the suggested upper bound written after the syntax, None when absent."""

    oid: str
    names: tuple[str, ...] = ()
    description: str = ""
    obsolete: bool = False
    superior: str | None = None
    equality: str | None = None
    ordering: str | None = None
    substring: str | None = None
    syntax: str | None = None
    length: int | None = None
    single_value: bool = False
    collective: bool = False
    no_user_modification: bool = False
    usage: Usage = Usage.USER_APPLICATIONS
    extensions: Extensions = ()


class ObjectClassDescription(Struct, frozen=True):
    """RFC 4512 §4.1.1."""

    oid: str
    names: tuple[str, ...] = ()
    description: str = ""
    obsolete: bool = False
    superiors: tuple[str, ...] = ()
    kind: ObjectClassKind = ObjectClassKind.STRUCTURAL
    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    extensions: Extensions = ()


class MatchingRuleDescription(Struct, frozen=True):
    """RFC 4512 §4.1.3; `syntax` is the OID of the assertion syntax."""

    oid: str
    syntax: str
    names: tuple[str, ...] = ()
    description: str = ""
    obsolete: bool = False
    extensions: Extensions = ()


class MatchingRuleUseDescription(Struct, frozen=True):
    """RFC 4512 §4.1.4; `applies` lists attribute types."""

    oid: str
    applies: tuple[str, ...]
    names: tuple[str, ...] = ()
    description: str = ""
    obsolete: bool = False
    extensions: Extensions = ()


class SyntaxDescription(Struct, frozen=True):
    """RFC 4512 §4.1.5."""

    oid: str
    description: str = ""
    extensions: Extensions = ()
