"""Planning the delete of an entry with everything below it (draft-armijo-ldap-treedelete-02), all or nothing.

Judging ten thousand entries takes the better part of a second, so it is done beforehand, in slices; the plan
itself judges only what has changed since, and names the version of every entry it takes along.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Final

from msgspec import Struct

from govdir.directory.errors import InsufficientAccessRights, UnwillingToPerform
from govdir.directory.image import SLICE_SECONDS, Record
from govdir.directory.ports import DeleteEntry, Operation, WriteUnit
from govdir.directory.writes.change_text import deleted_text
from govdir.directory.writes.delete import going, plan_delete
from govdir.directory.writes.plan import Pending, Plan, path_of

BASE_TREE: Final = frozenset({"ou=orgs", "ou=lists", "ou=services", "ou=domains", "ou=policies", "ou=admins"})
"""Containers that rules and access rules name: with what is in them they are nobody's to delete in one go."""

_NOT_ALL: Final = (
    "không có quyền xóa mọi mục bên dưới, nên không mục nào bị xóa "
    "(no right to delete everything below this entry; nothing was deleted)"
)
_BASE: Final = (
    "đây là mục gốc của hệ thống, chỉ xóa được khi không còn gì bên dưới "
    "(a container of the base tree; it is deleted only once nothing is below it)"
)


class _Judged(Struct, frozen=True):
    """An entry that may go, at this version: what becomes of its addresses; its LDIF."""

    version: int
    operations: tuple[Operation, ...]
    text: str
    key: str


class TreeDelete:
    """One delete of a subtree: `survey` first, then `plan`, at each attempt."""

    __slots__ = ("_judged", "_rights_era")

    def __init__(self) -> None:
        self._judged: dict[Record, _Judged] = {}
        self._rights_era = -1

    def survey(self, plan: Plan, top: Record) -> Iterator[None]:
        """Judges every entry, with points to breathe at. Raises what `plan` raises."""
        if not top.children:
            return
        _check_top(top)
        self._rights_era = plan.image.rights_era
        end = perf_counter() + SLICE_SECONDS
        for record in top.descendants():
            if record.alive:
                self._judge(plan, record)
            if perf_counter() > end:
                yield
                end = perf_counter() + SLICE_SECONDS

    def plan(self, plan: Plan, top: Record) -> WriteUnit:
        """The unit that deletes `top` and all below it.

        Raises InsufficientAccessRights when the caller may not delete, or see, any one of them (it is not
        told which), UnwillingToPerform for the suffix, the base tree's containers and what entries elsewhere
        cannot be without, RuleViolation.
        """
        if not top.children:
            return plan_delete(plan, top)
        _check_top(top)
        levels = _levels(top)
        records = [record for level in levels for record in level]
        self._judge_changed(plan, records)
        judged = [self._judged[record] for record in reversed(records)]
        operations = [operation for each in judged for operation in each.operations]
        for number in reversed(range(len(levels))):
            operations += [DeleteEntry(record.id, record.version, number) for record in levels[number]]
        renamed: dict[str, str | None] = {each.key: None for each in judged}
        pending = Pending(top, None, path_of(top))
        gone = set(records)
        naming = [record for record in plan.naming(renamed) if record not in gone]
        operations[:0] = plan.follow(naming, renamed, pending)
        attributes = top.shape.attributes(top.body)
        return plan.unit("delete", top.dn_text, attributes, operations, "".join(each.text for each in judged))

    def _judge_changed(self, plan: Plan, records: list[Record]) -> None:
        """What the survey did not see as it is now; all rights once anybody's may have changed."""
        judged = self._judged
        if self._rights_era != plan.image.rights_era:
            for record in records:
                _check_rights(plan, record)
            self._rights_era = plan.image.rights_era
        for record in records:
            held = judged.get(record)
            if held is None or held.version != record.version:
                self._judge(plan, record)

    def _judge(self, plan: Plan, record: Record) -> None:
        _check_rights(plan, record)
        operations = going(plan, record, record.shape.attributes(record.body))
        text = deleted_text(record.dn_text)
        self._judged[record] = _Judged(record.version, tuple(operations), text, record.dn_key)


def _levels(top: Record) -> list[list[Record]]:
    """The entry, its children, theirs, and so on."""
    levels = [[top]]
    while levels[-1]:
        levels.append([child for record in levels[-1] for child in (record.children or {}).values()])
    return levels[:-1]


def _check_top(top: Record) -> None:
    if top.parent is None:
        raise UnwillingToPerform("mục gốc của cây không xóa được (the suffix entry cannot be deleted)")
    if top.parent.parent is None and top.rdn_key in BASE_TREE:
        raise UnwillingToPerform(_BASE)


def _check_rights(plan: Plan, record: Record) -> None:
    grant = plan.view.grant(record)
    if not grant.visible or "delete" not in grant.rights:
        raise InsufficientAccessRights(_NOT_ALL)
