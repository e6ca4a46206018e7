"""Listening sockets: opened first, so that a taken port costs nothing, and shared by workers."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from govdir.config import ListenSettings
from govdir.config_kinds import Endpoint

# What the kernel keeps while the loop is busy; Linux itself cuts it to net.core.somaxconn.
BACKLOG = 1024


class CannotListen(Exception):
    """The endpoint cannot be had: `taken` by another program, or for the system's `reason`."""

    def __init__(self, endpoint: Endpoint, error: OSError) -> None:
        self.endpoint = endpoint
        self.taken = error.errno == errno.EADDRINUSE
        self.forbidden = error.errno == errno.EACCES
        self.reason = error.strerror or str(error)
        super().__init__(f"{endpoint}: {self.reason}")


class Service(Enum):
    """What is spoken on a socket, by the scheme of its URLs."""

    LDAP = "ldap"
    LDAPS = "ldaps"
    WEB = "https"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Listening:
    """An open socket for one service. `endpoint` has the port really bound."""

    socket: socket.socket
    endpoint: Endpoint
    service: Service

    @property
    def tls(self) -> bool:
        """Whether TLS begins with the first byte."""
        return self.service in (Service.LDAPS, Service.WEB)

    @property
    def url(self) -> str:
        """As clients write it."""
        return f"{self.service.value}://{self.endpoint}"


def open_sockets(listen: ListenSettings) -> tuple[Listening, ...]:
    """All of them or none. Raises CannotListen."""
    return _open_all(
        (Service.LDAP, listen.ldap),
        (Service.LDAPS, listen.ldaps),
        (Service.WEB, listen.web),
        (Service.POLICY, listen.policy),
    )


def open_web_sockets(endpoints: Sequence[Endpoint]) -> tuple[Listening, ...]:
    """Likewise, for other web sites than the server's own. Raises CannotListen."""
    return _open_all((Service.WEB, endpoints))


def _open_all(*wanted: tuple[Service, Sequence[Endpoint]]) -> tuple[Listening, ...]:
    opened: list[Listening] = []
    try:
        for service, endpoints in wanted:
            opened += (_open(endpoint, service) for endpoint in endpoints)
    except CannotListen:
        close_sockets(opened)
        raise
    return tuple(opened)


def close_sockets(sockets: Iterable[Listening]) -> None:
    """Gives the ports back."""
    for each in sockets:
        each.socket.close()


def urls(sockets: Sequence[Listening]) -> str:
    """All of them, for people to read."""
    return " ".join(each.url for each in sockets)


def _open(endpoint: Endpoint, service: Service) -> Listening:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            endpoint.host, endpoint.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CannotListen(endpoint, error) from None
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # as on every system, not by sysctl
        opened.bind(address)
        opened.listen(BACKLOG)
        opened.setblocking(False)
    except OSError as error:
        opened.close()
        raise CannotListen(endpoint, error) from None
    bound = opened.getsockname()
    return Listening(opened, Endpoint(endpoint.host, bound[1]), service)
