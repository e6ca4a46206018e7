"""OpenLDAP's command-line clients as functions; their exit status is the LDAP result code."""

from __future__ import annotations

import base64
import os
import subprocess
from dataclasses import dataclass
from typing import Final

from interop.programs import require_program
from interop.server import ADMIN, ADMIN_PASSWORD, Server

_TIMEOUT_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Said:
    """How a tool ended: its exit status and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def entries(self) -> dict[str, dict[str, list[str]]]:
        """Standard output as LDIF: DN to attribute (as written) to values."""
        found: dict[str, dict[str, list[str]]] = {}
        for block in self.out.split("\n\n"):
            lines = [_pair(line) for line in block.splitlines() if line and not line.startswith("#")]
            if lines and lines[0][0] == "dn":
                attributes = found.setdefault(lines[0][1], {})
                for name, value in lines[1:]:
                    attributes.setdefault(name, []).append(value)
        return found

    def values(self, attribute: str) -> list[str]:
        """All values of an attribute in all entries, sorted."""
        return sorted(value for entry in self.entries.values() for value in entry.get(attribute, ()))


def _pair(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    if value.startswith(":"):
        return name, base64.b64decode(value[1:]).decode("utf-8", "replace")
    return name, value.removeprefix(" ")


@dataclass(frozen=True, slots=True)
class Tools:
    """The tools aimed at one server, by default as its administrator over StartTLS."""

    server: Server

    def run(
        self,
        tool: str,
        *arguments: str,
        given: str = "",
        uri: str = "",
        start_tls: bool = True,
        dn: str | None = ADMIN,
        password: str = ADMIN_PASSWORD,
    ) -> Said:
        """Runs a tool; `dn` None is anonymous."""
        identity = ["-D", dn, "-w", password] if dn is not None else []
        secure = ["-ZZ"] if start_tls and not uri.startswith("ldaps:") else []
        command = [
            require_program(tool, "ldap-utils"),
            "-x",
            "-H",
            uri or self.server.uri,
            *secure,
            *identity,
        ]
        done = subprocess.run(
            [*command, *arguments],
            input=given,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
            env={**os.environ, "LDAPTLS_CACERT": str(self.server.ca_file)},
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def search(self, base: str, *arguments: str, **how: object) -> Said:
        """`ldapsearch` with bare LDIF."""
        return self.run("ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", base, *arguments, **how)  # type: ignore[arg-type]

    def change(self, ldif: str, *arguments: str, **how: object) -> Said:
        """`ldapmodify` with that LDIF."""
        return self.run("ldapmodify", *arguments, given=ldif, **how)  # type: ignore[arg-type]
