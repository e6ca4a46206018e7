"""Entries that are not stored: what the server tells of itself (root DSE, subschema, monitor).

They are put into a small image of their own and searched as all others are: filters, scopes, attribute
lists, paging and the other controls mean the same there. Everybody who gets so far may read all of them, and
nobody changes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from govdir.directory.access import READABLE, Grant
from govdir.directory.access_view import AccessView
from govdir.directory.aliases import Aliases
from govdir.directory.caller import Caller, Role
from govdir.directory.decorated import decorated
from govdir.directory.dn import Dn
from govdir.directory.entry import Attributes
from govdir.directory.errors import NO_SUCH_ENTRY, NoSuchObject
from govdir.directory.image import Image, Record
from govdir.directory.matches import Matches
from govdir.directory.options import PLAIN_SEARCH, SearchOptions
from govdir.directory.ports import StoredEntry
from govdir.directory.reach import Reach
from govdir.directory.search import Searching
from govdir.directory.selection import Selection
from govdir.directory.vocabulary import Vocabulary
from govdir.ldap.codec.messages import SearchRequest

if TYPE_CHECKING:
    from govdir.directory.service import Directory


class StaticEntry(Struct, frozen=True):
    """One of them: `parent` is the number of an entry before it in the same tree, counted from 1, None for
    the first; `rdn` is RFC 4514 text, "" for the root DSE; `attributes` are (name, values)."""

    parent: int | None
    rdn: str
    attributes: Sequence[tuple[str, Sequence[bytes]]]


class StaticTree:
    """Entries under one name, parents first.

    `computed` False: they hold all that may be asked for, and nothing is worked out on reading (entryDN,
    hasSubordinates…).
    """

    __slots__ = ("_computed", "_count", "_top", "image")

    def __init__(
        self, vocabulary: Vocabulary, entries: Iterable[StaticEntry] = (), *, computed: bool = True
    ) -> None:
        self.image = Image(vocabulary)
        self._top = Dn((), ())
        self._computed = computed
        self._count = 0
        for entry in entries:
            self.put(entry)

    def put(self, entry: StaticEntry) -> None:
        """Puts an entry behind those before it."""
        image = self.image
        name = Dn.parse(entry.rdn, image.vocabulary.schema)
        if entry.parent is None:
            self._top = name
        held = Attributes(image.vocabulary)
        for attribute, values in entry.attributes:
            held.replace(attribute, values)
        shape, body = image.shapes.encode(held)
        number = self._count = self._count + 1
        keys, place = image.index_keys.of(held), (entry.parent, entry.rdn, name.key)
        image.put(StoredEntry(number, *place, shape.descriptor, body, None, keys, number))

    def find(self, dn: str) -> Record:
        """The entry of a name. Raises InvalidDn, and NoSuchObject with the deepest entry there is."""
        image = self.image
        path = Dn.parse(dn, image.vocabulary.schema).below(self._top)
        found = None if path is None else image.find(path)
        if found is None:
            deepest = None if path is None else image.deepest(path)
            raise NoSuchObject(NO_SUCH_ENTRY, matched_dn="" if deepest is None else deepest.dn_text)
        return found

    def search(
        self, request: SearchRequest, options: SearchOptions, directory: Directory, caller: Caller
    ) -> Matches:
        """The matches below `request.base`; raises as `find`."""
        base = self.find(request.base)
        view = _View(directory, caller, self.image)
        selection = Selection(
            request.attributes,
            self.image.vocabulary,
            types_only=request.types_only,
            computed=self._computed,
        )
        searching = Searching(self.image, view, directory.cookies)
        if options is PLAIN_SEARCH:
            return searching.run(base, request, selection, options)
        reach = None
        if options.subentries is not None:
            reach = Reach(base, request, options, self.image, Aliases(self.image, self._top, view))
        return searching.run(base, request, decorated(selection, options, directory, view), options, reach)


class _View(AccessView):
    """How every caller sees entries that are not stored."""

    def __init__(self, directory: Directory, caller: Caller, image: Image) -> None:
        super().__init__(directory.access, Caller(caller.dn, None, Role.LOCAL), image)

    def grant(self, record: Record) -> Grant:
        """The same for all."""
        del record
        return READABLE
