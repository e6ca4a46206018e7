"""Password hashes of other servers, read from `{SCHEME}payload`: what may be imported and is checked
until it is replaced by Argon2id at the next successful bind.

Reading a hash checks its form and its cost before anything is computed: a forged hash must neither match
everything (an empty digest) nor stop the server (a billion rounds).
"""

from __future__ import annotations

import ctypes
import hashlib
import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from functools import cache, partial
from hmac import compare_digest
from typing import Final

import argon2
import bcrypt
from argon2.low_level import verify_secret
from passlib.hash import des_crypt, md5_crypt, sha256_crypt, sha512_crypt

Matcher = Callable[[bytes], bool]
"""Whether a candidate, which holds no NUL, is the password; compares in constant time."""

MIN_DIGEST_OCTETS: Final = 16
"""MD5's size; shorter digests could be met by trying."""

MAX_SALT_OCTETS: Final = 256
"""Several times the longest salt in use (389 Directory Server: 64)."""

MAX_PBKDF2_ROUNDS: Final = 2_000_000
"""About a second; twice today's defaults."""

MAX_SHA_CRYPT_ROUNDS: Final = 1_000_000
"""About half a second; the default is 5,000, passlib's 656,000."""

MAX_BCRYPT_COST: Final = 14
"""About a second; common values are 10 to 12."""

MAX_ARGON2_MEMORY_KIB: Final = 131_072
MAX_ARGON2_TIME: Final = 10
MAX_ARGON2_LANES: Final = 16
"""Twice the largest defaults in use; several checks run at once."""

BCRYPT_SIGNIFICANT_OCTETS: Final = 72
"""What bcrypt reads of a password; its authors cut the rest silently, newer libraries refuse it."""


class UnusableHash(Exception):
    """A stored hash that is not understood or not plausible; `why` is a phrase without values."""

    def __init__(self, scheme: str, why: str) -> None:
        super().__init__(f"{{{scheme}}}: {why}")
        self.scheme = scheme
        self.why = why


def _base64(scheme: str, payload: bytes) -> bytes:
    try:
        return b64decode(payload, validate=True)
    except Base64Error:
        raise UnusableHash(scheme, "not base64") from None


def _adapted_base64(scheme: str, payload: bytes) -> bytes:
    """Base64 with "." for "+" and without padding, as passlib and OpenLDAP's pw-pbkdf2 write it."""
    return _base64(scheme, payload.replace(b".", b"+") + b"=" * (-len(payload) % 4))


def _digest(algorithm: str, salted: bool, scheme: str, payload: bytes) -> Matcher:
    """One round of a hash function over password and salt (RFC 2307 §5.3 and its later kin)."""
    octets = _base64(scheme, payload)
    size = hashlib.new(algorithm, usedforsecurity=False).digest_size
    expected, salt = octets[:size], octets[size:]
    if len(expected) < size or bool(salt) is not salted or len(salt) > MAX_SALT_OCTETS:
        raise UnusableHash(scheme, "not of the length of such a hash")

    def matches(candidate: bytes) -> bool:
        found = hashlib.new(algorithm, candidate + salt, usedforsecurity=False).digest()
        return compare_digest(found, expected)

    return matches


def _pbkdf2_matcher(scheme: str, algorithm: str, rounds: int, salt: bytes, expected: bytes) -> Matcher:
    if not 1 <= rounds <= MAX_PBKDF2_ROUNDS:
        raise UnusableHash(scheme, f"rounds outside 1 to {MAX_PBKDF2_ROUNDS}")
    if len(expected) < MIN_DIGEST_OCTETS or not salt or len(salt) > MAX_SALT_OCTETS:
        raise UnusableHash(scheme, "salt or digest of an implausible length")

    def matches(candidate: bytes) -> bool:
        return compare_digest(
            hashlib.pbkdf2_hmac(algorithm, candidate, salt, rounds, len(expected)), expected
        )

    return matches


_PBKDF2: Final = re.compile(
    rb"(?:\$pbkdf2(?:-(?P<passlib>sha256|sha512))?\$)?(?P<rounds>[0-9]{1,9})\$(?P<salt>[A-Za-z0-9./+]+)\$"
    rb"(?P<digest>[A-Za-z0-9./+]+)"
)
_DJANGO_PBKDF2: Final = re.compile(
    rb"pbkdf2_(?P<algorithm>sha1|sha256)\$(?P<rounds>[0-9]{1,9})\$(?P<salt>[^$]+)\$(?P<digest>[A-Za-z0-9+/=]+)"
)


def _pbkdf2(algorithm: str, scheme: str, payload: bytes) -> Matcher:
    """`rounds$salt$digest` (OpenLDAP, 389 Directory Server), passlib's and Django's own writing of it.

    The function is the one the inner writing names, else the one of the scheme.
    """
    match = _DJANGO_PBKDF2.fullmatch(payload)
    if match is not None:
        digest = _base64(scheme, match["digest"])
        function = match["algorithm"].decode("ascii")
        return _pbkdf2_matcher(scheme, function, int(match["rounds"]), match["salt"], digest)
    match = _PBKDF2.fullmatch(payload)
    if match is None:
        raise UnusableHash(scheme, "not rounds$salt$digest")
    if payload.startswith(b"$"):
        algorithm = match["passlib"].decode("ascii") if match["passlib"] else "sha1"
    salt, digest = (_adapted_base64(scheme, match[part]) for part in ("salt", "digest"))
    return _pbkdf2_matcher(scheme, algorithm, int(match["rounds"]), salt, digest)


