"""Whether an entry has a value (RFC 4511 §4.10)."""

from __future__ import annotations

from govdir.directory.access import Grant
from govdir.directory.errors import (
    InappropriateMatching,
    InsufficientAccessRights,
    InvalidAttributeSyntax,
    NoSuchAttribute,
)
from govdir.directory.image import Image, Record
from govdir.directory.resolve import resolve
from govdir.directory.secrets import SECRET_ATTRIBUTES
from govdir.ldap.codec.filters import Equality, Present
from govdir.schema.errors import InvalidValue


def compared(record: Record, image: Image, grant: Grant, attribute: str, value: bytes) -> bool:
    """Whether the attribute holds the value, for a caller with this grant.

    Raises what keeps it from an answer: UndefinedAttributeType, InsufficientAccessRights,
    InappropriateMatching, InvalidAttributeSyntax, NoSuchAttribute.
    """
    description = image.vocabulary.describe(attribute)
    held = description.attribute
    if held.key in SECRET_ATTRIBUTES:
        raise InsufficientAccessRights(
            f"{held.name}: không so sánh được, hãy thử đăng nhập (not compared by anybody; bind instead)"
        )
    if not grant.compare.holds(held.key, held.is_operational):
        raise InsufficientAccessRights(f"{held.name}: không có quyền so sánh (no right to compare it)")
    if held.equality is None:
        raise InappropriateMatching(f"{held.name} has no equality matching rule")
    try:
        held.equality.key(value)
    except InvalidValue as error:
        raise InvalidAttributeSyntax(f"{held.name}: assertion value: {error}") from None
    comparable = Grant(search=grant.compare)
    if resolve(Equality(attribute, value), image).matches(record, comparable):
        return True
    if not resolve(Present(attribute), image).matches(record, comparable):
        raise NoSuchAttribute(
            f"{description.text}: mục không có thuộc tính này (the entry has no such attribute)"
        )
    return False
