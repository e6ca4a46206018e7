"""From nothing to the current tables, and never backwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from govdir.directory.ports import LoginFacts
from govdir.storage.engine import Database, open_database
from govdir.storage.migrate import DatabaseTooNew, current_version, known_version, upgrade
from govdir.storage.store import SqlStore
from govdir.storage.tables import metadata
from tests.storage.loop import Loop, SameThread
from tests.storage.units_of_work import insert, unit

Open = Callable[[str], Database]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, opened: Open, tmp_path: Path) -> Database:
    if request.param == "sqlite":
        return opened(f"sqlite:///{tmp_path}/empty.db")
    return opened(request.getfixturevalue("empty_postgres_url"))


# Neither library can look into the index of an expression; the conformance suite shows what it is for.
@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_an_empty_database_gets_the_tables_of_the_metadata(empty: Database) -> None:
    assert current_version(empty) is None

    upgrade(empty)

    assert current_version(empty) == known_version()
    with empty.read_connection() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_constraints_have_the_names_of_the_metadata(empty: Database) -> None:
    upgrade(empty)

    with empty.read_connection() as connection:
        found = inspect(connection)
        names = {key["name"] for table in metadata.tables for key in found.get_foreign_keys(table)}
        checks = {check["name"] for check in found.get_check_constraints("entries")}

    assert names == {key.name for table in metadata.tables.values() for key in table.foreign_key_constraints}
    assert checks == {"entries_not_its_own_parent_ck"}


def test_a_database_of_the_first_release_keeps_what_it_holds(empty: Database, loop: Loop) -> None:
    with empty.exclusive_connection() as connection:
        config = Config()
        config.set_main_option("script_location", "govdir.storage:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    before = SqlStore(empty, loop.deliver, SameThread())
    before.start()
    loop.result(before.commit(unit(insert(None, "vn"))))
    before.close()

    upgrade(empty)

    assert current_version(empty) == known_version()
    after = SqlStore(empty, loop.deliver, SameThread())
    assert [entry.rdn_key for entry in after.load_entries()] == ["uid=vn"]
    assert after.last_number() == 1
    with empty.read_connection() as connection:
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_a_database_without_days_of_access_knows_since_when_there_are_any(
    empty: Database, loop: Loop
) -> None:
    with empty.exclusive_connection() as connection:
        config = Config()
        config.set_main_option("script_location", "govdir.storage:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    store = SqlStore(empty, loop.deliver, SameThread())
    store.start()
    entry_id = loop.result(store.commit(unit(insert(None, "vn")))).inserted_id or 0
    loop.result(store.record_logins([LoginFacts(entry_id, 7, ())]))
    before = datetime.now(UTC)

    upgrade(empty)

    since = loop.result(store.accesses.since())
    assert since is not None
    assert before - timedelta(seconds=2) <= since <= datetime.now(UTC)
    assert list(store.load_login_facts()) == [LoginFacts(entry_id, 7, ())]
    assert loop.result(store.accesses.last(entry_id)) == {}
    store.close()


def test_a_current_database_is_left_alone(empty: Database) -> None:
    upgrade(empty)
    upgrade(empty)

    assert current_version(empty) == known_version()


def test_a_newer_database_is_refused(empty: Database) -> None:
    upgrade(empty)
    with empty.exclusive_connection() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(DatabaseTooNew) as refusal:
        upgrade(empty)

    assert (refusal.value.found, refusal.value.known) == ("9999", known_version())
    assert current_version(empty) == "9999"


def test_an_upgrade_that_fails_leaves_nothing(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/odd.db")
    with database.exclusive_connection() as connection:
        connection.exec_driver_sql("CREATE TABLE meta (something INTEGER)")

    with pytest.raises(Exception, match="cannot be used"):
        upgrade(database)

    with database.read_connection() as connection:
        assert inspect(connection).get_table_names() == ["meta"]
    database.close()
