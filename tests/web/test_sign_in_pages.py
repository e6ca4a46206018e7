"""The pages of signing in, as a person goes through them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from msgspec.structs import replace
from pyotp import TOTP

from govdir.directory.roles import HeldRole
from govdir.policy.texts import Language
from govdir.sso.idp.outcomes import ServiceName
from govdir.web.cookies import DEVICE_COOKIE, SESSION_COOKIE
from govdir.web.router import Router
from govdir.web.sign_in_pages import SignInPages
from govdir.web.trouble import Trouble
from tests.directory.building import open_town
from tests.directory.role_town import AN, holder
from tests.web.offices import OTHER, PASSWORD, Browser, Office, Page, later

PORTAL = ServiceName("portal", "https://portal.example/saml", {"vi": "Cổng thông tin", "en": "Staff portal"})
PURPOSE = "/saml/sso/continue?flow=p"


class Applications:
    """The portal waits for whoever comes by way of it."""

    async def service_waiting(self, purpose: str) -> ServiceName | None:
        return PORTAL if purpose == PURPOSE else None


def with_sign_in(office: Office) -> Office:
    desk = office.desk
    pages = SignInPages(office.pages, desk.sign_in, desk.book, Applications())
    office.router = Router(pages.routes())
    return office


@pytest.fixture
def front(office: Office) -> Office:
    return with_sign_in(office)


@pytest.fixture
def strict(tmp_path: Path, staffed: Path) -> Iterator[Office]:
    """Operators need a second factor."""
    with open_town(tmp_path / "strict.db", staffed) as town:
        yield with_sign_in(Office(town, frozenset({HeldRole.OPERATOR})))


def begun(office: Office) -> str:
    """A sign-in that the portal waits for; its page."""
    flow = office.run(office.desk.sign_in.begin(PURPOSE))
    return f"/sign-in?flow={flow.id}"


def name_of(office: Office, dn: str) -> str:
    return office.account(dn).shown


def signed_in(browser: Browser, page: Page, name: str, password: str = PASSWORD) -> Page:
    return browser.send(page, "Sign in", name=name, password=password)


def flow_of(place: str) -> str:
    return parse_qs(urlsplit(place).query)["flow"][0]


def alert(page: Page) -> str:
    (found,) = page.tree.xpath("//*[@role='alert']")
    return " ".join(found.text_content().split())


def test_nothing_is_kept_for_who_only_looks_at_the_sign_in_page(front: Office) -> None:
    page = front.stranger().get("/sign-in")

    assert (page.status, page.heading) == (200, "Sign in")
    assert front.stores.keeping.held == {}


def test_who_signs_in_unsent_comes_to_the_own_account(front: Office) -> None:
    browser = front.stranger()

    page = signed_in(browser, browser.get("/sign-in"), name_of(front, AN))

    assert (page.status, page.location) == (303, "/account")
    assert {SESSION_COOKIE, DEVICE_COOKIE} <= set(browser.cookies)
    device = next(cookie for cookie in page.reply.cookies if cookie.name == DEVICE_COOKIE)
    session = next(cookie for cookie in page.reply.cookies if cookie.name == SESSION_COOKIE)
    assert (session.max_age_seconds, device.max_age_seconds) == (None, 31_536_000)


def test_who_was_sent_comes_back_to_where_it_was(front: Office) -> None:
    browser = front.stranger()

    page = signed_in(browser, browser.get("/sign-in?to=%2Faccount%2Fsessions%3Fa%3D1"), name_of(front, AN))

    assert page.location == "/account/sessions?a=1"


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/",
        "//evil.example",
        "/account/../x\r\n",
        "/\\evil.example",
        "/sign-out",
        "/accounts",
    ],
)
def test_nobody_is_sent_where_a_link_says_unless_it_is_a_page_of_ours(front: Office, place: str) -> None:
    browser = front.stranger()

    page = signed_in(browser, browser.get(f"/sign-in?to={quote(place, safe='')}"), name_of(front, AN))

    assert page.location == "/account"


def test_who_is_signed_in_already_is_not_asked_again(front: Office) -> None:
    browser = front.browser(AN)

    assert browser.get("/sign-in?to=/account/history").location == "/account/history"


def test_the_application_that_waits_is_named(front: Office) -> None:
    browser = front.stranger()

    assert "To go on to Staff portal" in browser.get(begun(front)).text
    browser.language = Language.VIETNAMESE
    assert "Để tiếp tục sử dụng Cổng thông tin" in browser.get(begun(front)).text


def test_the_application_is_gone_on_to_after_the_password(front: Office) -> None:
    browser = front.stranger()

    page = signed_in(browser, browser.get(begun(front)), name_of(front, AN))

    assert (page.status, page.location) == (303, PURPOSE)


@pytest.mark.parametrize("name", ["nobody@cantho.gov.vn", "an@sonv.cantho.gov.vn", "x" * 200])
def test_a_wrong_name_and_a_wrong_password_read_alike_and_keep_the_name(front: Office, name: str) -> None:
    browser = front.stranger()

    page = signed_in(browser, browser.get(begun(front)), name, "wrong")

    assert (page.status, alert(page)) == (200, "The name or the password is not right.")
    assert page.tree.xpath("//input[@name='name']/@value") == [name]
    assert "value" not in page.tree.xpath("//input[@name='password']")[0].attrib
    assert SESSION_COOKIE not in browser.cookies


def test_a_wrong_password_can_be_mended_on_the_page_that_says_so(front: Office) -> None:
    browser = front.stranger()
    page = signed_in(browser, browser.get("/sign-in"), name_of(front, AN), "wrong")

    assert signed_in(browser, page, name_of(front, AN)).location == "/account"


def test_the_page_of_a_wrong_password_can_be_had_in_the_other_language(front: Office) -> None:
    browser = front.stranger()
    page = signed_in(browser, browser.get(begun(front)), "nobody", "wrong")

    (link,) = page.tree.xpath("//a[@hreflang='vi']/@href")

    assert browser.get(link.replace("&lang=vi", "")).status == 200


def test_a_new_password_is_asked_for_where_the_old_one_was_issued_and_then_it_goes_on(front: Office) -> None:
    issued = front.run(front.town.local.change_password(AN, None, None)) or b""
    browser = front.stranger()

    first = signed_in(browser, browser.get(begun(front)), name_of(front, AN), issued.decode())
    assert urlsplit(first.location).path == "/sign-in/password"
    page = browser.get(first.location)
    assert page.heading == "Please choose a password of your own"
    assert "at least 8 characters" in page.text
    weak = browser.send(page, "Change the password and go on", new="abc", repeated="abd")
    assert "The two new passwords are not the same." in alert(weak)
    assert "not met: The password must contain a digit." in weak.text
    done = browser.send(weak, "Change the password and go on", new=OTHER, repeated=OTHER)

    assert (done.status, done.location) == (303, PURPOSE)


def test_the_articles_of_the_rules_are_told_once_each_in_a_row(front: Office) -> None:
    issued = front.run(front.town.local.change_password(AN, None, None)) or b""
    browser = front.stranger()
    first = signed_in(browser, browser.get(begun(front)), name_of(front, AN), issued.decode())

    page = browser.get(first.location)

    sources = [each.text_content() for each in page.tree.xpath("//p[@class='source']")]
    assert len(sources) == len(set(sources))
    assert sources[0] == "Điều 10 khoản 3 điểm a, Quyết định 33/2015/QĐ-UBND"


def test_a_second_factor_that_is_demanded_is_set_up_on_the_way(strict: Office) -> None:
    browser = strict.stranger()
    operator = holder("operator")

    first = signed_in(browser, browser.get(begun(strict)), name_of(strict, operator))
    assert urlsplit(first.location).path == "/sign-in/enrol"
    page = browser.get(first.location)
    assert page.tree.xpath("//div[@class='qr']//*[local-name()='svg']")
    wrong = browser.send(page, "Finish", code="000000")
    assert "The code is wrong or was used before." in alert(wrong)
    shown = browser.send(wrong, "Finish", code=strict.code_of(page))
    codes = browser.get(shown.location)
    assert len(codes.tree.xpath("//ul[contains(@class, 'codes')]/li")) == 10
    done = browser.send(codes, "I have kept them, go on")

    assert (done.status, done.location) == (303, PURPOSE)


def with_factor(office: Office, dn: str) -> tuple[TOTP, str]:
    """Somebody's authenticator, and one of the recovery codes."""
    browser = office.stranger()
    page = browser.get(signed_in(browser, browser.get("/sign-in"), name_of(office, dn)).location)
    key = str(page.tree.xpath("//*[contains(@class, 'key')]")[0].text_content()).replace(" ", "")
    codes = browser.get(browser.send(page, "Finish", code=office.code_of(page)).location)
    browser.send(codes, "I have kept them, go on")
    later(office, minutes=5)
    return TOTP(key), str(codes.tree.xpath("//ul[contains(@class, 'codes')]/li")[0].text_content())


