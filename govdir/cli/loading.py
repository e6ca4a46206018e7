"""Loading many entries at once: planned by the directory, written by the store in one transaction."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

from govdir.cli.language import say
from govdir.cli.local import LocalDirectory
from govdir.cli.outcome import Refused
from govdir.directory.bulk import BulkPlan, PlannedEntry
from govdir.directory.ports import AddressTaken, ChangeRecord, Conflict, NameTaken
from govdir.ldap.codec.ldif_records import ContentRecord
from govdir.policy.texts import Wording
from govdir.storage.bulk import LoadedAddress, LoadedEntry, bulk_load

# Rows handed over at a time: some MiB.
_BATCH = 5000

_MEANWHILE = Wording(
    "danh bạ vừa bị thay đổi trong lúc nhập ({what}); chưa nhập gì, hãy nhập lại.",
    "the directory was changed during the import ({what}); nothing was imported, try again.",
)
_NAME = Wording("một tên đã có", "a name was taken")
_PARENT = Wording("một mục cha không còn", "a parent is gone")


def plan_load(
    local: LocalDirectory, records: Iterable[ContentRecord], *, keep_hashes: bool = False
) -> BulkPlan:
    """What the records come to. Raises LoadRefused, LdifError."""
    plan = BulkPlan(local.directory, keep_hashes=keep_hashes)
    with _no_collection():
        plan.take(records)
    return plan


@contextmanager
def _no_collection() -> Iterator[None]:
    """A plan only grows; collections would walk it all again and again, a tenth of the whole time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def write_plan(local: LocalDirectory, plan: BulkPlan) -> int:
    """Writes all of the plan or nothing; how many entries. Running servers catch up by themselves.

    Raises Refused when another process came between, StoreUnavailable. The image of `local` does not follow.
    """
    directory = local.directory
    moment = int(directory.clock.now().timestamp() * 1_000_000)
    change = ChangeRecord("load", str(directory.suffix), "", "", moment, "")
    try:
        with bulk_load(local.core.database, change) as load:
            rows = plan.rows(load.next_id)
            while batch := list(islice(rows, _BATCH)):
                load.add([_entry(row) for row in batch], [*_addresses(batch)])
    except Conflict as conflict:
        raise Refused(say(_MEANWHILE, what=_what(conflict))) from conflict
    return len(plan.entries)


Row = tuple[int, int | None, PlannedEntry]


def _entry(row: Row) -> LoadedEntry:
    entry_id, parent_id, entry = row
    descriptor = entry.shape.descriptor
    return entry_id, parent_id, entry.rdn, entry.rdn_key, descriptor, entry.body, entry.secrets, entry.keys


def _addresses(batch: Iterable[Row]) -> Iterator[LoadedAddress]:
    for entry_id, _, entry in batch:
        for address, kind in entry.addresses.items():
            yield address, kind, entry_id


def _what(conflict: Conflict) -> str:
    match conflict:
        case AddressTaken():
            return conflict.address
        case NameTaken():
            return say(_NAME)
    return say(_PARENT)
