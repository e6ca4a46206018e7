"""Apache with the Shibboleth service provider, set up as our how-to page says, signs people in and out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import pytest

from interop.saml.apache import Apache, apache, read_environment
from interop.saml.browser import Browser
from interop.saml.idp import IdentityProvider
from interop.saml.people import Person, give_password
from interop.saml.shibboleth import start_shibboleth
from interop.saml.wire import SAML, SAMLP, Wire
from interop.server import Server

KNOWN_SECONDS: Final = 10.0


@pytest.fixture(scope="module")
def site(server: Server, idp: IdentityProvider, all_messages: Wire) -> Iterator[Apache]:
    """The page's application at /staff."""
    with apache(server) as made:
        start_shibboleth(made, idp)
        idp.register_url("shibboleth", f"{made.url}/Shibboleth.sso/Metadata")
        all_messages.keys.append((made.folder / "shibboleth/sp-encrypt-key.pem").read_bytes())
        yield made


def sign_in(browser: Browser, site: Apache, person: Person) -> dict[str, str]:
    page = browser.open(f"{site.url}/staff/environment")
    assert "Sign in" in page.heading, (page.said, site.said())
    shown = give_password(browser, page, person)
    assert shown.headers.get("content-type", "").startswith("text/plain"), (shown.said, site.said())
    return read_environment(shown.text)


def test_a_person_signs_in_and_the_application_has_what_our_page_says(
    browser: Browser, site: Apache, tuyet: Person
) -> None:
    told = sign_in(browser, site, tuyet)
    assert told["REMOTE_USER"] == told["eppn"] == told["mail"] == tuyet.mail
    assert told["displayName"] == "Nguyễn Thị Ánh Tuyết - Sở Thử nghiệm"
    assert told["agency"] == "Sở Thử nghiệm"
    assert told["title"] == "Phó trưởng phòng;Kế toán trưởng"
    assert told["Shib_AuthnContext_Class"].endswith(":PasswordProtectedTransport")


def test_values_of_any_letters_arrive_as_they_are(browser: Browser, site: Apache, ybhok: Person) -> None:
    told = sign_in(browser, site, ybhok)
    assert told["displayName"] == "Y Bhŏk Êban - Sở Thử nghiệm"
    assert told["title"] == "Tổ trưởng “R&D” <M'Nông>"


def test_scoped_identifiers_pass_its_filter_for_their_scope_is_in_our_metadata(
    idp: IdentityProvider, site: Apache, tuyet: Person
) -> None:
    with changed(idp, ("--attributes", "mail,subject-id,pairwise-id"), ("--attributes", "default")):
        told = sign_in_until(idp.server, site, tuyet, "subject_id")
    assert told["REMOTE_USER"] == told["subject_id"]
    assert told["subject_id"].endswith("@cantho.gov.vn")
    assert told["pairwise_id"].endswith("@cantho.gov.vn")
    assert told["pairwise_id"] != told["subject_id"]
    assert "eppn" not in told


def test_a_persistent_name_comes_with_who_gave_it_and_for_whom(
    idp: IdentityProvider, site: Apache, tuyet: Person
) -> None:
    with changed(idp, ("--name-id", "persistent"), ("--name-id", "transient")):
        told = sign_in_until(idp.server, site, tuyet, "persistent_id")
    giver, receiver, name = told["persistent_id"].split("!")
    assert (giver, receiver) == (idp.entity_id, f"{site.url}/shibboleth")
    assert "@" not in name


@contextmanager
def changed(idp: IdentityProvider, there: Sequence[str], back: Sequence[str]) -> Iterator[None]:
    """With other settings for the block."""
    idp.change("shibboleth", *there)
    try:
        yield
    finally:
        idp.change("shibboleth", *back)


def sign_in_until(server: Server, site: Apache, person: Person, name: str) -> dict[str, str]:
    """What is told once the server knows its new settings, which takes two seconds. CGI has no hyphens."""
    deadline = time.monotonic() + KNOWN_SECONDS
    while True:
        browser = Browser(server.ca_file)
        told = sign_in(browser, site, person)
        browser.close()
        if name in told:
            return told
        assert time.monotonic() < deadline, told
        time.sleep(0.2)


def test_assertions_are_encrypted_since_its_metadata_has_a_key(
    browser: Browser, site: Apache, tuyet: Person, wire: Wire
) -> None:
    sign_in(browser, site, tuyet)
    response = wire.last("Response")
    assert response.find(f"{SAML}EncryptedAssertion") is not None
    assert response.find(f"{SAML}Assertion") is None


def test_asked_without_any_page_it_is_told_that_nobody_is_signed_in(
    browser: Browser, site: Apache, wire: Wire
) -> None:
    target = f"{site.url}/staff/environment"
    page = browser.open(f"{site.url}/Shibboleth.sso/Login?isPassive=true&target={target}")
    status = wire.last("Response").findall(f".//{SAMLP}StatusCode")[-1].get("Value")
    assert status == "urn:oasis:names:tc:SAML:2.0:status:NoPassive"
    assert page.url.startswith(site.url)


def test_asked_to_sign_in_anew_people_type_their_password_again(
    browser: Browser, site: Apache, tuyet: Person
) -> None:
    first = sign_in(browser, site, tuyet)
    time.sleep(1.1)  # the time of a proof is told in seconds
    target = f"{site.url}/staff/environment"
    page = browser.open(f"{site.url}/Shibboleth.sso/Login?forceAuthn=true&target={target}")
    assert "confirm that it is you" in page.said
    told = read_environment(give_password(browser, page, tuyet).text)
    assert told["Shib_Authentication_Instant"] > first["Shib_Authentication_Instant"]


def test_signing_out_at_the_application_is_signing_out_of_govdir(
    browser: Browser, idp: IdentityProvider, site: Apache, tuyet: Person
) -> None:
    sign_in(browser, site, tuyet)
    page = browser.open(f"{site.url}/Shibboleth.sso/Logout")
    # It asks for no answer (SAML V2.0 Asynchronous Single Logout), so people stay at our page.
    assert (page.url.startswith(idp.url), page.heading) == (True, "You are signed out"), site.said()
    for url in (f"{idp.url}/account", f"{site.url}/staff/environment"):
        assert "Sign in" in browser.open(url).heading, url


def test_signing_out_at_govdir_reaches_it_from_server_to_server(
    browser: Browser, idp: IdentityProvider, site: Apache, tuyet: Person
) -> None:
    sign_in(browser, site, tuyet)
    asked = browser.open(f"{idp.url}/sign-out")
    form = next(form for form in asked.forms if form.action.endswith("/sign-out"))
    page = browser.send(asked, form)
    assert "You are signed out" in page.heading, (page.said, site.said())
    assert not any("Shibboleth.sso/SLO" in url for _, url in browser.trail)
    assert "Sign in" in browser.open(f"{site.url}/staff/environment").heading
