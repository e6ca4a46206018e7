"""An Apache of one's own, as whoever runs the tests: its files in a folder, loopback, a free port, TLS.

It goes by 127.0.0.1 where govdir goes by localhost, so that for browsers they are two sites. Below each of
its protected places is `/environment`, which shows what applications there are told.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from interop.programs import missing, require_program
from interop.server import Server, free_port

MODULES: Final = Path("/usr/lib/apache2/modules")
_ALWAYS: Final = ("mpm_event", "dir", "authn_core", "authz_core", "authz_user", "alias", "env", "cgid", "ssl")
_START_SECONDS: Final = 20.0
_STOP_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.02
# Apache will not serve as root; whoever else runs the tests is who serves.
_SERVES_FOR_ROOT: Final = "www-data"

_CONFIGURATION: Final = """
ServerRoot {folder}
ServerName 127.0.0.1:{port}
Listen 127.0.0.1:{port}
Listen 127.0.0.1:{other_port}
PidFile {folder}/httpd.pid
DefaultRuntimeDir {folder}
Mutex sem
ErrorLog {folder}/error.log
LogLevel warn ssl:error mpm_event:crit
StartServers 1
ServerLimit 1
ThreadsPerChild 8
MaxRequestWorkers 8
KeepAliveTimeout 120
{modules}
ScriptSock {folder}/cgid
DirectoryIndex index.html
<Directory {folder}>
    Require all granted
</Directory>
{hosts}
"""
_HOST: Final = """
<VirtualHost 127.0.0.1:{port}>
ServerName 127.0.0.1:{port}
SSLEngine on
SSLCertificateFile {folder}/tls.crt
SSLCertificateKeyFile {folder}/tls.key
DocumentRoot {folder}/pages
ScriptAliasMatch "^/[^/]*/environment$" {folder}/environment
{site}
</VirtualHost>
"""
# One line per variable, whatever it holds; before that, that nothing may be kept.
_ENVIRONMENT: Final = r"""#!/bin/sh
printf 'Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n\r\n'
env -0 | tr '\n\0' ' \n'
"""


@dataclass
class Apache:
    """Two sites, by their ports; what is set for all of one does not reach the other."""

    folder: Path
    port: int = field(default_factory=free_port)
    other_port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict)
    """What its processes have of an environment beside the usual."""
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its first site."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def other_url(self) -> str:
        """Its second site."""
        return f"https://127.0.0.1:{self.other_port}"

    def put(self, name: str, octets: bytes) -> Path:
        """A file that it may read."""
        file = self.folder / name
        file.write_bytes(octets)
        self.own(file)
        return file

    def own(self, file: Path) -> None:
        """Gives a file to whoever serves."""
        if os.geteuid() == 0:
            shutil.chown(file, _SERVES_FOR_ROOT, _SERVES_FOR_ROOT)

    def run_beside(self, command: Sequence[str], ready: Path) -> None:
        """Starts a program that Apache needs, and waits until `ready` is a socket that takes connections."""
        self._start(command)
        self._wait(lambda: connects(ready), str(ready))

    def start(self, modules: Sequence[str], site: str, other_site: str = "") -> None:
        """Starts it with these modules beside the usual ones and what stands in the sites' configuration."""
        httpd = require_program("apache2", "apache2")
        for name in ("pages", "pages/staff"):
            folder = self.folder / name
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)
        (self.folder / "pages/index.html").write_text("<!DOCTYPE html><title>Apache</title><h1>Public</h1>\n")
        self.put("environment", _ENVIRONMENT.encode()).chmod(0o755)
        loaded = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in _ALWAYS)
        sites = ((self.port, site), (self.other_port, other_site))
        text = _CONFIGURATION.format(
            folder=self.folder,
            port=self.port,
            other_port=self.other_port,
            modules="\n".join((loaded, *modules)),
            hosts="".join(_HOST.format(folder=self.folder, port=port, site=text) for port, text in sites),
        )
        configuration = self.put("httpd.conf", text.encode())
        self._start([httpd, "-d", str(self.folder), "-f", str(configuration), "-DFOREGROUND"])
        self._wait(lambda: connects(("127.0.0.1", self.port)), "Apache")

    def stop(self) -> None:
        """Stops it, and what ran beside it."""
        while self._processes:
            process = self._processes.pop()
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def said(self) -> str:
        """The end of what all of them wrote to logs."""
        logs = sorted(self.folder.rglob("*.log"))
        return "\n".join(f"{log.name}:\n{log.read_text('utf-8', 'replace')[-4000:]}" for log in logs)

    def _start(self, command: Sequence[str]) -> None:
        identity = {"user": _SERVES_FOR_ROOT, "group": _SERVES_FOR_ROOT} if os.geteuid() == 0 else {}
        with (self.folder / "output.log").open("ab") as output:
            self._processes.append(
                subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    cwd=self.folder,
                    env={"PATH": "/usr/sbin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", **self.environment},
                    **identity,  # type: ignore[call-overload]
                )
            )

    def _wait(self, ready: object, what: str) -> None:
        deadline = time.monotonic() + _START_SECONDS
        assert callable(ready)
        while not ready():
            if self._processes[-1].poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{what} did not start:\n{self.said()}")
            time.sleep(_POLL_SECONDS)


@contextlib.contextmanager
def apache(server: Server) -> Iterator[Apache]:
    """One that is not started yet, with the server certificate of this home; stopped at the end."""
    if not MODULES.is_dir():
        missing(f"no {MODULES} (Debian package apache2)")
    with tempfile.TemporaryDirectory(prefix="govdir-apache-") as name:
        made = Apache(Path(name))
        made.own(made.folder)
        for kind in ("crt", "key"):
            made.put(f"tls.{kind}", (server.home / "keys" / f"server.{kind}").read_bytes())
        try:
            yield made
        finally:
            made.stop()


def require_module(name: str, package: str) -> str:
    """The line that loads a module of Apache; without it the test is skipped, or fails when `CI=true`."""
    file = MODULES / f"mod_{name}.so"
    if not file.exists():
        missing(f"no {file} (Debian package {package})")
    identifier = "mod_shib" if name == "shib" else f"{name}_module"
    return f"LoadModule {identifier} {file}"


def read_environment(text: str) -> dict[str, str]:
    """What the page `/environment` shows, by name."""
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def connects(address: Path | tuple[str, int]) -> bool:
    """Whether somebody listens there."""
    family = socket.AF_UNIX if isinstance(address, Path) else socket.AF_INET
    with socket.socket(family) as probe:
        try:
            probe.connect(str(address) if isinstance(address, Path) else address)
        except OSError:
            return False
    return True
