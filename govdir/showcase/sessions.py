"""What an application remembers between requests: sign-ins under way, and who is signed in.

In memory, so a restart signs everybody out of this application; a real one would use its database.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from govdir.showcase.service_provider import SignedIn

UNDER_WAY_SECONDS = 15 * 60
SESSION_SECONDS = 8 * 3600
MOST_UNDER_WAY, MOST_SESSIONS = 1000, 10_000  # some MB; beyond that the oldest go

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A request that was sent to the identity provider from the browser whose cookie is `browser`."""

    request_id: str
    browser: str = field(repr=False)


class Expiring(Generic[T]):
    """Values under random names, each until its time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[str, tuple[float, T]] = {}

    def add(self, value: T, seconds: float) -> str:
        """The value's name, which cannot be guessed."""
        name = secrets.token_urlsafe(32)
        self.set(name, value, seconds)
        return name

    def set(self, name: str, value: T, seconds: float) -> None:
        """Under a name of one's own choice."""
        if len(self._held) >= self._most:
            del self._held[next(iter(self._held))]
        self._held[name] = (time.time() + seconds, value)

    def get(self, name: str) -> T | None:
        """None when it is unknown or too old."""
        ends, value = self._held.get(name, (0.0, None))
        return value if time.time() < ends else None

    def take(self, name: str) -> T | None:
        """Likewise, and never again."""
        value = self.get(name)
        self._held.pop(name, None)
        return value

    def items(self) -> list[tuple[str, T]]:
        """Those that are there now."""
        return [(name, value) for name, (_, value) in self._held.items()]


class Sessions:
    """Who is signed in, by the cookie's value."""

    def __init__(self) -> None:
        self._held: Expiring[SignedIn] = Expiring(MOST_SESSIONS)

    def begin(self, who: SignedIn) -> str:
        """A new session's cookie; it ends when the identity provider says, or after a working day."""
        seconds = SESSION_SECONDS if who.ends is None else min(SESSION_SECONDS, who.ends - time.time())
        return self._held.add(who, seconds)

    def get(self, cookie: str | None) -> SignedIn | None:
        """Whose session it is."""
        return self._held.get(cookie) if cookie else None

    def end(self, cookie: str | None) -> SignedIn | None:
        """Ends it; whose it was."""
        return self._held.take(cookie) if cookie else None

    def end_all(self, name_id: str, session_indexes: Iterable[str]) -> None:
        """Those that a LogoutRequest means: without indexes all of that name."""
        indexes = frozenset(session_indexes)
        for cookie, who in self._held.items():
            if who.name_id == name_id and (not indexes or who.session_index in indexes):
                self._held.take(cookie)
