"""ldaptor's client, under Twisted, does what a Twisted program needs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from interop.conftest import connect
from interop.server import ADMIN, ADMIN_PASSWORD, SUFFIX, Server

BASE = f"ou=ldaptor,{SUFFIX}"


@pytest.fixture(scope="module")
def told(server: Server) -> dict[str, Any]:
    """What one whole session saw."""
    with connect(server) as connection:
        connection.add(BASE, "organizationalUnit")
    script = Path(__file__).with_name("ldaptor_session.py")
    done = subprocess.run(
        [sys.executable, str(script), str(server.port), ADMIN, ADMIN_PASSWORD, BASE],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_it_adds_and_finds(told: dict[str, Any]) -> None:
    assert told["added"] == f"uid=la,{BASE}"
    assert told["found"] == ["Lê An"]


def test_it_changes_and_moves(told: dict[str, Any]) -> None:
    assert told["changed"] == ["Cán sự"]
    assert told["moved"] == [f"uid=lb,{BASE}"]


def test_it_asks_who_it_is_and_tidies_up(told: dict[str, Any]) -> None:
    assert told["whoami"] == f"dn:{ADMIN}"
    assert told["left"] == 0


def test_a_failed_bind_leaves_nobody(told: dict[str, Any]) -> None:
    assert (told["wrong"], told["after_wrong"]) == ("LDAPInvalidCredentials", "")
