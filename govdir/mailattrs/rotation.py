"""How long the password of an entry lasts."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Final

from govdir.directory.entry import Attributes
from govdir.directory.password_policy import add_months
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


def password_ends(pack: Pack, entry: Attributes) -> datetime | None:
    """The moment a mailbox's password expires; None when it does not, or there is none."""
    if "pwdChangedTime" not in entry:
        return None
    rules = password_rules_of(pack, entry)
    changed = moment_of(entry, "pwdChangedTime")
    if changed is None or rules is None or rules.rotation_months is None:
        return None
    return _later(changed, rules.rotation_months)


@lru_cache(maxsize=_REMEMBERED_MOMENTS)
def _later(moment: datetime, months: int) -> datetime:
    return add_months(moment, months)
