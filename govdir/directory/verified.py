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
from struct import Struct
from typing import Final

from govdir.directory.admission import Admitted
from govdir.directory.image import Image, Record

MAX_REMEMBERED: Final = 65_536
"""Some 0.6 KiB each: a province's mail programs fit, and no flood of logins takes more than 40 MiB."""

MAX_NAME: Final = 512
"""Octets of a name as a client spells it; longer ones are hashed each time."""

_KEY_OCTETS: Final = 32
_DIGEST_OCTETS: Final = 32
_sizes: Final = Struct(">QQ").pack


class _Known:
    """One login: `moves` is Image.moves when the name was last seen to be the entry's."""

    __slots__ = ("admitted", "digest", "moves", "record", "since", "until", "version")

    def __init__(
        self, admitted: Admitted, digest: bytes, moves: int, since: datetime, until: datetime
    ) -> None:
        self.admitted = admitted
        self.digest = digest
        self.moves = moves
        self.record = admitted.seen.record
        self.version = admitted.seen.version
        self.since = since
        self.until = until


class Verified:
    """The memory, by the octets of the name as the client spells it; oldest out.

    `seconds` 0: nothing is remembered.
    """

    def __init__(self, image: Image, seconds: int, *, at_most: int = MAX_REMEMBERED) -> None:
        self._image = image
        self._lasts = timedelta(seconds=seconds)
        self._at_most = at_most if seconds else 0
        self._key = os.urandom(_KEY_OCTETS)
        self._held: OrderedDict[bytes, _Known] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def remember(self, name: bytes, password: bytes, admitted: Admitted, now: datetime) -> None:
        """The password has just proved to be that of the entry that `admitted` has seen."""
        if not self._at_most or len(name) > MAX_NAME:
            return
        until = now + self._lasts
        if admitted.holds_until is not None:
            until = min(until, admitted.holds_until)
        held, digest = self._held, self._digest(admitted.seen.record, password)
        held[name] = _Known(admitted, digest, self._image.moves, now, until)
        held.move_to_end(name)
        if len(held) > self._at_most:
            held.popitem(last=False)

    def clear(self) -> None:
        """Lets go of everything."""
        self._held.clear()

    def tidy(self, now: datetime) -> None:
        """Lets go of what is past its time, oldest first, whether or not anybody asks for it."""
        held = self._held
        while held and next(iter(held.values())).until <= now:
            held.popitem(last=False)

    def find(self, name: bytes, password: bytes, now: datetime) -> Admitted | None:
        """What that password lets in, if it is known to be right; None: hash it.

        Whatever may have changed since ends the memory: the entry in any way, its name, the time.
        """
        known = self._held.get(name)
        if known is None:
            return None
        record = known.record
        if (
            record.version != known.version
            or not record.alive
            or not known.since <= now < known.until  # a clock that was set back proves nothing
            or (known.moves != self._image.moves and not self._is_still(known, name))
        ):
            del self._held[name]
            return None
        return known.admitted if compare_digest(self._digest(record, password), known.digest) else None

    def _is_still(self, known: _Known, name: bytes) -> bool:
        """Whether the name still is the entry's, something having been renamed, moved or deleted."""
        known.moves = self._image.moves
        return known.record.dn == name

    def _digest(self, record: Record, password: bytes) -> bytes:
        secrets = record.secrets or b""
        return blake2b(
            _sizes(record.id, len(secrets)) + secrets + password,
            key=self._key,
            digest_size=_DIGEST_OCTETS,
            usedforsecurity=True,
        ).digest()
