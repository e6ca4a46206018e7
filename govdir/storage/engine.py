"""The two database engines, and everything in which they differ, behind one class.

The rest of the package asks a `Database` for what it needs and never for its name. Hot paths use plain DBAPI
cursors: an ORM or a result object per statement would cost more than the statement.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

import psycopg
from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from govdir.directory.ports import StoreUnavailable
from govdir.storage.feed import Feed, PostgresFeed, SqliteFeed
from govdir.storage.statements import Statements

# How long a writer waits for another process's transaction: longer than a batch takes on a
# slow disk, shorter than the patience of LDAP clients (Postfix gives up after 10 s).
LOCK_WAIT_SECONDS = 8

# A checkpoint costs two fsyncs and a write of every page touched since the last; at 4,096 pages (16 MiB of
# log) hot pages are written once for some hundred commits, and recovery after a crash takes milliseconds.
_WAL_PAGES = 4096

# A log that a bulk load made long is cut back to this many bytes at the next checkpoint.
_WAL_KEPT_BYTES = 64 * 1024 * 1024

# Page cache of a bulk load: holds the indexes of a million entries.
_LOAD_CACHE_KIB = 256 * 1024

# The advisory lock that serialises writers of all nodes; a constant no other program in the database uses.
_WRITER_LOCK = 0x676F76646972

# PostgreSQL's connect(2) and TLS together in seconds: a node that cannot reach its database says so then. A
# server that is gone without a word (a dead machine, a cut line) is noticed after some twenty seconds; the
# system's own patience is a quarter of an hour while sending, and two hours while listening. The database's
# URL may say otherwise.
_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}

# Rows fetched from PostgreSQL at once while streaming: some MiB.
_STREAM_ROWS = 2000


class DatabaseUrlError(ValueError):
    """The URL does not name a database that can be used; the text says what would."""


class Database(ABC):
    """One database: its connection pool and its engine's ways."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._mark = "?" if engine.dialect.paramstyle == "qmark" else "%s"
        self.statements = Statements(self._mark)
        # The driver's own exceptions, as PEP 249 names them.
        self.driver_error: type[Exception] = engine.dialect.loaded_dbapi.Error
        self.integrity_error: type[Exception] = engine.dialect.loaded_dbapi.IntegrityError
        # The driver's errors that blame the statement or its values, not the database.
        self.statement_errors: tuple[type[Exception], ...] = (
            engine.dialect.loaded_dbapi.DataError,
            engine.dialect.loaded_dbapi.ProgrammingError,
        )

    def sql(self, text: str) -> str:
        """A statement whose parameters are written `?`, with the driver's own mark."""
        return text.replace("?", self._mark)

    def connect(self) -> PoolProxiedConnection:
        """A connection for plain cursors; close() gives it back. Raises StoreUnavailable."""
        with self.translated_errors():
            return self.engine.raw_connection()

    def close(self) -> None:
        """Closes the connections that are in the pool."""
        self.engine.dispose()

    @contextmanager
    def translated_errors(self) -> Iterator[None]:
        """Every error of the driver or of SQLAlchemy around it leaves as StoreUnavailable."""
        try:
            yield
        except (DBAPIError, self.driver_error) as error:
            raise StoreUnavailable("the database cannot be used") from error

    @contextmanager
    def read_connection(self) -> Iterator[Connection]:
        """An SQLAlchemy connection for reading outside hot paths. Raises StoreUnavailable."""
        with self.translated_errors(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def exclusive_connection(self) -> Iterator[Connection]:
        """An SQLAlchemy connection in a transaction that excludes every other writer; commits at the end.

        Raises StoreUnavailable, and then nothing was changed.
        """
        with self.translated_errors(), self.engine.connect() as connection, connection.begin():
            cursor = connection.connection.cursor()
            self.begin_write(cursor)
            cursor.close()
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[PoolProxiedConnection]:
        """A connection all of whose reads see one moment. Raises StoreUnavailable."""
        connection = self.connect()
        try:
            with self.translated_errors():
                self.begin_read(connection.cursor())
                yield connection
        finally:
            connection.close()

    @abstractmethod
    def begin_write(self, cursor: DBAPICursor) -> str:
        """Starts a transaction that excludes other writers; returns the ticket that `was_committed` takes."""

    @abstractmethod
    def was_committed(self, ticket: str) -> bool:
        """Whether a transaction whose COMMIT failed was committed all the same. Raises the driver's error."""

    @abstractmethod
    def is_lost(self, connection: PoolProxiedConnection) -> bool:
        """Whether the connection itself is gone, so that a new one may do what this one could not."""

    @abstractmethod
    def begin_read(self, cursor: DBAPICursor) -> None:
        """Starts a transaction all of whose reads see one moment."""

    @abstractmethod
    def stream(self, connection: PoolProxiedConnection, sql: str) -> Iterable[tuple[object, ...]]:
        """The rows of a query without holding them all."""

    @abstractmethod
    def announce(self, cursor: DBAPICursor) -> None:
        """Makes this transaction's commit known to the feeds of other processes."""

    @abstractmethod
    def open_load(self) -> PoolProxiedConnection:
        """A connection set up for one bulk load, to be thrown away after it. Raises StoreUnavailable."""

    @abstractmethod
    def insert_rows(self, cursor: DBAPICursor, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
        """Inserts rows, whose values are in the order of the table's columns, in the fastest way there is."""

    @abstractmethod
    def next_entry_id(self, cursor: DBAPICursor) -> int:
        """The id that the next entry gets; it and all above are the caller's in an exclusive transaction."""

    @abstractmethod
    def reserve_entry_ids(self, cursor: DBAPICursor, last_id: int) -> None:
        """Later entries get ids above `last_id`."""

    @abstractmethod
    def tidy_after_load(self) -> None:
        """What the engine wants after a bulk load."""

    @abstractmethod
    def open_feed(self) -> Feed:
        """A feed of other processes' commits, with a connection of its own. Raises StoreUnavailable."""


class SqliteDatabase(Database):
    """One file on a local disk; readers see the last commit while one writer at a time works (WAL)."""

    def __init__(self, path: Path, *, lock_wait_seconds: float = LOCK_WAIT_SECONDS) -> None:
        self.path = path
        self._lock_wait_milliseconds = round(lock_wait_seconds * 1000)
        self._create_private()
        engine = create_engine(URL.create("sqlite", database=str(path)))
        event.listen(engine, "connect", self._configure)
        super().__init__(engine)

    def _create_private(self) -> None:
        """The file holds password hashes: only its owner may read it (SQLite gives its log the same mode)."""
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise StoreUnavailable(f"the database {self.path} cannot be opened: {error.strerror}") from error

    def _configure(self, connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # sqlite3's way to say: BEGIN only when told
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={self._lock_wait_milliseconds}")
        cursor.execute("PRAGMA journal_mode=WAL")
        # FULL: the log is synchronised at every commit, so an acknowledged one survives a power cut.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA wal_autocheckpoint={_WAL_PAGES}")
        cursor.execute(f"PRAGMA journal_size_limit={_WAL_KEPT_BYTES}")
        cursor.close()

    def begin_write(self, cursor: DBAPICursor) -> str:
        """Takes the write lock at once: a lock asked for later could be refused without waiting."""
        cursor.execute("BEGIN IMMEDIATE")
        return ""

    def was_committed(self, ticket: str) -> bool:
        """Never: SQLite rolls back what it could not write."""
        return False

    def is_lost(self, connection: PoolProxiedConnection) -> bool:
        """Never: there is no server to lose."""
        return False

    def begin_read(self, cursor: DBAPICursor) -> None:
        """The first read fixes the moment."""
        cursor.execute("BEGIN")

    def stream(self, connection: PoolProxiedConnection, sql: str) -> Iterable[tuple[object, ...]]:
        """SQLite steps through its rows as they are asked for."""
        cursor = connection.cursor()
        cursor.execute(sql)
        return cast("Iterable[tuple[object, ...]]", cursor)

    def announce(self, cursor: DBAPICursor) -> None:
        """Nothing: the file itself tells (PRAGMA data_version)."""

    def open_load(self) -> PoolProxiedConnection:
        """A large cache keeps index pages from being written more than once.

        When nobody else has the file open, the pages are also written straight into it, with a journal to
        undo them, instead of into the log first. The next connection goes back to the log.
        """
        self.engine.dispose()
        connection = self.connect()
        with self.translated_errors():
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA cache_size=-{_LOAD_CACHE_KIB}")
            cursor.execute("PRAGMA temp_store=MEMORY")
            cursor.execute("PRAGMA busy_timeout=0")
            with suppress(self.driver_error):
                cursor.execute("PRAGMA journal_mode=TRUNCATE")
            cursor.execute(f"PRAGMA busy_timeout={self._lock_wait_milliseconds}")
            cursor.close()
        return connection

    def insert_rows(self, cursor: DBAPICursor, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
        """One prepared statement for all rows."""
        marks = ", ".join("?" for _ in table.columns)
        cursor.executemany(f"INSERT INTO {table.name} ({_columns(table)}) VALUES ({marks})", rows)  # noqa: S608 - our own names

    def next_entry_id(self, cursor: DBAPICursor) -> int:
        """SQLite keeps the highest id ever given in sqlite_sequence."""
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entries'")
        row = cursor.fetchone()
        return 1 if row is None else row[0] + 1

    def reserve_entry_ids(self, cursor: DBAPICursor, last_id: int) -> None:
        """Nothing: inserting an id moves the sequence."""

    def tidy_after_load(self) -> None:
        """Moves the log into the database, so that the next reader need not go through it."""
        with self.translated_errors(), self.engine.connect() as connection:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def open_feed(self) -> Feed:
        """A connection that only asks."""
        return SqliteFeed(self.connect(), self.driver_error)


class PostgresDatabase(Database):
    """A database that several nodes share (PostgreSQL 13 or later); a lock makes their batches take turns."""

    def __init__(self, url: URL, *, lock_wait_seconds: float = LOCK_WAIT_SECONDS) -> None:
        self._lock_wait_milliseconds = round(lock_wait_seconds * 1000)
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            paramstyle="format",
            pool_pre_ping=True,
            connect_args={name: value for name, value in _PATIENCE.items() if name not in url.query},
        )
        event.listen(engine, "connect", self._configure)
        super().__init__(engine)

    def _configure(self, connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute(f"SET lock_timeout = {self._lock_wait_milliseconds}")
        # A server set to lose the last commits in a crash is overruled; stronger settings than ours stay.
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') IN ('off', 'local')"
        )
        cursor.close()
        connection.commit()

    def begin_write(self, cursor: DBAPICursor) -> str:
        """The lock is held to the end of the transaction; the ticket is the transaction's id."""
        cursor.execute(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK}), pg_current_xact_id()::text")
        row = cursor.fetchone()
        return str(row[1]) if row else ""

    def was_committed(self, ticket: str) -> bool:
        """Asks a new connection, once the lost one's transaction has let go of the lock."""
        connection = self.connect()
        try:
            cursor = connection.cursor()
            self.begin_write(cursor)
            cursor.execute("SELECT pg_xact_status(%s::xid8)", (ticket,))
            row = cursor.fetchone()
            return row is not None and row[0] == "committed"
        finally:
            connection.close()

    def is_lost(self, connection: PoolProxiedConnection) -> bool:
        """The server restarted or the network dropped it."""
        return cast("psycopg.Connection[tuple[object, ...]]", connection.driver_connection).closed

    def begin_read(self, cursor: DBAPICursor) -> None:
        """The first read fixes the moment."""
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def stream(self, connection: PoolProxiedConnection, sql: str) -> Iterable[tuple[object, ...]]:
        """A server-side cursor; a plain one would hold every row in memory first."""
        driver = cast("psycopg.Connection[tuple[object, ...]]", connection.driver_connection)
        cursor = driver.cursor(name="stream", binary=True)
        cursor.itersize = _STREAM_ROWS
        return cursor.execute(sql.encode())

    def announce(self, cursor: DBAPICursor) -> None:
        """Listeners hear it at the commit, not before."""
        cursor.execute(f"NOTIFY {PostgresFeed.CHANNEL}")

    def open_load(self) -> PoolProxiedConnection:
        """Nothing special."""
        return self.connect()

    def insert_rows(self, cursor: DBAPICursor, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
        """COPY."""
        copying = cast("psycopg.Cursor[tuple[object, ...]]", cursor).copy(
            f"COPY {table.name} ({_columns(table)}) FROM STDIN".encode()
        )
        with copying as copy:
            for row in rows:
                copy.write_row(row)

    def next_entry_id(self, cursor: DBAPICursor) -> int:
        """Takes one id from the sequence; under the writer lock nobody else takes the next."""
        cursor.execute("SELECT nextval(pg_get_serial_sequence('entries', 'id'))")
        row = cursor.fetchone()
        if row is None:  # pragma: no cover - SELECT of a function has one row
            raise StoreUnavailable("the sequence of entry ids is missing")
        return int(row[0])

    def reserve_entry_ids(self, cursor: DBAPICursor, last_id: int) -> None:
        """A sequence does not see ids that were given explicitly."""
        cursor.execute("SELECT setval(pg_get_serial_sequence('entries', 'id'), %s)", (last_id,))

    def tidy_after_load(self) -> None:
        """Fresh statistics; autovacuum would get there minutes later."""
        with self.translated_errors(), self.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")

    def open_feed(self) -> Feed:
        """A thread of its own that listens."""
        return PostgresFeed(self.connect, self.driver_error)


def _columns(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


def open_database(url: str, *, lock_wait_seconds: float = LOCK_WAIT_SECONDS) -> Database:
    """The database named by `sqlite:///relative.db`, `sqlite:////absolute.db` or `postgresql://…`.

    Opens no connection to PostgreSQL yet. Raises DatabaseUrlError; StoreUnavailable when there is no file.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseUrlError("not a database URL; use sqlite:////path/file.db or postgresql://…") from error
    match parsed.get_backend_name():
        case "sqlite":
            if not parsed.database or parsed.database == ":memory:":
                raise DatabaseUrlError("an SQLite database needs a file: sqlite:////path/file.db")
            return SqliteDatabase(Path(parsed.database), lock_wait_seconds=lock_wait_seconds)
        case "postgresql" | "postgres":
            return PostgresDatabase(parsed, lock_wait_seconds=lock_wait_seconds)
        case other:
            raise DatabaseUrlError(f"{other} is not supported; use sqlite or postgresql")
