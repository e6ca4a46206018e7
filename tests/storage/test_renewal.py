"""Index keys made anew: all of them, in shares, by whichever process comes, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from govdir.storage.bulk import bulk_load
from govdir.storage.engine import Database
from govdir.storage.meta import read_meta, write_meta
from govdir.storage.renewal import is_current, renew_keys
from tests.storage.units_of_work import change

Open = Callable[[str], Database]
PEOPLE = 10


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def filled(request: pytest.FixtureRequest, opened: Open) -> Database:
    """A suffix and ten people, with the keys of version 1."""
    database = opened(request.getfixturevalue(request.param))
    with bulk_load(database, change("load")) as load:
        first = load.next_id
        load.add([(first, None, "dc=vn", "dc=vn", "suffix", b"suffix", None, b"old")], [])
        load.add(
            [
                (first + n, first, f"uid={n}", f"uid={n}", "person", b"%d" % n, None, b"old")
                for n in range(1, PEOPLE + 1)
            ],
            [],
        )
    write_meta(database, {"index_version": "1", "suffix": "dc=vn"})
    return database


def keys_of(descriptor: str, body: bytes) -> bytes:
    return descriptor.encode() + b"/" + body


def stored_keys(database: Database) -> list[bytes]:
    with database.read_connection() as connection:
        rows = connection.exec_driver_sql('SELECT "keys" FROM entries ORDER BY id')
        return [bytes(row[0]) for row in rows]


def wanted_keys() -> list[bytes]:
    return [b"suffix/suffix", *(b"person/%d" % n for n in range(1, PEOPLE + 1))]


def versions(database: Database) -> list[int]:
    with database.read_connection() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT version FROM entries ORDER BY id")]


@pytest.mark.parametrize("batch", [1, 4, PEOPLE + 1, 1000])
def test_every_entry_gets_the_keys_of_its_content_and_stays_as_it_is(filled: Database, batch: int) -> None:
    before, meta = versions(filled), read_meta(filled)

    assert renew_keys(filled, 2, keys_of, batch) == PEOPLE + 1

    assert stored_keys(filled) == wanted_keys()
    assert versions(filled) == before
    assert read_meta(filled) == {**meta, "index_version": "2"}


def test_current_keys_are_left_alone(filled: Database) -> None:
    write_meta(filled, {"index_version": "2"})

    assert renew_keys(filled, 2, keys_of) == 0

    assert stored_keys(filled) == [b"old"] * (PEOPLE + 1)
    assert is_current(filled, 2)


def test_keys_of_a_database_that_does_not_say_their_version_are_made_anew(filled: Database) -> None:
    with filled.exclusive_connection() as connection:
        connection.exec_driver_sql("DELETE FROM meta")
    assert not is_current(filled, 2)

    renew_keys(filled, 2, keys_of)

    assert stored_keys(filled) == wanted_keys()


def test_a_renewal_that_was_interrupted_goes_on_where_it_was(filled: Database) -> None:
    done: list[bytes] = []

    def killed_at_the_sixth(descriptor: str, body: bytes) -> bytes:
        if len(done) == 6:
            raise KeyboardInterrupt
        done.append(body)
        return keys_of(descriptor, body)

    with pytest.raises(KeyboardInterrupt):
        renew_keys(filled, 2, killed_at_the_sixth, 3)
    assert not is_current(filled, 2)

    assert renew_keys(filled, 2, keys_of, 3) == PEOPLE + 1 - 6
    assert stored_keys(filled) == wanted_keys()


def test_what_another_version_had_begun_is_begun_again(filled: Database) -> None:
    write_meta(filled, {"index_renewal": "3:5"})

    assert renew_keys(filled, 2, keys_of) == PEOPLE + 1


def test_processes_that_start_together_share_the_work(filled: Database, opened: Open) -> None:
    other = opened(filled.engine.url.render_as_string(hide_password=False))
    mine: list[bytes] = []

    def interrupted(descriptor: str, body: bytes) -> bytes:
        if len(mine) == 4:
            raise InterruptedError
        mine.append(body)
        return keys_of(descriptor, body)

    with pytest.raises(InterruptedError):
        renew_keys(filled, 2, interrupted, 4)
    assert renew_keys(other, 2, keys_of, 4) == PEOPLE + 1 - 4

    assert renew_keys(filled, 2, keys_of, 4) == 0
    assert stored_keys(filled) == wanted_keys()
