"""The keys that SCRAM-SHA-256 (RFC 5802, RFC 7677) checks a password by, and how they are kept.

They are made when a password is set and lie sealed beside its hash: who has the database without the file
`keys/secret` has nothing to try passwords against but Argon2id (docs/adr/0033).
"""

from __future__ import annotations

import os
from hashlib import pbkdf2_hmac, sha256
from hmac import digest as hmac_digest
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import DecodeError, Struct, msgpack

from govdir.directory.saslprep import Prohibited, saslprep

ITERATIONS: Final = 65_536
"""15 ms here, once a password; the most that Cyrus SASL's client computes before it calls it an attack."""

SALT_OCTETS: Final = 16
_NONCE_OCTETS: Final = 12
_SEALED_FOR: Final = b"govdir: keys of SCRAM-SHA-256"
_SALTS_FOR: Final = b"govdir: salts of SCRAM-SHA-256"


class ScramKeys(Struct, frozen=True, array_like=True):
    """RFC 5802 §3: what the server keeps instead of the password; the representation hides it."""

    salt: bytes
    iterations: int
    stored_key: bytes
    server_key: bytes

    def __repr__(self) -> str:
        return "ScramKeys(<hidden>)"


def derive_keys(password: bytes, salt: bytes, iterations: int = ITERATIONS) -> ScramKeys:
    """The keys of a password as RFC 5802 §3 computes them; slow on purpose."""
    salted = pbkdf2_hmac("sha256", prepared(password), salt, iterations)
    stored_key = sha256(hmac_digest(salted, b"Client Key", "sha256")).digest()
    return ScramKeys(salt, iterations, stored_key, hmac_digest(salted, b"Server Key", "sha256"))


def prepared(password: bytes) -> bytes:
    """The password as clients hash it: by SASLprep, which composes letters as NFC does and more.

    As it is where that prohibits it: other implementations do the same.
    """
    try:
        return saslprep(password.decode()).encode()
    except (UnicodeDecodeError, Prohibited):
        return password


_encode = msgpack.Encoder().encode
_decode = msgpack.Decoder(ScramKeys).decode


class ScramVault:
    """Makes, seals and opens the keys of one directory. Without `enabled` none are made, nor opened."""

    def __init__(self, secret: bytes, *, enabled: bool = True) -> None:
        """`secret` is the directory's; with another one keys that were sealed are lost, passwords are not.
        `nothing` are sealed keys of no account, which take as long to open as any."""
        self.enabled = enabled
        self._cipher = AESGCM(hmac_digest(secret, _SEALED_FOR, "sha256"))
        self.nothing = self.seal(ScramKeys(bytes(SALT_OCTETS), ITERATIONS, bytes(32), bytes(32)))
        self._salts = hmac_digest(secret, _SALTS_FOR, "sha256")

    def made_of(self, password: bytes, name: bytes) -> bytes | None:
        """The keys of a new password of an account called `name`, sealed; slow: on the pool. None where they
        are switched off."""
        return self.seal(derive_keys(password, self.salt_of(name))) if self.enabled else None

    def salt_of(self, name: bytes) -> bytes:
        """One salt for a name, whether or not there is such an account, with whichever password: salts are
        shown to whoever asks, and tell nothing so."""
        return hmac_digest(self._salts, name, "sha256")[:SALT_OCTETS]

    def seal(self, keys: ScramKeys) -> bytes:
        """The form to keep."""
        nonce = os.urandom(_NONCE_OCTETS)
        return nonce + self._cipher.encrypt(nonce, _encode(keys), None)

    def open(self, sealed: bytes | None) -> ScramKeys | None:
        """The keys; None where there are none, or where they were sealed with another secret."""
        if sealed is None or not self.enabled:
            return None
        try:
            opened = self._cipher.decrypt(sealed[:_NONCE_OCTETS], sealed[_NONCE_OCTETS:], None)
            return _decode(opened)
        except (InvalidTag, ValueError, DecodeError):
            return None

    def of_nobody(self, name: bytes) -> ScramKeys:
        """Keys of an account that is not there: the salt it would have, and a key that is met by no
        password."""
        return ScramKeys(self.salt_of(name), ITERATIONS, os.urandom(32), os.urandom(32))
