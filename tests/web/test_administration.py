"""Helping people who cannot sign in: whom, with what, and what they and the trail are told."""

from __future__ import annotations

import pytest

from govdir.directory.accesses import Accesses
from govdir.policy.texts import Language
from govdir.sso.sign_in.browser import Browser as Seen
from govdir.sso.sign_in.steps import Done
from govdir.web.administration import spelled
from govdir.web.cookies import SESSION_COOKIE
from govdir.web.trouble import Trouble
from tests.directory.building import ADMIN, SOTTTT
from tests.directory.role_town import AN, BINH, give, holder
from tests.web.offices import OTHER, PASSWORD, Browser, Office, Page, give_password, later

PATH = "/administration/passwords"
ISSUE, END, REMOVE = "Issue a one-time password", "Sign out everywhere", "Remove two-step sign-in"
HELPER = holder("agency-admin")


def uuid(office: Office, dn: str) -> str:
    return office.account(dn).entry_uuid


def page_of(office: Office, browser: Browser, dn: str) -> Page:
    return browser.get(f"{PATH}?person={uuid(office, dn)}")


def issue(office: Office, browser: Browser, dn: str) -> Page:
    return browser.send(page_of(office, browser, dn), ISSUE, checked="yes")


def password_on(page: Page) -> str:
    return str(page.tree.xpath("//*[contains(@class, 'shown-once')]")[0].text_content())


# -- who may


@pytest.mark.parametrize("dn", [AN, BINH])
def test_the_page_is_not_for_who_administers_nobody(office: Office, dn: str) -> None:
    browser = office.browser(dn)
    for ask in (lambda: browser.get(PATH), lambda: browser.get(f"{PATH}?find=an")):
        with pytest.raises(Trouble) as refused:
            ask()
        assert refused.value.status == 403


def test_finding_lists_names_addresses_and_agencies(office: Office) -> None:
    page = office.browser(HELPER).get(f"{PATH}?find=le+an")
    address = office.account(AN).address
    assert page.rows() == [["Lê An", address, "Sở Nội vụ", "active"]]
    assert "1 person found" in page.text
    assert page.tree.xpath("//tbody//a/@href") == [f"{PATH}?person={uuid(office, AN)}"]
    assert page.tree.get_element_by_id("find").value == "le an"


def test_the_last_sign_in_is_also_one_that_another_process_has_seen(office: Office) -> None:
    browser, directory = office.browser(HELPER), office.town.directory
    assert page_of(office, browser, AN).fact("Last sign-in") == "never"
    moment = int(directory.clock.now().timestamp()) * 1_000_000
    other = Accesses(directory._store.accesses, directory.clock)
    other.note(office.account(AN).record_id, "imap", moment)
    office.town.run(other.flush())

    assert page_of(office, browser, AN).fact("Last sign-in") == "02/03/2026 15:00"


def test_people_elsewhere_are_not_found(office: Office) -> None:
    page = office.browser(HELPER).get(f"{PATH}?find=tran+binh")
    assert page.rows() == []
    assert "There is nobody like “tran binh” among those you administer." in page.text


