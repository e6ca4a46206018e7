"""How long ago a database last answered: what was committed since, nobody here knows of."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, cast

import pytest

from govdir.directory.ports import StoreUnavailable
from govdir.storage import feed as feeds
from govdir.storage.engine import Database
from govdir.storage.feed import PostgresFeed, SqliteFeed
from tests.storage.conformance import wait_until


class Cursor:
    """A database that answers until it is lost."""

    def __init__(self) -> None:
        self.lost = False

    def cursor(self) -> Cursor:
        return self

    def execute(self, _sql: str) -> None:
        if self.lost:
            raise sqlite3.OperationalError("disk I/O error")

    def fetchone(self) -> tuple[int]:
        return (7,)


def test_silence_lasts_from_the_last_answer_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [1000.0]
    monkeypatch.setattr(feeds, "monotonic", lambda: seconds[0])
    cursor = Cursor()
    feed = SqliteFeed(cast("Any", cursor), sqlite3.OperationalError)
    feed.changed(7)
    seconds[0] += 5
    cursor.lost = True
    with pytest.raises(StoreUnavailable):
        feed.changed(7)
    silent = feed.silent_seconds()
    cursor.lost = False
    feed.changed(7)
    assert (silent, feed.silent_seconds()) == (5.0, 0.0)


@pytest.mark.parametrize("engine", ["sqlite_url", "postgres_url"])
def test_a_database_that_is_there_is_not_silent(
    engine: str, opened: Callable[[str], Database], request: pytest.FixtureRequest
) -> None:
    feed = opened(request.getfixturevalue(engine)).open_feed()
    feed.changed(0)
    assert feed.silent_seconds() < 60
    feed.close()


def test_postgresql_is_heard_of_without_being_asked(
    postgres_url: str, opened: Callable[[str], Database]
) -> None:
    feed = opened(postgres_url).open_feed()
    assert isinstance(feed, PostgresFeed)
    before = feed._answered
    heard = wait_until(lambda: feed._answered > before)  # its thread asks every second
    feed.close()
    assert heard
