"""Keys are renewed on a running server, and nobody who follows the three steps is locked out; python3-saml
holds each answer to the metadata it has."""

from __future__ import annotations

import signal
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import ldap3
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from interop.conftest import connect
from interop.saml.browser import Browser
from interop.saml.idp import IdentityProvider
from interop.saml.people import Person, add_person, give_password
from interop.saml.python3_saml import Python3Saml
from interop.saml.service import Service
from interop.saml.wire import DS
from interop.server import SUFFIX, Server, running_server
from tests.cli.command_line import govdir

METADATA = "{urn:oasis:names:tc:SAML:2.0:metadata}"
SOON_SECONDS = 5.0
REGISTRY_SECONDS = 2.1
"""After so long a running server knows of a setting that a command has changed."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("keys")) as server:
        yield server


@pytest.fixture(scope="module")
def person(server: Server) -> Person:
    dn = f"ou=sotn,ou=orgs,{SUFFIX}"
    with connect(server) as admin:
        classes = ["organizationalUnit", "gdOrganization", "gdMailbox"]
        assert admin.add(dn, classes, {"displayName": "Sở Thử nghiệm"}), admin.result
        assert admin.search(dn, "(objectClass=*)", ldap3.BASE)
    return add_person(server, dn, "tvbinh", "Trần Văn Bình")


@pytest.fixture
def idp(server: Server, tmp_path: Path) -> IdentityProvider:
    return IdentityProvider(server, published(server), tmp_path)


class Applications:
    """Applications by name, each with the metadata it read last."""

    def __init__(self, idp: IdentityProvider, person: Person) -> None:
        self._idp, self._person = idp, person
        self._metadata: dict[str, bytes] = {}

    def register(self, *names: str) -> None:
        for name in names:
            self.refresh(name)
            self._idp.register(name, Python3Saml(_host(name), self._metadata[name]).metadata())

    def refresh(self, name: str) -> None:
        """The application reads the identity provider's metadata anew."""
        self._metadata[name] = published(self._idp.server)

    def log_of_a_login(self, name: str) -> list[str]:
        """What comes of signing in there."""
        service = Service(Python3Saml(_host(name), self._metadata[name]), _host(name))
        browser = Browser(self._idp.server.ca_file, {service.host: service})
        try:
            give_password(browser, browser.open(service.login_url()), self._person)
        finally:
            browser.close()
        return service.log


def _host(name: str) -> str:
    return f"https://{name}.example"


def published(server: Server) -> bytes:
    trust = ssl.create_default_context(cafile=str(server.ca_file))
    with urlopen(f"{server.web_url}/saml/metadata", context=trust, timeout=10) as answer:
        return bytes(answer.read())


def certificates(server: Server) -> list[str]:
    """Those that the metadata says messages are signed with."""
    root = etree.fromstring(published(server))
    descriptors = root.findall(f"{METADATA}IDPSSODescriptor/{METADATA}KeyDescriptor")
    signing = [each for each in descriptors if each.get("use") in (None, "signing")]
    return ["".join((each.findtext(f".//{DS}X509Certificate") or "").split()) for each in signing]


def hang_up(server: Server, told: str = "read again") -> None:
    """SIGHUP, as `systemctl reload` sends it; waits until the log tells what came of it."""
    before = server.events.read_text("utf-8").count(told)
    assert server.process is not None
    server.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + SOON_SECONDS
    while server.events.read_text("utf-8").count(told) == before:
        assert time.monotonic() < deadline, "not told"
        time.sleep(0.02)


def command(server: Server, *arguments: str, status: int = 0) -> str:
    """What a command says that ends with this status."""
    done = govdir(*arguments[:2], server.home, *arguments[2:], "--lang", "en")
    assert done.exit_code == status, done.output
    return done.output


def test_a_key_is_renewed_while_everybody_goes_on(
    server: Server, idp: IdentityProvider, person: Person
) -> None:
    applications = Applications(idp, person)
    applications.register("diligent", "pinned", "idle")
    (former,) = certificates(server)

    command(server, "idp", "new-key")
    hang_up(server)
    assert certificates(server)[0] == former
    assert len(certificates(server)) == 2
    assert applications.log_of_a_login("idle") == ["signed-in"]
    applications.refresh("diligent")
    assert applications.log_of_a_login("diligent") == ["signed-in"]

    command(server, "sp", "set", "pinned", "--signing-key", "old")  # which is the present one till then
    time.sleep(REGISTRY_SECONDS)
    assert applications.log_of_a_login("pinned") == ["signed-in"]
    command(server, "idp", "activate-key", "--yes")
    hang_up(server)
    assert len(certificates(server)) == 2
    assert certificates(server)[0] != former
    assert applications.log_of_a_login("diligent") == ["signed-in"]
    assert applications.log_of_a_login("pinned") == ["signed-in"]
    (refused,) = applications.log_of_a_login("idle")
    assert refused.startswith("not-believed: invalid_response: Signature validation failed")

    assert "pinned" in command(server, "idp", "retire-key", status=1)
    applications.refresh("pinned")
    command(server, "sp", "set", "pinned", "--signing-key", "current")
    command(server, "idp", "retire-key")
    hang_up(server)
    assert len(certificates(server)) == 1
    assert former not in certificates(server)
    applications.refresh("idle")
    time.sleep(REGISTRY_SECONDS)
    for name in ("diligent", "pinned", "idle"):
        assert applications.log_of_a_login(name) == ["signed-in"]


def test_an_expired_certificate_keeps_nobody_out_and_doctor_warns(
    server: Server, idp: IdentityProvider, person: Person
) -> None:
    applications = Applications(idp, person)
    path = server.home / "keys" / "saml" / "current.pem"
    path.write_bytes(expired(path.read_bytes()))
    hang_up(server)

    applications.register("application")
    assert applications.log_of_a_login("application") == ["signed-in"]
    findings = govdir("doctor", server.home, "--json", "--lang", "en").stdout
    assert "its certificate ends on 2020-01-02" in findings
    assert "to renew: govdir idp new-key" in findings


def test_a_key_file_that_cannot_be_used_changes_nothing(server: Server) -> None:
    before = certificates(server)
    path = server.home / "keys" / "saml" / "current.pem"
    held = path.read_bytes()
    path.write_text("không phải khóa", "utf-8")
    hang_up(server, "not reloaded")

    assert certificates(server) == before
    path.write_bytes(held)
    hang_up(server)


def expired(pem: bytes) -> bytes:
    """The same key with a certificate of one day, long ago."""
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "SAML")])
    day = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day)
        .not_valid_after(day + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    encoding = serialization.Encoding.PEM
    return key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain) + certificate.public_bytes(
        encoding
    )
