"""Just enough LDAP to ask: requests encoded once, answers read as far as the load generator needs.

Written apart from govdir's own codec, so that the two cannot be wrong in the same way.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

SCOPE_BASE: Final = 0
SCOPE_SUBTREE: Final = 2

BIND_RESPONSE: Final = 0x61
SEARCH_ENTRY: Final = 0x64
SEARCH_DONE: Final = 0x65
MODIFY_RESPONSE: Final = 0x67

_MESSAGE_ID: Final = b"\x02\x01\x02"  # each connection has one request outstanding, so one number does
_REPLACE: Final = 2


def tlv(tag: int, content: bytes) -> bytes:
    """One element with a definite length."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def text(value: str | bytes) -> bytes:
    """An OCTET STRING."""
    return tlv(0x04, value.encode() if isinstance(value, str) else value)


def number(value: int, tag: int = 0x02) -> bytes:
    """A non-negative INTEGER, or ENUMERATED with tag 0x0A."""
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _message(operation: bytes) -> bytes:
    return tlv(0x30, _MESSAGE_ID + operation)


def bind(dn: str, password: str) -> bytes:
    """A simple bind."""
    return _message(tlv(0x60, number(3) + text(dn) + tlv(0x80, password.encode())))


def equals(attribute: str, value: str) -> bytes:
    """The filter (attribute=value)."""
    return tlv(0xA3, text(attribute) + text(value))


def contains(attribute: str, piece: str) -> bytes:
    """The filter (attribute=*piece*)."""
    return tlv(0xA4, text(attribute) + tlv(0x30, tlv(0x81, piece.encode())))


def present(attribute: str) -> bytes:
    """The filter (attribute=*)."""
    return tlv(0x87, attribute.encode())


def all_of(*filters: bytes) -> bytes:
    """The filter (&...)."""
    return tlv(0xA0, b"".join(filters))


def any_of(*filters: bytes) -> bytes:
    """The filter (|...)."""
    return tlv(0xA1, b"".join(filters))


def search(
    base: str, filter_: bytes, attributes: Sequence[str], *, scope: int = SCOPE_SUBTREE, size_limit: int = 0
) -> bytes:
    """A search without alias dereferencing and time limit."""
    head = (
        text(base) + number(scope, 0x0A) + number(0, 0x0A) + number(size_limit) + number(0) + b"\x01\x01\x00"
    )
    return _message(tlv(0x63, head + filter_ + tlv(0x30, b"".join(text(name) for name in attributes))))


def add(dn: str, attributes: Mapping[str, Sequence[str]]) -> bytes:
    """An add."""
    listed = b"".join(
        tlv(0x30, text(name) + tlv(0x31, b"".join(map(text, values)))) for name, values in attributes.items()
    )
    return _message(tlv(0x68, text(dn) + tlv(0x30, listed)))


def delete(dn: str) -> bytes:
    """A delete."""
    return _message(tlv(0x4A, dn.encode()))


def extended(name: str, value: bytes | None = None) -> bytes:
    """An extended request."""
    return _message(tlv(0x77, tlv(0x80, name.encode()) + (b"" if value is None else tlv(0x81, value))))


def control(oid: str, value: bytes | None = None) -> bytes:
    """A critical control."""
    return tlv(0x30, text(oid) + b"\x01\x01\xff" + (b"" if value is None else text(value)))


def controlled(message: bytes, *controls: bytes) -> bytes:
    """The message with controls."""
    return tlv(0x30, message[_start(message, 0) :] + tlv(0xA0, b"".join(controls)))


def replace(dn: str, attribute: str, value: str) -> bytes:
    """A modify that replaces one attribute by one value."""
    change = number(_REPLACE, 0x0A) + tlv(0x30, text(attribute) + tlv(0x31, text(value)))
    return _message(tlv(0x66, text(dn) + tlv(0x30, tlv(0x30, change))))


@dataclass(frozen=True, slots=True)
class Answer:
    """How a request ended: resultCode, number of entries before it, diagnosticMessage."""

    code: int
    entries: int
    diagnostic: str


