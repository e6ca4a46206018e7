"""The schema: definitions resolved and looked up by name or OID, and their publication (RFC 4512 §4.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Final, TypeVar

from govdir.schema import format as definition_text
from govdir.schema.definitions import AttributeType, ObjectClass
from govdir.schema.descriptions import (
    DERIVED,
    AttributeTypeDescription,
    MatchingRuleDescription,
    MatchingRuleUseDescription,
    ObjectClassDescription,
    ObjectClassKind,
    SyntaxDescription,
    Usage,
)
from govdir.schema.errors import InvalidDefinition, UndefinedAttribute, UndefinedObjectClass
from govdir.schema.matching import MatchingRule, matching_rules
from govdir.schema.parse import parse_attribute_type, parse_object_class
from govdir.schema.syntaxes import SYNTAXES, Syntax

T = TypeVar("T")
Described = TypeVar("Described", bound=AttributeTypeDescription | ObjectClassDescription)

DATA: Final = Path(__file__).with_name("data")

SHIPPED_FILES: Final = (
    "system.ldif",
    "user.ldif",
    "certificates.ldif",
    "cosine.ldif",
    "inetorgperson.ldif",
    "mozilla.ldif",
    "groups.ldif",
    "ppolicy.ldif",
    "monitor.ldif",
    "rights.ldif",
    "mail.ldif",
    "govdir.ldif",
)
"""The definitions in `data/`; the order is the order of publication."""


class Schema:
    """Attribute types, object classes, matching rules and syntaxes, each by any of its names or its OID.

    Immutable once built. Superiors may be defined in any order; every reference must lead somewhere, and
    every name and OID must be one thing only, else InvalidDefinition is raised.
    """

    def __init__(
        self,
        attribute_types: Iterable[AttributeTypeDescription],
        object_classes: Iterable[ObjectClassDescription],
    ) -> None:
        self._syntaxes = {syntax.oid: syntax for syntax in SYNTAXES}
        self._rules: dict[str, MatchingRule] = {}
        for rule in matching_rules(self):
            self._rules[rule.oid] = self._rules[rule.name.lower()] = rule
        attribute_descriptions = tuple(attribute_types)
        class_descriptions = tuple(object_classes)
        self._attributes: dict[str, AttributeType] = {}
        self._classes: dict[str, ObjectClass] = {}
        self._attribute_texts = tuple(map(definition_text.format_attribute_type, attribute_descriptions))
        self._class_texts = tuple(map(definition_text.format_object_class, class_descriptions))
        self._resolve_attributes(_by_name(attribute_descriptions))
        self._resolve_classes(_by_name(class_descriptions))
        self.attribute_types: tuple[AttributeType, ...] = tuple(
            self._attributes[description.oid] for description in attribute_descriptions
        )
        self.object_classes: tuple[ObjectClass, ...] = tuple(
            self._classes[description.oid] for description in class_descriptions
        )
        self._subtypes = self._collect_subtypes()
        self._oids = self._collect_oids()

    def attribute(self, name: str) -> AttributeType:
        """The attribute type of a name or OID in any case, options ignored; raises UndefinedAttribute."""
        found = self.find_attribute(name)
        if found is None:
            raise UndefinedAttribute(name)
        return found

    def find_attribute(self, description: str) -> AttributeType | None:
        """The attribute type of a description (RFC 4512 §2.5), its options ignored; None if undefined."""
        found = self._attributes.get(description)
        if found is None:
            found = self._attributes.get(description.partition(";")[0].lower())
        return found

    def object_class(self, name: str) -> ObjectClass:
        """The object class of a name or OID in any case; raises UndefinedObjectClass."""
        found = self.find_object_class(name)
        if found is None:
            raise UndefinedObjectClass(name)
        return found

    def find_object_class(self, name: str) -> ObjectClass | None:
        """The object class of a name or OID in any case, None if undefined."""
        found = self._classes.get(name)
        return self._classes.get(name.lower()) if found is None else found

    def find_matching_rule(self, name: str) -> MatchingRule | None:
        """The matching rule of a name or OID in any case, None if unknown."""
        return self._rules.get(name.lower())

    def find_oid(self, name: str) -> str | None:
        """The OID of the class, attribute type or matching rule of that name, None if undefined."""
        return self._oids.get(name.lower())

    def subtypes(self, attribute: AttributeType) -> tuple[AttributeType, ...]:
        """The attribute type itself and every type derived from it."""
        return self._subtypes[attribute.key]

    def subschema_values(self) -> Mapping[str, tuple[str, ...]]:
        """The definition texts as the subschema subentry publishes them, by attribute name."""
        return self._published

    @cached_property
    def _published(self) -> Mapping[str, tuple[str, ...]]:
        return {
            "objectClasses": self._class_texts,
            "attributeTypes": self._attribute_texts,
            "matchingRules": tuple(self._matching_rule_texts()),
            "matchingRuleUse": tuple(self._matching_rule_use_texts()),
            "ldapSyntaxes": tuple(_syntax_text(syntax) for syntax in self._syntaxes.values()),
        }

    def _resolve_attributes(self, descriptions: Mapping[str, AttributeTypeDescription]) -> None:
        for description in descriptions.values():
            self._resolve_attribute(description, descriptions, ())

    def _resolve_attribute(
        self,
        description: AttributeTypeDescription,
        descriptions: Mapping[str, AttributeTypeDescription],
        below: tuple[str, ...],
    ) -> AttributeType:
        """The attribute type with its superiors resolved first; `below` are the OIDs waiting for it."""
        known = self._attributes.get(description.oid)
        if known is not None:
            return known
        where = _where("attribute type", description)
        if description.oid in below:
            raise InvalidDefinition("it is its own superior", where)
        superior: AttributeType | None = None
        if description.superior is not None:
            above = _referenced(descriptions, description.superior, "attribute type", where)
            superior = self._resolve_attribute(above, descriptions, (*below, description.oid))
            if superior.usage is not description.usage:
                raise InvalidDefinition("its usage differs from its superior's", where)
        attribute = self._attribute_type(description, superior, where)
        self._attributes[description.oid] = attribute
        for name in attribute.names:
            self._attributes[name] = self._attributes[name.lower()] = attribute
        return attribute

    def _attribute_type(
        self, description: AttributeTypeDescription, superior: AttributeType | None, where: str
    ) -> AttributeType:
        if description.syntax is not None:
            syntax = _referenced(self._syntaxes, description.syntax, "syntax", where)
        elif superior is not None:
            syntax = superior.syntax
        else:
            raise InvalidDefinition("it has neither SUP nor SYNTAX", where)
        name = description.names[0] if description.names else description.oid
        is_operational = description.usage is not Usage.USER_APPLICATIONS
        return AttributeType(
            oid=description.oid,
            names=description.names,
            name=name,
            key=name.lower(),
            superior=superior,
            syntax=syntax,
            equality=self._rule(description.equality, superior.equality if superior else None, where),
            ordering=self._rule(description.ordering, superior.ordering if superior else None, where),
            substring=self._rule(description.substring, superior.substring if superior else None, where),
            single_value=description.single_value,
            collective=description.collective or (superior is not None and superior.collective),
            no_user_modification=description.no_user_modification
            or any(key == DERIVED for key, _ in description.extensions),
            usage=description.usage,
            is_operational=is_operational,
            description=description,
        )

    def _rule(self, name: str | None, inherited: MatchingRule | None, where: str) -> MatchingRule | None:
        return inherited if name is None else _referenced(self._rules, name, "matching rule", where)

    def _resolve_classes(self, descriptions: Mapping[str, ObjectClassDescription]) -> None:
        for description in descriptions.values():
            self._resolve_class(description, descriptions, ())

    def _resolve_class(
        self,
        description: ObjectClassDescription,
        descriptions: Mapping[str, ObjectClassDescription],
        below: tuple[str, ...],
    ) -> ObjectClass:
        """The object class with its superiors resolved first; `below` are the OIDs waiting for it."""
        known = self._classes.get(description.oid)
        if known is not None:
            return known
        where = _where("object class", description)
        if description.oid in below:
            raise InvalidDefinition("it is its own superior", where)
        superiors = tuple(
            self._resolve_class(
                _referenced(descriptions, name, "object class", where),
                descriptions,
                (*below, description.oid),
            )
            for name in description.superiors
        )
        for superior in superiors:
            if not _may_derive(description.kind, superior.kind):
                raise InvalidDefinition(
                    f"a class of kind {description.kind.value} cannot have {superior.name} above it", where
                )
        object_class = self._object_class(description, superiors, where)
        self._classes[description.oid] = object_class
        for name in object_class.names:
            self._classes[name] = self._classes[name.lower()] = object_class
        return object_class

    def _object_class(
        self, description: ObjectClassDescription, superiors: tuple[ObjectClass, ...], where: str
    ) -> ObjectClass:
        must = frozenset(
            _referenced(self._attributes, name, "attribute type", where).key for name in description.must
        )
        may = frozenset(
            _referenced(self._attributes, name, "attribute type", where).key for name in description.may
        )
        all_must = must.union(*(superior.all_must for superior in superiors))
        name = description.names[0] if description.names else description.oid
        chain: list[ObjectClass] = []
        for superior in superiors:
            chain.extend(link for link in superior.chain if link not in chain)
        return ObjectClass(
            oid=description.oid,
            names=description.names,
            name=name,
            key=name.lower(),
            kind=description.kind,
            superiors=superiors,
            must=must,
            may=may,
            all_must=all_must,
            all_may=may.union(*(superior.all_may for superior in superiors)) - all_must,
            inherited=tuple(chain),
            description=description,
        )

    def _collect_subtypes(self) -> dict[str, tuple[AttributeType, ...]]:
        subtypes: dict[str, list[AttributeType]] = {
            attribute.key: [attribute] for attribute in self.attribute_types
        }
        for attribute in self.attribute_types:
            above = attribute.superior
            while above is not None:
                subtypes[above.key].append(attribute)
                above = above.superior
        return {key: tuple(attributes) for key, attributes in subtypes.items()}

    def _collect_oids(self) -> dict[str, str]:
        """OIDs by lower-case name; of one name, a class goes before an attribute type, that before a rule."""
        oids: dict[str, str] = {}
        for elements in (self._rules, self._attributes, self._classes):
            oids.update((name.lower(), element.oid) for name, element in elements.items())
        return oids

    def _matching_rule_texts(self) -> Iterator[str]:
        for rule in _distinct(self._rules.values()):
            yield definition_text.format_matching_rule(
                MatchingRuleDescription(oid=rule.oid, syntax=rule.syntax, names=(rule.name,))
            )

    def _matching_rule_use_texts(self) -> Iterator[str]:
        """Rules that an extensible match may name, with the attributes that they can compare."""
        for rule in _distinct(self._rules.values()):
            applies = tuple(attribute.name for attribute in self.attribute_types if attribute.takes(rule))
            if applies:
                yield definition_text.format_matching_rule_use(
                    MatchingRuleUseDescription(oid=rule.oid, names=(rule.name,), applies=applies)
                )


def _where(kind: str, description: AttributeTypeDescription | ObjectClassDescription) -> str:
    return " ".join([kind, description.oid, *description.names[:1]])


def _by_name(descriptions: Iterable[Described]) -> dict[str, Described]:
    """Descriptions by OID and lower-case names; raises InvalidDefinition where two share one."""
    found: dict[str, Described] = {}
    for description in descriptions:
        for name in (description.oid, *description.names):
            if found.setdefault(name.lower(), description) is not description:
                raise InvalidDefinition(f"{name} is defined twice", _where("definition", description))
    return found


def _referenced(elements: Mapping[str, T], name: str, kind: str, where: str) -> T:
    found = elements.get(name)
    if found is None:
        found = elements.get(name.lower())
    if found is None:
        raise InvalidDefinition(f"{kind} {name} is not defined", where)
    return found


def _distinct(elements: Iterable[T]) -> tuple[T, ...]:
    """Each element once, in the order of first appearance."""
    return tuple(dict.fromkeys(elements))


def _may_derive(kind: ObjectClassKind, superior: ObjectClassKind) -> bool:
    """RFC 4512 §2.4: structural below structural, auxiliary below auxiliary, everything below abstract."""
    return superior is ObjectClassKind.ABSTRACT or superior is kind


def _syntax_text(syntax: Syntax) -> str:
    extensions = (("X-NOT-HUMAN-READABLE", ("TRUE",)),) if syntax.is_binary else ()
    return definition_text.format_syntax(SyntaxDescription(syntax.oid, syntax.description, extensions))


def read_definitions(
    lines: Iterable[str], source: str
) -> tuple[list[AttributeTypeDescription], list[ObjectClassDescription]]:
    """The `attributeTypes` and `objectClasses` values of a schema file in LDIF, folded lines joined.

    `source` is the file's name for errors: InvalidDefinition tells it with the number of the value's
    first line.
    """
    attribute_types: list[AttributeTypeDescription] = []
    object_classes: list[ObjectClassDescription] = []
    for number, line in _unfolded(lines):
        keyword, colon, text = line.partition(":")
        try:
            match keyword.lower():
                case "attributetypes":
                    attribute_types.append(parse_attribute_type(text))
                case "objectclasses":
                    object_classes.append(parse_object_class(text))
                case "dn" | "objectclass" | "cn" if colon:
                    pass
                case _:
                    raise InvalidDefinition(f"{keyword} is not expected in a schema file", "line")
        except InvalidDefinition as error:
            raise InvalidDefinition(str(error), f"{source} line {number}") from None
    return attribute_types, object_classes


def _unfolded(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Logical lines of LDIF (RFC 2849) with the number of their first line, without comments."""
    first, parts = 0, [""]
    for number, line in enumerate(lines, 1):
        text = line.rstrip("\r\n")
        if text.startswith(" "):
            parts.append(text[1:])
            continue
        if (logical := "".join(parts)) and not logical.startswith("#"):
            yield first, logical
        first, parts = number, [text]
    if (logical := "".join(parts)) and not logical.startswith("#"):
        yield first, logical


@cache
def load_schema() -> Schema:
    """The shipped schema, built once per process."""
    attribute_types: list[AttributeTypeDescription] = []
    object_classes: list[ObjectClassDescription] = []
    for name in SHIPPED_FILES:
        text = (DATA / name).read_text(encoding="ascii")
        attributes, classes = read_definitions(text.splitlines(), name)
        attribute_types += attributes
        object_classes += classes
    return Schema(attribute_types, object_classes)
