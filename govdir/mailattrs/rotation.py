"""How long the password of an entry lasts."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from govdir.directory.entry import Attributes
from govdir.directory.password_policy import add_months
from govdir.directory.policy_entries import seconds_of
from govdir.directory.rules import Neighbourhood
from govdir.mailattrs.moments import moment_of
from govdir.mailattrs.names import InvalidName
from govdir.mailattrs.places import stated_kind
from govdir.policy.model import MailboxKind, Pack, PasswordRules

_REMEMBERED_MOMENTS: Final = 256  # a load gives all its passwords one time, and a directory few a second


def password_kind(pack: Pack, entry: Attributes) -> MailboxKind:
    """The kind whose password rules hold: the mailbox's, persons' where the regulation has none for it."""
    try:
        kind = stated_kind(entry)
    except InvalidName:
        return MailboxKind.PERSON
    rules = pack.mailbox(kind)
    return MailboxKind.PERSON if rules is None or rules.password is None else kind


def password_rules_of(pack: Pack, entry: Attributes) -> PasswordRules | None:
    """Those of that kind; None where the regulation has none at all."""
    rules = pack.mailbox(password_kind(pack, entry))
    return None if rules is None else rules.password


def policy_seconds(pack: Pack, entry: Attributes, near: Neighbourhood) -> int:
    """How long the password policy entry of this mailbox lets a password last; 0: it does not say.

    The same policy as directory.policies finds, as it will be after the change that is being planned.
    """
    given = entry.text("pwdPolicySubentry")
    policy = None if given is None else near.entry(given)
    names = near.ancestor_names()
    if policy is None and names:
        policy = near.entry(f"cn={password_kind(pack, entry).value},ou=policies,{names[-1]}")
    return 0 if policy is None else seconds_of(policy, "pwdMaxAge")


def password_ends(pack: Pack, entry: Attributes, policy_seconds: int = 0) -> datetime | None:
    """When a mailbox's password expires, after `policy_seconds` (0: no such end) or by the regulation if
    that is sooner; None when it does not, or there is none."""
    if "pwdChangedTime" not in entry:
        return None
    rules = password_rules_of(pack, entry)
    changed = moment_of(entry, "pwdChangedTime")
    if changed is None:
        return None
    months = None if rules is None else rules.rotation_months
    ends = None if months is None else _later(changed, months)
    if policy_seconds:
        own = changed + timedelta(seconds=policy_seconds)
        ends = own if ends is None else min(ends, own)
    return ends


@lru_cache(maxsize=_REMEMBERED_MOMENTS)
def _later(moment: datetime, months: int) -> datetime:
    return add_months(moment, months)
