"""The demonstration's applications: registered, served beside the sign-in site, and gone with it."""

from __future__ import annotations

import os
import re
import socket
import ssl
import stat
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from govdir.showcase.setup import Kind
from tests.cli.command_line import govdir
from tests.cli.office import answer
from tests.cli.serving import Serving, serving


class Demonstration:
    """A running one; `urls` are those of the sign-in site, the portal and the document manager."""

    def __init__(self, home: Path, server: Serving) -> None:
        assert server.process.stdout is not None
        self.home = home
        self.server = server
        self.printed = os.read(server.process.stdout.fileno(), 1 << 20).decode()
        names = ("Sign-in and account pages", "Staff portal", "Document manager")
        found = [re.search(rf"^{name} +(https://localhost:\d+)", self.printed, re.M) for name in names]
        self.urls = [each[1] for each in found if each is not None]
        assert len(self.urls) == 3, self.printed

    def get(self, url: str) -> tuple[str, str]:
        """Where it ends and what is there."""
        trust = ssl.create_default_context(cafile=str(self.home / "keys/ca.crt"))
        with urlopen(url, timeout=20, context=trust) as reply:
            return reply.url, reply.read().decode()


@pytest.fixture(scope="module")
def demonstration(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    home = Path(copytree(demo_template, tmp_path_factory.mktemp("demo") / "home"))
    with serving("demo", "--province", "cantho", "--home", home) as server:
        yield Demonstration(home, server)


def test_each_application_sends_its_visitors_to_the_sign_in_site(demonstration: Demonstration) -> None:
    site, *applications = demonstration.urls
    for url, title in zip(
        applications, ("Cổng thông tin nội bộ", "Quản lý văn bản và điều hành"), strict=True
    ):
        assert title in demonstration.get(url)[1]
        reached, page = demonstration.get(f"{url}/sign-in")
        assert reached.startswith(f"{site}/sign-in?flow=")
        assert title in page


def test_they_are_registered_like_any_others(demonstration: Demonstration) -> None:
    _, portal, documents = demonstration.urls
    told = {each["name"]: each for each in answer("sp", "list", demonstration.home)}
    assert told["portal"]["entity_id"] == f"{portal}/saml/metadata"
    assert told["documents"]["entity_id"] == f"{documents}/saml/metadata"
    assert told["documents"]["name_id"] == "persistent"
    assert [told[kind.value]["trouble"] for kind in Kind] == ["", ""]
    assert govdir("sp", "test", demonstration.home, "portal", "--as", "nvminh").exit_code == 0


def test_what_to_try_names_the_accounts_that_need_more_than_a_password(demonstration: Demonstration) -> None:
    tries = demonstration.printed.partition("To try in a browser:")[2]
    for what in ("no password is asked again", "one-time password", "has expired", "suspended", "by an app"):
        assert what in tries


def test_their_keys_and_logs_are_their_owners_only(demonstration: Demonstration) -> None:
    files = [*(demonstration.home / "applications").iterdir(), demonstration.home / "log/portal.log"]
    assert len(files) == 5
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_started_again_at_other_ports_they_keep_their_settings_and_end_with_the_server(
    demo_home: Path,
) -> None:
    with serving("demo", "--province", "cantho", "--home", demo_home) as server:
        first = Demonstration(demo_home, server)
        assert server.stop() == 0
    for url in first.urls:
        with pytest.raises(URLError):
            first.get(url)
    answer("sp", "set", demo_home, "portal", "--title", "Cổng của tôi")

    with serving("demo", "--province", "cantho", "--home", demo_home) as server:
        second = Demonstration(demo_home, server)

    told = {each["name"]: each for each in answer("sp", "list", demo_home)}
    assert told["portal"]["entity_id"] == f"{second.urls[1]}/saml/metadata"
    assert told["portal"]["title"] == "Cổng của tôi"
    assert len(told) == 2


def test_a_taken_port_is_told_with_the_option_that_chooses_another(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        endpoint = f"127.0.0.1:{taken.getsockname()[1]}"
        others = [word for name in ("--ldap", "--ldaps", "--web") for word in (name, "127.0.0.1:0")]
        result = govdir(
            "demo", "--province", "cantho", "--home", tmp_path / "home", *others, "--portal", endpoint
        )
    assert result.exit_code == 3
    assert f"{endpoint} is in use" in result.stderr
    assert "--portal" in result.stderr
    assert not (tmp_path / "home").exists()
