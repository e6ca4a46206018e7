"""The image: every entry in memory, as a tree of compact records with indexes. All reads are answered here.

One thread reads and writes it, the loop's; changes arrive already committed, as StoredEntry values.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from time import perf_counter

from msgspec import msgpack

from govdir.directory.domains import AliasDomains
from govdir.directory.index_keys import IndexKeys
from govdir.directory.indexes import EqualityIndex
from govdir.directory.names_in_order import NamesInOrder
from govdir.directory.ports import StoredEntry
from govdir.directory.record import Record
from govdir.directory.roles import Offices
from govdir.directory.shape import Shape, Shapes
from govdir.directory.vocabulary import Vocabulary

__all__ = ["SLICE_SECONDS", "Image", "Record"]

_unpack_keys = msgpack.Decoder(list[bytes | list[bytes] | None]).decode


# Between two points at which the loop may breathe: what is done at leisure holds it no longer.
SLICE_SECONDS = 0.004

# Stands in Image.records for every entry that was deleted.
_GONE = Record.__new__(Record)
_GONE.alive = False


class Image:
    """The tree, the records by id, and the indexes.

    `number` is the change up to which every process's changes are in here; `moves` counts renames, moves,
    deletions and changes of special entries, after which a remembered place may be wrong; `grants` changes of
    entries that give others roles or offices. `offices` tells who holds what. `watchers` are told of each
    entry that was entered or changed, `farewells` of each that is about to be changed or taken out, as it
    still is. `now` is the clock of what is worked out on reading, `reached_by` tells whom letters to a list
    reach (list_addresses).
    `tentative` holds entries without a number yet, which only a transaction that is being planned sees, by
    the negative one they have there (trial.Trial).
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.shapes = Shapes(vocabulary)
        self.index_keys = IndexKeys(vocabulary)
        self.root: Record | None = None
        self.records: list[Record | None] = []
        self.tentative: dict[int, Record] = {}
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
        self.account_facts: Callable[[str, Record], list[bytes]] = _nothing

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
        if entry_id < 0:
            return self.tentative.get(entry_id)
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
            self._adopt(record, parent)
        else:
            self._change(record, entry, parent)
        self._tell(record)

    def remove(self, entry_id: int) -> None:
        """Takes an entry out if it is there."""
        for record in self.bury((entry_id,)):
            self._unindex(record)

    def bury(self, entry_ids: Iterable[int]) -> list[Record]:
        """Takes entries out, if they are there, for everybody at once: their ids, their places, their rights.

        Only their keys are left, for `clear`: until then indexes name them, dead (`alive`). Some
        microseconds an entry.
        """
        buried = []
        for entry_id in entry_ids:
            record = self.by_id(entry_id)
            if record is not None:
                self._leave(record)
                buried.append(record)
            self._bury(entry_id)
        return buried

    def clear(self, buried: Sequence[Record]) -> Iterator[None]:
        """Takes buried entries out of the indexes, with points to breathe at."""
        end = perf_counter() + SLICE_SECONDS
        for record in buried:
            self._unindex(record)
            if perf_counter() > end:
                yield
                end = perf_counter() + SLICE_SECONDS

    def show(self, record: Record, keys: bytes, parent: Record | None) -> None:
        """Enters an entry at a place, new or hidden before; `keys` are those of its body."""
        record.alive = True
        self._enter(record, keys)
        self._adopt(record, parent)
        self._tell(record)

    def hide(self, record: Record) -> None:
        """Takes an entry out as if it were gone; `show` brings it back."""
        self._leave(record)
        self._unindex(record)

    def change(self, record: Record, entry: StoredEntry, parent: Record | None) -> None:
        """Gives an entry another content and place."""
        self._change(record, entry, parent)
        self._tell(record)

    def _leave(self, record: Record) -> None:
        """Everything of an entry's going but its keys."""
        for farewell in self.farewells:
            farewell(record)
        self.domains.leave(record)
        record.shape.members.discard(record)
        self.grants += record.shape.gives_rights
        if record.parent is None:
            self.root = None
        else:
            _release(record)
        self.moves += 1
        self.count -= 1
        record.alive = False

    def _tell(self, record: Record) -> None:
        self.domains.enter(record)
        self.moves += record.shape.special
        for watcher in self.watchers:
            watcher(record)

    def _adopt(self, record: Record, parent: Record | None) -> None:
        if parent is None:
            self.root = record
        else:
            _adopt(parent, record)

    def _bury(self, entry_id: int) -> None:
        records = self.records
        if entry_id >= len(records):
            records.extend([None] * (entry_id + 1 - len(records)))
        records[entry_id] = _GONE

    def _make(self, entry: StoredEntry) -> Record:
        record = Record(entry, self.shapes.get(entry.shape))
        records = self.records
        if entry.id >= len(records):
            records.extend([None] * (entry.id + 1 - len(records)))
        records[entry.id] = record
        self._enter(record, entry.keys)
        return record

    def _enter(self, record: Record, packed: bytes) -> None:
        shape = record.shape
        self.count += 1
        self.grants += shape.gives_rights
        shape.members.add(record)
        unpacked = _unpack_keys(packed)
        if len(unpacked) != len(self._ordered_indexes):  # written by a release with other indexes
            unpacked = _unpack_keys(self.index_keys.of_body(shape, record.body))
        for index, keys in zip(self._ordered_indexes, unpacked, strict=True):
            if keys is None:
                continue
            if type(keys) is bytes:
                index.add(keys, record)
            else:
                for key in keys:
                    index.add(key, record)  # type: ignore[arg-type]

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


def _nothing(_key: str, _record: Record) -> list[bytes]:
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
