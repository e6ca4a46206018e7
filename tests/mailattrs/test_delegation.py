"""What an agency's own administrator runs, province by province, and what waits for approval."""

from __future__ import annotations

from dataclasses import replace

import pytest

from govdir.directory.entry import Attributes
from govdir.directory.errors import RuleViolation
from govdir.mailattrs.rules import MailRules
from govdir.policy.load import load_province
from govdir.policy.texts import Language
from tests.mailattrs.entries import (
    BODY,
    OFFICER,
    OPERATOR,
    ORGS,
    Around,
    Asker,
    agency,
    entry,
    person,
)

APPROVER = replace(OFFICER, may_approve=True)
HOLDER = replace(OFFICER, is_holder=True)

# What an agency of each province adds itself, and the article that gives the rest to the operators.
DELEGATED = {
    "cantho": ({"person", "unit", "list"}, "Điều 9"),
    "daklak": ({"person"}, "Điều 4"),
    "vinhphuc": ({"person"}, "Điều 6"),
    "daknong": ({"person", "unit"}, "Điều 11"),
    "binhphuoc": ({"person", "unit"}, "Điều 5"),
}


def in_body(province: str) -> Around:
    domain = load_province(province).domain
    body = agency("sotp", "Sở Tư pháp", mail=f"sotp@{domain}")
    return Around(above=(body, entry(("top", "organizationalUnit"), ou="orgs")))


def wanted(kind: str, province: str) -> Attributes:
    domain = load_province(province).domain
    return {
        "person": lambda: person("Nguyễn Văn Minh"),
        "unit": lambda: entry(BODY, ou="thanhtra", displayName="Thanh tra", gdMailboxKind="unit"),
        "list": lambda: entry(("gdMailList",), cn="tatca", mail=f"tatca.sotp@{domain}"),
        "agency": lambda: entry(BODY, ou="sotc", displayName="Sở Tài chính", gdMailboxKind="org"),
    }[kind]()


def refused(rules: MailRules, added: Attributes, near: Around, asker: Asker) -> RuleViolation | None:
    try:
        rules.complete_add(added, near, asker)
    except RuleViolation as violation:
        return violation
    return None


@pytest.mark.parametrize("kind", ["person", "unit", "list", "agency"])
@pytest.mark.parametrize("province", DELEGATED)
def test_an_agency_adds_what_the_regulation_leaves_to_it(province: str, kind: str) -> None:
    kinds, article = DELEGATED[province]
    rules = MailRules(load_province(province))
    violation = refused(rules, wanted(kind, province), in_body(province), OFFICER)
    by_delegation = violation is not None and violation.rule == "delegation"
    assert by_delegation is (kind not in kinds)
    if by_delegation and violation is not None:
        assert violation.citation is not None
        assert violation.citation.startswith(article)


@pytest.mark.parametrize("province", DELEGATED)
def test_an_operator_is_refused_nothing_by_delegation(province: str) -> None:
    for kind in ("person", "unit", "list", "agency"):
        violation = refused(
            MailRules(load_province(province)), wanted(kind, province), in_body(province), OPERATOR
        )
        assert violation is None or violation.rule != "delegation"


DAKLAK = load_province("daklak")


def body_box() -> Attributes:
    return agency("sotp", "Sở Tư pháp", mail="sotp@daklak.gov.vn", gdState="active")


ABOVE = Around(above=(entry(("top", "organizationalUnit"), ou="orgs"),))


def changed(asker: Asker, before: Attributes, **changes: str) -> None:
    after = before.copy()
    for name, value in changes.items():
        after.replace(name, (value,) if value else ())
    MailRules(DAKLAK).complete_modify(before, after, ABOVE, asker)


