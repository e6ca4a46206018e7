"""A govdir process of one's own: temporary home, free ports, driven by its command line alone."""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

PROVINCE: Final = "cantho"
SUFFIX: Final = "dc=cantho,dc=gov,dc=vn"
ADMIN: Final = f"cn=admin,{SUFFIX}"
ADMIN_PASSWORD: Final = "Bờ-sông-Hậu-9"

READY_TIMEOUT_SECONDS: Final = 60.0
STOP_TIMEOUT_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.01


def govdir(*arguments: str, given: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
    """Runs a govdir command in English. Raises AssertionError with what it said when it fails and `check`."""
    done = subprocess.run(
        [sys.executable, "-m", "govdir", *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    if check and done.returncode:
        raise AssertionError(
            f"govdir {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        )
    return done


def free_port() -> int:
    """A loopback TCP port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True)
class Server:
    """One home and, while started, its process."""

    home: Path
    port: int = field(default_factory=free_port)
    ldaps_port: int = field(default_factory=free_port)
    web_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        """The URI without TLS; StartTLS works on it."""
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def ldaps_uri(self) -> str:
        """The URI with TLS from the first byte."""
        return f"ldaps://127.0.0.1:{self.ldaps_port}"

    @property
    def web_url(self) -> str:
        """Where the web site is, by the name it goes by."""
        return f"https://localhost:{self.web_port}"

    @property
    def ca_file(self) -> Path:
        """The certificate of the authority that clients are to trust."""
        return self.home / "keys" / "ca.crt"

    @property
    def events(self) -> Path:
        """What the server wrote to standard error since it was made."""
        return self.home.parent / "events.log"

    @property
    def access_log(self) -> Path:
        """What the server wrote to standard output since it was made."""
        return self.home.parent / "access.log"

    def start(self) -> None:
        """Starts it and waits for the line that says it is ready."""
        begin = self.events.stat().st_size if self.events.exists() else 0
        ports = {"--ldap": self.port, "--ldaps": self.ldaps_port, "--web": self.web_port}
        listen = [word for option, port in ports.items() for word in (option, f"127.0.0.1:{port}")]
        with self.access_log.open("ab") as access, self.events.open("ab") as events:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "govdir", "serve", str(self.home), *listen],
                stdout=access,
                stderr=events,
                env={**os.environ, "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": "1"},
            )
        deadline = time.monotonic() + READY_TIMEOUT_SECONDS
        while b"ready" not in self.events.read_bytes()[begin:]:
            said = self.events.read_text("utf-8", "replace")[-3000:]
            if self.process.poll() is not None:
                raise AssertionError(f"govdir serve ended with {self.process.returncode}:\n{said}")
            if time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"govdir serve was not ready in time:\n{said}")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL: no chance to finish anything."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> int:
        if self.process is None:
            return 0
        process, self.process = self.process, None
        process.send_signal(how)
        try:
            return process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise

    def resident_bytes(self) -> int:
        """Resident memory of the running process."""
        if self.process is None:
            raise AssertionError("the server does not run")
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) * 1024


def make_home(
    folder: Path,
    settings: Mapping[str, str] | None = None,
    *,
    province: str = PROVINCE,
    password: str = ADMIN_PASSWORD,
    sample: int = 0,
) -> Server:
    """A home as `govdir init` makes it; `settings` are lines of govdir.toml to set, by name, as TOML;
    `sample` is its people. Homes of one kind have the same keys."""
    home = folder / "home"
    shutil.copytree(_new_home(province, password, sample), home)
    configuration = home / "govdir.toml"
    text = configuration.read_text("utf-8")
    for name, value in (settings or {}).items():
        text, count = re.subn(rf"(?m)^#?\s*{name}\s*=.*$", f"{name} = {value}", text)
        if count != 1:
            raise AssertionError(f"govdir.toml has {count} settings called {name}")
    configuration.write_text(text, "utf-8")
    return Server(home)


@functools.cache
def _new_home(province: str, password: str, sample: int) -> Path:
    """One that nobody uses: copying it takes milliseconds, making another a second of this machine."""
    folder = Path(tempfile.mkdtemp(prefix="govdir-home-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    password_file = folder / "admin-password"
    password_file.touch(mode=0o600)
    password_file.write_text(password, "utf-8")
    more = ("--sample", str(sample)) if sample else ()
    home = folder / "home"
    govdir("init", str(home), "--province", province, "--admin-password-file", str(password_file), *more)
    return home


def make_mail_service(server: Server, name: str = "postfix") -> tuple[str, str]:
    """The DN and password of a new mail server's identity."""
    made = json.loads(govdir("service", "add", str(server.home), name, "--for", "mail", "--json").stdout)
    return made["dn"], made["password"]


@contextlib.contextmanager
def running_server(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A new home with a running server, stopped at the end."""
    server = make_home(folder, settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()
