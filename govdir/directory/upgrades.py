"""Imported hashes of passwords that have proved right, replaced by the present scheme beside all else.

A login is answered first; its hash is replaced when there is time. Until then the imported one is as good as
it was, so what is not done (the database away, too much waiting, the process ended) is done at a later login.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from govdir.directory import passwords
from govdir.directory.caller import LOCAL
from govdir.directory.errors import DirectoryError
from govdir.directory.image import Record
from govdir.directory.ports import SlowWork
from govdir.directory.secrets import Secrets, unpack_secrets
from govdir.directory.writes.plan import PasswordOutcome

if TYPE_CHECKING:
    from govdir.directory.service import Directory

MAX_WAITING: Final = 256
"""Passwords in clear that wait at once, 5 s of work for one thread; whoever does not get in comes again."""


class _Waiting(Struct, frozen=True):
    record: Record
    name: str
    stored: bytes
    password: bytes

    def __repr__(self) -> str:
        return "_Waiting(<hidden>)"


class Upgrades:
    """What is to be replaced, each entry once; `replaced` is told of name, entry and password afterwards."""

    def __init__(
        self, directory: Directory, slow: SlowWork, replaced: Callable[[str, Record, bytes], None]
    ) -> None:
        self._directory = directory
        self._slow = slow
        self._replaced = replaced
        self._waiting: OrderedDict[int, _Waiting] = OrderedDict()
        self._running = False

    def __len__(self) -> int:
        return len(self._waiting)

    def want(self, name: str, record: Record, stored: bytes, password: bytes) -> None:
        """The password of the entry `name` is right, and `stored` an imported hash of it."""
        if len(self._waiting) < MAX_WAITING:
            self._waiting.setdefault(record.id, _Waiting(record, name, stored, password))

    async def run(self) -> None:
        """Replaces what waits, one after the other: it is to take one thread from those who wait for a login.

        Returns at once while another run is under way.
        """
        if self._running:
            return
        self._running = True
        try:
            while self._waiting:
                _, next_one = self._waiting.popitem(last=False)
                if await self.replace(next_one.record, next_one.stored, next_one.password):
                    self._replaced(next_one.name, next_one.record, next_one.password)
        finally:
            self._running = False

    async def replace(self, record: Record, stored: bytes, password: bytes) -> bool:
        """Whether the entry now has a hash of the present scheme instead of `stored`."""
        try:
            fresh = await self._slow.run(lambda: passwords.hash_password(password))
            secrets = unpack_secrets(record.secrets)
            if not record.alive or secrets.password != stored:
                return False
            outcome = PasswordOutcome(Secrets(fresh, secrets.history, secrets.scram), ())
            await self._directory.as_caller(LOCAL).apply_password(record, outcome)
        except DirectoryError:  # Busy and Unavailable among them
            return False
        return unpack_secrets(record.secrets).password == fresh
