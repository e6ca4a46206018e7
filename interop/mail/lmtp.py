"""Where a mail server hands its mail in the tests that are not about Dovecot: LMTP on a Unix socket."""

from __future__ import annotations

import contextlib
import email
import email.policy
import socketserver
import threading
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Final

_POLL_SECONDS: Final = 0.02


class Sink(socketserver.ThreadingUnixStreamServer):
    """Takes everything in (RFC 2033) and keeps it: `taken` has subject and recipient of each delivery."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, place: Path) -> None:
        place.unlink(missing_ok=True)
        super().__init__(str(place), _Session)
        place.chmod(0o666)
        self.taken: list[tuple[str, str]] = []

    def of(self, subject: str) -> list[str]:
        """Who has got the letter of that subject so far, in order; somebody twice if it came twice."""
        return sorted(recipient for each, recipient in [*self.taken] if each == subject)

    def wait_for(self, subject: str, count: int = 1, seconds: float = 15.0) -> list[str]:
        """The same, once there are so many. Raises AssertionError if they do not come."""
        deadline = time.monotonic() + seconds
        while len(self.of(subject)) < count:
            assert time.monotonic() < deadline, f"{self.of(subject)} of {count} got {subject!r}"
            time.sleep(_POLL_SECONDS)
        return self.of(subject)


class _Session(socketserver.StreamRequestHandler):
    """One connection; a client's mistakes end it."""

    server: Sink

    def handle(self) -> None:
        recipients: list[str] = []
        self._say("220 sink")
        while line := self.rfile.readline():
            command = line.decode("utf-8", "replace").strip()
            verb = command[:4].upper()
            if verb == "LHLO":
                self._say("250-sink", "250-PIPELINING", "250 8BITMIME")
            elif verb == "RCPT":
                recipients.append(command.partition("<")[2].partition(">")[0])
                self._say("250 2.1.5 OK")
            elif verb == "DATA":
                self._say("354 go on")
                subject = str(self._message().get("Subject", ""))
                self.server.taken += [(subject, recipient) for recipient in recipients]
                self._say(*("250 2.0.0 taken" for _ in recipients))
                recipients = []
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 2.0.0 OK")

    def _message(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return email.message_from_bytes(b"".join(lines), policy=email.policy.default)

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@contextlib.contextmanager
def running_sink(place: Path) -> Iterator[Sink]:
    """It answers at the socket `place` until the end."""
    with Sink(place) as sink:
        thread = threading.Thread(target=sink.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield sink
        finally:
            sink.shutdown()
            thread.join()
            place.unlink(missing_ok=True)
