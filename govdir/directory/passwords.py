"""Stored passwords: Argon2id for every new one, other servers' hashes until their next successful use.

A stored password is `{SCHEME}payload`. What has no scheme in front never matches, so a hash that is
presented as the password is only a wrong password. Checking takes tens of milliseconds on purpose: call
it on the pool for slow work, never on the event loop. Neither passwords nor hashes appear in any
exception or representation.
"""

from __future__ import annotations

import os
from base64 import b64encode
from typing import Final
from unicodedata import normalize

from argon2 import Type
from argon2.low_level import hash_secret
from msgspec import Struct

from govdir.directory.errors import ConstraintViolation
from govdir.directory.password_schemes import (
    QUICK_SCHEMES,
    UnusableHash,
    argon2_parameters,
    looks_hashed,
    read_hash,
    split_scheme,
)

MEMORY_KIB: Final = 19_456
TIME_COST: Final = 2
LANES: Final = 1
"""OWASP's smallest recommended Argon2id: 25 to 30 ms and 19 MiB a check, so that logins of a whole
province at eight in the morning fit a machine of two cores."""

SALT_OCTETS: Final = 16
DIGEST_OCTETS: Final = 32
"""Recommended by RFC 9106 §4."""

MAX_CANDIDATE_OCTETS: Final = 512
"""Room for a passphrase of 128 characters of any script; the cost of sha-crypt grows with the length."""

_PREFIX: Final = b"{ARGON2}"


class Verdict(Struct, frozen=True):
    """Whether the candidate is the password; `upgrade` when it is and should be hashed anew."""

    matches: bool
    upgrade: bool


_NO: Final = Verdict(matches=False, upgrade=False)


class NotImportable(Exception):
    """A hashed password that cannot be taken over; `scheme` is its name, "" when it has none."""

    def __init__(self, scheme: str, why: str) -> None:
        named = f"{{{scheme}}}" if scheme else "a value without {SCHEME}"
        super().__init__(f"{named} cannot be imported: {why}")
        self.scheme = scheme


def _forms(candidate: bytes) -> tuple[bytes, ...]:
    """The candidate in NFC and, where that differs, as sent.

    Keyboards differ in how they compose Vietnamese letters; the password is the same. Other servers
    hashed it as sent.
    """
    if candidate.isascii():
        return (candidate,)
    try:
        composed = normalize("NFC", candidate.decode()).encode()
    except UnicodeDecodeError:
        return (candidate,)
    return (composed,) if composed == candidate else (composed, candidate)


def _is_possible(candidate: bytes) -> bool:
    """Whether it can be a password; crypt(3) ends at NUL and HMAC pads with it, so none may hold one."""
    return 0 < len(candidate) <= MAX_CANDIDATE_OCTETS and b"\0" not in candidate


def hash_password(candidate: bytes) -> bytes:
    """The form to store: `{ARGON2}$argon2id$…` with a fresh salt.

    Raises ConstraintViolation for an empty candidate, one with NUL and one of more than MAX_CANDIDATE_OCTETS.
    """
    if not _is_possible(candidate):
        raise ConstraintViolation(
            f"userPassword: a password has 1 to {MAX_CANDIDATE_OCTETS} octets, none of them NUL"
        )
    return _PREFIX + hash_secret(
        _forms(candidate)[0],
        os.urandom(SALT_OCTETS),
        time_cost=TIME_COST,
        memory_cost=MEMORY_KIB,
        parallelism=LANES,
        hash_len=DIGEST_OCTETS,
        type=Type.ID,
    )


def is_same(stored: bytes, candidate: bytes) -> bool:
    """Whether `candidate` is the password stored as `stored`, at the cost of that hash: for the history.

    For strangers use `verify`, which hides what kind of hash there is.
    """
    if not _is_possible(candidate):
        return False
    try:
        matches = read_hash(stored)
    except UnusableHash:
        return False
    return any(matches(form) for form in _forms(candidate))


def verify(stored: bytes, candidate: bytes) -> Verdict:
    """Whether `candidate` is the password stored as `stored`.

    A failure costs at least what `verify_nothing` costs, whatever is stored.
    """
    present = _is_present_form(stored)
    if is_same(stored, candidate):
        return Verdict(matches=True, upgrade=not present)
    if not present:
        verify_nothing(candidate)
    return _NO


def verify_at_once(stored: bytes, candidate: bytes) -> Verdict | None:
    """The verdict on the right password for a hash that takes microseconds to check; None: ask `verify`.

    May be called on the event loop.
    """
    split = split_scheme(stored)
    if split is None or split[0] not in QUICK_SCHEMES or not is_same(stored, candidate):
        return None
    return Verdict(matches=True, upgrade=True)


def _unpadded(octets: bytes) -> bytes:
    return b64encode(octets).rstrip(b"=")


# Nobody's password: finding one for this digest is as hard as breaking Argon2.
_NOBODY: Final = read_hash(
    _PREFIX
    + b"$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
    % (MEMORY_KIB, TIME_COST, LANES, _unpadded(b"nobody's salt..."), _unpadded(bytes(DIGEST_OCTETS)))
)


def verify_nothing(candidate: bytes) -> None:
    """Takes the time of a check: for names that do not exist and accounts that have no password."""
    if _is_possible(candidate):
        for form in _forms(candidate):
            _NOBODY(form)


def _is_present_form(stored: bytes) -> bool:
    """Whether a hash is Argon2id of at least today's cost."""
    split = split_scheme(stored)
    if split is None or split[0] != "ARGON2":
        return False
    try:
        parameters = argon2_parameters(*split)
    except UnusableHash:
        return False
    return (
        parameters.type is Type.ID
        and parameters.memory_cost >= MEMORY_KIB
        and parameters.time_cost >= TIME_COST
        and parameters.hash_len >= DIGEST_OCTETS
        and parameters.salt_len >= SALT_OCTETS
    )


def is_hashed(value: bytes) -> bool:
    """Whether a value that a client sends as a password is a hash of one, by any server's scheme."""
    return looks_hashed(value)


def check_importable(stored: bytes) -> None:
    """Raises NotImportable for a hash that would never match or would cost too much to check."""
    try:
        read_hash(stored)
    except UnusableHash as error:
        raise NotImportable(error.scheme, error.why) from None
