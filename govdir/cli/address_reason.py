"""Why an entry has the address it has."""

from __future__ import annotations

from msgspec import Struct

from govdir.cli.address_words import skipped_forms, skipped_line
from govdir.cli.language import current_language, say
from govdir.cli.local import LocalDirectory
from govdir.cli.output import remark
from govdir.cli.people import Found, record_of
from govdir.directory.access_view import AccessView
from govdir.directory.caller import LOCAL
from govdir.directory.rules import Actor
from govdir.directory.writes.plan import Near, Plan
from govdir.mailattrs.addresses import Proposal
from govdir.mailattrs.addressing import Addressing
from govdir.mailattrs.change import EntryChange, addresses
from govdir.mailattrs.names import InvalidName
from govdir.mailattrs.refusals import Refusals
from govdir.mailattrs.settlement import AddressCheck, Settlement
from govdir.policy.texts import Wording

_CHOSEN = Wording("  địa chỉ do người quản trị hệ thống chọn", "  an address that an operator chose")


class Reason(Struct, frozen=True):
    """The rule that gives an address, and the forms before it that could not be given."""

    rule: str
    skipped: tuple[dict[str, str], ...]


def reason_of(local: LocalDirectory, found: Found) -> Reason | None:
    """None for an address that is not what the regulation gives now: a human chose it."""
    proposal = _proposal(local, found)
    if proposal is None or proposal.address != found.mail:
        return None
    return Reason(proposal.citation.text(current_language()), skipped_forms(proposal.skipped))


def remark_reason(reason: Reason | None) -> None:
    """Tells it on standard error."""
    if reason is None:
        remark(say(_CHOSEN))
        return
    remark(f"  {reason.rule}")
    for step in reason.skipped:
        remark(skipped_line(step))


def _proposal(local: LocalDirectory, found: Found) -> Proposal | None:
    directory, pack = local.directory, local.core.pack
    record = record_of(local, found.dn)
    if record is None:
        return None
    view = AccessView(directory.access, LOCAL, directory.image)
    plan = Plan(
        directory.image,
        directory.suffix,
        view,
        directory.rules,
        moment=directory.clock.now(),
        ever_used=directory.logins.ever_used,
    )
    refusals = Refusals(current_language())
    addressing = Addressing(pack, refusals, Settlement(pack, refusals, AddressCheck.STRICT))
    own = frozenset(addresses(found.attributes))
    try:
        change = EntryChange(found.attributes, Near(plan, record.parent, record), Actor("", True), own)
        proposal = addressing.proposal(change)
    except InvalidName:
        return None
    return proposal if isinstance(proposal, Proposal) else None