def plain_ending(final_tag: int, code: int) -> bytes:
    """The last octets of an answer with that resultCode and no texts: how nearly every answer ends."""
    return bytes((final_tag, 0x07, 0x0A, 0x01, code, 0x04, 0x00, 0x04, 0x00))


def operation_start(tag: int) -> bytes:
    """The octets before and at the tag of an answer's operation: its messageID, then the tag."""
    return _MESSAGE_ID + bytes((tag,))


def read_ending(data: bytes | bytearray, operation: int) -> Answer | None:
    """The LDAPResult whose tag is at `operation`; None when it has not wholly come."""
    header = _header(data, operation)
    return None if header is None or header[1] > len(data) else _ending(data, operation, 0)


def read_answer(data: bytes | bytearray) -> Answer | None:
    """Walks complete messages up to the one that ends the answer; None when it has not come yet."""
    position, entries, end = 0, 0, len(data)
    while position < end:
        header = _header(data, position)
        if header is None or header[1] > end:
            return None
        content, message_end = header
        operation = content + 2 + data[content + 1]
        if data[operation] != SEARCH_ENTRY:
            return _ending(data, operation, entries)
        entries += 1
        position = message_end
    return None


def elements(data: bytes | bytearray) -> list[tuple[int, bytes]]:
    """Tags and contents of the elements that follow one another in the octets."""
    found, position = [], 0
    while position < len(data):
        begin = _start(data, position)
        end = begin + _size(data, position)
        found.append((data[position], bytes(data[begin:end])))
        position = end
    return found


def response_control(message: bytes, oid: str) -> bytes | None:
    """The value of the control of that name of one whole message, None without it."""
    parts = elements(elements(message)[0][1])
    for _, control_ in elements(parts[2][1]) if len(parts) > 2 else []:
        fields = elements(control_)
        if fields[0][1] == oid.encode():
            return fields[-1][1]
    return None


def _header(data: bytes | bytearray, position: int) -> tuple[int, int] | None:
    """Start of the content and end of the element at `position`; None when its length has not come yet."""
    if len(data) < position + 2:
        return None
    first = data[position + 1]
    if first < 0x80:
        return position + 2, position + 2 + first
    start = position + 2 + (first & 0x7F)
    if len(data) < start:
        return None
    return start, start + int.from_bytes(data[position + 2 : start], "big")


def _ending(data: bytes | bytearray, operation: int, entries: int) -> Answer:
    start = _start(data, operation)
    matched = start + 3
    diagnostic = _start(data, matched) + _size(data, matched)
    begin = _start(data, diagnostic)
    said = bytes(data[begin : begin + _size(data, diagnostic)]).decode()
    return Answer(code=data[start + 2], entries=entries, diagnostic=said)


def _start(data: bytes | bytearray, position: int) -> int:
    header = _header(data, position)
    if header is None:
        raise ValueError("a message ends inside an element")
    return header[0]


def _size(data: bytes | bytearray, position: int) -> int:
    header = _header(data, position)
    if header is None:
        raise ValueError("a message ends inside an element")
    return header[1] - header[0]


class Client:
    """One connection, one request at a time: for preparation and checks, not for measuring."""

    def __init__(self, port: int, *, timeout_seconds: float = 60.0) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout_seconds)
        self.received = b""

    def last_message(self) -> bytes:
        """The message that ended the last answer."""
        data, position = self.received, 0
        while True:
            end = _start(data, position) + _size(data, position)
            if end >= len(data):
                return data[position:]
            position = end

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._socket.close()

    def ask(self, request: bytes) -> Answer:
        """Sends a request and reads its whole answer, whose messages are then `received`. Raises
        ConnectionError when the server hangs up."""
        self._socket.sendall(request)
        data, position, entries = bytearray(), 0, 0
        while True:
            chunk = self._socket.recv(1 << 20)
            if not chunk:
                raise ConnectionError("the server closed the connection")
            data += chunk
            while (header := _header(data, position)) is not None and header[1] <= len(data):
                operation = header[0] + 2 + data[header[0] + 1]
                if data[operation] != SEARCH_ENTRY:
                    self.received = bytes(data)
                    return _ending(data, operation, entries)
                entries += 1
                position = header[1]
