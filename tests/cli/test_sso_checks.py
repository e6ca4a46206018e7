"""`govdir doctor` on what single sign-on stands on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from govdir.sso.saml.keys import make_signing_key
from tests.cli.command_line import govdir
from tests.cli.test_doctor import findings


def configure(home: Path, old: str, new: str) -> None:
    file = home / "govdir.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def current(home: Path) -> Path:
    return home / "keys/saml/current.pem"


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda home: current(home).chmod(0o644), "others may read it"),
        (lambda home: current(home).unlink(), "applications that know another will refuse"),
        (lambda home: current(home).write_text("no key"), "cannot be used"),
        (lambda home: (home / "keys/sso").write_bytes(b"short"), "32 random bytes"),
        (lambda home: (home / "keys/sso").unlink(), "there is none"),
    ],
)
def test_keys_that_are_not_as_they_must_be_are_told(
    home: Path, damage: Callable[[Path], object], told: str
) -> None:
    damage(home)
    (finding,) = findings(home)
    assert told in finding


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda home: current(home).unlink(), "copy it from the other machine"),
        (lambda home: (home / "keys/sso").unlink(), "copy it from the other machine"),
        (
            lambda home: (home / "keys/sso").write_bytes(bytes(32)),
            "another than the directory was served with",
        ),
    ],
)
def test_keys_other_than_the_directory_was_served_with_are_told(
    home: Path, damage: Callable[[Path], object], told: str
) -> None:
    assert govdir("idp", "keys", home).exit_code == 0
    damage(home)
    (finding,) = findings(home)
    assert told in finding


def test_a_certificate_about_to_end_is_told(home: Path) -> None:
    key, certificate = make_signing_key("SAML", days=20)
    current(home).write_bytes(key + certificate)
    (finding,) = findings(home)
    assert "idp new-key" in finding


def test_a_home_without_a_web_site_needs_no_keys(home: Path) -> None:
    configure(home, '# web = ["127.0.0.1:8443"]', "web = []")
    current(home).unlink()
    (home / "keys/sso").unlink()
    assert findings(home) == []


def test_a_site_that_others_reach_needs_a_name(home: Path) -> None:
    configure(home, '# web = ["127.0.0.1:8443"]', 'web = ["0.0.0.0:8443"]')
    (finding,) = findings(home)
    assert "web.url is not set" in finding


def test_the_certificate_must_be_for_the_sites_name(home: Path) -> None:
    configure(home, '# url = ""', 'url = "https://id.cantho.gov.vn"')
    (finding,) = findings(home)
    assert "is not for id.cantho.gov.vn" in finding


def test_behind_a_proxy_the_certificate_is_the_proxys_business(home: Path) -> None:
    configure(home, '# url = ""', 'url = "https://id.cantho.gov.vn"')
    configure(home, "# trusted_proxies = []", 'trusted_proxies = ["10.0.0.1"]')
    assert findings(home) == []
