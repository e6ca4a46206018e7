"""Apache with mod_auth_mellon, set up as our how-to page says, signs people in and out."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from interop.saml.apache import Apache, apache, read_environment, require_module
from interop.saml.browser import Browser, Page
from interop.saml.idp import IdentityProvider
from interop.saml.mellon import site_of_our_page, site_with_format, site_with_own_metadata
from interop.saml.people import Person, give_password
from interop.saml.wire import SAML, SAMLP, Wire
from interop.server import Server
from interop.web.chromium import chromium, opened

EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
SHORT_SECONDS = 2
KNOWN_SECONDS = 10.0  # the server looks for new settings every other second


@pytest.fixture(scope="module")
def site(server: Server, idp: IdentityProvider, all_messages: Wire) -> Iterator[Apache]:
    """The page's application at /staff, /email and /persistent; at the other site /own and /short."""
    module = require_module("auth_mellon", "libapache2-mod-auth-mellon")
    with apache(server) as made:
        page, portal = site_of_our_page(made, idp)
        email, email_material = site_with_format(made, "email", EMAIL)
        persistent, persistent_material = site_with_format(made, "persistent", PERSISTENT)
        own, own_material = site_with_own_metadata(made, "own")
        short, short_material = site_with_own_metadata(made, "short", f"MellonSessionLength {SHORT_SECONDS}")
        made.start([module], page + email + persistent, own + short)
        by_file = {"portal": portal, "email": email_material, "persistent": persistent_material}
        for name, material in by_file.items():
            idp.register(name, material.metadata)
        for name in ("own", "short"):
            idp.register_url(name, f"{made.other_url}/{name}/mellon/metadata")
        materials = (*by_file.values(), own_material, short_material)
        all_messages.keys.extend(material.key for material in materials)
        yield made


def environment(page: Page) -> dict[str, str]:
    """What an application was told, if it was reached."""
    assert page.headers.get("content-type", "").startswith("text/plain"), (page.url, page.status, page.said)
    return read_environment(page.text)


def sign_in(browser: Browser, url: str, person: Person) -> dict[str, str]:
    page = browser.open(url)
    assert "Sign in" in page.heading, page.said
    return environment(give_password(browser, page, person))


def test_a_person_signs_in_and_the_application_has_what_our_page_says(
    browser: Browser, site: Apache, tuyet: Person
) -> None:
    told = sign_in(browser, f"{site.url}/staff/environment", tuyet)
    assert told["REMOTE_USER"] == told["MAIL"] == tuyet.mail
    assert told["NAME"] == "Nguyễn Thị Ánh Tuyết - Sở Thử nghiệm"
    assert told["AGENCY"] == "Sở Thử nghiệm"
    assert told["MELLON_urn_oid_2_5_4_12_0"] == "Phó trưởng phòng"
    assert told["MELLON_urn_oid_2_5_4_12_1"] == "Kế toán trưởng"
    assert told["MELLON_NAME_ID"].startswith("_")


def test_names_and_titles_of_any_letters_arrive_as_they_are(
    browser: Browser, site: Apache, ybhok: Person
) -> None:
    told = sign_in(browser, f"{site.url}/staff/environment", ybhok)
    assert told["MELLON_urn_oid_2_5_4_3"] == "Y Bhŏk Êban"
    # Mellon itself escapes what XML would have escaped, as our page says.
    assert told["MELLON_urn_oid_2_5_4_12"] == "Tổ trưởng “R&amp;D” &lt;M'Nông&gt;"


def test_somebody_signed_in_is_taken_to_the_very_address_they_opened(
    browser: Browser, site: Apache, tuyet: Person
) -> None:
    query = "h%E1%BB%93+s%C6%A1=a%26b&x=%2B%20'()*!~;/?"
    told = sign_in(browser, f"{site.url}/staff/environment?{query}", tuyet)
    assert told["QUERY_STRING"] == query


def test_a_second_application_opens_without_a_password(browser: Browser, site: Apache, tuyet: Person) -> None:
    sign_in(browser, f"{site.url}/staff/environment", tuyet)
    assert environment(browser.open(f"{site.url}/email/environment"))["MELLON_NAME_ID"] == tuyet.mail


def test_a_persistent_name_is_the_same_next_time_and_another_for_another_person(
    server: Server, site: Apache, tuyet: Person, ybhok: Person
) -> None:
    names = []
    for person in (tuyet, tuyet, ybhok):
        browser = Browser(server.ca_file)
        names.append(sign_in(browser, f"{site.url}/persistent/environment", person)["MELLON_NAME_ID"])
        browser.close()
    assert names[0] == names[1] != names[2]
    assert "@" not in names[0]


def test_transient_names_differ_between_sessions(server: Server, site: Apache, tuyet: Person) -> None:
    names = set()
    for _ in range(2):
        browser = Browser(server.ca_file)
        names.add(sign_in(browser, f"{site.other_url}/own/environment", tuyet)["MELLON_NAME_ID"])
        browser.close()
    assert len(names) == 2


def test_requests_are_signed_and_an_unsigned_one_is_refused(
    browser: Browser, idp: IdentityProvider, site: Apache
) -> None:
    browser.stops_at = f"{idp.url}/"
    signed = browser.open(f"{site.url}/staff/environment").headers["location"]
    assert "&SigAlg=" in signed
    browser.stops_at = ""
    assert "Sign in" in browser.open(signed).heading
    refused = browser.open(signed.partition("&SigAlg=")[0])
    assert (refused.status, "not signed" in refused.said) == (400, True), refused.said


