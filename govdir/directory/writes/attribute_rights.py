"""Whether a caller may change an attribute of an entry at all, whatever the value."""

from __future__ import annotations

from govdir.directory.access import Grant
from govdir.directory.caller import Caller, Role, is_clock
from govdir.directory.dynamic import DYNAMIC, SETTABLE
from govdir.directory.errors import ConstraintViolation, InsufficientAccessRights
from govdir.directory.secrets import SECRET_ATTRIBUTES
from govdir.directory.vocabulary import Description
from govdir.ldap.codec.messages import ModifyOperation

# Operational attributes an administrator may take away although the server writes them.
_CLEARABLE = frozenset({"pwdaccountlockedtime"})

# What follows from a mailbox's state: written by hand it would silently come to nothing. The clock's writing
# makes it follow again.
_FOLLOWS = frozenset({"accountstatus", "enabledservice", "gdstatesince"})


def check_change(caller: Caller, grant: Grant, description: Description, operation: ModifyOperation) -> None:
    """Raises ConstraintViolation for what no change reaches, InsufficientAccessRights for what `caller`, who
    has this grant on the entry, may not write. Passwords are changed otherwise."""
    attribute = description.attribute
    check_stored(description)
    if caller.role is Role.LOCAL:
        if attribute.key in _FOLLOWS and not is_clock(caller.dn):
            raise ConstraintViolation(f"{description.text}: do máy chủ tự ghi (no user modification allowed)")
        return
    if not grant.write.holds(attribute.key, attribute.is_operational):
        raise InsufficientAccessRights(f"{description.text}: không có quyền sửa (no right to change it)")
    clearing = attribute.key in _CLEARABLE and operation is ModifyOperation.DELETE
    if attribute.no_user_modification and not clearing:
        raise ConstraintViolation(f"{description.text}: do máy chủ tự ghi (no user modification allowed)")


def check_stored(description: Description) -> None:
    """Raises ConstraintViolation for what is no attribute of a stored entry: secrets, what is worked out."""
    if description.attribute.key in SECRET_ATTRIBUTES:
        raise ConstraintViolation(
            f"{description.text}: hãy đặt userPassword (set it as a password: userPassword, without options)"
        )
    if description.attribute.key in DYNAMIC and description.attribute.key not in SETTABLE:
        raise ConstraintViolation(f"{description.text}: do máy chủ tự ghi (no user modification allowed)")
