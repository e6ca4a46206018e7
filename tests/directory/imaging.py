"""Images without a store: entries put in directly, for tests of reading alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from govdir.directory.access import AttributeSet, Grant
from govdir.directory.dn import Dn, rdn_text
from govdir.directory.entry import Attributes
from govdir.directory.image import Image, Record
from govdir.directory.ports import StoredEntry
from govdir.directory.resolve import resolve
from govdir.directory.vocabulary import Vocabulary
from govdir.ldap.codec.filter_text import parse_filter
from govdir.schema.registry import load_schema

SCHEMA = load_schema()
VOCABULARY = Vocabulary(SCHEMA)
SUFFIX = Dn.parse("dc=cantho,dc=gov,dc=vn", SCHEMA)

_ALL = AttributeSet(frozenset(), all_user=True, all_operational=True)
EVERYTHING = Grant(_ALL, _ALL, _ALL)

Values = Mapping[str, str | Sequence[str | bytes]]


def attributes(values: Values) -> Attributes:
    held = Attributes(VOCABULARY)
    for name, given in values.items():
        held.replace(name, (given,) if isinstance(given, str) else given)
    return held


class Plot:
    """An image with a suffix entry, and short ways to fill and ask it."""

    def __init__(self) -> None:
        self.image = Image(VOCABULARY)
        self.version = 0
        self.next_id = 1
        self.put("", {"objectClass": ("dcObject", "organization"), "o": "Thành phố Cần Thơ", "dc": "cantho"})

    def stored(self, rdns: str, values: Values, entry_id: int, parent_id: int | None) -> StoredEntry:
        self.version += 1
        held = attributes(values)
        shape, body = self.image.shapes.encode(held)
        dn = Dn.parse(f"{rdns},{SUFFIX}" if rdns else str(SUFFIX), SCHEMA)
        named = (rdn_text(dn.rdn), dn.keys[0]) if rdns else (str(dn), dn.key)
        keys = self.image.index_keys.of(held)
        return StoredEntry(entry_id, parent_id, *named, shape.descriptor, body, None, keys, self.version)

    def put(self, rdns: str, values: Values) -> Record:
        """A new entry at these RDNs below the suffix, the entry's own first."""
        parent = self.at(rdns.partition(",")[2]) if rdns else None
        entry_id, self.next_id = self.next_id, self.next_id + 1
        self.image.put(self.stored(rdns, values, entry_id, None if parent is None else parent.id))
        return self.record(entry_id)

    def change(self, record: Record, rdns: str, values: Values) -> None:
        """Other content, and another place when `rdns` says so."""
        parent = self.at(rdns.partition(",")[2]) if rdns else None
        self.image.put(self.stored(rdns, values, record.id, None if parent is None else parent.id))

    def at(self, rdns: str) -> Record:
        path = Dn.parse(f"{rdns},{SUFFIX}" if rdns else str(SUFFIX), SCHEMA).below(SUFFIX)
        found = None if path is None else self.image.find(path)
        assert found is not None, rdns
        return found

    def record(self, entry_id: int) -> Record:
        found = self.image.by_id(entry_id)
        assert found is not None
        return found

    def verdict(self, text: str, record: Record, grant: Grant = EVERYTHING) -> bool | None:
        return resolve(parse_filter(text), self.image).matches(record, grant)


def person(
    uid: str, name: str, **more: str | Sequence[str | bytes]
) -> dict[str, str | Sequence[str | bytes]]:
    """A person's attributes; `__` in a name stands for the ";" before an option."""
    given: dict[str, str | Sequence[str | bytes]] = {
        "objectClass": ("inetOrgPerson",),
        "uid": uid,
        "cn": name,
        "sn": name.split(maxsplit=1)[0],
    }
    given.update({key.replace("__", ";").replace("_", "-"): values for key, values in more.items()})
    return given
