"""Tells that other processes committed, cheaply enough to be asked once a turn of the loop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import ClassVar, Protocol, cast

import psycopg
from sqlalchemy.pool import PoolProxiedConnection

from govdir.directory.ports import StoreUnavailable

# The newest change that `Store.changes_after` can deliver.
_NEWEST = "SELECT max(number) FROM change_entries"

# How often the listening thread looks whether it shall stop, and the longest a missed notice stays unseen.
_LISTEN_SECONDS = 1.0

# Pause before the listening thread tries to reach a lost database again.
_RETRY_SECONDS = 2.0


class Feed(Protocol):
    """One process's ear for the commits of all processes, its own included."""

    def changed(self, applied: int) -> bool:
        """Whether `changes_after(applied)` has something to deliver; never blocks for long.

        Raises StoreUnavailable when the database file cannot be read.
        """

    def silent_seconds(self) -> float:
        """How long ago the database last answered: what was committed since is not known of."""

    def close(self) -> None:
        """Gives the connection back."""


class SqliteFeed:
    """Asks SQLite's `PRAGMA data_version`, which changes when another connection commits (about 5 µs)."""

    def __init__(self, connection: PoolProxiedConnection, driver_error: type[Exception]) -> None:
        self._connection = connection
        self._driver_error = driver_error
        self._cursor = connection.cursor()
        self._data_version = -1
        self._newest = 0
        self._answered = monotonic()

    def changed(self, applied: int) -> bool:
        """See Feed."""
        try:
            data_version = self._number("PRAGMA data_version")
            if data_version != self._data_version:
                self._newest = self._number(_NEWEST)
                self._data_version = data_version
        except self._driver_error as error:
            raise StoreUnavailable("the database cannot be read") from error
        self._answered = monotonic()
        return self._newest > applied

    def silent_seconds(self) -> float:
        """See Feed."""
        return monotonic() - self._answered

    def _number(self, sql: str) -> int:
        self._cursor.execute(sql)
        row = self._cursor.fetchone()
        return 0 if row is None or row[0] is None else int(row[0])

    def close(self) -> None:
        """See Feed."""
        self._connection.close()


class PostgresFeed:
    """Listens on a thread and a connection of its own; asking is reading one number."""

    CHANNEL: ClassVar[str] = "govdir_changes"

    def __init__(self, connect: Callable[[], PoolProxiedConnection], driver_error: type[Exception]) -> None:
        self._connect = connect
        self._errors = (driver_error, StoreUnavailable)
        self._newest = 0
        self._answered = monotonic()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="govdir-feed", daemon=True)
        self._thread.start()

    def changed(self, applied: int) -> bool:
        """See Feed; a lost database is waited for silently, since writes report it."""
        return self._newest > applied

    def silent_seconds(self) -> float:
        """See Feed; a second of waiting for notices counts as silence too."""
        return monotonic() - self._answered

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._listen()
            except self._errors:
                self._closing.wait(_RETRY_SECONDS)

    def _listen(self) -> None:
        proxied = self._connect()
        connection = cast("psycopg.Connection[tuple[int | None]]", proxied.driver_connection)
        proxied.detach()
        try:
            connection.autocommit = True
            connection.execute(f"LISTEN {self.CHANNEL}".encode())
            while not self._closing.is_set():
                row = connection.execute(_NEWEST).fetchone()
                self._newest = (row[0] if row else None) or 0
                self._answered = monotonic()
                for _notice in connection.notifies(timeout=_LISTEN_SECONDS, stop_after=1):
                    pass
        finally:
            connection.close()

    def close(self) -> None:
        """See Feed; the thread ends within a second and is not waited for."""
        self._closing.set()
