"""The whole journey in Chromium: the sample applications, a second factor, passwords that must be changed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import ldap3
import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from interop.conftest import connect
from interop.saml.chromium import cookies_of, expired_password, focused, looked_at, serve, type_in
from interop.saml.handmade import Handmade, message_of, status_of
from interop.saml.idp import IdentityProvider
from interop.saml.people import PASSWORD, Person, add_person
from interop.saml.service import Binding
from interop.saml.showcase import Showcase, showcase
from interop.server import Server
from interop.web.chromium import chromium, opened

SECOND = "Cau#Hang#Xanh#27"
_numbers = count(1)
_given = (
    f"{first} {second}"
    for first in ("Ánh", "Bảo", "Cẩm", "Đức", "Gia")
    for second in ("Hạ", "Lễ", "Mỹ", "Nữ")
)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def samples(idp: IdentityProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Showcase]:
    with showcase(idp, tmp_path_factory.mktemp("samples")) as running:
        yield running


@pytest.fixture
def person(server: Server, agency: str) -> Person:
    return add_person(server, agency, f"xem{next(_numbers)}", f"Đoàn {next(_given)}", "Chuyên viên")


def begin(page: Page, samples: Showcase) -> None:
    """From the portal's first page to where one signs in."""
    page.goto(samples.portal)
    page.locator("main a.button").click()
    page.wait_for_url("**/sign-in?flow=*")


def arrive(page: Page, url: str) -> None:
    """Waits until the application's page is there; without scripts, every page on the way has a button."""
    for _ in range(6):
        page.wait_for_load_state()
        if page.url.startswith(url):
            return
        button = page.locator("main form[method=post][action^=https] button")
        if button.count():
            looked_at(page, "post")
            button.click()
        else:
            page.wait_for_url(lambda now, before=page.url: now != before)
    raise AssertionError(f"{page.url} in place of {url}")


@pytest.mark.parametrize(
    "window",
    [{"language": "en-GB"}, {"language": "vi-VN", "scripts": False, "width": 390}],
    ids=["english", "vietnamese-on-a-phone-without-scripts"],
)
def test_one_sign_in_opens_both_applications_and_one_sign_out_leaves_both(
    chrome: Browser, samples: Showcase, person: Person, window: dict[str, Any]
) -> None:
    with opened(chrome, **window) as page:
        begin(page, samples)
        type_in(looked_at(page, "sign-in"), person.mail)
        arrive(page, samples.portal)
        table = looked_at(page, "portal").locator("#attributes")
        for told in (person.name, person.mail, "Chuyên viên", "Sở Thử nghiệm"):
            expect(table.get_by_text(told, exact=True).first).to_be_visible()
        page.locator(f"main a[href^='{samples.documents}']").click()
        arrive(page, samples.documents)
        expect(looked_at(page, "documents").locator("#attributes")).to_contain_text(person.name)
        page.locator("header form button").click()
        page.wait_for_url(f"{samples.documents}/?notice=signed_out")
        looked_at(page, "signed-out")
        for url in (samples.portal, samples.documents):
            page.goto(url)
            expect(page.locator("#attributes")).to_have_count(0)
        page.goto(f"{samples.portal}/sign-in")
        expect(page.locator("#password")).to_be_visible()


