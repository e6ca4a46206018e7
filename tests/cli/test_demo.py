"""`govdir demo`: what `make run` starts."""

from __future__ import annotations

import json
import shlex
import signal
import socket
import stat
from pathlib import Path

from govdir.cli.demo import things_to_try
from govdir.cli.demo_accounts import Accounts
from govdir.cli.local import open_directory
from govdir.config import Endpoint, load_config
from govdir.listening import Listening
from tests.cli.command_line import govdir
from tests.cli.serving import serving

SUFFIX = "dc=cantho,dc=gov,dc=vn"


def accounts(home: Path) -> dict[str, dict[str, str]]:
    loaded = json.loads((home / "accounts.json").read_text())
    assert isinstance(loaded, dict)
    return loaded


def test_a_port_that_is_taken_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        endpoint = f"127.0.0.1:{taken.getsockname()[1]}"
        result = govdir("demo", "--province", "cantho", "--home", tmp_path / "home", "--ldap", endpoint)
    assert result.exit_code == 3
    assert f"{endpoint} is in use" in result.stderr
    assert not (tmp_path / "home").exists()


def test_every_sample_account_signs_in_and_is_what_it_says(demo_home: Path) -> None:
    told = accounts(demo_home)
    with open_directory(load_config(demo_home)) as local:
        roles = {}
        for name, account in told.items():
            caller = local.run(local.directory.bind(account["dn"], account["password"].encode())).caller
            assert not caller.must_change
            roles[name] = caller.role.value
    assert roles == {
        "admin": "administrator",
        "mail": "service",
        "person": "person",
        "shared": "person",
        "agency_admin": "person",
    }
    assert told["person"]["mail"] == "nvminh@cantho.gov.vn"


def test_the_agencys_administrator_is_appointed_in_an_agency_above(demo_home: Path) -> None:
    dn = accounts(demo_home)["agency_admin"]["dn"]
    with open_directory(load_config(demo_home)) as local:
        (agency,) = local.find(f"(gdItAdmin={dn})")
    assert dn.endswith("," + agency)


def test_the_accounts_are_for_their_owner_only(demo_home: Path) -> None:
    assert stat.S_IMODE((demo_home / "accounts.json").stat().st_mode) == 0o600


def test_the_lines_to_try_are_whole_commands_for_the_clients(demo_home: Path) -> None:
    told = json.loads((demo_home / "accounts.json").read_text())
    listening = Listening(socket.socket(), Endpoint("127.0.0.1", 3389), tls=False)
    with listening.socket:
        lines = [
            shlex.split(text.partition("<<")[0])
            for _, text in things_to_try(load_config(demo_home), (listening,), as_accounts(told))
        ]
    assert [line[1] for line in lines] == ["ldapsearch", "ldapsearch", "ldapadd"]
    for line in lines:
        assert line[0] == f"LDAPTLS_CACERT={demo_home / 'keys' / 'ca.crt'}"
        assert "ldap://localhost:3389" in line


def as_accounts(told: object) -> Accounts:
    import msgspec

    return msgspec.convert(told, Accounts)


def test_started_again_it_keeps_its_data_and_ctrl_c_ends_it_cleanly(demo_home: Path) -> None:
    before = accounts(demo_home)
    with serving("demo", "--province", "cantho", "--home", demo_home) as server:
        assert server.stop(signal.SIGINT) == 0
    assert accounts(demo_home) == before
    assert govdir("doctor", demo_home).exit_code == 0
