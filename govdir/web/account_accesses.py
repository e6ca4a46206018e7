"""When mail programs last used a mailbox, as its owner reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from govdir.directory import channels
from govdir.policy.texts import Wording

_NAMES: Final = {
    "imap": Wording("Đọc thư (IMAP)", "Reading mail (IMAP)"),
    "pop3": Wording("Đọc thư (POP3)", "Reading mail (POP3)"),
    "smtp": Wording("Gửi thư (SMTP)", "Sending mail (SMTP)"),
    "sieve": Wording("Lọc thư (Sieve)", "Filtering mail (Sieve)"),
    channels.MAIL: Wording("Thư", "Mail"),
    channels.LDAP: Wording("Danh bạ (LDAP)", "The directory (LDAP)"),
    channels.LOGIN: Wording("Chương trình khác", "Another program"),
}

_IN_THE_TRAIL: Final = frozenset({channels.WEB, channels.SSO})


def by_programs(moments: Mapping[str, datetime]) -> tuple[tuple[Wording, datetime], ...]:
    """What did not come through a browser, whose sign-ins the history has, the latest first."""
    found = ((channel, at) for channel, at in moments.items() if channel not in _IN_THE_TRAIL)
    return tuple(
        (_NAMES.get(channel, Wording(channel, channel)), at)
        for channel, at in sorted(found, key=lambda each: each[1], reverse=True)
    )
