"""What logins write to entries: the lock after too many failures, the use of a login that was left.

Both are decided on the entry as it is when they are written, whichever process wrote it last. A lock is in
force in memory at once and written beside the answer: what only accounts that exist wait for would tell
strangers which do.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from govdir.directory.access_view import AccessView
from govdir.directory.caller import LOCAL
from govdir.directory.entry import Attributes
from govdir.directory.errors import NO_SUCH_ENTRY, DirectoryError, NoSuchObject
from govdir.directory.image import Record
from govdir.directory.operational import timestamp
from govdir.directory.ports import WriteUnit
from govdir.directory.writes.modify import plan_modify
from govdir.directory.writes.plan import Plan
from govdir.ldap.codec.messages import Attribute, Change, ModifyOperation

if TYPE_CHECKING:
    from govdir.directory.service import Directory


class _NotNeeded(Exception):
    """The entry is no longer what the mark was for."""


class PasswordMarks:
    """Writes marks on entries of one directory, as the operator at the host."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._locks: dict[int, datetime] = {}

    # -- locks

    def lock(self, record: Record, at: datetime) -> None:
        """The entry is locked from now on."""
        self._locks[record.id] = at

    def locked_at(self, entry_id: int) -> str | None:
        """The pwdAccountLockedTime in force though it is not yet written, None where there is none."""
        at = self._locks.get(entry_id)
        return None if at is None else timestamp(at).decode()

    def forget(self, entry_id: int) -> None:
        """A new password was set, or the lock ended: nothing is to be written."""
        self._locks.pop(entry_id, None)

    async def write_locks(self) -> None:
        """Writes what is in force only here; what cannot be written now is tried again the next time."""
        for entry_id, at in tuple(self._locks.items()):
            record = self._directory.image.by_id(entry_id)
            try:
                if record is not None:
                    await self._put(record, _lock(at))
            except _NotNeeded:
                pass
            except DirectoryError:  # Busy and Unavailable among them
                continue
            self.forget(entry_id)

    # -- logins after the password has expired

    async def use_grace(self, record: Record, left: Callable[[Attributes], int], at: datetime) -> int:
        """Counts a login that was left and returns how many are then.

        `left` tells how many are on the entry as it is and raises InvalidCredentials where none is; so do its
        callers get no more than the policy leaves them, however many ask at once. Raises Busy, Unavailable.
        """
        remaining = 0

        def use(attributes: Attributes) -> Change:
            nonlocal remaining
            remaining = left(attributes) - 1
            values = {*attributes.values("pwdGraceUseTime")}
            moment = at
            while (text := _exact(moment)) in values:
                moment = moment.replace(microsecond=(moment.microsecond + 1) % 1_000_000)
            return Change(ModifyOperation.ADD, Attribute("pwdGraceUseTime", (text,)))

        await self._put(record, use)
        return remaining

    async def _put(self, record: Record, decide: Callable[[Attributes], Change]) -> None:
        directory = self._directory
        view = AccessView(directory.access, LOCAL, directory.image, None)

        def planned() -> WriteUnit:
            if not record.alive:
                raise NoSuchObject(NO_SUCH_ENTRY)
            plan = Plan(
                directory.image,
                directory.suffix,
                view,
                directory.rules,
                moment=directory.clock.now(),
                ever_used=directory.logins.ever_used,
            )
            return plan_modify(plan, record, (decide(record.shape.attributes(record.body)),), None)

        await directory.committer.commit(planned)


def _lock(at: datetime) -> Callable[[Attributes], Change]:
    def decide(attributes: Attributes) -> Change:
        changed = attributes.values("pwdChangedTime")
        if changed and changed[0] > timestamp(at):  # both in UTC to the second
            raise _NotNeeded
        return Change(ModifyOperation.REPLACE, Attribute("pwdAccountLockedTime", (timestamp(at),)))

    return decide


def _exact(moment: datetime) -> bytes:
    """To the microsecond: two logins of one second are two."""
    return f"{moment:%Y%m%d%H%M%S}.{moment.microsecond:06d}Z".encode("ascii")