def test_a_second_factor_is_enrolled_and_then_asked_for_on_the_way_to_an_application(
    chrome: Browser, server: Server, samples: Showcase, person: Person
) -> None:
    with opened(chrome) as page:
        page.goto(f"{server.web_url}/account/second-factor")
        type_in(page, person.mail)
        page.get_by_role("button", name="Turn on two-step sign-in").click()
        authenticator = pyotp.TOTP(looked_at(page, "enrol").locator(".key").inner_text().replace(" ", ""))
        now = int(page.evaluate("Date.now() / 1000"))
        page.get_by_label("The code of 6 digits").fill(authenticator.at(now))
        page.get_by_role("button", name="Turn on").click()
        codes = looked_at(page, "recovery-codes").locator(".codes li").all_inner_texts()
    with opened(chrome) as page:
        begin(page, samples)
        type_in(page, person.mail)
        code = looked_at(page, "code").get_by_label("Six-digit code")
        code.fill(authenticator.at(now))  # used before
        page.get_by_role("button", name="Continue").click()
        expect(looked_at(page, "code-wrong").get_by_role("alert")).to_contain_text("was used before")
        assert focused(page) == "code"
        code.fill(authenticator.at(now + 30))
        page.get_by_role("button", name="Continue").click()
        arrive(page, samples.portal)
    with opened(chrome) as page:
        begin(page, samples)
        type_in(page, person.mail)
        page.get_by_role("link", name="recovery code").click()
        looked_at(page, "recovery").get_by_label("Recovery code").fill(codes[3])
        page.get_by_role("button", name="Continue").click()
        arrive(page, samples.portal)
    with opened(chrome, scripts=False) as page:
        begin(page, samples)
        type_in(page, person.mail)
        page.get_by_role("link", name="recovery code").click()
        page.get_by_label("Recovery code").fill(codes[3])
        page.get_by_role("button", name="Continue").click()
        expect(looked_at(page, "recovery-wrong").get_by_role("alert")).to_contain_text("used before")
        assert focused(page) == "recovery"


def choose_password(page: Page, new: str) -> None:
    page.locator("#new").fill(new)
    page.locator("#repeated").fill(new)
    page.locator("main form button").first.click()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_an_expired_password_is_changed_on_the_way_to_the_application(
    chrome: Browser, server: Server, samples: Showcase, person: Person, scripts: bool
) -> None:
    expired = expired_password(server, person)
    with opened(chrome, scripts=scripts, width=390) as page:
        begin(page, samples)
        type_in(page, person.mail, expired)
        expect(looked_at(page, "expired").get_by_role("heading", level=1)).to_have_text(
            "Your password has expired"
        )
        choose_password(page, "doan")
        expect(looked_at(page, "expired-wrong").get_by_role("alert")).to_be_visible()
        assert focused(page) == "new"
        choose_password(page, SECOND)
        arrive(page, samples.portal)
        expect(page.locator("#attributes")).to_contain_text(person.name)
    connect(server, person.dn, SECOND).unbind()


@pytest.fixture
def helper(server: Server, admin: ldap3.Connection, agency: str) -> Person:
    """The administrator of everybody's agency."""
    made = add_person(server, agency, f"giup{next(_numbers)}", f"Vũ {next(_given)}")
    assert admin.modify(agency, {"gdItAdmin": [(ldap3.MODIFY_REPLACE, [made.dn])]}), admin.result
    return made


def test_a_one_time_password_of_an_agencys_administrator_leads_by_a_new_one_to_the_application(
    chrome: Browser, server: Server, samples: Showcase, person: Person, helper: Person
) -> None:
    with opened(chrome) as page:
        page.goto(f"{server.web_url}/administration/passwords")
        type_in(page, helper.mail)
        looked_at(page, "help").get_by_label("Name or mail address").fill(person.mail)
        page.get_by_role("button", name="Find").click()
        looked_at(page, "help-found").locator("tbody a").click()
        looked_at(page, "help-person").get_by_label("I have made sure that it is this person").first.check()
        page.get_by_role("button", name="Issue a one-time password").click()
        issued = looked_at(page, "help-issued").locator(".shown-once").inner_text()
    with opened(chrome) as page:
        begin(page, samples)
        type_in(page, person.mail, issued)
        looked_at(page, "must-change")
        choose_password(page, SECOND)
        arrive(page, samples.portal)
    with opened(chrome) as page:
        begin(page, samples)
        type_in(page, person.mail, issued)
        expect(page.get_by_role("alert")).to_contain_text("The name or the password is not right.")


