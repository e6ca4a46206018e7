"""`govdir demo`: what `make run` starts."""

from __future__ import annotations

import json
import shlex
import signal
import socket
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from govdir.cli.demo import read_accounts
from govdir.cli.demo_tries import foresee, things_to_try
from govdir.cli.local import open_directory
from govdir.cli.people import record_of
from govdir.config import load_config
from govdir.config_kinds import Endpoint
from govdir.directory.errors import InvalidCredentials
from govdir.directory.password_state import state_of
from govdir.ldap.codec.messages import Attribute, Change, ModifyOperation, ModifyRequest
from govdir.listening import Listening, Service
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


def check_sign_ins(home: Path) -> None:
    """All of them sign in as they are told to, but for those that show what hinders a sign-in."""
    told = accounts(home)
    suspended = told.pop("suspended")
    with open_directory(load_config(home)) as local:
        for name, account in told.items():
            caller = local.run(local.directory.bind(account["dn"], account["password"].encode())).caller
            assert caller.must_change == (name in {"must_change", "expired"})
        with pytest.raises(InvalidCredentials):
            local.run(local.directory.bind(suspended["dn"], suspended["password"].encode()))
        assert local.handle.read(suspended["dn"]).text("gdState") == "suspended"


def test_every_sample_account_signs_in_as_it_is_told_to(demo_home: Path) -> None:
    check_sign_ins(demo_home)
    assert accounts(demo_home)["person"]["mail"] == "nvminh@cantho.gov.vn"


def test_the_expired_password_is_older_than_the_regulation_allows_and_was_not_set_by_others(
    demo_home: Path,
) -> None:
    dn = accounts(demo_home)["expired"]["dn"]
    with open_directory(load_config(demo_home)) as local:
        record = record_of(local, dn)
        assert record is not None
        state = state_of(record.shape.attributes(record.body))
    assert state.changed_at is not None
    assert 90 < (datetime.now(UTC) - state.changed_at).days < 120
    assert not state.reset


def test_nobody_is_two_of_the_sample_accounts(demo_home: Path) -> None:
    names = [account["dn"] for account in accounts(demo_home).values()]

    assert len(set(names)) == len(names) == 12


@pytest.mark.parametrize("kind", ["operator", "approver", "auditor"])
def test_the_role_accounts_are_people_who_hold_the_role(demo_home: Path, kind: str) -> None:
    account = accounts(demo_home)[kind]
    with open_directory(load_config(demo_home)) as local:
        (group,) = local.find(f"(&(objectClass=gdRoleGroup)(gdRoleKind={kind}))")
        assert local.handle.read(group).texts("member") == (account["dn"],)
    assert group == f"cn={kind}s,ou=admins,{SUFFIX}"
    assert account["mail"].endswith("@cantho.gov.vn")


def test_the_shared_mailbox_has_its_owner_and_a_delegate_who_sign_in_as_themselves(demo_home: Path) -> None:
    told = accounts(demo_home)
    with open_directory(load_config(demo_home)) as local:
        shared = local.handle.read(told["shared"]["dn"])
    assert shared.texts("owner") == (told["owner"]["dn"],)
    assert shared.texts("gdDelegate") == (told["person"]["dn"],)
    assert told["shared"]["mail"] == "sotttt@cantho.gov.vn"


def test_the_agencys_administrator_is_appointed_in_an_agency_above(demo_home: Path) -> None:
    dn = accounts(demo_home)["agency_admin"]["dn"]
    with open_directory(load_config(demo_home)) as local:
        (agency,) = local.find(f"(gdItAdmin={dn})")
    assert dn.endswith("," + agency)


def test_the_accounts_are_for_their_owner_only(demo_home: Path) -> None:
    assert stat.S_IMODE((demo_home / "accounts.json").stat().st_mode) == 0o600


def test_the_lines_to_try_are_whole_commands_for_the_clients(demo_home: Path) -> None:
    config = load_config(demo_home)
    listening = Listening(socket.socket(), Endpoint("127.0.0.1", 3389), Service.LDAP)
    with listening.socket, open_directory(config) as local:
        told = read_accounts(local)
        pack, namesake = local.core.pack, foresee(local, told)
        lines = [
            shlex.split(text.partition("<<")[0])
            for _, text in things_to_try(config, pack, (listening,), told, namesake)
        ]
    assert [line[1] for line in lines] == ["ldapsearch", "ldapsearch", "ldapadd", "ldapadd", "ldapmodify"]
    for line in lines:
        assert line[0] == f"LDAPTLS_CACERT={demo_home / 'keys' / 'ca.crt'}"
        assert "ldap://localhost:3389" in line