def _pbkdf2_packed(scheme: str, payload: bytes) -> Matcher:
    """389 Directory Server 1.3 and 1.4: base64 of rounds in 4 octets, a salt of 64, a digest of 256."""
    octets = _base64(scheme, payload)
    if len(octets) != 4 + 64 + 256:
        raise UnusableHash(scheme, "not of the length of such a hash")
    return _pbkdf2_matcher(scheme, "sha256", int.from_bytes(octets[:4], "big"), octets[4:68], octets[68:])


def _argon2(scheme: str, payload: bytes) -> Matcher:
    parameters = argon2_parameters(scheme, payload)

    def matches(candidate: bytes) -> bool:
        try:
            return verify_secret(payload, candidate, parameters.type)
        except argon2.exceptions.VerificationError:
            return False

    return matches


_ARGON2: Final = re.compile(
    rb"\$argon2(?:id|i|d)(?:\$v=[0-9]{1,2})?\$m=[0-9]{1,9},t=[0-9]{1,9},p=[0-9]{1,9}"
    rb"\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,172}"
)


def argon2_parameters(scheme: str, payload: bytes) -> argon2.Parameters:
    """The cost of an Argon2 hash in the reference encoding; raises UnusableHash when implausible."""
    if _ARGON2.fullmatch(payload) is None:
        raise UnusableHash(scheme, "not the encoding of an Argon2 hash")
    try:
        parameters = argon2.extract_parameters(payload.decode("ascii"))
    except argon2.exceptions.InvalidHashError:
        raise UnusableHash(scheme, "not the encoding of an Argon2 hash") from None
    if (
        parameters.memory_cost > MAX_ARGON2_MEMORY_KIB
        or parameters.time_cost > MAX_ARGON2_TIME
        or parameters.parallelism > MAX_ARGON2_LANES
    ):
        raise UnusableHash(scheme, "too costly")
    return parameters


_BCRYPT: Final = re.compile(rb"\$2[abxy]\$(?P<cost>[0-9]{2})\$[./A-Za-z0-9]{53}")


def _bcrypt(scheme: str, payload: bytes) -> Matcher:
    match = _BCRYPT.fullmatch(payload)
    if match is None:
        raise UnusableHash(scheme, "not a bcrypt hash")
    if not 4 <= int(match["cost"]) <= MAX_BCRYPT_COST:
        raise UnusableHash(scheme, f"cost outside 4 to {MAX_BCRYPT_COST}")

    def matches(candidate: bytes) -> bool:
        try:
            return bcrypt.checkpw(candidate[:BCRYPT_SIGNIFICANT_OCTETS], payload)
        except ValueError:  # a salt with stray bits
            return False

    return matches


_CRYPT: Final = re.compile(
    rb"(?P<md5>\$1\$[./A-Za-z0-9]{0,8}\$[./A-Za-z0-9]{22})"
    rb"|(?P<sha256>\$5\$(?:rounds=(?P<rounds256>[0-9]{4,9})\$)?[./A-Za-z0-9]{0,16}\$[./A-Za-z0-9]{43})"
    rb"|(?P<sha512>\$6\$(?:rounds=(?P<rounds512>[0-9]{4,9})\$)?[./A-Za-z0-9]{0,16}\$[./A-Za-z0-9]{86})"
    rb"|(?P<yescrypt>\$y\$j[789AB][5T]\$[./A-Za-z0-9]{0,86}\$[./A-Za-z0-9]{43})"  # up to 64 MiB
    rb"|(?P<des>[./A-Za-z0-9]{13})"
)
_PASSLIB: Final[Mapping[str, Callable[[bytes, str], bool]]] = {
    "md5": md5_crypt.verify,
    "sha256": sha256_crypt.verify,
    "sha512": sha512_crypt.verify,
    "des": des_crypt.verify,
}


def _crypt(scheme: str, payload: bytes) -> Matcher:
    """crypt(3): DES, $1$, $2$, $5$, $6$ and, where the C library knows it, $y$."""
    if payload.startswith(b"$2"):
        return _bcrypt(scheme, payload)
    match = _CRYPT.fullmatch(payload)
    if match is None:
        raise UnusableHash(scheme, "not a crypt(3) hash that this server knows")
    rounds = int(match["rounds256"] or match["rounds512"] or 5000)
    if not 1000 <= rounds <= MAX_SHA_CRYPT_ROUNDS:
        raise UnusableHash(scheme, f"rounds outside 1000 to {MAX_SHA_CRYPT_ROUNDS}")
    kind = next(name for name in ("yescrypt", *_PASSLIB) if match[name])
    library = _libcrypt()
    if library is None and kind == "yescrypt":
        raise UnusableHash(scheme, "yescrypt needs libcrypt, which this system does not have")

    def matches(candidate: bytes) -> bool:
        if library is None:
            try:
                return _PASSLIB[kind](candidate, payload.decode("ascii"))
            except ValueError:  # a salt or digest with stray bits
                return False
        return compare_digest(library(candidate, payload), payload)

    return matches


