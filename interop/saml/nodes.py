"""Several processes of one directory, and a browser that some balancer sends to one of them or another.

Either two nodes with homes of their own on one PostgreSQL database, or two workers on one SQLite database.
The site has one name; which process answers is for the test to say.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPSConnection
from itertools import cycle
from pathlib import Path
from typing import Final

from interop.saml.browser import Browser
from interop.server import ADMIN_PASSWORD, PROVINCE, Server, govdir

_TRIES: Final = 200  # connections, of which each of two workers surely takes one
_TIMEOUT_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Door:
    """Leads to the process `pid`, which listens on `port`, perhaps among others."""

    port: int
    pid: int

    def open(self, context: ssl.SSLContext, host: str) -> ssl.SSLSocket:
        """A TLS connection to that process."""
        for _ in range(_TRIES):
            plain = socket.create_connection(("127.0.0.1", self.port), _TIMEOUT_SECONDS)
            secure = context.wrap_socket(plain, server_hostname=host)
            if _owns(self.pid, self.port, secure.getsockname()[1]):
                return secure
            secure.close()
        raise AssertionError(f"process {self.pid} took none of {_TRIES} connections")


@dataclass
class Nodes:
    """`servers` are the processes that were started; commands take the home of the first."""

    url: str
    servers: list[Server]
    doors: list[Door] = field(default_factory=list)

    @property
    def first(self) -> Server:
        return self.servers[0]

    @property
    def home(self) -> Path:
        return self.first.home

    def start(self) -> None:
        """Starts all, and finds out where they serve."""
        self.doors = []
        for server in self.servers:
            server.start()
            assert server.process is not None
            pid = server.process.pid
            self.doors += [Door(server.web_port, each) for each in _children(pid) or [pid]]

    def stop(self) -> None:
        """Ends all."""
        for server in self.servers:
            server.stop()

    def command(self, *arguments: str) -> str:
        """What a command on the first home says on standard output."""
        place = 1 if arguments[0] == "sign-ins" else 2
        return govdir(*arguments[:place], str(self.home), *arguments[place:]).stdout


class Balanced(Browser):
    """A browser whose requests go by turns to all of `doors`, or to the one at `at`."""

    def __init__(self, nodes: Nodes, language: str = "en") -> None:
        super().__init__(nodes.first.ca_file, language=language)
        self.at: Door | None = None
        self._turns = cycle(nodes.doors)
        self._open: dict[Door, HTTPSConnection] = {}
        self._context = ssl.create_default_context(cafile=str(nodes.first.ca_file))

    @contextmanager
    def _connection(self, host: str, port: int) -> Iterator[HTTPSConnection]:
        door = self.at or next(self._turns)
        connection = self._open.pop(door, None)
        if connection is None or connection.sock is None:
            connection = HTTPSConnection(host, port, timeout=_TIMEOUT_SECONDS)
            connection.auto_open = 0  # else another process might take the next request
            connection.sock = door.open(self._context, host)
        yield connection
        self._open[door] = connection

    def close(self) -> None:
        """Ends its connections."""
        for connection in self._open.values():
            connection.close()


@contextmanager
def two_nodes(folder: Path, database: str) -> Iterator[Nodes]:
    """Two homes with the same keys on one PostgreSQL database."""
    first = _home(folder / "first", "--database", database)
    url = first.web_url
    _set(first, url=url)
    second = folder / "second" / "home"
    second.parent.mkdir()
    shutil.copytree(first.home, second)
    yield from _running(Nodes(url, [first, Server(second)]))


@contextmanager
def two_workers(folder: Path) -> Iterator[Nodes]:
    """One home on SQLite, served by two processes on the same sockets."""
    server = _home(folder / "workers")
    _set(server, url=server.web_url, workers=2)
    yield from _running(Nodes(server.web_url, [server]))


def _running(nodes: Nodes) -> Iterator[Nodes]:
    nodes.start()
    try:
        yield nodes
    finally:
        nodes.stop()


def _home(folder: Path, *options: str) -> Server:
    folder.mkdir()
    password_file = folder / "admin-password"
    password_file.touch(mode=0o600)
    password_file.write_text(ADMIN_PASSWORD, "utf-8")
    home = folder / "home"
    secret = ("--admin-password-file", str(password_file))
    govdir("init", str(home), "--province", PROVINCE, *secret, *options)
    return Server(home)


def _set(server: Server, *, url: str, workers: int = 1) -> None:
    """[web] url, which is the second of that name in the file, and [work] workers."""
    configuration = server.home / "govdir.toml"
    before, mark, web = configuration.read_text("utf-8").partition("\n[web]\n")
    web, count = re.subn(r'(?m)^# url = ""$', f'url = "{url}"', web)
    web, counted = re.subn(r"(?m)^# workers = 1$", f"workers = {workers}", web)
    assert (count, counted) == (1, 1)
    configuration.write_text(before + mark + web, "utf-8")


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _owns(pid: int, port: int, peer: int) -> bool:
    """Whether the connection from `peer` to `port`, both on loopback, is one of that process's."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, *_, inode = line.split()[:10]
        if (int(local.partition(":")[2], 16), int(remote.partition(":")[2], 16)) == (port, peer):
            return f"socket:[{inode}]" in _descriptors(pid)
    return False


def _descriptors(pid: int) -> set[str]:
    found = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(os.readlink(each))
        except FileNotFoundError:  # closed meanwhile
            continue
    return found
