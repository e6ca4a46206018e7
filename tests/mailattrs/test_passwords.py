"""The rules on passwords, as the directory asks them about an entry."""

from __future__ import annotations

from random import Random

import pytest

from govdir.directory.entry import Attributes
from govdir.directory.errors import RuleViolation
from govdir.directory.password_policy import PasswordPolicy
from govdir.mailattrs.passwords import MailboxPasswords
from govdir.mailattrs.rules import MailRules
from govdir.policy.model import Pack
from govdir.policy.texts import Language
from tests.mailattrs.entries import OFFICER, agency, entry, in_agency, person

SERVICE = ("top", "applicationProcess", "gdService")
ADMINISTRATOR = ("top", "applicationProcess", "gdAdministrator")


@pytest.fixture
def passwords(pack: Pack) -> MailboxPasswords:
    return MailboxPasswords(pack, PasswordPolicy(max_failures=10), random=Random(1))


@pytest.fixture
def minh(rules: MailRules) -> Attributes:
    added = person("Nguyễn Văn Minh")
    rules.complete_add(added, in_agency(), OFFICER)
    return added


def test_people_change_in_three_months_and_shared_boxes_in_two(
    passwords: MailboxPasswords, minh: Attributes
) -> None:
    person_policy, shared_policy = passwords.policy(minh), passwords.policy(agency("sonv", "Sở Nội vụ"))

    assert person_policy == PasswordPolicy(max_age_months=3, max_failures=10)
    assert shared_policy == PasswordPolicy(max_age_months=2, max_failures=10)


def test_administrators_are_locked_but_not_rotated_and_services_neither(passwords: MailboxPasswords) -> None:
    administrator = PasswordPolicy(max_failures=10, must_change_after_reset=False)

    assert passwords.policy(entry(ADMINISTRATOR, cn="admin")) == administrator
    assert passwords.policy(entry(SERVICE, cn="postfix", gdServiceKind="mail")) is None


@pytest.mark.parametrize("candidate", ["Nvminh@2024", "Sonv$2024", "Minh#2024", "Cantho@2024", "SoNoiVu-1"])
def test_what_the_entry_tells_is_no_password(
    passwords: MailboxPasswords, minh: Attributes, candidate: str
) -> None:
    with pytest.raises(RuleViolation) as refused:
        passwords.check(candidate, minh)

    assert refused.value.rule == "password-own"


def test_the_parts_of_an_address_are_no_password(passwords: MailboxPasswords) -> None:
    thanh = person("Trần Văn Thanh", mail="thanhtv.stnmt@baclieu.camau.gov.vn")

    for candidate in ("Thanhtv#77", "Stnmt-4477", "Baclieu#1", "CaMau-4477!"):
        with pytest.raises(RuleViolation) as refused:
            passwords.check(candidate, thanh)
        assert refused.value.rule == "password-own"


def test_every_broken_rule_is_told_with_its_article(passwords: MailboxPasswords, minh: Attributes) -> None:
    with pytest.raises(RuleViolation) as refused:
        passwords.check("Mưa", minh)

    assert (refused.value.rule, refused.value.citation) == ("password-length", "Điều 10 khoản 3 điểm a")
    assert "chữ số" in refused.value.diagnostic
    assert "đặc biệt" in refused.value.diagnostic
    assert "Mưa" not in refused.value.diagnostic


def test_shared_boxes_cite_dieu_11(pack: Pack) -> None:
    passwords = MailboxPasswords(pack, PasswordPolicy(), Language.ENGLISH)

    with pytest.raises(RuleViolation, match="at least 8 characters") as refused:
        passwords.check("Mưa", agency("sonv", "Sở Nội vụ"))

    assert refused.value.citation == "Điều 11 khoản 4 điểm a"


@pytest.mark.parametrize("classes", [SERVICE, ADMINISTRATOR])
def test_other_identities_are_judged_like_persons(
    passwords: MailboxPasswords, classes: tuple[str, ...]
) -> None:
    with pytest.raises(RuleViolation):
        passwords.check("short", entry(classes, cn="postfix"))
    passwords.check("Mưa$Rào-27", entry(classes, cn="postfix"))


def test_a_generated_password_is_accepted_and_another_each_time(
    passwords: MailboxPasswords, minh: Attributes
) -> None:
    generated = {passwords.generate(minh) for _ in range(20)}

    for password in generated:
        passwords.check(password, minh)
    assert len(generated) == 20
