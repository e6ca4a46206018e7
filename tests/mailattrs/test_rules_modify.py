"""What changing an entry takes with it and what it refuses."""

from __future__ import annotations

import pytest

from govdir.directory.entry import Attributes
from govdir.directory.errors import RuleViolation
from govdir.mailattrs.rules import MailRules
from govdir.mailattrs.settlement import AddressCheck
from govdir.policy.model import Pack
from tests.mailattrs.entries import (
    BODY,
    LIST,
    OFFICER,
    OPERATOR,
    Around,
    Asker,
    changed,
    entry,
    in_agency,
    person,
)

MINH = "Nguyễn Văn Minh"
Change = str | tuple[str, ...]


def stored(rules: MailRules, near: Around, **attributes: str) -> Attributes:
    """A person as an add left it, whose address is held from now on."""
    added = person(MINH, **attributes)
    rules.complete_add(added, near, OFFICER)
    near.held.add(added.text("mail") or "")
    return added


def modified(
    rules: MailRules,
    before: Attributes,
    near: Around,
    asker: Asker = OFFICER,
    **changes: str | tuple[str, ...],
) -> Attributes:
    return changed(rules, before, near, asker, **changes)


def refusal(
    rules: MailRules, before: Attributes, near: Around, **changes: str | tuple[str, ...]
) -> RuleViolation:
    with pytest.raises(RuleViolation) as refused:
        modified(rules, before, near, **changes)
    return refused.value


def test_another_telephone_number_changes_nothing_else(rules: MailRules) -> None:
    near = in_agency()
    before = stored(rules, near)

    after = modified(rules, before, near, telephoneNumber="+84 292 0000001")

    after.remove("telephoneNumber")
    assert after.as_messages() == before.as_messages()


def test_a_new_name_is_followed_by_all_that_came_from_it_but_the_address(rules: MailRules) -> None:
    near = in_agency()
    before = stored(rules, near)

    after = modified(rules, before, near, cn="Trần Thị Lan Hương")

    assert (after.text("sn"), after.text("gdMiddleName"), after.text("givenName")) == (
        "Trần",
        "Thị Lan",
        "Hương",
    )
    assert after.text("displayName") == "Trần Thị Lan Hương - Sở Nội vụ"
    assert after.text("gdNameKey") == "tran thi lan huong"
    assert (after.text("mail"), after.text("uid")) == ("nvminh@cantho.gov.vn", "nvminh")


def test_parts_set_by_hand_stay_with_a_new_name(rules: MailRules) -> None:
    near = in_agency()
    before = stored(rules, near, sn="Nguyễn Văn")

    after = modified(rules, before, near, cn="Nguyễn Văn Minh Anh")

    assert after.text("sn") == "Nguyễn Văn"


def test_a_display_name_chosen_by_hand_stays(rules: MailRules) -> None:
    near = in_agency()
    before = stored(rules, near, displayName="Anh Minh")

    assert modified(rules, before, near, cn="Nguyễn Văn An").text("displayName") == "Anh Minh"


def test_a_display_name_removed_comes_back(rules: MailRules) -> None:
    near = in_agency()
    before = stored(rules, near)

    assert modified(rules, before, near, displayName=()).text("displayName") == "Nguyễn Văn Minh - Sở Nội vụ"


def test_a_transfer_shows_the_new_agency(rules: MailRules) -> None:
    near = in_agency()
    before = stored(rules, near)

    after = modified(rules, before, in_agency(label="sotp", name="Sở Tư pháp"))

    assert after.text("displayName") == "Nguyễn Văn Minh - Sở Tư pháp"
    assert after.text("mail") == "nvminh@cantho.gov.vn"


def test_an_invalid_new_name_is_refused(rules: MailRules) -> None:
    near = in_agency()

    assert refusal(rules, stored(rules, near), near, cn="Minh 2").rule == "name"


def test_a_new_address_is_judged_and_the_old_one_stays_as_alias(rules: MailRules) -> None:
    near = in_agency()
    before = stored(rules, near)

    renamed = modified(rules, before, near, cn="Nguyễn Văn An", mail="nvan@cantho.gov.vn")

    assert renamed.texts("mail") == ("nvan@cantho.gov.vn",)
    assert renamed.texts("mailLocalAddress") == ("nvminh@cantho.gov.vn",)
    assert renamed.texts("gdPreviousAddress") == ("nvminh@cantho.gov.vn",)


