"""Fresh, migrated databases of both engines."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from govdir.storage.engine import Database, open_database
from govdir.storage.migrate import upgrade
from govdir.storage.tables import metadata
from tests.storage.loop import Loop
from tests.storage.postgres import Cluster, private_cluster

pytest.register_assert_rewrite("tests.storage.conformance", "tests.storage.sso_conformance")

_serial = itertools.count(1)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("storage") / "migrated.db"
    database = open_database(f"sqlite:///{path}")
    upgrade(database)
    database.close()
    return path


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    path = tmp_path / "directory.db"
    shutil.copyfile(migrated_file, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with private_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def migrated_database(cluster: Cluster) -> str:
    cluster.execute("CREATE DATABASE migrated")
    database = open_database(cluster.url("migrated"))
    upgrade(database)
    database.close()
    return "migrated"


@pytest.fixture
def postgres_url(cluster: Cluster, migrated_database: str) -> str:
    """One database emptied for each test: ten times quicker than a new one."""
    cluster.execute(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY", migrated_database)
    return cluster.url(migrated_database)


@pytest.fixture
def empty_postgres_url(cluster: Cluster) -> str:
    name = f"test{next(_serial)}"
    cluster.execute(f"CREATE DATABASE {name}")
    return cluster.url(name)


@pytest.fixture
def opened() -> Iterator[Callable[[str], Database]]:
    """Opens a database by URL and closes it after the test."""
    with ExitStack() as stack:

        def open_one(url: str) -> Database:
            database = open_database(url, lock_wait_seconds=1)
            stack.callback(database.close)
            return database

        yield open_one


@pytest.fixture
def loop() -> Loop:
    return Loop()
