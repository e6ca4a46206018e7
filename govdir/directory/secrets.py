"""What of an entry never leaves the server: kept apart from its body, so that no search can reach it."""

from __future__ import annotations

from typing import Final

from msgspec import Struct, msgpack

# Attribute types that live here and are never part of a body.
SECRET_ATTRIBUTES = frozenset({"userpassword", "pwdhistory"})


class Secrets(Struct, frozen=True, array_like=True):
    """The stored password ({SCHEME}...) or None; earlier ones, oldest first, each with its time in
    microseconds since the epoch; the keys of SCRAM made of the present one, sealed (scram_keys), None where
    there are none. The representation shows nothing of it."""

    password: bytes | None = None
    history: tuple[tuple[int, bytes], ...] = ()
    scram: bytes | None = None

    def __repr__(self) -> str:
        return "Secrets(<hidden>)"


_encode = msgpack.Encoder().encode
_decode = msgpack.Decoder(Secrets).decode

NO_SECRETS = Secrets()

NOBODYS: Final = _encode(Secrets(bytes(128), ((0, bytes(128)),), bytes(128)))
"""Secrets of no account, which take as long to unpack as any."""


def pack_secrets(secrets: Secrets) -> bytes | None:
    """The stored form, None when there is nothing to keep."""
    return None if secrets == NO_SECRETS else _encode(secrets)


def unpack_secrets(packed: bytes | None) -> Secrets:
    """The opposite of `pack_secrets`."""
    return NO_SECRETS if packed is None else _decode(packed)
