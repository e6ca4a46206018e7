"""Changing a password: by the person, with the old one or as bound; by an administrator; at add.

Decides everything that takes time (checks, history, hashing on the pool) before a write is planned; what
comes out is a PasswordOutcome that the plan puts in place.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from govdir.directory import passwords
from govdir.directory.caller import Caller, Role
from govdir.directory.entry import Attributes
from govdir.directory.errors import (
    ConstraintViolation,
    InvalidAttributeSyntax,
    InvalidCredentials,
    ProtocolError,
    UnwillingToPerform,
)
from govdir.directory.image import Record
from govdir.directory.operational import timestamp
from govdir.directory.password_policy import PasswordPolicy
from govdir.directory.ports import Clock, SlowWork
from govdir.directory.rules import PasswordRules
from govdir.directory.secrets import Secrets, unpack_secrets
from govdir.directory.vocabulary import Vocabulary
from govdir.directory.writes.plan import PasswordOutcome
from govdir.ldap.codec.messages import Change, ModifyOperation

_HASHED = (
    "userPassword: a hashed password cannot be checked against the rules; "
    "send it in clear over TLS (in Directory Studio choose Plaintext, or use Password Modify)"
)


class WantedPassword(Struct, frozen=True):
    """What the userPassword changes of a modify request come to: the old value given, and the new one or None
    to take the password away. The representation shows neither."""

    old: bytes | None
    new: bytes | None

    def __repr__(self) -> str:
        return "WantedPassword(<hidden>)"


class PasswordChanges:
    """Works out password changes for one directory."""

    def __init__(self, vocabulary: Vocabulary, slow: SlowWork, clock: Clock, rules: PasswordRules) -> None:
        self._vocabulary = vocabulary
        self._slow = slow
        self._clock = clock
        self._rules = rules

    @staticmethod
    def separate(
        changes: Sequence[Change], vocabulary: Vocabulary
    ) -> tuple[tuple[Change, ...], WantedPassword | None]:
        """The changes to other attributes, and the password change among them, if any.

        A password has no options; under one the attribute is as any other, and refused as such.
        """
        others = []
        mine = []
        for change in changes:
            description = vocabulary.find(change.modification.type)
            if description is not None and description.key == "userpassword":
                mine.append(change)
            else:
                others.append(change)
        return tuple(others), _wanted(mine) if mine else None

    async def first(
        self, attributes: Attributes, candidates: Sequence[bytes], caller: Caller
    ) -> PasswordOutcome:
        """The password of a new entry."""
        if len(candidates) != 1:
            raise ConstraintViolation("userPassword: one password, not several")
        return await self._outcome(attributes, Secrets(), candidates[0], caller, own=False)

    async def changed(self, record: Record, wanted: WantedPassword, caller: Caller) -> PasswordOutcome:
        """A modify request's change; an old value that is given must be right."""
        attributes = record.shape.attributes(self._vocabulary, record.body)
        secrets = unpack_secrets(record.secrets)
        if wanted.old is not None:
            await self._prove(secrets, wanted.old)
        if wanted.new is None:
            if caller.entry_id == record.id:
                raise UnwillingToPerform("userPassword: one's own password is changed, not taken away")
            return PasswordOutcome(
                Secrets(None, secrets.history), (("pwdChangedTime", None), ("pwdReset", None))
            )
        own = caller.entry_id == record.id
        return await self._outcome(attributes, secrets, wanted.new, caller, own=own)

    async def exchanged(
        self, record: Record, old: bytes | None, new: bytes | None, caller: Caller
    ) -> tuple[PasswordOutcome, bytes | None]:
        """A Password Modify request's change, and the password generated when none was given."""
        attributes = record.shape.attributes(self._vocabulary, record.body)
        secrets = unpack_secrets(record.secrets)
        if old is not None:
            await self._prove(secrets, old)
        generated = None if new is not None else self._rules.generate(attributes).encode()
        candidate = new if new is not None else generated
        if candidate is None:
            raise ConstraintViolation("no password given")
        own = caller.entry_id == record.id
        return await self._outcome(attributes, secrets, candidate, caller, own=own), generated

    async def _prove(self, secrets: Secrets, old: bytes) -> None:
        stored = secrets.password
        verdict = None if stored is None else await self._slow.run(lambda: passwords.verify(stored, old))
        if verdict is None or not verdict.matches:
            raise InvalidCredentials("the old password is not right")

    async def _outcome(
        self, attributes: Attributes, secrets: Secrets, candidate: bytes, caller: Caller, *, own: bool
    ) -> PasswordOutcome:
        policy = self._rules.policy(attributes)
        if passwords.is_hashed(candidate):
            if caller.role is not Role.LOCAL:
                raise ConstraintViolation(_HASHED)
            try:
                passwords.check_importable(candidate)
            except passwords.NotImportable as error:
                raise ConstraintViolation(f"userPassword: {error}") from None
            stored = candidate
        else:
            self._check(attributes, candidate, own=own, policy=policy)
            if own:  # who sets another's must not learn what it was; the owner chooses anew anyway
                await self._check_history(secrets, candidate, policy)
            stored = await self._slow.run(lambda: passwords.hash_password(candidate))
        return self._stamped(secrets, stored, policy, own=own)

    def _check(
        self, attributes: Attributes, candidate: bytes, *, own: bool, policy: PasswordPolicy | None
    ) -> None:
        try:
            text = candidate.decode()
        except UnicodeDecodeError:
            raise InvalidAttributeSyntax("userPassword: a password is text in UTF-8") from None
        self._rules.check(text, attributes)

    async def _check_history(self, secrets: Secrets, candidate: bytes, policy: PasswordPolicy | None) -> None:
        length = 0 if policy is None else policy.history_length
        if not length or secrets.password is None:
            return
        earlier = [secrets.password, *(stored for _, stored in reversed(secrets.history))][:length]
        used = await self._slow.run(lambda: any(passwords.verify(one, candidate).matches for one in earlier))
        if used:
            raise ConstraintViolation(
                f"userPassword: one of the last {length} passwords cannot be used again"
            )

    def _stamped(
        self, secrets: Secrets, stored: bytes, policy: PasswordPolicy | None, *, own: bool
    ) -> PasswordOutcome:
        now = self._clock.now()
        history = secrets.history
        if policy is not None and policy.history_length and secrets.password is not None:
            history = (*history, (int(now.timestamp() * 1_000_000), secrets.password))
            history = history[-policy.history_length :]
        reset = policy is not None and policy.must_change_after_reset and not own
        stamps = (
            ("pwdChangedTime", timestamp(now)),
            ("pwdReset", b"TRUE" if reset else None),
            ("pwdAccountLockedTime", None),
        )
        return PasswordOutcome(Secrets(stored, history), stamps)


def _wanted(changes: Sequence[Change]) -> WantedPassword:
    """Reads the userPassword changes together: a value deleted is the old one, one added or put the new."""
    old: bytes | None = None
    new: list[bytes] = []
    removed = False
    for change in changes:
        values = change.modification.values
        if change.operation is ModifyOperation.DELETE:
            removed = True
            if len(values) > 1:
                raise ConstraintViolation("userPassword: one old password, not several")
            old = values[0] if values else old
        elif change.operation is ModifyOperation.INCREMENT:
            raise ConstraintViolation("userPassword: only integers can be incremented")
        elif change.operation is ModifyOperation.ADD and not values:
            raise ProtocolError("userPassword: nothing to add")
        else:
            removed = removed or not values
            new += values
    if len(new) > 1:
        raise ConstraintViolation("userPassword: one password, not several")
    if not new and not removed:
        raise ConstraintViolation("userPassword: no password given")
    return WantedPassword(old, new[0] if new else None)
