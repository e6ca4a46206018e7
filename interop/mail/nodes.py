"""The same town, served by two nodes on one PostgreSQL database."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from interop.mail.town import Town, living
from interop.server import ADMIN_PASSWORD, PROVINCE, Server, free_port, govdir


@contextmanager
def town_of_two(folder: Path, database: str) -> Iterator[Town]:
    """`database` is the URL of an empty one; the second node is `others[0]`."""
    policy, other_policy, doveadm = free_port(), free_port(), free_port()
    first = _home(folder / "first", database)
    second = Server(folder / "second" / "home")
    second.home.parent.mkdir()
    shutil.copytree(first.home, second.home)
    for node, port in ((first, policy), (second, other_policy)):
        _set(node, policy=f'["127.0.0.1:{port}"]', doveadm=f'["http://127.0.0.1:{doveadm}"]')
    town = Town(first, policy, doveadm, others=(second,), other_policy_ports=(other_policy,))
    with living(town, folder):
        yield town


def _home(folder: Path, database: str) -> Server:
    folder.mkdir()
    password_file = folder / "admin-password"
    password_file.touch(mode=0o600)
    password_file.write_text(ADMIN_PASSWORD, "utf-8")
    secret = ("--admin-password-file", str(password_file))
    govdir("init", str(folder / "home"), "--province", PROVINCE, *secret, "--database", database)
    return Server(folder / "home")


def _set(node: Server, **settings: str) -> None:
    """Lines of govdir.toml, as TOML."""
    text = _configuration(node).read_text("utf-8")
    for name, value in settings.items():
        text, count = re.subn(rf"(?m)^#?\s*{name}\s*=.*$", f"{name} = {value}", text)
        assert count == 1, name
    _configuration(node).write_text(text, "utf-8")


def _configuration(node: Server) -> Path:
    return node.home / "govdir.toml"
