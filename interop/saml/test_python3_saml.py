"""python3-saml signs people in and out at its default settings."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from interop.saml.browser import Browser
from interop.saml.conftest import IdentityProvider
from interop.saml.people import Person, give_password
from interop.saml.python3_saml import Python3Saml
from interop.saml.service import Peer, Service

HOST = "https://onelogin.example"
CN, MAIL, TITLE = "urn:oid:2.5.4.3", "urn:oid:0.9.2342.19200300.100.1.3", "urn:oid:2.5.4.12"


@pytest.fixture(scope="module")
def registered(idp: IdentityProvider) -> None:
    idp.register("onelogin", Python3Saml(HOST, idp.metadata).metadata())


@pytest.fixture
def service(registered: None, idp: IdentityProvider, visit: Callable[[str, Peer], Service]) -> Service:
    return visit(HOST, Python3Saml(HOST, idp.metadata))


def test_a_sign_in(browser: Browser, service: Service, tuyet: Person) -> None:
    page = browser.open(service.login_url())
    page = give_password(browser, page, tuyet)
    assert service.log == ["signed-in"]
    assert service.signed_in.attributes[CN] == [tuyet.name]
    print(service.signed_in, browser.trail)
