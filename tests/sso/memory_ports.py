"""What signing in asks of storage, in memory: for tests of everything above storage.

Each method is a coroutine that never waits; `run` takes one to its end.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from msgspec.structs import replace

from govdir.sso.model import (
    Happened,
    Kept,
    Letter,
    Participant,
    ServiceProvider,
    Session,
    StoredFactor,
)
from govdir.sso.ports import Unreachable
from govdir.sso.saml.model import NameId

T = TypeVar("T")


def run(awaitable: Awaitable[T]) -> T:
    """What it comes to; it must not wait for anything."""
    steps = awaitable.__await__()
    try:
        next(steps)
    except StopIteration as finished:
        return finished.value  # type: ignore[no-any-return]
    raise AssertionError("a test's coroutine waits for something")


class SettableClock:
    """The time is what the test says."""

    def __init__(self, moment: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def pass_time(self, **amount: float) -> None:
        self.moment += timedelta(**amount)


class DirectWork:
    """Slow work done at once, and counted."""

    def __init__(self) -> None:
        self.done = 0

    async def run(self, function: Callable[[], T]) -> T:
        self.done += 1
        return function()


class MemorySessions:
    """ports.Sessions; `writes` counts what storage would have to make durable."""

    def __init__(self) -> None:
        self.held: dict[bytes, Session] = {}
        self.told: list[Participant] = []
        self.writes = 0

    async def add(self, session: Session) -> None:
        self.writes += 1
        self.held[session.key] = session

    async def get(self, key: bytes) -> Session | None:
        return self.held.get(key)

    async def replace(self, key: bytes, session: Session) -> None:
        self.writes += 1
        del self.held[key]
        self.held[session.key] = session
        self.told = [
            replace(one, session_key=session.key) if one.session_key == key else one for one in self.told
        ]

    def touch(self, key: bytes, seen: datetime) -> None:
        if key in self.held:
            self.held[key] = replace(self.held[key], seen=seen)

    async def of_entry(self, entry_uuid: str) -> Sequence[Session]:
        found = [session for session in self.held.values() if session.entry_uuid == entry_uuid]
        return sorted(found, key=lambda session: session.seen, reverse=True)

    async def end(self, keys: Iterable[bytes]) -> Sequence[Participant]:
        ended = set(keys)
        self.writes += 1
        for key in ended:
            self.held.pop(key, None)
        told = [one for one in self.told if one.session_key in ended]
        self.told = [one for one in self.told if one.session_key not in ended]
        return told

    async def join(self, participant: Participant) -> Participant:
        if participant.session_key not in self.held:
            raise LookupError("the session is gone")
        for one in self.told:
            if (one.session_key, one.entity_id, one.name_id) == (
                participant.session_key,
                participant.entity_id,
                participant.name_id,
            ):
                return one
        self.writes += 1
        self.told.append(participant)
        return participant

    async def participants(self, key: bytes) -> Sequence[Participant]:
        return [one for one in self.told if one.session_key == key]

    async def named(self, entity_id: str, name_id: NameId, indexes: Sequence[str]) -> Sequence[Participant]:
        return [
            one
            for one in self.told
            if one.entity_id == entity_id
            and one.name_id.value == name_id.value
            and (not indexes or one.session_index in indexes)
        ]

    async def forget_expired(self, now: datetime, idle_since: datetime) -> None:
        over = [key for key, one in self.held.items() if one.ends <= now or one.seen <= idle_since]
        await self.end(over)


class MemoryKeeping:
    """ports.Keeping."""

    def __init__(self) -> None:
        self.held: dict[str, Kept] = {}
        self.seen: dict[tuple[str, str], datetime] = {}
        self.writes = 0

    async def put(self, kept: Kept) -> bool:
        present = self.held.get(kept.id)
        if (present.version + 1 if present else 0) != kept.version:
            return False
        self.writes += 1
        self.held[kept.id] = kept
        return True

    async def get(self, kept_id: str) -> Kept | None:
        return self.held.get(kept_id)

    async def drop(self, kept_id: str) -> None:
        self.held.pop(kept_id, None)

    async def first_time(self, issuer: str, message_id: str, until: datetime) -> bool:
        self.writes += 1
        if (issuer, message_id) in self.seen:
            return False
        self.seen[issuer, message_id] = until
        return True

    async def forget_expired(self, now: datetime) -> None:
        self.held = {key: kept for key, kept in self.held.items() if kept.expires > now}
        self.seen = {key: until for key, until in self.seen.items() if until > now}


class MemoryAttempts:
    """ports.Attempts."""

    def __init__(self) -> None:
        self.failed_at: dict[str, list[datetime]] = {}
        self.marks: dict[tuple[str, bytes], datetime] = {}

    async def failures(self, keys: Sequence[str], since: datetime) -> Sequence[tuple[int, datetime | None]]:
        counted = []
        for key in keys:
            times = [at for at in self.failed_at.get(key, ()) if at >= since]
            counted.append((len(times), max(times, default=None)))
        return counted

    async def failed(self, keys: Sequence[str], at: datetime) -> None:
        for key in keys:
            self.failed_at.setdefault(key, []).append(at)

    async def succeeded(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.failed_at.pop(key, None)

    async def is_familiar(self, entry_uuid: str, mark: bytes) -> bool:
        return (entry_uuid, mark) in self.marks

    async def familiar(self, entry_uuid: str, mark: bytes, at: datetime) -> None:
        self.marks[entry_uuid, mark] = at

    async def forget_expired(self, before: datetime, unfamiliar_before: datetime) -> None:
        self.failed_at = {
            key: kept
            for key, times in self.failed_at.items()
            if (kept := [at for at in times if at >= before])
        }
        self.marks = {key: at for key, at in self.marks.items() if at >= unfamiliar_before}


class MemoryFactors:
    """ports.Factors."""

    def __init__(self) -> None:
        self.held: dict[str, StoredFactor] = {}

    async def get(self, entry_uuid: str) -> StoredFactor | None:
        return self.held.get(entry_uuid)

    async def put(self, factor: StoredFactor) -> None:
        self.held[factor.entry_uuid] = factor

    async def remove(self, entry_uuid: str) -> bool:
        return self.held.pop(entry_uuid, None) is not None

    async def use_step(self, entry_uuid: str, step: int) -> bool:
        factor = self.held.get(entry_uuid)
        if factor is None or factor.last_step >= step:
            return False
        self.held[entry_uuid] = replace(factor, last_step=step)
        return True

    async def use_recovery(self, entry_uuid: str, digest: bytes) -> bool:
        factor = self.held.get(entry_uuid)
        if factor is None or digest not in factor.recovery:
            return False
        left = tuple(one for one in factor.recovery if one != digest)
        self.held[entry_uuid] = replace(factor, recovery=left)
        return True

    async def replace_recovery(self, entry_uuid: str, digests: Sequence[bytes]) -> bool:
        factor = self.held.get(entry_uuid)
        if factor is None:
            return False
        self.held[entry_uuid] = replace(factor, recovery=tuple(digests))
        return True


class MemoryServices:
    """ports.Services; `reads` counts how often all of them were asked for."""

    def __init__(self) -> None:
        self.held: dict[str, ServiceProvider] = {}
        self.changes = 0
        self.reads = 0

    async def all(self) -> Sequence[ServiceProvider]:
        self.reads += 1
        return sorted(self.held.values(), key=lambda service: service.name)

    async def number(self) -> int:
        return self.changes

    async def put(self, service: ServiceProvider) -> bool:
        present = self.held.get(service.entity_id)
        if (present.version + 1 if present else 0) != service.version:
            return False
        if any(one.name == service.name and one.entity_id != service.entity_id for one in self.held.values()):
            return False
        self.held[service.entity_id] = service
        self.changes += 1
        return True

    async def remove(self, entity_id: str) -> bool:
        self.changes += 1
        return self.held.pop(entity_id, None) is not None


class MemoryTrail:
    """ports.Trail."""

    def __init__(self) -> None:
        self.lines: list[Happened] = []

    def note(self, happened: Happened) -> None:
        self.lines.append(happened)

    async def of_entry(self, entry_uuid: str, limit: int) -> Sequence[Happened]:
        return [line for line in reversed(self.lines) if line.entry_uuid == entry_uuid][:limit]

    async def latest(self, limit: int) -> Sequence[Happened]:
        return self.lines[::-1][:limit]


class MemoryOutbox:
    """ports.Outbox."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    async def put(self, letter: Letter) -> None:
        self.letters.append(letter)


class MemoryBackChannel:
    """ports.BackChannel: `answers` says by address what happens to an envelope; others are dead."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[bytes], bytes]] = {}
        self.posted: list[tuple[str, bytes]] = []

    def post(self, url: str, octets: bytes) -> Coroutine[Any, Any, bytes]:
        self.posted.append((url, octets))

        async def answer() -> bytes:
            if url not in self.answers:
                raise Unreachable("no answer in time")
            return self.answers[url](octets)

        return answer()
