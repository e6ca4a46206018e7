"""What a caller may put into entries beside plain attributes: names, identities, what is worked out."""

from __future__ import annotations

from govdir.directory.access import Grant
from govdir.directory.access_view import GUARDED_CLASSES
from govdir.directory.caller import Role
from govdir.directory.entry import Attributes
from govdir.directory.errors import ConstraintViolation, InsufficientAccessRights, NamingViolation
from govdir.directory.image import Image
from govdir.directory.secrets import SECRET_ATTRIBUTES
from govdir.directory.vocabulary import Description
from govdir.directory.writes.plan import Plan
from govdir.directory.writes.references import REFERENCES
from govdir.schema.dn_text import Rdn
from govdir.schema.errors import InvalidValue

# Whoever may add or rename an entry may name it by these without the right to write them.
_NAMING = frozenset({"uid", "cn", "ou", "o", "dc"})

# What changes by itself would leave the name behind: with the clock, or with those it names.
_CHANGES_BY_ITSELF = frozenset(REFERENCES) | {
    "gddelegateuntil", "gdleavingat", "gdnoticeat", "gdrevokeat", "gdsendblockat", "gdstate", "gdstatereason",
    "memberurl", "rfc822sender",
}  # fmt: skip


def check_rdn(plan: Plan, grant: Grant | None, rdn: Rdn) -> None:
    """An RDN adds values to the entry, so it is no way around the right to write them.

    Raises NamingViolation for attributes only the server writes, InsufficientAccessRights.
    """
    for name, _ in rdn:
        check_naming_attribute(plan.image.vocabulary.describe(name))
        attribute = plan.image.vocabulary.describe(name).attribute
        if plan.caller.role is Role.LOCAL or attribute.key in _NAMING or grant is None:
            continue
        if not grant.write.holds(attribute.key, attribute.is_operational):
            raise InsufficientAccessRights(
                f"{attribute.name}: không có quyền dùng để đặt tên mục (no right to name an entry by it)"
            )


def check_naming_attribute(description: Description) -> None:
    """Raises NamingViolation for secrets, what only the server writes and what changes by itself."""
    attribute = description.attribute
    unfit = attribute.key in SECRET_ATTRIBUTES or attribute.key in _CHANGES_BY_ITSELF
    if unfit or attribute.is_operational or attribute.no_user_modification:
        raise NamingViolation(f"{attribute.name}: không dùng để đặt tên mục được (it cannot name an entry)")


def check_guarded_classes(plan: Plan, before: frozenset[str], after: frozenset[str]) -> None:
    """Only an administrator makes entries administrators, services or groups of a role, or ends it.

    Takes the object classes with superiors. Raises InsufficientAccessRights.
    """
    if before == after or plan.view.is_administrator:
        return
    for name in sorted((before ^ after) & GUARDED_CLASSES):
        shown = plan.image.vocabulary.schema.object_class(name).name
        raise InsufficientAccessRights(
            f"objectClass {shown}: chỉ quản trị viên thêm hay bỏ được "
            "(only an administrator makes an entry one of this class, or ends it)"
        )


def check_uuid(image: Image, attributes: Attributes) -> bytes | None:
    """The index key of an entryUUID brought along; ConstraintViolation if another entry has it (RFC 4530 §1).

    None where there is none, or one that the schema will refuse.
    """
    rule = image.vocabulary.describe("entryUUID").attribute.equality
    given = attributes.values("entryUUID")
    if rule is None or not given:
        return None
    try:
        key = rule.key(given[0])
    except InvalidValue:
        return None
    if image.indexes["entryuuid"].get(key):
        raise ConstraintViolation("entryUUID: that of another entry")
    return key
