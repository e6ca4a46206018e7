"""Binding: who may sign in, failed attempts, locks, and what a sign-in leaves behind.

Every refusal looks and costs the same, so nothing tells an unknown name from a wrong password, a locked
account or a closed one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from govdir.directory import channels, passwords
from govdir.directory.admission import Admitted, Bound, admitted
from govdir.directory.caller import ANONYMOUS
from govdir.directory.dn import Dn
from govdir.directory.entry import Attributes
from govdir.directory.errors import (
    Busy,
    DirectoryError,
    InvalidCredentials,
    Unavailable,
    UnwillingToPerform,
)
from govdir.directory.identity import signs_in
from govdir.directory.image import Record
from govdir.directory.login_facts import FactsOfLogins, microseconds
from govdir.directory.password_marks import PasswordMarks
from govdir.directory.password_policy import PasswordState, failures_kept, is_locked, should_lock
from govdir.directory.password_state import moment_at, state_of
from govdir.directory.ports import InTime, LoginFacts, SlowWork, Store, StoreUnavailable, at_leisure
from govdir.directory.proving import WRONG, Outcome, Proof, right_password
from govdir.directory.rules import PasswordRules
from govdir.directory.secrets import NOBODYS, unpack_secrets
from govdir.directory.upgrades import Upgrades
from govdir.directory.usability import Bar, Usability, usability_of
from govdir.directory.verified import Verified

if TYPE_CHECKING:
    from govdir.directory.service import Directory


_LOCK = "pwdaccountlockedtime"


class Logins:
    """Checks passwords and keeps the login facts of all entries in memory, flushed in batches.

    A password is known to be right for `remembered_seconds` after it has proved to be. Without
    `changed_over_ldap` who must change it first binds nowhere, not even to change it. `in_time` is for asking
    the store about a wrong password: mail servers prove one after the other on a connection, and a store that
    hangs would have the right ones wait behind it.
    """

    in_time: InTime = staticmethod(at_leisure)

    def __init__(
        self,
        directory: Directory,
        store: Store,
        slow: SlowWork,
        rules: PasswordRules,
        *,
        remembered_seconds: int = 0,
        changed_over_ldap: bool = True,
    ) -> None:
        self._changed_over_ldap = changed_over_ldap
        self.upgrades = Upgrades(directory, slow, self._verify_again)
        self._verified = Verified(directory.image, remembered_seconds)
        self._directory = directory
        self._slow = slow
        self._rules = rules
        self._facts = FactsOfLogins(store, slow)
        self._marks = PasswordMarks(directory)
        self._uncounted: list[tuple[Record | None, datetime]] = []
        self._barred: set[int] = set()  # failures have closed these for now: what is remembered is not asked
        self._locked: set[int] = set()
        directory.image.farewells.append(self._see_lock)
        directory.image.watchers.append(self._see_unlocked)

    def load(self, facts: Iterable[LoginFacts]) -> None:
        """Takes over what was stored."""
        self._facts.load(facts)

    def forget_failures(self, entry_id: int) -> None:
        """After a new password or the end of a lock, attempts before it count no more."""
        self._count()
        self._facts.forget_failures(entry_id)
        self._marks.forget(entry_id)
        self._barred.discard(entry_id)

    def forget_verified(self) -> None:
        """What passwords let in is to be worked out anew: a policy was changed."""
        self._verified.clear()

    def ever_used(self, entry_id: int) -> bool:
        """Whether the entry has ever signed in."""
        return self._facts.last_success(entry_id) is not None

    def last_success(self, entry_id: int) -> datetime | None:
        """When the entry last signed in, as far as this process knows; None when never."""
        at = self._facts.last_success(entry_id)
        return None if at is None else moment_at(at)

    def used(self, record: Record, channel: str) -> None:
        """The entry is used by `channel` without a password: an application asked a session that stands."""
        moment = microseconds(self._directory.clock.now())
        self._facts.used(record.id, moment)
        self._directory.accesses.note(record.id, channel, moment)

    async def refresh(self) -> None:
        """Learns of sign-ins at other processes. Raises StoreUnavailable, Busy."""
        await self._facts.refresh()

    async def write_locks(self) -> None:
        """Writes the locks that so far are in force in this process only."""
        self._count()
        await self._marks.write_locks()

    async def flush(self) -> None:
        """Stores what changed since the last flush; kept for the next one when the store is unreachable."""
        self._count()
        self._verified.tidy(self._directory.clock.now())
        await self._marks.write_locks()
        await self._facts.flush()

    def bind_at_once(self, name: bytes, password: bytes, channel: str = channels.LDAP) -> Bound | None:
        """The bind, when the password is known to be right; None: `bind` finds out, at the cost of a hash.

        `name` is in UTF-8, as clients send it. Never refuses, so that no refusal is quicker than any other.
        """
        if self._uncounted:
            self._count()
        now = self._directory.clock.now()
        known = self._verified.find(name, password, now)
        by = None if known is None else self._admits(known, channel)
        if known is None or by is None or (self._barred and known.seen.record.id in self._barred):
            return None
        self._succeeded(known.seen.record, by, now)
        return known.bound(now)

    async def bind(self, name: str, password: bytes, channel: str = channels.LDAP) -> Bound:
        """See Directory.bind."""
        if not name:
            if password:
                raise InvalidCredentials
            return Bound(ANONYMOUS)
        dn = Dn.parse(name, self._directory.schema)
        if not password:
            raise UnwillingToPerform(
                "thiếu mật mã (a bind with a name needs a password: unauthenticated bind refused)"
            )
        path = dn.below(self._directory.suffix)

        def find() -> Record | None:
            return None if path is None else self._directory.image.find(path)

        return await self.bind_found(name, find, password, channel)

    async def bind_found(
        self, name: str, find: Callable[[], Record | None], password: bytes, channel: str = channels.LDAP
    ) -> Bound:
        """The same for the entry that `find` names, whatever it is found by; `name` is its DN.

        `find` is asked again when other processes have committed something meanwhile.
        """
        proof = await self._proved(find, password)
        if proof is None:
            self.disproved(find())
            raise InvalidCredentials
        record, stored, upgrade = proof
        try:
            known, now = await self._let_in(record, channel)
        except InvalidCredentials:
            if upgrade:  # an imported hash may have cost next to nothing
                await self._slow.run(partial(passwords.verify_nothing, password))
            raise
        if known.grace_left is None:
            self._verified.remember(name.encode(), password, known, now)
        if upgrade:
            self.upgrades.want(name, record, stored, password)
        return known.bound(now)

    async def proved(self, record: Record, channel: str = channels.LDAP) -> Bound:
        """Lets in whoever has proved otherwise than by a password in clear to be this entry's owner.

        Raises InvalidCredentials for all that a bind with the right password is refused for.
        """
        known, now = await self._let_in(record, channel)
        return known.bound(now)

    async def _let_in(self, record: Record, channel: str) -> tuple[Admitted, datetime]:
        """What the right password lets in now, noted as a login. Raises InvalidCredentials.

        Before it refuses it asks what others have committed, as for a wrong password: that may have opened
        the account, and takes its time for all.
        """
        now = self._directory.clock.now()
        known, by = self._known(record, channel, now)
        if by is None and await self._caught_up() and record.alive:
            known, by = self._known(record, channel, now)
        if known is None or by is None:
            raise InvalidCredentials
        if known.grace_left is not None:
            known = replace(known, grace_left=await self._use_grace(record, now))
        self._succeeded(record, by, now)
        return known, now

    def _known(self, record: Record, channel: str, now: datetime) -> tuple[Admitted | None, str | None]:
        known = self._admitted(record, now)
        return known, None if known is None else self._admits(known, channel)

    async def _use_grace(self, record: Record, now: datetime) -> int:
        """Counts one of the logins that are left though the password has expired; how many are left then."""

        def left(attributes: Attributes) -> int:
            found = self._usability(record, attributes, now)
            if found.bar is not None or not found.grace_left:
                raise InvalidCredentials
            return found.grace_left

        try:
            return await self._marks.use_grace(record, left, now)
        except (Busy, Unavailable):
            raise
        except DirectoryError:
            raise InvalidCredentials from None

    def disproved(self, record: Record | None) -> None:
        """Somebody has not proved to know this entry's password (None: there is no such entry).

        It is counted before anything is decided that depends on it, and not before the refusal is on its
        way: what only accounts that exist take the time for would tell strangers which do.
        """
        secrets = unpack_secrets(NOBODYS if record is None else record.secrets)
        self._uncounted.append((None if secrets.password is None else record, self._directory.clock.now()))

    def _admits(self, known: Admitted, channel: str) -> str | None:
        if channel == channels.LDAP and known.caller.must_change and not self._changed_over_ldap:
            return None
        return known.to(channel)

    async def prove(
        self, find: Callable[[], Record | None], password: bytes, channel: str = channels.WEB
    ) -> Proof:
        """Whether the password is that of the entry `find` names, for signing in otherwise than by a bind.

        Always at the cost of a hash: whoever signs in on a page does so a few times a day.

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
            self._succeeded(record, channel, self._directory.clock.now())
            if upgrade:
                await self.upgrades.replace(record, stored, password)
        return proof

    async def _proved(
        self, find: Callable[[], Record | None], password: bytes
    ) -> tuple[Record, bytes, bool] | None:
        """The proof below, tried again on what other processes have committed if it fails."""
        proof = await self._proof(find, password)
        if proof is None and await self._caught_up():
            proof = await self._proof(find, password)
        return proof

    async def _proof(
        self, find: Callable[[], Record | None], password: bytes
    ) -> tuple[Record, bytes, bool] | None:
        """The entry whose password this is, its stored form, and whether that is out of date; None if it is
        not, at the cost of one password hash at least."""
        while True:
            record = find()
            stored = None if record is None else unpack_secrets(record.secrets).password
            if record is None or stored is None:
                await self._slow.run(partial(passwords.verify_nothing, password))
                return None
            verdict = passwords.verify_at_once(stored, password)
            if verdict is None:
                verdict = await self._slow.run(partial(passwords.verify, stored, password))
            if not verdict.matches:
                return None
            if record.alive and unpack_secrets(record.secrets).password == stored:
                return record, stored, verdict.upgrade
            # Replaced meanwhile, by a better hash of this password or by another: ask that one.

    async def _caught_up(self) -> bool:
        """Whether another process has committed something meanwhile, perhaps this account or its password."""
        try:
            return await self.in_time(self._directory.catch_up()) > 0
        except StoreUnavailable:
            return False

    # -- after the password matched ------------------------------------------------------------------------

    def _succeeded(self, record: Record, channel: str, now: datetime) -> None:
        """The entry has signed in at `now` by `channel`."""
        moment = microseconds(now)
        self._facts.succeeded(record.id, moment)
        if self._barred:
            self._barred.discard(record.id)
        self._directory.accesses.note(record.id, channel, moment)

    def _verify_again(self, name: str, record: Record, password: bytes) -> None:
        """The entry has another hash of the same password, which a moment ago proved right."""
        now = self._directory.clock.now()
        known = self._admitted(record, now)
        if known is not None and known.grace_left is None:
            self._verified.remember(name.encode(), password, known, now)

    # -- after it did not ----------------------------------------------------------------------------------

    async def failed(self, record: Record) -> None:
        """Counts an attempt now; at the policy's limit the account is locked, in this process at once."""
        self._uncounted.append((record, self._directory.clock.now()))
        self._count()

    def _count(self) -> None:
        """Counts the attempts that were refused, in their order."""
        waiting, self._uncounted = self._uncounted, []
        for record, at in waiting:
            if record is not None:
                self._count_one(record, at)

    def _count_one(self, record: Record, now: datetime) -> None:
        """While failures delay the account, others do not count: they were no guesses that could have come
        true."""
        attributes = record.shape.attributes(record.body)
        policy = self._rules.policy(attributes)
        if record.id < 0:  # of a transaction that is not made yet: its password is in the transaction, too
            return
        if policy is None or self._usability(record, attributes, now).bar is Bar.DELAYED:
            return
        self._facts.failed(record.id, microseconds(now), kept=failures_kept(policy))
        state = self._state(record, attributes)
        if should_lock(policy, state, now) and not is_locked(policy, state, now):
            self._marks.lock(record, now)
            self._barred.add(record.id)
        elif policy.min_delay_seconds:
            self._barred.add(record.id)

    def _see_lock(self, record: Record) -> None:
        if _LOCK in record.shape.by_attribute:
            self._locked.add(record.id)

    def _see_unlocked(self, record: Record) -> None:
        """An entry whose lock has ended, by whichever process: attempts before it count no more."""
        if self._locked and record.id in self._locked:
            self._locked.discard(record.id)
            if _LOCK not in record.shape.by_attribute:
                self._facts.drop_failures(record.id)
                self._barred.discard(record.id)

    # -- the account as it is ------------------------------------------------------------------------------

    def state_of(self, record: Record) -> PasswordState:
        """All that is known of an account: what its entry says, and what logins have left in memory."""
        return self._state(record, record.shape.attributes(record.body))

    def has_failed(self, entry_id: int) -> bool:
        """Whether attempts have failed since the last success; cheap."""
        self._count()
        return bool(self._facts.failures(entry_id))

    def is_barred(self, record: Record) -> bool:
        """Whether not even the right password of this entry is taken now."""
        attributes = record.shape.attributes(record.body)
        return self._usability(record, attributes, self._directory.clock.now()).bar is not None

    def _admitted(self, record: Record, now: datetime) -> Admitted | None:
        return admitted(record, self._rules, now, self.state_of(record))

    def _usability(self, record: Record, attributes: Attributes, now: datetime) -> Usability:
        policy, state = self._rules.policy(attributes), self._state(record, attributes)
        return usability_of(policy, state, now, is_open=signs_in(attributes))

    def _state(self, record: Record, attributes: Attributes) -> PasswordState:
        self._count()
        facts = self._facts
        state = state_of(attributes, facts.failures(record.id), facts.last_success(record.id))
        locked_at = self._marks.locked_at(record.id)
        return state if locked_at is None else replace(state, locked_at=locked_at)
