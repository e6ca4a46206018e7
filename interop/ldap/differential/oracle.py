"""A slapd of one's own with the standard schema, as the other party."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from interop.programs import missing
from interop.server import ADMIN, ADMIN_PASSWORD, SUFFIX, free_port

SCHEMA_FOLDER: Final = Path("/etc/ldap/schema")
_READY_SECONDS: Final = 20.0

_CONFIGURATION: Final = """\
{includes}
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
moduleload back_mdb
moduleload sssvlv
database mdb
suffix "{suffix}"
rootdn "{admin}"
rootpw {password}
directory {folder}/db
overlay sssvlv
access to attrs=userPassword by anonymous auth by * none
access to * by users read
"""


@dataclass(frozen=True, slots=True)
class Slapd:
    """A running slapd."""

    port: int


@contextlib.contextmanager
def running_slapd(folder: Path) -> Iterator[Slapd]:
    """slapd with nothing but the suffix entry; skips, or fails in CI, where it is not installed."""
    program = _program("slapd")
    (folder / "db").mkdir(parents=True)
    configuration = folder / "slapd.conf"
    schemas = [SCHEMA_FOLDER / f"{name}.schema" for name in ("core", "cosine", "inetorgperson")]
    configuration.write_text(
        _CONFIGURATION.format(
            includes="\n".join(f"include {schema}" for schema in schemas),
            folder=folder,
            suffix=SUFFIX,
            admin=ADMIN,
            password=ADMIN_PASSWORD,
        )
    )
    root = folder / "root.ldif"
    label = SUFFIX.partition(",")[0].partition("=")[2]
    classes = "\n".join(f"objectClass: {name}" for name in ("top", "organization", "dcObject"))
    root.write_text(f"dn: {SUFFIX}\n{classes}\no: {label}\ndc: {label}\n")
    subprocess.run(
        [_program("slapadd"), "-q", "-f", str(configuration), "-l", str(root)],
        check=True,
        capture_output=True,
    )
    port = free_port()
    listen = f"ldap://127.0.0.1:{port}"
    process = subprocess.Popen(
        [program, "-h", listen, "-f", str(configuration), "-d", "0"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield Slapd(port)
    finally:
        process.terminate()
        process.wait(timeout=_READY_SECONDS)


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        missing(f"{name} is not installed (Debian package slapd)")
    return str(found)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if process.poll() is not None:
            raise AssertionError(f"slapd ended with {process.returncode}")
        time.sleep(0.02)
    raise AssertionError("slapd was not ready in time")
