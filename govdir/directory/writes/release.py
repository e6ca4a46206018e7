"""Planning the release of a retired address."""

from __future__ import annotations

from govdir.directory.addresses import RETIRED, entries_with, forget_former, holder
from govdir.directory.errors import UnwillingToPerform
from govdir.directory.ports import ChangeRecord, FreeAddress, Operation, WriteUnit
from govdir.directory.writes.plan import Plan


def plan_release(plan: Plan, address: str) -> WriteUnit:
    """The unit that lets `address` (lower case) be given again; nobody is known by it any more.

    Raises UnwillingToPerform when it is not retired: who holds it, or that it is free.
    """
    held_by = holder(plan.image, address)
    if held_by is None:
        raise UnwillingToPerform(f"{address} còn trống, không cần trả lại (it is free already)")
    if held_by != RETIRED:
        raise UnwillingToPerform(f"{address} đang thuộc về {held_by} (it is held by that entry)")
    at = int(plan.moment.timestamp() * 1_000_000)
    change = ChangeRecord(
        "release", str(plan.suffix), "", plan.view.caller_dn or plan.caller.role.value, at, f"{address}\n"
    )
    operations: list[Operation] = [FreeAddress(address)]
    for record in entries_with(plan.image, "gdPreviousAddress", address):
        before = record.shape.attributes(record.body)
        after = before.copy()
        forget_former(after, {address})
        operations += plan.replacement(record, before, after, secrets=record.secrets)
    return WriteUnit(tuple(operations), change)
