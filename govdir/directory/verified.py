"""Passwords that have proved right not long ago, so that the next login with one costs no hash.

A mail program signs in every few minutes, for each folder once. What is kept is a keyed digest over the
entry, its stored hash and the password, in this process's memory only and for minutes only; the key is
random and never leaves it. A password that is not remembered, a wrong one above all, costs the whole hash.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from datetime import datetime, timedelta
from hashlib import blake2b
from hmac import compare_digest
from typing import Final

from govdir.directory.admission import Admitted
from govdir.directory.image import Image, Record

MAX_REMEMBERED: Final = 65_536
"""Some 0.6 KiB each: a province's mail programs fit, and no flood of logins takes more than 40 MiB."""

MAX_NAME: Final = 512
"""Characters of a name as a client spells it; longer ones are hashed each time."""

_KEY_OCTETS: Final = 32
_DIGEST_OCTETS: Final = 32
_NUMBER_OCTETS: Final = 8


class _Known:
    """One login: `moves` is Image.moves when the name was last seen to be the entry's."""

    __slots__ = ("admitted", "digest", "moves", "since", "until")

    def __init__(
        self, admitted: Admitted, digest: bytes, moves: int, since: datetime, until: datetime
    ) -> None:
        self.admitted = admitted
        self.digest = digest
        self.moves = moves
        self.since = since
        self.until = until


class Verified:
    """The memory, by the name as the client spells it; oldest out. `seconds` 0: nothing is remembered."""

    def __init__(self, image: Image, seconds: int, *, at_most: int = MAX_REMEMBERED) -> None:
        self._image = image
        self._lasts = timedelta(seconds=seconds)
        self._at_most = at_most if seconds else 0
        self._key = os.urandom(_KEY_OCTETS)
        self._held: OrderedDict[str, _Known] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def remember(self, name: str, password: bytes, admitted: Admitted, now: datetime) -> None:
        """The password has just proved to be that of the entry that `admitted` has seen."""
        if not self._at_most or len(name) > MAX_NAME:
            return
        until = now + self._lasts
        if admitted.holds_until is not None:
            until = min(until, admitted.holds_until)
        held = self._held
        held[name] = _Known(
            admitted, self._digest(admitted.seen.record, password), self._image.moves, now, until
        )
        held.move_to_end(name)
        if len(held) > self._at_most:
            held.popitem(last=False)

    def find(self, name: str, password: bytes, now: datetime) -> Admitted | None:
        """What that password lets in, if it is known to be right; None: hash it.

        Whatever may have changed since ends the memory: the entry in any way, its name, the time.
        """
        known = self._held.get(name)
        if known is None:
            return None
        admitted = known.admitted
        seen = admitted.seen
        record = seen.record
        if (
            record.version != seen.version
            or not record.alive
            or not known.since <= now < known.until  # a clock that was set back proves nothing
            or (known.moves != self._image.moves and not self._still(known, name, record))
        ):
            del self._held[name]
            return None
        return admitted if compare_digest(self._digest(record, password), known.digest) else None

    def _still(self, known: _Known, name: str, record: Record) -> bool:
        """Whether the name still is the entry's, something having been renamed, moved or deleted."""
        known.moves = self._image.moves
        return record.dn_text == name

    def _digest(self, record: Record, password: bytes) -> bytes:
        secrets = record.secrets or b""
        entry = record.id.to_bytes(_NUMBER_OCTETS, "big") + len(secrets).to_bytes(_NUMBER_OCTETS, "big")
        return blake2b(entry + secrets + password, key=self._key, digest_size=_DIGEST_OCTETS).digest()
