"""Dovecot in a folder of its own, with Debian's settings and exactly the files govdir writes."""

from __future__ import annotations

import imaplib
import io
import os
import re
import shutil
import socket
import subprocess
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Final

from interop.mail.daemons import end_daemon, listens, start_daemon
from interop.programs import missing
from interop.server import free_port

DOVECOT: Final = "usr/sbin/dovecot"
PACKAGES: Final = "dovecot-imapd dovecot-pop3d dovecot-lmtpd dovecot-ldap"
ANSWER_SECONDS: Final = 10.0

_MAIL_OWNER: Final = ("nobody", "nogroup")
"""Stand for the vmail that administrators add."""

_SOCKETS: Final = resources.files("govdir.mailservers") / "templates/postfix/etc/postfix/govdir/dovecot.conf"
"""Comes with Postfix's files, and has nothing of a directory's own in it."""

_PRIVATE: Final = """
# What only a test needs: places, ports, no waiting after a wrong password.
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
auth_verbose = yes
auth_failure_delay = 0
listen = 127.0.0.1
mail_max_userip_connections = 100
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3_port}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service doveadm {{
  inet_listener http {{
    port = {doveadm_port}
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""


@dataclass(slots=True)
class Dovecot:
    """One Dovecot below `folder`, which everybody may enter, with the configuration in `files`
    (`etc/dovecot/…` below it, as --write makes it).

    `certificate` and `key` are those of its own TLS. Mail lies below `folder`/mail. On loopback: IMAP,
    POP3, LMTP, to Postfix about logins (`auth_port`) and sizes (`quota_port`), doveadm over HTTP. `more` is
    configuration that comes last. `root`: where another Dovecot than this system's is unpacked, above
    `folder`.
    """

    folder: Path
    files: Path
    certificate: Path
    key: Path
    doveadm_port: int = field(default_factory=free_port)
    imap_port: int = field(default_factory=free_port)
    pop3_port: int = field(default_factory=free_port)
    lmtp_port: int = field(default_factory=free_port)
    auth_port: int = field(default_factory=free_port)
    quota_port: int = field(default_factory=free_port)
    more: str = ""
    root: Path = Path("/")
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What it logged so far."""
        file = self.folder / "dovecot.log"
        return file.read_text("utf-8", "replace") if file.exists() else ""

    def start(self) -> None:
        """Writes the configuration, starts it and waits until it answers."""
        require_dovecot(self.root)
        self._configure()
        ports = (self.imap_port, self.pop3_port, self.lmtp_port, self.auth_port)
        self.process = start_daemon(
            self._command(DOVECOT, "-F"),
            self.folder / "stderr",
            lambda: listens(*ports),
            lambda: self.log,
        )

    def stop(self) -> None:
        """Ends it and its children."""
        if self.process is None:
            return
        process, self.process = self.process, None
        end_daemon(process)

    def imap(self, user: str, password: str) -> imaplib.IMAP4:
        """A session of somebody who logs in. Raises imaplib.IMAP4.error when refused."""
        session = imaplib.IMAP4("127.0.0.1", self.imap_port, timeout=ANSWER_SECONDS)
        try:
            session.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
        except imaplib.IMAP4.error:
            session.shutdown()
            raise
        return session

    def lets_in(self, user: str, password: str) -> bool:
        """Whether somebody gets in by IMAP."""
        try:
            self.imap(user, password).logout()
        except imaplib.IMAP4.error:
            return False
        return True

    def deliver(self, recipient: str, subject: str, octets: int = 0) -> tuple[int, str]:
        """Hands in a message with a body of so many octets, as Postfix does; the answer to the recipient, or
        to the message when the recipient was taken."""
        lines = b"x" * 70 + b"\r\n"
        message = f"Subject: {subject}\r\nFrom: ngoai@example.com\r\n\r\n".encode()
        message += lines * (octets // len(lines)) + b"\r\n"
        with socket.create_connection(("127.0.0.1", self.lmtp_port), ANSWER_SECONDS) as peer:
            file = peer.makefile("rwb")
            answer = _said(file)
            for command in ("LHLO mx", "MAIL FROM:<ngoai@example.com>", f"RCPT TO:<{recipient}>", "DATA"):
                file.write(f"{command}\r\n".encode())
                file.flush()
                answer = _said(file)
                if answer[0] >= 400:
                    return answer
            file.write(message + b".\r\n")
            file.flush()
            return _said(file)

    def fits(self, recipient: str, octets: int) -> str:
        """What Postfix is told about a message of so many octets to somebody (action=…)."""
        question = f"request=smtpd_access_policy\nrecipient={recipient}\nsize={octets}\n\n"
        with socket.create_connection(("127.0.0.1", self.quota_port), ANSWER_SECONDS) as peer:
            peer.sendall(question.encode())
            return peer.recv(4096).decode().strip().removeprefix("action=")

    def doveadm(self, *arguments: str, check: bool = True) -> str:
        """What `doveadm` prints. Raises AssertionError when it fails and `check`."""
        done = subprocess.run(
            [*self._command("usr/bin/doveadm"), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        if check and done.returncode:
            raise AssertionError(f"doveadm {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    @property
    def _seen(self) -> str:
        """The folder as Dovecot sees it."""
        return f"/{self.folder.relative_to(self.root)}"

    def _command(self, program: str, *options: str) -> list[str]:
        command = [f"/{program}", *options, "-c", f"{self._seen}/etc/dovecot.conf"]
        return command if self.root == Path("/") else ["chroot", str(self.root), *command]

    def _configure(self) -> None:
        """Debian's files, then govdir's, then what only a test needs; paths are those of the folder."""
        self.folder.mkdir(exist_ok=True)
        etc, mail = self.folder / "etc", self.folder / "mail"
        if not etc.exists():
            shutil.copytree(self.root / "etc" / "dovecot" / "conf.d", etc / "conf.d")
            mail.mkdir()
            shutil.chown(mail, *_MAIL_OWNER)
            (self.folder / "spool" / "private").mkdir(parents=True)
            shutil.copy(self.certificate, self.folder / "imap.crt")
            shutil.copy(self.key, self.folder / "imap.key")
        stock_keys = "/etc/dovecot/private/dovecot"
        for name, before, after in (
            ("10-auth", "\n!include auth-system", "\n#!include auth-system"),
            ("10-ssl", f"{stock_keys}.pem", f"{self._seen}/imap.crt"),
            ("10-ssl", f"{stock_keys}.key", f"{self._seen}/imap.key"),
        ):
            file = etc / "conf.d" / f"{name}.conf"
            file.write_text(file.read_text("utf-8").replace(before, after), "utf-8")
        for given in (self.files / "etc" / "dovecot").rglob("*"):
            if given.is_file():
                own = etc / given.relative_to(self.files / "etc" / "dovecot")
                own.parent.mkdir(parents=True, exist_ok=True)
                own.write_text(self._placed(given.read_text("utf-8")), "utf-8")
                own.chmod(0o644 if given.suffix == ".crt" else 0o600)
        (etc / "postfix").mkdir(exist_ok=True)
        (etc / "postfix" / _SOCKETS.name).write_text(self._placed(_SOCKETS.read_text("utf-8")), "utf-8")
        ports = {name: getattr(self, name) for name in self.__slots__ if name.endswith("_port")}
        private = _PRIVATE.format(folder=self._seen, **ports)
        (etc / "private.conf").write_text(private + self.more, "utf-8")
        stock = (self.root / "etc" / "dovecot" / "dovecot.conf").read_text("utf-8")
        (etc / "dovecot.conf").write_text(f"{stock}\n!include private.conf\n", "utf-8")

    def _placed(self, text: str) -> str:
        """The administrator's paths, ports, accounts as those of here; Postfix is on both hosts."""
        text = re.sub(r"(?m)^#(?=service |  |\})", "", text)
        for theirs, ours in (
            ("/etc/dovecot/", f"{self._seen}/etc/"),
            ("/etc/postfix/govdir/", f"{self._seen}/etc/postfix/"),
            ("/srv/mail/", f"{self._seen}/mail/"),
            ("/var/spool/postfix/private/", f"{self._seen}/spool/private/"),
            ("port = 8080", f"port = {self.doveadm_port}"),
            ("port = 24\n", f"port = {self.lmtp_port}\n"),
            ("port = 12345", f"port = {self.auth_port}"),
            ("port = 12340", f"port = {self.quota_port}"),
            ("mail_gid = vmail", f"mail_gid = {_MAIL_OWNER[1]}"),
            ("= vmail", f"= {_MAIL_OWNER[0]}"),
            ("= postfix", "= root"),
        ):
            text = text.replace(theirs, ours)
        return text


def require_dovecot(root: Path = Path("/")) -> None:
    """Debian's Dovecot is installed and the tests run as root; else as `programs.missing`."""
    if not (root / DOVECOT).exists() or not (root / "usr/lib/dovecot/lmtp").exists():
        missing(f"Dovecot is not installed (Debian packages {PACKAGES})")
    if os.geteuid() != 0:
        missing("Dovecot's tests need root: its processes change to accounts of their own")


def _said(file: io.BufferedRWPair) -> tuple[int, str]:
    """One reply of SMTP's."""
    while (line := file.readline().decode())[3:4] == "-":
        pass
    return int(line[:3]), line[4:].strip()
