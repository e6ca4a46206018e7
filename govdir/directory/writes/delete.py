"""Planning a delete (RFC 4511 §4.8)."""

from __future__ import annotations

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
from govdir.directory.writes.plan import Near, Pending, Plan, path_of
from govdir.directory.writes.policy_links import check_policy_unused

_HAS_SUBORDINATES = (
    "mục này còn mục con, hãy xóa chúng trước, hoặc xóa cả nhánh "
    "(the entry has subordinates; delete them first, or the subtree as a whole)"
)


def plan_delete(plan: Plan, record: Record) -> WriteUnit:
    """The unit that deletes a leaf; its addresses are retired if others may know them."""
    if "delete" not in plan.view.grant(record).rights:
        raise InsufficientAccessRights("không có quyền xóa mục này (no right to delete this entry)")
    if record.children:
        raise NotAllowedOnNonLeaf(_HAS_SUBORDINATES)
    if record.parent is None:
        raise UnwillingToPerform("mục gốc của cây không xóa được (the suffix entry cannot be deleted)")
    attributes = record.shape.attributes(record.body)
    operations = going(plan, record, attributes)
    pending = Pending(record, None, path_of(record))
    operations += plan.rewrite_references({record.dn_key: None}, pending)
    operations.append(DeleteEntry(record.id, record.version))
    return plan.unit("delete", record.dn_text, attributes, operations, deleted_text(record.dn_text))


def going(plan: Plan, record: Record, attributes: Attributes) -> list[Operation]:
    """What becomes of the addresses of an entry that may go; raises what the rules raise."""
    check_policy_unused(plan, record)
    plan.rules.check_delete(attributes, Near(plan, record.parent, record), plan.actor(record.parent, record))
    addresses = addresses_of(attributes)
    if addresses and plan.is_known(record, attributes):
        return [RetireAddress(address, record.id) for address in addresses]
    return [ReleaseAddress(address, record.id) for address in addresses]
