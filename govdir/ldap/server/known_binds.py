"""Simple binds read from the octets: the way of logins whose password is known to be right.

A mail server checks logins by the thousand. What is read here is one whole message, a simple bind of version
3 without controls, all lengths in their short or next form; anything else takes the ordinary way.
"""

from __future__ import annotations

from typing import Final

_SEQUENCE: Final = 0x30
_INTEGER: Final = 0x02
_BIND: Final = 0x60
_SIMPLE: Final = 0x80
_NEXT_FORM: Final = 0x81
_VERSION_3_AND_NAME: Final = b"\x02\x01\x03\x04"
_RESULT: Final = b"\x61\x07\x0a\x01\x00\x04\x00\x04\x00"

KnownBind = tuple[bytes, int, bytes, bytes]
"""The messageID as encoded and as a number, name, password."""


def may_be_bind(data: bytes) -> bool:
    """False where the octets are no bind; quick."""
    return _BIND in data[4:12]


def read_simple_bind(data: bytes) -> KnownBind | None:
    """The bind that `data` is; None when it is not surely one."""
    try:
        if data[0] != _SEQUENCE:
            return None
        at, end = _extent(data, 1)
        id_at = at
        id_size = data[at + 1]
        at += 2 + id_size
        if end != len(data) or data[id_at] != _INTEGER or not 0 < id_size <= 4 or data[at] != _BIND:
            return None
        at, end = _extent(data, at + 1)
        name_at, name_end = _extent(data, at + len(_VERSION_3_AND_NAME))
        if end != len(data) or data[at : at + len(_VERSION_3_AND_NAME)] != _VERSION_3_AND_NAME:
            return None
        password_at, password_end = _extent(data, name_end + 1)
        if data[name_end] != _SIMPLE or password_end != end:
            return None
    except IndexError:
        return None
    message_id = int.from_bytes(data[id_at + 2 : id_at + 2 + id_size], "big", signed=True)
    if message_id <= 0 or (id_size > 1 and message_id < 1 << (8 * id_size - 9)):
        return None  # zero, negative, or not in its shortest form
    return data[id_at : id_at + 2 + id_size], message_id, data[name_at:name_end], data[password_at:end]


def success(message_id: bytes) -> bytes:
    """The response to it; `message_id` as encoded."""
    return bytes((_SEQUENCE, len(message_id) + len(_RESULT))) + message_id + _RESULT


def _extent(data: bytes, at: int) -> tuple[int, int]:
    """Where content begins and ends whose length is at `at`; raises IndexError for lengths of other forms."""
    size = data[at]
    if size < _SIMPLE:
        return at + 1, at + 1 + size
    if size != _NEXT_FORM:
        raise IndexError
    return at + 2, at + 2 + data[at + 1]
