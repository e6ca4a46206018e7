"""Searches prepared once and asked again with another value: a mail server's lookups.

A mail server sends one filter thousands of times a second with only the address changed. What does not depend
on it (base, scope, schema, the other conditions, the attribute list) is worked out here once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from govdir.directory.access import Grant
from govdir.directory.conditions import Condition
from govdir.directory.image import Record
from govdir.directory.resolve import resolve
from govdir.ldap.codec.filters import And, Equality, Filter, Or
from govdir.ldap.codec.messages import Scope, SearchRequest
from govdir.schema.definitions import AttributeType
from govdir.schema.errors import InvalidValue

if TYPE_CHECKING:
    from govdir.directory.access import AccessView
    from govdir.directory.image import Image
    from govdir.directory.selection import Selection

# A grant decides what may be searched; a caller meets a handful of them.
_MAX_GRANTS = 64

Lookup = tuple[dict[bytes, "Record | set[Record]"], Callable[[bytes], bytes], AttributeType]


class PreparedSearch:
    """A search with one open value.

    The filter is `(a=value)`, or an OR of such with the same value, or an AND of one of these and conditions
    that do not depend on it; every `a` has an equality index.
    """

    __slots__ = ("_allowed", "_base", "_image", "_lookups", "_moves", "_rest", "_scope", "_selection", "_view")

    def __init__(
        self,
        place: tuple[Record, Scope],
        lookups: list[Lookup],
        rest: list[Condition],
        selection: Selection,
        seen: tuple[Image, AccessView],
    ) -> None:
        self._base, self._scope = place
        self._lookups = lookups
        self._rest = rest
        self._selection = selection
        self._image, self._view = seen
        self._moves = self._image.moves
        self._allowed: dict[Grant, list[bool]] = {}

    @property
    def stands(self) -> bool:
        """Whether base and caller still are what they were; if not, prepare anew."""
        return self._moves == self._image.moves and self._view.stands

    def contents(self, value: bytes) -> tuple[bytes, ...] | None:
        """The content octets of the matching entries; None when several match, which an ordinary search
        with its limits has to answer."""
        found: Record | None = None
        for number, (table, key_of, _) in enumerate(self._lookups):
            try:
                held = table.get(key_of(value))
            except InvalidValue:
                continue
            if held is None or held is found:
                continue
            if type(held) is set:
                return None
            grant = self._view.grant(held)  # type: ignore[arg-type] # the set is ruled out
            if not self._may(grant)[number]:
                continue
            if found is not None:
                return None
            found = held  # type: ignore[assignment]
        if found is None:
            return ()
        grant = self._view.grant(found)
        if not grant.visible or not self._in_scope(found):
            return ()
        for condition in self._rest:
            if condition.matches(found, grant) is not True:
                return ()
        return (self._selection.plan(found.shape, grant).content(found, self._image),)

    def _may(self, grant: Grant) -> list[bool]:
        held = self._allowed.get(grant)
        if held is None:
            held = [
                grant.search.holds(attribute.key, attribute.is_operational)
                for _, _, attribute in self._lookups
            ]
            if len(self._allowed) >= _MAX_GRANTS:
                self._allowed.clear()
            self._allowed[grant] = held
        return held

    def _in_scope(self, record: Record) -> bool:
        if self._scope is Scope.SINGLE_LEVEL:
            return record.parent is self._base
        return self._base.parent is None or record.is_under(self._base)


def prepare(
    request: SearchRequest, base: Record, selection: Selection, image: Image, view: AccessView
) -> tuple[bytes, PreparedSearch] | None:
    """The value that is open in the request's filter and the search prepared for any other, or None when the
    filter is of another kind."""
    if request.scope is Scope.BASE_OBJECT:
        return None
    parts = request.filter.filters if isinstance(request.filter, And) else (request.filter,)
    open_parts = [part for part in parts if _lookups(part, image)]
    if not open_parts:
        return None
    # Of several the one that finds fewest entries is the one that changes from request to request.
    chosen = min(open_parts, key=lambda part: resolve(part, image).estimate(image))
    lookups = _lookups(chosen, image)
    rest = [resolve(part, image) for part in parts if part is not chosen]
    value = _value(chosen)
    if lookups is None or value is None:
        return None
    place = (base, request.scope)
    return value, PreparedSearch(place, lookups, rest, selection, (image, view))


def _value(part: Filter) -> bytes | None:
    if isinstance(part, Or):
        values = {_value(one) for one in part.filters}
        return values.pop() if len(values) == 1 else None
    return part.value if isinstance(part, Equality) else None


def _lookups(part: Filter, image: Image) -> list[Lookup] | None:
    """The index look-ups a part comes to, if it has one open value and every attribute has an index."""
    if not _value(part):
        return None
    found: list[Lookup] = []
    for one in part.filters if isinstance(part, Or) else (part,):
        description = image.vocabulary.find(one.attribute) if isinstance(one, Equality) else None
        if description is None or description.options or description.attribute.equality is None:
            return None
        index = image.indexes.get(description.attribute.key)
        if index is None:
            return None
        found.append((index.table, description.attribute.equality.key, description.attribute))
    return found