def test_a_code_is_asked_for_on_a_page_of_its_own(strict: Office) -> None:
    authenticator, _ = with_factor(strict, holder("operator"))
    browser = strict.stranger()

    first = signed_in(browser, browser.get(begun(strict)), name_of(strict, holder("operator")))
    page = browser.get(first.location)
    assert (urlsplit(first.location).path, page.heading) == ("/sign-in/code", "Two-step sign-in")
    assert page.tree.xpath("//input[@name='code']/@autocomplete") == ["one-time-code"]
    wrong = browser.send(page, "Continue", code="000000")
    assert "The code is wrong or was used before." in alert(wrong)
    done = browser.send(wrong, "Continue", code=authenticator.at(strict.town.clock.moment))

    assert (done.status, done.location) == (303, PURPOSE)


def test_a_recovery_code_stands_for_a_code(strict: Office) -> None:
    _, recovery = with_factor(strict, holder("operator"))
    browser = strict.stranger()
    first = signed_in(browser, browser.get(begun(strict)), name_of(strict, holder("operator")))
    page = browser.get(first.location)

    (link,) = [each for each in page.tree.xpath("//main//a") if "recovery code" in each.text_content()]
    assert "10 are left" in link.text_content()
    form = browser.get(link.get("href"))
    wrong = browser.send(form, "Continue", recovery="0000-0000-0000-0000")
    assert alert(wrong) == "The recovery code is wrong or was used before."
    assert wrong.heading == "Use a recovery code"
    done = browser.send(wrong, "Continue", recovery=recovery.upper())

    assert (done.status, done.location) == (303, PURPOSE)


