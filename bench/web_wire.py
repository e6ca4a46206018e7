"""Just enough of a browser to ask the web site: one TLS connection, requests encoded beforehand.

Written apart from govdir's own web code, so that the two cannot be wrong in the same way.
"""

from __future__ import annotations

import html
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlencode, urlsplit

_READ_BYTES: Final = 1 << 16
_TIMEOUT_SECONDS: Final = 60.0
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_SET_COOKIE: Final = re.compile(rb"\r\nset-cookie: *([^=\r\n]+)=([^;\r\n]*)", re.IGNORECASE)
_LOCATION: Final = re.compile(rb"\r\nlocation: *([^\r\n]+)\r\n", re.IGNORECASE)
_FIELD: Final = re.compile(r'<input[^>]*? name="([^"]*)"[^>]*? value="([^"]*)"')
_ACTION: Final = re.compile(r'<form[^>]*? action="([^"]*)"')


def trusting(authority: Path) -> ssl.SSLContext:
    """TLS to whoever has a certificate of that authority."""
    return ssl.create_default_context(cafile=str(authority))


def get(port: int, target: str, cookies: Mapping[str, str] | None = None) -> bytes:
    """A GET as a browser sends it."""
    return _request("GET", port, target, cookies or {})


def post(port: int, target: str, fields: Mapping[str, str], cookies: Mapping[str, str]) -> bytes:
    """A form as a browser sends it, from a page of the same site."""
    body = urlencode(fields).encode()
    more = (
        f"Origin: https://localhost:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n"
    )
    return _request("POST", port, target, cookies, more) + body


def _request(method: str, port: int, target: str, cookies: Mapping[str, str], more: str = "") -> bytes:
    sent = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return (
        f"{method} {target} HTTP/1.1\r\nHost: localhost:{port}\r\n"
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
        "Accept: text/html,application/xhtml+xml\r\nAccept-Language: vi,en;q=0.5\r\n"
        f"{f'Cookie: {sent}' + chr(13) + chr(10) if sent else ''}{more}\r\n"
    ).encode()


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its status, its head as it came, its body."""

    status: int
    head: bytes
    body: bytes

    @property
    def cookies(self) -> dict[str, str]:
        """Those it sets."""
        return {name.decode(): value.decode() for name, value in _SET_COOKIE.findall(self.head)}

    @property
    def location(self) -> str:
        """Where it sends the browser, path and query; "" when nowhere."""
        found = _LOCATION.search(self.head)
        if found is None:
            return ""
        parts = urlsplit(found[1].decode())
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    @property
    def fields(self) -> dict[str, str]:
        """The fields of its forms that have values."""
        return {name: html.unescape(value) for name, value in _FIELD.findall(self.body.decode())}

    @property
    def action(self) -> str:
        """Where its first form goes."""
        found = _ACTION.search(self.body.decode())
        return "" if found is None else html.unescape(found[1])


class Connection:
    """One connection, one request at a time."""

    def __init__(self, port: int, context: ssl.SSLContext) -> None:
        plain = socket.create_connection(("127.0.0.1", port), _TIMEOUT_SECONDS)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = context.wrap_socket(plain, server_hostname="localhost")
        self._data = bytearray()
        self._whole = 0  # octets of the answer, once its head has come
        self._body = 0
        self.descriptor = self._socket.fileno()
        self.send = self._socket.sendall

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes it."""
        self._socket.close()

    def ask(self, request: bytes) -> Reply:
        """Sends a request and waits for its answer. Raises ConnectionError when the server hangs up."""
        self.send(request)
        while True:
            reply = self.receive()
            if reply is not None:
                return reply

    def receive(self) -> Reply | None:
        """What has come, waiting for something; None while the answer is not whole."""
        data = self._data
        while True:
            piece = self._socket.recv(_READ_BYTES)
            if not piece:
                raise ConnectionError("the server closed the connection")
            data += piece
            if not self._socket.pending():
                break
        if not self._whole:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                return None
            length = _LENGTH.search(data, 0, end + 2)
            self._body = end + 4
            self._whole = self._body + (int(length[1]) if length else 0)
        if len(data) < self._whole:
            return None
        head, body = bytes(data[: self._body]), bytes(data[self._body : self._whole])
        self._data, self._whole = bytearray(), 0
        return Reply(int(head[9:12]), head, body)


@dataclass(slots=True)
class Browser:
    """A connection with the cookies that came over it."""

    port: int
    connection: Connection
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, target: str) -> Reply:
        """Goes there, and on to where it is sent."""
        return self._on(get(self.port, target, self.cookies))

    def submit(self, page: Reply, typed: Mapping[str, str]) -> Reply:
        """Sends the page's first form, filled in."""
        return self._on(post(self.port, page.action, {**page.fields, **typed}, self.cookies))

    def sign_in(self, name: str, password: str, target: str = "/sign-in") -> Reply:
        """Goes to `target`, gives name and password on the page it leads to, and goes on from there."""
        return self.submit(self.get(target), {"name": name, "password": password})

    def _on(self, request: bytes) -> Reply:
        reply = self.connection.ask(request)
        self.cookies.update(reply.cookies)
        return self.get(reply.location) if reply.status == 303 else reply
