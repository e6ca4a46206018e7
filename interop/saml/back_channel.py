"""The server side of an application that is told of logouts from server to server, on loopback with TLS."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.request import Request, urlopen

from interop.server import Server

HEADERS: Final = {
    "Content-Type": "text/xml; charset=utf-8",
    "SOAPAction": '"http://www.oasis-open.org/committees/security"',
}
_TIMEOUT_SECONDS: Final = 20


@contextmanager
def listening(server: Server, answer: Callable[[bytes], bytes]) -> Iterator[str]:
    """The URL at which `answer` gets each envelope that is posted. It has the certificate of govdir's own
    authority, which govdir trusts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    listener = ThreadingHTTPServer(("localhost", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.home / "keys" / "server.crt", server.home / "keys" / "server.key")
    listener.socket = context.wrap_socket(listener.socket, server_side=True)
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"https://localhost:{listener.server_address[1]}/slo"
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()


def post_envelope(server: Server, url: str, envelope: str) -> bytes:
    """What the identity provider answers to an envelope."""
    trust = ssl.create_default_context(cafile=str(server.ca_file))
    request = Request(url, envelope.encode(), HEADERS)
    with urlopen(request, timeout=_TIMEOUT_SECONDS, context=trust) as answer:
        body: bytes = answer.read()
        return body
