"""People and help desks at the pages of accounts, in Chromium, with LDAP as the witness."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import ldap3
import pyotp
import pytest
from ldap3.core.exceptions import LDAPBindError
from playwright.sync_api import Browser, Page, expect

from interop.conftest import connect
from interop.server import Server
from interop.web.chromium import chromium, opened

FIRST = "Tre-xanh-ngoai-song-5"
SECOND = "Cau#Hang#Xanh#27"
_given = (f"{first} {second}" for first in ("An", "Bình", "Chi", "Dương") for second in ("Hà", "Lan", "Mai"))
_numbers = count(1)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def person(admin: ldap3.Connection, agency: str, server: Server) -> tuple[str, str]:
    """The DN and address of somebody whose password is FIRST, chosen by themselves."""
    dn = f"uid=nguoi{next(_numbers)},{agency}"
    classes = ["inetOrgPerson", "gdPerson", "gdMailbox"]
    name = f"Đoàn {next(_given)}"
    temporary = "Mot-lan-thoi-86420"
    assert admin.add(dn, classes, {"cn": name, "sn": "Đoàn", "userPassword": temporary}), admin.result
    with connect(server, dn, temporary) as own:
        changed = {"userPassword": [(ldap3.MODIFY_REPLACE, [FIRST])]}
        assert own.modify(dn, changed), own.result
    assert admin.search(dn, "(objectClass=*)", ldap3.BASE, attributes=["mail"])
    return dn, str(admin.entries[0]["mail"])


def sign_in(page: Page, server: Server, name: str, password: str = FIRST, place: str = "/account") -> None:
    page.goto(server.web_url + place)
    page.get_by_label("Mail address or login name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def binds(server: Server, dn: str, password: str) -> bool:
    try:
        with connect(server, dn, password):
            return True
    except LDAPBindError:
        return False


def change(page: Page, current: str, new: str) -> None:
    page.get_by_label("Current password").fill(current)
    page.get_by_label("New password", exact=True).fill(new)
    page.get_by_label("New password again").fill(new)
    page.get_by_role("button", name="Change password").click()


def no_wider_than_its_window(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_the_rules_are_marked_while_a_password_is_typed(
    browser: Browser, server: Server, person: tuple[str, str]
) -> None:
    dn, mail = person
    with opened(browser) as page:
        sign_in(page, server, mail)
        page.get_by_role("link", name="Change password").first.click()
        field = page.get_by_label("New password", exact=True)
        length = page.locator("[data-rule=password-length]")
        expect(length).not_to_have_class("broken")
        field.press_sequentially("doan")
        expect(length).to_have_class("broken")
        expect(page.locator("#rules-summary")).to_contain_text("rules are not met yet.")
        field.fill(SECOND)
        expect(length).to_have_class("passed")
        expect(page.locator("#rules-summary")).to_have_text("The new password meets every rule.")
        page.get_by_label("Show passwords").check()
        expect(field).to_have_attribute("type", "text")
        field.fill("")
        expect(page.locator(".rules .passed, .rules .broken")).to_have_count(0)
        expect(length).to_have_text("The password must have at least 8 characters.")
        change(page, FIRST, SECOND)
        expect(page.get_by_role("heading", name="Your password was changed")).to_be_visible()
    assert (binds(server, dn, FIRST), binds(server, dn, SECOND)) == (False, True)


def test_a_password_is_changed_on_a_phone_without_scripts(
    browser: Browser, server: Server, person: tuple[str, str]
) -> None:
    dn, mail = person
    with opened(browser, scripts=False, width=360) as page:
        sign_in(page, server, mail, place="/account/password")
        expect(page.get_by_text("This list is marked while you type.")).to_be_hidden()
        change(page, FIRST, "doan")
        expect(page.get_by_role("alert")).to_contain_text("The new password breaks")
        expect(page.locator("[data-rule=password-length]")).to_have_class("broken")
        change(page, "sai", SECOND)
        expect(page.get_by_role("alert")).to_contain_text("The current password is not right.")
        change(page, FIRST, SECOND)
        expect(page.get_by_role("heading", name="Your password was changed")).to_be_visible()
    assert binds(server, dn, SECOND)


def test_a_problem_has_the_focus_and_leads_to_its_field(
    browser: Browser, server: Server, person: tuple[str, str]
) -> None:
    with opened(browser) as page:
        sign_in(page, server, person[1], place="/account/password")
        change(page, "sai", SECOND)
        expect(page.get_by_role("alert")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Current password")).to_be_focused()


def test_a_second_factor_is_set_up_and_asked_for_at_the_next_sign_in(
    browser: Browser, server: Server, person: tuple[str, str]
) -> None:
    with opened(browser) as page:
        sign_in(page, server, person[1], place="/account/second-factor")
        page.get_by_role("button", name="Turn on two-step sign-in").click()
        assert page.locator(".qr svg").bounding_box() is not None
        authenticator = pyotp.TOTP(page.locator(".key").inner_text().replace(" ", ""))
        page.get_by_label("The code of 6 digits").fill(authenticator.now())
        page.get_by_role("button", name="Turn on").click()
        codes = page.locator(".codes li").all_inner_texts()
        assert len(codes) == 10
    with opened(browser) as page:
        sign_in(page, server, person[1])
        page.get_by_role("link", name="recovery code").click()
        page.get_by_label("Recovery code").fill(codes[0].upper())
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url("**/account")
        page.goto(f"{server.web_url}/account/second-factor")
        expect(page.get_by_text("9 recovery codes are left.")).to_be_visible()


def test_a_help_desk_issues_a_password_that_its_owner_must_change(
    browser: Browser, server: Server, admin: ldap3.Connection, agency: str, person: tuple[str, str]
) -> None:
    dn, mail = person
    helper = f"uid=hotro{next(_numbers)},{agency}"
    classes = ["inetOrgPerson", "gdPerson", "gdMailbox"]
    temporary = "Mot-lan-thoi-86420"
    assert admin.add(helper, classes, {"cn": f"Vũ {next(_given)}", "sn": "Vũ", "userPassword": temporary})
    with connect(server, helper, temporary) as own:
        assert own.modify(helper, {"userPassword": [(ldap3.MODIFY_REPLACE, [FIRST])]}), own.result
    assert admin.modify(agency, {"gdItAdmin": [(ldap3.MODIFY_REPLACE, [helper])]}), admin.result
    uid = helper.partition(",")[0].removeprefix("uid=")
    with opened(browser, width=360) as page:
        sign_in(page, server, uid, place="/administration/passwords")
        page.get_by_label("Name or mail address").fill(mail)
        page.get_by_role("button", name="Find").click()
        page.locator("tbody a").click()
        page.get_by_label("I have made sure that it is this person").first.check()
        page.get_by_role("button", name="Issue a one-time password").click()
        issued = page.locator(".shown-once").inner_text()
        assert no_wider_than_its_window(page)
    assert not binds(server, dn, FIRST)
    with opened(browser) as page:
        sign_in(page, server, mail, issued)
        expect(page.get_by_role("heading", name="Please choose a password of your own")).to_be_visible()
        page.get_by_label("New password", exact=True).fill(SECOND)
        page.get_by_label("New password again").fill(SECOND)
        page.get_by_role("button", name="Change the password and go on").click()
        page.wait_for_url("**/account")
    assert binds(server, dn, SECOND)


def test_every_page_fits_a_narrow_phone_in_both_languages(
    browser: Browser, server: Server, person: tuple[str, str]
) -> None:
    with opened(browser, width=320) as page:
        sign_in(page, server, person[1])
        page.wait_for_url("**/account")
        for name in ("", "/password", "/second-factor", "/recovery-codes", "/sessions", "/history"):
            for language in ("vi", "en"):
                page.goto(f"{server.web_url}/account{name}?lang={language}")
                assert no_wider_than_its_window(page), (name, language)
