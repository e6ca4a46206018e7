"""Who somebody is here, where signed in, and what happened: as pages."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from govdir.policy.texts import Language
from govdir.sso.idp.outcomes import ServiceName
from govdir.web.trouble import Trouble
from tests.directory.building import ADMIN, ADMIN_PASSWORD, SONV
from tests.directory.role_town import AN, holder
from tests.web.offices import OTHER, PASSWORD, Office, Page, give_password, later

PAGES = (
    "/account",
    "/account/password",
    "/account/second-factor",
    "/account/recovery-codes",
    "/account/sessions",
    "/account/history",
)


# -- who gets in


@pytest.mark.parametrize("path", [*PAGES, "/administration/passwords"])
def test_whoever_is_not_signed_in_goes_to_sign_in_and_comes_back(office: Office, path: str) -> None:
    page = office.stranger().get(f"{path}?x=1")
    assert page.status == 303
    assert page.location == f"/sign-in?to={path.replace('/', '%2F')}%3Fx%3D1"
    assert office.stores.keeping.held == {}


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_shown_to_a_session_that_was_ended(office: Office, path: str) -> None:
    browser = office.browser(AN)
    office.run(office.desk.book.end_all(office.account(AN).entry_uuid))
    assert browser.get(path).status == 303


@pytest.mark.parametrize("path", [*PAGES, "/administration/passwords"])
@pytest.mark.parametrize("language", list(Language))
def test_every_page_is_in_the_readers_language(office: Office, path: str, language: Language) -> None:
    browser = office.browser(holder("agency-admin"))
    browser.language = language
    page = browser.get(path)
    assert page.status == 200
    assert page.tree.get("lang") == language.value
    other = {Language.ENGLISH: "Tài khoản của tôi", Language.VIETNAMESE: "My account"}[language]
    assert other not in page.reply.body.decode().partition("<main")[2]


@pytest.mark.parametrize("path", [*PAGES, "/administration/passwords"])
def test_pages_hold_nothing_that_their_content_policy_forbids(office: Office, path: str) -> None:
    page = office.browser(holder("agency-admin")).get(path)
    assert page.tree.xpath("//*[@style] | //style | //script[not(@src)]") == []
    assert [each for each in page.tree.xpath("//@*") if each.attrname.startswith("on")] == []
    scripts = page.tree.xpath("//script/@src")
    assert page.reply.policy.script == ("'self'" if scripts else "'none'")


@pytest.mark.parametrize("path", [*PAGES, "/administration/passwords"])
def test_every_field_has_a_label_and_every_name_it_is_described_by_is_there(
    office: Office, path: str
) -> None:
    page = office.browser(holder("agency-admin")).get(path)
    fields = page.tree.xpath("//main//input[not(@type='hidden')] | //main//textarea")
    labelled = {label.get("for") for label in page.tree.xpath("//label")}
    assert [
        each for each in fields if each.get("id") not in labelled and not each.xpath("ancestor::label")
    ] == []
    ids = page.tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    named = " ".join(page.tree.xpath("//@aria-describedby | //@aria-labelledby")).split()
    assert set(named) <= set(ids)


@pytest.mark.parametrize("path", [*PAGES, "/administration/passwords"])
def test_the_administrator_who_is_no_person_has_these_pages_too(office: Office, path: str) -> None:
    assert office.browser(ADMIN, ADMIN_PASSWORD).get(path).status == 200


def test_an_agencys_own_mailbox_has_these_pages_too(office: Office) -> None:
    give_password(office.town, SONV)
    page = office.browser(SONV).get("/account")
    assert page.heading == "Welcome, Sở Nội vụ"
    assert page.fact("Mail address") == "sonv@cantho.gov.vn"


# -- home


def test_home_tells_who_one_is_and_how_long_the_password_lasts(office: Office) -> None:
    page = office.browser(AN).get("/account")
    assert page.heading == "Welcome, Lê An"
    assert page.fact("Mail address") == office.account(AN).address
    assert page.fact("Agency") == "Sở Nội vụ"
    assert page.fact("State") == "active"
    assert page.fact("Password").startswith("last changed 02/03/2026 expires 02/06/2026")
    assert "Điều" in page.fact("Password")
    assert page.fact("Two-step sign-in").startswith("off")
    assert page.fact("Where I am signed in").startswith("1 place ")


def applications(page: Page) -> list[tuple[str, str]]:
    """What they are called, and the name that their button sends."""
    forms = page.tree.xpath("//ul[@class='applications']//form[@action='/saml/start']")
    return [(form.xpath(".//button")[0].text_content(), form.fields["sp"]) for form in forms]


def test_home_lists_the_applications_by_title_in_the_readers_language(office: Office) -> None:
    office.provider.names = [
        ServiceName("vanban", "urn:vb", {"vi": "Quản lý văn bản", "en": "Documents"}),
        ServiceName("portal", "urn:portal", {"vi": "Cổng thông tin", "en": "Portal"}),
    ]
    browser = office.browser(AN)
    assert applications(browser.get("/account")) == [("Documents", "vanban"), ("Portal", "portal")]
    browser.language = Language.VIETNAMESE
    assert applications(browser.get("/account")) == [
        ("Cổng thông tin", "portal"),
        ("Quản lý văn bản", "vanban"),
    ]


def test_only_who_may_help_others_is_offered_that_page(office: Office) -> None:
    assert "Help a user" not in office.browser(AN).get("/account").menu
    assert "Help a user" in office.browser(holder("agency-admin")).get("/account").menu


def test_the_present_page_is_marked_in_the_menu(office: Office) -> None:
    page = office.browser(AN).get("/account/sessions")
    marked = page.tree.xpath("//ul[@class='tabs']//a[@aria-current='page']/@href")
    assert marked == ["/account/sessions"]


def test_names_are_text_whatever_is_in_them(office: Office) -> None:
    office.town.replace(AN, "gdPosition", "<script>alert(1)</script>")
    page = office.browser(AN).get("/account")
    assert page.fact("Position") == "<script>alert(1)</script>"
    assert page.tree.xpath("//main//script") == []


# -- sessions


def test_sessions_are_listed_with_this_one_first_and_marked(office: Office) -> None:
    browser = office.browser(AN)
    later(office, minutes=3)
    office.browser(AN, agent="Chrome, Windows", network="198.51.100.4")
    assert browser.get("/account/sessions").rows() == [
        ["Firefox, Linux this browser", "203.0.113.7", "02/03/2026 15:00", "02/03/2026 15:03", ""],
        ["Chrome, Windows", "198.51.100.4", "02/03/2026 15:03", "02/03/2026 15:03", "Sign out there"],
    ]


def test_one_other_session_is_ended(office: Office) -> None:
    browser, other, third = (office.browser(AN, agent=name) for name in ("Firefox", "Chrome", "Edge"))
    page = browser.get("/account/sessions")
    row = next(row for row in page.tree.xpath("//tbody/tr") if "Chrome" in row.text_content())
    form = row.xpath(".//form")[0]
    answer = browser.post(form.action, dict(form.form_values()))
    assert answer.status == 303
    assert "It was signed out." in browser.get(answer.location).text
    assert other.get("/account").status == 303
    assert third.get("/account").status == 200


def test_all_other_sessions_are_ended(office: Office) -> None:
    browser, other, third = (office.browser(AN) for _ in range(3))
    page = browser.get("/account/sessions")
    answer = browser.send(page, "Sign out everywhere else")
    assert "You were signed out at 2 other places." in browser.get(answer.location).text
    assert [each.get("/account").status for each in (browser, other, third)] == [200, 303, 303]


def test_nobody_ends_a_session_of_somebody_else(office: Office) -> None:
    theirs = [office.browser(AN), office.browser(AN)]
    mark = theirs[0].get("/account/sessions").form("Sign out there").fields["session"]
    stranger, _ = office.browser(holder("operator")), office.browser(holder("operator"))
    page = stranger.get("/account/sessions")
    answer = stranger.send(page, "Sign out there", session=mark)
    assert answer.location == "/account/sessions?ended=gone"
    assert [each.get("/account").status for each in theirs] == [200, 200]


def test_a_form_of_another_session_is_not_taken(office: Office) -> None:
    theirs = office.browser(AN).get("/account/second-factor").form("Turn on two-step sign-in")
    stranger = office.browser(holder("operator"))
    with pytest.raises(Trouble) as refused:
        stranger.post("/account/second-factor", dict(theirs.form_values()))
    assert refused.value.status == 403


def test_a_session_that_is_gone_is_told_so(office: Office) -> None:
    browser, other = office.browser(AN), office.browser(AN)
    page = browser.get("/account/sessions")
    later(office, minutes=59)
    browser.get("/account")
    later(office, minutes=2)
    assert other.get("/account").status == 303
    answer = browser.send(page, "Sign out there")
    assert "It had ended by itself already." in browser.get(answer.location).text


@pytest.mark.parametrize("said", ["<b>x</b>", "99999", "-1", "²", "one more"])
def test_the_address_line_cannot_put_words_on_the_page(office: Office, said: str) -> None:
    page = office.browser(AN).get(f"/account/sessions?{urlencode({'ended': said})}")
    assert page.tree.xpath("//*[@role='status']") == []


# -- history


def test_history_tells_what_happened_in_vietnams_time_the_latest_first(office: Office) -> None:
    browser = office.browser(AN)
    later(office, minutes=2)
    page = browser.get("/account/password")
    browser.send(page, "Change password", current="wrong", new=OTHER, repeated=OTHER)
    later(office, minutes=2)
    browser.send(page, "Change password", current=PASSWORD, new=OTHER, repeated=OTHER)
    assert browser.get("/account/history").rows() == [
        ["02/03/2026 15:04", "Password changed", "done", "Firefox, Linux · 203.0.113.7"],
        ["02/03/2026 15:02", "Refusal", "wrong password", "Firefox, Linux · 203.0.113.7"],
        ["02/03/2026 15:00", "Sign-in with password", "done", "Firefox, Linux · 203.0.113.7"],
    ]


def test_history_tells_when_mail_programs_last_used_the_mailbox(office: Office) -> None:
    browser = office.browser(AN)
    assert "Mail programs" not in browser.get("/account/history").text
    directory, own = office.town.directory, office.account(AN).record_id
    now = directory.clock.now()
    for channel, minutes in (("imap", 1), ("smtp", 2), ("vpn", 3), ("sso", 4)):
        moment = now + timedelta(minutes=minutes)
        directory.accesses.note(own, channel, int(moment.timestamp()) * 1_000_000)

    page = browser.get("/account/history")

    assert page.fact("Reading mail (IMAP)") == "02/03/2026 15:01"
    assert page.fact("Sending mail (SMTP)") == "02/03/2026 15:02"
    assert page.fact("vpn") == "02/03/2026 15:03"
    assert len(page.tree.xpath("//dt")) == 3


def test_home_shows_sign_ins_and_refusals_only(office: Office) -> None:
    browser = office.browser(AN)
    browser.send(
        browser.get("/account/password"), "Change password", current=PASSWORD, new=OTHER, repeated=OTHER
    )
    assert [row[1] for row in browser.get("/account").rows()] == ["Sign-in with password"]
