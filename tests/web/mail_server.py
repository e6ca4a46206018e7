"""A mail server, on this machine, that answers as the test says (RFC 5321)."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread


class MailServer(ThreadingTCPServer):
    """`received` are (envelope sender, recipients, message); `answers` replace the usual answer to a command,
    by its first word or the whole line; "" hangs up. `encrypted` says of each message whether TLS was on."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, tls: ssl.SSLContext | None, *, at_once: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tls = tls
        self.at_once = at_once
        self.port = self.server_address[1]
        self.received: list[tuple[str, list[str], EmailMessage]] = []
        self.octets: list[bytes] = []
        self.encrypted: list[bool] = []
        self.greetings: list[str] = []
        self.answers: dict[str, str] = {}
        self.connections = 0

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what some tests are about."""


class _Handler(StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.connections += 1
        self._encrypted = False
        if self.server.at_once:
            self._encrypt()
        self._sender, self._recipients = "", list[str]()
        self._say(self.server.answers.get("connect", "220 test ESMTP"))
        while line := self.rfile.readline().decode().strip():
            word = line.split(" ")[0].upper()
            answer = self.server.answers.get(line, self.server.answers.get(word))
            if answer == "":
                return
            if answer is not None:
                self._say(answer)
            elif not self._obey(word, line):
                return

    def _obey(self, word: str, line: str) -> bool:
        match word:
            case "EHLO":
                self.server.greetings.append(line)
                offers = self.server.tls is not None and not self._encrypted
                self._say("250-test", *(["250-STARTTLS"] if offers else []), "250 8BITMIME")
            case "STARTTLS":
                self._say("220 go on")
                self._encrypt()
            case "MAIL":
                self._sender, self._recipients = line[len("MAIL FROM:<") :].partition(">")[0], []
                self._say("250 ok")
            case "RCPT":
                self._recipients.append(line[len("RCPT TO:<") :].partition(">")[0])
                self._say("250 ok")
            case "DATA":
                self._data()
            case "QUIT":
                self._say("221 bye")
                return False
            case _:
                self._say("250 ok")
        return True

    def _data(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b"."))
        octets = b"".join(lines)
        parsed = message_from_bytes(octets, EmailMessage, policy=SMTP)
        self.server.received.append((self._sender, self._recipients, parsed))
        self.server.octets.append(octets)
        self.server.encrypted.append(self._encrypted)
        self._say(self.server.answers.get("delivered", "250 queued"))

    def _encrypt(self) -> None:
        assert self.server.tls is not None
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        self.rfile = self.request.makefile("rb")
        self.wfile = self.request.makefile("wb", buffering=0)
        self._encrypted = True

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None, *, at_once: bool = False) -> Iterator[MailServer]:
    """Serves until the end of the block; with `tls` it offers STARTTLS, or is encrypted from the start."""
    with MailServer(tls, at_once=at_once) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
