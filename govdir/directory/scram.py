"""SCRAM-SHA-256 as the server speaks it (RFC 5802, RFC 7677): messages in, messages out, no connection.

Channel binding is not offered: who asks for it is refused, who would have used it (y) is not held up.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from hashlib import sha256
from hmac import compare_digest
from hmac import digest as hmac_digest
from typing import Final

from msgspec import Struct

from govdir.directory.errors import ProtocolError
from govdir.directory.scram_keys import ScramKeys

MECHANISM: Final = "SCRAM-SHA-256"

MAX_MESSAGE: Final = 4096
"""Octets of a client's message; names have 320 characters at most."""

MAX_NONCE: Final = 256
"""Characters of a client's nonce; clients send some 24."""

_NONCE_OCTETS: Final = 24
_PROOF_OCTETS: Final = 32
_GS2_HEADER: Final = re.compile(r"(?P<binding>[ny]|p=[A-Za-z0-9.-]+),(?:a=(?P<authzid>[^,]*))?,")
_FIRST: Final = re.compile(r"n=(?P<name>[^,]*),r=(?P<nonce>[\x21-\x2b\x2d-\x7e]+)(?:,[A-Za-z]=[^,]*)*")
_FINAL: Final = re.compile(
    r"(?P<bare>c=(?P<binding>[A-Za-z0-9+/=]*),r=(?P<nonce>[\x21-\x2b\x2d-\x7e]+)(?:,[A-Za-z]=[^,]*)*)"
    r",p=(?P<proof>[A-Za-z0-9+/=]+)"
)
_ESCAPE: Final = re.compile("=(.{0,2})", re.DOTALL)
_ESCAPED: Final = {"2C": ",", "3D": "="}


class ClientFirst(Struct, frozen=True):
    """The client-first-message (RFC 5802 §7): who proves to be whom, and wants to act as `authzid` ("": as
    itself); `bare` and `gs2_header` are parts of it as they came."""

    authcid: str
    authzid: str
    nonce: str
    gs2_header: str
    bare: str


def read_client_first(octets: bytes) -> ClientFirst:
    """Raises ProtocolError for what is no such message, and for channel binding and unknown extensions."""
    text = _text(octets)
    header = _GS2_HEADER.match(text)
    if header is None:
        raise ProtocolError("SCRAM: the first message does not begin with a GS2 header")
    if header["binding"].startswith("p"):
        raise ProtocolError("SCRAM: channel binding is not offered here")
    bare = text[header.end() :]
    if bare.startswith("m="):
        raise ProtocolError("SCRAM: no mandatory extension is known here")
    first = _FIRST.fullmatch(bare)
    if first is None or len(first["nonce"]) > MAX_NONCE:
        raise ProtocolError("SCRAM: the first message is malformed")
    name, authzid = _unescaped(first["name"]), _unescaped(header["authzid"] or "")
    if not name:
        raise ProtocolError("SCRAM: the name is empty")
    return ClientFirst(name, authzid, first["nonce"], header[0], bare)


class ScramExchange:
    """One exchange: the first message has come, `server_first` answers it, `finish` takes the last one."""

    __slots__ = ("_first", "_keys", "_nonce", "server_first")

    def __init__(self, first: ClientFirst, keys: ScramKeys, server_nonce: str | None = None) -> None:
        """`server_nonce` None: a random one, as it must be outside of tests."""
        self._first = first
        self._keys = keys
        self._nonce = first.nonce + (server_nonce or b64encode(os.urandom(_NONCE_OCTETS)).decode())
        salt = b64encode(keys.salt).decode()
        self.server_first = f"r={self._nonce},s={salt},i={keys.iterations}".encode()

    def finish(self, octets: bytes) -> bytes | None:
        """The server-final-message when the client has proved to know the password; None when it has not.

        Raises ProtocolError for what is no client-final-message, or not of this exchange.
        """
        final = _FINAL.fullmatch(_text(octets))
        if final is None:
            raise ProtocolError("SCRAM: the last message is malformed")
        first, keys = self._first, self._keys
        if not compare_digest(final["nonce"], self._nonce):
            raise ProtocolError("SCRAM: the nonce is not of this exchange")
        if final["binding"] != b64encode(first.gs2_header.encode()).decode():
            raise ProtocolError("SCRAM: the channel binding is not that of the first message")
        proof = _decoded(final["proof"])
        if len(proof) != _PROOF_OCTETS:
            raise ProtocolError("SCRAM: the proof is not of the length of a key")
        said = b",".join((first.bare.encode(), self.server_first, final["bare"].encode()))
        signature = hmac_digest(keys.stored_key, said, "sha256")
        client_key = bytes(a ^ b for a, b in zip(proof, signature, strict=True))
        if not compare_digest(sha256(client_key).digest(), keys.stored_key):
            return None
        return b"v=" + b64encode(hmac_digest(keys.server_key, said, "sha256"))


def _text(octets: bytes) -> str:
    if len(octets) > MAX_MESSAGE:
        raise ProtocolError("SCRAM: a message is too long")
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        raise ProtocolError("SCRAM: a message is not UTF-8") from None
    if "\0" in text:
        raise ProtocolError("SCRAM: a message holds NUL")
    return text


def _unescaped(name: str) -> str:
    """A saslname (RFC 5802 §5.1): "," and "=" are written =2C and =3D."""

    def character(escape: re.Match[str]) -> str:
        found = _ESCAPED.get(escape[1])
        if found is None:
            raise ProtocolError("SCRAM: a name has an escape that is not =2C or =3D")
        return found

    return _ESCAPE.sub(character, name)


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except Base64Error:
        raise ProtocolError("SCRAM: not base64") from None
