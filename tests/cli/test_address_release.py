"""`govdir address release`: an address that was retired may be given again, by the operator at the host."""

from __future__ import annotations

from pathlib import Path

import pytest

from govdir.cli.local import open_directory
from govdir.config import load_config
from tests.cli.command_line import govdir
from tests.cli.office import answer, refused, same_refusal


@pytest.fixture
def retired(office: Path) -> Path:
    """The office once Nguyễn Văn Minh, who had signed in, was taken out of the directory."""
    reset = answer("mailbox", "reset-password", office, "nvminh")
    with open_directory(load_config(office)) as local:
        local.run(local.directory.bind(reset["dn"], reset["password"].encode()))
        local.run(local.directory.flush_logins())
    purged = answer("mailbox", "delete", office, "nvminh", "--purge", "--yes")
    assert purged["retired"] == ["nvminh@cantho.gov.vn"]
    return office


def create(home: Path) -> str:
    return govdir("mailbox", "create", home, "--name", "Nguyễn Văn Minh", "--in", "sonv").stdout.strip()


def test_a_retired_address_is_passed_over_until_it_is_released(retired: Path) -> None:
    assert govdir("address", "release", retired, "nvminh", "--yes").exit_code == 0
    assert create(retired) == "nvminh@cantho.gov.vn"


def test_without_a_release_it_is_not_given_again(retired: Path) -> None:
    assert govdir("address", "release", retired, "nvminh", stdin="n\n").exit_code == 1
    assert create(retired) == "nvanminh@cantho.gov.vn"


@pytest.mark.parametrize("address", ["ltbdao@cantho.gov.vn", "nobody@cantho.gov.vn", "no address"])
def test_what_is_not_retired_is_refused_word_for_word_as_by_the_directory(office: Path, address: str) -> None:
    result = govdir("address", "release", office, address, "--yes")
    whole = address if "@" in address else f"{address}@cantho.gov.vn"
    same_refusal(office, result, lambda local: local.handle.release_address(whole))


def test_a_release_asks_first(office: Path) -> None:
    assert "--yes" in refused("address", "release", office, "nvminh")
