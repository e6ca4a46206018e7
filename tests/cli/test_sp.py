"""`govdir sp`: applications become known, are changed, tried out and removed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from govdir.cli import sp_add, sp_refresh
from govdir.cli.local import open_directory
from govdir.cli.outcome import EnvironmentTrouble
from govdir.cli.sp_options import NAME_IDS
from govdir.cli.sso import open_sso
from govdir.config import load_config
from govdir.sso.model import Encryption, ReleasedAttribute, ServiceProvider
from tests.cli.applications import ACS, PORTAL, SLO, certificate_file, metadata_file
from tests.cli.command_line import govdir
from tests.cli.office import SONV, answer, refused


def stored(home: Path, name: str = "portal") -> ServiceProvider:
    with open_directory(load_config(home)) as local, open_sso(local) as sso:
        return sso.service(name)


@pytest.fixture
def portal(office: Path, tmp_path: Path) -> Path:
    """The office with an application "portal"."""
    answer("sp", "add", office, "portal", "--metadata", metadata_file(tmp_path))
    return office


def test_an_application_is_known_by_what_its_metadata_says(office: Path, tmp_path: Path) -> None:
    told = answer("sp", "add", office, "portal", "--metadata", metadata_file(tmp_path))

    assert told["name"] == "portal"
    assert told["entity_id"] == PORTAL
    assert told["acs"] == [ACS]
    assert told["slo"] == [f"redirect: {SLO}"]
    assert len(told["signing_certificates"]) == 1
    assert answer("sp", "list", office) == [told]
    assert answer("sp", "show", office, PORTAL) == told


def test_a_name_or_entity_id_that_is_taken_is_refused(portal: Path, tmp_path: Path) -> None:
    same = metadata_file(tmp_path)
    assert PORTAL in refused("sp", "add", portal, "other", "--metadata", same)
    other = metadata_file(tmp_path, "https://other.cantho.gov.vn")
    assert refused("sp", "add", portal, "portal", "--metadata", other).startswith(
        '"portal" is the application'
    )


def test_one_without_metadata_is_told_by_a_few_facts(office: Path, tmp_path: Path) -> None:
    acs = ("https://chat.cantho.gov.vn/acs", "https://chat.cantho.gov.vn/acs2")
    told = answer(
        "sp", "add", office, "chat", "--entity-id", "chat", "--acs", acs[0], "--acs", acs[1],
        "--certificate", certificate_file(tmp_path),
    )  # fmt: skip

    assert told["acs"] == list(acs)
    assert len(told["signing_certificates"]) == len(told["encryption_certificates"]) == 1


@pytest.mark.parametrize("acs", ["http://chat.cantho.gov.vn/acs", "javascript:alert(1)", "chat"])
def test_answers_go_over_https_only(office: Path, acs: str) -> None:
    assert "AssertionConsumerService" in refused(
        "sp", "add", office, "chat", "--entity-id", "chat", "--acs", acs
    )


@pytest.mark.parametrize(
    "options",
    [(), ("--entity-id", "chat"), ("--acs", ACS), ("--metadata", "x.xml", "--acs", ACS)],
)
def test_an_application_is_told_one_way(office: Path, options: tuple[str, ...]) -> None:
    assert govdir("sp", "add", office, "chat", *options).exit_code == 2


def test_a_file_that_is_no_metadata_is_told_and_one_that_is_missing_too(office: Path, tmp_path: Path) -> None:
    (tmp_path / "no.xml").write_text("<a/>")
    assert "no.xml cannot be used" in refused("sp", "add", office, "x", "--metadata", tmp_path / "no.xml")
    assert govdir("sp", "add", office, "x", "--metadata", tmp_path / "none.xml").exit_code == 3


def test_metadata_must_be_signed_by_the_certificate_that_is_given(office: Path, tmp_path: Path) -> None:
    told = refused(
        "sp", "add", office, "portal", "--metadata", metadata_file(tmp_path),
        "--metadata-signer", certificate_file(tmp_path),
    )  # fmt: skip
    assert "sign" in told


@pytest.mark.parametrize(
    ("listed", "options", "name_id"),
    [
        (["SAML:2.0:nameid-format:persistent"], (), "persistent"),
        (["SAML:2.0:nameid-format:persistent", "SAML:1.1:nameid-format:emailAddress"], (), "email"),
        (["SAML:2.0:nameid-format:persistent"], ("--name-id", "transient"), "transient"),
    ],
)
def test_an_application_is_given_a_name_that_its_metadata_lists_unless_another_is_chosen(
    office: Path, tmp_path: Path, listed: list[str], options: tuple[str, ...], name_id: str
) -> None:
    file = metadata_file(tmp_path)
    formats = "".join(f"<md:NameIDFormat>urn:oasis:names:tc:{each}</md:NameIDFormat>" for each in listed)
    octets, place = file.read_bytes(), b"<md:AssertionConsumerService"
    file.write_bytes(octets.replace(place, formats.encode() + place, 1))

    answer("sp", "add", office, "portal", "--metadata", file, *options)

    assert stored(office).settings.name_id == NAME_IDS[name_id]


def test_settings_are_given_in_words(office: Path, tmp_path: Path) -> None:
    answer(
        "sp", "add", office, "portal", "--metadata", metadata_file(tmp_path),
        "--title", "Cổng", "--name-id", "persistent", "--attributes", "mail, cn", "--attribute", "agency=org",
        "--agency", "sonv", "--role", "auditor", "--kind", "agency", "--state", "active",
        "--second-factor", "--idp-initiated",
        "--signed-requests", "no", "--allow-sha1", "--unsigned-logout", "--sign", "assertion",
        "--signature", "sha512", "--encryption", "required", "--encryption-method", "aes128-gcm",
        "--session-minutes", "30", "--basic-names", "--default-relay-state", "/home", "--signing-key", "old",
    )  # fmt: skip

    service = stored(office)
    settings = service.settings
    assert settings.title == "Cổng"
    assert settings.name_id == "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    assert settings.attributes == (
        ReleasedAttribute("mail"), ReleasedAttribute("cn"), ReleasedAttribute("agency", "org"),
    )  # fmt: skip
    assert (settings.agencies, settings.roles, settings.kinds) == ((SONV,), ("auditor",), ("org",))
    assert settings.states == ("active",)
    assert settings.second_factor
    assert settings.idp_initiated
    assert settings.basic_names
    assert settings.allow_sha1
    assert settings.unsigned_logout
    assert settings.signed_requests is False
    assert (settings.sign_assertion, settings.sign_response) == (True, False)
    assert settings.signature_method == "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
    assert settings.encryption is Encryption.REQUIRED
    assert settings.encryption_method == "http://www.w3.org/2009/xmlenc11#aes128-gcm"
    assert (settings.session_minutes, settings.default_relay_state) == (30, "/home")
    assert settings.signing_key == "old"


def test_what_is_not_given_stays(portal: Path) -> None:
    answer("sp", "set", portal, "portal", "--second-factor", "--agency", "sonv")
    answer("sp", "set", portal, "portal", "--title", "Cổng")
    before = stored(portal)
    assert before.settings.second_factor
    assert before.settings.agencies == (SONV,)

    answer(
        "sp",
        "set",
        portal,
        "portal",
        "--agency",
        "any",
        "--no-second-factor",
        "--signed-requests",
        "metadata",
    )

    after = stored(portal)
    assert after.settings.agencies == ()
    assert not after.settings.second_factor
    assert after.settings.signed_requests is None
    assert after.settings.title == "Cổng"
    assert after.version == before.version + 1


def test_one_more_attribute_joins_those_there_are(portal: Path) -> None:
    answer("sp", "set", portal, "portal", "--attributes", "mail")
    answer("sp", "set", portal, "portal", "--attribute", "cn=name")
    assert stored(portal).settings.attributes == (ReleasedAttribute("mail"), ReleasedAttribute("cn", "name"))

    answer("sp", "set", portal, "portal", "--attributes", "default")
    assert stored(portal).settings.attributes == ()


@pytest.mark.parametrize("name", ["userPassword", "pwdHistory", "colour"])
def test_secrets_and_unknown_attributes_are_never_told(portal: Path, name: str) -> None:
    assert name in refused("sp", "set", portal, "portal", "--attributes", f"mail,{name}")
    assert stored(portal).settings.attributes == ()


def test_metadata_of_another_application_is_not_taken_over(portal: Path, tmp_path: Path) -> None:
    other = metadata_file(tmp_path, "https://other.cantho.gov.vn")
    assert govdir("sp", "set", portal, "portal", "--metadata", other).exit_code == 1
    assert stored(portal).version == 0


def test_of_an_aggregate_one_application_is_kept(office: Path, tmp_path: Path) -> None:
    one = metadata_file(tmp_path).read_text("utf-8")
    one = one[one.index("<md:EntityDescriptor") :]
    space = 'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
    others = "".join(one.replace(PORTAL, f"{PORTAL}/{number}") for number in range(500))
    aggregate = tmp_path / "ministry.xml"
    aggregate.write_text(f"<md:EntitiesDescriptor {space}>{others}{one}</md:EntitiesDescriptor>", "utf-8")

    answer("sp", "add", office, "portal", "--metadata", aggregate, "--entity-id", PORTAL)

    kept = stored(office)
    assert (kept.entity_id, len(kept.metadata) < 2 * len(one)) == (PORTAL, True)
    assert govdir("sp", "set", office, "portal", "--metadata", aggregate).exit_code == 0
    assert stored(office).metadata == kept.metadata


def test_an_application_gets_another_short_name(portal: Path) -> None:
    answer("sp", "set", portal, "portal", "--rename", "home")
    assert [each["name"] for each in answer("sp", "list", portal)] == ["home"]


def test_a_removed_application_is_unknown(portal: Path) -> None:
    assert "--yes" in refused("sp", "remove", portal, "portal")
    assert govdir("sp", "remove", portal, "portal", "--yes").exit_code == 0
    assert 'no application "portal"' in refused("sp", "show", portal, "portal")


def test_every_change_is_in_the_trail(portal: Path) -> None:
    answer("sp", "set", portal, "portal", "--second-factor")
    govdir("sp", "remove", portal, "portal", "--yes")
    trail = [(each["kind"], each["entity_id"], each["detail"]) for each in answer("sign-ins", portal)]
    assert trail == [("service-provider", PORTAL, what) for what in ("removed", "settings", "added")]


def test_what_it_would_be_told_of_somebody_is_shown(portal: Path) -> None:
    answer("sp", "set", portal, "portal", "--attributes", "mail,agency")

    told = answer("sp", "test", portal, "portal", "--as", "nvminh")

    assert told["refusal"] == ""
    assert (told["name_id"], told["acs"]) == ("nvminh@cantho.gov.vn", ACS)
    assert told["attributes"] == [
        {
            "name": "urn:oid:0.9.2342.19200300.100.1.3",
            "friendly_name": "mail",
            "values": ["nvminh@cantho.gov.vn"],
        },
        {"name": "urn:oid:2.5.4.10", "friendly_name": "o", "values": ["Sở Nội vụ"]},
    ]
    assert told["problems"] == []


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (("sp", "set", "HOME", "portal", "--agency", "soyte"), "agency"),
        (("sp", "set", "HOME", "portal", "--role", "auditor"), "role"),
        (("sp", "set", "HOME", "portal", "--kind", "agency"), "kind"),
        (("sp", "set", "HOME", "portal", "--disable"), "disabled"),
        (("mailbox", "suspend", "HOME", "nvminh", "--reason", "x"), "state"),
    ],
)
def test_who_does_not_get_in_is_told_with_the_reason(portal: Path, before: tuple[str, ...], why: str) -> None:
    assert govdir(*(portal if word == "HOME" else word for word in before)).exit_code == 0

    result = govdir("sp", "test", portal, "portal", "--as", "nvminh", "--json")

    assert result.exit_code == 1
    assert f'"refusal": "{why}"' in result.stdout
    assert len(result.stderr.splitlines()) == 1


def test_what_is_wrong_with_an_application_is_told(office: Path, tmp_path: Path) -> None:
    soon = metadata_file(tmp_path, valid_until=datetime.now(UTC) + timedelta(days=3))
    answer("sp", "add", office, "portal", "--metadata", soon, "--signing-key", "next", "--allow-sha1")
    answer("sp", "add", office, "chat", "--entity-id", "chat", "--acs", ACS, "--signed-requests", "yes",
           "--encryption", "required")  # fmt: skip

    portal = answer("sp", "test", office, "portal", "--as", "nvminh")
    chat = govdir("sp", "test", office, "chat", "--as", "nvminh")

    expiring, pinned = portal["problems"]
    assert "is valid until" in expiring
    assert pinned == 'it is pinned to the key "next", which there is not: the current one signs'
    assert portal["remarks"] == ["its signatures may use SHA-1, which is weak"]
    assert chat.exit_code == 1
    assert "every request is refused" in chat.stderr
    assert "nobody gets in" in chat.stderr
    doctor = govdir("doctor", office)
    assert doctor.exit_code == 1
    assert "4 findings" in doctor.stderr


class TestRefreshing:
    @pytest.fixture
    def fetched(self, office: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
        """What is at the application's address."""
        answers = {"octets": metadata_file(tmp_path).read_bytes()}

        def fetch(_config: object, url: str) -> bytes:
            assert url == "https://portal.cantho.gov.vn/metadata"
            if not answers["octets"]:
                raise EnvironmentTrouble("no answer")
            return answers["octets"]

        monkeypatch.setattr(sp_add, "fetch", fetch)
        monkeypatch.setattr(sp_refresh, "fetch", fetch)
        answer("sp", "add", office, "portal", "--metadata", "https://portal.cantho.gov.vn/metadata")
        return answers

    def test_new_metadata_is_taken_over(self, office: Path, fetched: dict[str, bytes]) -> None:
        fetched["octets"] = fetched["octets"].replace(b"/saml/acs", b"/saml/acs2")
        assert govdir("sp", "refresh", office).exit_code == 0
        assert answer("sp", "show", office, "portal")["acs"] == [ACS + "2"]

    @pytest.mark.parametrize("octets", [b"", b"<a/>"])
    def test_what_was_usable_stays(self, office: Path, fetched: dict[str, bytes], octets: bytes) -> None:
        fetched["octets"] = octets
        assert govdir("sp", "refresh", office, "portal").exit_code == 1
        told = answer("sp", "show", office, "portal")
        assert told["acs"] == [ACS]
        assert told["trouble"]

    def test_one_from_a_file_has_no_address(self, portal: Path) -> None:
        assert "came from a file" in refused("sp", "refresh", portal, "portal")


def test_a_setting_that_keeps_everybody_out_is_told_at_once(office: Path) -> None:
    added = govdir("sp", "add", office, "chat", "--entity-id", "https://chat.vn", "--acs", ACS)
    assert (added.exit_code, added.stderr) == (0, "")

    for option, value, told in (
        ("--encryption", "required", "nobody gets in"),
        ("--signed-requests", "yes", "every request is refused"),
        ("--signing-key", "old", "the current one signs"),
    ):
        changed = govdir("sp", "set", office, "chat", option, value)
        assert changed.exit_code == 0
        assert "Needs attention:" in changed.stderr
        assert told in changed.stderr
