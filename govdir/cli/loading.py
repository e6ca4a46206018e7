"""Loading many entries at once: planned by the directory, written by the store in one transaction."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from govdir.cli.language import say
from govdir.cli.ldif_files import LdifFiles
from govdir.cli.local import LocalDirectory
from govdir.cli.outcome import Refused
from govdir.cli.turns import in_turn
from govdir.directory.bulk import MAX_REFUSALS, BulkPlan, LoadRefused, PlannedEntry, Refusal
from govdir.directory.errors import RuleViolation
from govdir.directory.ports import AddressTaken, ChangeRecord, Conflict, NameTaken
from govdir.ldap.codec.ldif_records import ContentRecord
from govdir.policy.texts import Wording
from govdir.storage.bulk import LoadedAddress, LoadedEntry, bulk_load

# Rows handed over at a time: some MiB.
_BATCH = 5000

_NOTHING = Wording("Không nhập gì: {count} mục bị từ chối.", "Nothing was imported: {count} refused.")
_NOTHING_MORE = Wording(
    "Không nhập gì: ít nhất {count} mục bị từ chối.", "Nothing was imported: at least {count} refused."
)
_ADDRESS_HINT = Wording(
    "Gợi ý: --keep-addresses giữ nguyên địa chỉ đã cấp từ trước, miễn còn trống.",
    "Hint: --keep-addresses keeps addresses that were given before, as long as they are free.",
)
_NOT_ENTRIES = Wording("{file} chứa thay đổi, không chứa mục.", "{file} holds changes, not entries.")
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


def plan_files(
    local: LocalDirectory, sources: LdifFiles, records: Iterable[ContentRecord], *, keep_hashes: bool
) -> BulkPlan:
    """As plan_load, for records of `sources`, within one file in the order in which people choose.

    Raises Refused, which tells file and line of each refusal.
    """
    turns = in_turn(local.core.pack, records, sources.file_of)
    try:
        return plan_load(local, turns, keep_hashes=keep_hashes)
    except LoadRefused as error:
        raise refused(sources, error.refusals) from None


def restore(local: LocalDirectory, file: Path) -> int:
    """Loads an exported directory as it was, stored passwords included; how many entries. Raises Refused."""
    sources = LdifFiles((file,))
    with sources.open() as records:
        if not sources.hold_content:
            raise Refused(say(_NOT_ENTRIES, file=file))
        content = (record for record in records if isinstance(record, ContentRecord))
        count = write_plan(local, plan_files(local, sources, content, keep_hashes=True))
    local.run(local.directory.catch_up())
    return count


def refused(sources: LdifFiles, refusals: Sequence[Refusal]) -> Refused:
    """Every refusal with its file and line."""
    lines = [
        sources.told(each.line, f"{each.dn}: {each.error.diagnostic or type(each.error).__name__}")
        for each in refusals
    ]
    nothing = _NOTHING_MORE if len(refusals) >= MAX_REFUSALS else _NOTHING
    lines.append(say(nothing, count=len(refusals)))
    if any(isinstance(each.error, RuleViolation) and each.error.suggestion for each in refusals):
        lines.append(say(_ADDRESS_HINT))
    return Refused(*lines)


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
