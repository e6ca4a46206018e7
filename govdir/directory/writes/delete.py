"""Planning a delete (RFC 4511 §4.8)."""

from __future__ import annotations

from datetime import timedelta

from govdir.directory.addresses import addresses_of
from govdir.directory.entry import Attributes
from govdir.directory.errors import (
    InsufficientAccessRights,
    NotAllowedOnNonLeaf,
    UnwillingToPerform,
)
from govdir.directory.image import Record
from govdir.directory.ports import DeleteEntry, Operation, ReleaseAddress, RetireAddress, WriteUnit
from govdir.directory.writes.change_text import deleted_text
from govdir.directory.writes.plan import Pending, Plan, path_of
from govdir.schema.times import parse_generalized_time

# The address of an entry that stood longer than this may be known to others: it is never given again.
RETIRE_AFTER = timedelta(days=1)


def plan_delete(plan: Plan, record: Record, *, ever_used: bool) -> WriteUnit:
    """The unit that deletes a leaf; its addresses are retired if it was ever used or is older than a day."""
    if "delete" not in plan.view.grant(record).rights:
        raise InsufficientAccessRights("no right to delete this entry")
    if record.children:
        raise NotAllowedOnNonLeaf(f"the entry has {len(record.children)} subordinates")
    if record.parent is None:
        raise UnwillingToPerform("the suffix entry cannot be deleted")
    attributes = record.shape.attributes(record.body)
    known = ever_used or _age(plan, attributes) > RETIRE_AFTER
    operations: list[Operation] = [
        RetireAddress(address, record.id) if known else ReleaseAddress(address, record.id)
        for address in addresses_of(attributes)
    ]
    pending = Pending(record, None, path_of(record))
    operations += plan.rewrite_references({record.dn_key: None}, pending)
    operations.append(DeleteEntry(record.id, record.version))
    return plan.unit("delete", record.dn_text, attributes, operations, deleted_text(record.dn_text))


def _age(plan: Plan, attributes: Attributes) -> timedelta:
    created = attributes.text("createTimestamp")
    if created is None:
        return RETIRE_AFTER * 2
    return plan.moment - parse_generalized_time(created)