def test_a_suspended_account_is_told_so_after_the_right_password_only(
    chrome: Browser, admin: ldap3.Connection, samples: Showcase, person: Person
) -> None:
    changes = {"gdState": "suspended", "gdStateReason": "Đi học dài hạn"}
    given = {name: [(ldap3.MODIFY_REPLACE, [value])] for name, value in changes.items()}
    assert admin.modify(person.dn, given), admin.result
    with opened(chrome, language="vi-VN") as page:
        begin(page, samples)
        type_in(page, person.mail, "sai")
        expect(page.get_by_role("alert")).to_have_text("Tên đăng nhập hoặc mật mã không đúng.")
        type_in(page, person.mail)
        expect(looked_at(page, "suspended").locator("main")).to_contain_text("Hộp thư đang tạm khóa.")


def test_somebody_signs_in_with_the_keyboard_alone(
    chrome: Browser, samples: Showcase, person: Person
) -> None:
    with opened(chrome) as page:
        begin(page, samples)
        assert focused(page) == "name"
        page.keyboard.type(person.uid)
        page.keyboard.press("Tab")
        page.keyboard.type("sai")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()
        assert focused(looked_at(page, "sign-in-wrong")) == "password"
        described = page.locator("#password").get_attribute("aria-describedby")
        assert described == page.get_by_role("alert").get_attribute("id")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        arrive(page, samples.portal)


def test_the_language_is_changed_in_the_middle_of_signing_in(
    chrome: Browser, samples: Showcase, person: Person
) -> None:
    with opened(chrome, language="vi-VN") as page:
        begin(page, samples)
        expect(page.get_by_role("heading", level=1)).to_have_text("Đăng nhập")
        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        expect(page.get_by_text("Staff portal")).to_be_visible()
        type_in(page, person.mail)
        arrive(page, samples.portal)


def test_two_tabs_that_were_both_asked_for_the_password_both_arrive(
    chrome: Browser, samples: Showcase, person: Person
) -> None:
    with opened(chrome) as one:
        begin(one, samples)
        other = one.context.new_page()
        other.goto(f"{samples.documents}/sign-in")
        type_in(other, person.mail)
        arrive(other, samples.documents)
        type_in(one, person.mail)
        arrive(one, samples.portal)


def test_a_tab_that_waited_arrives_by_reloading_once_another_has_signed_in(
    chrome: Browser, samples: Showcase, person: Person
) -> None:
    with opened(chrome) as one:
        begin(one, samples)
        other = one.context.new_page()
        other.goto(f"{samples.documents}/sign-in")
        type_in(other, person.mail)
        arrive(other, samples.documents)
        one.reload()
        if "/sign-in" in one.url:
            type_in(one, person.mail)
        arrive(one, samples.portal)


def test_going_back_to_the_sign_in_page_ends_at_the_application_again(
    chrome: Browser, samples: Showcase, person: Person
) -> None:
    with opened(chrome) as page:
        begin(page, samples)
        sign_in_page = page.url
        type_in(page, person.mail)
        arrive(page, samples.portal)
        page.goto(sign_in_page)
        arrive(page, samples.portal)
        expect(page.locator("#attributes")).to_contain_text(person.name)


def test_going_back_ends_at_the_application_again(chrome: Browser, samples: Showcase, person: Person) -> None:
    with opened(chrome) as page:
        begin(page, samples)
        type_in(page, person.mail)
        arrive(page, samples.portal)
        page.go_back()
        arrive(page, samples.portal)
        expect(page.locator("#attributes")).to_contain_text(person.name)


def test_a_form_that_comes_too_late_says_what_to_do(
    chrome: Browser, samples: Showcase, person: Person
) -> None:
    with opened(chrome, language="vi-VN") as page:
        begin(page, samples)
        page.context.clear_cookies()
        type_in(page, person.mail)
        looked_at(page, "late")
        assert "sign-in" in page.url
        expect(page.locator("main a.button, main form button").first).to_be_visible()


