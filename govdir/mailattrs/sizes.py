"""The sizes of a mailbox: what its kind gives, and what may be set."""

from __future__ import annotations

import re

from govdir.directory.entry import Attributes
from govdir.mailattrs import texts
from govdir.mailattrs.refusals import Refusals
from govdir.policy.model import MailboxKind, MailboxRules

_SIZE = re.compile("[0-9]{1,19}")

_SIZES = range(1 << 63)
"""Mail servers read sizes as signed numbers of 64 bits, which have at most 19 digits."""


def fill_sizes(entry: Attributes, kind: MailboxKind, rules: MailboxRules) -> None:
    """mailQuota (not of lists) and maxMessageSize, where the client did not say."""
    if "maxMessageSize" not in entry:
        entry.replace("maxMessageSize", (str(rules.maximum_message_size),))
    if kind is not MailboxKind.LIST and "mailQuota" not in entry:
        entry.replace("mailQuota", (str(rules.quota),))


def drop_sizes_of(old: MailboxRules, entry: Attributes) -> None:
    """Takes away the sizes of a kind the mailbox no longer is, unless they were set by hand."""
    for attribute, size in (("mailQuota", old.quota), ("maxMessageSize", old.maximum_message_size)):
        if entry.text(attribute) == str(size):
            entry.remove(attribute)


def check_sizes(entry: Attributes, rules: MailboxRules, refusals: Refusals, *, strictly: bool) -> None:
    """Refuses what is no size and, `strictly`, a quota that the regulation does not allow.

    Raises RuleViolation.
    """
    for attribute in ("mailQuota", "maxMessageSize"):
        if _size(entry, attribute) not in _SIZES:
            why = texts.SIZE_IMPOSSIBLE.filled(attribute=attribute)
            raise refusals.violation("size", why, rules.quota_citation)
    quota = _size(entry, "mailQuota")
    if not strictly or not rules.quota:
        return
    if rules.quota_is_minimum:
        if 0 < quota < rules.quota:
            why = texts.QUOTA_TOO_SMALL.filled(quota=quota, minimum=rules.quota)
            raise refusals.violation("quota", why, rules.quota_citation)
    elif not 0 < quota <= rules.quota:
        why = texts.QUOTA_TOO_LARGE.filled(quota=quota, maximum=rules.quota)
        raise refusals.violation("quota", why, rules.quota_citation)


def _size(entry: Attributes, attribute: str) -> int:
    """A number of bytes, 0 where there is none, -1 for what no mail server could read."""
    text = entry.text(attribute) or "0"
    return int(text) if _SIZE.fullmatch(text) else -1
