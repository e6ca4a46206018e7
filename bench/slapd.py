"""A private slapd: mdb in a folder of its own, on a loopback port, with default durability."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench import wire
from bench.data import ADMIN, SUFFIX, write_ldif
from bench.server import (
    OwnProcess,
    free_port,
    timed_run,
    wait_for_search,
)

SCHEMA_FOLDER: Final = Path("/etc/ldap/schema")
_OWN_SCHEMA: Final = Path(__file__).with_name("slapd.schema")
_SBIN: Final = "/usr/sbin:/sbin"  # where Debian keeps slapd, off an ordinary user's PATH
_MAP_BYTES: Final = 16 * 1024**3  # address space only; mdb's file grows as needed

_CONFIGURATION: Final = """\
{includes}
include {own_schema}
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
moduleload back_mdb
moduleload argon2
{modules}
loglevel 0
sizelimit unlimited
database mdb
maxsize {map_bytes}
suffix "{suffix}"
rootdn "{admin}"
rootpw {password}
directory {folder}/db
{overlays}
access to attrs=userPassword by anonymous auth by self write by * none
access to * by users read
index objectClass,uid,mailLocalAddress,entryUUID,member eq
index cn,sn,givenName,displayName,mail eq,sub,pres
"""


def available() -> bool:
    """Whether slapd and slapadd are installed."""
    return _program("slapd") is not None and _program("slapadd") is not None


def version() -> str:
    """The version slapd says it has."""
    said = subprocess.run([_program("slapd") or "slapd", "-VV"], capture_output=True, text=True, check=False)
    return next((word for word in said.stderr.split() if word[:1].isdigit()), "unknown")


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:{_SBIN}")


class Slapd(OwnProcess):
    """slapd with the data of `bench.data`; a context manager that stops it."""

    name = "slapd"

    def __init__(self, folder: Path, *, overlays: Sequence[str] = ()) -> None:
        self.port = free_port()
        self.admin = ADMIN
        self.password = "Bo-song-Hau-9"
        self._folder = folder
        self._overlays = overlays
        self._configuration = folder / "slapd.conf"
        super().__init__()

    def load(self, entries: int) -> float:
        """`slapadd -q` of the whole file into a new database; seconds."""
        shutil.rmtree(self._folder, ignore_errors=True)
        (self._folder / "db").mkdir(parents=True)
        schemas = [SCHEMA_FOLDER / f"{name}.schema" for name in ("core", "cosine", "inetorgperson")]
        self._configuration.write_text(
            _CONFIGURATION.format(
                includes="\n".join(f"include {schema}" for schema in schemas),
                own_schema=_OWN_SCHEMA,
                folder=self._folder,
                modules="\n".join(f"moduleload {name}" for name in self._overlays),
                overlays="\n".join(f"overlay {name}" for name in self._overlays),
                map_bytes=_MAP_BYTES,
                suffix=SUFFIX,
                admin=self.admin,
                password=self.password,
            )
        )
        source = self._folder / "data.ldif"
        write_ldif(source, entries, for_slapd=True)
        return timed_run(
            [_program("slapadd") or "slapadd", "-q", "-f", str(self._configuration), "-l", str(source)]
        )

    def start(self) -> float:
        """Starts it in the foreground; seconds to the first search that finds something."""
        begin = time.perf_counter()
        listen = f"ldap://127.0.0.1:{self.port}"
        command = [_program("slapd") or "slapd", "-h", listen, "-f", str(self._configuration), "-d", "0"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        probe = wire.search(SUFFIX, wire.present("objectClass"), ["1.1"], scope=wire.SCOPE_BASE)
        wait_for_search(self._process, self.port, wire.bind(self.admin, self.password), probe)
        return time.perf_counter() - begin
