"""Requests of Postfix's access policy delegation (SMTPD_POLICY_README): octets in, values out, no socket.

A request is lines `name=value`, each ended by a line feed, and an empty line. Other names are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

# Postfix itself sends no line over line_length_limit (2048), and some thirty short ones a request.
MAX_LINE_BYTES: Final = 4096
MAX_REQUEST_BYTES: Final = 64 * 1024

REQUEST_KIND: Final = "smtpd_access_policy"

_KNOWN: Final = frozenset(
    {
        "request", "protocol_state", "client_address", "sasl_username", "sender", "recipient", "instance",
        "size", "queue_id",
    }
)  # fmt: skip
_SIZE_DIGITS: Final = 19


class PolicyRequest(Struct, frozen=True):
    """One question: the envelope as far as it is known when the question is put.

    `state` is the SMTP command ("RCPT", "END-OF-MESSAGE"), `login` the SASL user, "" without one; `sender` ""
    is the null sender; `recipient` is "" before RCPT and after it where there are several; `size` is what the
    client declared, at END-OF-MESSAGE what came, 0 unknown. `instance` is the same for all questions about
    one message at one mail server.
    """

    state: str = ""
    client: str = ""
    login: str = ""
    sender: str = ""
    recipient: str = ""
    instance: str = ""
    size: int = 0
    queue_id: str = ""


class _BadRequest(Exception):
    """What was sent is no request."""


class RequestReader:
    """Takes octets as they come. After `trouble` (for a log, free of what came) nothing more is read."""

    def __init__(self) -> None:
        self.trouble: str | None = None
        self._pending = b""
        self._held: dict[str, str] = {}
        self._size = 0

    @property
    def in_request(self) -> bool:
        """Whether a request has begun that has not ended."""
        return bool(self._pending or self._size)

    def feed(self, octets: bytes) -> list[PolicyRequest]:
        """The requests that end with these octets; those before a `trouble` are good."""
        found: list[PolicyRequest] = []
        if self.trouble is not None:
            return found
        try:
            *lines, self._pending = (self._pending + octets).split(b"\n")
            found.extend(self._end() for line in lines if self._take(line))
            if len(self._pending) > MAX_LINE_BYTES or self._size + len(self._pending) > MAX_REQUEST_BYTES:
                raise _BadRequest("too long")
        except _BadRequest as error:
            self.trouble = str(error)
            self._pending, self._held, self._size = b"", {}, 0
        return found

    def _take(self, line: bytes) -> bool:
        """One line; True: the request is whole. Raises _BadRequest."""
        self._size += len(line) + 1
        if len(line) > MAX_LINE_BYTES or self._size > MAX_REQUEST_BYTES:
            raise _BadRequest("too long")
        if b"\0" in line:
            raise _BadRequest("a NUL")
        name, equals, value = line.removesuffix(b"\r").partition(b"=")
        if not name and not equals:
            return True
        if not equals:
            raise _BadRequest("a line without =")
        key = name.decode("ascii", "replace")
        if key in _KNOWN:
            if key in self._held:
                raise _BadRequest(f"{key} twice")
            self._held[key] = value.decode("utf-8", "replace")
        return False

    def _end(self) -> PolicyRequest:
        held, self._held, self._size = self._held, {}, 0
        if held.get("request") != REQUEST_KIND:
            raise _BadRequest(f"no request={REQUEST_KIND}")
        size = held.get("size") or "0"
        if not (size.isascii() and size.isdigit() and len(size) <= _SIZE_DIGITS):
            raise _BadRequest("a size that is no number")
        return _request(held, int(size))


def _request(held: Mapping[str, str], size: int) -> PolicyRequest:
    return PolicyRequest(
        state=held.get("protocol_state", "").upper(),
        client=held.get("client_address", ""),
        login=held.get("sasl_username", ""),
        sender=held.get("sender", ""),
        recipient=held.get("recipient", ""),
        instance=held.get("instance", ""),
        size=size,
        queue_id=held.get("queue_id", ""),
    )
