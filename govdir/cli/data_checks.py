"""The doctor's checks of the entries themselves, one pass over the database without an image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

from govdir.cli.language import say
from govdir.cli.local import InPlace, LocalLoop
from govdir.cli.progress import watched
from govdir.config import Config
from govdir.directory.addresses import addresses_of
from govdir.directory.dn import Dn
from govdir.directory.entry_check import check_entry
from govdir.directory.errors import DirectoryError
from govdir.directory.index_keys import INDEX_VERSION, IndexKeys
from govdir.directory.ports import ChangedEntry, StoredEntry
from govdir.directory.secrets import unpack_secrets
from govdir.directory.shape import Shapes
from govdir.directory.vocabulary import Vocabulary
from govdir.policy.texts import Wording
from govdir.schema.registry import load_schema
from govdir.storage.checks import load_addresses
from govdir.storage.engine import Database
from govdir.storage.renewal import is_current
from govdir.storage.store import SqlStore

_ENTRY = Wording("mục {id} ({rdn}): {text}", "entry {id} ({rdn}): {text}")
_BROKEN = Wording("không giải mã được", "cannot be decoded")
_KEYS = Wording("khóa chỉ mục không khớp nội dung", "its index keys are not those of its content")
_OLD_KEYS = Wording(
    "khóa chỉ mục do bản govdir khác tạo: chạy govdir serve một lần để tạo lại",
    "its index keys were made by another release: run govdir serve once to make them anew",
)
_RDN = Wording("tên chuẩn hóa không khớp RDN", "its normalised name is not that of its RDN")
_PARENT = Wording("mục cha {parent} không có", "its parent {parent} does not exist")
_LOOP = Wording("không nối tới gốc", "it does not lead up to the root")
_SUFFIX = Wording(
    "gốc là {found}, cấu hình ghi {wanted}", "the root is {found}, the configuration says {wanted}"
)
_NO_ROOT = Wording("không có mục gốc: hãy chạy govdir init", "there is no root entry: run govdir init")
_UNCLAIMED = Wording(
    "địa chỉ {address} không có trong bảng địa chỉ", "{address} is not in the table of addresses"
)
_STRAY = Wording(
    "bảng địa chỉ ghi {address} cho mục {id}, mục đó không có địa chỉ này",
    "the table of addresses gives {address} to entry {id}, which does not have it",
)
_LOGINS = Wording(
    "không đọc được số liệu đăng nhập: {reason}", "the records of logins cannot be read: {reason}"
)
_SAME_UUID = Wording("entryUUID cũng là của mục {other}", "its entryUUID is entry {other}'s too")
_EXAMINING = Wording("Đang kiểm tra các mục", "Examining entries")


def check_data(config: Config, database: Database) -> Iterator[str]:
    """Every entry by itself, then the tree, then who holds which address."""
    loop = LocalLoop()
    store = SqlStore(database, loop.deliver, InPlace())
    keys_current = is_current(database, INDEX_VERSION)
    if not keys_current:
        yield say(_OLD_KEYS)
    examination = _Examination(compare_keys=keys_current)
    number = store.last_number()
    for entry in watched(store.load_entries(), say(_EXAMINING)):
        yield from examination.examine(entry)
    yield from examination.check_tree(config)
    yield from _check_logins(store)
    claimed = {(address, entry_id): kind for address, entry_id, kind in load_addresses(database)}
    # A running server may have changed some between the two readings; they are left for the next time.
    changed = {each.entry_id for each in loop.run(_changes(store, number))}
    yield from examination.check_addresses(claimed, changed)


def _check_logins(store: SqlStore) -> Iterator[str]:
    try:
        for _ in store.load_login_facts():
            pass
    except (ValueError, TypeError) as error:
        yield say(_LOGINS, reason=error)


async def _changes(store: SqlStore, number: int) -> Sequence[ChangedEntry]:
    return await store.changes_after(number)


class _Examination:
    """What has to be remembered of the entries seen."""

    def __init__(self, *, compare_keys: bool) -> None:
        self._compare_keys = compare_keys
        self._vocabulary = Vocabulary(load_schema())
        self._shapes = Shapes(self._vocabulary)
        self._index_keys = IndexKeys(self._vocabulary)
        self._parents: dict[int, int | None] = {}
        self._names: dict[int, str] = {}
        self._held: dict[tuple[str, int], str] = {}
        self._uuids: dict[str, int] = {}

    def examine(self, entry: StoredEntry) -> Iterator[str]:
        """Content, schema, index keys and name of one entry."""
        self._parents[entry.id] = entry.parent_id
        self._names[entry.id] = entry.rdn
        try:
            attributes = self._shapes.get(entry.shape).attributes(entry.body)
            check_entry(attributes, has_password=unpack_secrets(entry.secrets).password is not None)
            if self._compare_keys and self._index_keys.of(attributes) != entry.keys:
                yield self._told(entry.id, say(_KEYS))
            if entry.parent_id is not None and Dn.parse(entry.rdn, self._vocabulary.schema).keys != (
                entry.rdn_key,
            ):
                yield self._told(entry.id, say(_RDN))
            other = self._uuids.setdefault(attributes.text("entryUUID") or "", entry.id)
            if other != entry.id:
                yield self._told(entry.id, say(_SAME_UUID, other=other))
            for address, kind in addresses_of(attributes).items():
                self._held[address, entry.id] = kind
        except DirectoryError as error:
            yield self._told(entry.id, error.diagnostic)
        except Exception:  # damaged octets can fail in any way, and that is the finding
            yield self._told(entry.id, say(_BROKEN))

    def check_tree(self, config: Config) -> Iterator[str]:
        """Every entry leads up to the one root, which has the configured name."""
        roots = [entry_id for entry_id, parent in self._parents.items() if parent is None]
        if not roots:
            yield say(_NO_ROOT)
        for root in roots:
            schema = self._vocabulary.schema
            if Dn.parse(self._names[root], schema) != Dn.parse(config.suffix, schema):
                yield say(_SUFFIX, found=self._names[root], wanted=config.suffix)
        sound = set(roots)
        for entry_id, parent in self._parents.items():
            if parent is not None and parent not in self._parents:
                yield self._told(entry_id, say(_PARENT, parent=parent))
                sound.add(entry_id)
        for entry_id in self._parents:
            yield from self._climb(entry_id, sound)

    def _climb(self, entry_id: int, sound: set[int]) -> Iterator[str]:
        path: list[int] = []
        here: int | None = entry_id
        while here is not None and here not in sound:
            if here in path:
                yield self._told(entry_id, say(_LOOP))
                break
            path.append(here)
            here = self._parents[here]
        sound.update(path)

    def check_addresses(self, claimed: Mapping[tuple[str, int], str], changed: Set[int]) -> Iterator[str]:
        """The table that keeps addresses unique says what the entries say, `changed` ones left out."""
        for (address, entry_id), kind in self._held.items():
            if entry_id not in changed and claimed.get((address, entry_id)) != kind:
                yield self._told(entry_id, say(_UNCLAIMED, address=address))
        for address, entry_id in sorted(claimed.keys() - self._held.keys()):
            if entry_id not in changed:
                yield say(_STRAY, address=address, id=entry_id)

    def _told(self, entry_id: int, text: str) -> str:
        return say(_ENTRY, id=entry_id, rdn=self._names.get(entry_id, "?"), text=text)
