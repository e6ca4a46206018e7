"""`govdir init`: all of a home, or nothing."""

from __future__ import annotations

import json
import ssl
import stat
from pathlib import Path

import pytest
from click.testing import Result

from govdir.cli import home as home_module
from govdir.cli.local import open_directory
from govdir.config import load_config
from tests.cli.command_line import govdir

CONTAINERS = ["ou=orgs", "ou=lists", "ou=services", "ou=policies", "ou=admins"]


def init(home: Path, *arguments: object) -> Result:
    return govdir("init", home, "--province", "cantho", *arguments)


def bind(home: Path, dn: str, password: str) -> bool:
    """Whether the account signs in and need not change its password first; raises InvalidCredentials."""
    with open_directory(load_config(home)) as local:
        return not local.run(local.directory.bind(dn, password.encode())).caller.must_change


def test_a_home_that_is_not_empty_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    result = init(tmp_path)
    assert result.exit_code == 1
    assert "not empty" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("mine")
    assert init(tmp_path / "home").exit_code == 1
    assert (tmp_path / "home").read_text() == "mine"


def test_a_failure_half_way_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "govdir.sqlite")

    monkeypatch.setattr(home_module, "write_meta", full_disk)
    result = init(tmp_path / "home")
    assert result.exit_code == 3
    assert "govdir.sqlite: No space left on device" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("--domain", "Cần Thơ"), 2, "--domain"),
        (("--database", "govdir.sqlite"), 2, "--database"),
        (("--database", "oracle://db/govdir"), 3, "oracle"),
        (("--admin-password-file", "nowhere.txt"), 3, "nowhere.txt"),
        (("--sample", "-1"), 2, "--sample"),
        (("--sample", "900000"), 1, "sample"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing(
    tmp_path: Path, arguments: tuple[str, ...], status: int, told: str
) -> None:
    result = init(tmp_path / "home", *arguments)
    assert (result.exit_code, told in result.stderr) == (status, True), result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("password", "told"), [("\n", "first line"), ("matkhau\n", "Điều 10 khoản 3")])
def test_an_administrators_password_that_the_rules_refuse_makes_no_home(
    tmp_path: Path, password: str, told: str
) -> None:
    (tmp_path / "password.txt").write_text(password)
    result = init(tmp_path / "home", "--admin-password-file", tmp_path / "password.txt")
    assert result.exit_code == 1
    assert told in result.stderr
    assert not (tmp_path / "home").exists()


def test_a_new_home_has_the_base_tree_and_an_administrator_who_can_sign_in(tmp_path: Path) -> None:
    made = json.loads(init(tmp_path / "home", "--json").stdout)
    exported = govdir("export", tmp_path / "home").stdout
    assert bind(tmp_path / "home", "cn=admin,dc=cantho,dc=gov,dc=vn", made["admin_password"])
    for name in ["dc=cantho", *(f"{container},dc=cantho" for container in CONTAINERS)]:
        assert f"dn: {name},dc=gov,dc=vn\n" in exported


def test_a_password_from_a_file_is_set_and_not_printed(tmp_path: Path) -> None:
    (tmp_path / "password.txt").write_text("Sông Hậu 7 nhịp!\n")
    result = init(tmp_path / "home", "--admin-password-file", tmp_path / "password.txt")
    assert "Sông Hậu 7 nhịp!" not in result.output
    assert bind(tmp_path / "home", "cn=admin,dc=cantho,dc=gov,dc=vn", "Sông Hậu 7 nhịp!")


def test_an_empty_folder_becomes_the_home_and_nobody_else_may_look_into_it(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(mode=0o755)
    assert init(tmp_path / "home").exit_code == 0
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "home").rglob("*")}
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


def test_another_domain_names_the_tree(tmp_path: Path) -> None:
    made = json.loads(init(tmp_path / "home", "--domain", "thu.cantho.example", "--json").stdout)
    assert made["suffix"] == "dc=thu,dc=cantho,dc=example"
    assert load_config(tmp_path / "home").mail_domain == "thu.cantho.example"


def test_the_other_domain_is_the_one_that_mail_servers_take_mail_for(tmp_path: Path) -> None:
    """A province merged into another goes on under the domain of both, and its own stands for that."""
    init(tmp_path / "home", "--domain", "thanhpho.example")

    taken = govdir("domain", "alias", "add", str(tmp_path / "home"), "thanhpho.example", "cantho.gov.vn")

    assert taken.exit_code == 0, taken.stderr
    (domain,) = json.loads(govdir("domain", "list", str(tmp_path / "home"), "--json").stdout)
    assert (domain["domain"], domain["aliases"]) == ("thanhpho.example", ["cantho.gov.vn"])


def test_the_certificate_is_for_localhost_and_signed_by_the_authority(home: Path) -> None:
    client = ssl.create_default_context(cafile=str(home / "keys" / "ca.crt"))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(home / "keys" / "server.crt", home / "keys" / "server.key")
    assert shake_hands(client, server, "localhost")
    assert shake_hands(client, server, "127.0.0.1")


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext, name: str) -> bool:
    """A TLS handshake in memory; raises ssl.SSLError when the client does not trust the server."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = client.wrap_bio(to_client, to_server, server_hostname=name)
    there = server.wrap_bio(to_server, to_client, server_side=True)
    for side in (here, there, here, there):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return here.version() == "TLSv1.3"


def test_sample_data_holds_the_regulations_own_example(demo_home: Path) -> None:
    found = govdir("export", demo_home, "--filter", "(mail=nvminh@cantho.gov.vn)").stdout
    assert found.count("\ndn: ") == 1
    assert "gdMailboxKind: person" in found