def test_a_wrong_new_address_is_answered_with_the_right_one(rules: MailRules) -> None:
    near = in_agency()

    refused = refusal(rules, stored(rules, near), near, cn="Nguyễn Văn An", mail="an@cantho.gov.vn")

    assert (refused.rule, refused.suggestion) == ("address-form", "nvan@cantho.gov.vn")


def test_an_alias_may_become_the_address_again(rules: MailRules) -> None:
    near = in_agency()
    before = stored(rules, near)
    moved = modified(rules, before, near, cn="Nguyễn Văn An", mail="nvan@cantho.gov.vn")
    near.held.add("nvan@cantho.gov.vn")

    back = modified(rules, moved, near, cn=MINH, mail="nvminh@cantho.gov.vn")

    assert back.texts("mail") == ("nvminh@cantho.gov.vn",)
    assert back.texts("mailLocalAddress") == ("nvan@cantho.gov.vn",)


def test_the_address_in_other_letters_is_the_same_address(rules: MailRules) -> None:
    near = in_agency()

    after = modified(rules, stored(rules, near), near, mail="NVMinh@cantho.gov.vn")

    assert after.texts("mail") == ("nvminh@cantho.gov.vn",)
    assert "mailLocalAddress" not in after


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"mail": ()}, "address-needed"),
        ({"mail": ("a@cantho.gov.vn", "b@cantho.gov.vn")}, "address-single"),
        ({"mailLocalAddress": "taken@cantho.gov.vn"}, "address-taken"),
        ({"mailLocalAddress": "minh@gmail.com"}, "address-domain"),
        ({"gdState": "asleep"}, "state"),
        ({"gdState": "pending"}, "state"),
        ({"gdMailboxKind": "unit"}, "kind"),
    ],
)
def test_impossible_changes_are_refused(
    rules: MailRules, changes: dict[str, str | tuple[str, ...]], rule: str
) -> None:
    near = in_agency("taken")

    assert refusal(rules, stored(rules, near), near, **changes).rule == rule


def test_an_alias_held_already_is_not_asked_for_again(rules: MailRules) -> None:
    near = in_agency()
    before = stored(rules, near, mailLocalAddress="minh.sonv@cantho.gov.vn")
    near.held.add("minh.sonv@cantho.gov.vn")

    after = modified(
        rules, before, near, mailLocalAddress=("minh.sonv@cantho.gov.vn", "minh2.sonv@cantho.gov.vn")
    )

    assert after.texts("mailLocalAddress") == ("minh.sonv@cantho.gov.vn", "minh2.sonv@cantho.gov.vn")


def test_an_alias_beyond_the_agency_is_for_operators(rules: MailRules) -> None:
    near = in_agency()
    before = stored(rules, near)
    alias = "giamdoc.soyt@cantho.gov.vn"

    assert refusal(rules, before, near, mailLocalAddress=alias).rule == "address-operator"
    assert modified(rules, before, near, OPERATOR, mailLocalAddress=alias).texts("mailLocalAddress") == (
        alias,
    )


def test_a_quota_over_the_regulation_s_is_refused_and_one_taken_over_stays(
    rules: MailRules, pack: Pack
) -> None:
    near = in_agency()
    kept = person(MINH, mail="nvminh@cantho.gov.vn", mailQuota="9999999999")
    MailRules(pack, address_check=AddressCheck.KEEP).complete_add(kept, near, OPERATOR)

    assert refusal(rules, stored(rules, near), near, mailQuota="9999999999").rule == "quota"
    assert modified(rules, kept, near, title="x").text("mailQuota") == "9999999999"


def test_the_second_namesake_may_take_the_first_form_once_it_is_free(rules: MailRules) -> None:
    near = in_agency("nvminh")
    second = stored(rules, near)
    near.held.discard("nvminh@cantho.gov.vn")

    assert modified(rules, second, near, mail="nvminh@cantho.gov.vn").text("mail") == "nvminh@cantho.gov.vn"


def test_mail_servers_see_a_change_of_state(rules: MailRules) -> None:
    near = in_agency()

    after = modified(rules, stored(rules, near), near, gdState="suspended")

    assert (after.text("accountStatus"), after.texts("enabledService")) == ("noaccess", ("mail", "deliver"))


def test_mail_servers_see_a_password_that_must_change_and_one_that_was_changed(rules: MailRules) -> None:
    near = in_agency()

    reset = modified(rules, stored(rules, near), near, pwdReset="TRUE")
    changed = modified(rules, reset, near, pwdReset=())

    assert reset.texts("enabledService") == ("mail", "deliver")
    assert "imap" in changed.texts("enabledService")


