"""A private PostgreSQL cluster on a Unix socket, for as long as a test session lasts."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

_OWNER = "postgres"


def _programs() -> Path:
    """Where initdb and pg_ctl are; without them the test is skipped, or fails when CI=true."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    on_path = shutil.which("pg_ctl")
    if found:
        return found[-1].parent
    if on_path:
        return Path(on_path).parent
    reason = "PostgreSQL's server programs are not installed (Debian: apt-get install postgresql)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _as_owner() -> list[str]:
    """The server refuses to run as root; Debian's package brings a user for it."""
    if os.getuid() != 0:
        return []
    return ["setpriv", f"--reuid={_OWNER}", f"--regid={_OWNER}", "--clear-groups"]


class Cluster:
    """`url(name)` is the URL of a database in it; `start` and `stop` as its operator would, at once."""

    def __init__(self, home: Path, start: Callable[[], None], stop: Callable[[], None]) -> None:
        self.home = home
        self.start = start
        self.stop = stop

    def url(self, database: str) -> str:
        return f"postgresql://{_OWNER}@/{database}?host={self.home}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def private_cluster() -> Iterator[Cluster]:
    programs, prefix = _programs(), _as_owner()
    home = Path(tempfile.mkdtemp(prefix="govdir-pg-"))
    if prefix:
        owner = pwd.getpwnam(_OWNER)
        os.chown(home, owner.pw_uid, owner.pw_gid)
    data = home / "data"

    def run(*command: str) -> None:
        subprocess.run([*prefix, *command], check=True, cwd=home, stdout=subprocess.DEVNULL)

    try:
        run(f"{programs}/initdb", "-D", f"{data}", "-U", _OWNER, "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-k {home} -c listen_addresses= -c fsync=off -c max_connections=40"

        def start() -> None:
            run(f"{programs}/pg_ctl", "-D", f"{data}", "-w", "-l", f"{home}/log", "-o", options, "start")

        def stop() -> None:
            run(f"{programs}/pg_ctl", "-D", f"{data}", "-w", "-m", "immediate", "stop")

        start()
        try:
            yield Cluster(home, start, stop)
        finally:
            stop()
    finally:
        shutil.rmtree(home)
