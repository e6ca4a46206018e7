"""PHP's ldap extension and Perl's Net::LDAP ask with every control they know how to ask with."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from interop.programs import missing
from interop.server import ADMIN, ADMIN_PASSWORD, SUFFIX, Server

NO_OPERATION: Final = 16654
PRE_READ: Final = "1.3.6.1.1.13.1"
POST_READ: Final = "1.3.6.1.1.13.2"


def _session(server: Server, script: str, probe: list[str], package: str) -> dict[str, Any]:
    """What the session told; entries are named without the container in which it worked."""
    if shutil.which(probe[0]) is None or subprocess.run(probe, capture_output=True, check=False).returncode:
        missing(f"{' '.join(probe)} fails (Debian package {package})")
    base = f"ou={script.partition('_')[0]},{SUFFIX}"
    path = str(Path(__file__).with_name(script))
    done = subprocess.run(
        [probe[0], path, server.uri, ADMIN, ADMIN_PASSWORD, base],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.replace(f",{base}", ""))
    return answer


class TestPhp:
    @pytest.fixture(scope="class")
    def told(self, server: Server) -> dict[str, Any]:
        return _session(server, "php_session.php", ["php", "-r", "ldap_exop_whoami(...);"], "php-ldap")

    def test_it_binds_and_hears_of_the_password_policy(self, told: dict[str, Any]) -> None:
        assert told["bind"] == [0, {"1.3.6.1.4.1.42.2.27.8.5.1": {"expire": -1, "grace": -1}}]
        assert told["whoami"] == f"dn:{ADMIN}"

    def test_pages_orders_and_windows(self, told: dict[str, Any]) -> None:
        assert told["pages"] == [["an", "binh"], ["chau"]]
        assert (told["sorted"], told["sort result"]) == (["binh", "an", "chau"], 0)
        assert told["windows"] == [[["an", "chau"], 2, 3, 0]] * 2

    def test_values_and_assertions(self, told: dict[str, Any]) -> None:
        assert told["matched"] == 1
        assert told["asserted"] == [0, 122]
        assert told["compared"] == [True, -1]

    def test_entries_before_and_after(self, told: dict[str, Any]) -> None:
        before, after = {"dn": "uid=an", "title": ["cũ", "khác"]}, {"dn": "uid=an", "title": ["mới"]}
        assert told["read"] == [0, {PRE_READ: before, POST_READ: after}]
        assert told["renamed"] == [0, {POST_READ: {"dn": "uid=duong,uid=an", "uid": ["duong"]}}]

    def test_extended_operations(self, told: dict[str, Any]) -> None:
        assert told["password set"] is True
        assert told["generated"] >= 8
        assert told["too short"] == [False, 6]
        assert told["proxied"] == "dn:uid=an"
        assert told["refresh"] == [False, 2]

    def test_changes(self, told: dict[str, Any]) -> None:
        assert told["batch"] is True
        assert (told["no-op"], told["tree"], told["left"]) == (NO_OPERATION, 0, [False, 32])


class TestPerl:
    @pytest.fixture(scope="class")
    def told(self, server: Server) -> dict[str, Any]:
        return _session(server, "perl_session.pl", ["perl", "-MNet::LDAP", "-e1"], "libnet-ldap-perl")

    def test_it_binds(self, told: dict[str, Any]) -> None:
        assert (told["bind"], told["whoami"]) == (0, f"dn:{ADMIN}")

    def test_pages_orders_and_windows(self, told: dict[str, Any]) -> None:
        assert told["pages"] == [["an", "binh"], ["chau"]]
        assert told["sorted"] == [["binh", "an", "chau"], 0]
        assert told["windows"] == [[["an", "chau"], 2, 3, 0], [["binh", "an"], 1, 3, 0]]

    def test_values_subentries_and_assertions(self, told: dict[str, Any]) -> None:
        assert told["matched"] == [1, 1, 1]
        assert told["subentries"] == []
        assert told["asserted"] == [0, 122]
        assert told["compared"] == [6, 122]

    def test_entries_before_and_after(self, told: dict[str, Any]) -> None:
        assert told["read"] == [["cu", "khac"], ["moi"]]

    def test_passwords_and_identities(self, told: dict[str, Any]) -> None:
        assert told["short"] == [19, 6]
        assert (told["set"], told["generated"]) == (0, 0)
        assert (told["proxied"], told["denied"]) == ("dn:uid=an", 123)

    def test_changes(self, told: dict[str, Any]) -> None:
        assert (told["renamed"], told["leaf"], told["tried"], told["tree"]) == (0, 66, NO_OPERATION, 0)
        assert told["late"] == 119

    def test_it_reads_the_schema_and_what_is_supported(self, told: dict[str, Any]) -> None:
        assert told["schema"] == ["mail", "sn", "cn", "objectClass", "sn"]
        assert told["named"] == [1, 1, 0]
