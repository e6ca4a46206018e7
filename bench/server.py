"""What the servers under test have in common: a private folder, one process, one loopback port."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Final, Protocol, Self

from bench import wire

READY_TIMEOUT_SECONDS: Final = 120.0
STOP_TIMEOUT_SECONDS: Final = 60.0


class Server(Protocol):
    """A directory server that loads a file, starts and stops."""

    name: str
    port: int
    admin: str
    password: str

    def load(self, entries: int) -> float:
        """Loads the data of `entries` people into a new store; seconds from start to exit of the loader."""
        ...

    def start(self) -> float:
        """Starts it; seconds from the start of the process to its first successful search."""
        ...

    def stop(self) -> None:
        """Stops it cleanly."""
        ...

    def memory(self) -> Memory:
        """Resident memory of the running process and its children."""
        ...

    def processor_seconds(self) -> float:
        """Processor time the running process and its children have used."""
        ...


class Memory(dict[str, int]):
    """Resident bytes: "total", and of it "anonymous" and "file" (mapped pages of files)."""


def resident_memory(pid: int) -> Memory:
    """The resident memory of a process and its descendants, from /proc."""
    memory = Memory(total=0, anonymous=0, file=0)
    for member in (pid, *_descendants(pid)):
        fields = dict(
            line.split(":", 1)
            for line in Path(f"/proc/{member}/status").read_text().splitlines()
            if ":" in line
        )
        for key, field in (("total", "VmRSS"), ("anonymous", "RssAnon"), ("file", "RssFile")):
            memory[key] += int(fields[field].split()[0]) * 1024
    return memory


def processor_seconds(pid: int) -> float:
    """User and system time of a process and its descendants."""
    return sum(_seconds(Path(f"/proc/{member}/stat")) for member in (pid, *_descendants(pid)))


def loop_seconds(pid: int) -> float:
    """The same of their main threads alone."""
    return sum(_seconds(Path(f"/proc/{member}/task/{member}/stat")) for member in (pid, *_descendants(pid)))


def _seconds(stat: Path) -> float:
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # utime and stime of proc(5)


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *_descendants(int(child))]
    return found


def free_port() -> int:
    """A loopback TCP port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def timed_run(command: list[str], **options: object) -> float:
    """Runs a command to its end; seconds. Raises CalledProcessError with its output when it fails."""
    begin = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    seconds = time.perf_counter() - begin
    if done.returncode:
        raise RuntimeError(
            f"{command[0]} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
        )
    return seconds


def wait_for_search(process: subprocess.Popen[bytes], port: int, bind: bytes, search: bytes) -> None:
    """Returns at the first search that finds an entry; raises RuntimeError when the process ends before."""
    deadline = time.monotonic() + READY_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode} before it was ready")
        with contextlib.suppress(ConnectionError, TimeoutError), wire.Client(port) as client:
            if client.ask(bind).code == 0 and client.ask(search).entries:
                return
        time.sleep(0.01)
    raise RuntimeError("the server was not ready in time")


def stop_process(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, then waits for a clean end."""
    process.terminate()
    process.wait(STOP_TIMEOUT_SECONDS)


def environment() -> dict[str, str]:
    """The environment of a server: this one, with unbuffered output."""
    return {**os.environ, "PYTHONUNBUFFERED": "1"}


class OwnProcess:
    """A server process that a bench started: stopped at the end, and asked what it costs.

    `start` of a subclass sets `_process`.
    """

    name: str

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stops it, if it runs."""
        if self._process is not None:
            stop_process(self._process)
            self._process = None

    def memory(self) -> Memory:
        """Resident memory of the server and its workers; "file" is mostly a mapped database."""
        return resident_memory(self._pid())

    def processor_seconds(self) -> float:
        """Processor time the server has used."""
        return processor_seconds(self._pid())

    def loop_seconds(self) -> float:
        """Of that, what the main threads have used."""
        return loop_seconds(self._pid())

    def _pid(self) -> int:
        if self._process is None:
            raise RuntimeError(f"{self.name} does not run")
        return self._process.pid
