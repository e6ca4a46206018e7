"""Starting a mail server of the system's in the foreground, and ending it."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

START_SECONDS: Final = 20.0
STOP_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.02
_SHOWN: Final = 3000


def start_daemon(
    command: Sequence[str], output: Path, is_ready: Callable[[], bool], log: Callable[[], str] = str
) -> subprocess.Popen[bytes]:
    """The running process, once `is_ready`; what it prints goes to `output`.

    Raises AssertionError, with what it printed and the end of `log`, when it ends or takes too long.
    """
    with output.open("wb") as printed:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.STDOUT
        )
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            end_daemon(process)
            said = output.read_text("utf-8", "replace")[-_SHOWN:]
            raise AssertionError(f"{command[0]} did not start:\n{said}{log()[-_SHOWN:]}")
        time.sleep(_POLL_SECONDS)
    return process


def end_daemon(process: subprocess.Popen[bytes]) -> None:
    """Ends it and its children; killed, with TimeoutExpired, when it takes too long."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def listens(*ports: int) -> bool:
    """Whether something listens on each of these loopback TCP ports."""
    return all(_listens(port) for port in ports)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
