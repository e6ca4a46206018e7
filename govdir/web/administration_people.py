"""Finding the people whose passwords a caller may set, by the caller's own rights."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

from msgspec import Struct

from govdir.directory.errors import DirectoryError
from govdir.directory.handle import Handle
from govdir.directory.image import Record
from govdir.directory.service import Directory
from govdir.ldap.codec.ber import OCTET_STRING, Reader
from govdir.ldap.codec.filters import And, Equality, Filter, Or, Substrings
from govdir.ldap.codec.messages import DerefAliases, Scope, SearchRequest
from govdir.mailattrs.folding import name_key
from govdir.web.account_facts import Facts, facts_of

SHOWN = 50
"""More is no list to choose from: whoever searches types more of the name."""

LOOKED_AT = 2000
"""Matches looked at in one search, most of which somebody with few rights may only read."""

BREATHE_EVERY = 20
"""Matches looked at in one turn of the loop: a millisecond or two."""

SHORTEST = 2
"""Characters of a name or address that are searched for; a single one is in everybody's."""

LONGEST = 200
"""No name or address is longer."""

_PARTS_OF = ("mail", "mailLocalAddress", "uid", "displayName")


class Person(Struct, frozen=True):
    """Somebody found."""

    entry_uuid: str
    dn: str
    version: int
    record: Record
    facts: Facts


class Found(Struct, frozen=True):
    """People by name; `more` when there are others that are not shown."""

    people: tuple[Person, ...]
    more: bool


class People:
    """The people of one directory, as one caller or another may see and help them."""

    def __init__(self, directory: Directory, breathe: Callable[[], Awaitable[None]]) -> None:
        """`breathe` lets the loop attend to others in a long search."""
        self._directory = directory
        self._breathe = breathe

    async def find(self, handle: Handle, text: str) -> Found:
        """Mailboxes whose name or an address holds `text`, accents aside, and whose password the caller may
        set, not its own; nothing for a text shorter than SHORTEST."""
        wanted = _filter(text[:LONGEST])
        if wanted is None:
            return Found((), more=False)
        people: list[Person] = []
        looked_at = 0
        try:
            for base in self._bases(handle):
                for content in handle.search(_request(base, wanted)):
                    if not isinstance(content, bytes):
                        await self._breathe()
                        continue
                    looked_at += 1
                    if looked_at % BREATHE_EVERY == 0:
                        await self._breathe()
                    person = self._helped(handle, Reader(content).text(OCTET_STRING, "objectName"))
                    if person is not None:
                        people.append(person)
                    if len(people) > SHOWN or looked_at > LOOKED_AT:
                        return Found(_sorted(people)[:SHOWN], more=True)
        except DirectoryError:
            return Found(_sorted(people), more=bool(people))
        return Found(_sorted(people), more=False)

    def get(self, handle: Handle, entry_uuid: str) -> Person | None:
        """The mailbox of that entryUUID; None when there is none whose password the caller may set."""
        wanted = And((Equality("entryUUID", entry_uuid.encode()), _MAILBOX))
        for base in self._bases(handle):
            try:
                for content in handle.search(_request(base, wanted)):
                    if isinstance(content, bytes):
                        return self._helped(handle, Reader(content).text(OCTET_STRING, "objectName"))
            except DirectoryError:
                continue
        return None

    def _bases(self, handle: Handle) -> Iterator[str]:
        """Where to look: in the organisations the caller administers, everywhere for who administers all."""
        bodies = handle.administers
        root = self._directory.image.root
        if bodies and not handle.is_operator:
            yield from (body.dn_text for body in bodies if not _is_below_another(body, bodies))
        elif root is not None and handle.is_operator:
            yield root.dn_text

    def _helped(self, handle: Handle, dn: str) -> Person | None:
        path = self._directory.path_of(dn)
        record = None if path is None else self._directory.image.find(path)
        if record is None or record.id == handle.caller.entry_id or not handle.may_write(dn, "userPassword"):
            return None
        attributes = handle.read(dn)
        entry_uuid = attributes.text("entryUUID")
        if entry_uuid is None:
            return None
        return Person(entry_uuid, dn, record.version, record, facts_of(record, attributes))


_MAILBOX = Equality("objectClass", b"gdMailbox")


def _filter(text: str) -> Filter | None:
    # Comparing ignores characters that nobody sees (RFC 4518 §2.2): of them alone would be in everything.
    part, key = "".join(filter(str.isprintable, text)).strip(), name_key(text)
    if len(part) < SHORTEST:
        return None
    tests: list[Filter] = [Substrings(name, None, (part.encode(),), None) for name in _PARTS_OF]
    if len(key) >= SHORTEST:
        tests.append(Substrings("gdNameKey", None, (key.encode(),), None))
    return And((_MAILBOX, Or(tuple(tests))))


def _request(base: str, wanted: Filter) -> SearchRequest:
    return SearchRequest(base, Scope.WHOLE_SUBTREE, DerefAliases.NEVER, 0, 0, True, wanted, ("1.1",))


def _is_below_another(body: Record, bodies: tuple[Record, ...]) -> bool:
    return any(other is not body and body.is_under(other) for other in bodies)


def _sorted(people: list[Person]) -> tuple[Person, ...]:
    return tuple(sorted(people, key=lambda one: (name_key(one.facts.called), one.facts.address)))
