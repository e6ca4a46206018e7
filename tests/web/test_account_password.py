"""Choosing another password on the web: with scripts and without."""

from __future__ import annotations

import pytest

from govdir.policy.texts import Language
from govdir.web.account_password import CHECK_BURST
from govdir.web.cookies import SESSION_COOKIE
from govdir.web.trouble import Trouble
from tests.directory.role_town import AN
from tests.web.offices import OTHER, PASSWORD, Browser, Office, Page, later

BUTTON = "Change password"


def change(browser: Browser, current: str, new: str, repeated: str | None = None) -> Page:
    page = browser.get("/account/password")
    return browser.send(
        page, BUTTON, current=current, new=new, repeated=new if repeated is None else repeated
    )


def marks(page: Page) -> dict[str, str]:
    """How each rule is marked."""
    return {rule.get("data-rule"): rule.get("class", "") for rule in page.tree.xpath("//li[@data-rule]")}


def check(browser: Browser, candidate: str) -> Page:
    token = browser.get("/account/password").tree.xpath("//*[@data-checks]/@data-token")[0]
    return browser.post("/account/password/check", {"candidate": candidate, "form_token": token})


# -- the form


def test_the_form_lists_every_rule_under_its_article(office: Office) -> None:
    page = office.browser(AN).get("/account/password")
    listed = [
        (
            article.text_content(),
            [rule.get("data-rule") for rule in article.getnext().iterchildren()],
        )
        for article in page.tree.xpath("//p[@class='source']")
    ]
    assert listed[:2] == [
        ("Điều 10 khoản 3 điểm a, Quyết định 33/2015/QĐ-UBND", ["password-length"]),
        (
            "Điều 10 khoản 3 điểm b, Quyết định 33/2015/QĐ-UBND",
            ["password-upper", "password-lower", "password-digit", "password-special"],
        ),
    ]
    assert (listed[2][0], listed[2][1][-1]) == ("the system's security rules", "password-history")
    assert len(listed) == 3
    assert set(marks(page).values()) == {""}


def test_password_managers_are_told_which_field_is_which(office: Office) -> None:
    page = office.browser(AN).get("/account/password")
    fields = {
        field.get("autocomplete"): field.get("id") for field in page.tree.xpath("//input[@autocomplete]")
    }
    assert fields == {"username": "username", "current-password": "current", "new-password": "repeated"}
    assert page.tree.get_element_by_id("username").value == office.account(AN).address


def test_the_password_is_changed_and_the_session_goes_on_under_a_new_token(office: Office) -> None:
    browser, elsewhere = office.browser(AN), office.browser(AN, agent="Chrome, Windows")
    before = browser.cookies[SESSION_COOKIE]
    page = change(browser, PASSWORD, OTHER)
    assert page.status == 200
    assert page.heading == "Your password was changed"
    assert "You were signed out at 1 other place. You stay signed in here." in page.text
    assert "good until 02/06/2026" in page.text
    assert f"goes to {office.account(AN).address}" in page.text
    assert browser.cookies[SESSION_COOKIE] != before
    assert browser.get("/account").status == 200
    assert elsewhere.get("/account").status == 303
    office.town.bound(AN, OTHER)


def test_the_answer_to_a_change_has_forms_that_still_work(office: Office) -> None:
    browser = office.browser(AN)
    page = change(browser, PASSWORD, OTHER)
    token = page.tree.xpath("//form[@action='/sign-out']//input[@name='form_token']/@value")[0]
    shown_now = browser.get("/account").tree.xpath("//form[@action='/sign-out']//input/@value")[0]
    assert token == shown_now


def test_a_letter_goes_out(office: Office) -> None:
    change(office.browser(AN), PASSWORD, OTHER)
    assert office.letters() == [(office.account(AN).address, "Mật mã đã được đổi")]


def test_no_letter_is_promised_where_none_are_sent(office: Office) -> None:
    silent = Office(office.town, sends_mail=False)
    page = change(silent.browser(AN), PASSWORD, OTHER)
    assert page.heading == "Your password was changed"
    assert "goes to" not in page.text


def test_a_wrong_current_password_changes_nothing(office: Office) -> None:
    browser = office.browser(AN)
    page = change(browser, "sai", OTHER)
    assert page.status == 422
    assert page.problems == ["The current password is not right."]
    assert page.tree.get_element_by_id("current").get("aria-invalid") == "true"
    assert page.tree.get_element_by_id("current").get("aria-describedby") == "current-problem"
    office.town.bound(AN, PASSWORD)


def test_passwords_are_never_sent_back(office: Office) -> None:
    page = change(office.browser(AN), "sai-mat-ma-cu", "ngan", "khac")
    body = page.reply.body.decode()
    assert [secret for secret in ("sai-mat-ma-cu", "ngan", "khac") if f'"{secret}"' in body] == []


def test_empty_fields_are_named(office: Office) -> None:
    page = change(office.browser(AN), "", "", "")
    assert page.problems == ["Enter your current password.", "Enter a new password."]
    assert page.tree.xpath("//*[@role='alert']//a/@href") == ["#current", "#new"]


