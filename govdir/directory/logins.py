"""Binding: who may sign in, failed attempts, locks, and what a sign-in leaves behind.

Every refusal looks and costs the same, so nothing tells an unknown name from a wrong password, a locked
account or a closed one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from govdir.directory import passwords
from govdir.directory.caller import ANONYMOUS, LOCAL, Caller
from govdir.directory.dn import Dn
from govdir.directory.entry import Attributes
from govdir.directory.errors import DirectoryError, InvalidCredentials, UnwillingToPerform
from govdir.directory.identity import caller_of, signs_in
from govdir.directory.image import Record
from govdir.directory.operational import timestamp
from govdir.directory.password_policy import (
    PasswordState,
    is_locked,
    must_change,
    seconds_before_expiration,
    should_lock,
)
from govdir.directory.password_state import state_of
from govdir.directory.ports import LoginFacts, SlowWork, Store, StoreUnavailable
from govdir.directory.proving import WRONG, Outcome, Proof, right_password
from govdir.directory.rules import PasswordRules
from govdir.directory.secrets import Secrets, unpack_secrets
from govdir.directory.writes.plan import PasswordOutcome

if TYPE_CHECKING:
    from govdir.directory.service import Directory

# Attempts remembered for one entry: policies count fewer, and a flood must not grow memory.
MAX_REMEMBERED_FAILURES = 32


class Bound(Struct, frozen=True):
    """A successful bind: the identity, and the seconds its password lives on (None: no end in sight)."""

    caller: Caller
    expires_in_seconds: int | None = None


class Logins:
    """Checks passwords and keeps the login facts of all entries in memory, flushed in batches."""

    def __init__(self, directory: Directory, store: Store, slow: SlowWork, rules: PasswordRules) -> None:
        self._directory = directory
        self._store = store
        self._slow = slow
        self._rules = rules
        self._facts: dict[int, LoginFacts] = {}
        self._unsaved: set[int] = set()

    def load(self, facts: Iterable[LoginFacts]) -> None:
        """Takes over what was stored."""
        self._facts = {one.entry_id: one for one in facts}

    def forget_failures(self, entry_id: int) -> None:
        """After a new password or the end of a lock, attempts before it count no more."""
        held = self._facts.get(entry_id)
        if held is not None and held.failures:
            self._remember(LoginFacts(entry_id, held.last_success, ()))

    def ever_used(self, entry_id: int) -> bool:
        """Whether the entry has ever signed in."""
        held = self._facts.get(entry_id)
        return held is not None and held.last_success is not None

    def last_success(self, entry_id: int) -> datetime | None:
        """When the entry last signed in, as far as this process knows; None when never."""
        held = self._facts.get(entry_id)
        if held is None or held.last_success is None:
            return None
        return datetime.fromtimestamp(held.last_success / 1_000_000, UTC)

    async def refresh(self) -> None:
        """Learns of sign-ins at other processes. Raises StoreUnavailable, Busy."""
        stored = await self._slow.run(lambda: tuple(self._store.load_login_facts()))
        for theirs in stored:
            ours = self._facts.get(theirs.entry_id)
            if ours is None:
                self._facts[theirs.entry_id] = theirs
            elif (theirs.last_success or 0) > (ours.last_success or 0):
                self._facts[theirs.entry_id] = replace(ours, last_success=theirs.last_success)

    async def flush(self) -> None:
        """Stores what changed since the last flush; kept for the next one when the store is unreachable."""
        if not self._unsaved:
            return
        going = [self._facts[entry_id] for entry_id in self._unsaved]
        self._unsaved.clear()
        try:
            await self._store.record_logins(going)
        except StoreUnavailable:
            self._unsaved.update(one.entry_id for one in going)

    async def bind(self, name: str, password: bytes) -> Bound:
        """See Directory.bind."""
        if not name:
            if password:
                raise InvalidCredentials
            return Bound(ANONYMOUS)
        dn = Dn.parse(name, self._directory.schema)
        if not password:
            raise UnwillingToPerform("a bind with a name needs a password (unauthenticated bind refused)")
        path = dn.below(self._directory.suffix)

        def find() -> Record | None:
            return None if path is None else self._directory.image.find(path)

        proof = await self._proved(find, password)
        if proof is None:
            record = find()
            if record is not None and unpack_secrets(record.secrets).password is not None:
                await self.failed(record)
            raise InvalidCredentials
        record, stored, upgrade = proof
        bound = self._admitted(record)
        self._succeeded(record)
        if upgrade:
            await self._upgrade(record, stored, password)
        return bound

    async def prove(self, find: Callable[[], Record | None], password: bytes) -> Proof:
        """Whether the password is that of the entry `find` names, for signing in otherwise than by a bind.

        `find` is asked again when other processes have committed something meanwhile. A wrong password does
        not count towards the lock of binds: strangers must not lock people out from a web page; whoever asks
        this brakes them. A right one leaves what a bind leaves. Raises Busy.
        """
        proved = await self._proved(find, password) if password else None
        if proved is None:
            return WRONG
        record, stored, upgrade = proved
        attributes = record.shape.attributes(record.body)
        proof = right_password(
            record,
            attributes,
            self._rules.policy(attributes),
            self._state(record, attributes),
            self._directory.clock.now(),
        )
        if proof.outcome in (Outcome.OK, Outcome.MUST_CHANGE):
            self._succeeded(record)
            if upgrade:
                await self._upgrade(record, stored, password)
        return proof

    async def _proved(
        self, find: Callable[[], Record | None], password: bytes
    ) -> tuple[Record, bytes, bool] | None:
        """The proof below, tried again on what other processes have committed if it fails."""
        proof = await self._proof(find(), password)
        if proof is None and await self._caught_up():
            proof = await self._proof(find(), password)
        return proof

    async def _proof(self, record: Record | None, password: bytes) -> tuple[Record, bytes, bool] | None:
        """The entry whose password this is, its stored form, and whether that is out of date; None if it is
        not. Costs one password hash in every case."""
        stored = None if record is None else unpack_secrets(record.secrets).password
        if record is None or stored is None:
            await self._slow.run(lambda: passwords.verify_nothing(password))
            return None
        verdict = await self._slow.run(lambda: passwords.verify(stored, password))
        unchanged = record.alive and unpack_secrets(record.secrets).password == stored
        return (record, stored, verdict.upgrade) if verdict.matches and unchanged else None

    async def _caught_up(self) -> bool:
        """Whether another process has committed something meanwhile, perhaps this account or its password."""
        try:
            return await self._directory.catch_up() > 0
        except StoreUnavailable:
            return False

    # -- after the password matched ------------------------------------------------------------------------

    def _admitted(self, record: Record) -> Bound:
        """The identity, unless the account is locked or closed."""
        now = self._directory.clock.now()
        attributes = record.shape.attributes(record.body)
        policy = self._rules.policy(attributes)
        state = self._state(record, attributes)
        if (policy is not None and is_locked(policy, state, now)) or not signs_in(attributes):
            raise InvalidCredentials
        caller = caller_of(record, attributes)
        if policy is None:
            return Bound(caller)
        if must_change(policy, state, now):
            return Bound(replace(caller, must_change=True), 0)
        return Bound(caller, seconds_before_expiration(policy, state, now))

    def _succeeded(self, record: Record) -> None:
        moment = _microseconds(self._directory.clock.now())
        self._remember(LoginFacts(record.id, moment, ()))

    async def _upgrade(self, record: Record, stored: bytes, password: bytes) -> None:
        """Replaces an imported hash by the present scheme; the bind stands even if this fails."""
        fresh = await self._slow.run(lambda: passwords.hash_password(password))
        secrets = unpack_secrets(record.secrets)
        if not record.alive or secrets.password != stored:
            return
        outcome = PasswordOutcome(Secrets(fresh, secrets.history), ())
        try:
            await self._directory.as_caller(LOCAL).apply_password(record, outcome)
        except DirectoryError:
            return

    # -- after it did not ----------------------------------------------------------------------------------

    async def failed(self, record: Record) -> None:
        """Counts the attempt; at the policy's limit the account is locked, durably."""
        now = self._directory.clock.now()
        attributes = record.shape.attributes(record.body)
        policy = self._rules.policy(attributes)
        if policy is None:
            return
        held = self._facts.get(record.id)
        failures = (*(held.failures if held else ()), _microseconds(now))[-MAX_REMEMBERED_FAILURES:]
        self._remember(LoginFacts(record.id, held.last_success if held else None, failures))
        state = self._state(record, attributes)
        if should_lock(policy, state, now) and not is_locked(policy, state, now):
            stamps = (("pwdAccountLockedTime", timestamp(now)),)
            outcome = PasswordOutcome(unpack_secrets(record.secrets), stamps)
            with suppress(DirectoryError):  # the next failure tries again; the answer is the same for all
                await self._directory.as_caller(LOCAL).apply_password(record, outcome)

    # -- facts ---------------------------------------------------------------------------------------------

    def _remember(self, facts: LoginFacts) -> None:
        self._facts[facts.entry_id] = facts
        self._unsaved.add(facts.entry_id)

    def _state(self, record: Record, attributes: Attributes) -> PasswordState:
        held = self._facts.get(record.id)
        return state_of(attributes, held.failures if held else ())


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)
