"""Setting up, moving and removing a second factor, and its recovery codes."""

from __future__ import annotations

from urllib.parse import quote

import pyotp
import pytest
from lxml import html

from govdir.web.cookies import SESSION_COOKIE
from govdir.web.qr import qr_svg
from tests.directory.role_town import AN, holder
from tests.web.offices import PASSWORD, Browser, Office, Page, later

PATH = "/account/second-factor"
START, CONFIRM = "Turn on two-step sign-in", "Turn on"


def code(office: Office, key: str) -> str:
    return pyotp.TOTP(key).at(office.town.clock.moment)


def key_on(page: Page) -> str:
    return str(page.tree.xpath("//*[contains(@class, 'key')]")[0].text_content()).replace(" ", "")


def set_up(office: Office, browser: Browser) -> tuple[str, Page]:
    """The key, and the page with the recovery codes."""
    page = browser.send(browser.get(PATH), START)
    return key_on(page), browser.send(page, CONFIRM, code=code(office, key_on(page)))


def codes_on(page: Page) -> list[str]:
    return [item.text_content() for item in page.tree.xpath("//ol[contains(@class, 'codes')]/li")]


# -- setting up


def test_the_key_is_shown_as_a_picture_and_in_groups_of_four(office: Office) -> None:
    browser = office.browser(AN)
    page = browser.send(browser.get(PATH), START)
    shown = page.tree.xpath("//*[contains(@class, 'key')]")[0].text_content()
    assert [len(group) for group in shown.split(" ")] == [4] * 8
    (picture,) = page.tree.xpath("//*[@class='qr']/svg")
    assert [each for each in picture.iter() if each.get("style")] == []
    assert picture.xpath("./title")[0].text_content().startswith("QR code")


def test_nothing_is_on_before_a_code_of_the_device_came_back(office: Office) -> None:
    browser = office.browser(AN)
    browser.send(browser.get(PATH), START)
    assert office.stores.factors.held == {}
    assert START in browser.get(PATH).buttons


def test_the_right_code_turns_it_on_and_shows_ten_recovery_codes(office: Office) -> None:
    browser = office.browser(AN)
    before = browser.cookies[SESSION_COOKIE]
    _, page = set_up(office, browser)
    assert page.status == 200
    assert "Two-step sign-in is on." in page.text
    assert len(set(codes_on(page))) == 10
    assert browser.cookies[SESSION_COOKIE] != before
    assert "On since 02/03/2026 15:00." in browser.get(PATH).text
    assert office.letters() == [(office.account(AN).address, "Đã bật xác thực hai lớp")]


def test_the_codes_can_be_copied_as_text_and_belong_to_somebody(office: Office) -> None:
    _, page = set_up(office, office.browser(AN))
    assert page.tree.get_element_by_id("codes-text").text.split("\n") == codes_on(page)
    assert f"Recovery codes of {office.account(AN).address}, made 02/03/2026 15:00" in page.text


def test_recovery_codes_are_shown_no_second_time(office: Office) -> None:
    browser = office.browser(AN)
    _, page = set_up(office, browser)
    shown = codes_on(page)
    for path in (PATH, "/account/recovery-codes"):
        body = browser.get(path).reply.body.decode()
        assert [one for one in shown if one in body] == []


def test_a_wrong_code_shows_the_same_key_again(office: Office) -> None:
    browser = office.browser(AN)
    page = browser.send(browser.get(PATH), START)
    again = browser.send(page, CONFIRM, code="000000" if code(office, key_on(page)) != "000000" else "111111")
    assert again.status == 422
    assert again.problems == [
        "The code is not right, or no longer. Enter the one shown now, and check the phone's clock."
    ]
    assert key_on(again) == key_on(page)
    assert browser.send(again, CONFIRM, code=code(office, key_on(again))).status == 200


@pytest.mark.parametrize("typed", ["", "   "])
def test_no_code_is_asked_for_again(office: Office, typed: str) -> None:
    browser = office.browser(AN)
    page = browser.send(browser.get(PATH), START)
    assert browser.send(page, CONFIRM, code=typed).problems == ["Enter the code of 6 digits."]


def test_a_code_typed_with_a_blank_is_good(office: Office) -> None:
    browser = office.browser(AN)
    page = browser.send(browser.get(PATH), START)
    typed = code(office, key_on(page))
    assert browser.send(page, CONFIRM, code=f"{typed[:3]} {typed[3:]}").status == 200


def test_a_key_of_somebody_else_is_none(office: Office) -> None:
    browser, stranger = office.browser(AN), office.browser(holder("operator"))
    theirs = stranger.send(stranger.get(PATH), START)
    mine = browser.send(browser.get(PATH), START)
    ticket = theirs.form(CONFIRM).fields["ticket"]
    page = browser.send(mine, CONFIRM, ticket=ticket, code=code(office, key_on(theirs)))
    assert page.problems == ["This page is out of date. Please begin again."]
    assert office.stores.factors.held == {}


def test_the_picture_is_the_key_under_the_accounts_name(office: Office) -> None:
    browser = office.browser(AN)
    page = browser.send(browser.get(PATH), START)
    label = quote(f"{office.pack.name.vi}:{office.account(AN).address}", safe=":")
    wanted = f"otpauth://totp/{label}?secret={key_on(page)}&issuer={quote(office.pack.name.vi)}"
    drawn = html.fragment_fromstring(str(qr_svg(wanted, "")))
    (picture,) = page.tree.xpath("//*[@class='qr']/svg")
    assert picture.xpath("./path/@d") == drawn.xpath("./path/@d")


