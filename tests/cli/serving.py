"""A real `govdir serve` or `govdir demo` in a process of its own, on ports the system chose."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from select import select
from time import monotonic

READY_SECONDS = 30
READY = re.compile(
    r"govdir is ready: ldap://127\.0\.0\.1:(\d+) ldaps://127\.0\.0\.1:(\d+) https://127\.0\.0\.1:(\d+)"
)


class Serving:
    """The running process; `ldap`, `ldaps` and `web` are its ports, `told` all it said until ready."""

    def __init__(self, process: subprocess.Popen[str], told: str) -> None:
        self.process = process
        self.told = told
        ports = READY.search(told)
        assert ports is not None, told
        self.ldap, self.ldaps, self.web = (int(port) for port in ports.groups())

    def stop(self, number: int = signal.SIGTERM) -> int:
        """The exit status after a signal."""
        self.process.send_signal(number)
        return self.process.wait(READY_SECONDS)


@contextmanager
def serving(*arguments: object, **environment: str) -> Iterator[Serving]:
    """Runs `govdir arguments… --ldap … --ldaps … --web …`, from ready to the end of the block."""
    names = ["--ldap", "--ldaps", "--web", *(("--portal", "--documents") if "demo" in arguments else ())]
    ports = [word for name in names for word in (name, "127.0.0.1:0")]
    process = subprocess.Popen(
        # A job in a script's background, as a test run may be, has SIGINT ignored; a terminal's has not.
        ["env", "--default-signal=INT", sys.executable, "-m", "govdir", *map(str, arguments), *ports],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
        start_new_session=True,
    )
    try:
        yield Serving(process, _until_ready(process))
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _until_ready(process: subprocess.Popen[str]) -> str:
    """Standard error up to the ready line."""
    assert process.stderr is not None
    told, deadline = "", monotonic() + READY_SECONDS
    while READY.search(told) is None and monotonic() < deadline:
        if select([process.stderr], [], [], 0.5)[0]:
            piece = os.read(process.stderr.fileno(), 65536).decode()
            if not piece:
                break
            told += piece
    return told