_CRYPT_DATA_OCTETS: Final = 32_768
"""sizeof(struct crypt_data) of libxcrypt, fixed by its interface."""


@cache
def _libcrypt() -> Callable[[bytes, bytes], bytes] | None:
    """libxcrypt's crypt_rn, None where there is none.

    Unlike passlib's way through the `crypt` module it lets other threads run meanwhile, and it knows
    yescrypt.
    """
    try:
        function = ctypes.CDLL("libcrypt.so.1").crypt_rn
    except (OSError, AttributeError):
        return None
    function.restype = ctypes.c_char_p
    function.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int)

    def crypt(candidate: bytes, setting: bytes) -> bytes:
        data = ctypes.create_string_buffer(_CRYPT_DATA_OCTETS)
        found: bytes | None = function(candidate, setting, data, _CRYPT_DATA_OCTETS)
        return found or b""

    return crypt


_SCHEMES: Final[Mapping[str, Callable[[str, bytes], Matcher]]] = {
    "ARGON2": _argon2,
    "ARGON2I": _argon2,
    "ARGON2ID": _argon2,
    "BCRYPT": _bcrypt,
    "BLF-CRYPT": _bcrypt,
    "CRYPT": _crypt,
    "DES-CRYPT": _crypt,
    "MD5-CRYPT": _crypt,
    "SHA256-CRYPT": _crypt,
    "SHA512-CRYPT": _crypt,
    "PBKDF2": partial(_pbkdf2, "sha1"),
    "PBKDF2-SHA1": partial(_pbkdf2, "sha1"),
    "PBKDF2-SHA256": partial(_pbkdf2, "sha256"),
    "PBKDF2-SHA512": partial(_pbkdf2, "sha512"),
    "PBKDF2_SHA256": _pbkdf2_packed,
    "MD5": partial(_digest, "md5", False),
    "SMD5": partial(_digest, "md5", True),
    "SHA": partial(_digest, "sha1", False),
    "SSHA": partial(_digest, "sha1", True),
    "SHA256": partial(_digest, "sha256", False),
    "SSHA256": partial(_digest, "sha256", True),
    "SHA384": partial(_digest, "sha384", False),
    "SSHA384": partial(_digest, "sha384", True),
    "SHA512": partial(_digest, "sha512", False),
    "SSHA512": partial(_digest, "sha512", True),
}
"""By name: those of RFC 2307, OpenLDAP, 389 Directory Server and Dovecot."""

QUICK_SCHEMES: Final = frozenset(
    salted + name for salted in ("", "S") for name in ("MD5", "SHA", "SHA256", "SHA384", "SHA512")
)
"""One round of a hash function: some microseconds a check."""

FOREIGN_SCHEMES: Final = frozenset(
    {
        *(
            "CLEAR",
            "CLEARTEXT",
            "PLAIN",
            "SASL",
            "KERBEROS",
            "UNIX",
            "LANMAN",
            "NT",
            "NTLM",
            "RADIUS",
            "TOTP1",
        ),
        *(
            "NS-MTA-MD5",
            "PKCS5S2",
            "SCRAM-SHA-1",
            "SCRAM-SHA-256",
            "CRAM-MD5",
            "DIGEST-MD5",
            "HMAC-MD5",
            "APR1",
        ),
    }
)
"""Schemes of other servers that are recognised, but never match."""

_PREFIXED: Final = re.compile(rb"\{(?P<scheme>[A-Za-z0-9._/-]{1,32})\}(?P<payload>.*)", re.DOTALL)
_BARE_CRYPT: Final = re.compile(rb"\$(?:[156y7]|2[abxy]|gy|argon2(?:id|i|d)|pbkdf2(?:-sha\d+)?)\$[!-~]{20,}")


def split_scheme(stored: bytes) -> tuple[str, bytes] | None:
    """The scheme in upper case and the payload, None when there is no `{…}` in front."""
    match = _PREFIXED.fullmatch(stored)
    return None if match is None else (match["scheme"].decode("ascii").upper(), match["payload"])


def looks_hashed(value: bytes) -> bool:
    """Whether a value is meant as a hash, by any server: a scheme in front, or crypt(3)'s dollar signs."""
    split = split_scheme(value)
    if split is None:
        return _BARE_CRYPT.fullmatch(value) is not None
    return split[0] in _SCHEMES or split[0] in FOREIGN_SCHEMES


def read_hash(stored: bytes) -> Matcher:
    """What tells whether a candidate is the password that was stored; raises UnusableHash.

    Text without a known scheme in front is never taken for a password in clear.
    """
    split = split_scheme(stored)
    if split is None:
        raise UnusableHash("", "no scheme in front")
    scheme, payload = split
    reader = _SCHEMES.get(scheme)
    if reader is None:
        raise UnusableHash(scheme, "this scheme is not supported")
    return reader(scheme, payload)
