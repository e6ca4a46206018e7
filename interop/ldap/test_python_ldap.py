"""python-ldap (libldap from Python, what Django and many scripts use) does its whole job."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from interop.conftest import connect
from interop.programs import SYSTEM_PYTHON, require_system_module
from interop.server import ADMIN, ADMIN_PASSWORD, SUFFIX, Server

BASE = f"ou=python-ldap,{SUFFIX}"


@pytest.fixture(scope="module")
def told(server: Server) -> dict[str, Any]:
    """What one whole session saw."""
    require_system_module("ldap", "python3-ldap")
    with connect(server) as connection:
        connection.add(BASE, "organizationalUnit")
    script = Path(__file__).with_name("python_ldap_session.py")
    done = subprocess.run(
        [SYSTEM_PYTHON, str(script), server.uri, str(server.ca_file), ADMIN, ADMIN_PASSWORD, BASE],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_it_knows_who_it_is(told: dict[str, Any]) -> None:
    assert told["whoami"] == f"dn:{ADMIN}"


def test_what_it_adds_it_finds(told: dict[str, Any]) -> None:
    assert told["found"] == [f"uid=p3,{BASE}", ["Người 3"], ["p3"]]


def test_types_only_gives_no_values(told: dict[str, Any]) -> None:
    assert told["types_only"] == {"cn": []}


def test_what_it_changes_is_changed(told: dict[str, Any]) -> None:
    assert told["modified"] == {"cn": ["Người ba"], "title": ["Cán sự"]}


def test_compare_is_true_or_false(told: dict[str, Any]) -> None:
    assert told["compare"] == [True, False]


def test_entries_are_renamed_and_moved(told: dict[str, Any]) -> None:
    assert told["renamed"] == sorted([f"uid=p9,{BASE}", f"uid=p5,uid=p9,{BASE}"])


def test_pages_hold_everything_once(told: dict[str, Any]) -> None:
    assert (told["pages"], told["distinct"]) == ([2, 2, 2, 1], 7)


def test_results_come_one_by_one_and_abandon_is_silent(told: dict[str, Any]) -> None:
    assert told["one_by_one"] == 7


def test_a_failed_bind_leaves_nobody(told: dict[str, Any]) -> None:
    assert (told["wrong"], told["after_wrong"]) == ("INVALID_CREDENTIALS", "")
    assert told["person"] == f"dn:uid=p1,{BASE}"


def test_its_schema_browser_reads_the_schema(told: dict[str, Any]) -> None:
    schema = told["schema"]
    assert (schema["class"], schema["equality"]) == ("inetOrgPerson", "caseIgnoreIA5Match")
    assert schema["must"] == ["cn", "objectClass", "sn"]
    assert {"mail", "telephoneNumber", "jpegPhoto"} <= set(schema["may"])
    assert told["root"] == [SUFFIX]


def test_refusals_are_the_exceptions_that_programs_catch(told: dict[str, Any]) -> None:
    assert told["refusals"] == [
        "ALREADY_EXISTS",
        "NOT_ALLOWED_ON_NONLEAF",
        "NO_SUCH_OBJECT",
        "NO_SUCH_ATTRIBUTE",
        "UNDEFINED_TYPE",
        "NO_SUCH_ATTRIBUTE",
        "INVALID_DN_SYNTAX",
        "FILTER_ERROR",
        "AUTH_UNKNOWN",
    ]


def test_a_reconnecting_object_works(told: dict[str, Any]) -> None:
    assert told["reconnect"] == f"dn:{ADMIN}"


def test_it_tidies_up(told: dict[str, Any]) -> None:
    assert told["left"] == 0
