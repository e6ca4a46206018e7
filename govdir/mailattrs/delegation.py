"""What of a regulation's mailboxes an agency's own administrators run, and what waits for approval.

Everybody who is no operator counts as such; who may write an entry at all is for the access rules.
"""

from __future__ import annotations

from typing import Final

from govdir.directory.entry import Attributes
from govdir.directory.rules import Actor, Neighbourhood
from govdir.mailattrs.change import CONTACTS, EntryChange, has_address
from govdir.mailattrs.places import Surroundings, kind_of
from govdir.mailattrs.refusals import Refusals
from govdir.mailattrs.states import State
from govdir.policy.model import MailboxKind, Pack
from govdir.policy.texts import Wording

_OPERATORS_ONLY: Final = Wording(
    "Hộp thư loại “{kind}” do đơn vị quản lý hệ thống lập, sửa và hủy; cơ quan tự quản lý: {kinds}.",
    "Mailboxes of kind “{kind}” are made, changed and deleted by the operators of the system; an agency "
    "runs: {kinds}.",
)
_ROLE_BOX: Final = Wording("hộp thư công việc", "mailbox of a function")
_NO_KIND: Final = Wording("không loại nào", "none")

_USE: Final = CONTACTS | {
    "owner", "gddelegate", "gddelegateuntil", "gdhandoverrecord", "objectclass", "pwdchangedtime", "pwdreset",
    "pwdaccountlockedtime",
}  # fmt: skip
"""How a mailbox is used is the agency's own affair: who answers for it, with which password, how to call.
(The class is that of sharing: nobody but operators may write others.)"""

_STATE: Final = frozenset({"gdstate", "gdstatereason"})
"""What an approver decides."""


class Delegations:
    """One pack's rule on who runs which mailboxes; `approval`: what an agency adds waits for an approver.

    Every method raises RuleViolation.
    """

    def __init__(self, pack: Pack, refusals: Refusals, *, approval: bool) -> None:
        self._pack = pack
        self._refusals = refusals
        self._approval = approval

    def begin(self, change: EntryChange) -> None:
        """A new mailbox or list; to be asked before anything is derived."""
        if change.actor.is_operator or not change.has_address:
            return
        self._check(change.kind)
        if self._approval and "gdmailbox" in change.classes and not change.actor.may_approve:
            change.entry.replace("gdState", (State.PENDING.value,))

    def follow(self, before: Attributes, change: EntryChange, changed: frozenset[str]) -> None:
        """A change of one that was there `before`, in these attributes (change.changed_attributes)."""
        if change.actor.is_operator or change.actor.is_holder or not has_address(before.object_classes):
            return
        allowed = _USE | _STATE if change.actor.may_approve else _USE
        if not changed or not changed <= allowed:
            self._check(change.kind)

    def check_delete(self, entry: Attributes, near: Neighbourhood, actor: Actor) -> None:
        """A mailbox or list that is to go. Raises UnsuitableKind too."""
        classes = entry.object_classes
        if not actor.is_operator and has_address(classes):
            self._check(kind_of(entry, classes, Surroundings.of(near.ancestors())))

    def _check(self, kind: MailboxKind | None) -> None:
        """Mailboxes of functions, which no regulation describes, go with those of units."""
        delegation = self._pack.delegation
        if (kind or MailboxKind.UNIT) in delegation.kinds:
            return
        run_by_agency = [
            rules.title
            for each in MailboxKind
            if each in delegation.kinds and (rules := self._pack.mailbox(each))
        ]
        rules = self._pack.mailbox(kind) if kind is not None else None
        why = _OPERATORS_ONLY.filled(
            kind=_ROLE_BOX if rules is None else rules.title, kinds=_listed(run_by_agency)
        )
        raise self._refusals.violation("delegation", why, delegation.others_citation)


def _listed(titles: list[Wording]) -> Wording:
    if not titles:
        return _NO_KIND
    return Wording(", ".join(each.vi for each in titles), ", ".join(each.en for each in titles))
