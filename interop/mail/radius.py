"""Debian's FreeRADIUS in a folder of its own, with Debian's settings and exactly the files govdir writes."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from interop.mail.certificates import make_certificate
from interop.mail.daemons import end_daemon, start_daemon
from interop.programs import missing, require_program

SECRET: Final = "bi-mat-cua-cong-vpn"
ACCEPT, REJECT, SILENCE = "Access-Accept", "Access-Reject", "no answer"

_DEBIAN: Final = Path("/etc/freeradius/3.0")
_WITHIN: Final = Path("etc/freeradius/3.0")

_CLIENT: Final = f"""
client vpn {{
	ipaddr = 127.0.0.1
	secret = {SECRET}
	require_message_authenticator = yes
}}
"""
_EAP: Final = """
network={{
  ssid="govdir"
  key_mgmt=WPA-EAP
  eap=TTLS
  phase2="auth={inner}"
  anonymous_identity="anonymous@cantho.gov.vn"
  identity="{name}"
  password="{password}"
  ca_cert="{authority}"
  domain_match="radius.cantho.gov.vn"
}}
"""


def free_udp_port() -> int:
    """A loopback UDP port nobody listens on now."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True)
class Radius:
    """One FreeRADIUS below `folder`, configured by `files`, as docs/clients/radius.md sets it up."""

    folder: Path
    files: Path
    port: int = field(default_factory=free_udp_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What it said so far, at its most talkative but for secrets (-x)."""
        return (self.folder / "stdout").read_text("utf-8", "replace")

    @property
    def _etc(self) -> Path:
        return self.folder / "raddb"

    def start(self) -> None:
        """Writes the configuration, starts it and waits until it is ready."""
        require_program("freeradius", "freeradius freeradius-ldap")
        require_program("radclient", "freeradius-utils")
        if os.geteuid() != 0:
            missing("FreeRADIUS's tests need root: Debian's files are its own account's")
        if not self._etc.exists():
            self._configure()
        self.process = start_daemon(
            ["freeradius", "-f", "-l", "stdout", "-d", str(self._etc)],
            self.folder / "stdout",
            lambda: "Ready to process requests" in self.log,
        )

    def stop(self) -> None:
        """Ends it."""
        if self.process is None:
            return
        process, self.process = self.process, None
        end_daemon(process)

    def ask(self, name: str, password: str, attribute: str = "User-Password") -> tuple[str, str]:
        """The answer to a gateway that asks for somebody by password (PAP), and the name it is told."""
        request = "".join(
            f"{key} = {_quoted(value)}\n" for key, value in (("User-Name", name), (attribute, password))
        )
        done = subprocess.run(
            ["radclient", "-x", "-r", "2", "-t", "1", f"127.0.0.1:{self.port}", "auth", SECRET],
            input=request + "Message-Authenticator = 0x00\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        received = done.stdout.partition("Received ")[2]
        told = received.partition('User-Name = "')[2].partition('"')[0]
        return received.split(" ", 1)[0] or SILENCE, told

    def through_tls(self, name: str, password: str, inner: str = "PAP") -> bool:
        """Whether a device gets in over EAP-TTLS that trusts the server's certificate and name."""
        require_program("eapol_test", "eapoltest")
        place = self.folder / "device.conf"
        authority = self._etc / "certs" / "govdir" / "radius.crt"
        place.write_text(_EAP.format(inner=inner, name=name, password=password, authority=authority))
        port, seconds = str(self.port), "5"
        command = ["eapol_test", "-c", str(place), "-a", "127.0.0.1", "-p", port, "-s", SECRET, "-t", seconds]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
        assert done.stdout.rstrip().endswith(("SUCCESS", "FAILURE")), done.stdout[-2000:]
        return done.returncode == 0

    @contextlib.contextmanager
    def changed(self, theirs: str, ours: str) -> Iterator[None]:
        """Other text in ldap-govdir for a while; restarts it."""
        file = self._etc / "mods-available" / "ldap-govdir"
        before = file.read_text("utf-8")
        assert before.count(theirs) == 1, theirs
        file.write_text(before.replace(theirs, ours), "utf-8")
        self.stop()
        try:
            self.start()
            yield
        finally:
            file.write_text(before, "utf-8")
            self.stop()
            self.start()

    def _configure(self) -> None:
        """Debian's files, govdir's, the links that the page has one make, then places and times of a test."""
        etc, certificates = self._etc, self._etc / "certs" / "govdir"
        shutil.copytree(_DEBIAN, etc, symlinks=True, ignore=shutil.ignore_patterns("certs"))
        shutil.copytree(self.files / _WITHIN, etc, dirs_exist_ok=True)
        for theirs in ("sites-enabled/default", "sites-enabled/inner-tunnel", "mods-enabled/eap"):
            (etc / theirs).unlink()
        for enabled, name in (("mods", "ldap-govdir"), ("mods", "eap-govdir"), ("sites", "govdir")):
            (etc / f"{enabled}-enabled" / name).symlink_to(f"../{enabled}-available/{name}")
        make_certificate(certificates / "radius", "radius.cantho.gov.vn")
        (etc / "clients.conf").write_text(_CLIENT)
        for place in ("log", "run"):
            (self.folder / place).mkdir()
        _replace(
            etc / "sites-available" / "govdir",
            ("ipaddr = *", "ipaddr = 127.0.0.1"),
            ("port = 1812", f"port = {self.port}"),
        )
        _replace(
            etc / "radiusd.conf",
            ("raddbdir = /etc/freeradius/3.0", f"raddbdir = {etc}"),
            ("logdir = /var/log/freeradius", f"logdir = {self.folder}/log"),
            ("run_dir = ${localstatedir}/run/${name}", f"run_dir = {self.folder}/run"),
            ("user = freerad", "user = root"),
            ("group = freerad", "group = root"),
            ("reject_delay = 1", "reject_delay = 0"),
        )


def _replace(file: Path, *changes: tuple[str, str]) -> None:
    text = file.read_text("utf-8")
    for theirs, ours in changes:
        assert text.count(f"{theirs}\n") == 1, theirs
        text = text.replace(f"{theirs}\n", f"{ours}\n")
    file.write_text(text, "utf-8")


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
