"""A client of single messages, for what no library sends: any control, any extended request, any octets."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field

from govdir.ldap.codec.connection import NEED_DATA, Connection
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.filter_text import parse_filter
from govdir.ldap.codec.limits import AFTER_BIND
from govdir.ldap.codec.messages import (
    Attribute,
    BindRequest,
    Control,
    DerefAliases,
    LdapMessage,
    LdapResult,
    Request,
    SaslAuthentication,
    Scope,
    SearchRequest,
    SearchResultEntry,
    SimpleAuthentication,
)
from interop.server import ADMIN, ADMIN_PASSWORD, Server

_TIMEOUT_SECONDS = 10


class Hung(AssertionError):
    """The server closed the connection instead of answering."""


@dataclass(slots=True)
class Answer:
    """Everything that came for one request: the messages, the last of which has the result."""

    messages: list[LdapMessage]

    @property
    def result(self) -> LdapResult:
        """The result."""
        result: LdapResult = self.messages[-1].operation.result  # type: ignore[union-attr]
        return result

    @property
    def code(self) -> int:
        """Its code."""
        return int(self.result.code)

    @property
    def entries(self) -> list[SearchResultEntry]:
        """The entries before it."""
        found = [message.operation for message in self.messages[:-1]]
        return [each for each in found if isinstance(each, SearchResultEntry)]

    @property
    def names(self) -> list[str]:
        """Their names."""
        return [entry.object_name for entry in self.entries]

    def control(self, oid: str) -> Control:
        """The control of the result with that name."""
        (found,) = [control for control in self.messages[-1].controls if control.oid == oid]
        return found


@dataclass(slots=True)
class Client:
    """One connection, in clear from this machine."""

    server: Server
    peer: socket.socket = field(init=False)
    codec: Connection = field(default_factory=lambda: Connection(AFTER_BIND))
    number: int = 0

    def __post_init__(self) -> None:
        self.peer = socket.create_connection(("127.0.0.1", self.server.port), _TIMEOUT_SECONDS)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.peer.close()

    def under_tls(self, certificate: tuple[str, str] | None = None) -> Client:
        """Goes on under TLS, with a certificate (files of chain and key) where one is given."""
        context = ssl.create_default_context(cafile=str(self.server.ca_file))
        if certificate is not None:
            context.load_cert_chain(*certificate)
        self.peer = context.wrap_socket(self.peer, server_hostname="localhost")
        return self

    def send(self, request: Request, *controls: Control, number: int | None = None) -> int:
        """Sends one request; returns its message id."""
        self.number = self.number + 1 if number is None else number
        self.peer.sendall(encode_message(LdapMessage(self.number, request, controls)))
        return self.number

    def receive(self) -> LdapMessage:
        """The next message. Raises Hung."""
        while (message := self.codec.next_message()) is NEED_DATA:
            data = self.peer.recv(1 << 16)
            if not data:
                raise Hung("the connection was closed")
            self.codec.feed(data)
        return message

    def ask(self, request: Request, *controls: Control) -> Answer:
        """One request and everything that comes for it."""
        number = self.send(request, *controls)
        messages: list[LdapMessage] = []
        while not messages or not hasattr(messages[-1].operation, "result"):
            message = self.receive()
            assert message.message_id in (number, 0), message
            messages.append(message)
        return Answer(messages)

    def bind(self, dn: str = ADMIN, password: str = ADMIN_PASSWORD, *controls: Control) -> Answer:
        """A simple bind."""
        return self.ask(BindRequest(3, dn, SimpleAuthentication(password.encode())), *controls)

    def bind_sasl(self, mechanism: str, credentials: bytes | None) -> Answer:
        """One step of a SASL bind."""
        return self.ask(BindRequest(3, "", SaslAuthentication(mechanism, credentials)))

    def search(
        self,
        base: str,
        *controls: Control,
        wanted: str = "(objectClass=*)",
        scope: Scope = Scope.WHOLE_SUBTREE,
        attributes: tuple[str, ...] = (),
    ) -> Answer:
        """A search without limits."""
        request = SearchRequest(
            base, scope, DerefAliases.NEVER, 0, 0, False, parse_filter(wanted), attributes
        )
        return self.ask(request, *controls)

    def read(self, dn: str, *attributes: str) -> dict[str, list[str]]:
        """The attributes of one entry as text."""
        answer = self.search(dn, scope=Scope.BASE_OBJECT, attributes=attributes)
        assert answer.code == 0, answer.result
        (entry,) = answer.entries
        return {each.type: [value.decode() for value in each.values] for each in entry.attributes}


def attribute(name: str, *values: str) -> Attribute:
    """An attribute of text values."""
    return Attribute(name, tuple(value.encode() for value in values))


def administrator(server: Server) -> Client:
    """A connection of the province's administrator."""
    client = Client(server)
    answer = client.bind()
    assert answer.code == 0, answer.result
    return client
