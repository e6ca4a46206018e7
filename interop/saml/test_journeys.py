"""What every library must be able to do, each in its own words."""

from __future__ import annotations

import pytest

from interop.saml.applications import NAMES, Applications
from interop.saml.people import Person, give_password
from interop.saml.service import Binding, Service, SignedIn
from interop.saml.stage import Stage
from interop.saml.wire import SAML, SAMLP

CN, TITLE, MAIL = "urn:oid:2.5.4.3", "urn:oid:2.5.4.12", "urn:oid:0.9.2342.19200300.100.1.3"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
FORMATS = (EMAIL, UNSPECIFIED, PERSISTENT, TRANSIENT)
RELAY_STATES = (
    "https://portal.example/hồ-sơ?số=1&năm=2026#mục",
    "a b+c%20d&e=f\"g'h(i)*j!k~l;m/n “Văn bản đến” <script>alert(1)</script>",
    "x" * 1024,
)
by_both = pytest.mark.parametrize("binding", [Binding.REDIRECT, Binding.POST], ids=lambda one: one.name)


@pytest.fixture(params=NAMES)
def library(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def plain(library: str, applications: Applications, stage: Stage) -> Service:
    """The library at its defaults."""
    return stage.put(*applications.plain(library))


@pytest.fixture
def keyed(library: str, applications: Applications, stage: Stage) -> Service:
    """The library with keys of its own."""
    return stage.put(*applications.keyed(library))


@by_both
def test_a_sign_in_at_the_librarys_defaults(
    stage: Stage, plain: Service, tuyet: Person, binding: Binding
) -> None:
    stage.enter(plain, binding)
    assert plain.log == ["signed-in"]
    who = understood(plain)
    assert who.attributes[CN] == ["Nguyễn Thị Ánh Tuyết"]
    assert who.attributes[TITLE] == ["Phó trưởng phòng", "Kế toán trưởng"]
    assert who.attributes[MAIL] == [tuyet.mail]


@by_both
def test_a_signed_request_is_answered_encrypted(
    stage: Stage, keyed: Service, ybhok: Person, binding: Binding
) -> None:
    stage.person = ybhok
    stage.enter(keyed, binding)
    assert keyed.log == ["signed-in"]
    assert understood(keyed).attributes[CN] == ["Y Bhŏk Êban"]
    assert understood(keyed).attributes[TITLE] == ["Tổ trưởng “R&D” <M'Nông>"]
    assert stage.wire.last("Response").find(f"{SAML}EncryptedAssertion") is not None


@pytest.mark.parametrize(
    ("signature", "encryption"),
    [("sha512", "aes128-gcm"), ("sha512", "aes256-cbc"), ("sha256", "aes128-cbc")],
)
def test_other_methods_to_sign_and_encrypt(
    stage: Stage, applications: Applications, library: str, signature: str, encryption: str
) -> None:
    options = ("--signature", signature, "--encryption-method", encryption)
    service = stage.put(*applications.keyed(library, f"{signature}-{encryption}", *options))
    stage.enter(service)
    stage.browser.open(service.logout_url())
    assert service.log == ["signed-in", "signed-out"]


@pytest.mark.parametrize("library", ["python3-saml", "pysaml2", "lasso"])  # node-saml has no SHA-384
def test_signatures_with_sha384(stage: Stage, applications: Applications, library: str) -> None:
    service = stage.put(*applications.keyed(library, "sha384", "--signature", "sha384"))
    stage.enter(service)
    stage.browser.open(service.logout_url())
    assert service.log == ["signed-in", "signed-out"]


@by_both
def test_relay_state_comes_back_as_it_was(stage: Stage, keyed: Service, binding: Binding) -> None:
    stage.enter(keyed, binding)
    came_back = []
    for relay_state in RELAY_STATES:
        stage.browser.open(keyed.login_url(binding, relay_state))
        came_back.append(keyed.relay_state)
    assert came_back == list(RELAY_STATES)


def test_whoever_is_signed_in_here_is_asked_for_no_password(stage: Stage, plain: Service) -> None:
    stage.sign_in()
    stage.browser.open(plain.login_url())
    assert plain.log == ["signed-in"]


def test_each_format_of_name(stage: Stage, plain: Service, tuyet: Person) -> None:
    stage.sign_in()
    names = {}
    for name_format in FORMATS:
        plain.peer.wants(name_format=name_format)
        stage.browser.open(plain.login_url())
        names[name_format] = understood(plain)
    assert names[EMAIL].name_id == tuyet.mail
    assert names[UNSPECIFIED].name_id == tuyet.mail
    assert names[PERSISTENT].name_id_format == PERSISTENT
    assert len(names[PERSISTENT].name_id) == 64
    assert names[TRANSIENT].name_id_format == TRANSIENT
    assert len({one.name_id for one in names.values()}) == 3


def test_a_forced_sign_in_asks_for_the_password_again(stage: Stage, plain: Service) -> None:
    stage.sign_in()
    plain.peer.wants(force=True)
    page = stage.browser.open(plain.login_url())
    assert plain.log == []
    give_password(stage.browser, page, stage.person)
    assert plain.log == ["signed-in"]


def test_a_passive_request_learns_whether_somebody_is_signed_in(stage: Stage, plain: Service) -> None:
    plain.peer.wants(passive=True)
    stage.browser.open(plain.login_url())
    assert [entry.partition(":")[0] for entry in plain.log] == ["not-believed"]
    codes = [code.get("Value") for code in stage.wire.last("Response").iter(f"{SAMLP}StatusCode")]
    assert codes[1] == "urn:oasis:names:tc:SAML:2.0:status:NoPassive"
    stage.sign_in()
    stage.browser.open(plain.login_url())
    assert plain.log[1:] == ["signed-in"]


def test_an_application_is_opened_from_here(stage: Stage, applications: Applications, library: str) -> None:
    options = ("--idp-initiated", "--default-relay-state", "/hồ-sơ?a=1&b=2")
    service = stage.put(*applications.keyed(library, "opened", *options))
    stage.sign_in()
    page = stage.browser.open(f"{stage.idp.url}/saml/start?sp={library}-opened")
    stage.browser.send(page, page.form("sp"))
    assert (service.log, service.relay_state) == (["signed-in"], "/hồ-sơ?a=1&b=2")


@pytest.mark.parametrize("name_format", FORMATS, ids=lambda uri: str(uri).rpartition(":")[2])
def test_signing_out_at_the_application(stage: Stage, keyed: Service, name_format: str) -> None:
    keyed.peer.wants(name_format=name_format)
    stage.enter(keyed)
    page = stage.browser.open(keyed.logout_url())
    assert (keyed.log, page.heading) == (["signed-in", "signed-out"], "Signed out")
    assert not stage.is_signed_in()


@pytest.mark.parametrize("library", ["pysaml2", "lasso"])  # the others sign out by Redirect only
def test_signing_out_at_the_application_by_post(stage: Stage, keyed: Service) -> None:
    stage.enter(keyed)
    page = stage.browser.open(keyed.logout_url(Binding.POST))
    assert (keyed.log, page.heading) == (["signed-in", "signed-out"], "Signed out")
    assert not stage.is_signed_in()


@pytest.mark.parametrize("name_format", FORMATS, ids=lambda uri: str(uri).rpartition(":")[2])
def test_signing_out_here_reaches_the_application(stage: Stage, keyed: Service, name_format: str) -> None:
    keyed.peer.wants(name_format=name_format)
    stage.enter(keyed)
    page = stage.sign_out()
    assert keyed.log == ["signed-in", "asked-to-sign-out"]
    assert page.heading == "You are signed out"


def test_signing_out_at_one_application_reaches_all(stage: Stage, applications: Applications) -> None:
    first, *others = services = [stage.put(*applications.keyed(library)) for library in NAMES]
    stage.sign_in()
    for service in services:
        stage.browser.open(service.login_url())
    page = stage.browser.open(first.logout_url())
    assert page.heading == "Signed out"
    assert first.log == ["signed-in", "signed-out"]
    assert [other.log for other in others] == [["signed-in", "asked-to-sign-out"]] * 3


def understood(service: Service) -> SignedIn:
    """What the library read of the last assertion."""
    assert service.signed_in is not None, service.log
    return service.signed_in
