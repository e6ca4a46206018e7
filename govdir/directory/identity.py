"""Who an entry signs in as, and whether an open connection may still speak for it."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Final

from msgspec import Struct, msgpack

from govdir.directory.caller import Caller, Role
from govdir.directory.channels import of_service
from govdir.directory.entry import Attributes
from govdir.directory.image import Image, Record
from govdir.directory.secrets import unpack_secrets

# Entries of these classes sign in as administrators and services, whoever put them where they are.
IDENTITY_CLASSES = frozenset({"gdadministrator", "gdservice"})

# States of gdState in which the account signs in; "" is that of entries without one.
_OPEN_STATES = frozenset({"", "active", "sendblocked"})


def caller_of(record: Record, attributes: Attributes) -> Caller:
    """The identity an entry signs in as."""
    classes = attributes.object_classes
    if "gdadministrator" in classes:
        return Caller(record.dn_text, record.id, Role.ADMINISTRATOR)
    if "gdservice" in classes:
        kind = attributes.text("gdServiceKind") or ""
        channel = of_service(kind, attributes.text("gdServiceChannel") or "")
        return Caller(record.dn_text, record.id, Role.SERVICE, kind, channel=channel)
    return Caller(record.dn_text, record.id, Role.PERSON)


def signs_in(attributes: Attributes) -> bool:
    """Whether the account's state lets it sign in."""
    return (attributes.text("gdState") or "").replace("-", "").lower() in _OPEN_STATES


_PROVING: Final = ("gdstate", "gdstatesince", "pwdchangedtime")

_pack = msgpack.Encoder().encode


def proof_of(record: Record) -> bytes:
    """A digest that is another one once the entry was given another password or state.

    For those who hold on to an identity without a connection, as `Standing` does for those with one.
    """
    return sha256(_pack(_proof(record))).digest()


Warrant = Callable[[], bool]
"""Whether somebody may go on acting as the caller."""


class Seen(Struct, frozen=True):
    """An entry as it was when its password proved right: `proof` differs once it may no longer stand."""

    record: Record
    version: int
    proof: tuple[object, ...]

    @classmethod
    def of(cls, record: Record) -> Seen:
        """The entry as it is now."""
        return cls(record, record.version, _proof(record))


class Standing:
    """Whether a caller's own entry is still what it signed in as; looked at again whenever it changed.

    A password or state that somebody else has set ends it for good: whoever sits on the connection has not
    proved to know the new password. What the caller itself changes does not.
    """

    __slots__ = ("_caller", "_holds", "_signed_in_as", "_version", "_warrant", "record")

    def __init__(
        self, caller: Caller, image: Image, seen: Seen | None = None, warrant: Warrant | None = None
    ) -> None:
        """`seen` is the entry as the caller signed in to it, None: as it is now; `warrant` is for callers
        that somebody else acts as."""
        self._warrant = warrant
        self._caller = caller
        record = None if caller.entry_id is None else image.by_id(caller.entry_id)
        if seen is None and record is not None:
            seen = Seen.of(record)
        self.record = record if seen is None else seen.record
        self._version = 0 if seen is None else seen.version
        self._signed_in_as = () if seen is None else seen.proof
        self._holds = True

    @property
    def dn(self) -> str:
        """The caller's name as it is now, whatever it was when it signed in; "" for callers without one."""
        return self._caller.dn if self.record is None else self.record.dn_text

    @property
    def holds(self) -> bool:
        """False once the entry is gone, closed, of another role, or was given another password or state;
        always true for callers without one."""
        record = self.record
        if record is None:
            return self._caller.entry_id is None
        if record.version != self._version:
            self._version = record.version
            self._holds = self._holds and self._still(record)
        return self._holds and record.alive and (self._warrant is None or self._warrant())

    def confirm(self) -> None:
        """The entry as it is now is the caller's own doing."""
        self._signed_in_as = () if self.record is None else _proof(self.record)

    def _still(self, record: Record) -> bool:
        attributes = record.shape.attributes(record.body)
        now, then = caller_of(record, attributes), self._caller
        same_role = (now.role, now.service_kind) == (then.role, then.service_kind)
        return signs_in(attributes) and same_role and _proof(record) == self._signed_in_as


def _proof(record: Record) -> tuple[object, ...]:
    """What differs once the entry was given another password or state.

    Not the stored password: a better hash of the same one is none. The times are to the second, former
    passwords tell changes within one.
    """
    times = (record.shape.octets(record.body, name) for name in _PROVING)
    return (*times, unpack_secrets(record.secrets).history)
