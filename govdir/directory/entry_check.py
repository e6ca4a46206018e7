"""Whether an entry conforms to the schema (RFC 4512 §2.4, §2.5; RFC 4517)."""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from govdir.directory.entry import Attributes
from govdir.directory.errors import (
    AttributeOrValueExists,
    ConstraintViolation,
    InvalidAttributeSyntax,
    ObjectClassViolation,
)
from govdir.directory.referrals import check_uris
from govdir.directory.special import REFERRAL
from govdir.directory.vocabulary import MAX_SEEN, ClassSet, Description
from govdir.schema.errors import InvalidValue

_PASSWORD: Final = frozenset({"userpassword"})


def check_entry(
    attributes: Attributes, known_good: Container[Description] = (), *, has_password: bool = False
) -> None:
    """Raises the DirectoryError that names the first attribute at fault and the rule it breaks.

    The values of `known_good` are those of an entry that was checked before; `has_password`: there is a
    userPassword, which is kept apart and which some classes require (simpleSecurityObject).
    """
    classes = attributes.class_set
    present = set()
    for description, values in attributes.items():
        key = description.attribute.key
        present.add(key)
        if not description.operational and key not in classes.may and not classes.extensible:
            raise ObjectClassViolation(
                f"{description.text}: objectClass của mục không cho phép (not allowed by the object classes)"
            )
        if description not in known_good:
            check_values(description, values)
    missing = classes.must - present
    if missing and not (has_password and missing == _PASSWORD):
        raise ObjectClassViolation(_missing(attributes, classes, sorted(missing)[0]))
    if REFERRAL in classes.closure:
        check_uris(attributes)


def check_values(description: Description, values: list[bytes]) -> None:
    """Syntax of each value, no value twice, one value where the type allows one."""
    seen = description.seen
    key = seen.key(values)
    if key in seen.checked:
        return
    _check_each(description, values)
    if len(seen.checked) < MAX_SEEN and seen.takes(values):
        seen.checked.add(key)


def _check_each(description: Description, values: list[bytes]) -> None:
    attribute = description.attribute
    check = attribute.syntax.check
    for number, value in enumerate(values):
        try:
            check(value)
        except InvalidValue as error:
            raise InvalidAttributeSyntax(
                f"{description.text}: value #{number} is not valid in the syntax "
                f"{attribute.syntax.description}: {error}"
            ) from None
    if len(values) > 1:
        if attribute.single_value:
            raise ConstraintViolation(
                f"{description.text}: chỉ có một giá trị (it cannot have several values)"
            )
        _check_distinct(description, values)


def _check_distinct(description: Description, values: list[bytes]) -> None:
    rule = description.attribute.equality
    try:
        keys = set(values) if rule is None else {rule.key(value) for value in values}
    except InvalidValue as error:
        raise InvalidAttributeSyntax(f"{description.text}: a value cannot be compared: {error}") from None
    if len(keys) != len(values):
        raise AttributeOrValueExists(
            f"{description.text}: có giá trị lặp lại (a value is given more than once)"
        )


def _missing(attributes: Attributes, classes: ClassSet, key: str) -> str:
    schema = attributes.vocabulary.schema
    name = attributes.vocabulary.describe(key).text
    for one in sorted(classes.closure):
        found = schema.find_object_class(one)
        if found is not None and key in found.must:
            return (
                f"{name}: {found.name} bắt buộc có (object class '{found.name}' requires attribute '{name}')"
            )
    return f"the object classes require attribute '{name}'"
