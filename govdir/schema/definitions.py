"""Attribute types and object classes as the rest of the program works with them (RFC 4512 §2.4, §2.5).

References are followed and inheritance is applied; within one schema they are compared by identity.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from govdir.schema.descriptions import (
    AttributeTypeDescription,
    ObjectClassDescription,
    ObjectClassKind,
    Usage,
)
from govdir.schema.matching import MatchingRule
from govdir.schema.syntaxes import DIRECTORY_STRING, PRINTABLE_SYNTAXES, Syntax


@dataclass(frozen=True, slots=True, eq=False)
class AttributeType:
    """An attribute type with its superior's rules and syntax inherited.

    `name` is the first NAME (the OID when there is none), `key` the same in lower case: the identity by which
    entries and object classes refer to it. `no_user_modification` holds for derived user attributes too.
    """

    oid: str
    names: tuple[str, ...]
    name: str
    key: str
    superior: AttributeType | None
    syntax: Syntax
    equality: MatchingRule | None
    ordering: MatchingRule | None
    substring: MatchingRule | None
    single_value: bool
    collective: bool
    no_user_modification: bool
    usage: Usage
    is_operational: bool
    description: AttributeTypeDescription = field(repr=False)

    def takes(self, rule: MatchingRule) -> bool:
        """Whether the rule can compare values of this type in an extensible match (RFC 4511 §4.5.1.7.7): one
        of its own, or one for its syntax. Rules for Directory Strings are for printable ones, too (RFC 4517
        §4.2.11); those that compare pieces are for nobody, those of first components for definitions."""
        if rule in (self.equality, self.ordering):
            return True
        oid = self.syntax.oid
        fits = rule.syntax == oid or (rule.syntax == DIRECTORY_STRING and oid in PRINTABLE_SYNTAXES)
        return fits and not rule.is_substrings_rule and not rule.name.endswith("FirstComponentMatch")


@dataclass(frozen=True, slots=True, eq=False)
class ObjectClass:
    """An object class; attribute sets hold `AttributeType.key`.

    `must` and `may` are its own, `all_must` and `all_may` with everything inherited (an attribute in both is
    required). `inherited` are all its superiors, each once, nearest first.
    """

    oid: str
    names: tuple[str, ...]
    name: str
    key: str
    kind: ObjectClassKind
    superiors: tuple[ObjectClass, ...]
    must: frozenset[str]
    may: frozenset[str]
    all_must: frozenset[str]
    all_may: frozenset[str]
    inherited: tuple[ObjectClass, ...]
    description: ObjectClassDescription = field(repr=False)

    @property
    def chain(self) -> tuple[ObjectClass, ...]:
        """The class itself and all its superiors."""
        return (self, *self.inherited)
