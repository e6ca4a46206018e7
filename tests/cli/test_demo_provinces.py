"""`make run PROVINCE=…` for every province: a real process, and what it proposes to try, tried."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from govdir.cli.demo import LEAST_PEOPLE, MAILBOXES
from govdir.ldap.codec.ldif import ContentRecord, parse_ldif
from govdir.sample.province import load_province, provinces
from tests.cli.serving import Serving, serving

_TRY = re.compile(r"^\d+\. (?P<title>.*)\n(?P<lines>(?:.+\n)+)", re.M)
_BUFFERED_OCTETS = 1 << 20


class Demonstration:
    """A running demonstration: the province, what it printed, its accounts and its home."""

    def __init__(self, province: str, home: Path, server: Serving) -> None:
        assert server.process.stdout is not None
        self.province = province
        self.home = home
        self.printed = os.read(server.process.stdout.fileno(), _BUFFERED_OCTETS).decode()
        self.accounts: dict[str, dict[str, str]] = json.loads((home / "accounts.json").read_text())

    def tries(self) -> dict[str, str]:
        """The printed command lines by the first word of the client and what is said of them."""
        return {found["title"]: found["lines"] for found in _TRY.finditer(self.printed)}

    def command(self, what: str) -> tuple[str, str]:
        """The one whose title holds `what`: (title, command lines)."""
        ((title, lines),) = ((title, lines) for title, lines in self.tries().items() if what in title)
        return title, lines


def run(lines: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", lines], capture_output=True, text=True, timeout=30, check=False)


def values(ldif: str, attribute: str) -> list[str]:
    records = [each for each in parse_ldif([ldif.encode()]) if isinstance(each, ContentRecord)]
    return [value.decode() for each in records for name, value in each.attributes if name == attribute]


@pytest.fixture(scope="module", params=provinces())
def demonstration(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demonstration]:
    if shutil.which("ldapsearch") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("ldap-utils is not installed")
        pytest.skip("needs ldapsearch (Debian: ldap-utils)")
    home = tmp_path_factory.mktemp(request.param) / "home"
    with serving("demo", "--province", request.param, "--home", home) as server:
        yield Demonstration(request.param, home, server)


def test_the_mail_server_finds_the_person_the_regulation_begins_with(demonstration: Demonstration) -> None:
    _, lines = demonstration.command("looks an address up")

    found = run(lines)

    assert values(found.stdout, "mail") == [demonstration.accounts["person"]["mail"]], found.stderr
    assert "smtp" in values(found.stdout, "enabledService")


def test_a_colleague_is_found_by_part_of_the_name(demonstration: Demonstration) -> None:
    _, lines = demonstration.command("searches the address book")

    found = run(lines)

    known = load_province(demonstration.province).people[0]
    assert known.full_name.written in values(found.stdout, "cn"), found.stderr


def test_a_namesake_is_refused_a_taken_address_and_given_the_right_one_as_foretold(
    demonstration: Demonstration,
) -> None:
    title, lines = demonstration.command("Add one more")

    refused = run(lines)

    assert refused.returncode == 19, refused.stderr
    rule = re.search(r"citing (.*?)[,;]", title)
    assert rule is not None
    assert rule[1] in refused.stderr
    if "the right one is" in title:
        right = title.rpartition(" ")[2].rstrip(":")
        assert right in refused.stderr
        title, lines = demonstration.command("The same without an address")
        assert right in title
        assert run(lines).returncode == 0
        again = run(
            demonstration.command("looks an address up")[1].replace(
                f"(mail={demonstration.accounts['person']['mail']})", f"(mail={right})"
            )
        )
        assert values(again.stdout, "mail") == [right]
    else:
        title, lines = demonstration.command("With an address that an operator chooses")
        accepted = run(lines)
        assert accepted.returncode == 0, accepted.stderr


def test_a_handover_without_a_new_password_is_refused(demonstration: Demonstration) -> None:
    title, lines = demonstration.command("Hand the mailbox")

    refused = run(lines)

    assert refused.returncode == 19, refused.stderr
    assert title.rpartition("citing ")[2].rstrip(":") in refused.stderr


def test_every_account_that_may_can_sign_in(demonstration: Demonstration) -> None:
    _, lines = demonstration.command("looks an address up")
    where = re.search(r"LDAPTLS_CACERT=\S+ ldapsearch (-ZZ -H \S+)", lines)
    assert where is not None
    for name, account in demonstration.accounts.items():
        if account is None or name == "suspended":
            continue
        asked = subprocess.run(
            ["ldapwhoami", *where[1].split(), "-D", account["dn"], "-w", account["password"]],
            env={**os.environ, "LDAPTLS_CACERT": str(demonstration.home / "keys/ca.crt")},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert asked.returncode == 0, asked.stderr


def test_there_are_about_a_thousand_mailboxes(demonstration: Demonstration) -> None:
    admin = demonstration.accounts["admin"]
    _, lines = demonstration.command("looks an address up")
    where = re.search(r"LDAPTLS_CACERT=\S+ ldapsearch (-ZZ -H \S+)", lines)
    assert where is not None
    counted = subprocess.run(
        [
            "ldapsearch",
            *where[1].split(),
            "-D",
            admin["dn"],
            "-w",
            admin["password"],
            "-LLL",
            "(mail=*)",
            "1.1",
        ],
        env={
            **os.environ,
            "LDAPTLS_CACERT": str(demonstration.home / "keys/ca.crt"),
            "LDAPBASE": admin["dn"].partition(",")[2],
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    found = counted.stdout.count("\ndn: ") + counted.stdout.startswith("dn: ")
    assert MAILBOXES - 50 < found < MAILBOXES + LEAST_PEOPLE, counted.stderr
