"""What `govdir doctor` asks of a database besides its entries; blocking, raises StoreUnavailable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

from govdir.storage.engine import Database, SqliteDatabase


def integrity_problems(database: Database) -> list[str]:
    """What the engine's own check finds, in its words; PostgreSQL checks its pages itself."""
    if not isinstance(database, SqliteDatabase):
        return []
    with database.read_connection() as connection:
        pages = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
        keys = connection.exec_driver_sql("PRAGMA foreign_key_check")
        return [text for text in pages if text != "ok"] + [
            f"{row[0]}: row {row[1]} refers to a {row[2]} that is missing" for row in keys
        ]


def files_of(database: Database) -> list[Path]:
    """The files that hold the data, of a database that is files of this host."""
    if not isinstance(database, SqliteDatabase):
        return []
    beside = (database.path.with_name(database.path.name + suffix) for suffix in ("", "-wal", "-shm"))
    return [path for path in beside if path.exists()]


def load_addresses(database: Database) -> Iterator[tuple[str, int, str]]:
    """(address, entry id, kind) of every address that somebody holds."""
    with database.snapshot() as connection:
        sql = "SELECT address, entry_id, kind FROM addresses WHERE entry_id IS NOT NULL"
        for row in database.stream(connection, sql):
            yield cast("tuple[str, int, str]", tuple(row))


def newest_change_at(database: Database) -> int:
    """When the newest change was made, in microseconds since the epoch; 0 when there is none."""
    with database.read_connection() as connection:
        newest = connection.exec_driver_sql("SELECT at FROM changes ORDER BY number DESC LIMIT 1").scalar()
        return int(newest or 0)


def waiting_letters(database: Database) -> tuple[int, int]:
    """How many letters are not sent yet, and when the first of them was written, likewise; 0 without any."""
    with database.read_connection() as connection:
        count, oldest = connection.exec_driver_sql("SELECT count(*), min(written) FROM sso_outbox").one()
        return int(count), int(oldest or 0)
