"""Entries and the password policies they are put under by hand (pwdPolicySubentry, draft-behera §5.3.8)."""

from __future__ import annotations

from govdir.directory.dn import Dn
from govdir.directory.entry import Attributes
from govdir.directory.errors import ConstraintViolation, UnwillingToPerform
from govdir.directory.image import Record
from govdir.directory.policy_entries import POLICY_CLASS
from govdir.directory.writes.plan import Plan

_KEY = "pwdpolicysubentry"
_NO_POLICY = "pwdPolicySubentry: không phải quy định mật mã nào (no password policy of class pwdPolicy)"
_IN_USE = (
    "còn tài khoản theo quy định mật mã này (pwdPolicySubentry), hãy chuyển sang quy định khác trước "
    "(accounts are still under this password policy by pwdPolicySubentry; put them under another one first)"
)


def check_policy_link(plan: Plan, before: Attributes | None, after: Attributes) -> None:
    """A policy that is newly named must be there: under one that is not, the kind's would be in force.

    Raises ConstraintViolation.
    """
    named = after.text("pwdPolicySubentry")
    if named is None or (before is not None and before.text("pwdPolicySubentry") == named):
        return
    path = Dn.path_below(named, plan.suffix, plan.image.vocabulary.schema)
    record = None if path is None else plan.image.find(path)
    if record is None or POLICY_CLASS not in record.shape.classes:
        raise ConstraintViolation(_NO_POLICY)


def check_policy_unused(plan: Plan, record: Record) -> None:
    """A policy that entries name is neither deleted nor renamed. Raises UnwillingToPerform."""
    if POLICY_CLASS not in record.shape.classes:
        return
    schema = plan.image.vocabulary.schema
    own = Dn.path_below(record.dn_text, plan.suffix, schema)
    for shape in plan.image.shapes:
        if _KEY not in shape.by_attribute:
            continue
        for member in shape.members:
            for value in member.values(_KEY):
                if Dn.path_below(value.decode(), plan.suffix, schema) == own:
                    raise UnwillingToPerform(_IN_USE)
