"""Alias domains: every address of a domain reaches under another domain's name too, without a value for each.

An entry of class gdMailDomain below ou=domains names a domain (associatedDomain) and others that stand for it
(gdDomainAlias). There is one step: a domain of its own stands for none, whatever another entry says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from govdir.schema.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from govdir.directory.image import Image, Record

CONTAINER: Final = "ou=domains"
"""Where such entries stand; elsewhere they name no domains."""

_AT: Final = b"@"

Otherwise = Callable[[bytes], "Record | set[Record] | None"]
"""Asked where an index has nothing under an address's key: who has it by its domain alone."""


class AliasDomains:
    """The alias domains of an image: `by_alias` has domains by alias, each as what ends the keys
    of its addresses (caseIgnoreIA5Match).

    The mapping stays the same object: it is emptied and filled when an entry changes. `otherwise`, by
    attribute key, is asked for an address (by its key) that an index does not hold.
    """

    __slots__ = ("_entries", "_image", "by_alias", "otherwise")

    def __init__(self, image: Image) -> None:
        self._image = image
        self._entries: dict[int, tuple[frozenset[bytes], frozenset[bytes]]] = {}
        self.by_alias: dict[bytes, bytes] = {}
        self.otherwise: dict[str, Otherwise] = {
            "maillocaladdress": self.reached,
            "gdpreviousaddress": self.formerly,
        }

    def enter(self, record: Record) -> None:
        """Takes in an entry that was added, changed or moved, of whatever class."""
        if record.shape.names_domain and record.container == CONTAINER:
            mains, aliases = _keys(record, "associateddomain"), _keys(record, "gddomainalias")
            self._entries[record.id] = (mains, aliases)
        elif self._entries.pop(record.id, None) is None:
            return
        self._fill()

    def leave(self, record: Record) -> None:
        """Forgets an entry that is gone."""
        if self._entries.pop(record.id, None) is not None:
            self._fill()

    def _fill(self) -> None:
        """Of two entries that claim one alias the older has it, in every process."""
        mains = {main for own, _ in self._entries.values() for main in own}
        self.by_alias.clear()
        for _, (own, aliases) in sorted(self._entries.items(), reverse=True):
            if own:
                self.by_alias.update(dict.fromkeys(aliases - mains, min(own)))

    def standing_for(self, key: bytes) -> bytes | None:
        """The key of the address that one (by its key) in an alias domain stands for, unless somebody has it
        himself, or had it; None for any other address."""
        local, at, domain = key.rpartition(_AT)
        main = self.by_alias.get(domain)
        if main is None or not at:
            return None
        image = self._image
        own = key in image.indexes["mail"].table or key in image.indexes["maillocaladdress"].table
        if own or key.strip().decode("utf-8", "replace") in image.retired_addresses:
            return None
        return local + _AT + main

    def reached(self, key: bytes) -> Record | set[Record] | None:
        """Whose address it is by its domain alone, as an index holds it; None for nobody's."""
        other = self.standing_for(key)
        if other is None:
            return None
        indexes = self._image.indexes
        return _living(indexes["mail"].table.get(other)) or _living(
            indexes["maillocaladdress"].table.get(other)
        )

    def formerly(self, key: bytes) -> Record | set[Record] | None:
        """Whose address it was by its domain alone."""
        other = self.standing_for(key)
        index = self._image.indexes["gdpreviousaddress"]
        return None if other is None else _living(index.table.get(other))


def _living(held: Record | set[Record] | None) -> Record | set[Record] | None:
    """Not an entry that is gone and whose keys are still in the index."""
    return held if held is None or type(held) is set or held.alive else None  # type: ignore[union-attr]


def _keys(record: Record, attribute: str) -> frozenset[bytes]:
    return frozenset(_each_key(record, attribute))


def _each_key(record: Record, attribute: str) -> Iterator[bytes]:
    """What an address of the domain ends with as a key."""
    rule = record.shape.vocabulary.describe(attribute).attribute.equality
    for value in record.values(attribute):
        try:
            yield value if rule is None else rule.key(value).lstrip()
        except InvalidValue:  # stored before such were refused
            continue
