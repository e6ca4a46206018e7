"""Programs that ask an LDAP server whether a password is right, set up as their manuals have it."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from interop.ldap.test_mail_service import wait_until_known
from interop.mail.dovecot import DOVECOT, require_dovecot
from interop.mail.town import Town
from interop.programs import missing, require_program
from interop.server import SUFFIX, free_port, govdir

ANSWER_SECONDS: Final = 20.0
START_SECONDS: Final = 20.0
STOP_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.02

_DOVECOT: Final = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols =
ssl = no
auth_failure_delay = 0
auth_verbose = yes
passdb {{
  driver = ldap
  args = {folder}/ldap.conf
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""
_DOVECOT_LDAP: Final = """
uris = ldap://localhost:{port}
tls = yes
tls_require_cert = hard
tls_ca_cert_file = {authority}
base = {base}
{who}
{more}
"""
_APACHE: Final = """
ServerRoot /usr/lib/apache2
ServerName localhost
Listen 127.0.0.1:{own_port}
PidFile {folder}/pid
ErrorLog {folder}/log
Mutex file:{folder}
StartServers 1
{modules}
LDAPTrustedGlobalCert CA_BASE64 {authority}
LDAPTrustedMode TLS
User www-data
Group www-data
DocumentRoot {folder}/site
<Directory {folder}/site>
  AuthType Basic
  AuthName govdir
  AuthBasicProvider ldap
  AuthLDAPURL "ldap://localhost:{port}/{base}"
  AuthLDAPBindDN "{dn}"
  AuthLDAPBindPassword "{password}"
  Require valid-user
  {more}
</Directory>
"""
_APACHE_MODULES: Final = (
    "mpm_event",
    "authn_core",
    "authz_core",
    "authz_user",
    "auth_basic",
    "ldap",
    "authnz_ldap",
)


@dataclass(slots=True)
class Client(ABC):
    """One program below `folder`, which everybody may enter; it binds as the service `who` (DN, password)."""

    folder: Path
    town: Town
    who: tuple[str, str]
    more: str = ""
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @abstractmethod
    def lets_in(self, name: str, password: str) -> bool:
        """Whether it takes the password for right."""

    @abstractmethod
    def _command(self) -> list[str]:
        """Writes the configuration; what runs in the foreground."""

    @abstractmethod
    def _is_up(self) -> bool:
        """Whether it can be asked."""

    @property
    def log(self) -> str:
        """What it logged so far."""
        return (self.folder / "log").read_text("utf-8", "replace")

    def start(self) -> None:
        """Starts it and waits until it can be asked."""
        self.folder.mkdir()
        self.folder.chmod(0o755)
        shutil.copy(self.town.server.ca_file, self._authority)
        self._authority.chmod(0o644)
        said = self.folder / "said"
        with said.open("wb") as out:
            self.process = subprocess.Popen(
                self._command(), stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._is_up():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"it did not start:\n{said.read_text('utf-8', 'replace')[-3000:]}")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Ends it and its children."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    @property
    def _authority(self) -> Path:
        return self.folder / "ca.crt"


class DovecotLogins(Client):
    """Dovecot, of which only the question for passwords is of interest; `more` goes into its LDAP file."""

    __slots__ = ()

    def lets_in(self, name: str, password: str) -> bool:
        """As IMAP asks it."""
        command = ["doveadm", "-c", str(self.folder / "dovecot.conf"), "auth", "test", "-x", "service=imap"]
        done = subprocess.run(
            [*command, "--", name, password],
            input="",
            capture_output=True,
            text=True,
            timeout=ANSWER_SECONDS,
            check=False,
        )
        assert "auth succeeded" in done.stdout or "auth failed" in done.stdout, done.stdout + done.stderr
        return "auth succeeded" in done.stdout

    def _command(self) -> list[str]:
        require_dovecot()
        dn, password = self.who
        who = f'dn = {dn}\ndnpass = "{password}"'
        file = self.folder / "ldap.conf"
        file.write_text(
            _DOVECOT_LDAP.format(
                port=self.town.server.port, authority=self._authority, base=SUFFIX, who=who, more=self.more
            ),
            "utf-8",
        )
        (self.folder / "dovecot.conf").write_text(_DOVECOT.format(folder=self.folder), "utf-8")
        return [f"/{DOVECOT}", "-F", "-c", str(self.folder / "dovecot.conf")]

    def _is_up(self) -> bool:
        return (self.folder / "run" / "auth-client").exists()


class ApacheLogins(Client):
    """Apache's mod_authnz_ldap, found by uid as its manual has it; `more` goes into its <Directory>."""

    __slots__ = ("_port", "settings")

    def __init__(self, folder: Path, town: Town, who: tuple[str, str], settings: str = "") -> None:
        super().__init__(folder, town, who)
        self.settings = settings
        self._port = free_port()

    def lets_in(self, name: str, password: str) -> bool:
        """As a browser is."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_SECONDS)
        token = b64encode(f"{name}:{password}".encode()).decode()
        try:
            connection.request("GET", "/page", headers={"Authorization": f"Basic {token}"})
            status = connection.getresponse().status
        finally:
            connection.close()
        assert status in {http.client.OK, http.client.UNAUTHORIZED}, self.log[-2000:]
        return status == http.client.OK

    def _command(self) -> list[str]:
        program = require_program("apache2", "apache2")
        modules = Path("/usr/lib/apache2/modules")
        if not (modules / "mod_authnz_ldap.so").exists():
            missing(f"no mod_authnz_ldap in {modules} (Debian package apache2-bin)")
        (self.folder / "site").mkdir()
        (self.folder / "site" / "page").write_text("govdir", "utf-8")
        dn, password = self.who
        text = _APACHE.format(
            own_port=self._port,
            folder=self.folder,
            modules="\n".join(
                f"LoadModule {name}_module {modules}/mod_{name}.so" for name in _APACHE_MODULES
            ),
            authority=self._authority,
            port=self.town.server.port,
            base=SUFFIX,
            dn=dn,
            password=password,
            more=self.more,
        )
        file = self.folder / "apache.conf"
        file.write_text(f"{text}\n{self.settings}\n", "utf-8")
        return [program, "-DFOREGROUND", "-f", str(file)]

    def _is_up(self) -> bool:
        try:
            return self.lets_in("", "") is False
        except OSError:
            return False


def service(town: Town, name: str, job: str) -> tuple[str, str]:
    """A new identity for a program that govdir does not know by name: its DN and password."""
    made = json.loads(govdir("service", "add", str(town.server.home), name, "--for", job, "--json").stdout)
    who = (str(made["dn"]), str(made["password"]))
    wait_until_known(town.server, who)
    return who
