"""The image: every entry in memory, as a tree of compact records with indexes. All reads are answered here.

One thread reads and writes it, the loop's; changes arrive already committed, as StoredEntry values.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from msgspec import msgpack

from govdir.directory.domains import AliasDomains
from govdir.directory.index_keys import IndexKeys
from govdir.directory.indexes import EqualityIndex
from govdir.directory.names_in_order import NamesInOrder
from govdir.directory.ports import StoredEntry
from govdir.directory.roles import Offices
from govdir.directory.shape import Shape, Shapes
from govdir.directory.vocabulary import Vocabulary

_unpack_keys = msgpack.Decoder(list[bytes | list[bytes] | None]).decode


class Record:
    """One entry: its place in the tree and its stored form (directory.shape).

    `rdn` is UTF-8; `children` (by rdn_key) is None for a leaf; `parent` is None for the suffix, and also
    once the entry is gone, which `alive` tells apart.
    """

    __slots__ = (
        "alive",
        "body",
        "children",
        "id",
        "known_dn",
        "parent",
        "rdn",
        "rdn_key",
        "secrets",
        "shape",
        "version",
    )

    parent: Record | None
    children: dict[str, Record] | None

    def __init__(self, entry: StoredEntry, shape: Shape) -> None:
        self.id = entry.id
        self.parent = None
        self.children = None
        self.rdn = entry.rdn.encode()
        self.rdn_key = entry.rdn_key
        self.shape = shape
        self.body = entry.body
        self.secrets = entry.secrets
        self.version = entry.version
        self.alive = True
        self.known_dn: bytes | None = None

    @property
    def dn(self) -> bytes:
        """The distinguished name in UTF-8; remembered for entries with children."""
        held = self.known_dn
        if held is None:
            parent = self.parent
            held = self.rdn if parent is None else self.rdn + b"," + parent.dn
            if self.children is not None:
                self.known_dn = held
        return held

    @property
    def dn_text(self) -> str:
        """The distinguished name as text."""
        return self.dn.decode()

    @property
    def dn_key(self) -> str:
        """The normalised name (Dn.key)."""
        keys = [self.rdn_key]
        keys.extend(above.rdn_key for above in self.ancestors())
        return ",".join(keys)

    def ancestors(self) -> Iterator[Record]:
        """The entries above, parent first."""
        above = self.parent
        while above is not None:
            yield above
            above = above.parent

    def is_under(self, base: Record) -> bool:
        """Whether this is `base` or lies below it."""
        here: Record | None = self
        while here is not None:
            if here is base:
                return True
            here = here.parent
        return False

    def descendants(self) -> Iterator[Record]:
        """This entry and all below, parents first; safe against changes made between two steps."""
        stack = [self]
        while stack:
            here = stack.pop()
            yield here
            if here.children:
                stack.extend(reversed(list(here.children.values())))

    def values(self, key: str) -> list[bytes]:
        """All values of the attribute type with this key, its options and subtypes included."""
        found: list[bytes] = []
        for place in self.shape.by_attribute.get(key, ()):
            found += self.shape.values(self.body, place)
        return found

    @property
    def container(self) -> str | None:
        """The normalised RDN of the entry right below the suffix that is or holds this one, None for that."""
        here = self
        parent = here.parent
        if parent is None:
            return None
        while parent.parent is not None:
            here, parent = parent, parent.parent
        return here.rdn_key

    def forget_names(self) -> None:
        """Drops remembered names of this subtree after a move."""
        for here in self.descendants():
            here.known_dn = None


# Stands in Image.records for every entry that was deleted.
_GONE = Record.__new__(Record)
_GONE.alive = False


class Image:
    """The tree, the records by id, and the indexes.

    `number` is the change up to which every process's changes are in here; `moves` counts renames, moves,
    deletions and changes of special entries, after which a remembered place may be wrong; `grants` changes of
    entries that give others roles or offices. `offices` tells who holds what. `watchers` are told of each entry that `put` has
    entered, `farewells` of each that is about to be changed or taken out, as it still is. `now` is the clock
    of what is worked out on reading, `reached_by` tells whom letters to a list reach (list_addresses).
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.shapes = Shapes(vocabulary)
        self.index_keys = IndexKeys(vocabulary)
        self.root: Record | None = None
        self.records: list[Record | None] = []
        self.retired_addresses: set[str] = set()
        self.number = 0
        self.moves = 0
        self.grants = 0
        self.count = 0
        self.offices = Offices(self)
        self.watchers: list[Callable[[Record], None]] = []
        self.farewells: list[Callable[[Record], None]] = []
        self.now: Callable[[], datetime] = _now
        self.indexes: dict[str, EqualityIndex] = self.index_keys.make_indexes()
        self._ordered_indexes = tuple(self.indexes.values())
        self.names = NamesInOrder(self)
        self.domains = AliasDomains(self)
        self.reached_by: Callable[[Record], list[bytes]] = _nobody

    # -- reading -----------------------------------------------------------------------------------------

    @property
    def rights_era(self) -> int:
        """A number that is another one once somebody may hold other roles or offices than before."""
        return self.grants + self.moves

    def find(self, rdn_keys: tuple[str, ...]) -> Record | None:
        """The entry at these normalised RDNs, counted from the suffix downwards; () is the suffix."""
        here = self.root
        for key in rdn_keys:
            if here is None or here.children is None:
                return None
            here = here.children.get(key)
        return here

    def deepest(self, rdn_keys: tuple[str, ...]) -> Record | None:
        """The deepest existing entry on that path, None when there is no suffix entry."""
        here = self.root
        for key in rdn_keys:
            below = here.children.get(key) if here is not None and here.children else None
            if below is None:
                break
            here = below
        return here

    def by_id(self, entry_id: int) -> Record | None:
        """The entry with this id."""
        record = self.records[entry_id] if entry_id < len(self.records) else None
        return record if record is not None and record.alive else None

    # -- writing -----------------------------------------------------------------------------------------

    def load(self, entries: Iterable[StoredEntry]) -> None:
        """Fills an empty image; entries may come before their parents."""
        parents: list[tuple[Record, int]] = []
        collecting = gc.isenabled()
        gc.disable()  # nothing made here becomes garbage; a collection would walk it all again and again
        try:
            for entry in entries:
                record = self._make(entry)
                if entry.parent_id is None:
                    self.root = record
                else:
                    parents.append((record, entry.parent_id))
            records = self.records
            for record, parent_id in parents:
                parent = records[parent_id]
                if parent is None:
                    raise LookupError(f"entry {record.id} has no parent {parent_id}")
                _adopt(parent, record)
            for shape in self.shapes:
                for record in shape.members if shape.names_domain else ():
                    self.domains.enter(record)
        finally:
            gc.freeze()
            if collecting:
                gc.enable()

    def settle(self) -> bool:
        """Does a few milliseconds of the indexing that loading left for later; False once there is none."""
        return any(
            index.substring is not None and index.substring.collect() for index in self._ordered_indexes
        )

    def put(self, entry: StoredEntry) -> None:
        """Enters a new entry or new content or place of a known one; older versions of it, and entries known
        to be gone (ids are never given twice), are ignored.

        Raises LookupError when its parent is not here yet, or still lies below it.
        """
        record = self.records[entry.id] if entry.id < len(self.records) else None
        if record is not None and (not record.alive or record.version >= entry.version):
            return
        parent = None if entry.parent_id is None else self.by_id(entry.parent_id)
        if entry.parent_id is not None and (
            parent is None or (record is not None and parent.is_under(record))
        ):
            raise LookupError(entry.parent_id)
        if record is None:
            record = self._make(entry)
            if parent is None:
                self.root = record
            else:
                _adopt(parent, record)
        else:
            self._change(record, entry, parent)
        self.domains.enter(record)
        self.moves += record.shape.special
        for watcher in self.watchers:
            watcher(record)

    def remove(self, entry_id: int) -> None:
        """Takes an entry out if it is there."""
        record = self.by_id(entry_id)
        if record is None:
            self._bury(entry_id)
            return
        for farewell in self.farewells:
            farewell(record)
        self._unindex(record)
        self.domains.leave(record)
        record.shape.members.discard(record)
        self.grants += record.shape.gives_rights
        if record.parent is None:
            self.root = None
        else:
            _release(record)
        self._bury(entry_id)
        self.moves += 1
        self.count -= 1
        record.alive = False

    def _bury(self, entry_id: int) -> None:
        records = self.records
        if entry_id >= len(records):
            records.extend([None] * (entry_id + 1 - len(records)))
        records[entry_id] = _GONE

    def _make(self, entry: StoredEntry) -> Record:
        shape = self.shapes.get(entry.shape)
        record = Record(entry, shape)
        records = self.records
        if entry.id >= len(records):
            records.extend([None] * (entry.id + 1 - len(records)))
        records[entry.id] = record
        self.count += 1
        self.grants += shape.gives_rights
        shape.members.add(record)
        unpacked = _unpack_keys(entry.keys)
        if len(unpacked) != len(self._ordered_indexes):  # written by a release with other indexes
            unpacked = _unpack_keys(self.index_keys.of_body(shape, entry.body))
        for index, keys in zip(self._ordered_indexes, unpacked, strict=True):
            if keys is None:
                continue
            if type(keys) is bytes:
                index.add(keys, record)
            else:
                for key in keys:
                    index.add(key, record)  # type: ignore[arg-type]
        return record

    def _change(self, record: Record, entry: StoredEntry, parent: Record | None) -> None:
        for farewell in self.farewells:
            farewell(record)
        shape = self.shapes.get(entry.shape)
        self.grants += record.shape.gives_rights or shape.gives_rights
        self._reindex(record, shape, entry.body)
        record.shape.members.discard(record)
        if record.parent is not parent or record.rdn_key != entry.rdn_key:
            self._move(record, entry.rdn_key, parent)
            self.moves += 1
        rdn = entry.rdn.encode()
        if record.rdn != rdn:
            record.rdn = rdn
            record.forget_names()
        record.shape = shape
        record.body = entry.body
        record.secrets = entry.secrets
        record.version = entry.version
        record.shape.members.add(record)

    def _move(self, record: Record, rdn_key: str, parent: Record | None) -> None:
        _release(record)
        record.rdn_key = rdn_key
        record.parent = None
        if parent is not None:
            _adopt(parent, record)
        record.forget_names()

    def _reindex(self, record: Record, shape: Shape, body: bytes) -> None:
        """From the keys of the present body to those of the new one; most changes touch few attributes."""
        held, wanted = record.shape.by_attribute, shape.by_attribute
        for key, index in self.indexes.items():
            if key not in held and key not in wanted:
                continue
            old, new = record.shape.octets(record.body, key), shape.octets(body, key)
            if old != new:
                before = self.index_keys.of_attribute(key, record.shape, record.body)
                after = self.index_keys.of_attribute(key, shape, body)
                for gone in before - after:
                    index.remove(gone, record)
                for fresh in after - before:
                    index.add(fresh, record)

    def _unindex(self, record: Record) -> None:
        packed = self.index_keys.of_body(record.shape, record.body)
        for index, keys in zip(self._ordered_indexes, _unpack_keys(packed), strict=True):
            for key in _each(keys):
                index.remove(key, record)


def _now() -> datetime:
    return datetime.now(UTC)


def _nobody(_record: Record) -> list[bytes]:
    return []


def _each(keys: bytes | list[bytes] | None) -> Iterable[bytes]:
    if keys is None:
        return ()
    return (keys,) if isinstance(keys, bytes) else keys


def _release(child: Record) -> None:
    """Takes a child from its parent, unless a later change has already given its name to another."""
    parent = child.parent
    if parent is None or parent.children is None:
        return
    if parent.children.get(child.rdn_key) is child:
        del parent.children[child.rdn_key]
        if not parent.children:
            parent.children = None


def _adopt(parent: Record, child: Record) -> None:
    children = parent.children
    if children is None:
        children = parent.children = {}
    children[child.rdn_key] = child
    child.parent = parent
