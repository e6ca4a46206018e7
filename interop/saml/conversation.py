"""A library in a process of its own: one JSON line asks, one JSON line answers."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from interop.saml.service import NotBelieved

_ANSWER_SECONDS: Final = 30.0


class Conversation:
    """Asks the process. What it refuses by {"error": …} raises NotBelieved; its end, AssertionError."""

    def __init__(self, command: Sequence[str], folder: Path | None = None) -> None:
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def ask(self, what: str, **arguments: object) -> Any:
        """What it answers to a question."""
        streams = self._process
        assert streams.stdin is not None
        assert streams.stdout is not None
        timer = threading.Timer(_ANSWER_SECONDS, self._process.kill)
        timer.start()
        try:
            streams.stdin.write(json.dumps({"ask": what, **arguments}).encode() + b"\n")
            streams.stdin.flush()
            line = streams.stdout.readline()
        finally:
            timer.cancel()
        if not line:
            raise AssertionError(f"it ended at {what}: {self.close().decode(errors='replace')}")
        answer = json.loads(line)
        if "error" in answer:
            raise NotBelieved(answer["error"])
        return answer["told"]

    def close(self) -> bytes:
        """Ends it; what it wrote to standard error."""
        try:
            return self._process.communicate(timeout=_ANSWER_SECONDS)[1]
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.communicate()[1]
        except ValueError:  # closed already
            return b""
