"""Why a mailbox may not send: its state in words, and the rule that made it."""

from __future__ import annotations

from typing import Final

from govdir.directory.entry import Attributes
from govdir.directory.image import Record
from govdir.mailattrs import sending_texts as texts
from govdir.mailattrs.leaving import date_citation, rank_of
from govdir.mailattrs.places import Surroundings
from govdir.mailattrs.rotation import password_ends, password_rules_of
from govdir.mailattrs.states import State
from govdir.policy.model import Citation, Pack
from govdir.policy.texts import Wording

_WORDS: Final = {
    State.PENDING: texts.PENDING,
    State.SEND_BLOCKED: texts.SEND_BLOCKED,
    State.SUSPENDED: texts.SUSPENDED,
    State.REVOKED: texts.REVOKED,
    State.DELETED: texts.REVOKED,
}


def why_closed(record: Record, pack: Pack) -> tuple[Wording, Citation]:
    """Of an entry whose enabledService lacks smtp; `{address}` in the wording is still open.

    gdStateReason is not told: whoever stole a password would read it.
    """
    entry = record.shape.attributes(record.body)
    said = (entry.text("gdState") or State.ACTIVE.value).lower()
    state = State(said) if said in set(State) else State.REVOKED
    if state is State.SUSPENDED:
        return texts.SUSPENDED, pack.lifecycle.suspension_citation
    if state in (State.SEND_BLOCKED, State.REVOKED):
        around = Surroundings.of([above.shape.attributes(above.body) for above in record.ancestors()])
        if state is State.SEND_BLOCKED and not _blocked_by_leaving(pack, entry, around):
            return texts.SEND_BLOCKED, texts.BLOCKED_BY_HAND
        return _WORDS[state], date_citation(pack, entry, around)
    if state is not State.ACTIVE:
        return _WORDS[state], pack.state_citation
    if entry.text("pwdReset") == "TRUE":
        return texts.MUST_CHANGE, pack.first_password
    rules = password_rules_of(pack, entry)
    if password_ends(pack, entry) is not None and rules is not None and rules.rotation_citation is not None:
        return texts.MUST_CHANGE, rules.rotation_citation
    return texts.CLOSED, pack.state_citation


def _blocked_by_leaving(pack: Pack, entry: Attributes, around: Surroundings) -> bool:
    """Whether the regulation blocks those who leave, and the holder has; no other rule blocks sending."""
    rule = pack.lifecycle.leaving[rank_of(pack, entry, around)]
    return "gdLeavingAt" in entry and rule.block_sending_months is not None
