"""What will become of a mailbox if nobody uses it, and when."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from govdir.cli.language import current_language, say
from govdir.cli.local import LocalDirectory
from govdir.directory.image import Record
from govdir.directory.password_policy import PROVINCE_ZONE
from govdir.lifecycle import dues
from govdir.lifecycle.dues import What
from govdir.lifecycle.facts import FactReader
from govdir.policy.texts import Wording

_WORDS = {
    What.INACTIVITY_SUSPENSION: Wording("tạm khóa", "suspended"),
    What.INACTIVITY_REVOCATION: Wording("thu hồi", "revoked"),
    What.INACTIVITY_ALERT: Wording("báo cho cơ quan", "the agency is told"),
}


class IfUnused(Struct, frozen=True):
    """From `at` on, without any use until then, `what` happens by `rule`."""

    at: datetime
    what: str
    rule: str


def if_unused(local: LocalDirectory, record: Record) -> IfUnused | None:
    """None where the regulation has no such rule, or none for this mailbox in its present state."""
    pack = local.core.pack
    facts = FactReader(
        local.directory.image, pack, local.directory.path_of, local.directory.password_rules.seconds_of
    ).read(record, local.directory.logins.last_success(record.id))
    rule = pack.lifecycle.inactivity
    unused = None if rule is None else dues.if_unused(facts, rule)
    if rule is None or unused is None:
        return None
    at = unused.end.astimezone(PROVINCE_ZONE)
    return IfUnused(at, say(_WORDS[unused.what]), rule.citation.text(current_language()))
