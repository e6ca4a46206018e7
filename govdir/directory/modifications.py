"""Applying the changes of a modify request to an entry, in order (RFC 4511 §4.6, RFC 4525)."""

from __future__ import annotations

from collections.abc import Sequence

from govdir.directory.entry import Attributes
from govdir.directory.errors import (
    AttributeOrValueExists,
    ConstraintViolation,
    InappropriateMatching,
    InvalidAttributeSyntax,
    NoSuchAttribute,
    ProtocolError,
)
from govdir.directory.vocabulary import Description
from govdir.ldap.codec.messages import Change, ModifyOperation
from govdir.schema.errors import InvalidValue
from govdir.schema.matching import MatchingRule


def apply_changes(attributes: Attributes, changes: Sequence[Change]) -> None:
    """Changes `attributes` in place; the schema is checked by the caller when all are applied.

    Raises the DirectoryError of the first change that cannot be made.
    """
    for change in changes:
        description = attributes.vocabulary.describe(change.modification.type)
        values = list(change.modification.values)
        if change.operation is ModifyOperation.ADD:
            _add(attributes, description, values)
        elif change.operation is ModifyOperation.DELETE:
            _delete(attributes, description, values)
        elif change.operation is ModifyOperation.REPLACE:
            attributes.put(description, values)
        else:
            _increment(attributes, description, values)


def _keys(description: Description, values: Sequence[bytes]) -> list[bytes]:
    rule: MatchingRule | None = description.attribute.equality
    if rule is None:
        return list(values)
    keys = []
    for number, value in enumerate(values):
        try:
            keys.append(rule.key(value))
        except InvalidValue as error:
            raise InvalidAttributeSyntax(f"{description.text}: value #{number}: {error}") from None
    return keys


def _add(attributes: Attributes, description: Description, values: list[bytes]) -> None:
    if not values:
        raise ProtocolError(f"{description.text}: nothing to add")
    present = attributes.get(description) or []
    held = set(_keys(description, present))
    for number, key in enumerate(_keys(description, values)):
        if key in held:
            raise AttributeOrValueExists(f"{description.text}: value #{number} already exists")
        held.add(key)
    attributes.put(description, [*present, *values])


def _delete(attributes: Attributes, description: Description, values: list[bytes]) -> None:
    present = attributes.get(description)
    if present is None:
        raise NoSuchAttribute(f"{description.text}: no such attribute")
    if not values:
        attributes.put(description, [])
        return
    if description.attribute.equality is None:
        raise InappropriateMatching(
            f"{description.text}: no equality matching rule; replace the attribute as a whole"
        )
    left = dict(zip(_keys(description, present), present, strict=True))
    for number, key in enumerate(_keys(description, values)):
        if left.pop(key, None) is None:
            raise NoSuchAttribute(f"{description.text}: value #{number}: no such value")
    attributes.put(description, list(left.values()))


def _is_integer(description: Description) -> bool:
    rule = description.attribute.equality
    return rule is not None and rule.name == "integerMatch"


def _increment(attributes: Attributes, description: Description, values: list[bytes]) -> None:
    """RFC 4525: every value of the attribute grows by the one value given."""
    if len(values) != 1:
        raise ProtocolError(f"{description.text}: an increment takes exactly one value")
    if not _is_integer(description):
        raise ConstraintViolation(f"{description.text}: only integers can be incremented")
    present = attributes.get(description)
    if present is None:
        raise NoSuchAttribute(f"{description.text}: no such attribute")
    try:
        description.attribute.syntax.check(values[0])
    except InvalidValue as error:
        raise InvalidAttributeSyntax(f"{description.text}: increment: {error}") from None
    step = int(values[0])
    attributes.put(description, [b"%d" % (int(value) + step) for value in present])
