"""A Postfix of one's own, set up by exactly the files that `govdir service add --for postfix` writes."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import smtplib
import ssl
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from interop.mail.certificates import make_certificate
from interop.programs import missing, require_program
from interop.server import free_port

_STOCK: Final = Path("/usr/share/postfix")
_START_TIMEOUT_SECONDS: Final = 20.0
_COMMAND_TIMEOUT_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.02

# What administrators leave as Debian has it but a test cannot: places, ports, and times of a night.
_PRIVATE: Final = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
myhostname = mx.example.com
mynetworks = 127.9.9.9/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
biff = no
smtpd_tls_cert_file = {folder}/smtp.crt
smtpd_tls_key_file = {folder}/smtp.key
smtpd_tls_security_level = may
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
smtpd_client_connection_rate_limit = 0
in_flow_delay = 0
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
default_transport = discard:nothing leaves this machine
"""


class Postfix:
    """A private instance below `folder`, which everybody may enter; `files` is where the configuration was
    written, such as /etc/postfix/govdir below it.

    `smtp_port` is as port 25 (no login), `submission_port` as 587 (STARTTLS, then a login).
    """

    def __init__(
        self,
        folder: Path,
        files: Path,
        lmtp_port: int,
        auth_port: int,
        quota_port: int = 0,
        *,
        policy: int | None = None,
    ) -> None:
        """The ports are Dovecot's, `quota_port` 0 is not asked. `policy`: another port than the files say,
        such as one where nothing listens."""
        if os.geteuid() != 0:
            missing("only root can run Postfix")
        self._postfix = require_program("postfix", "postfix")
        if not Path("/usr/lib/postfix/postfix-ldap.so").exists():
            missing("Postfix has no LDAP tables (Debian package postfix-ldap)")
        self.folder = folder
        self.smtp_port = free_port()
        self.submission_port = free_port()
        self._configuration = folder / "etc"
        self._dovecot = {
            "DOVECOT_LMTP": f"inet:127.0.0.1:{lmtp_port}",
            "DOVECOT_AUTH": f"inet:127.0.0.1:{auth_port}",
            "DOVECOT_QUOTA": f"inet:127.0.0.1:{quota_port}" if quota_port else "",
        }
        self._make(files, policy)

    # -- running

    def start(self) -> None:
        """Starts it and waits until it answers."""
        self._run(self._postfix, "start")
        try:
            for port in (self.smtp_port, self.submission_port):
                _wait_for(port)
        except (OSError, smtplib.SMTPException) as error:
            self.stop()
            raise AssertionError(self.log[-3000:]) from error

    def stop(self) -> None:
        """Stops it at once."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._run(self._postfix, "stop", check=False)

    def set(self, **settings: str) -> None:
        """Changes settings of main.cf, as `postconf -e` does."""
        self._run("postconf", "-e", *(f"{name}={value}" for name, value in settings.items()))

    def set_up(self) -> None:
        """Runs what govdir wrote for that, as the administrator does."""
        self._run("sh", str(self._configuration / "govdir/setup.sh"))

    def warnings(self) -> list[str]:
        """What `postfix check` and `postconf` complain of."""
        said = self._run(self._postfix, "check").stderr + self._run("postconf", "-n").stderr
        said += self._run("postconf", "-M").stderr + self._run("postconf", "-P").stderr
        return said.splitlines()

    def reload(self) -> None:
        """Has every process read its settings anew."""
        self._run(self._postfix, "reload")

    @contextlib.contextmanager
    def asking(self, before: str, after: str) -> Iterator[None]:
        """Asks another place than `before` about recipients, for a while."""
        name = "smtpd_recipient_restrictions"
        found = self._run("postconf", "-hx", name).stdout.strip()
        assert before in found
        self._take_over(name, found.replace(before, after))
        try:
            yield
        finally:
            self._take_over(name, found)

    def _take_over(self, name: str, value: str) -> None:
        """A setting, and as `postfix reload` does, only sooner, no process that has the one before."""
        self.set(**{name: value})
        begin = len(self.log)
        os.kill(int((self.folder / "queue/pid/master.pid").read_text()), signal.SIGHUP)
        deadline = time.monotonic() + _START_TIMEOUT_SECONDS
        while "reload --" not in self.log[begin:]:
            assert time.monotonic() < deadline, self.log[-3000:]
            time.sleep(_POLL_SECONDS)

    # -- asking

    @property
    def log(self) -> str:
        """What it has logged."""
        return (self.folder / "mail.log").read_text("utf-8", "replace")

    def ask(self, map_name: str, key: str) -> str | None:
        """What `postmap -q` says of one map, None where it finds nothing. Raises AssertionError."""
        table = f"ldap:{self._configuration}/govdir/{map_name}.cf"
        done = self._run("postmap", "-q", key, table, check=False)
        said = done.stderr.strip()
        if done.returncode not in (0, 1) or said:
            raise AssertionError(said or f"postmap ended with {done.returncode}")
        return done.stdout.removesuffix("\n") if done.returncode == 0 else None

    def ask_all(self, map_name: str, keys: Iterable[str]) -> dict[str, str]:
        """What `postmap -q -` says of many keys at once; those it finds nothing for are left out.

        Raises AssertionError.
        """
        table = f"ldap:{self._configuration}/govdir/{map_name}.cf"
        done = self._run("postmap", "-q", "-", table, check=False, given="".join(f"{key}\n" for key in keys))
        if done.stderr:
            raise AssertionError(done.stderr)
        return dict(line.split("\t", 1) for line in done.stdout.splitlines())

    def queued(self, sender: str = "") -> list[str]:
        """The queue ids of the messages that are still with it; "": of any sender."""
        told = map(json.loads, self._run("postqueue", "-j").stdout.splitlines())
        return [each["queue_id"] for each in told if not sender or each["sender"] == sender]

    def flush(self) -> None:
        """Tries everything again that waits."""
        self._run("postqueue", "-f")

    def wait_until_empty(self, seconds: float) -> None:
        """Until nothing is queued. Raises AssertionError with what waits."""
        deadline = time.monotonic() + seconds
        while self.queued():
            if time.monotonic() > deadline:
                raise AssertionError(self._run("postqueue", "-p").stdout + self.log[-3000:])
            time.sleep(0.1)

    # -- talking

    @contextlib.contextmanager
    def outside(self) -> Iterator[smtplib.SMTP]:
        """A session as some other mail server has it."""
        with smtplib.SMTP("127.0.0.1", self.smtp_port, "mail.example.org", timeout=30) as session:
            session.ehlo()
            yield session

    @contextlib.contextmanager
    def login(self, name: str, password: str) -> Iterator[smtplib.SMTP]:
        """A session of a mail program. Raises smtplib.SMTPAuthenticationError."""
        with smtplib.SMTP("127.0.0.1", self.submission_port, "laptop.example.org", timeout=30) as session:
            trust = ssl.create_default_context(cafile=str(self.folder / "smtp.crt"))
            trust.check_hostname = False
            session.starttls(context=trust)
            session.login(name, password)
            yield session

    # -- setting up

    def _make(self, files: Path, policy: int | None) -> None:
        for name in ("etc", "queue", "data"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix", "postfix")
        make_certificate(self.folder / "smtp", "mx.example.com")
        (self._configuration / "main.cf").write_text(_PRIVATE.format(folder=self.folder), "utf-8")
        master = (_STOCK / "master.cf.dist").read_text("utf-8")
        # "1" holds a queue back only a second, for nobody waits for what is new.
        master = master.replace("n       300     1       qmgr", "n       1       1       qmgr")
        (self._configuration / "master.cf").write_text(master, "utf-8")
        for name in ("dynamicmaps.cf", "postfix-files"):
            shutil.copy(Path("/etc/postfix") / name, self._configuration / name)
        for name in ("dynamicmaps.cf.d", "postfix-files.d"):
            shutil.copytree(Path("/etc/postfix") / name, self._configuration / name)
        self._take(files / "etc/postfix/govdir", policy)
        self.set_up()
        self._move_services()

    def _take(self, written: Path, policy: int | None) -> None:
        """The written files, with this instance's place instead of /etc/postfix."""
        place = self._configuration / "govdir"
        place.mkdir()
        for file in written.iterdir():
            text = file.read_text("utf-8").replace("/etc/postfix", str(self._configuration))
            if policy is not None:
                text = re.sub(r"\{ inet:[^ ,]+,", f"{{ inet:127.0.0.1:{policy},", text)
            (place / file.name).write_text(text, "utf-8")

    def _move_services(self) -> None:
        """Ports of one's own; what the tests do not use is left out."""
        master = self._configuration / "master.cf"
        text = master.read_text("utf-8")
        text = re.sub(r"(?m)^smtp +inet", f"127.0.0.1:{self.smtp_port} inet", text)
        text = re.sub(r"(?m)^submission +inet", f"127.0.0.1:{self.submission_port} inet", text)
        text = re.sub(r"(?m)^submissions +inet", f"127.0.0.1:{free_port()} inet", text)
        master.write_text(text, "utf-8")

    def _run(self, *command: str, check: bool = True, given: str = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=_COMMAND_TIMEOUT_SECONDS,
            env={
                **os.environ,
                **self._dovecot,
                "MAIL_CONFIG": str(self._configuration),
                "LC_ALL": "C.UTF-8",
            },
        )
        if check and done.returncode:
            log = self.folder / "mail.log"
            logged = log.read_text("utf-8", "replace")[-3000:] if log.exists() else ""
            raise AssertionError(
                f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}{logged}"
            )
        return done


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_SECONDS
    while True:
        try:
            with smtplib.SMTP("127.0.0.1", port, "localhost", timeout=5):
                return
        except (OSError, smtplib.SMTPException):
            if time.monotonic() > deadline:
                raise
            time.sleep(_POLL_SECONDS)
