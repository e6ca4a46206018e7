"""Makes the stored index keys anew when they were made by a release that indexed otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.engine import Row
from twisted.logger import Logger

from govdir.storage.engine import Database
from govdir.storage.tables import entries, meta, shapes

# Entries of one transaction: some MiB, and other writers wait a fraction of a second for it.
BATCH_ENTRIES = 4000

_VERSION = "index_version"
_PROGRESS = "index_renewal"  # "<version>:<last id done>", while a renewal is under way

_log = Logger(namespace="govdir")

KeysOf = Callable[[str, bytes], bytes]
"""The packed keys of an entry, from the descriptor of its shape and its body."""


def is_current(database: Database, version: int) -> bool:
    """Whether the stored keys are those of `version`. Blocking. Raises StoreUnavailable."""
    with database.read_connection() as connection:
        return _fact(connection, _VERSION) == str(version)


def renew_keys(database: Database, version: int, keys_of: KeysOf, batch: int = BATCH_ENTRIES) -> int:
    """Brings the keys of every entry to `version`; how many entries this process changed.

    Works in transactions of `batch` entries and notes how far it is: processes that start together share the
    work, one that is killed leaves the rest to the next. Content and versions of entries stay, so that
    running servers have nothing to follow. Blocking. Raises StoreUnavailable.
    """
    if is_current(database, version):
        return 0
    _log.info("index keys are being made anew for version {version}", version=version)
    changed = 0
    while True:
        with database.exclusive_connection() as connection:
            if _fact(connection, _VERSION) == str(version):
                break
            rows = _next_rows(connection, version, batch)
            changed += _renew(connection, rows, keys_of)
            if len(rows) < batch:
                _note(connection, _VERSION, str(version))
                _note(connection, _PROGRESS, None)
                break
            _note(connection, _PROGRESS, f"{version}:{rows[-1].id}")
    _log.info("index keys are those of version {version}: {count} entries", version=version, count=changed)
    return changed


def _next_rows(connection: Connection, version: int, batch: int) -> Sequence[Row[int, str, bytes, bytes]]:
    of, _, last_id = (_fact(connection, _PROGRESS) or "").partition(":")
    done = int(last_id) if of == str(version) else 0
    wanted = (
        select(entries.c.id, shapes.c.descriptor, entries.c.body, entries.c["keys"].label("packed"))
        .join(shapes, shapes.c.id == entries.c.shape_id)
        .where(entries.c.id > done)
        .order_by(entries.c.id)
        .limit(batch)
    )
    return connection.execute(wanted).all()


def _renew(connection: Connection, rows: Sequence[Row[int, str, bytes, bytes]], keys_of: KeysOf) -> int:
    fresh = [
        {"entry": row.id, "packed": keys}
        for row in rows
        if (keys := keys_of(row.descriptor, row.body)) != row.packed
    ]
    if fresh:
        change = update(entries).where(entries.c.id == bindparam("entry"))
        connection.execute(change.values({entries.c["keys"]: bindparam("packed")}), fresh)
    return len(fresh)


def _fact(connection: Connection, key: str) -> str | None:
    return connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()


def _note(connection: Connection, key: str, value: str | None) -> None:
    connection.execute(delete(meta).where(meta.c.key == key))
    if value is not None:
        connection.execute(insert(meta).values(key=key, value=value))