def test_cookies_are_for_this_site_and_its_server_only(
    chrome: Browser, samples: Showcase, person: Person
) -> None:
    with opened(chrome) as page:
        begin(page, samples)
        before = cookies_of(page, "__Host-govdir")
        type_in(page, person.mail)
        arrive(page, samples.portal)
        after = cookies_of(page, "__Host-govdir")
        assert "__Host-govdir" not in before
        assert {"__Host-govdir", "__Host-govdir-device"} <= set(after)
        for cookie in after.values():
            flags = {name: cookie[name] for name in ("secure", "httpOnly", "sameSite", "path", "domain")}
            assert flags == {
                "secure": True,
                "httpOnly": True,
                "sameSite": "Lax",
                "path": "/",
                "domain": "localhost",
            }
        assert after["__Host-govdir"]["expires"] == -1  # gone with the browser
        assert page.evaluate("document.cookie") == ""


@pytest.mark.parametrize(
    "window",
    [{"language": "vi-VN", "width": 390}, {"language": "en-GB", "dark": True}],
    ids=["vietnamese-on-a-phone", "english-in-the-dark"],
)
def test_every_page_can_be_used_without_a_mouse_and_read_by_a_screen_reader(
    chrome: Browser, server: Server, person: Person, window: dict[str, Any]
) -> None:
    with opened(chrome, **window) as page:
        for name, path in {"home": "/", "own-sign-in": "/sign-in", "nowhere": "/khong-co"}.items():
            page.goto(server.web_url + path)
            looked_at(page, name)
        page.goto(f"{server.web_url}/sign-in?flow=khong-con")
        looked_at(page, "over")
        page.goto(f"{server.web_url}/saml/sso?SAMLRequest=hong")
        looked_at(page, "refused")
        page.goto(f"{server.web_url}/account")
        type_in(page, person.mail)
        page.wait_for_url("**/account")
        for name in ("", "password", "second-factor", "recovery-codes", "sessions", "history"):
            page.goto(f"{server.web_url}/account/{name}".rstrip("/"))
            looked_at(page, f"account-{name}")
        page.goto(f"{server.web_url}/administration/passwords")
        looked_at(page, "forbidden").locator("main a.button").click()
        page.wait_for_url("**/account")
        page.goto(f"{server.web_url}/sign-out")
        looked_at(page, "sign-out")
        page.locator("main form button").click()
        looked_at(page, "signed-out-here")


def test_an_application_is_opened_from_the_page_of_the_account(
    chrome: Browser, server: Server, samples: Showcase, person: Person
) -> None:
    with opened(chrome) as page:
        page.goto(f"{server.web_url}/account")
        type_in(page, person.mail)
        page.locator(".applications").get_by_role("button", name="Document manager").click()
        arrive(page, samples.documents)
        page.goto(f"{server.web_url}/saml/start?sp=sample-documents")
        looked_at(page, "confirm").locator("main form button").click()
        arrive(page, samples.documents)


def test_messages_that_another_site_posts_find_the_session_that_came_without_them(
    chrome: Browser, server: Server, idp: IdentityProvider, samples: Showcase, person: Person
) -> None:
    """Browsers leave our cookies behind then, for they are SameSite=Lax."""
    application = Handmade(idp, "https://posting.example", Binding.POST)
    idp.register("posting", application.metadata)
    with opened(chrome) as page:
        serve(page, application)
        begin(page, samples)
        type_in(page, person.mail)
        arrive(page, samples.portal)
        page.goto(f"{application.host}/login")
        arrive(page, f"{application.host}/acs")
        assert status_of(message_of(application.visits[-1])) == ("Success",)
        page.goto(f"{server.web_url}/sign-out")
        page.locator("main form button").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
        expect(looked_at(page, "signed-out-of-all").locator(".steps .good")).to_have_count(2)