# -- who proved the password long ago


def test_later_the_password_is_asked_again(office: Office) -> None:
    browser = office.browser(AN)
    later(office, minutes=6)
    page = browser.get(PATH)
    assert "password" in page.form(START).fields
    assert browser.send(page, START, password="").problems == ["Enter your current password."]
    assert browser.send(page, START, password="sai").problems == ["The current password is not right."]
    assert CONFIRM in browser.send(page, START, password=PASSWORD).buttons


@pytest.mark.parametrize(
    ("button", "path"),
    [
        ("Make new recovery codes", "/account/recovery-codes"),
        ("Move to another phone", PATH),
        ("Turn two-step sign-in off", PATH),
    ],
)
def test_whoever_finds_the_browser_open_changes_nothing(office: Office, button: str, path: str) -> None:
    browser = office.browser(AN)
    set_up(office, browser)
    later(office, minutes=6)
    before = dict(office.stores.factors.held)
    page = browser.send(browser.get(PATH), button, password="sai")
    assert (page.status, page.problems) == (422, ["The current password is not right."])
    (wrong,) = page.tree.xpath("//input[@aria-invalid='true']")
    assert page.tree.xpath("//*[@role='alert']//a/@href") == [f"#{wrong.get('id')}"]
    assert office.stores.factors.held == before
    fields = dict(browser.get(PATH).form(button).form_values())
    assert browser.post(path, fields).problems == ["Enter your current password."]
    assert office.stores.factors.held == before


def test_guessing_the_password_here_is_slowed_down(office: Office) -> None:
    browser = office.browser(AN)
    later(office, minutes=6)
    pages = [browser.send(browser.get(PATH), START, password="sai") for _ in range(7)]
    assert pages[-1].status == 429
    assert pages[-1].problems[0].startswith("Too many wrong attempts. Wait")


# -- what is on


def test_the_page_warns_when_few_recovery_codes_are_left(office: Office) -> None:
    browser = office.browser(AN)
    set_up(office, browser)
    assert "10 recovery codes are left." in browser.get(PATH).text
    (held,) = office.stores.factors.held.values()
    for digest in held.recovery[:9]:
        office.run(office.stores.factors.use_recovery(held.entry_uuid, digest))
    text = browser.get(PATH).text
    assert "1 recovery code is left. Few recovery codes are left. Make new ones." in text


def test_new_recovery_codes_take_the_place_of_the_old(office: Office) -> None:
    browser = office.browser(AN)
    _, page = set_up(office, browser)
    fresh = browser.send(browser.get(PATH), "Make new recovery codes")
    assert "New recovery codes were made." in fresh.text
    assert set(codes_on(fresh)).isdisjoint(codes_on(page))
    assert len(codes_on(fresh)) == 10


def test_moving_to_another_phone_keeps_the_old_one_until_the_new_one_is_confirmed(office: Office) -> None:
    browser = office.browser(AN)
    old, _ = set_up(office, browser)
    (before,) = office.stores.factors.held.values()
    page = browser.send(browser.get(PATH), "Move to another phone")
    assert office.stores.factors.held[before.entry_uuid] == before
    assert key_on(page) != old
    later(office, seconds=60)
    browser.send(page, CONFIRM, code=code(office, key_on(page)))
    assert office.stores.factors.held[before.entry_uuid].secret != before.secret


def test_it_is_turned_off_and_told_by_letter(office: Office) -> None:
    browser = office.browser(AN)
    set_up(office, browser)
    page = browser.send(browser.get(PATH), "Turn two-step sign-in off")
    assert "Two-step sign-in is off. The old recovery codes are void." in page.text
    assert START in page.buttons
    assert office.stores.factors.held == {}
    assert office.letters()[-1][1] == "Đã tắt xác thực hai lớp"
    assert browser.send(page, START).status == 200


def test_history_names_each_change(office: Office) -> None:
    browser = office.browser(AN)
    set_up(office, browser)
    browser.send(browser.get(PATH), "Make new recovery codes")
    browser.send(browser.get(PATH), "Turn two-step sign-in off")
    assert [row[1] for row in browser.get("/account/history").rows()] == [
        "Two-step sign-in turned off",
        "New recovery codes",
        "Two-step sign-in turned on",
        "Sign-in with password",
    ]


def test_whose_role_demands_it_is_not_offered_to_turn_it_off(town_with_demands: Office) -> None:
    office = town_with_demands
    administrator = holder("operator")
    browser = office.signed_in_with_new_factor(administrator)
    page = browser.get(PATH)
    assert "Turn two-step sign-in off" not in page.buttons
    assert "it can be replaced, not turned off" in page.text
    fields = dict(page.form("Move to another phone").form_values()) | {"do": "remove"}
    assert browser.post(PATH, fields).problems == [
        "Your role demands two-step sign-in: it can be replaced, not turned off."
    ]
    assert len(office.stores.factors.held) == 1


@pytest.fixture
def town_with_demands(office: Office) -> Office:
    return Office(office.town, frozenset({"operator"}))


def test_without_a_factor_there_are_no_recovery_codes(office: Office) -> None:
    page = office.browser(AN).get("/account/recovery-codes")
    assert "There are recovery codes once two-step sign-in is on." in page.text


def test_an_unknown_button_shows_the_page(office: Office) -> None:
    browser = office.browser(AN)
    fields = dict(browser.get(PATH).form(START).form_values()) | {"do": "explode"}
    assert browser.post(PATH, fields).heading == "Two-step sign-in"
