"""What signing in asks of storage. Awaitables fire on the loop; writes are durable when they do, unless it is
said otherwise. All may fail with directory.ports.StoreUnavailable or directory.errors.Busy."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from govdir.sso.model import (
    Happened,
    Kept,
    Letter,
    Outgoing,
    Participant,
    ServiceProvider,
    Session,
    StoredFactor,
)
from govdir.sso.saml.model import NameId


class Sessions(Protocol):
    """Sessions and whom they were told to; shared by all processes and nodes."""

    def add(self, session: Session) -> Awaitable[None]:
        """A new one."""

    def get(self, key: bytes) -> Awaitable[Session | None]:
        """None when there is none (any more). May be as old as a second when another process wrote it."""

    def replace(self, key: bytes, session: Session) -> Awaitable[None]:
        """The session gets a new key (and whatever else changed); its participants follow. Fails with
        LookupError when the session is gone."""

    def touch(self, key: bytes, seen: datetime) -> None:
        """Was used; written some time later, together with others."""

    def of_entry(self, entry_uuid: str) -> Awaitable[Sequence[Session]]:
        """Somebody's sessions, the one used last first."""

    def end(self, keys: Iterable[bytes]) -> Awaitable[Sequence[Participant]]:
        """Ends them, and returns whom they had been told to. Those that are gone already are passed over."""

    def join(self, participant: Participant) -> Awaitable[Participant]:
        """Notes that a service provider is told; when it was before under the same NameID, returns that one
        and writes nothing. Fails with LookupError when the session is gone."""

    def participants(self, key: bytes) -> Awaitable[Sequence[Participant]]:
        """Whom a session was told to."""

    def named(
        self, entity_id: str, name_id: NameId, indexes: Sequence[str]
    ) -> Awaitable[Sequence[Participant]]:
        """Those of one service provider by name and session index (none: all of that name)."""

    def forget_expired(self, now: datetime, idle_since: datetime) -> Awaitable[None]:
        """Deletes what has ended by itself."""


class Keeping(Protocol):
    """Things under way (sign-ins, logouts) and requests that were seen."""

    def put(self, kept: Kept) -> Awaitable[bool]:
        """Stores version n over version n - 1 (0: new); False when something else is there."""

    def get(self, kept_id: str) -> Awaitable[Kept | None]:
        """None when it is unknown; also an expired one may come."""

    def drop(self, kept_id: str) -> Awaitable[None]:
        """It is over."""

    def first_time(self, issuer: str, message_id: str, until: datetime) -> Awaitable[bool]:
        """Whether this message was never seen before; remembered until then."""

    def forget_expired(self, now: datetime) -> Awaitable[None]:
        """Deletes what has expired."""


class Attempts(Protocol):
    """Failed proofs, counted under keys that say of whom and from where."""

    def failures(
        self, keys: Sequence[str], since: datetime
    ) -> Awaitable[Sequence[tuple[int, datetime | None]]]:
        """For each key how many there were since then, and the latest."""

    def failed(self, keys: Sequence[str], at: datetime) -> Awaitable[None]:
        """One more under each."""

    def succeeded(self, keys: Sequence[str]) -> Awaitable[None]:
        """What was counted under these is forgotten."""

    def is_familiar(self, entry_uuid: str, mark: bytes) -> Awaitable[bool]:
        """Whether somebody has signed in from that network or device (a digest) before."""

    def familiar(self, entry_uuid: str, mark: bytes, at: datetime) -> Awaitable[None]:
        """Somebody has, now."""

    def forget_expired(self, before: datetime, unfamiliar_before: datetime) -> Awaitable[None]:
        """Deletes failures and marks older than these."""


class Factors(Protocol):
    """Second factors."""

    def get(self, entry_uuid: str) -> Awaitable[StoredFactor | None]:
        """None when there is none."""

    def put(self, factor: StoredFactor) -> Awaitable[None]:
        """In place of whatever there was."""

    def remove(self, entry_uuid: str) -> Awaitable[bool]:
        """Whether there was one."""

    def use_step(self, entry_uuid: str, step: int) -> Awaitable[bool]:
        """Marks a time step used; False when it, or a later one, has been: in one statement, so that of two
        requests at once only one succeeds."""

    def use_recovery(self, entry_uuid: str, digest: bytes) -> Awaitable[bool]:
        """Takes a recovery code away; False when it is not there: likewise."""

    def replace_recovery(self, entry_uuid: str, digests: Sequence[bytes]) -> Awaitable[bool]:
        """These recovery codes in place of those that are left, nothing else changed; False when there is no
        factor."""


class Services(Protocol):
    """Registered service providers."""

    def all(self) -> Awaitable[Sequence[ServiceProvider]]:
        """By name."""

    def number(self) -> Awaitable[int]:
        """Changes whenever any of them does."""

    def put(self, service: ServiceProvider) -> Awaitable[bool]:
        """Stores version n over n - 1 (0: new). False when that is not there, or the name is another's."""

    def remove(self, entity_id: str) -> Awaitable[bool]:
        """Whether it was there."""


class Trail(Protocol):
    """The audit trail of signing in."""

    def note(self, happened: Happened) -> None:
        """Written with others within a second, and at once to the log; nobody waits for it."""

    def of_entry(self, entry_uuid: str, limit: int) -> Awaitable[Sequence[Happened]]:
        """Somebody's, the latest first."""

    def latest(self, limit: int) -> Awaitable[Sequence[Happened]]:
        """Everybody's, the latest first."""


class Outbox(Protocol):
    """Mail on its way."""

    def put(self, letter: Letter) -> Awaitable[None]:
        """Will be sent, also after a restart."""


class Letters(Protocol):
    """The other end of the outbox: what a sender takes from it."""

    def take(self, now: datetime, until: datetime, limit: int) -> Awaitable[Sequence[Outgoing]]:
        """Letters that are due, the longest waiting first; until then nobody else is given them."""

    def delay(self, number: int, until: datetime) -> Awaitable[None]:
        """Could not be sent; is due again then."""

    def drop(self, number: int) -> Awaitable[None]:
        """Was sent, or was given up."""


class Unreachable(Exception):
    """Another server did not answer in time, not with success, or may not be asked. The text is for the log
    and quotes nothing of what was sent."""


class BackChannel(Protocol):
    """Messages from server to server (saml-bindings §3.2)."""

    def post(self, url: str, octets: bytes) -> Awaitable[bytes]:
        """Sends a SOAP envelope and brings the answer's body. It is under way once this returns, so that
        several go at once; time and size are bounded. Fails with Unreachable, and nothing else."""
