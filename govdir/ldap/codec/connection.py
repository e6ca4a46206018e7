"""Octets of one connection to messages, whatever way the network cut them."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from govdir.ldap.codec import ber
from govdir.ldap.codec.decode import decode_content
from govdir.ldap.codec.errors import DecodeError, Unacceptable, limit_exceeded
from govdir.ldap.codec.limits import BEFORE_BIND, DecodeLimits
from govdir.ldap.codec.messages import LdapMessage


class NeedData(Enum):
    """The type of NEED_DATA."""

    NEED_DATA = auto()


NEED_DATA: Final = NeedData.NEED_DATA
"""What next_message returns when the next message is not all there yet."""

_TLS_HANDSHAKE: Final = 0x16


class Connection:
    """One direction of a connection: feed octets, take messages.

    A segment that holds whole messages is decoded where it lies; only a message cut by the network is
    gathered, once. `limits` may be replaced between messages; a length over the limit is refused when its
    header arrives, before the content is gathered.
    """

    __slots__ = ("_data", "_failure", "_gathered", "_needed", "_position", "limits")

    def __init__(self, limits: DecodeLimits = BEFORE_BIND) -> None:
        self.limits = limits
        self._data = b""  # the segment being read, and how far
        self._position = 0
        self._gathered = bytearray()  # a message that lacks octets; while it is not empty, _data is
        self._needed = 0  # no message can be made of fewer gathered octets than this
        self._failure: DecodeError | None = None

    @property
    def pending_bytes(self) -> int:
        """Octets fed and not yet part of a message."""
        return len(self._data) - self._position + len(self._gathered)

    def feed(self, data: bytes) -> None:
        """Octets as they came. Take all messages after each feed: that is what bounds memory."""
        if self._failure is not None:
            return
        if self._gathered:
            self._gathered += data
        elif self._position == len(self._data):
            self._data = data
            self._position = 0
        else:
            self._gather(0)
            self._gathered += data

    def next_message(self) -> LdapMessage | NeedData:
        """The next message, or NEED_DATA.

        Raises Unacceptable with the message id of a request to be answered; the next call gives what follows.
        Raises any other DecodeError, and then the same at every call: the octets that follow cannot be
        trusted, so close with a notice of disconnection (RFC 4511 §4.1.1).
        """
        if self._failure is not None:
            raise self._failure.with_traceback(None)
        try:
            extent = self._extent()
            if extent is None:
                return NEED_DATA
            start, end = extent
            self._position = end
            return decode_content(self._data, start, end, self.limits)
        except DecodeError as error:
            if isinstance(error, Unacceptable) and error.message_id is not None:
                raise
            self.discard_buffered()
            self._failure = error
            raise

    def discard_buffered(self) -> int:
        """Drops what was fed and not taken, and says how many octets that were. For StartTLS: what came in
        clear behind the request must not count as protected (RFC 4511 §4.14.1)."""
        dropped = self.pending_bytes
        self._data = b""
        self._position = 0
        self._gathered = bytearray()
        return dropped

    def _extent(self) -> tuple[int, int] | None:
        """Where in _data the content of the next message begins and ends; None when it lacks octets."""
        if self._gathered:
            if len(self._gathered) < self._needed:
                return None
            self._data = bytes(self._gathered)
            self._position = 0
            self._gathered = bytearray()
        data = self._data
        start = self._position
        available = len(data) - start
        if not available:
            self._gather(0)  # lets go of the segment
            return None
        if data[start] != ber.SEQUENCE:
            hint = ": this looks like TLS" if data[start] == _TLS_HANDSHAKE else ""
            raise DecodeError(f"LDAPMessage: tag {data[start]:#04x} instead of 0x30{hint}")
        if available < 2:
            self._gather(2)
            return None

        size = data[start + 1]
        content = start + 2
        if size > 0x7F:
            octets = size - 0x80
            if not 0 < octets <= ber.MAX_LENGTH_OCTETS:
                raise DecodeError(f"LDAPMessage: length octets of the form {size:#04x} are not allowed")
            content += octets
            if content > len(data):
                self._gather(content - start)
                return None
            size = int.from_bytes(data[start + 2 : content], "big")
        end = content + size
        if end - start > self.limits.pdu_size:
            raise limit_exceeded("LDAPMessage: octets", self.limits.pdu_size)
        if end > len(data):
            self._gather(end - start)
            return None
        return content, end

    def _gather(self, needed: int) -> None:
        """Keeps what is left of _data until there are `needed` octets."""
        self._gathered += self._data[self._position :]
        self._data = b""
        self._position = 0
        self._needed = needed
