"""A load into a file that nobody else uses is written past the log, and still all or nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from govdir.storage.bulk import bulk_load
from govdir.storage.engine import Database
from govdir.storage.store import SqlStore
from tests.storage.loop import Loop, SameThread
from tests.storage.units_of_work import change

Open = Callable[[str], Database]
ROOT = Path(__file__).parents[2]

# Adds more than the page cache keeps, so that the file itself is written to, then waits to be killed.
LOADING_PROCESS = """
import sys, time
from govdir.storage import engine
from govdir.storage.bulk import bulk_load
from tests.storage.units_of_work import change
engine._LOAD_CACHE_KIB = 64
with bulk_load(engine.open_database(sys.argv[1]), change("load")) as load:
    load.add([(1, None, "dc=vn", "dc=vn", "suffix", b"", None, b"")], [])
    load.add([(i, 1, f"uid={i}", f"uid={i}", "person", bytes(900), None, b"") for i in range(2, 1002)], [])
    print("added", flush=True)
    sys.stdin.read()
"""


def load_one(database: Database) -> None:
    with bulk_load(database, change("load")) as load:
        load.add([(load.next_id, None, "dc=vn", "dc=vn", "suffix", b"", None, b"")], [])


def test_the_log_is_in_use_again_afterwards(opened: Open, sqlite_url: str, loop: Loop) -> None:
    database = opened(sqlite_url)

    load_one(database)

    with database.read_connection() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    assert SqlStore(database, loop.deliver, SameThread()).last_number() == 1


def test_a_load_killed_in_the_middle_leaves_nothing(opened: Open, sqlite_url: str, loop: Loop) -> None:
    command = [sys.executable, "-c", LOADING_PROCESS, sqlite_url]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "added\n"
        grown = Path(sqlite_url.removeprefix("sqlite:///")).stat().st_size
        process.kill()

    database = opened(sqlite_url)
    store = SqlStore(database, loop.deliver, SameThread())

    assert grown > 500_000
    assert list(store.load_entries()) == []
    load_one(database)
    assert [entry.id for entry in store.load_entries()] == [1]
