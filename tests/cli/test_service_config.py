"""`govdir service add --for PROGRAM` and `service config`: finished configurations, and what comes next."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from subprocess import DEVNULL

import pytest

from govdir.cli.changes import put
from govdir.cli.local import open_directory
from govdir.cli.service_config import PASSWORD_PLACE
from govdir.config import load_config
from govdir.ldap.codec.messages import ModifyRequest
from tests.cli.command_line import govdir
from tests.cli.office import MINH, furnish, refused

PAGES = Path(__file__).parents[2] / "docs" / "clients"
MAPS = "etc/postfix/govdir"


def setting(home: Path, name: str, value: str) -> None:
    """Sets a line of govdir.toml."""
    file = home / "govdir.toml"
    lines = file.read_text("utf-8").splitlines()
    (at,) = [
        number for number, line in enumerate(lines) if line.removeprefix("# ").partition(" =")[0] == name
    ]
    lines[at] = f"{name} = {value}"
    file.write_text("\n".join(lines) + "\n", "utf-8")


def test_the_files_have_this_directory_s_values_and_the_password_printed(home: Path, tmp_path: Path) -> None:
    said = govdir("service", "add", home, "postfix", "--for", "postfix", "--write", tmp_path / "out")
    dn, password = said.stdout.splitlines()
    text = (tmp_path / "out" / MAPS / "lists.cf").read_text("utf-8")
    assert f"bind_dn = {dn}\nbind_pw = {password}\n" in text
    assert "search_base = dc=cantho,dc=gov,dc=vn\n" in text
    assert (tmp_path / "out" / MAPS / "ca.crt").read_text() == (home / "keys" / "ca.crt").read_text()


def test_the_files_are_there_though_nobody_reads_what_is_printed(home: Path, tmp_path: Path) -> None:
    unread, printed = os.pipe()
    os.close(unread)  # as `| head -1` does once it has its line
    words = ["service", "add", str(home), "postfix", "--for", "postfix", "--write", str(tmp_path)]
    subprocess.run([sys.executable, "-m", "govdir", *words], stdout=printed, stderr=DEVNULL, check=False)
    os.close(printed)
    assert "bind_pw = " in (tmp_path / MAPS / "lists.cf").read_text("utf-8")


def test_nobody_else_reads_files_with_the_password(home: Path, tmp_path: Path) -> None:
    govdir("service", "add", home, "postfix", "--for", "postfix", "--write", tmp_path)
    modes = {file.suffix: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / MAPS).iterdir()}
    assert modes == {".cf": 0o640, ".conf": 0o644, ".crt": 0o644, ".regexp": 0o644, ".sh": 0o644}


def test_it_says_what_to_run_and_where_it_is_explained(home: Path, tmp_path: Path) -> None:
    said = govdir("service", "add", home, "postfix", "--for", "postfix", "--write", tmp_path).stderr
    assert "sh /etc/postfix/govdir/setup.sh && postfix check && postfix reload" in said
    assert said.rstrip().endswith("docs/clients/postfix.md")


def test_every_program_s_page_is_there(home: Path) -> None:
    for program in ("postfix", "dovecot", "dovecot-2.3", "exim", "freeradius"):
        said = govdir("service", "add", home, program.replace(".", "-"), "--for", program).stderr
        page = said.rstrip().rpartition("docs/clients/")[2]
        assert (PAGES / page).exists(), page


def test_a_file_that_is_there_is_kept_and_no_account_made(home: Path, tmp_path: Path) -> None:
    govdir("service", "add", home, "postfix", "--for", "postfix", "--write", tmp_path)
    said = refused("service", "add", home, "another", "--for", "postfix", "--write", tmp_path)
    assert said.endswith("exists; use another folder.")
    names = [each["name"] for each in json.loads(govdir("service", "list", home, "--json").stdout)]
    assert names == ["postfix"]


def test_the_configuration_is_printed_again_without_the_password(home: Path) -> None:
    made = govdir("service", "add", home, "postfix", "--for", "postfix").stdout
    password = made.splitlines()[1]
    again = govdir("service", "config", home, "postfix", "postfix").stdout
    assert made.partition("# ----")[2].replace(password, PASSWORD_PLACE) == again.partition("# ----")[2]


def test_the_account_of_another_program_is_not_guessed(home: Path) -> None:
    assert "there are: –" in refused("service", "config", home, "postfix", "postfix")


@pytest.mark.parametrize(
    ("servers", "urls"),
    [
        (("ldap1.cantho.gov.vn", "ldap2.cantho.gov.vn:3389"),
         "ldap://ldap1.cantho.gov.vn:389 ldap://ldap2.cantho.gov.vn:3389"),
        (("10.1.2.3",), "ldap://10.1.2.3:389"),
        (("2001:db8::1",), "ldap://[2001:db8::1]:389"),
        (("[2001:db8::1]:3389",), "ldap://[2001:db8::1]:3389"),
    ],
)  # fmt: skip
def test_several_nodes_are_asked_in_their_order(home: Path, servers: tuple[str, ...], urls: str) -> None:
    options = [word for server in servers for word in ("--server", server)]
    said = govdir("service", "add", home, "postfix", "--for", "postfix", *options)
    assert f"server_host = {urls}\n" in said.stdout


def test_a_name_that_the_certificate_does_not_have_is_told(home: Path) -> None:
    said = govdir(
        "service",
        "add",
        home,
        "postfix",
        "--for",
        "postfix",
        "--server",
        "elsewhere.gov.vn",
        "--server",
        "localhost",
    )
    assert "does not have the name elsewhere.gov.vn" in said.stderr
    assert "does not have the name localhost" not in said.stderr


def test_a_directory_that_listens_on_loopback_is_told(home: Path) -> None:
    said = govdir("service", "add", home, "postfix", "--for", "postfix").stderr
    assert "listens on this host only" in said


def test_access_rules_of_an_older_release_are_told_by_what_they_lack(home: Path) -> None:
    rules = home / "access.toml"
    rules.write_text(rules.read_text("utf-8").replace('"gdMemberAddress", ', ""), "utf-8")
    said = govdir("service", "add", home, "postfix", "--for", "postfix").stderr
    assert "service:mail may not read gdMemberAddress." in said


def test_access_rules_of_today_are_not_complained_of(home: Path) -> None:
    for program in ("postfix", "dovecot-2-3", "freeradius"):
        job = program.replace("-2-3", "-2.3")
        assert "may not read" not in govdir("service", "add", home, program, "--for", job).stderr


def test_without_a_policy_service_postfix_asks_none_and_the_administrator_is_told(home: Path) -> None:
    said = govdir("service", "add", home, "postfix", "--for", "postfix")
    assert "check_policy_service { inet:" not in said.stdout
    assert "[listen] policy is not set" in said.stderr


def test_the_policy_service_is_asked_where_it_listens(home: Path) -> None:
    setting(home, "policy", '["127.0.0.1:10031"]')
    said = govdir("service", "add", home, "postfix", "--for", "postfix")
    assert said.stdout.count("check_policy_service { inet:127.0.0.1:10031, timeout=10s,") == 1
    assert "[listen] policy is not set" not in said.stderr


def test_limits_are_above_what_there_is(home: Path) -> None:
    furnish(home)
    with open_directory(load_config(home)) as local:
        assert local.directory.image.count > 3
    said = govdir("service", "add", home, "postfix", "--for", "postfix").stdout
    assert "there were 7 mailboxes" in said
    assert "'virtual_alias_expansion_limit = 50000'" in said
    assert f"'message_size_limit = {35 << 20}'" in said


def test_a_mailbox_with_a_larger_limit_raises_that_of_all(home: Path) -> None:
    furnish(home)
    with open_directory(load_config(home)) as local:
        local.run(local.handle.modify(ModifyRequest(MINH, (put("maxMessageSize", "99000000"),))))
    assert (
        "'message_size_limit = 99000000'" in govdir("service", "add", home, "pf", "--for", "postfix").stdout
    )


def test_places_without_a_program_are_a_usage_error(home: Path) -> None:
    assert govdir("service", "add", home, "hr", "--for", "personnel", "--server", "x").exit_code == 2


def test_json_has_each_file_and_whether_it_is_secret(home: Path) -> None:
    files = json.loads(govdir("service", "add", home, "postfix", "--for", "postfix", "--json").stdout)
    secret = {file["path"] for file in files if file["secret"]}
    assert f"/{MAPS}/lists.cf" in secret
    assert f"/{MAPS}/setup.sh" not in secret


def test_a_policy_service_on_every_address_is_asked_at_each_node(home: Path) -> None:
    setting(home, "policy", '["0.0.0.0:10031"]')
    said = govdir(
        "service", "add", home, "exim", "--for", "exim", "--server", "one.example", "--server", "two.example"
    )
    assert "GOVDIR_POLICY = one.example:10031\n" in said.stdout
    assert "{${readsocket{inet:two.example:10031}{" in said.stdout
    assert "is asked about senders" not in said.stderr


def test_the_administrator_is_told_when_one_node_alone_judges_senders(home: Path) -> None:
    setting(home, "policy", '["10.0.0.1:10031"]')
    nodes = ("--server", "one.example", "--server", "two.example")
    add = ("service", "add", home, "postfix", "--for", "postfix", *nodes)
    assert "Only 10.0.0.1:10031 is asked about senders" in govdir(*add).stderr
    policies = ("--policy", "10.0.0.1:10031", "--policy", "10.0.0.2:10031")
    said = govdir("service", "config", home, "postfix", "postfix", *nodes, *policies)
    assert "check_policy_service { inet:10.0.0.2:10031, timeout=10s, $wait }" in said.stdout
    assert "is asked about senders" not in said.stderr
