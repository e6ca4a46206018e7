"""A change on its way: asked for, made ready, planned, told of."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from govdir.directory.assertions import check_assertion_of_new
from govdir.directory.image import Record
from govdir.directory.options import WriteOptions, Written
from govdir.directory.ports import WriteUnit
from govdir.directory.writes.entry_read import EntryReader, added_record
from govdir.directory.writes.plan import Plan


class Planned(Struct, frozen=True):
    """What is to be written, the name under which the entry will then stand where it gets one (an add), and
    the entry it is about (None: the one it adds)."""

    unit: WriteUnit
    dn: str = ""
    record: Record | None = None


def nothing() -> None:
    """There is nothing more to do."""


class Undertaking:
    """One change of one caller. Whatever takes time, such as hashing a password, is behind it.

    `plan` plans it on the directory as it is, at each attempt anew, and `written` tells what came of the last
    plan, once that is applied; between the two nothing of it is to be seen.
    """

    __slots__ = ("_before", "_done", "_make", "_options", "_planned", "_reader")

    def __init__(
        self,
        make: Callable[[], tuple[Plan, Planned]],
        options: WriteOptions,
        reader: EntryReader,
        done: Callable[[], None] = nothing,
    ) -> None:
        """`make` plans, and raises DirectoryError; `done` sees to what follows from the change outside the
        entries."""
        self._make = make
        self._options = options
        self._reader = reader
        self._done = done
        self._planned: Planned | None = None
        self._before: bytes | None = None

    def plan(self) -> WriteUnit:
        """The unit that makes the change, allowed and complete on the image as it is; raises DirectoryError.

        What is asserted of the entry is judged on that same state.
        """
        plan, planned = self._make()
        record = planned.record
        if record is not None:
            self._before = self._reader.before(record)
        elif self._options.assertion is not None:
            added = added_record(planned.unit, plan.image)
            check_assertion_of_new(self._options.assertion, added, plan.view.grant(added), plan.image)
        self._planned = planned
        return planned.unit

    def written(self) -> Written:
        """What was made, right after the plan was applied: sees to what follows from it."""
        self._done()
        return self._told(performed=True)

    def settle(self) -> None:
        """Sees to what follows from a plan that was applied; `tried` has told before what comes of it."""
        self._done()

    def tried(self) -> Written:
        """What would be made by the plan, which is not applied."""
        return self._told(performed=False)

    def _told(self, *, performed: bool) -> Written:
        planned = self._planned
        if planned is None:
            raise LookupError("nothing was planned")
        unit, record = planned.unit, planned.record
        after = self._reader.after(unit, record)
        dn = planned.dn
        if not performed:
            dn = dn or self._reader.name(unit, record)
        elif record is not None:
            dn = record.dn_text if record.alive else unit.change.dn
        return Written(dn, self._before, after, performed=performed)
