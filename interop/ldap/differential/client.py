"""A client that sends exactly what it is told and shows exactly what came back."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field

from govdir.ldap.codec.connection import NEED_DATA, Connection
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.limits import AFTER_BIND
from govdir.ldap.codec.messages import (
    BindRequest,
    Control,
    ExtendedResponse,
    LdapMessage,
    Request,
    Response,
    SearchResultEntry,
    SearchResultReference,
    SimpleAuthentication,
)

_TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Came:
    """What an operation brought: the result's code and matched DN, its controls, what a search found.

    `value` is that of an extended response or of the server's SASL credentials.
    """

    code: int
    matched: str
    diagnostic: str
    controls: tuple[Control, ...] = ()
    entries: tuple[SearchResultEntry, ...] = ()
    references: tuple[tuple[str, ...], ...] = ()
    name: str | None = None
    value: bytes | None = None


@dataclass(slots=True)
class Client:
    """One connection to a server on loopback."""

    port: int
    _socket: socket.socket = field(init=False)
    _codec: Connection = field(init=False)
    _number: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=_TIMEOUT_SECONDS)
        self._codec = Connection(AFTER_BIND)

    def bind(self, dn: str, password: str) -> Came:
        """A simple bind."""
        return self.ask(BindRequest(3, dn, SimpleAuthentication(password.encode())))

    def ask(self, request: Request, controls: tuple[Control, ...] = ()) -> Came:
        """Sends a request and waits for its result."""
        self._number += 1
        self._socket.sendall(encode_message(LdapMessage(self._number, request, controls)))
        entries: list[SearchResultEntry] = []
        references: list[tuple[str, ...]] = []
        while True:
            message = self._next()
            operation = message.operation
            if isinstance(operation, SearchResultEntry):
                entries.append(operation)
            elif isinstance(operation, SearchResultReference):
                references.append(operation.uris)
            else:
                return _came(operation, message.controls, tuple(entries), tuple(references))

    def close(self) -> None:
        """Ends the connection."""
        self._socket.close()

    def _next(self) -> LdapMessage:
        while True:
            message = self._codec.next_message()
            if message is not NEED_DATA:
                assert isinstance(message, LdapMessage)
                return message
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionError("the server closed the connection")
            self._codec.feed(data)


def _came(
    operation: Request | Response,
    controls: tuple[Control, ...],
    entries: tuple[SearchResultEntry, ...],
    references: tuple[tuple[str, ...], ...],
) -> Came:
    result = getattr(operation, "result", None)
    assert result is not None, operation
    name = operation.name if isinstance(operation, ExtendedResponse) else None
    value = operation.value if isinstance(operation, ExtendedResponse) else None
    return Came(
        int(result.code),
        result.matched_dn,
        result.diagnostic_message,
        controls,
        entries,
        references,
        name,
        value,
    )