def test_assertions_are_encrypted_since_its_metadata_has_a_key(
    browser: Browser, site: Apache, tuyet: Person, wire: Wire
) -> None:
    sign_in(browser, f"{site.url}/staff/environment", tuyet)
    response = wire.last("Response")
    assert response.find(f"{SAML}EncryptedAssertion") is not None
    assert response.find(f"{SAML}Assertion") is None


def test_assertions_are_taken_unencrypted_too(
    browser: Browser, idp: IdentityProvider, site: Apache, tuyet: Person, wire: Wire
) -> None:
    idp.change("email", "--encryption", "never")
    deadline = time.monotonic() + KNOWN_SECONDS
    try:
        while True:
            told = sign_in(browser, f"{site.url}/email/environment", tuyet)
            if wire.last("Response").find(f"{SAML}Assertion") is not None:
                break
            assert time.monotonic() < deadline, "the server never learns"
            browser.cookies.clear()
    finally:
        idp.change("email", "--encryption", "offered")
    assert told["MELLON_NAME_ID"] == tuyet.mail


def test_asked_without_any_page_it_is_told_that_nobody_is_signed_in(
    browser: Browser, site: Apache, wire: Wire
) -> None:
    page = browser.open(f"{site.url}/mellon/login?ReturnTo=%2F&IsPassive=true")
    status = wire.last("Response").findall(f".//{SAMLP}StatusCode")[-1].get("Value")
    assert status == "urn:oasis:names:tc:SAML:2.0:status:NoPassive"
    assert page.url.startswith(site.url)


def test_signing_out_at_the_application_is_signing_out_of_everything(
    browser: Browser, idp: IdentityProvider, site: Apache, ybhok: Person
) -> None:
    sign_in(browser, f"{site.url}/staff/environment", ybhok)
    for url in (f"{site.url}/email/environment", f"{site.other_url}/own/environment"):
        environment(browser.open(url))
    page = browser.open(f"{site.url}/mellon/logout?ReturnTo=/")
    assert (page.url, page.heading) == (f"{site.url}/", "Public"), site.said()
    for url in (f"{site.url}/email/environment", f"{site.other_url}/own/environment", f"{idp.url}/account"):
        assert "Sign in" in browser.open(url).heading, url


def test_where_mellon_mistakes_the_session_of_another_browser_the_page_lets_people_go_on(
    server: Server, browser: Browser, idp: IdentityProvider, site: Apache, tuyet: Person
) -> None:
    """It looks sessions up by NameID alone, and of two with one address takes the wrong one."""
    elsewhere = Browser(server.ca_file)
    sign_in(elsewhere, f"{site.url}/email/environment", tuyet)
    elsewhere.close()
    sign_in(browser, f"{site.url}/email/environment", tuyet)
    browser.stops_at = f"{site.url}/email/mellon/logout"
    before = sign_out(browser, idp)
    browser.stops_at = ""
    assert browser.open(before.headers["location"]).status == 500
    back = browser.open(before.url)
    assert "has not answered" in back.said, back.said
    end = browser.follow(back, next(link for link in back.tree.xpath("//main//a/@href") if "skip" in link))
    assert "close the browser" in end.said.lower(), end.said


def test_signing_out_at_govdir_reaches_it_through_the_browser(
    browser: Browser, idp: IdentityProvider, site: Apache, tuyet: Person
) -> None:
    sign_in(browser, f"{site.url}/staff/environment", tuyet)
    page = sign_out(browser, idp)
    assert "signed out" in page.heading.lower(), page.said
    assert ("GET", f"{site.url}/mellon/logout") in browser.trail
    assert "Sign in" in browser.open(f"{site.url}/staff/environment").heading


def test_signing_out_at_govdir_reaches_it_from_server_to_server_where_its_metadata_offers_that(
    browser: Browser, idp: IdentityProvider, site: Apache, tuyet: Person
) -> None:
    sign_in(browser, f"{site.other_url}/own/environment", tuyet)
    page = sign_out(browser, idp)
    assert "signed out" in page.heading.lower(), page.said
    assert not any(url.startswith(f"{site.other_url}/own/mellon/logout") for _, url in browser.trail)
    assert "Sign in" in browser.open(f"{site.other_url}/own/environment").heading


def sign_out(browser: Browser, idp: IdentityProvider) -> Page:
    asked = browser.open(f"{idp.url}/sign-out")
    form = next(form for form in asked.forms if form.action.endswith("/sign-out"))
    return browser.send(asked, form)


def test_chromium_brings_its_cookie_when_it_comes_back_by_a_form_of_another_site(
    site: Apache, tuyet: Person
) -> None:
    """With the page's MellonCookieSameSite; without it, Mellon has lost its session then."""
    with chromium() as chrome, opened(chrome) as page:
        page.goto(f"{site.url}/staff/environment?x=1")
        page.locator("#name").fill(tuyet.mail)
        page.locator("#password").fill(tuyet.password)
        page.locator("main form button").click()
        page.wait_for_url(f"{site.url}/staff/environment?x=1")
        assert read_environment(page.locator("body").inner_text())["MAIL"] == tuyet.mail


def test_a_session_that_is_over_at_the_application_is_renewed_without_a_password(
    browser: Browser, site: Apache, tuyet: Person
) -> None:
    url = f"{site.other_url}/short/environment"
    first = sign_in(browser, url, tuyet)["MELLON_ASSERTION_ID"]
    assert environment(browser.open(url))["MELLON_ASSERTION_ID"] == first
    deadline = time.monotonic() + 5 * SHORT_SECONDS
    while environment(browser.open(url))["MELLON_ASSERTION_ID"] == first:
        assert time.monotonic() < deadline, "its session never ends"
        time.sleep(0.25)
