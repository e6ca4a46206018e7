"""Changing a password: by the person, with the old one or as bound; by an administrator; at add.

Decides everything that takes time (checks, history, hashing on the pool) before a write is planned; what
comes out is a PasswordOutcome that the plan puts in place.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from unicodedata import normalize

from msgspec import Struct

from govdir.directory import passwords
from govdir.directory.caller import Caller, Role
from govdir.directory.entry import Attributes
from govdir.directory.errors import (
    ConstraintViolation,
    InvalidAttributeSyntax,
    InvalidCredentials,
    OldPasswordNeeded,
    PasswordChangeNotAllowed,
    PasswordNotReadable,
    PasswordTooLong,
    PasswordTooShort,
    PasswordTooYoung,
    PasswordUsedBefore,
    ProtocolError,
    UnwillingToPerform,
)
from govdir.directory.image import Record
from govdir.directory.operational import timestamp
from govdir.directory.password_policy import PasswordPolicy, after_change, is_in_history, is_too_young
from govdir.directory.password_state import state_of
from govdir.directory.ports import Clock, SlowWork
from govdir.directory.rules import PasswordRules
from govdir.directory.salt_names import salted_by
from govdir.directory.secrets import Secrets, unpack_secrets
from govdir.directory.vocabulary import Vocabulary
from govdir.directory.writes.plan import PasswordOutcome
from govdir.ldap.codec.messages import Change, ModifyOperation

_HASHED = (
    "userPassword: mật mã đã băm thì không kiểm tra được, hãy gửi nguyên văn qua TLS "
    "(a hashed password cannot be checked against the rules; send it in clear over TLS: "
    "in Directory Studio choose Plaintext, or use Password Modify)"
)

_TOO_YOUNG = (
    "userPassword: mật mã vừa được đổi, chưa đến lúc đổi lại (the password was changed too short a time ago)"
)
_USED_BEFORE = (
    "userPassword: không dùng lại {count} mật mã gần nhất "
    "(one of the last {count} passwords cannot be used again)"
)

_TOO_SHORT = (
    "userPassword: mật mã cần ít nhất {count} ký tự (the policy asks for at least {count} characters)"
)
_TOO_LONG = "userPassword: mật mã có tối đa {count} ký tự (the policy takes at most {count} characters)"
_NOT_BY_OWNER = (
    "userPassword: quy định không cho tự đổi mật mã, hãy nhờ người quản trị "
    "(the policy does not let owners change their password; ask an administrator)"
)
_OLD_NEEDED = (
    "userPassword: đổi mật mã phải kèm mật mã cũ "
    "(the policy asks for the old password: delete it and add the new one, or use Password Modify)"
)

_OLD_ONE_TOO = (
    "userPassword: ai thay mặt người khác phải đưa cả mật mã hiện tại "
    "(whoever acts as somebody else gives the present password, too)"
)

# Services and the like: nothing rotates, nothing is remembered.
_NO_POLICY = PasswordPolicy(history_length=0, must_change_after_reset=False)


class WantedPassword(Struct, frozen=True):
    """What the userPassword changes of a modify request come to: the old value given, and the new one or None
    to take the password away. The representation shows neither."""

    old: bytes | None
    new: bytes | None

    def __repr__(self) -> str:
        return "WantedPassword(<hidden>)"


class PasswordChanges:
    """Works out password changes for one directory; `on_wrong_password` is told of wrong old ones,
    `is_barred` tells of whom not even the right one is taken; `keys_of` makes what SCRAM checks a new one by
    of it and the account's name, on the pool.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        slow: SlowWork,
        clock: Clock,
        rules: PasswordRules,
        on_wrong_password: Callable[[Record], Awaitable[None]],
        *,
        keys_of: Callable[[bytes, bytes], bytes | None] = lambda _, __: None,
        is_barred: Callable[[Record], bool] = lambda _: False,
    ) -> None:
        self._vocabulary = vocabulary
        self._slow = slow
        self._clock = clock
        self._rules = rules
        self._on_wrong_password = on_wrong_password
        self._keys_of = keys_of
        self._is_barred = is_barred

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
            raise ConstraintViolation("userPassword: chỉ một mật mã (one password, not several)")
        return await self._outcome(attributes, Secrets(), candidates[0], caller, own=False)

    async def changed(self, record: Record, wanted: WantedPassword, caller: Caller) -> PasswordOutcome:
        """A modify request's change; an old value that is given must be right."""
        own = caller.entry_id == record.id
        if wanted.old is not None:
            await self._prove(record, wanted.old)
        if wanted.new is not None:
            return await self._replaced(record, wanted.new, caller, proved=wanted.old is not None)
        if own:
            raise UnwillingToPerform(
                "userPassword: mật mã của mình chỉ đổi được, không bỏ được "
                "(one's own password is changed, not taken away)"
            )
        secrets = unpack_secrets(record.secrets)
        gone = tuple((name, None) for name in ("pwdChangedTime", "pwdReset", "pwdGraceUseTime"))
        return PasswordOutcome(Secrets(None, secrets.history), gone)

    async def exchanged(
        self, record: Record, old: bytes | None, new: bytes | None, caller: Caller, *, proved: bool = False
    ) -> tuple[PasswordOutcome, bytes | None]:
        """A Password Modify request's change, and the password generated when none was given; `proved`: the
        owner has just proved to know the old one otherwise."""
        if old is not None:
            await self._prove(record, old)
            proved = True
        if new is not None:
            return await self._replaced(record, new, caller, proved=proved), None
        attributes = record.shape.attributes(record.body)
        generated = self._rules.generate(attributes).encode()
        return await self._replaced(record, generated, caller, proved=proved), generated

    async def _prove(self, record: Record, old: bytes) -> None:
        """The old password must be right; a wrong one counts as a failed bind, and at the limit no more are
        taken: whoever sits on somebody's connection guesses no longer than anybody else."""
        stored = unpack_secrets(record.secrets).password
        verdict = None if stored is None else await self._slow.run(lambda: passwords.verify(stored, old))
        wrong = verdict is None or not verdict.matches
        if wrong:
            await self._on_wrong_password(record)
        if wrong or self._is_barred(record):
            raise InvalidCredentials("mật mã cũ không đúng (the old password is not right)")

    async def _replaced(
        self, record: Record, candidate: bytes, caller: Caller, *, proved: bool
    ) -> PasswordOutcome:
        attributes = record.shape.attributes(record.body)
        secrets = unpack_secrets(record.secrets)
        policy = self._rules.policy(attributes)
        own = caller.entry_id == record.id
        if own and caller.by and not proved:  # else who may act as somebody could become that somebody
            raise OldPasswordNeeded(_OLD_ONE_TOO)
        unused = False
        if own and policy is not None:
            _check_may_change(policy, proved=proved)
        # Who sets another's password must not learn what it was; the owner chooses anew anyway.
        if own and policy is not None and not passwords.is_hashed(candidate):
            if is_too_young(policy, state_of(attributes), self._clock.now()):
                raise PasswordTooYoung(_TOO_YOUNG)
            self._check(policy, attributes, candidate)
            present, earlier = secrets.password, secrets.history
            if await self._slow.run(lambda: is_in_history(policy, present, earlier, candidate)):
                raise PasswordUsedBefore(_USED_BEFORE.format(count=policy.history_length))
            unused = policy.history_length > 0
        return await self._outcome(attributes, secrets, candidate, caller, own=own, unused=unused)

    async def _outcome(
        self,
        attributes: Attributes,
        secrets: Secrets,
        candidate: bytes,
        caller: Caller,
        *,
        own: bool,
        unused: bool = False,
    ) -> PasswordOutcome:
        """`unused`: it is known already that the candidate is not the present password."""
        keys = None
        policy = self._rules.policy(attributes) or _NO_POLICY
        if passwords.is_hashed(candidate):
            stored = self._taken_over(policy, candidate, caller)
            repeats = stored == secrets.password
        else:
            self._check(policy, attributes, candidate)
            repeats = not unused and await self._is_present(secrets, candidate)
            name = salted_by(self._vocabulary, attributes)
            stored, keys = await self._slow.run(
                lambda: (passwords.hash_password(candidate), self._keys_of(candidate, name))
            )
        change = after_change(policy, secrets.password, secrets.history, self._clock.now(), by_owner=own)
        stamps = (
            ("pwdChangedTime", timestamp(change.changed_at)),
            ("pwdReset", b"TRUE" if change.reset else None),
            ("pwdAccountLockedTime", None),
            ("pwdGraceUseTime", None),
        )
        return PasswordOutcome(Secrets(stored, change.history, keys), stamps, repeats)

    async def _is_present(self, secrets: Secrets, candidate: bytes) -> bool:
        present = secrets.password
        if present is None:
            return False
        return (await self._slow.run(lambda: passwords.verify(present, candidate))).matches

    @staticmethod
    def _taken_over(policy: PasswordPolicy, stored: bytes, caller: Caller) -> bytes:
        """A hash as it is: at the host, where no password can be asked for, and where the policy takes what
        cannot be checked."""
        if caller.role is not Role.LOCAL and policy.check_quality > 1:
            raise PasswordNotReadable(_HASHED)
        try:
            passwords.check_importable(stored)
        except passwords.NotImportable as error:
            raise ConstraintViolation(f"userPassword: {error}") from None
        return stored

    def _check(self, policy: PasswordPolicy, attributes: Attributes, candidate: bytes) -> None:
        """Raises RuleViolation, PasswordTooShort, PasswordTooLong, InvalidAttributeSyntax."""
        try:
            text = candidate.decode()
        except UnicodeDecodeError:
            raise InvalidAttributeSyntax("userPassword: a password is text in UTF-8") from None
        if not policy.check_quality:
            return
        self._rules.check(text, attributes)
        length = len(normalize("NFC", text))
        if length < policy.min_length:
            raise PasswordTooShort(_TOO_SHORT.format(count=policy.min_length))
        if 0 < policy.max_length < length:
            raise PasswordTooLong(_TOO_LONG.format(count=policy.max_length))


def _check_may_change(policy: PasswordPolicy, *, proved: bool) -> None:
    """Whether owners may change their password at all, and so."""
    if not policy.owner_may_change:
        raise PasswordChangeNotAllowed(_NOT_BY_OWNER)
    if policy.old_password_needed and not proved:
        raise OldPasswordNeeded(_OLD_NEEDED)


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
        raise ConstraintViolation("userPassword: chỉ một mật mã (one password, not several)")
    if not new and not removed:
        raise ConstraintViolation("userPassword: no password given")
    return WantedPassword(old, new[0] if new else None)