@pytest.mark.parametrize(
    "changes",
    [{"displayName": "Sở Khác"}, {"gdState": "suspended"}, {"mail": "sotuphap@daklak.gov.vn"}, {}],
    ids=["name", "state", "address", "place"],
)
def test_in_dak_lak_an_agency_does_not_change_its_own_bodys_mailbox(changes: dict[str, str]) -> None:
    with pytest.raises(RuleViolation) as refusal:
        changed(OFFICER, body_box(), **changes)
    assert (refusal.value.rule, str(refusal.value.citation)[:6]) == ("delegation", "Điều 4")


def test_how_the_bodys_mailbox_is_used_is_its_own_affair() -> None:
    for changes in ({"telephoneNumber": "1"}, {"pwdChangedTime": "20260101000000Z"}):
        changed(OFFICER, body_box(), **changes)


def test_a_bodys_mailbox_changes_itself() -> None:
    changed(HOLDER, body_box(), preferredLanguage="vi", displayName="Sở Tư pháp")


def test_an_approver_decides_the_state_and_only_that() -> None:
    changed(APPROVER, body_box(), gdState="suspended", gdStateReason="chờ xác minh")
    with pytest.raises(RuleViolation):
        changed(APPROVER, body_box(), gdState="suspended", displayName="Sở Khác")


def test_a_bodys_mailbox_is_deleted_by_operators_and_a_persons_by_its_agency_too() -> None:
    rules = MailRules(DAKLAK)
    with pytest.raises(RuleViolation) as refusal:
        rules.check_delete(body_box(), ABOVE, OFFICER)
    assert refusal.value.rule == "delegation"
    rules.check_delete(body_box(), ABOVE, OPERATOR)
    rules.check_delete(person("Nguyễn Văn Minh"), in_body("daklak"), OFFICER)
    rules.check_delete(entry(ORGS, ou="x"), ABOVE, OFFICER)


def test_the_refusal_names_the_kind_and_what_the_agency_runs_in_both_languages() -> None:
    texts = []
    for language in Language:
        with pytest.raises(RuleViolation) as refusal:
            MailRules(DAKLAK, language).check_delete(body_box(), ABOVE, OFFICER)
        texts.append(refusal.value.diagnostic)
    for text, language in zip(texts, Language, strict=True):
        for rules in (rules for kind, rules in DAKLAK.mailboxes.items() if kind in ("agency", "person")):
            assert rules.title.in_language(language) in text


# -- approval


@pytest.mark.parametrize("asked", [None, "active", "revoked", "sendblocked", "suspended"])
def test_with_approval_what_an_agency_adds_waits(asked: str | None) -> None:
    added = person("Nguyễn Văn Minh", **({} if asked is None else {"gdState": asked}))
    MailRules(load_province("cantho"), approval=True).complete_add(added, in_body("cantho"), OFFICER)
    assert (added.text("gdState"), added.texts("enabledService")) == ("pending", ())


@pytest.mark.parametrize("asker", [OPERATOR, APPROVER])
def test_what_an_approver_or_operator_adds_begins_at_once(asker: Asker) -> None:
    added = person("Nguyễn Văn Minh")
    MailRules(load_province("cantho"), approval=True).complete_add(added, in_body("cantho"), asker)
    assert added.text("gdState") == "active"


def test_without_approval_what_an_agency_adds_begins_at_once() -> None:
    added = person("Nguyễn Văn Minh")
    MailRules(load_province("cantho")).complete_add(added, in_body("cantho"), OFFICER)
    assert added.text("gdState") == "active"


@pytest.mark.parametrize("state", ["active", "revoked", "suspended", "sendblocked"])
def test_an_agency_gets_no_mailbox_past_its_approval(state: str) -> None:
    rules, near = MailRules(load_province("cantho"), approval=True), in_body("cantho")
    added = person("Nguyễn Văn Minh")
    rules.complete_add(added, near, OFFICER)
    after = added.copy()
    after.replace("gdState", (state,))
    with pytest.raises(RuleViolation):
        rules.complete_modify(added, after, near, OFFICER)
    after = added.copy()
    after.replace("gdState", ("active",))
    rules.complete_modify(added, after, near, APPROVER)
    assert after.text("accountStatus") == "active"
