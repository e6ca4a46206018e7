"""`govdir service add`: a bind identity for a program."""

from __future__ import annotations

import json
from pathlib import Path

from govdir.cli.local import open_directory
from govdir.config import load_config
from govdir.directory.caller import Role
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
