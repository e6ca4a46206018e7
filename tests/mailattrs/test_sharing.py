"""Who owns and uses a shared mailbox, and what a handover takes: the rules on one entry."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.entry import Attributes
from govdir.mailattrs.rules import MailRules
from govdir.mailattrs.settlement import AddressCheck
from govdir.mailattrs.sharing import box_group
from govdir.policy.load import load_province
from govdir.policy.texts import Language
from govdir.schema.times import format_generalized_time
from tests.mailattrs import entries
from tests.mailattrs.entries import (
    BODY,
    OPERATOR,
    ORGS,
    PERSON,
    SUFFIX,
    Around,
    Asker,
    entry,
    person,
    refused,
)

PROVINCES = ("cantho", "daklak", "vinhphuc", "daknong", "binhphuoc")
SHARED = (*BODY, "gdSharedMailbox")
LAN, HUY, MAI = (f"uid={uid},ou=sonv,ou=orgs,{SUFFIX}" for uid in ("lan", "huy", "mai"))
NAMES = {LAN: "Trần Thị Lan", HUY: "Lê Quang Huy", MAI: "Phạm Xuân Mai"}
HANDS = Asker(f"uid=quantri,ou=sonv,ou=orgs,{SUFFIX}", is_operator=False)


def around(**states: str) -> Around:
    """An agency about to be added below ou=orgs, and its people; `states` by uid."""
    people = {
        dn: person(name, gdState=states.get(dn.partition(",")[0].removeprefix("uid="), "active"))
        for dn, name in NAMES.items()
    }
    return Around(above=(entry(ORGS, ou="orgs"), entry(("organization",), o="x")), others=people)


def box(rules: MailRules, near: Around, **attributes: str | tuple[str, ...]) -> Attributes:
    """The mailbox of Sở Nội vụ, as an add left it."""
    given = {"ou": "sonv", "displayName": "Sở Nội vụ", "owner": LAN, **attributes}
    added = entry(SHARED, **given)
    rules.complete_add(added, near, OPERATOR)
    near.held |= {*added.texts("mail"), *added.texts("mailLocalAddress")}
    return added


def changed(
    rules: MailRules,
    before: Attributes,
    near: Around,
    asker: Asker = HANDS,
    **changes: str | tuple[str, ...],
) -> Attributes:
    return entries.changed(rules, before, near, asker, **changes)


def with_password(near: Around, mailbox: Attributes) -> Attributes:
    """The mailbox as it is once somebody has given it a password."""
    mailbox.replace("pwdChangedTime", ("20260101000000Z",))
    return mailbox


@pytest.mark.parametrize("owners", [(), (LAN, HUY)])
def test_a_shared_mailbox_has_one_owner(rules: MailRules, owners: tuple[str, ...]) -> None:
    violation = refused(lambda: box(rules, around(), owner=owners))

    assert (violation.rule, violation.citation) == ("shared-owner", "Điều 11 khoản 1")
    assert f"hiện có {len(owners)}" in violation.diagnostic


def test_a_persons_mailbox_is_not_shared(rules: MailRules) -> None:
    added = entry((*PERSON, "gdSharedMailbox"), cn="Lê Văn Tám", owner=LAN)

    violation = refused(lambda: rules.complete_add(added, around(), OPERATOR))

    assert (violation.rule, "cá nhân" in violation.diagnostic) == ("shared-owner", True)


@pytest.mark.parametrize("attribute", ["owner", "gdDelegate"])
@pytest.mark.parametrize(
    ("dn", "states"),
    [
        (f"uid=khongco,{SUFFIX}", {}),
        ("không phải tên", {}),
        (HUY, {"huy": "pending"}),
        (HUY, {"huy": "revoked"}),
        (HUY, {"huy": "deleted"}),
    ],
)
def test_only_somebody_in_office_is_owner_or_delegate(
    rules: MailRules, attribute: str, dn: str, states: dict[str, str]
) -> None:
    near = around(**states)

    at_the_start = refused(lambda: box(rules, near, **{attribute: dn}))
    later = refused(lambda: changed(rules, box(rules, around()), near, **{attribute: dn}))

    assert at_the_start.diagnostic == later.diagnostic
    assert dn in later.diagnostic
    assert attribute in later.diagnostic


def test_a_body_is_no_owner(rules: MailRules) -> None:
    near = around()
    near.others[f"ou=sotttt,{SUFFIX}"] = entry(BODY, ou="sotttt")

    assert "gdPerson" in refused(lambda: box(rules, near, owner=f"ou=sotttt,{SUFFIX}")).diagnostic


@pytest.mark.parametrize("state", ["suspended", "sendblocked"])
def test_whoever_is_out_for_a_while_may_be_named(rules: MailRules, state: str) -> None:
    assert box(rules, around(lan=state)).text("owner") == LAN


def test_an_owner_who_left_since_hinders_no_other_change(rules: MailRules) -> None:
    before = box(rules, around(), gdDelegate=HUY)

    after = changed(rules, before, around(lan="revoked", huy="revoked"), OPERATOR, gdStateReason="kiểm tra")

    assert (after.text("owner"), after.text("gdDelegate")) == (LAN, HUY)


@pytest.mark.parametrize("province", PROVINCES)
def test_as_many_people_are_authorised_as_the_province_allows(province: str) -> None:
    pack = load_province(province)
    rules, near = MailRules(pack), around()
    before = box(rules, near)
    maximum = pack.sharing.delegates

    if maximum is None:
        assert changed(rules, before, near, gdDelegate=(HUY, MAI)).texts("gdDelegate") == (HUY, MAI)
        return
    violation = refused(lambda: changed(rules, before, near, gdDelegate=(HUY, MAI)))

    assert maximum == 1
    assert (violation.rule, violation.citation) == (
        "shared-delegates",
        pack.sharing.delegates_citation.reference,
    )
    assert changed(rules, before, near, gdDelegate=MAI).text("gdDelegate") == MAI


def test_can_tho_allows_one_delegate_and_no_other_province_counts() -> None:
    maxima = {province: load_province(province).sharing.delegates for province in PROVINCES}

    assert maxima == dict.fromkeys(PROVINCES, None) | {"cantho": 1}


def test_an_owner_is_not_its_own_delegate_however_the_name_is_written(rules: MailRules) -> None:
    near = around()
    other_spelling = LAN.replace("uid=lan", "UID = LAN").replace(",ou", ", OU")
    near.others[other_spelling] = near.others[LAN]

    violation = refused(lambda: changed(rules, box(rules, near), near, gdDelegate=other_spelling))

    assert violation.rule == "shared-delegate"


def test_an_authorisation_ends_in_the_future(rules: MailRules) -> None:
    near = around()
    before = box(rules, near)
    now = format_generalized_time(near.moment)
    later = format_generalized_time(near.moment + timedelta(days=30))

    violation = refused(lambda: changed(rules, before, near, gdDelegate=HUY, gdDelegateUntil=now))

    assert violation.rule == "shared-until"
    assert (
        changed(rules, before, near, gdDelegate=HUY, gdDelegateUntil=later).text("gdDelegateUntil") == later
    )


def test_an_authorisation_that_ends_needs_somebody_authorised(rules: MailRules) -> None:
    near = around()
    later = format_generalized_time(near.moment + timedelta(days=30))

    assert refused(lambda: box(rules, near, gdDelegateUntil=later)).rule == "shared-until"


def test_the_end_goes_with_the_last_delegate(rules: MailRules) -> None:
    near = around()
    later = format_generalized_time(near.moment + timedelta(days=30))
    before = box(rules, near, gdDelegate=HUY, gdDelegateUntil=later)

    assert "gdDelegateUntil" not in changed(rules, before, near, gdDelegate=())


def test_nobody_new_is_authorised_until_a_day_gone_by(rules: MailRules) -> None:
    near = around()
    soon = format_generalized_time(near.moment + timedelta(days=1))
    before = box(rules, near, gdDelegate=HUY, gdDelegateUntil=soon)
    near.moment += timedelta(days=2)

    assert refused(lambda: changed(rules, before, near, gdDelegate=MAI)).rule == "shared-until"
    assert changed(rules, before, near, OPERATOR, gdStateReason="x").text("gdDelegateUntil") == soon


def test_an_authorisation_that_is_over_is_not_taken_over_from_another_directory() -> None:
    rules = MailRules(load_province("cantho"), address_check=AddressCheck.KEEP)
    taken_over = box(rules, around(), gdDelegate=HUY, gdDelegateUntil="20200101000000Z")

    assert (taken_over.texts("gdDelegate"), taken_over.texts("gdDelegateUntil")) == ((), ())


# -- handover


@pytest.mark.parametrize("province", PROVINCES)
def test_a_handover_without_a_new_password_is_refused_by_the_rule_on_it(province: str) -> None:
    pack = load_province(province)
    rules, near = MailRules(pack), around()
    before = with_password(near, box(rules, near))

    violation = refused(lambda: changed(rules, before, near, owner=HUY))

    assert (violation.rule, violation.citation) == ("handover", pack.sharing.handover_citation.reference)
    assert "userPassword" in violation.diagnostic


def test_a_handover_with_a_new_password_is_recorded(rules: MailRules) -> None:
    near = around()
    before = with_password(near, box(rules, near))
    near.new_password = True

    after = changed(rules, before, near, owner=HUY)

    assert after.texts("gdHandoverRecord") == (
        f"1. 2026-03-02 15:00:00 bàn giao: Trần Thị Lan ({LAN}) → Lê Quang Huy ({HUY}); "
        f"thực hiện: {HANDS.dn}",
    )


def test_a_mailbox_nobody_has_a_password_of_is_handed_over_as_it_is(rules: MailRules) -> None:
    near = around()

    assert len(changed(rules, box(rules, near), near, owner=HUY).texts("gdHandoverRecord")) == 1


def test_taking_the_password_away_is_as_good_as_a_new_one(rules: MailRules) -> None:
    near = around()
    before = with_password(near, box(rules, near))

    assert changed(rules, before, near, owner=HUY, pwdChangedTime=()).text("owner") == HUY


def test_the_same_owner_written_otherwise_is_no_handover(rules: MailRules) -> None:
    near = around()
    before = with_password(near, box(rules, near))

    after = changed(rules, before, near, owner=LAN.upper())

    assert after.texts("gdHandoverRecord") == ()


def test_the_delegate_who_becomes_owner_is_delegate_no_more(rules: MailRules) -> None:
    near = around()
    before = box(rules, near, gdDelegate=HUY)

    after = changed(rules, before, near, owner=HUY)

    assert (after.text("owner"), after.texts("gdDelegate")) == (HUY, ())
    assert "ủy quyền" not in (after.text("gdHandoverRecord") or "")


def test_each_change_of_people_is_a_line_of_its_own(rules: MailRules) -> None:
    near = around()
    mailbox = box(rules, near)
    for owner in (HUY, LAN, HUY, LAN):
        mailbox = changed(rules, mailbox, near, owner=owner)
    mailbox = changed(rules, mailbox, near, Asker("", is_operator=True), gdDelegate=MAI)

    lines = mailbox.texts("gdHandoverRecord")

    assert [line.partition(".")[0] for line in lines] == ["1", "2", "3", "4", "5"]
    assert lines[4].endswith(f"ủy quyền: Phạm Xuân Mai ({MAI}); thực hiện: người vận hành tại máy chủ")


def test_who_is_authorised_no_more_is_recorded(rules: MailRules) -> None:
    near = around()

    after = changed(rules, box(rules, near, gdDelegate=HUY), near, gdDelegate=())

    assert "thôi ủy quyền: Lê Quang Huy" in (after.text("gdHandoverRecord") or "")


def test_the_record_is_vietnamese_whatever_the_language_of_the_refusals() -> None:
    rules = MailRules(load_province("cantho"), Language.ENGLISH)
    near = around()
    before = with_password(near, box(rules, near))

    assert "A handover takes a new password" in (
        refused(lambda: changed(rules, before, near, owner=HUY)).diagnostic
    )
    near.new_password = True
    assert "bàn giao: Trần" in (changed(rules, before, near, owner=HUY).text("gdHandoverRecord") or "")


@pytest.mark.parametrize("lines", [(), ("1. khác",), ("2. thêm",)])
def test_nobody_rewrites_the_record(rules: MailRules, lines: tuple[str, ...]) -> None:
    near = around()
    before = changed(rules, box(rules, near), near, owner=HUY)
    kept = before.texts("gdHandoverRecord") if lines == ("2. thêm",) else ()

    violation = refused(lambda: changed(rules, before, near, gdHandoverRecord=(*kept, *lines)))

    assert violation.rule == "handover-record"


@pytest.mark.parametrize("classes", [BODY, ORGS])
def test_what_has_a_record_stays_shared(rules: MailRules, classes: tuple[str, ...]) -> None:
    near = around()
    before = changed(rules, box(rules, near), near, owner=HUY)

    assert refused(lambda: changed(rules, before, near, objectClass=classes)).rule == "handover-record"


def test_a_mailbox_without_a_record_may_be_shared_no_more(rules: MailRules) -> None:
    near = around()

    after = changed(rules, box(rules, near), near, objectClass=BODY, owner=())

    assert "gdAclGroups" not in after
    assert after.text("mail") == "sonv@cantho.gov.vn"


def test_an_agencys_mailbox_becomes_shared_without_a_new_password(rules: MailRules) -> None:
    near = around()
    plain = entry(BODY, ou="sonv", displayName="Sở Nội vụ")
    rules.complete_add(plain, near, OPERATOR)
    near.held |= set(plain.texts("mail"))

    after = changed(rules, with_password(near, plain), near, objectClass=SHARED, owner=LAN)

    assert (after.text("gdAclGroups"), after.texts("gdHandoverRecord")) == ("box-sonv", ())


# -- the group mail servers know its users by


def test_the_group_keeps_its_name_when_the_address_changes(rules: MailRules) -> None:
    near = around()
    before = box(rules, near)

    after = changed(rules, before, near, Asker("cn=admin", is_operator=True), mail="so-noi-vu@cantho.gov.vn")

    assert (after.text("mail"), after.text("gdAclGroups")) == ("so-noi-vu@cantho.gov.vn", "box-sonv")


@given(
    st.lists(
        st.from_regex(r"[a-z][a-z.]{0,8}[a-z](@[a-z]{1,8}\.|@)", fullmatch=True), unique=True, min_size=2
    )
)
def test_no_two_addresses_share_a_group(starts: list[str]) -> None:
    groups = {box_group(f"{start}daklak.gov.vn", "daklak.gov.vn") for start in starts}

    assert len(groups) == len(starts)
    assert not any("," in group for group in groups)
