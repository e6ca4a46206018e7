"""Another server, on this machine, that behaves as its paths say."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

DRIP_SECONDS = 0.02


class OtherServer(ThreadingHTTPServer):
    """`asked` are the requests in order: method, path, headers by lower-case name, body."""

    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.stopped = Event()
        self.port = self.server_address[1]
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: OtherServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.command, self.path, headers, body))
        getattr(self, self.path.strip("/").partition("?")[0])()

    do_POST = do_GET  # noqa: N815 - the standard library's

    def _send(self, *lines: str, body: bytes = b"") -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in (*lines, "")).encode() + body)
        self.close_connection = True

    def hello(self) -> None:
        self._send("HTTP/1.1 200 OK", "Content-Length: 5", body=b"hello")

    def without_length(self) -> None:
        self._send("HTTP/1.1 200 OK", body=b"hello")

    def chunked(self) -> None:
        self._send("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", body=b"5\r\nhello\r\n0\r\n\r\n")

    def redirect(self) -> None:
        self._send("HTTP/1.1 302 Found", "Location: /hello", "Content-Length: 0")

    def failing(self) -> None:
        self._send("HTTP/1.1 500 No", "Content-Length: 5", body=b"hello")

    def compressed(self) -> None:
        self._send("HTTP/1.1 200 OK", "Content-Encoding: gzip", "Content-Length: 5", body=b"hello")

    def cut_short(self) -> None:
        self._send("HTTP/1.1 200 OK", "Content-Length: 50", body=b"hello")

    def not_http(self) -> None:
        self._send("220 mail.example.vn ESMTP")

    def endless(self) -> None:
        self._send("HTTP/1.1 200 OK")
        while not self.server.stopped.is_set():
            self.wfile.write(b"x" * 65536)

    def endless_chunks(self) -> None:
        self._send("HTTP/1.1 200 OK", "Transfer-Encoding: chunked")
        while not self.server.stopped.is_set():
            self.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    def silent(self) -> None:
        self.server.stopped.wait()

    def dripping_head(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        self._drip()

    def dripping_body(self) -> None:
        self._send("HTTP/1.1 200 OK")
        self._drip()

    def _drip(self) -> None:
        while not self.server.stopped.wait(DRIP_SECONDS):
            self.wfile.write(b"x")


@contextmanager
def other_server(certificate: Path | None = None, key: Path | None = None) -> Iterator[OtherServer]:
    """Serves until the end of the block; over TLS with a certificate."""
    tls = None
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
    with OtherServer(tls) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.stopped.set()
            server.shutdown()
            thread.join()