def test_a_step_that_is_not_the_next_leads_to_the_one_that_is(front: Office) -> None:
    browser = front.stranger()
    page = begun(front)
    browser.get(page)

    for path in ("code", "password", "enrol", "notice", "recovery-codes"):
        assert browser.get(f"/sign-in/{path}?flow={flow_of(page)}").location == page


def test_somebody_else_can_begin_anew(strict: Office) -> None:
    with_factor(strict, holder("operator"))
    browser = strict.stranger()
    first = signed_in(browser, browser.get(begun(strict)), name_of(strict, holder("operator")))

    page = browser.send(browser.get(first.location), "Sign in with another account")

    assert urlsplit(page.location).path == "/sign-in"
    done = signed_in(browser, browser.get(page.location), name_of(strict, AN))
    assert done.location == PURPOSE


def test_a_closed_account_is_told_so_after_the_right_password_only(front: Office) -> None:
    front.town.replace(AN, "gdState", "suspended")
    browser = front.stranger()

    guessed = signed_in(browser, browser.get("/sign-in"), name_of(front, AN), "wrong")
    page = signed_in(browser, guessed, name_of(front, AN))

    assert alert(guessed) == "The name or the password is not right."
    assert (page.status, page.heading) == (403, "This account cannot sign in")
    assert "The mailbox is suspended." in page.text


def soon_expired(office: Office) -> Page:
    """What somebody sees whose password has ten days left; it lasts three months here."""
    later(office, days=82)
    browser = office.stranger()
    page = signed_in(browser, browser.get(begun(office)), name_of(office, AN))
    assert urlsplit(page.location).path == "/sign-in/notice"
    return browser.get(page.location)


def test_a_password_that_expires_soon_is_told_and_may_be_kept(front: Office) -> None:
    page = soon_expired(front)

    assert re.search(r"Your password expires in \d+ days\.", page.text)
    done = front.stranger().send(page, "Later")
    assert (done.status, done.location) == (303, PURPOSE)


def test_a_password_that_expires_soon_may_be_changed_on_the_way(front: Office) -> None:
    browser = front.stranger()
    (link,) = soon_expired(front).tree.xpath("//main//a[@class='button']/@href")

    page = browser.get(link)
    weak = browser.send(page, "Change the password and go on", new="abc", repeated="abc")
    assert "does not meet the requirements" in alert(weak)
    done = browser.send(weak, "Change the password and go on", new=OTHER, repeated=OTHER)

    assert (done.status, done.location) == (303, PURPOSE)


def test_who_guesses_is_made_to_wait_and_told_how_long(front: Office) -> None:
    browser = front.stranger()
    page = browser.get("/sign-in")
    for _ in range(12):
        page = signed_in(browser, page, name_of(front, AN), "wrong")
        if page.status == 429:
            break

    assert page.status == 429
    assert "There were too many wrong attempts. Please try again in" in page.text
    assert int(dict(page.reply.headers)["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["", "/code", "/password", "/enrol", "/notice", "/recovery-codes"])
def test_a_sign_in_that_is_over_offers_a_fresh_start(front: Office, path: str) -> None:
    with pytest.raises(Trouble) as caught:
        front.stranger().get(f"/sign-in{path}?flow=gone")

    assert (caught.value.status, caught.value.again) == (410, "/")


def test_the_back_button_after_signing_in_leads_on(front: Office) -> None:
    browser = front.stranger()
    page = begun(front)
    signed_in(browser, browser.get(page), name_of(front, AN))

    assert browser.get(page).location == PURPOSE


def test_a_sign_in_begun_in_another_browser_is_not_shown(front: Office) -> None:
    page = begun(front)
    front.stranger().get(page)
    other = front.stranger()._asked("GET", "/sign-in", page.partition("?")[2])

    with pytest.raises(Trouble) as caught:
        front.run(front.router.answer(replace(other, visit="w" * 43)))

    assert caught.value.status == 410
