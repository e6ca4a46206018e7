"""Debian's Exim 4, unpacked but not installed, with exactly the files govdir writes, at their own paths.

It runs in a mount namespace of its own, in which /etc is a copy with the account and the files that Debian's
packages and an administrator would have brought.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import smtplib
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from interop.mail.certificates import make_certificate
from interop.mail.daemons import end_daemon, listens, start_daemon
from interop.programs import missing
from interop.server import free_port

PROGRAM: Final = Path(__file__).parents[2] / "var" / "exim" / "usr" / "sbin" / "exim4"

_POLL_SECONDS: Final = 0.02
_NO_LIBRARY: Final = 127
"""How the loader ends a program that it cannot load."""
_OWNER: Final = 64999
"""Stands for Debian-exim, which Debian's package adds."""

# What a test sets above and instead of the example's settings: places, ports, no waiting.
_PRIVATE: Final = """
exim_path = {program}
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/exim.pid
primary_hostname = mail.cantho.gov.vn
local_interfaces = 127.0.0.1
rfc1413_query_timeout = 0s
smtp_accept_max = 100
queue_run_max = 10
remote_max_parallel = 4
GOVDIR_LMTP = {lmtp}
"""
# Below it everything is Exim's own; what mounts there is seen by nobody else.
_IN_NAMESPACE: Final = 'mount --make-rprivate / && mount --bind "$0" /etc && exec "$@"'


@dataclass(slots=True)
class Exim:
    """One Exim below `folder`, configured by `files` (`etc/exim4/…`, as --write makes it).

    Everybody may enter `folder`. `lmtp` is the socket it hands mail to; `smtp_port` is like port 25,
    `submission_port` like 587.
    """

    folder: Path
    files: Path
    lmtp: Path
    smtp_port: int = field(default_factory=free_port)
    submission_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What it logged so far, for whatever reason."""
        return "".join(
            file.read_text("utf-8", "replace") for file in sorted((self.folder / "log").glob("*log"))
        )

    def start(self) -> None:
        """Writes the configuration, starts the daemon and waits until it answers."""
        self.configure()
        self.process = start_daemon(
            self._command("-bdf", "-q1s"),
            self.folder / "stderr",
            lambda: listens(self.smtp_port, self.submission_port),
            lambda: self.log,
        )

    def stop(self) -> None:
        """Ends the daemon; what is in its queue stays there."""
        if self.process is None:
            return
        process, self.process = self.process, None
        end_daemon(process)

    def run(self, *arguments: str, given: str = "") -> str:
        """What Exim prints, called with these arguments; its status is not looked at."""
        done = subprocess.run(
            self._command(*arguments),
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return done.stdout + done.stderr

    def routed(self, address: str) -> list[str]:
        """Whom a letter to the address reaches, in order; [] if it is refused.

        Raises AssertionError if that cannot be said now.
        """
        said = self.run("-bt", address)
        assert "cannot be resolved" not in said, said
        lines = said.splitlines()
        reached = [
            line for line, after in zip(lines, [*lines[1:], ""], strict=True) if after.startswith("  ")
        ]
        return sorted(line for line in reached if not line.startswith(" "))

    def waiting(self) -> int:
        """How many messages are in the queue."""
        return int(self.run("-bpc").strip() or 0)

    def wait_until_empty(self, seconds: float) -> None:
        """The queue is empty. Raises AssertionError if it does not get so in time."""
        deadline = time.monotonic() + seconds
        while self.waiting():
            assert time.monotonic() < deadline, self.log[-3000:]
            time.sleep(_POLL_SECONDS)

    @contextlib.contextmanager
    def outside(self) -> Iterator[smtplib.SMTP]:
        """A session as on port 25."""
        with smtplib.SMTP("127.0.0.1", self.smtp_port, "client.example.com", timeout=30) as session:
            session.ehlo()
            yield session

    @contextlib.contextmanager
    def encrypted(self) -> Iterator[smtplib.SMTP]:
        """A session as on port 587, under TLS and before a login."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # a certificate by itself
        with smtplib.SMTP("127.0.0.1", self.submission_port, "client.example.com", timeout=60) as session:
            session.starttls(context=context)
            session.ehlo()
            yield session

    @contextlib.contextmanager
    def signed_in(self, login: str, password: str) -> Iterator[smtplib.SMTP]:
        """The same after a login. Raises smtplib.SMTPAuthenticationError."""
        with self.encrypted() as session:
            session.login(login, password)
            yield session

    def configure(self) -> None:
        """The example, a test's settings above it, in a copy of /etc."""
        require_exim()
        etc = self.folder / "etc"
        if not etc.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            shutil.copytree("/etc", etc, symlinks=True, ignore_dangling_symlinks=True)
            for account in ("passwd", "group"):
                line = f"Debian-exim:x:{_OWNER}:" + (
                    f"{_OWNER}::{self.folder}/spool:/bin/false" if account == "passwd" else ""
                )
                (etc / account).write_text(f"{(etc / account).read_text()}{line}\n")
            for own in ("spool", "log"):
                (self.folder / own).mkdir()
                os.chown(self.folder / own, _OWNER, _OWNER)
        shutil.copytree(self.files / "etc" / "exim4", etc / "exim4", dirs_exist_ok=True)
        for file in (etc / "exim4").rglob("*"):
            os.chown(file, 0, _OWNER)  # as docs/clients/exim.md has it
        make_certificate(etc / "exim4" / "exim", "localhost")
        os.chown(etc / "exim4" / "exim.key", _OWNER, _OWNER)
        (etc / "exim4" / "exim4.conf").write_text(self._configuration(etc), "utf-8")

    def _configuration(self, etc: Path) -> str:
        private = _PRIVATE.format(program=PROGRAM, folder=self.folder, lmtp=self.lmtp)
        text = (etc / "exim4" / "govdir" / "exim4.conf.example").read_text("utf-8")
        for theirs, ours in (
            (
                "daemon_smtp_ports = 25 : 465 : 587",
                f"daemon_smtp_ports = {self.smtp_port} : {self.submission_port}",
            ),
            ("{465:587}", f"{{465:{self.submission_port}}}"),
            ("F,2h,5m; G,16h,1h,1.5; F,4d,6h", "F,1h,1s"),
            # A test plays outsiders from loopback too.
            ("relay_from_hosts = <\\n 127.0.0.1 \\n ::1", "relay_from_hosts = <\\n 127.0.0.9"),
        ):
            assert text.count(theirs) == 1, theirs
            text = text.replace(theirs, ours)
        return private + text

    def _command(self, *arguments: str) -> Sequence[str]:
        etc = self.folder / "etc"
        return ["unshare", "--mount", "sh", "-c", _IN_NAMESPACE, str(etc), str(PROGRAM), *arguments]


def require_exim() -> None:
    """Exim is unpacked and the tests may run it; else as `programs.missing`."""
    if not PROGRAM.exists():
        missing("Exim is not unpacked (scripts/unpacked-exim var/exim)")
    if subprocess.run([PROGRAM, "-bV"], capture_output=True, check=False).returncode == _NO_LIBRARY:
        missing("Exim lacks libraries (Debian packages libgnutls-dane0 libidn12 libmariadb3 libspf2-2)")
    if os.geteuid() != 0:
        missing("Exim's tests need root: it changes to accounts of its own")
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        missing("Exim's tests need a mount namespace (CAP_SYS_ADMIN)")
