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


class TestControls:
    """The controls for which python-ldap has classes."""

    @pytest.fixture(scope="class")
    def told(self, server: Server) -> dict[str, Any]:
        """What one session with controls saw, of An, Bình and Châu."""
        require_system_module("ldap", "python3-ldap")
        base = f"ou=python-ldap-controls,{SUFFIX}"
        with connect(server) as connection:
            connection.add(base, "organizationalUnit")
        script = Path(__file__).with_name("python_ldap_controls.py")
        done = subprocess.run(
            [SYSTEM_PYTHON, str(script), server.uri, ADMIN, ADMIN_PASSWORD, base],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout.replace(f",{base}", ""))
        return answer

    def test_sorting(self, told: dict[str, Any]) -> None:
        assert told["sorted"] == [["chau", "an", "binh"], ["binh", "an", "chau"], ["an", "binh", "chau"]]
        assert told["sort result"] == [0, 16]
        assert told["no sorting"] == "UNAVAILABLE_CRITICAL_EXTENSION"
        assert told["sorted pages"] == ["chau", "an"]

    def test_windows_of_lists(self, told: dict[str, Any]) -> None:
        assert told["window"] == [["an", "binh"], 2, 3, 0]
        assert told["window by value"] == [["chau", "an"], 2, 3, 0]
        assert told["beyond"] == "VLV_ERROR"

    def test_matched_values_and_assertions(self, told: dict[str, Any]) -> None:
        assert told["matched values"] == ["Kế toán"]
        assert told["assertion"] == ["done", "ASSERTION_FAILED"]
        assert told["search asserted"] == ["done", "ASSERTION_FAILED"]

    def test_entries_before_and_after(self, told: dict[str, Any]) -> None:
        assert told["modified"] == [["uid=an", {"mobile": ["1"]}], ["uid=an", {"mobile": ["2"]}]]
        assert told["renamed"] == [["uid=chau2", {"uid": ["chau2"]}]]
        assert told["added"] == [["uid=em", {"entryDN": ["uid=em"]}]]
        assert told["deleted"] == [["uid=em", {"sn": ["e"]}]]

    def test_the_password_policy(self, told: dict[str, Any]) -> None:
        assert told["bind"] == [[None, None, None]]  # no warning, no error
        assert told["too short"] == 6
        assert told["generated"] >= 8

    def test_acting_as_somebody(self, told: dict[str, Any]) -> None:
        assert told["whoami"] == "dn:uid=an"
        assert told["proxied"] == ["NO_SUCH_OBJECT", "PROXIED_AUTHORIZATION_DENIED", "done"]
        assert told["proxied person"] == "PROXIED_AUTHORIZATION_DENIED"
        assert told["tracked"] == ["an", "binh", "chau2"]

    def test_what_is_refused_is_the_exception_for_it(self, told: dict[str, Any]) -> None:
        assert told["cancelled too late"] == "NO_SUCH_OPERATION"
        assert told["unknown"] == "UNAVAILABLE_CRITICAL_EXTENSION"
        assert told["no-op"] == "LDAPError"  # it has no name for 16654

    def test_a_subtree_is_deleted(self, told: dict[str, Any]) -> None:
        assert (told["tree"], told["left"]) == ("done", "NO_SUCH_OBJECT")
