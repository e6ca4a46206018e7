"""Group commit: one thread makes what waits durable in one transaction, then hands all results over at once.

The cost of a durable commit is the disk's; whatever arrives while one is under way shares the next.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.pool import PoolProxiedConnection
from twisted.internet.defer import Deferred, fail
from twisted.logger import Logger

from govdir.directory.errors import Busy
from govdir.directory.ports import StoreUnavailable
from govdir.storage.engine import Database

T = TypeVar("T")

# Units of one commit: enough to make the disk's share negligible, few enough that the first of them waits
# some ten milliseconds at most and other processes get their turn.
MAX_BATCH = 128

# Units accepted and not yet answered: about a second of work; more would only wait longer than clients do.
MAX_WAITING = 4096

# Shapes remembered with their numbers; a province has some dozens, each a few hundred bytes.
_MAX_SHAPES = 4096


class Transaction:
    """The writer's open transaction, as the work of a batch sees it.

    `last_number` is the number of the newest change, those of this transaction included; work that writes a
    change counts it up when nothing can fail any more.
    """

    def __init__(self, database: Database, cursor: DBAPICursor, shapes: dict[str, int]) -> None:
        self.sql = database.statements
        self.cursor = cursor
        self._shapes = shapes
        self._new_shapes: dict[str, int] = {}
        cursor.execute(self.sql.last_number)
        row = cursor.fetchone()
        self.last_number: int = row[0] if row is not None and row[0] is not None else 0

    def shape_id(self, descriptor: str) -> int:
        """The number under which a shape's text is interned."""
        known = self._shapes.get(descriptor) or self._new_shapes.get(descriptor)
        if known is not None:
            return known
        self.cursor.execute(self.sql.shape_id, (descriptor,))
        row = self.cursor.fetchone()
        if row is None:
            self.cursor.execute(self.sql.insert_shape, (descriptor,))
            row = self.cursor.fetchone()
        if row is None:  # pragma: no cover - INSERT … RETURNING has a row or an error
            raise RuntimeError("the database gave the new shape no id")
        self._new_shapes[descriptor] = row[0]
        return int(row[0])

    def attempt(self, work: Work[T]) -> T:
        """Runs `work`, carefully, so that its failure leaves no trace."""
        self.cursor.execute("SAVEPOINT unit")
        try:
            return work(self, True)
        except BaseException:
            self.cursor.execute("ROLLBACK TO SAVEPOINT unit")
            # Some of these may just have been undone; those that were not are found by the next look-up.
            self._new_shapes.clear()
            raise
        finally:
            self.cursor.execute("RELEASE SAVEPOINT unit")

    def remember_shapes(self) -> None:
        """To be called after the commit: what is in the database now need not be looked up again."""
        if len(self._shapes) + len(self._new_shapes) > _MAX_SHAPES:
            self._shapes.clear()
        self._shapes.update(self._new_shapes)


# What a caller wants done in the transaction. It may be run again after a rollback; the flag then asks to
# look before each step and raise what is wrong.
Work = Callable[[Transaction, bool], T]


@dataclass(frozen=True, slots=True)
class _Job:
    work: Work[Any]
    answer: Deferred[Any]


