"""Who is given a role or an office: people that are there; and what a group of a role must be."""

from __future__ import annotations

from collections.abc import Sequence

from govdir.directory.dn import Dn
from govdir.directory.entry import Attributes
from govdir.directory.errors import ConstraintViolation
from govdir.directory.roles import ROLE_CLASS, ROLES_BELOW, HeldRole
from govdir.directory.writes.plan import Plan


def check_role(plan: Plan, container: str | None, before: Attributes | None, after: Attributes) -> None:
    """Of an entry in `container`, as it was (None: a new one) and will be.

    A name without an entry would give the role to whoever makes an entry of that name. Raises
    ConstraintViolation.
    """
    if container != ROLES_BELOW or ROLE_CLASS not in after.object_classes:
        return
    kinds = after.texts("gdRoleKind")
    known = [role.value for role in HeldRole]
    if len(kinds) != 1 or kinds[0].strip().lower() not in known:
        raise ConstraintViolation(f"gdRoleKind: one of {', '.join(known)}")
    _check_named(plan, "member", () if before is None else before.values("member"), after)


def check_offices(plan: Plan, before: Attributes, after: Attributes) -> None:
    """The same of whom an organisation newly appoints. A new one may name people who come after it.

    Raises ConstraintViolation.
    """
    for name in ("gdItAdmin", "gdApprover"):
        if name in after:
            _check_named(plan, name, before.values(name), after)


def _check_named(plan: Plan, attribute: str, had: Sequence[bytes], after: Attributes) -> None:
    for value in after.values(attribute):
        if value not in had and not _is_person(plan, value):
            name = value.decode("utf-8", "replace")
            raise ConstraintViolation(
                f"{attribute}: {name}: vai trò chỉ trao cho mục của một người đang có "
                "(a role is given to the entry of a person that is there)"
            )


def _is_person(plan: Plan, member: bytes) -> bool:
    path = Dn.path_below(member, plan.suffix, plan.image.vocabulary.schema)
    record = None if path is None else plan.image.find(path)
    return record is not None and "person" in record.shape.classes
