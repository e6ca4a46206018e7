"""Which entries show beside subentries, and what may stand below special entries (RFC 3672 §3)."""

from __future__ import annotations

from typing import Final

from govdir.directory.errors import AliasProblem, ObjectClassViolation, UnwillingToPerform
from govdir.directory.image import Record
from govdir.directory.shape import Shape
from govdir.directory.special import ALIAS, REFERRAL, SUBENTRY
from govdir.ldap.codec.messages import Scope

_BELOW_ALIAS: Final = "dưới một bí danh không có mục nào (an alias has no entries below it)"
_BELOW_SUBENTRY: Final = "dưới một subentry không có mục nào (a subentry has no entries below it)"
_BELOW_REFERRAL: Final = (
    "các mục dưới đây ở máy chủ khác (entries below a referral object are held by another server)"
)


def shows(record: Record, scope: Scope, wanted: bool | None) -> bool:
    """Whether the entry is to be returned at all: `wanted` is what the subentries control says, None without
    it; subentries then show in base searches only."""
    is_subentry = SUBENTRY in record.shape.classes
    if wanted is not None:
        return is_subentry is wanted
    return not is_subentry or scope is Scope.BASE_OBJECT


def check_may_hold(shape: Shape, dn: str) -> None:
    """Whether entries may stand below one of this shape and name: special ones are leaves.

    Raises AliasProblem (RFC 4512 §2.6), ObjectClassViolation, UnwillingToPerform.
    """
    if not shape.special:
        return
    classes = shape.classes
    if ALIAS in classes:
        raise AliasProblem(_BELOW_ALIAS, matched_dn=dn)
    if SUBENTRY in classes:
        raise ObjectClassViolation(_BELOW_SUBENTRY)
    if REFERRAL in classes:
        raise UnwillingToPerform(_BELOW_REFERRAL)