class Writer:
    """The one connection of this process that writes, and its thread.

    `deliver` runs a function on the loop (reactor.callFromThread). `submit` is for the loop's thread only, so
    the count of waiting jobs needs no lock.
    """

    _log = Logger()

    def __init__(self, database: Database, deliver: Callable[[Callable[[], None]], None]) -> None:
        self._database = database
        self._deliver = deliver
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._waiting = 0
        self._closed = False
        self._connection: PoolProxiedConnection | None = None
        self._shapes: dict[str, int] = {}
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="govdir-writer", daemon=True)

    @property
    def waiting(self) -> int:
        """How many jobs were submitted and are not done."""
        return self._waiting

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def submit(self, work: Work[T]) -> Deferred[T]:
        """Does `work` in the next transaction; fires when that is durable, in the order of submission.

        Fails with what `work` raised, with StoreUnavailable when the transaction failed, with Busy when too
        much is waiting; then nothing of the work was applied.
        """
        if self._closed:
            return fail(StoreUnavailable("the store is closed"))
        if self._waiting >= MAX_WAITING:
            return fail(Busy("too many changes are waiting to be written; try again"))
        self._waiting += 1
        answer: Deferred[T] = Deferred()
        self._jobs.put(_Job(work, answer))
        return answer

    def close(self) -> None:
        """Writes what was submitted, ends the thread and waits; the last results are still delivered."""
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
        if self._thread.is_alive():
            self._thread.join()

    # --- on the writer's thread

    def _run(self) -> None:
        more = True
        while more:
            batch, more = self._next_batch()
            if batch:
                outcomes = self._commit(batch)
                try:
                    self._deliver(partial(self._hand_over, batch, outcomes))
                except Exception:  # the loop's failure must not end the thread that others wait for
                    self._log.failure("results of written changes could not be delivered")
        self._drop_connection()

    def _next_batch(self) -> tuple[list[_Job], bool]:
        """Waits for a job and takes all that are there, and whether more may come."""
        batch: list[_Job] = []
        job = self._jobs.get()
        with suppress(Empty):
            while job is not None:
                batch.append(job)
                if len(batch) == MAX_BATCH:
                    return batch, True
                job = self._jobs.get_nowait()
            return batch, False
        return batch, True

    def _commit(self, batch: list[_Job]) -> list[Any]:
        """The outcome of each job of the batch, in order; an exception stands for failure.

        Jobs rarely fail, so they are first run bare; when one does, everything is undone and run again with
        a savepoint around each job.
        """
        try:
            try:
                return self._transact(batch, lambda transaction, job: job.work(transaction, False))
            except Exception as error:
                if self._is_the_databases(error):
                    raise
            if self._connection is not None:
                self._connection.rollback()
            return self._transact(batch, self._attempt)
        except Exception as error:
            self._tell(error)
            self._drop_connection()
            return [_unavailable(error) for _ in batch]

    def _tell(self, error: Exception) -> None:
        """What the database's failure was, once until it takes commits again; a traceback of any other."""
        if not self._is_the_databases(error):
            self._log.failure("a commit failed")
        elif not self._failing:
            self._failing = True
            self._log.error("a commit failed: {cause}", cause=error.__cause__ or error)

    def _transact(self, batch: list[_Job], run: Callable[[Transaction, _Job], Any]) -> list[Any]:
        ticket, transaction = self._begin()
        outcomes = [run(transaction, job) for job in batch]
        self._database.announce(transaction.cursor)
        self._finish(ticket)
        transaction.remember_shapes()
        self._failing = False
        return outcomes

    def _attempt(self, transaction: Transaction, job: _Job) -> Any:
        """The job's result, or the exception that is its own fault; those of the database are raised."""
        try:
            return transaction.attempt(job.work)
        except Exception as error:
            if self._is_the_databases(error):
                raise
            return error

    def _is_the_databases(self, error: Exception) -> bool:
        """Whether the database failed, rather than refused or was misused by one job."""
        database = self._database
        if isinstance(error, (database.integrity_error, *database.statement_errors)):
            return False
        return isinstance(error, (database.driver_error, StoreUnavailable))

    def _begin(self) -> tuple[str, Transaction]:
        if self._connection is not None:
            try:
                return self._begin_on(self._connection)
            except self._database.driver_error:
                if not self._database.is_lost(self._connection):
                    raise
                self._drop_connection()
        self._connection = self._database.connect()
        return self._begin_on(self._connection)

    def _begin_on(self, connection: PoolProxiedConnection) -> tuple[str, Transaction]:
        cursor = connection.cursor()
        ticket = self._database.begin_write(cursor)
        return ticket, Transaction(self._database, cursor, self._shapes)

    def _finish(self, ticket: str) -> None:
        if self._connection is None:  # pragma: no cover - a transaction has a connection
            raise StoreUnavailable("no connection")
        try:
            self._connection.commit()
        except self._database.driver_error:
            self._drop_connection()
            if not self._database.was_committed(ticket):
                raise

    def _drop_connection(self) -> None:
        """Closes the connection, which undoes what it had not committed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):  # it may be broken in any way; the next batch opens a new one
                connection.invalidate()
                connection.close()

    # --- on the loop's thread

    def _hand_over(self, batch: list[_Job], outcomes: list[Any]) -> None:
        self._waiting -= len(batch)
        for job, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Exception):
                job.answer.errback(outcome)
            else:
                job.answer.callback(outcome)


def _unavailable(cause: Exception) -> StoreUnavailable:
    error = StoreUnavailable("the change could not be written")
    error.__cause__ = cause
    return error
