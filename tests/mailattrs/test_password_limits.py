"""Policy entries hold to the regulation: less is refused with its article, more is allowed."""

from __future__ import annotations

import pytest

from govdir.directory.errors import ConstraintViolation, RuleViolation
from govdir.directory.password_policy import PasswordPolicy
from govdir.mailattrs.passwords import MailboxPasswords
from govdir.mailattrs.policy_tree import policy_entries
from govdir.mailattrs.rules import MailRules
from govdir.policy.load import load_province
from govdir.policy.model import Pack
from tests.mailattrs.entries import OFFICER, entry, in_agency

DAY = 86_400
PROVINCES = ("binhphuoc", "cantho", "daklak", "daknong", "vinhphuc")


def check(rules: MailRules, name: str = "person", **values: str) -> None:
    policy = entry(("device", "pwdPolicy"), cn=name, **{"pwdAttribute": "userPassword", **values})
    rules.complete_add(policy, in_agency(), OFFICER)


def refusal(rules: MailRules, name: str = "person", **values: str) -> tuple[str, str]:
    """The rule and the article of a refusal."""
    with pytest.raises(RuleViolation) as refused:
        check(rules, name, **values)
    assert refused.value.citation in refused.value.diagnostic
    return refused.value.rule, refused.value.citation


def test_people_change_in_three_months_or_sooner(rules: MailRules) -> None:
    check(rules, pwdMaxAge=str(92 * DAY))
    check(rules, pwdMaxAge=str(30 * DAY))
    article = ("policy-max-age", "Điều 10 khoản 3")

    assert refusal(rules, pwdMaxAge=str(92 * DAY + 1)) == article
    assert refusal(rules, pwdMaxAge="0") == article


@pytest.mark.parametrize(
    "values",
    [
        {"pwdMaxAge": "0"},
        {"pwdMinLength": "7"},
        {"pwdCheckQuality": "1"},
        {"pwdMustChange": "FALSE"},
        {"pwdAllowUserChange": "FALSE"},
    ],
)
def test_a_refusal_says_what_is_wrong_in_one_sentence_and_by_which_article_in_the_next(
    rules: MailRules, values: dict[str, str]
) -> None:
    with pytest.raises(RuleViolation) as refused:
        check(rules, **values)
    wrong, article = refused.value.diagnostic.split(". ")

    assert wrong.startswith(f"{next(iter(values))}: ")
    assert article.endswith("Quyết định 33/2015/QĐ-UBND).")


def test_shared_mailboxes_change_in_two_months_or_sooner(rules: MailRules) -> None:
    check(rules, "agency", pwdMaxAge=str(62 * DAY))

    assert refusal(rules, "agency", pwdMaxAge=str(62 * DAY + 1))[0] == "policy-max-age"


def test_fewer_characters_than_the_regulation_asks_for_are_refused(rules: MailRules) -> None:
    check(rules, pwdMinLength="8")
    check(rules, pwdMinLength="16")

    assert refusal(rules, pwdMinLength="7") == ("policy-min-length", "Điều 10 khoản 3 điểm a")
    assert refusal(rules, pwdMinLength="0")[0] == "policy-min-length"


def test_what_a_password_holds_is_always_checked(rules: MailRules) -> None:
    for quality in ("0", "1"):
        assert refusal(rules, pwdCheckQuality=quality)[0] == "policy-quality"
    check(rules, pwdCheckQuality="2")


def test_owners_change_what_they_were_given_and_when_it_is_time(rules: MailRules) -> None:
    assert refusal(rules, pwdMustChange="FALSE")[0] == "policy-must-change"
    assert refusal(rules, pwdAllowUserChange="FALSE")[0] == "policy-user-change"
    check(rules, pwdMustChange="TRUE", pwdAllowUserChange="TRUE", pwdSafeModify="TRUE")


def test_another_policy_is_held_to_what_persons_are(rules: MailRules) -> None:
    assert refusal(rules, "leaders", pwdMaxAge="0")[0] == "policy-max-age"


def test_that_of_administrators_is_theirs_to_choose(rules: MailRules) -> None:
    check(rules, "administrator", pwdMaxAge="0", pwdCheckQuality="0", pwdMustChange="FALSE", pwdMinLength="1")


@pytest.mark.parametrize(
    "values",
    [
        {"pwdAttribute": "description"},
        {"pwdMinAge": "-1"},
        {"pwdCheckQuality": "3"},
        {"pwdInHistory": "25"},
        {"pwdMaxFailure": "33"},
        {"pwdMaxRecordedFailure": "33"},
        {"pwdMinLength": "129"},
        {"pwdMinLength": "20", "pwdMaxLength": "19"},
        {"pwdMaxLength": "13"},
        {"pwdMinAge": str(DAY), "pwdMaxAge": str(DAY)},
    ],
)
def test_what_cannot_be_is_refused(rules: MailRules, values: dict[str, str]) -> None:
    with pytest.raises(ConstraintViolation):
        check(rules, "administrator", **values)


def test_what_is_no_number_is_left_to_the_schema(rules: MailRules) -> None:
    for name in ("pwdMaxAge", "pwdMinLength", "pwdInHistory"):
        check(rules, **{name: "ba"})


@pytest.mark.parametrize("province", PROVINCES)
def test_the_entries_of_a_new_directory_keep_to_their_own_limits(province: str) -> None:
    pack: Pack = load_province(province)
    rules, policies = MailRules(pack), MailboxPasswords(pack, PasswordPolicy(max_failures=10)).policies()
    added = list(policy_entries("dc=vn", pack, policies))

    assert {"person", "administrator"} <= policies.keys()
    assert len(added) == len(policies)
    for request in added:
        values = {
            each.type: each.values[0].decode() for each in request.attributes if each.type != "objectClass"
        }
        rules.complete_add(entry(("device", "pwdPolicy"), **values), in_agency(), OFFICER)
