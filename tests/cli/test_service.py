"""`govdir service`: bind identities of programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from govdir.cli.local import open_directory
from govdir.config import load_config
from govdir.directory.caller import Role
from govdir.directory.errors import InvalidCredentials
from tests.cli.command_line import govdir


def test_a_service_signs_in_with_what_was_printed_and_has_its_kind(home: Path) -> None:
    made = json.loads(govdir("service", "add", home, "postfix", "--for", "mail", "--json").stdout)
    with open_directory(load_config(home)) as local:
        caller = local.run(local.directory.bind(made["dn"], made["password"].encode())).caller
    assert made["dn"] == "cn=postfix,ou=services,dc=cantho,dc=gov,dc=vn"
    assert (caller.role, caller.service_kind, caller.must_change) == (Role.SERVICE, "mail", False)


def test_name_and_password_are_printed_on_lines_of_their_own(home: Path) -> None:
    lines = govdir("service", "add", home, "postfix", "--for", "mail").stdout.splitlines()
    assert lines[0].startswith("cn=postfix,")
    assert len(lines) == 2


def test_a_name_that_is_taken_is_refused(home: Path) -> None:
    govdir("service", "add", home, "postfix", "--for", "mail")
    assert govdir("service", "add", home, "postfix", "--for", "portal").exit_code == 1


def test_a_name_that_could_be_mistaken_for_more_is_a_usage_error(home: Path) -> None:
    assert govdir("service", "add", home, "postfix,ou=admins", "--for", "mail").exit_code == 2
    assert govdir("service", "add", home, "postfix", "--for", "mail or more").exit_code == 2


def test_services_are_listed_without_their_passwords(home: Path) -> None:
    assert govdir("service", "list", home).stderr == "There are no accounts yet.\n"
    made = json.loads(govdir("service", "add", home, "postfix", "--for", "mail", "--json").stdout)
    listed = govdir("service", "list", home, "--json").stdout
    assert json.loads(listed) == [{"name": "postfix", "kind": "mail", "last_sign_in": None, "dn": made["dn"]}]
    assert "postfix  mail" in govdir("service", "list", home).stdout


def test_a_rotated_password_ends_the_old_one(home: Path) -> None:
    old = json.loads(govdir("service", "add", home, "postfix", "--for", "mail", "--json").stdout)
    new = json.loads(govdir("service", "rotate", home, "postfix", "--json").stdout)
    with open_directory(load_config(home)) as local:
        assert (
            local.run(local.directory.bind(new["dn"], new["password"].encode())).caller.role is Role.SERVICE
        )
        with pytest.raises(InvalidCredentials):
            local.run(local.directory.bind(old["dn"], old["password"].encode()))


def test_a_removed_service_signs_in_no_more(home: Path) -> None:
    govdir("service", "add", home, "postfix", "--for", "mail")
    assert govdir("service", "remove", home, "postfix", stdin="n\n").exit_code == 1
    assert govdir("service", "remove", home, "postfix", "--yes").exit_code == 0
    assert json.loads(govdir("service", "list", home, "--json").stdout) == []


def test_an_unknown_service_is_said_to_be_with_those_there_are(home: Path) -> None:
    govdir("service", "add", home, "postfix", "--for", "mail")
    for verb in (("rotate",), ("remove", "--yes")):
        result = govdir("service", verb[0], home, "dovecot", *verb[1:])
        assert result.exit_code == 1
        assert "postfix" in result.stderr
