"""What the engines are set to, and what they refuse."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from govdir.directory.ports import StoreUnavailable
from govdir.storage.engine import Database, DatabaseUrlError, open_database

Open = Callable[[str], Database]


def pragma(database: Database, name: str) -> object:
    with database.read_connection() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_sqlite_is_durable_and_keeps_its_references(opened: Open, sqlite_url: str) -> None:
    database = opened(sqlite_url)

    settings = [pragma(database, name) for name in ("journal_mode", "synchronous", "foreign_keys")]

    assert settings == ["wal", 2, 1]


def test_only_the_owner_reads_a_new_file_and_its_log(opened: Open, tmp_path: Path) -> None:
    database = opened(f"sqlite:///{tmp_path}/new.db")
    with database.exclusive_connection() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a INTEGER)")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("new.db*")}

    assert modes == {"new.db": 0o600, "new.db-wal": 0o600, "new.db-shm": 0o600}


def test_postgresql_overrules_a_server_that_may_lose_commits(opened: Open, postgres_url: str) -> None:
    database = opened(postgres_url + "&options=-csynchronous_commit%3Doff")

    with database.read_connection() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/db", "no url", ""])
def test_a_url_that_cannot_serve_is_refused(url: str) -> None:
    with pytest.raises(DatabaseUrlError):
        open_database(url)


def test_a_file_that_cannot_be_made_is_unavailable_and_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"missing/a\.db"):
        open_database(f"sqlite:///{tmp_path}/missing/a.db")


def test_a_file_that_is_no_database_is_unavailable(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"not a database " * 100)

    with pytest.raises(StoreUnavailable):
        opened(f"sqlite:///{tmp_path}/a.db").connect()


def test_an_unreachable_server_is_unavailable(opened: Open, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        opened(f"postgresql://nobody@/none?host={tmp_path}").connect()
