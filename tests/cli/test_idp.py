"""`govdir idp`: keys are renewed step by step, and the metadata shows them."""

from __future__ import annotations

import base64
import os
import stat
import time
from hashlib import sha256
from pathlib import Path

import pytest
from lxml import etree

from govdir import key_files
from govdir.sso.saml.keys import make_signing_key
from tests.cli.applications import metadata_file
from tests.cli.command_line import govdir
from tests.cli.office import answer, refused

DS, MD = "{http://www.w3.org/2000/09/xmldsig#}", "{urn:oasis:names:tc:SAML:2.0:metadata}"
SPARE = make_signing_key("SAML cantho.gov.vn")


@pytest.fixture(autouse=True)
def _made_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making keys takes a while; one more besides the home's own is enough."""
    monkeypatch.setattr(key_files, "make_signing_key", lambda _name: SPARE)


def names(home: Path) -> dict[str, str]:
    return {key["name"]: key["fingerprint"] for key in answer("idp", "keys", home)}


def published(home: Path) -> list[str]:
    """SHA-256 of the signing certificates of the metadata."""
    root = etree.fromstring(govdir("idp", "metadata", home).stdout.encode())
    signing = root.iterfind(f"{MD}IDPSSODescriptor/{MD}KeyDescriptor[@use='signing']")
    certificates = [key.findtext(f".//{DS}X509Certificate") or "" for key in signing]
    return [sha256(base64.b64decode(text)).hexdigest() for text in certificates]


def test_a_new_home_has_one_key_which_signs(home: Path) -> None:
    (key,) = answer("idp", "keys", home)
    assert (key["name"], key["bits"]) == ("current", 3072)
    assert key["file"] == str(home / "keys/saml/current.pem")
    assert stat.S_IMODE((home / "keys/saml/current.pem").stat().st_mode) == 0o600


def test_a_home_from_before_gets_its_key_when_asked(home: Path) -> None:
    (home / "keys/saml/current.pem").unlink()
    assert list(names(home)) == ["current"]


def test_a_key_is_renewed_by_publishing_activating_and_retiring(home: Path) -> None:
    first = names(home)["current"]

    assert govdir("idp", "new-key", home).exit_code == 0
    second = names(home)["next"]
    assert published(home) == [first, second]

    assert govdir("idp", "activate-key", home, "--yes").exit_code == 0
    assert names(home) == {"current": second, "old": first}
    assert published(home) == [second, first]

    assert govdir("idp", "retire-key", home).exit_code == 0
    assert published(home) == [second]


def test_a_key_that_is_hardly_published_is_activated_only_when_sure(home: Path) -> None:
    govdir("idp", "new-key", home)
    assert "will refuse sign-ins" in refused("idp", "activate-key", home)
    assert list(names(home)) == ["current", "next"]

    three_days_ago = time.time() - 3 * 86_400
    os.utime(home / "keys/saml/next.pem", (three_days_ago, three_days_ago))
    assert govdir("idp", "activate-key", home).exit_code == 0


def test_a_step_out_of_turn_is_refused_with_the_right_one(home: Path) -> None:
    assert "idp new-key" in refused("idp", "activate-key", home)
    assert refused("idp", "retire-key", home) == "There is no former key."
    govdir("idp", "new-key", home)
    assert "idp activate-key" in refused("idp", "new-key", home)
    govdir("idp", "activate-key", home, "--yes")
    govdir("idp", "new-key", home)
    assert "idp retire-key" in refused("idp", "activate-key", home, "--yes")


def test_a_key_that_an_application_relies_on_is_not_retired(office: Path, tmp_path: Path) -> None:
    govdir("idp", "new-key", office)
    govdir("idp", "activate-key", office, "--yes")
    answer("sp", "add", office, "portal", "--metadata", metadata_file(tmp_path), "--signing-key", "old")

    assert "rely on the former key: portal" in refused("idp", "retire-key", office)

    answer("sp", "set", office, "portal", "--signing-key", "current")
    assert govdir("idp", "retire-key", office).exit_code == 0


def test_a_key_that_cannot_be_used_is_trouble_and_not_put_to_use(home: Path) -> None:
    (home / "keys/saml/next.pem").write_text("no key")
    result = govdir("idp", "activate-key", home, "--yes")
    assert result.exit_code == 3
    assert "next.pem" in result.stderr


def test_metadata_is_that_of_the_configured_site_and_can_be_written_to_a_file(home: Path) -> None:
    settings = home / "govdir.toml"
    settings.write_text(settings.read_text().replace('# url = ""', 'url = "https://id.cantho.gov.vn"', 1))

    result = govdir("idp", "metadata", home, "-o", home / "idp.xml")

    assert result.exit_code == 0
    assert "https://id.cantho.gov.vn/saml/metadata" in result.stderr
    root = etree.fromstring((home / "idp.xml").read_bytes())
    assert root.get("entityID") == "https://id.cantho.gov.vn/saml/metadata"
    assert root.find(f"{DS}Signature") is not None


def test_a_home_without_the_directorys_keys_is_not_served_and_told_what_to_copy(home: Path) -> None:
    names(home)
    (home / "keys/sso").unlink()
    serve = ("serve", home, "--ldap", "127.0.0.1:0", "--ldaps", "127.0.0.1:0", "--web", "127.0.0.1:0")

    for locale, told in (
        ("C.UTF-8", "copy keys/sso and keys/saml"),
        ("vi_VN.UTF-8", "chép keys/sso và keys/saml"),
    ):
        result = govdir(*serve, locale=locale)
        assert result.exit_code == 3
        assert str(home / "keys/sso") in result.stderr
        assert told in result.stderr
        assert "govdir idp adopt-keys" in result.stderr
    assert not (home / "keys/sso").exists()


def test_lost_keys_are_replaced_only_when_sure(home: Path) -> None:
    names(home)
    (home / "keys/sso").write_bytes(os.urandom(32))

    assert "second factor" in refused("idp", "adopt-keys", home)
    assert govdir("idp", "keys", home).exit_code == 3

    assert govdir("idp", "adopt-keys", home, "--yes").exit_code == 0
    assert list(names(home)) == ["current"]


def test_keys_that_are_not_lost_are_left_alone(home: Path) -> None:
    before = names(home)

    result = govdir("idp", "adopt-keys", home)

    assert result.exit_code == 0
    assert "uses already" in result.stderr
    assert names(home) == before