def test_without_scripts_the_rules_are_marked_after_sending(office: Office) -> None:
    page = change(office.browser(AN), PASSWORD, "matkhau")
    assert page.status == 422
    found = marks(page)
    assert (found["password-length"], found["password-lower"]) == ("broken", "passed")
    broken = [name for name, mark in found.items() if mark == "broken"]
    assert page.problems == [f"The new password breaks {len(broken)} rules, marked in the list."]


def test_two_different_new_passwords_are_refused(office: Office) -> None:
    page = change(office.browser(AN), PASSWORD, OTHER, OTHER + "x")
    assert page.problems == ["The two new passwords differ."]
    office.town.bound(AN, PASSWORD)


def test_a_former_password_is_refused_at_its_rule(office: Office) -> None:
    page = change(office.browser(AN), PASSWORD, PASSWORD)
    assert page.status == 422
    assert marks(page)["password-history"] == "broken"
    assert len(page.problems) == 1


def test_guessing_the_current_password_of_an_open_browser_is_slowed_down(office: Office) -> None:
    browser = office.browser(AN)
    statuses = [change(browser, "sai", OTHER).status for _ in range(8)]
    assert statuses[:5] == [422] * 5
    assert 429 in statuses
    assert change(browser, PASSWORD, OTHER).status == 429
    later(office, minutes=6)
    assert change(browser, PASSWORD, OTHER).status == 200


def test_a_form_sent_after_the_session_ended_leads_to_signing_in(office: Office) -> None:
    browser = office.browser(AN)
    page = browser.get("/account/password")
    office.run(office.desk.book.end_all(office.account(AN).entry_uuid))
    answer = browser.send(page, BUTTON, current=PASSWORD, new=OTHER, repeated=OTHER)
    assert (answer.status, answer.location) == (303, "/sign-in?to=%2Faccount%2Fpassword")
    office.town.bound(AN, PASSWORD)


# -- the live list


def test_a_candidate_is_judged_rule_by_rule(office: Office) -> None:
    reply = check(office.browser(AN), "Matkhau")
    assert reply.status == 200
    judged = reply.json
    assert judged["rules"]["password-upper"] == {
        "passed": True,
        "text": "The password must contain an upper-case letter.",
    }
    assert judged["rules"]["password-digit"]["passed"] is False
    broken = sum(not rule["passed"] for rule in judged["rules"].values())
    assert judged["summary"] == f"{broken} rules are not met yet."


def test_a_good_candidate_is_said_to_be_good(office: Office) -> None:
    browser = office.browser(AN)
    browser.language = Language.VIETNAMESE
    assert check(browser, OTHER).json["summary"] == "Mật mã mới đạt mọi yêu cầu."


def test_the_own_name_and_agency_count_while_typing(office: Office) -> None:
    judged = check(office.browser(AN), "SonoivuAn#2030").json
    assert judged["rules"]["password-own"]["passed"] is False


def test_an_empty_candidate_marks_nothing(office: Office) -> None:
    assert check(office.browser(AN), "").json == {"rules": {}, "summary": ""}


def test_every_rule_judged_is_one_of_the_list(office: Office) -> None:
    browser = office.browser(AN)
    listed = set(marks(browser.get("/account/password")))
    assert set(check(browser, "x").json["rules"]) == listed - {"password-history"}


def test_judging_leaves_nothing_behind(office: Office) -> None:
    browser = office.browser(AN)
    before = office.outcomes()
    check(browser, "Bi-mat-cua-toi-99")
    assert office.outcomes() == before
    assert office.letters() == []
    assert "Bi-mat-cua-toi-99" not in repr(office.stores.trail.lines)


def test_judging_is_bounded_and_says_when_to_come_again(office: Office) -> None:
    browser = office.browser(AN)
    replies = [check(browser, f"x{number}") for number in range(CHECK_BURST + 2)]
    assert [reply.status for reply in replies] == [200] * CHECK_BURST + [429] * 2
    assert dict(replies[-1].reply.headers)["Retry-After"] == "1"
    office.seconds += 1
    assert check(browser, "x").status == 200


def test_a_very_long_candidate_is_judged_quickly_and_is_too_long(office: Office) -> None:
    judged = check(office.browser(AN), "Ab1#" * 20_000).json
    assert judged["rules"]["password-too-long"]["passed"] is False


def test_only_who_is_signed_in_has_candidates_judged(office: Office) -> None:
    browser = office.browser(AN)
    page = browser.get("/account/password")
    token = page.tree.xpath("//*[@data-checks]/@data-token")[0]
    office.run(office.desk.book.end_all(office.account(AN).entry_uuid))
    assert browser.post("/account/password/check", {"candidate": "x", "form_token": token}).status == 401


@pytest.mark.parametrize("token", ["", "0" * 64])
def test_other_sites_have_nothing_judged(office: Office, token: str) -> None:
    with pytest.raises(Trouble) as refused:
        office.browser(AN).post("/account/password/check", {"candidate": "x", "form_token": token})
    assert refused.value.status == 403
