"""Searches prepared once and asked again with another value: a mail server's lookups.

A mail server sends one filter thousands of times a second with only the address changed. What does not depend
on it (base, scope, schema, the other conditions, the attribute list) is worked out here once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import msgpack

from govdir.directory.access import Grant
from govdir.directory.conditions import Condition
from govdir.directory.domains import Otherwise
from govdir.directory.image import Record
from govdir.directory.query import in_scope
from govdir.directory.resolve import resolve
from govdir.ldap.codec.filters import And, Equality, Filter, Or
from govdir.ldap.codec.messages import Scope, SearchRequest
from govdir.schema.definitions import AttributeType
from govdir.schema.errors import InvalidValue

if TYPE_CHECKING:
    from govdir.directory.access_view import AccessView
    from govdir.directory.image import Image
    from govdir.directory.selection import Selection

# Clients write few different searches; past this many the memory starts anew.
MAX_PREPARED = 256

# So much of base, attribute list and other conditions is kept of each: mail servers write some hundred.
MAX_FORM_OCTETS = 4096

_encode = msgpack.Encoder().encode

# A grant decides what may be searched; a caller meets a handful of them.
_MAX_GRANTS = 64

Lookup = tuple[dict[bytes, "Record | set[Record]"], Callable[[bytes], bytes], AttributeType, Otherwise | None]


class PreparedSearch:
    """A search with one open value.

    The filter is `(a=value)`, or an OR of such with the same value, or an AND of one of these and conditions
    that do not depend on it; every `a` has an equality index.
    """

    __slots__ = (
        "_aliases",
        "_allowed",
        "_base",
        "_base_version",
        "_era",
        "_image",
        "_lookups",
        "_moves",
        "_rest",
        "_scope",
        "_selection",
        "_view",
    )

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
        self._aliases = self._image.domains.by_alias
        self._moves = self._image.moves
        self._base_version = self._base.version
        self._era = self._view.era
        self._allowed: dict[Grant, list[bool]] = {}

    @property
    def stands(self) -> bool:
        """Whether base, caller and its roles still are what they were; if not, prepare anew."""
        return (
            self._moves == self._image.moves
            and self._base_version == self._base.version
            and self._view.stands
            and self._era == self._view.era
        )

    @property
    def open_values(self) -> int:
        """How often the open value stands in the filter."""
        return len(self._lookups)

    def contents(self, value: bytes) -> tuple[bytes, ...] | None:
        """The content octets of the matching entries; None when several match or one that is special, which
        an ordinary search has to answer."""
        found: Record | None = None
        for number, (table, key_of, _, otherwise) in enumerate(self._lookups):
            try:
                held = table.get(key_of(value))
                if held is None and found is None and otherwise is not None and self._aliases:
                    held = otherwise(key_of(value))
            except InvalidValue:
                continue
            if held is None or held is found:
                continue
            if type(held) is set or held.shape.special:  # type: ignore[union-attr] # the set is ruled out
                return None
            grant = self._view.grant(held)  # type: ignore[arg-type] # as before
            if not self._may(grant)[number]:
                continue
            if found is not None:
                return None
            found = held  # type: ignore[assignment]
        if found is None or not found.alive:
            return ()
        grant = self._view.grant(found)
        if not grant.visible or not in_scope(found, self._base, self._scope):
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
                for _, _, attribute, _ in self._lookups
            ]
            if len(self._allowed) >= _MAX_GRANTS:
                self._allowed.clear()
            self._allowed[grant] = held
        return held


class PreparedSearches:
    """One caller's prepared searches, by everything of a request but the open value.

    In an AND the last condition is taken for the one that changes, as mail servers write their filters.
    """

    __slots__ = ("_held", "_image", "_view")

    def __init__(self, image: Image, view: AccessView) -> None:
        self._image = image
        self._view = view
        self._held: dict[tuple[object, ...], PreparedSearch] = {}

    def contents(self, request: SearchRequest) -> tuple[bytes, ...] | None:
        """The answer of a search that has been prepared; None: run it as any other."""
        found = self.find(request)
        return None if found is None else found[1].contents(found[0])

    def find(self, request: SearchRequest) -> tuple[bytes, PreparedSearch] | None:
        """The open value of a request and the search prepared for it, if it has been."""
        form = _form(request)
        if form is None:
            return None
        key, value = form
        prepared = self._held.get(key)
        if prepared is None:
            return None
        if not prepared.stands:
            del self._held[key]
            return None
        return value, prepared

    def learn(self, request: SearchRequest, base: Record, selection: Selection) -> None:
        """Prepares the request for next time, if its filter is of that kind."""
        form = _form(request)
        if form is None or form[0] in self._held:
            return
        parts = request.filter.filters if isinstance(request.filter, And) else (request.filter,)
        lookups = _lookups(parts[-1], self._image)
        if lookups is None:
            return
        rest = [resolve(part, self._image) for part in parts[:-1]]
        if len(_encode(form[0])) > MAX_FORM_OCTETS:
            return
        if len(self._held) >= MAX_PREPARED:
            self._held.clear()
        place = (base, request.scope)
        self._held[form[0]] = PreparedSearch(place, lookups, rest, selection, (self._image, self._view))


def _form(request: SearchRequest) -> tuple[tuple[object, ...], bytes] | None:
    """What of a request may be prepared and the open value; None for base searches and other filters."""
    last: Filter = request.filter
    rest: tuple[Filter, ...] = ()
    if type(last) is And and last.filters:
        rest = last.filters[:-1]
        last = last.filters[-1]
    names: object
    if type(last) is Equality:
        names, value = last.attribute, last.value
    elif type(last) is Or and last.filters:
        first = last.filters[0]
        if type(first) is not Equality:
            return None
        value = first.value
        if not all(type(one) is Equality and one.value == value for one in last.filters):
            return None
        names = tuple(one.attribute for one in last.filters if type(one) is Equality)
    else:
        return None
    if request.scope is Scope.BASE_OBJECT:
        return None
    how = (request.base, request.scope, request.deref_aliases, request.attributes, request.types_only)
    return (*how, rest, names), value


def _lookups(part: Filter, image: Image) -> list[Lookup] | None:
    """The index look-ups a part comes to, if every attribute has an index."""
    found: list[Lookup] = []
    for one in part.filters if isinstance(part, Or) else (part,):
        description = image.vocabulary.find(one.attribute) if isinstance(one, Equality) else None
        rule = None if description is None or description.options else description.attribute.equality
        if description is None or rule is None:
            return None
        index = image.indexes.get(description.attribute.key)
        if index is None:
            return None
        attribute = description.attribute
        otherwise = image.domains.otherwise.get(attribute.key)
        found.append((index.table, rule.key, attribute, otherwise))
    return found
