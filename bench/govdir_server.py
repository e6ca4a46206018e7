"""A private govdir, driven only by its command line, with the settings `govdir init` writes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Final

from bench import wire
from bench.data import ADMIN, SUFFIX, write_ldif
from bench.server import (
    OwnProcess,
    environment,
    free_port,
    timed_run,
    wait_for_search,
)

PROVINCE: Final = "cantho"
_LDAPS_LINE: Final = re.compile(r"^#?\s*ldaps\s*=.*$", re.MULTILINE)


def version() -> str:
    """The version of the installed package."""
    return metadata.version("govdir")


class GovdirServer(OwnProcess):
    """govdir with the data of `bench.data`; `wrapper` runs it under a profiler."""

    name = "govdir"

    def __init__(
        self, folder: Path, *, workers: int = 1, web_workers: int = 0, wrapper: Sequence[str] = ()
    ) -> None:
        self.port = free_port()
        self.web_port = free_port()
        self.admin = ADMIN
        self.password = "Bo-song-Hau-9"
        self._folder = folder
        self.home = folder / "home"
        self._workers = workers
        self._web_workers = web_workers
        self._govdir = [*(wrapper or [sys.executable]), "-m", "govdir"]
        super().__init__()

    def load(self, entries: int) -> float:
        """`govdir import` of the whole file into a new home; seconds of the import alone."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        password_file = self._folder / "admin-password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        command = [sys.executable, "-m", "govdir"]
        new_home = ["init", str(self.home), "--province", PROVINCE]
        timed_run([*command, *new_home, "--admin-password-file", str(password_file)])
        configuration = self.home / "govdir.toml"
        configuration.write_text(_LDAPS_LINE.sub("ldaps = []", configuration.read_text()))
        source = self._folder / "data.ldif"
        write_ldif(source, entries, for_slapd=False)
        return timed_run([*command, "import", str(self.home), str(source), "--keep-addresses"])

    @property
    def authority(self) -> Path:
        """The certificate that its TLS is to be checked with."""
        return self.home / "keys" / "ca.crt"

    def start(self) -> float:
        """Starts it; seconds to the first search that finds something."""
        begin = time.perf_counter()
        command = [*self._govdir, "serve", str(self.home)]
        command += ["--ldap", f"127.0.0.1:{self.port}", "--web", f"127.0.0.1:{self.web_port}"]
        if self._workers > 1:
            command += ["--workers", str(self._workers)]
        if self._web_workers:
            command += ["--web-workers", str(self._web_workers)]
        with (
            (self._folder / "access.log").open("ab") as access,
            (self._folder / "events.log").open("ab") as events,
        ):
            self._process = subprocess.Popen(command, stdout=access, stderr=events, env=environment())
        probe = wire.search(SUFFIX, wire.present("objectClass"), ["1.1"], scope=wire.SCOPE_BASE)
        wait_for_search(self._process, self.port, wire.bind(self.admin, self.password), probe)
        return time.perf_counter() - begin