def test_nobody_puts_the_services_out_of_step_by_hand(rules: MailRules) -> None:
    near = in_agency()
    suspended = modified(rules, stored(rules, near), near, gdState="suspended")

    after = modified(rules, suspended, near, accountStatus="active", enabledService="smtp")

    assert (after.text("accountStatus"), after.texts("enabledService")) == ("noaccess", ("mail", "deliver"))


def test_a_deleted_mailbox_stays_deleted(rules: MailRules) -> None:
    near = in_agency()
    deleted = modified(rules, stored(rules, near), near, gdState="deleted")

    assert refusal(rules, deleted, near, gdState="active").rule == "state"


@pytest.mark.parametrize("state", ["pending", "asleep"])
def test_a_state_is_refused_by_the_article_on_states(rules: MailRules, state: str) -> None:
    near = in_agency()

    assert "Điều 5 khoản 3, khoản 4" in refusal(rules, stored(rules, near), near, gdState=state).diagnostic


def test_the_quota_follows_the_kind_unless_set_by_hand(rules: MailRules) -> None:
    near = in_agency(label="sokhdt")
    unit, wide = (entry(BODY, ou="vanphong", **extra) for extra in ({}, {"mailQuota": "77"}))
    for each in (unit, wide):
        rules.complete_add(each, near, OFFICER)

    assert modified(rules, unit, near, OPERATOR, gdMailboxKind="commune").text("mailQuota") == "0"
    assert modified(rules, wide, near, OPERATOR, gdMailboxKind="commune").text("mailQuota") == "77"


def test_a_person_becoming_a_mailbox_gets_an_address(rules: MailRules) -> None:
    classes = ("top", "person", "inetOrgPerson", "gdPerson")
    before = entry(classes, cn=MINH)
    rules.complete_add(before, in_agency(), OFFICER)

    after = modified(rules, before, in_agency("nvminh"), objectClass=(*classes, "gdMailbox"))

    assert before.text("mail") is None
    assert (after.text("mail"), after.text("accountStatus")) == ("nvanminh@cantho.gov.vn", "active")


def test_a_renamed_list_keeps_its_old_address_as_alias(rules: MailRules) -> None:
    before = entry(LIST, cn="canbo.sonv")
    rules.complete_add(before, in_agency(), OFFICER)

    after = modified(rules, before, in_agency(), mail="nhanvien.sonv@cantho.gov.vn")

    assert after.texts("mailLocalAddress") == ("canbo.sonv@cantho.gov.vn",)


def test_the_primary_address_is_never_its_own_alias(rules: MailRules) -> None:
    near = in_agency()

    after = modified(rules, stored(rules, near), near, mailLocalAddress="NVMinh@cantho.gov.vn")

    assert "mailLocalAddress" not in after


def test_a_name_nobody_can_read_hinders_no_other_change(pack: Pack, rules: MailRules) -> None:
    before = person("Kiosk 2", mail="kiosk2@cantho.gov.vn")
    MailRules(pack, address_check=AddressCheck.KEEP).complete_add(before, in_agency(), OPERATOR)

    assert modified(rules, before, in_agency(), gdState="suspended").text("accountStatus") == "noaccess"


def test_what_the_server_wrote_for_a_mailbox_goes_with_its_class(rules: MailRules) -> None:
    near = in_agency()
    before = stored(rules, near)
    person_only = tuple(name for name in before.texts("objectClass") if name != "gdMailbox")

    after = modified(rules, before, near, objectClass=person_only)

    assert {one.text for one in before} - {one.text for one in after} == {
        "accountStatus",
        "enabledService",
        "gdMailboxKind",
        "gdState",
        "gdStateSince",
        "mailQuota",
        "maxMessageSize",
    }
    assert (after.text("mail"), after.text("gdNameKey")) == ("nvminh@cantho.gov.vn", "nguyen van minh")


@pytest.mark.parametrize("state", ["suspended", "deleted"])
def test_a_closed_mailbox_loses_its_state_by_request_only(rules: MailRules, state: str) -> None:
    near = in_agency()
    closed = modified(rules, stored(rules, near), near, gdState=state)

    after = modified(rules, closed, near, objectClass=("top", "inetOrgPerson", "gdPerson"))

    assert (after.text("gdState"), "accountStatus" in after) == (state, False)
