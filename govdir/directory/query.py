"""One search with everything looked up: where, what, and which attributes to return."""

from __future__ import annotations

from govdir.directory.conditions import Condition
from govdir.directory.image import Record
from govdir.directory.reach import Reach
from govdir.directory.selection import Selecting
from govdir.ldap.codec.messages import Scope, SearchRequest


class Query:
    """A request whose base, filter and attribute list are resolved; `covers_all`: every entry is in scope.
    `reach` tells what is, where some entries are special, else None."""

    __slots__ = ("base", "condition", "covers_all", "reach", "request", "scope", "selection")

    def __init__(
        self,
        base: Record,
        request: SearchRequest,
        condition: Condition,
        selection: Selecting,
        reach: Reach | None = None,
    ) -> None:
        self.base = base
        self.request = request
        self.scope = request.scope
        self.reach = reach
        self.covers_all = reach is None and base.parent is None and request.scope is Scope.WHOLE_SUBTREE
        self.condition = condition
        self.selection = selection

    def covers(self, record: Record) -> bool:
        """Whether the entry is in scope."""
        if self.reach is not None:
            return self.reach.covers(record)
        return in_scope(record, self.base, self.scope)


def in_scope(record: Record, base: Record, scope: Scope) -> bool:
    """RFC 4511 §4.5.1.2."""
    if scope is Scope.WHOLE_SUBTREE:
        return base.parent is None or record.is_under(base)
    return record.parent is base if scope is Scope.SINGLE_LEVEL else record is base
