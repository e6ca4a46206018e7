"""What every library must be able to do, each in its own words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from interop.saml.applications import NAMES, Applications
from interop.saml.browser import Browser
from interop.saml.conftest import IdentityProvider
from interop.saml.people import Person, give_password
from interop.saml.service import Binding, Peer, Service, SignedIn
from interop.saml.wire import SAML, SAMLP, Wire

CN, TITLE, MAIL = "urn:oid:2.5.4.3", "urn:oid:2.5.4.12", "urn:oid:0.9.2342.19200300.100.1.3"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
BROWSER_BINDINGS = (Binding.REDIRECT, Binding.POST)
RELAY_STATES = (
    "https://portal.example/hồ-sơ?số=1&năm=2026#mục",
    "a b+c%20d&e=f\"g'h(i)*j!k~l;m/n",
    "đường dẫn về trang “Văn bản đến” của Sở Y tế",
    "<script>alert(1)</script>",
    "x" * 1024,
)


@pytest.fixture(params=NAMES)
def library(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def plain(library: str, applications: Applications, visit: Callable[[str, Peer], Service]) -> Service:
    """The library at its defaults."""
    return visit(*applications.plain(library))


@pytest.fixture
def keyed(library: str, applications: Applications, visit: Callable[[str, Peer], Service]) -> Service:
    """The library with keys of its own."""
    return visit(*applications.keyed(library))


@pytest.mark.parametrize("binding", BROWSER_BINDINGS, ids=lambda one: one.name)
def test_a_sign_in_at_the_librarys_defaults(
    binding: Binding, plain: Service, browser: Browser, tuyet: Person
) -> None:
    give_password(browser, browser.open(plain.login_url(binding)), tuyet)
    assert plain.log == ["signed-in"]
    who = understood(plain)
    assert who.attributes[CN] == ["Nguyễn Thị Ánh Tuyết"]
    assert who.attributes[TITLE] == ["Phó trưởng phòng", "Kế toán trưởng"]
    assert who.attributes[MAIL] == [tuyet.mail]


@pytest.mark.parametrize("binding", BROWSER_BINDINGS, ids=lambda one: one.name)
def test_a_signed_request_is_answered_encrypted(
    binding: Binding, keyed: Service, browser: Browser, wire: Wire, ybhok: Person
) -> None:
    page = browser.open(keyed.login_url(binding))
    give_password(browser, page, ybhok)
    assert keyed.log == ["signed-in"]
    assert understood(keyed).attributes[CN] == ["Y Bhŏk Êban"]
    assert understood(keyed).attributes[TITLE] == ["Tổ trưởng “R&D” <M'Nông>"]
    assert wire.last("Response").find(f"{SAML}EncryptedAssertion") is not None


@pytest.mark.parametrize("binding", BROWSER_BINDINGS, ids=lambda one: one.name)
def test_relay_state_comes_back_as_it_was(
    binding: Binding, keyed: Service, browser: Browser, tuyet: Person
) -> None:
    give_password(browser, browser.open(keyed.login_url(binding)), tuyet)
    came_back = []
    for relay_state in RELAY_STATES:
        browser.open(keyed.login_url(binding, relay_state))
        came_back.append(keyed.relay_state)
    assert came_back == list(RELAY_STATES)


def test_a_second_application_asks_for_no_password(
    plain: Service, browser: Browser, idp: IdentityProvider, tuyet: Person
) -> None:
    give_password(browser, browser.open(f"{idp.url}/account"), tuyet)
    browser.open(plain.login_url())
    assert plain.log == ["signed-in"]


def test_each_format_of_name(plain: Service, browser: Browser, idp: IdentityProvider, tuyet: Person) -> None:
    give_password(browser, browser.open(f"{idp.url}/account"), tuyet)
    names = {}
    for name_format in (EMAIL, UNSPECIFIED, PERSISTENT, TRANSIENT):
        plain.peer.wants(name_format=name_format)
        browser.open(plain.login_url())
        names[name_format] = understood(plain)
    assert names[EMAIL].name_id == tuyet.mail
    assert names[UNSPECIFIED].name_id == tuyet.mail
    assert names[PERSISTENT].name_id_format == PERSISTENT
    assert len(names[PERSISTENT].name_id) == 64
    assert names[TRANSIENT].name_id_format == TRANSIENT
    assert len({one.name_id for one in names.values()}) == 3


def test_a_forced_sign_in_asks_for_the_password_again(
    plain: Service, browser: Browser, idp: IdentityProvider, tuyet: Person
) -> None:
    give_password(browser, browser.open(f"{idp.url}/account"), tuyet)
    plain.peer.wants(force=True)
    page = browser.open(plain.login_url())
    assert plain.log == []
    give_password(browser, page, tuyet)
    assert plain.log == ["signed-in"]


def test_a_passive_request_learns_that_nobody_is_signed_in(
    plain: Service, browser: Browser, idp: IdentityProvider, wire: Wire, tuyet: Person
) -> None:
    plain.peer.wants(passive=True)
    browser.open(plain.login_url())
    assert [entry.partition(":")[0] for entry in plain.log] == ["not-believed"]
    codes = [code.get("Value") for code in wire.last("Response").iter(f"{SAMLP}StatusCode")]
    assert codes[1] == "urn:oasis:names:tc:SAML:2.0:status:NoPassive"
    give_password(browser, browser.open(f"{idp.url}/account"), tuyet)
    browser.open(plain.login_url())
    assert plain.log[1:] == ["signed-in"]


def test_signing_out_at_the_application(
    keyed: Service, browser: Browser, idp: IdentityProvider, tuyet: Person
) -> None:
    give_password(browser, browser.open(keyed.login_url()), tuyet)
    page = browser.open(keyed.logout_url())
    assert (keyed.log, page.heading) == (["signed-in", "signed-out"], "Signed out")
    assert browser.open(f"{idp.url}/account").heading == "Sign in"


def test_signing_out_here_reaches_the_application(
    keyed: Service, browser: Browser, idp: IdentityProvider, tuyet: Person
) -> None:
    give_password(browser, browser.open(keyed.login_url()), tuyet)
    page = browser.open(f"{idp.url}/sign-out")
    page = browser.send(page, page.form_to("/sign-out"))
    assert keyed.log == ["signed-in", "asked-to-sign-out"]
    assert page.heading == "You are signed out"


def understood(service: Service) -> SignedIn:
    """What the library read of the last assertion."""
    assert service.signed_in is not None, service.log
    return service.signed_in
