"""Whom letters to lists reach: gdMemberAddress, worked out once and then kept up with what changes.

Mail servers follow a list's DNs by searches of their own, one for each, and do not look whether those take
mail; this is the whole answer in one attribute: everybody on the list who takes
mail, lists on the list opened, each once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from govdir.directory.access import EVERYTHING
from govdir.directory.conditions import UNINDEXED, Condition
from govdir.directory.dn import Dn
from govdir.directory.errors import InvalidDn
from govdir.directory.image import Image, Record
from govdir.directory.journal import Journal
from govdir.directory.query import in_scope
from govdir.directory.resolve import resolve
from govdir.ldap.codec.filters import And, Equality, Present
from govdir.ldap.codec.messages import Scope
from govdir.ldap.codec.urls import UrlError, parse_url

MAX_KEPT_LISTS: Final = 1024
"""A list for each body of a province; past this many, or so many addresses, the memory starts anew."""
MAX_KEPT_ADDRESSES: Final = 500_000

_LIST_CLASS: Final = "gdmaillist"
_TAKES_MAIL: Final = Equality("enabledService", b"deliver")


class ListAddresses:
    """The lists of one image."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._journal = Journal(image)
        self._kept: dict[int, _Reach] = {}
        self._addresses = 0

    def of(self, record: Record) -> list[bytes]:
        """The primary addresses, in lower case and each once, that a letter to the list reaches; none for an
        entry that is no list."""
        if _LIST_CLASS not in record.shape.classes:
            return []
        reach = self._kept.get(record.id)
        if reach is None or not reach.follow():
            reach = self._keep(record)
        return reach.addresses

    def _keep(self, record: Record) -> _Reach:
        reach = _Reach(self._image, self._journal, record)
        old = self._kept.pop(record.id, None)
        self._addresses += len(reach.addresses) - (0 if old is None else old.weight)
        if len(self._kept) >= MAX_KEPT_LISTS or self._addresses > MAX_KEPT_ADDRESSES:
            self._kept.clear()
            self._addresses = len(reach.addresses)
        reach.weight = len(reach.addresses)
        self._kept[record.id] = reach
        return reach


class _Reach:
    """One list: what it is made of, and whom it reaches, as of a position in the journal.

    `weight` is for whoever keeps it.
    """

    def __init__(self, image: Image, journal: Journal, record: Record) -> None:
        self.weight = 0
        self._image = image
        self._journal = journal
        self._takes_mail = resolve(_TAKES_MAIL, image)
        self._position = journal.end
        self._lists: set[Record] = set()
        self._named: set[Record] = set()
        self._searches: list[_Search] = []
        self._missing = False
        self._found: dict[Record, bytes] = {}
        self._values: list[bytes] | None = None
        self._suffix = Dn.parse((image.root or record).dn_text, image.vocabulary.schema)
        self._open(record)

    @property
    def addresses(self) -> list[bytes]:
        """Whom it reaches."""
        held = self._values
        if held is None:
            held = self._values = list(dict.fromkeys(self._found.values()))
        return held

    def follow(self) -> bool:
        """Takes in what changed since; False if it has to be worked out anew."""
        changed = self._journal.since(self._position)
        if changed is None:
            return False
        for record in dict.fromkeys(changed):
            if record in self._lists or self._missing:
                return False
            if not self._take(record):
                return False
        self._position = self._journal.end
        return True

    def _take(self, record: Record) -> bool:
        """Judges an entry that changed; False if a list has come on the list."""
        reached = record.alive and (
            record in self._named or any(search.finds(record) for search in self._searches)
        )
        if reached and _is_list(record):
            return False
        takes_mail = reached and self._takes_mail.matches(record, EVERYTHING) is True
        address = _primary(record) if takes_mail else None
        if address == self._found.get(record):
            return True
        self._values = None
        if address is None:
            self._found.pop(record)
        else:
            self._found[record] = address
        return True

    # -- working it out

    def _open(self, record: Record) -> None:
        waiting = [record]
        while waiting:
            here = waiting.pop()
            if here in self._lists:
                continue
            self._lists.add(here)
            for member in self._members(here):
                if _is_list(member):
                    waiting.append(member)
                elif member not in self._found and (address := _primary(member)) is not None:
                    self._found[member] = address

    def _members(self, record: Record) -> Iterator[Record]:
        """Whom a list names, by DN or by a search, and who takes mail."""
        for value in record.values("member"):
            member = self._at(value.decode())
            if member is None:
                self._missing = True
                continue
            self._named.add(member)
            if self._takes_mail.matches(member, EVERYTHING) is True:
                yield member
        for value in record.values("memberurl"):
            search = self._search(value.decode())
            if search is not None:
                self._searches.append(search)
                yield from search.run(self._image)

    def _search(self, text: str) -> _Search | None:
        """None for a URL that came in before such were refused, or whose base is not there."""
        try:
            url = parse_url(text)
        except UrlError:
            return None
        base = self._at(url.dn)
        if base is None:
            self._missing = True
            return None
        wanted = url.filter or Present("objectClass")
        if not (isinstance(wanted, And) and _TAKES_MAIL in wanted.filters):
            wanted = And((wanted, _TAKES_MAIL))
        return _Search(base, url.scope or Scope.BASE_OBJECT, resolve(wanted, self._image))

    def _at(self, name: str) -> Record | None:
        try:
            path = Dn.parse(name, self._image.vocabulary.schema).below(self._suffix)
        except InvalidDn:
            return None
        return None if path is None else self._image.find(path)


class _Search:
    """A memberURL looked up once; whoever takes no mail is not found."""

    __slots__ = ("_base", "_condition", "_scope")

    def __init__(self, base: Record, scope: Scope, condition: Condition) -> None:
        self._base = base
        self._scope = scope
        self._condition = condition

    def finds(self, record: Record) -> bool:
        """Whether the entry is one of those it finds."""
        return in_scope(record, self._base, self._scope) and (
            self._condition.matches(record, EVERYTHING) is True
        )

    def run(self, image: Image) -> Iterator[Record]:
        """All it finds."""
        matches = self._condition.matches
        for record in self._candidates(image):
            if record is not None and record.alive and matches(record, EVERYTHING) is True:
                yield record

    def _candidates(self, image: Image) -> Iterable[Record | None]:
        """All in scope, or those an index leaves when they are fewer."""
        base, scope = self._base, self._scope
        if scope is Scope.BASE_OBJECT:
            return (base,)
        if scope is Scope.SINGLE_LEVEL:
            return list((base.children or {}).values())
        estimate = self._condition.estimate(image)
        if estimate == UNINDEXED or estimate >= image.count:
            return base.descendants()
        found = self._condition.candidates(image)
        return (each for each in found if each is not None and in_scope(each, base, scope))


def _primary(record: Record) -> bytes | None:
    """Where its mail goes; None for what has no mailbox."""
    values = record.values("mail")
    return values[0].lower() if values else None


def _is_list(record: Record) -> bool:
    return _LIST_CLASS in record.shape.classes
