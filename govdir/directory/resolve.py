"""From filters as received to conditions: names looked up, assertion values normalised once.

What the schema cannot make sense of (unknown attribute, bad assertion value, no such matching rule) is
Undefined, not an error (RFC 4511 §4.5.1.7).
"""

from __future__ import annotations

from collections.abc import Callable

from govdir.directory.address_conditions import Reached
from govdir.directory.combined_conditions import Both, Either, Negated
from govdir.directory.conditions import (
    UNDEFINED,
    AtLeast,
    AtMost,
    ComesBefore,
    Condition,
    Constant,
    EqualTo,
    Has,
    OfClass,
)
from govdir.directory.containing import Containing
from govdir.directory.image import Image
from govdir.directory.name_conditions import InName
from govdir.ldap.codec.filters import (
    And,
    Approx,
    Equality,
    Extensible,
    Filter,
    GreaterOrEqual,
    LessOrEqual,
    Not,
    Or,
    Present,
    Substrings,
)
from govdir.schema.definitions import AttributeType
from govdir.schema.errors import InvalidValue
from govdir.schema.matching import MatchingRule

# A rule without attribute asks every attribute that uses it; more than these are not searched for.
_MAX_ATTRIBUTES_OF_A_RULE = 64


def resolve(wire: Filter, image: Image) -> Condition:
    """The condition a filter stands for in this image's schema."""
    return _RESOLVERS[type(wire)](wire, image)


def _and(wire: And, image: Image) -> Condition:
    parts = tuple(resolve(part, image) for part in wire.filters)
    return Both(parts) if parts else Constant(True)


def _or(wire: Or, image: Image) -> Condition:
    parts = tuple(resolve(part, image) for part in wire.filters)
    return Either(parts) if parts else Constant(False)


def _not(wire: Not, image: Image) -> Condition:
    return Negated(resolve(wire.filter, image))


def _equality(wire: Equality | Approx, image: Image) -> Condition:
    description = image.vocabulary.find(wire.attribute)
    if description is None:
        return UNDEFINED
    attribute = description.attribute
    if attribute.key == "objectclass":
        return _class(wire.value, image)
    return _equal(attribute, description.options, wire.value, image)


def _equal(attribute: AttributeType, options: tuple[str, ...], value: bytes, image: Image) -> Condition:
    rule = attribute.equality
    if rule is None:
        return UNDEFINED
    kind = Reached if attribute.key in image.domains.otherwise and not options else EqualTo
    try:
        return kind(image, attribute, options, rule, rule.key(value))
    except InvalidValue:
        return UNDEFINED


def _class(value: bytes, image: Image) -> Condition:
    try:
        found = image.vocabulary.schema.find_object_class(value.decode("ascii").strip())
    except UnicodeDecodeError:
        return UNDEFINED
    return UNDEFINED if found is None else OfClass(found.key)


def _substrings(wire: Substrings, image: Image) -> Condition:
    description = image.vocabulary.find(wire.attribute)
    if description is None:
        return UNDEFINED
    rule = description.attribute.substring
    if rule is None:
        return UNDEFINED
    try:
        parts = (
            None if wire.initial is None else rule.initial(wire.initial),
            tuple(rule.any(part) for part in wire.any),
            None if wire.final is None else rule.final(wire.final),
        )
    except InvalidValue:
        return UNDEFINED
    return Containing(image, description.attribute, description.options, rule, parts)


def _approximate(wire: Approx, image: Image) -> Condition:
    """Every word that is asked for begins a word of a value, in any order; equality for what is no text."""
    description = image.vocabulary.find(wire.attribute)
    rule = None if description is None else description.attribute.substring
    if description is None or rule is None or not rule.spaced:
        return _equality(wire, image)
    try:
        words = rule.key(wire.value).split()
    except InvalidValue:
        return UNDEFINED
    of = (image, description.attribute, description.options, rule)
    return (
        Both(tuple(Containing(*of, (None, (b" " + word,), None)) for word in words)) if words else UNDEFINED
    )


def _greater(wire: GreaterOrEqual, image: Image) -> Condition:
    return _ordered(wire, image, AtLeast)


def _less(wire: LessOrEqual, image: Image) -> Condition:
    return _ordered(wire, image, AtMost)


def _ordered(wire: GreaterOrEqual | LessOrEqual, image: Image, kind: type[AtLeast]) -> Condition:
    description = image.vocabulary.find(wire.attribute)
    rule = None if description is None else description.attribute.ordering
    if description is None or rule is None:
        return UNDEFINED
    try:
        return kind(image, description.attribute, description.options, rule, rule.key(wire.value))
    except InvalidValue:
        return UNDEFINED


def _present(wire: Present, image: Image) -> Condition:
    description = image.vocabulary.find(wire.attribute)
    if description is None:
        return UNDEFINED
    return Has(image, description.attribute, description.options)


def _extensible(wire: Extensible, image: Image) -> Condition:
    rule = None if wire.rule is None else image.vocabulary.schema.find_matching_rule(wire.rule)
    if wire.rule is not None and (rule is None or rule.is_substrings_rule):
        return UNDEFINED
    attribute: AttributeType | None = None
    if wire.attribute is None:
        condition = UNDEFINED if rule is None else _any_attribute(rule, wire.value, image)
    else:
        description = image.vocabulary.find(wire.attribute)
        if description is None:
            return UNDEFINED
        attribute = description.attribute
        if rule is not None and rule is not attribute.equality:
            condition = _by_rule(attribute, description.options, rule, wire.value, image)
        else:
            condition = _equality(Equality(wire.attribute, wire.value), image)
    if wire.dn_attributes and condition is not UNDEFINED:
        condition = Either((condition, InName(image, attribute, rule, wire.value)))
    return condition


def _by_rule(
    attribute: AttributeType, options: tuple[str, ...], rule: MatchingRule, value: bytes, image: Image
) -> Condition:
    """A comparison by another rule than the attribute's own: the index, kept by that one, cannot serve."""
    if not attribute.takes(rule):
        return UNDEFINED
    try:
        key = rule.key(value)
    except InvalidValue:
        return UNDEFINED
    if rule.is_ordering_rule:
        return ComesBefore(image, attribute, options, rule, key)
    return EqualTo(image, attribute, options, rule, key).without_index()


def _any_attribute(rule: MatchingRule, value: bytes, image: Image) -> Condition:
    using = [one for one in image.vocabulary.schema.attribute_types if one.equality is rule]
    if not using or len(using) > _MAX_ATTRIBUTES_OF_A_RULE:
        return UNDEFINED
    return Either(tuple(_equal(one, (), value, image) for one in using))


# Each takes the type it stands beside.
_RESOLVERS: dict[type, Callable[..., Condition]] = {  # type: ignore[explicit-any] # no mapping can say so
    And: _and,
    Or: _or,
    Not: _not,
    Equality: _equality,
    Approx: _approximate,
    Substrings: _substrings,
    GreaterOrEqual: _greater,
    LessOrEqual: _less,
    Present: _present,
    Extensible: _extensible,
}
