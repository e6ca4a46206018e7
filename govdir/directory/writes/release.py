"""Planning the release of a retired address."""

from __future__ import annotations

from govdir.directory.addresses import RETIRED, holder
from govdir.directory.errors import UnwillingToPerform
from govdir.directory.ports import ChangeRecord, FreeAddress, WriteUnit
from govdir.directory.writes.plan import Plan


def plan_release(plan: Plan, address: str) -> WriteUnit:
    """The unit that lets `address` (lower case) be given again.

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
    return WriteUnit((FreeAddress(address),), change)
