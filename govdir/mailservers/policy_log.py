"""The mail log: one JSON line for each message that was not simply let through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
from twisted.logger import Logger

from govdir.mailservers.policy_request import PolicyRequest

_log = Logger(namespace="govdir.policy")


class PolicyLog:
    """Hands lines to `write`; one that cannot be written is lost, which the program's own log tells.

    `seconds` is the wall clock's time since 1970.
    """

    def __init__(self, write: Callable[[str], object], seconds: Callable[[], float]) -> None:
        self._write = write
        self._seconds = seconds

    def note(self, request: PolicyRequest, peer: str, rule: str, action: str, elapsed: float) -> None:
        """A refusal, warning or deferral: what was asked by which mail server, by which rule, the answer."""
        line = {
            "time": datetime.fromtimestamp(self._seconds(), UTC).isoformat(timespec="milliseconds"),
            "op": "policy",
            "peer": peer,
            "state": printable(request.state),
            "instance": printable(request.instance),
            "queue": printable(request.queue_id),
            "client": printable(request.client),
            "login": printable(request.login),
            "sender": printable(request.sender),
            "recipient": printable(request.recipient),
            "size": request.size,
            "rule": rule,
            "action": action,
            "us": int(elapsed * 1e6),
        }
        try:
            self._write(msgspec.json.encode(line).decode() + "\n")
        except OSError as error:
            _log.error("a line of the mail log is lost: {error}", error=error)


def printable(text: str) -> str:
    """With everything escaped that moves a terminal's cursor or turns its writing about."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text)
