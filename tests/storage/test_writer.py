"""Faults of disk and server: nothing of the batch is applied, and the writer goes on."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from twisted.logger import formatEvent, globalLogPublisher

from govdir.directory.ports import Committed, StoreUnavailable
from govdir.storage.engine import Database
from govdir.storage.store import SqlStore
from tests.storage.loop import Loop, SameThread
from tests.storage.units_of_work import add_person, insert, unit

Open = Callable[[str], Database]


@contextmanager
def running(database: Database, loop: Loop) -> Iterator[SqlStore]:
    """A store with a suffix, whose id is 1."""
    store = SqlStore(database, loop.deliver, SameThread())
    store.start()
    try:
        loop.result(store.commit(unit(insert(None, "vn"))))
        yield store
    finally:
        store.close()


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow: writes fail as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def kinds(outcomes: list[Committed | Exception]) -> list[type]:
    return [type(outcome) for outcome in outcomes]


def test_a_full_disk_fails_the_whole_batch_and_later_commits_work_again(
    opened: Open, sqlite_url: str, loop: Loop
) -> None:
    with running(opened(sqlite_url), loop) as store:
        with full_disk():
            failed = loop.wait(*[store.commit(add_person(1, f"p{i}")) for i in range(5)])
        later = loop.result(store.commit(add_person(1, "p0")))

        assert kinds(failed) == [StoreUnavailable] * 5
        assert later == Committed(2, {-1: 2})
        assert [entry.rdn_key for entry in store.load_entries()] == ["uid=vn", "uid=p0"]


def test_a_shape_from_a_failed_commit_is_not_taken_for_known(
    opened: Open, sqlite_url: str, loop: Loop
) -> None:
    with running(opened(sqlite_url), loop) as store:
        with full_disk():
            loop.wait(store.commit(unit(insert(1, "an", shape="new shape"))))
        loop.result(store.commit(unit(insert(1, "an", shape="new shape"))))

        assert [entry.shape for entry in store.load_entries()] == ["person", "new shape"]


def test_a_database_locked_for_too_long_is_unavailable(opened: Open, sqlite_url: str, loop: Loop) -> None:
    with running(opened(sqlite_url), loop) as store:
        with opened(sqlite_url).exclusive_connection():
            outcomes = loop.wait(store.commit(add_person(1, "an")))
        later = loop.result(store.commit(add_person(1, "an")))

        assert kinds(outcomes) == [StoreUnavailable]
        assert later.number == 2


def test_a_failing_database_is_told_once_until_it_takes_commits_again(
    opened: Open, sqlite_url: str, loop: Loop
) -> None:
    told: list[str] = []

    def hear(event: dict[str, Any]) -> None:
        if event.get("log_namespace") == "govdir.storage.writer.Writer":
            told.append(formatEvent(event))

    globalLogPublisher.addObserver(hear)
    try:
        with running(opened(sqlite_url), loop) as store:
            for name in ("an", "binh"):
                with full_disk():
                    for _ in range(3):
                        loop.wait(store.commit(add_person(1, name)))
                loop.result(store.commit(add_person(1, name)))
                loop.wait(store.commit(add_person(1, name)))  # there already: nobody's failure
    finally:
        globalLogPublisher.removeObserver(hear)

    assert told == ["a commit failed: disk I/O error"] * 2


def test_a_restarted_server_is_reached_again_without_a_failure(
    opened: Open, postgres_url: str, loop: Loop
) -> None:
    database = opened(postgres_url)
    with running(database, loop) as store:
        end_other_sessions(opened(postgres_url))

        assert loop.result(store.commit(add_person(1, "an"))).number == 2


def test_a_session_lost_in_mid_transaction_fails_its_batch_only(
    opened: Open, postgres_url: str, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, other = opened(postgres_url), opened(postgres_url)
    with running(database, loop) as store:
        monkeypatch.setattr(database, "announce", lambda _cursor: end_other_sessions(other))
        outcomes = loop.wait(store.commit(add_person(1, "an")))
        monkeypatch.undo()
        later = loop.result(store.commit(add_person(1, "an")))

        assert kinds(outcomes) == [StoreUnavailable]
        assert later.number == 2


def test_a_commit_whose_confirmation_was_lost_is_still_a_commit(
    opened: Open, postgres_url: str, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(opened(postgres_url), loop) as store:
        lose_next_confirmation(monkeypatch)

        committed = loop.result(store.commit(add_person(1, "an")))

        assert committed.number == store.last_number() == 2


def test_after_close_nothing_is_accepted(opened: Open, sqlite_url: str, loop: Loop) -> None:
    with running(opened(sqlite_url), loop) as store:
        store.close()

        with pytest.raises(StoreUnavailable):
            loop.result(store.commit(add_person(1, "an")))


def end_other_sessions(database: Database) -> None:
    with database.read_connection() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )


def lose_next_confirmation(monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer's next COMMIT is carried out, then its connection breaks before the answer arrives."""
    commit = psycopg.Connection.commit

    def commit_and_break(connection: psycopg.Connection[object]) -> None:
        monkeypatch.undo()
        commit(connection)
        connection.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(psycopg.Connection, "commit", commit_and_break)
