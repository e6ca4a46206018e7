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
from govdir.ldap.codec.messages import Attribute, Change, ModifyOperation
from govdir.schema.errors import InvalidValue
from govdir.schema.matching import MatchingRule
from govdir.schema.syntaxes import check_integer


def apply_changes(
    attributes: Attributes, changes: Sequence[Change], *, permissive: bool = False
) -> Sequence[Change]:
    """Changes `attributes` in place; the schema is checked by the caller when all are applied.

    `permissive`: a value to add that is there already, and a value or attribute to delete that is not, are as
    they should be ([MS-ADTS] §3.1.1.3.4.1.8). Returns the changes without those. Raises the DirectoryError of
    the first change that cannot be made.
    """
    made: list[Change] = []
    for change in changes:
        description = attributes.vocabulary.describe(change.modification.type)
        values = list(change.modification.values)
        if change.operation is ModifyOperation.ADD:
            values = _add(attributes, description, values, permissive=permissive)
            if not values:
                continue
        elif change.operation is ModifyOperation.DELETE:
            gone = _delete(attributes, description, values, permissive=permissive)
            if gone is None or (values and not gone):
                continue
            values = gone
        elif change.operation is ModifyOperation.REPLACE:
            attributes.put(description, values)
        else:
            _increment(attributes, description, values)
        made.append(Change(change.operation, Attribute(change.modification.type, tuple(values))))
    return made if permissive else changes


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


def _add(
    attributes: Attributes, description: Description, values: list[bytes], *, permissive: bool
) -> list[bytes]:
    """Returns the values that were not there."""
    if not values:
        raise ProtocolError(f"{description.text}: nothing to add")
    present = attributes.get(description) or []
    held = set(_keys(description, present))
    fresh = []
    for number, (key, value) in enumerate(zip(_keys(description, values), values, strict=True)):
        if key not in held:
            held.add(key)
            fresh.append(value)
        elif not permissive:
            raise AttributeOrValueExists(
                f"{description.text}: đã có giá trị này (value #{number} already exists)"
            )
    attributes.put(description, [*present, *fresh])
    return fresh


def _delete(
    attributes: Attributes, description: Description, values: list[bytes], *, permissive: bool
) -> list[bytes] | None:
    """Returns the values to delete that were there ([]: the whole attribute), None without the attribute."""
    present = attributes.get(description)
    if present is None:
        if permissive:
            return None
        raise NoSuchAttribute(f"{description.text}: mục không có thuộc tính này (no such attribute)")
    if not values:
        attributes.put(description, [])
        return []
    if description.attribute.equality is None:
        raise InappropriateMatching(
            f"{description.text}: no equality matching rule; replace the attribute as a whole"
        )
    keys = _keys(description, present)
    left, gone = set(keys), []
    for number, (key, value) in enumerate(zip(_keys(description, values), values, strict=True)):
        if key in left:
            left.discard(key)
            gone.append(value)
        elif not permissive:
            raise NoSuchAttribute(
                f"{description.text}: mục không có giá trị này (value #{number}: no such value)"
            )
    attributes.put(description, [value for key, value in zip(keys, present, strict=True) if key in left])
    return gone


def _increment(attributes: Attributes, description: Description, values: list[bytes]) -> None:
    """RFC 4525: every value of the attribute grows by the one value given."""
    if len(values) != 1:
        raise ProtocolError(f"{description.text}: an increment takes exactly one value")
    if description.attribute.syntax.check is not check_integer:
        raise ConstraintViolation(f"{description.text}: only integers can be incremented")
    present = attributes.get(description)
    if present is None:
        raise NoSuchAttribute(f"{description.text}: mục không có thuộc tính này (no such attribute)")
    step = _integer(description, "increment", values[0])
    # What an earlier change of the same request has put there is looked at only now.
    held = [_integer(description, f"value #{number}", value) for number, value in enumerate(present)]
    attributes.put(description, [b"%d" % (value + step) for value in held])


def _integer(description: Description, what: str, value: bytes) -> int:
    try:
        check_integer(value)
    except InvalidValue as error:
        raise InvalidAttributeSyntax(f"{description.text}: {what}: {error}") from None
    return int(value)
