"""The entries that describe the server itself, as one connection sees them: root DSE, subschema, monitor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from govdir.directory.errors import NO_SUCH_ENTRY, NoSuchObject
from govdir.directory.handle import Handle
from govdir.directory.matches import Found, Matches, Outcome
from govdir.directory.options import PLAIN_SEARCH, SearchOptions
from govdir.directory.static import StaticTree
from govdir.directory.vocabulary import Vocabulary
from govdir.ldap.codec.messages import CompareRequest, Scope, SearchRequest
from govdir.ldap.server.monitor import Observed, monitor_entries
from govdir.ldap.server.root_dse import MONITOR_NAME, Abilities, root_dse
from govdir.ldap.server.session import Session
from govdir.ldap.server.subschema import SUBSCHEMA_NAME, subschema_entry

Mechanisms = Callable[[Session], tuple[str, ...]]
"""Names of the SASL mechanisms that a connection may use as it is now."""

# So many entries of the monitor are made between two looks at the clock: about 0.3 ms.
_ENTRIES_PER_LOOK: Final = 16


class SelfDescription:
    """What all connections of one server share of it."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        abilities: Abilities,
        observed: Observed,
        mechanisms: Mechanisms = lambda session: (),
    ) -> None:
        self.abilities = abilities
        self.vocabulary = vocabulary
        self.observed = observed
        self.subschema = StaticTree(vocabulary, [subschema_entry(vocabulary.schema)])
        self._mechanisms = mechanisms
        self._roots: dict[tuple[tuple[str, ...], bool], StaticTree] = {}

    def root(self, session: Session, *, monitored: bool) -> StaticTree:
        """The root DSE as the connection sees it; there are as many as sets of mechanisms."""
        key = (self._mechanisms(session), monitored)
        held = self._roots.get(key)
        if held is None:
            entry = root_dse(self.abilities, key[0], monitored=monitored)
            held = self._roots[key] = StaticTree(self.vocabulary, [entry], computed=False)
        return held


class OwnEntries:
    """Answers searches and compares of these entries on one connection.

    `longest_name` and `endings` tell names that may be theirs, so that other searches pass with one
    comparison each.
    """

    longest_name: Final = len("commonName = subschema")
    endings: Final = ("monitor", "Monitor", "MONITOR")

    __slots__ = ("_described", "_session")

    def __init__(self, described: SelfDescription, session: Session) -> None:
        self._described = described
        self._session = session

    def search(
        self, request: SearchRequest, handle: Handle, options: SearchOptions = PLAIN_SEARCH
    ) -> Matches | None:
        """The matches when the base is one of these entries, else None. Raises NoSuchObject."""
        if request.base:
            top = _top(request.base)
            if top == SUBSCHEMA_NAME:
                return handle.search_static(self._described.subschema, request, options)
            if top == MONITOR_NAME:
                return self._monitored(request, handle, options)
            return None
        if request.scope is Scope.BASE_OBJECT:
            return handle.search_static(self._root(handle), request, options)
        # The root's subordinate is the naming context; it is itself in no subtree (RFC 4512 §5.1).
        scope = Scope.BASE_OBJECT if request.scope is Scope.SINGLE_LEVEL else Scope.WHOLE_SUBTREE
        below = msgspec.structs.replace(request, base=self._described.abilities.suffix, scope=scope)
        return handle.search(below, options)

    def compare(self, request: CompareRequest, handle: Handle) -> bool | None:
        """Whether the value is there when the entry is one of these, else None. Raises DirectoryError."""
        if len(request.entry) > self.longest_name and not request.entry.endswith(self.endings):
            return None
        top = _top(request.entry) if request.entry else ""
        if not request.entry:
            tree = self._root(handle)
        elif top == SUBSCHEMA_NAME:
            tree = self._described.subschema
        elif top == MONITOR_NAME:
            _check_sees(handle)
            tree = StaticTree(self._described.vocabulary, monitor_entries(self._described.observed))
        else:
            return None
        return handle.compare_static(tree, request.entry, request.attribute, request.assertion_value)

    def _root(self, handle: Handle) -> StaticTree:
        return self._described.root(self._session, monitored=handle.sees_operation)

    def _monitored(self, request: SearchRequest, handle: Handle, options: SearchOptions) -> Matches:
        _check_sees(handle)
        outcome = Outcome()
        return Matches(self._observed(outcome, request, handle, options), outcome)

    def _observed(
        self, outcome: Outcome, request: SearchRequest, handle: Handle, options: SearchOptions
    ) -> Iterator[Found]:
        """The search, behind the making of what it searches, which thousands of connections make long."""
        tree = StaticTree(self._described.vocabulary)
        for count, entry in enumerate(monitor_entries(self._described.observed)):
            tree.put(entry)
            if not count % _ENTRIES_PER_LOOK:
                yield None
        below = handle.search_static(tree, request, options)
        try:
            yield from below
        finally:
            outcome.cookie, outcome.sorted, outcome.view = below.cookie, below.sorted, below.view


def _check_sees(handle: Handle) -> None:
    """To those who may not look at it the monitor does not exist."""
    if not handle.sees_operation:
        raise NoSuchObject(NO_SUCH_ENTRY)


def _top(name: str) -> str:
    """The last RDN, normalised; "" for what is no name or has an attribute that nobody knows."""
    last = name.rpartition(",")[2].strip()
    attribute, _, value = last.partition("=")
    if attribute.strip().lower() not in ("cn", "2.5.4.3", "commonname"):
        return ""
    return f"cn={value.strip().lower()}"
