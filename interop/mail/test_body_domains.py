"""Đắk Lắk: each body has a domain of its own, which Postfix takes mail for as soon as the body is there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from interop.mail.folders import open_folder
from interop.mail.postfix import Postfix
from interop.server import ADMIN_PASSWORD, Server, govdir

DOMAIN = "daklak.gov.vn"
KNOWN_WITHIN_SECONDS = 2.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running directory of Đắk Lắk with one body and one person."""
    folder = tmp_path_factory.mktemp("daklak")
    password = folder / "password"
    password.touch(mode=0o600)
    password.write_text(ADMIN_PASSWORD, "utf-8")
    home = str(folder / "home")
    govdir("init", home, "--province", "daklak", "--admin-password-file", str(password))
    _add_body(home, "Sở Nội vụ", "sonoivu")
    govdir("mailbox", "create", home, "--name", "Trần Văn Nam", "--in", "sonoivu")
    server = Server(Path(home))
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def maps(server: Server) -> Iterator[Postfix]:
    """Postfix's programs with its configuration; no daemon runs."""
    with open_folder("domains") as folder:
        place = f"localhost:{server.port}"
        command = ("service", "add", str(server.home), "postfix", "--for", "postfix", "--server", place)
        govdir(*command, "--write", str(folder / "files"))
        yield Postfix(folder, folder / "files", 0, 0)


def _add_body(home: str, name: str, label: str) -> None:
    govdir("org", "create", home, "--name", name, "--label", label)


@pytest.mark.parametrize(
    ("map_name", "key", "answer"),
    [
        ("domains", DOMAIN, "known"),
        ("domains", f"sonoivu.{DOMAIN}", "known"),
        ("domains", f"soyte.{DOMAIN}", None),
        ("mailboxes", f"sonoivu@{DOMAIN}", f"sonoivu@{DOMAIN}"),
        ("mailboxes", f"namtv@sonoivu.{DOMAIN}", f"namtv@sonoivu.{DOMAIN}"),
        ("mailboxes", f"namtv@{DOMAIN}", None),
        ("senders", f"namtv@sonoivu.{DOMAIN}", f"namtv@sonoivu.{DOMAIN}"),
    ],
)
def test_a_key_has_this_answer(maps: Postfix, map_name: str, key: str, answer: str | None) -> None:
    assert maps.ask(map_name, key) == answer


def test_from_outside_nobody_uses_the_domain_of_a_body(maps: Postfix) -> None:
    assert str(maps.ask("outside", f"namtv@sonoivu.{DOMAIN}")).startswith("REJECT 5.7.1 ")
    assert maps.ask("outside", f"root@mail.{DOMAIN}") is None


def test_a_new_body_brings_its_domain(server: Server, maps: Postfix) -> None:
    """A running server follows what a command did within some 50 ms."""
    _add_body(str(server.home), "Sở Tư pháp", "sotuphap")
    deadline = time.monotonic() + KNOWN_WITHIN_SECONDS
    while maps.ask("domains", f"sotuphap.{DOMAIN}") != "known":
        assert time.monotonic() < deadline, "Postfix does not know the new domain"


def test_postfix_looks_domains_up(maps: Postfix) -> None:
    settings = (maps.folder / "etc/main.cf").read_text("utf-8")
    assert f"virtual_mailbox_domains = {DOMAIN}, proxy:ldap:" in settings
