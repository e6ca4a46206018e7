"""A small office to run commands on, made by the commands themselves."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from govdir.cli.local import LocalDirectory, open_directory
from govdir.config import load_config
from govdir.directory.errors import DirectoryError
from tests.cli.command_line import govdir

SUFFIX = "dc=cantho,dc=gov,dc=vn"
SONV = f"ou=sonv,ou=orgs,{SUFFIX}"
MINH = f"uid=nvminh,{SONV}"


def furnish(home: Path) -> None:
    """Three agencies, a unit, three people, and what the examples of the commands start from."""
    for line in (
        ("org", "create", home, "--name", "Sở Nội vụ"),
        ("org", "create", home, "--name", "Sở Thông tin và Truyền thông"),
        ("org", "create", home, "--name", "Sở Y tế", "--label", "soyte"),
        ("org", "create", home, "--name", "Văn phòng", "--in", "sonv"),
        ("mailbox", "create", home, "--name", "Nguyễn Văn Minh", "--in", "sonv", "--rank", "leader"),
        ("mailbox", "create", home, "--name", "Lê Thị Bích Đào", "--in", "sonv"),
        ("mailbox", "create", home, "--name", "Trần Quốc Ân", "--in", "sonv"),
        ("mailbox", "handover", home, "sonv", "--to", "tqan"),
    ):
        result = govdir(*line)
        assert result.exit_code == 0, result.stderr


def answer(*line: str | object) -> Any:
    """What a command prints with --json."""
    result = govdir(*line, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def refused(*line: str | object, locale: str = "C.UTF-8") -> str:
    """What a command that is refused says."""
    result = govdir(*line, locale=locale)
    assert result.exit_code == 1, result.output
    assert not result.stdout
    return result.stderr.strip()


def texts(home: Path, dn: str, name: str) -> tuple[str, ...]:
    """An attribute as it is stored."""
    with open_directory(load_config(home)) as local:
        return local.handle.read(dn).texts(name)


def change_number(home: Path) -> int:
    """Of the newest change: tells how many were made."""
    with open_directory(load_config(home)) as local:
        return local.directory.image.number


def same_refusal(
    home: Path,
    result: Result,
    asked: Callable[[LocalDirectory], Coroutine[Any, Any, object]],
    locale: str = "C.UTF-8",
) -> None:
    """The command said what the directory says to an LDAP client that asks for the same thing.

    `locale` is the one the command ran in.
    """
    mark = "Lỗi" if locale.startswith("vi") else "Error"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LC_ALL", locale)
        with open_directory(load_config(home)) as local, pytest.raises(DirectoryError) as refusal:
            local.run(asked(local))
    assert result.exit_code == 1
    assert result.stderr.strip().splitlines()[-1] == f"{mark}: {refusal.value.diagnostic}"
