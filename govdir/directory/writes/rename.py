"""Planning a modifyDN: another RDN, another superior, whole subtrees (RFC 4511 §4.9)."""

from __future__ import annotations

from typing import Final

from govdir.directory.dn import Dn, rdn_text
from govdir.directory.errors import (
    EntryAlreadyExists,
    InsufficientAccessRights,
    NotAllowedOnRdn,
    UnwillingToPerform,
)
from govdir.directory.image import Record
from govdir.directory.ports import RequireVersion, WriteUnit
from govdir.directory.special import ALIAS, has_special
from govdir.directory.subentries import check_may_hold
from govdir.directory.writes.add import asks_for_name, given_rdn
from govdir.directory.writes.change_text import renamed_text
from govdir.directory.writes.entry_rights import check_guarded_classes, check_rdn
from govdir.directory.writes.plan import Near, Pending, Plan, path_of
from govdir.directory.writes.policy_links import check_policy_unused
from govdir.directory.writes.rdn_values import add_rdn_values, holds_rdn, remove_rdn_values
from govdir.directory.writes.references import REFERENCES, follow_references, records_with_urls
from govdir.directory.writes.role_groups import check_role
from govdir.directory.writes.tree_delete import BASE_TREE
from govdir.schema.dn_text import Rdn, rdn_key

_BASE: Final = (
    "đây là mục gốc của hệ thống, không đổi tên hay dời đi được "
    "(a container of the base tree; rules go by its name, so it is neither renamed nor moved)"
)


def plan_rename(
    plan: Plan, record: Record, new_rdn: Rdn, new_parent: Record | None, *, delete_old_rdn: bool
) -> WriteUnit:
    """The unit that gives the entry another RDN and, unless None, another superior.

    The RDN uid=* asks for the address, and the uid, that the regulation gives at the new place; ou=* for the
    body's label.
    """
    vocabulary = plan.image.vocabulary
    parent = _checked_parent(plan, record, new_parent)
    if parent is None:
        raise UnwillingToPerform("mục gốc của cây không đổi tên được (the suffix entry cannot be renamed)")
    key = rdn_key(new_rdn, vocabulary.schema)
    if (key, parent) != (record.rdn_key, record.parent):
        _check_base_tree(record)
    check_policy_unused(plan, record)
    check_rdn(plan, plan.view.grant(record), new_rdn)
    _check_free(parent, key, record)
    before = record.shape.attributes(record.body)
    after = before.copy()
    old_rdn = Dn.parse(record.rdn.decode(), vocabulary.schema).rdn
    chosen = asks_for_name(key)
    if delete_old_rdn or chosen:
        remove_rdn_values(after, old_rdn, new_rdn)
    add_rdn_values(after, new_rdn)
    check_guarded_classes(plan, before.object_classes, after.object_classes)
    check_role(plan, parent.container or key, before, after)
    plan.rules.complete_modify(before, after, Near(plan, parent, record), plan.actor(record.parent, record))
    if chosen:
        new_rdn = given_rdn(key, after)
        key = rdn_key(new_rdn, vocabulary.schema)
        _check_free(parent, key, record)
        add_rdn_values(after, new_rdn)
    elif not holds_rdn(after, new_rdn):
        raise NotAllowedOnRdn(
            "tên mới dùng giá trị do máy chủ suy ra, ở đây là giá trị khác "
            "(the new name is of a value that follows from others, and here is another)"
        )
    text = rdn_text(new_rdn)
    new_dn = f"{text},{parent.dn_text}"
    renamed = _renamed(plan, record, new_dn)
    follow_references(after, renamed)
    operations = plan.replacement(record, before, after, secrets=record.secrets, place=(parent, text, key))
    if parent is not record.parent:
        operations[:0] = [RequireVersion(above.id, above.version) for above in (parent, *parent.ancestors())]
    operations += plan.rewrite_references(renamed, Pending(record, after, (*path_of(parent), key)))
    superior = None if parent is record.parent else parent.dn_text
    detail = renamed_text(record.dn_text, text, superior, delete_old_rdn=delete_old_rdn)
    return plan.unit("rename", record.dn_text, after, operations, detail)


def _check_base_tree(record: Record) -> None:
    if record.parent is not None and record.parent.parent is None and record.rdn_key in BASE_TREE:
        raise UnwillingToPerform(_BASE)


def _check_free(parent: Record, key: str, record: Record) -> None:
    target = (parent.children or {}).get(key)
    if target is not None and target is not record:
        raise EntryAlreadyExists("đã có mục mang tên mới này (an entry of the new name exists)")


def _checked_parent(plan: Plan, record: Record, new_parent: Record | None) -> Record | None:
    if "rename" not in plan.view.grant(record).rights:
        raise InsufficientAccessRights(
            "không có quyền đổi tên hay dời mục này (no right to rename or move this entry)"
        )
    if new_parent is None or new_parent is record.parent:
        return record.parent
    if new_parent.is_under(record):
        raise UnwillingToPerform(
            "không dời mục vào bên dưới chính nó được (an entry cannot be moved below itself)"
        )
    if "add" not in plan.view.grant(new_parent).rights:
        raise InsufficientAccessRights(
            "không có quyền thêm mục ở nơi đến (no right to add entries under the new superior)"
        )
    check_may_hold(new_parent.shape, new_parent.dn_text)
    return new_parent


def _renamed(plan: Plan, moved: Record, new_dn: str) -> dict[str, str | None]:
    """New names by old key of the moved entry and all below it; empty when no entry names any."""
    named = any(plan.image.indexes[name].table for name in REFERENCES)
    named = named or has_special(plan.image, ALIAS)
    if not named and next(records_with_urls(plan.image), None) is None:
        return {}
    tail = len(moved.dn_text)
    return {
        record.dn_key: record.dn_text[:-tail] + new_dn if record is not moved else new_dn
        for record in moved.descendants()
    }
