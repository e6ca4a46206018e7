"""What will become of a mailbox if nobody uses it, and when."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from govdir.cli.language import current_language, say
from govdir.cli.local import LocalDirectory
from govdir.directory.image import Record
from govdir.directory.password_policy import PROVINCE_ZONE, add_months
from govdir.lifecycle.dues import last_used
from govdir.lifecycle.facts import FactReader
from govdir.mailattrs.states import OPEN
from govdir.policy.duties import Consequence
from govdir.policy.texts import Wording

_SUSPENDED = Wording("tạm khóa", "suspended")
_REVOKED = Wording("thu hồi", "revoked")
_ALERT = Wording("báo cho cơ quan", "the agency is told")


class IfUnused(Struct, frozen=True):
    """From `at` on, without any use until then, `what` happens by `rule`."""

    at: datetime
    what: str
    rule: str


def if_unused(local: LocalDirectory, record: Record) -> IfUnused | None:
    """None where the regulation has no such rule, or none for this mailbox in its present state."""
    pack = local.core.pack
    facts = FactReader(local.directory.image, pack).read(
        record, local.directory.logins.last_success(record.id)
    )
    rule, since = pack.lifecycle.inactivity, last_used(facts)
    if rule is None or since is None or facts.state not in OPEN:
        return None
    if facts.kind in rule.kinds:
        what = _SUSPENDED if rule.consequence is Consequence.SUSPEND else _REVOKED
    elif facts.kind in rule.alert_kinds:
        what = _ALERT
    else:
        return None
    personal = facts.kind is not None and facts.kind.is_personal
    if not personal and facts.password_set is None:
        return None  # used by its owner's and delegates' own accounts: no sign-in tells of it
    at = add_months(since, rule.months).astimezone(PROVINCE_ZONE)
    return IfUnused(at, say(what), rule.citation.text(current_language()))
