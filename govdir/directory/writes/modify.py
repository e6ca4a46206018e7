"""Planning a modify (RFC 4511 §4.6)."""

from __future__ import annotations

from collections.abc import Sequence

from govdir.directory.dn import Dn
from govdir.directory.entry import Attributes
from govdir.directory.errors import (
    NotAllowedOnRdn,
    ObjectClassModsProhibited,
)
from govdir.directory.image import Record
from govdir.directory.modifications import apply_changes
from govdir.directory.ports import Operation, WriteUnit
from govdir.directory.secrets import pack_secrets
from govdir.directory.writes.attribute_rights import check_change
from govdir.directory.writes.change_text import modified_text
from govdir.directory.writes.entry_rights import check_guarded_classes
from govdir.directory.writes.own_values import check_own_values
from govdir.directory.writes.plan import Near, PasswordOutcome, Pending, Plan, apply_stamps, path_of
from govdir.directory.writes.policy_links import check_policy_link
from govdir.directory.writes.rdn_values import holds_rdn
from govdir.directory.writes.role_groups import check_offices, check_role
from govdir.ldap.codec.messages import Change

_NAMES_IT = (
    "giá trị này là tên của mục, hãy đổi tên mục "
    "(a value that names the entry cannot be taken away; rename it instead)"
)


def plan_modify(
    plan: Plan,
    record: Record,
    changes: Sequence[Change],
    password: PasswordOutcome | None,
    *,
    permissive: bool = False,
) -> WriteUnit:
    """The unit that applies these changes (without userPassword) and this password outcome; `permissive`:
    see apply_changes."""
    _check_changes(plan, record, changes)
    before = record.shape.attributes(record.body)
    after = before.copy()
    made = apply_changes(after, changes, permissive=permissive)
    if password is not None:
        apply_stamps(after, password)
    _check_structure(plan, before, after)
    check_own_values(plan, record, before, after)
    check_role(plan, record.container, before, after)
    check_policy_link(plan, before, after)
    check_offices(plan, before, after)
    near = Near(plan, record.parent, record, new_password=password is not None and password.is_new)
    plan.rules.complete_modify(before, after, near, plan.actor(record.parent, record))
    _check_keeps_rdn(plan, record, before, after)
    secrets = record.secrets if password is None else pack_secrets(password.secrets)
    operations: list[Operation] = [*plan.replacement(record, before, after, secrets=secrets)]
    if _is_gone(after) and not _is_gone(before):
        pending = Pending(record, after, path_of(record))
        operations += plan.rewrite_references({record.dn_key: None}, pending)
    elif after.values("mail") != before.values("mail"):
        operations += plan.rewrite_owned(Pending(record, after, path_of(record)))
    return plan.unit(
        "modify",
        record.dn_text,
        after,
        operations,
        modified_text(record.dn_text, made, password=password is not None),
    )


def _check_changes(plan: Plan, record: Record, changes: Sequence[Change]) -> None:
    grant = plan.view.grant(record)
    for change in changes:
        description = plan.image.vocabulary.describe(change.modification.type)
        check_change(plan.caller, grant, description, change.operation)


def _check_structure(plan: Plan, before: Attributes, after: Attributes) -> None:
    object_class = after.vocabulary.object_class
    if after.get(object_class) == before.get(object_class):
        return
    if after.class_set.structural is not before.class_set.structural:
        raise ObjectClassModsProhibited(
            f"không đổi được lớp cấu trúc {before.class_set.structural.name} "
            "(the structural object class cannot be changed)"
        )
    check_guarded_classes(plan, before.object_classes, after.object_classes)


def _is_gone(entry: Attributes) -> bool:
    """Whether the entry is what is left of a person, whom nothing names any more."""
    return entry.text("gdState") == "deleted" and "person" in entry.object_classes


def _check_keeps_rdn(plan: Plan, record: Record, before: Attributes, after: Attributes) -> None:
    changed = {
        description.attribute.key
        for description in before
        if before.get(description) != after.get(description)
    }
    if not any(f"{key}=" in record.rdn_key for key in changed):
        return
    rdn = Dn.parse(record.rdn.decode(), plan.image.vocabulary.schema).rdn
    if not holds_rdn(after, rdn):
        raise NotAllowedOnRdn(_NAMES_IT)