def test_what_a_namesake_would_get_is_foreseen_without_changing_anything(demo_home: Path) -> None:
    with open_directory(load_config(demo_home)) as local:
        told = read_accounts(local)
        before = len(list(local.find("(objectClass=*)")))
        namesake = foresee(local, told)
        assert len(list(local.find("(objectClass=*)"))) == before
    assert namesake.name.written == "Nguyễn Văn Minh"
    assert namesake.right == "", "three are there, so a human decides on the fourth"
    assert namesake.rule == "Điều 4 khoản 2 điểm đ"


def renewed(home: Path) -> dict[str, dict[str, str]]:
    """The accounts after the next start; all of them sign in as they are told to."""
    with open_directory(load_config(home)) as local:
        read_accounts(local)
    told = accounts(home)
    check_sign_ins(home)
    assert stat.S_IMODE((home / "accounts.json").stat().st_mode) == 0o600
    return told


def test_accounts_that_an_earlier_version_did_not_know_are_added_and_the_others_stay(demo_home: Path) -> None:
    before = accounts(demo_home)
    fewer = {name: each for name, each in before.items() if name in {"admin", "mail", "person", "shared"}}
    (demo_home / "accounts.json").write_text(json.dumps(fewer))

    after = renewed(demo_home)

    assert {name: after[name] for name in fewer} == fewer
    assert {name: each["dn"] for name, each in after.items()}.keys() == before.keys()
    for kind in ("operator", "approver", "auditor", "owner"):
        assert after[kind]["dn"] == before[kind]["dn"], "who has the role already keeps it"


def test_roles_and_owners_that_a_directory_lacks_are_made(demo_home: Path) -> None:
    told = accounts(demo_home)
    with open_directory(load_config(demo_home)) as local:
        for group in list(local.find("(objectClass=gdRoleGroup)")):
            local.run(local.handle.delete(group))
        taken = [Change(ModifyOperation.REPLACE, Attribute(name, ())) for name in ("owner", "gdDelegate")]
        shared = Attribute("objectClass", (b"gdSharedMailbox",))
        changes = (Change(ModifyOperation.DELETE, shared), *taken)
        local.run(local.handle.modify(ModifyRequest(told["shared"]["dn"], changes)))
        people = len(list(local.find("(objectClass=gdPerson)")))
    fewer = {name: told[name] for name in ("admin", "mail", "person", "shared", "agency_admin")}
    (demo_home / "accounts.json").write_text(json.dumps(fewer))

    after = renewed(demo_home)

    with open_directory(load_config(demo_home)) as local:
        assert len(list(local.find("(objectClass=gdPerson)"))) == people
        assert local.handle.read(after["shared"]["dn"]).texts("owner") == (after["owner"]["dn"],)
        for kind in ("operator", "approver", "auditor"):
            (group,) = local.find(f"(&(objectClass=gdRoleGroup)(gdRoleKind={kind}))")
            assert local.handle.read(group).texts("member") == (after[kind]["dn"],)
    assert len({each["dn"] for each in after.values()}) == 12


@pytest.mark.parametrize("text", [None, "", '{"admin": {}}', '{"admin": "x", "person": 3}', "[]"])
def test_without_the_passwords_all_accounts_get_new_ones(demo_home: Path, text: str | None) -> None:
    before = accounts(demo_home)
    file = demo_home / "accounts.json"
    file.unlink() if text is None else file.write_text(text)

    after = renewed(demo_home)

    assert after["admin"]["dn"] == before["admin"]["dn"]
    assert after["admin"]["password"] != before["admin"]["password"]


def test_a_demonstration_without_people_is_told_of(home: Path) -> None:
    names = ("--ldap", "--ldaps", "--web", "--portal", "--documents")
    ports = [word for name in names for word in (name, "127.0.0.1:0")]

    result = govdir("demo", "--province", "cantho", "--home", home, *ports)

    assert result.exit_code == 3
    assert f"remove the folder {home}" in result.stderr


def test_started_again_it_keeps_its_data_and_ctrl_c_ends_it_cleanly(demo_home: Path) -> None:
    before = accounts(demo_home)
    with serving("demo", "--province", "cantho", "--home", demo_home) as server:
        assert server.stop(signal.SIGINT) == 0
    assert accounts(demo_home) == before
    assert govdir("doctor", demo_home).exit_code == 0
