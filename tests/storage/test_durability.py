"""An acknowledged change survives the death of the process, and no change is half there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from govdir.storage.engine import open_database

ROUNDS = 5
ROOT = Path(__file__).parents[2]


def commit_until_killed(url: str, acknowledgements: int) -> list[int]:
    """The numbers that the process had acknowledged when it was killed."""
    command = [sys.executable, "-m", "tests.storage.committing_process", url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        seen = [int(process.stdout.readline()) for _ in range(acknowledgements)]
        process.kill()
        rest = process.stdout.read().split("\n")[:-1]
    return seen + [int(line) for line in rest]


def test_kill_9_loses_no_acknowledged_change(sqlite_url: str) -> None:
    acknowledged: list[int] = []
    for round_number in range(ROUNDS):
        acknowledged += commit_until_killed(sqlite_url, 20 + 37 * round_number)

    database = open_database(sqlite_url)
    with database.read_connection() as connection:
        rows = connection.exec_driver_sql(
            "SELECT c.number, e.id, a.address, e.rdn_key FROM changes c"
            " LEFT JOIN change_entries t ON t.number = c.number"
            " LEFT JOIN entries e ON e.id = t.entry_id AND e.version = c.number"
            " LEFT JOIN addresses a ON a.entry_id = e.id ORDER BY c.number"
        ).all()
        counts = [
            connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
            for table in ("entries", "change_entries")
        ]
        sound = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
    database.close()

    assert sound == "ok"
    assert set(acknowledged) <= {row.number for row in rows}
    assert len(acknowledged) == len(set(acknowledged))
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert all(row.address == f"{row.rdn_key.removeprefix('uid=')}@vn" for row in rows[1:])
    assert counts == [len(rows), len(rows)]