def test_what_was_searched_for_is_text(office: Office) -> None:
    page = office.browser(HELPER).get(f"{PATH}?find=%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert "“<script>alert(1)</script>”" in page.text
    assert page.tree.xpath("//main//script") == []


@pytest.mark.parametrize("dn", [BINH, holder("operator"), HELPER, ADMIN])
def test_nobody_out_of_reach_is_shown_or_helped(office: Office, dn: str) -> None:
    browser = office.browser(HELPER)
    page = page_of(office, browser, dn)
    assert (page.status, page.problems) == (
        403,
        ["You do not administer this person, or they hold rights that you lack."],
    )
    for button in (ISSUE, END):
        assert button not in page.buttons
    fields = dict(page_of(office, browser, AN).form(ISSUE).form_values())
    before = office.stores.trail.lines.copy()
    answer = browser.post(PATH, fields | {"person": uuid(office, dn), "checked": "yes"})
    assert answer.status == 403
    assert office.letters() == []
    assert len(office.stores.trail.lines) - len(before) <= 1


def test_rights_that_were_taken_away_are_gone_at_once(office: Office) -> None:
    browser = office.browser(HELPER)
    page = page_of(office, browser, AN)
    office.town.replace(AN.partition(",")[2], "gdItAdmin")
    with pytest.raises(Trouble) as refused:
        browser.send(page, ISSUE, checked="yes")
    assert refused.value.status == 403
    office.town.bound(AN, PASSWORD)


def test_somebody_who_has_moved_away_meanwhile_is_not_helped(office: Office) -> None:
    browser = office.browser(HELPER)
    page = page_of(office, browser, AN)
    office.town.rename(AN, "uid=an", SOTTTT)
    assert browser.send(page, ISSUE, checked="yes").status == 403
    office.town.bound(f"uid=an,{SOTTTT}", PASSWORD)


def test_an_operator_does_not_take_over_who_holds_more(office: Office) -> None:
    browser = office.browser(holder("operator"))
    assert page_of(office, browser, AN).status == 200
    assert page_of(office, browser, holder("administrator")).status == 403


# -- a one-time password


def test_a_one_time_password_is_issued_and_shown_this_once(office: Office) -> None:
    theirs = office.browser(AN)
    browser = office.browser(HELPER)
    page = issue(office, browser, AN)
    assert page.status == 200
    assert page.fact("Issued to").startswith("Lê An")
    assert page.fact("Mail address") == office.account(AN).address
    assert page.fact("At") == "02/03/2026 15:00"
    assert page.fact("Issued by") == "Vũ Việc Một"
    assert "Sign in at https://thu.cantho.gov.vn with this address" in page.text
    assert theirs.get("/account").status == 303
    handle = office.town.bound(AN, password_on(page))
    assert handle.caller.must_change
    assert password_on(page) not in page_of(office, browser, AN).reply.body.decode()


def test_the_person_is_told_by_whom_but_not_the_password(office: Office) -> None:
    page = issue(office, office.browser(HELPER), AN)
    (letter,) = office.stores.outbox.letters
    assert letter.to == office.account(AN).address
    assert "Vũ Việc Một" in letter.text
    assert password_on(page) not in letter.text


def test_the_trail_says_who_did_it_and_the_history_shows_it_to_its_owner(office: Office) -> None:
    page = issue(office, office.browser(HELPER, network="198.51.100.9"), AN)
    helper = office.account(HELPER).address
    line = office.stores.trail.lines[-1]
    assert (line.kind.value, line.outcome, line.who) == ("password-change", "ok", office.account(AN).address)
    assert helper in line.detail
    assert password_on(page) not in repr(office.stores.trail.lines)
    give_password(office.town, AN, OTHER)
    rows = office.browser(AN, OTHER).get("/account/history").rows()
    assert ["02/03/2026 15:00", f"One-time password issued by {helper}", "done", "–"] in rows


def test_nothing_is_done_before_who_asks_was_checked(office: Office) -> None:
    browser = office.browser(HELPER)
    page = browser.send(page_of(office, browser, AN), ISSUE)
    assert page.status == 422
    assert page.problems == ["Confirm that you have made sure who it is."]
    assert page.tree.xpath("//*[@role='alert']//a/@href") == ["#checked-issue"]
    office.town.bound(AN, PASSWORD)


def test_a_page_sent_again_issues_no_second_password(office: Office) -> None:
    browser = office.browser(HELPER)
    form = page_of(office, browser, AN)
    first = browser.send(form, ISSUE, checked="yes")
    again = browser.send(form, ISSUE, checked="yes")
    assert again.status == 422
    assert again.problems[0].startswith("The account was changed after this page was opened")
    office.town.bound(AN, password_on(first))


def test_the_password_is_spelled_out_for_reading_aloud(office: Office) -> None:
    page = issue(office, office.browser(HELPER), AN)
    shown = page.tree.xpath("//details/p")[0].text_content()
    assert len(shown.split(" · ")) == len(password_on(page))


def test_each_kind_of_character_is_told_apart() -> None:
    issued = type("Issued", (), {"password": "Kx7-"})()
    assert spelled(issued, Language.ENGLISH) == ("capital K", "small x", "digit 7", "sign -")
    assert spelled(issued, Language.VIETNAMESE) == ("K hoa", "x thường", "số 7", "dấu -")


def test_the_language_switch_of_a_result_leads_to_the_person(office: Office) -> None:
    page = issue(office, office.browser(HELPER), AN)
    (link,) = page.tree.xpath("//nav[@class='languages']/a/@href")
    assert link == f"{PATH}?person={uuid(office, AN)}&lang=vi"


def test_the_administrator_of_the_province_helps_everybody_but_himself(office: Office) -> None:
    browser = office.browser(holder("administrator"))
    assert page_of(office, browser, holder("operator")).status == 200
    assert page_of(office, browser, holder("administrator")).status == 403


# -- sessions and second factors


def test_somebody_is_signed_out_everywhere(office: Office) -> None:
    first, second = office.browser(AN), office.browser(AN)
    browser = office.browser(HELPER)
    page = page_of(office, browser, AN)
    assert "Signed in at 2 places." in page.text
    answer = browser.send(page, END)
    assert "Lê An was signed out at 2 places." in answer.text
    assert [each.get("/account").status for each in (first, second)] == [303, 303]
    assert END not in answer.buttons
    office.town.bound(AN, PASSWORD)


def test_a_lost_second_factor_is_removed_after_checking_who_asks(office: Office) -> None:
    theirs = office.browser(AN)
    started = theirs.send(theirs.get("/account/second-factor"), "Turn on two-step sign-in")
    theirs.send(started, "Turn on", code=office.code_of(started))
    browser = office.browser(HELPER)
    page = page_of(office, browser, AN)
    assert "On since 02/03/2026 15:00." in page.text
    assert browser.send(page, REMOVE).problems == ["Confirm that you have made sure who it is."]
    assert len(office.stores.factors.held) == 1
    answer = browser.send(page, REMOVE, checked="yes")
    assert "Two-step sign-in of Lê An was removed." in answer.text
    assert office.stores.factors.held == {}
    assert office.letters()[-1] == (office.account(AN).address, "Đã tắt xác thực hai lớp")
    helper = office.account(HELPER).address
    assert office.browser(AN).get("/account/history").rows()[1][1] == f"Two-step sign-in removed by {helper}"


def test_a_desk_that_was_left_open_helps_nobody(office: Office) -> None:
    browser = office.browser(HELPER)
    page = page_of(office, browser, AN)
    later(office, minutes=10)
    for answer in (browser.send(page, ISSUE, checked="yes"), page_of(office, browser, AN)):
        assert (answer.status, answer.location[:14]) == (303, "/sign-in?flow=")
    office.town.bound(AN, PASSWORD)
    assert browser.get(f"{PATH}?find=le+an").status == 200


def test_whoever_proves_again_comes_back_to_the_person(office: Office) -> None:
    browser = office.browser(HELPER)
    later(office, minutes=10)
    flow = page_of(office, browser, AN).location.partition("flow=")[2]
    seen = Seen("v" * 43, browser.network, browser.agent, session=browser.cookies[SESSION_COOKIE])
    done = office.run(office.desk.sign_in.password(flow, seen, office.account(HELPER).address, PASSWORD))
    assert isinstance(done, Done)
    browser.cookies[SESSION_COOKIE] = done.token
    assert done.purpose == f"{PATH}?person={uuid(office, AN)}"
    assert ISSUE in browser.get(str(done.purpose)).buttons
    assert len(office.run(office.desk.self_service.sessions(office.account(HELPER)))) == 1


def test_who_has_no_second_factor_is_offered_nothing_to_remove(office: Office) -> None:
    page = page_of(office, office.browser(HELPER), AN)
    assert REMOVE not in page.buttons
    assert "Two-step sign-in is not on." in page.text


def test_nobody_is_helped_out_of_a_role_the_helper_lacks(office: Office) -> None:
    give(office.town, "auditor", AN)
    browser = office.browser(HELPER)
    assert page_of(office, browser, AN).status == 403
