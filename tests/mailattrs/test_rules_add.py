"""What adding an entry fills in and refuses, on entries of the real schema."""

from __future__ import annotations

import pytest

from govdir.directory.entry import Attributes
from govdir.directory.errors import RuleViolation
from govdir.mailattrs.rules import MailRules
from govdir.mailattrs.settlement import AddressCheck
from govdir.policy.model import Pack
from govdir.policy.texts import Language
from tests.mailattrs.entries import (
    BODY,
    LIST,
    OFFICER,
    OPERATOR,
    ORGS,
    PERSON,
    Around,
    Asker,
    agency,
    among_agencies,
    entry,
    in_agency,
    person,
)

MINH = "Nguyễn Văn Minh"
LADDER = ("nvminh", "nvanminh", "nguyenvanminh")


def refusal(rules: MailRules, *arguments: object) -> RuleViolation:
    with pytest.raises(RuleViolation) as refused:
        rules.complete_add(*arguments)  # type: ignore[arg-type]
    return refused.value


def test_a_name_is_shown_as_it_was_written(rules: MailRules) -> None:
    added = person("H’Hen Niê")

    rules.complete_add(added, in_agency(), OFFICER)

    assert added.text("displayName") == "H'Hen Niê - Sở Nội vụ"
    assert added.text("gdNameKey") == "h hen nie"


def test_a_name_and_a_place_make_a_mailbox(rules: MailRules) -> None:
    added = person(MINH)

    rules.complete_add(added, in_agency(), OFFICER)

    assert {name: added.texts(name) for name in ("mail", "uid", "displayName", "sn", "givenName")} == {
        "mail": ("nvminh@cantho.gov.vn",),
        "uid": ("nvminh",),
        "displayName": ("Nguyễn Văn Minh - Sở Nội vụ",),
        "sn": ("Nguyễn",),
        "givenName": ("Minh",),
    }
    assert (added.text("gdMiddleName"), added.text("gdNameKey")) == ("Văn", "nguyen van minh")
    assert (added.text("mailQuota"), added.text("gdMailboxKind")) == (str(5 * 1024**3), "person")
    assert (added.text("gdState"), added.text("accountStatus")) == ("active", "active")
    assert added.texts("enabledService") == ("mail", "deliver", "smtp", "imap", "pop3", "sieve")


def test_three_namesakes_climb_the_ladder_and_the_fourth_is_refused(rules: MailRules) -> None:
    near = in_agency()
    given = []
    for _ in LADDER:
        added = person(MINH)
        rules.complete_add(added, near, OFFICER)
        near.held.add(added.text("mail") or "")
        given.append(added.text("uid"))

    refused = refusal(rules, person(MINH), near, OFFICER)

    assert tuple(given) == LADDER
    assert (refused.rule, refused.citation, refused.suggestion) == (
        "address-exhausted",
        "Điều 4 khoản 2 điểm đ",
        None,
    )
    assert "thứ tư" in refused.diagnostic
    assert "mail" in refused.diagnostic


def test_an_operator_names_a_free_address_for_the_fourth(rules: MailRules) -> None:
    added = person(MINH, mail="minh.nv4@cantho.gov.vn")

    rules.complete_add(added, in_agency(*LADDER), OPERATOR)

    assert (added.text("mail"), added.text("uid")) == ("minh.nv4@cantho.gov.vn", "minh.nv4")


@pytest.mark.parametrize(
    ("mail", "rule"),
    [
        ("nvanminh@cantho.gov.vn", "address-taken"),
        ("postmaster@cantho.gov.vn", "address-reserved"),
        ("minh@elsewhere.vn", "address-domain"),
        ("minh nv@cantho.gov.vn", "address-malformed"),
    ],
)
def test_an_operators_choice_must_be_free_and_well_formed(rules: MailRules, mail: str, rule: str) -> None:
    assert refusal(rules, person(MINH, mail=mail), in_agency(*LADDER), OPERATOR).rule == rule


def test_an_officer_may_not_choose_for_the_fourth(rules: MailRules) -> None:
    refused = refusal(rules, person(MINH, mail="minh4@cantho.gov.vn"), in_agency(*LADDER), OFFICER)

    assert refused.rule == "address-exhausted"


@pytest.mark.parametrize("asker", [OFFICER, OPERATOR])
@pytest.mark.parametrize(
    ("held", "mail", "rule", "article", "suggestion"),
    [
        ((), "minh@cantho.gov.vn", "address-form", "c", "nvminh"),
        ((), "nvanminh@cantho.gov.vn", "address-form", "c", "nvminh"),
        (("nvminh",), "nvminh@cantho.gov.vn", "address-taken", "đ", "nvanminh"),
        (("nvminh",), "NVMinh@CanTho.gov.vn", "address-taken", "đ", "nvanminh"),
        (("nvminh",), "minh@cantho.gov.vn", "address-form", "đ", "nvanminh"),
        (("nvminh", "nvanminh"), "nvanminh@cantho.gov.vn", "address-taken", "đ", "nguyenvanminh"),
    ],
)
def test_a_wrong_or_taken_address_is_answered_with_the_right_one(
    *,
    rules: MailRules,
    asker: Asker,
    held: tuple[str, ...],
    mail: str,
    rule: str,
    article: str,
    suggestion: str,
) -> None:
    refused = refusal(rules, person(MINH, mail=mail), in_agency(*held), asker)

    assert (refused.rule, refused.citation) == (rule, f"Điều 4 khoản 2 điểm {article}")
    assert refused.suggestion == f"{suggestion}@cantho.gov.vn"
    assert refused.suggestion in refused.diagnostic
    assert "Quyết định 33/2015/QĐ-UBND" in refused.diagnostic


def test_the_right_address_is_accepted_in_any_case(rules: MailRules) -> None:
    added = person(MINH, mail="NVMinh@cantho.gov.vn")

    rules.complete_add(added, in_agency(), OFFICER)

    assert added.texts("mail") == ("nvminh@cantho.gov.vn",)


def test_two_primary_addresses_are_refused(rules: MailRules) -> None:
    both = ("nvminh@cantho.gov.vn", "nvanminh@cantho.gov.vn")

    assert refusal(rules, person(MINH, mail=both), in_agency(), OFFICER).rule == "address-single"


def test_a_retired_address_counts_as_taken(rules: MailRules) -> None:
    class Retired(Around):
        def address_holder(self, address: str) -> str | None:
            return "retired" if address == "nvminh@cantho.gov.vn" else None

    added = person(MINH)
    rules.complete_add(added, Retired(above=in_agency().above), OFFICER)

    assert added.text("mail") == "nvanminh@cantho.gov.vn"


def test_a_uid_given_by_the_client_stays(rules: MailRules) -> None:
    added = person(MINH, uid="cb00123")

    rules.complete_add(added, in_agency(), OFFICER)

    assert (added.text("uid"), added.text("mail")) == ("cb00123", "nvminh@cantho.gov.vn")


def test_what_the_client_states_is_kept(rules: MailRules) -> None:
    added = person(MINH, displayName="Anh Minh", mailQuota="1000", gdMailboxKind="leader", sn="Nguyễn")

    rules.complete_add(added, in_agency(), OFFICER)

    assert (added.text("displayName"), added.text("mailQuota")) == ("Anh Minh", "1000")
    assert added.text("gdMailboxKind") == "leader"


def test_somebody_without_surname_has_sn_equal_to_cn(rules: MailRules) -> None:
    added = person("Y Krang")

    rules.complete_add(added, in_agency(), OFFICER)

    assert (added.text("sn"), added.text("givenName"), added.text("gdMiddleName")) == (
        "Y Krang",
        "Krang",
        "Y",
    )
    assert added.text("mail") == "ykrang@cantho.gov.vn"


def test_a_name_in_parts_makes_cn(rules: MailRules) -> None:
    added = entry(PERSON, sn="Nguyễn", gdMiddleName="Văn", givenName="Minh")

    rules.complete_add(added, in_agency(), OFFICER)

    assert (added.text("cn"), added.text("mail")) == (MINH, "nvminh@cantho.gov.vn")


@pytest.mark.parametrize("cn", ["Nguyễn Văn 2", "Nguyễn 😀", "Minh\x07", "N" * 300, "   "])
def test_what_is_no_name_is_refused_citing_the_form_of_addresses(rules: MailRules, cn: str) -> None:
    refused = refusal(rules, person(cn), in_agency(), OFFICER)

    assert (refused.rule, refused.citation) == ("name", "Điều 4 khoản 2 điểm c")


def test_nobody_without_a_name(rules: MailRules) -> None:
    assert refusal(rules, entry(PERSON), in_agency(), OFFICER).rule == "name"


def test_a_person_in_a_unit_is_shown_with_the_agency(rules: MailRules) -> None:
    unit = agency("vanphong", "Văn phòng", gdMailboxKind="unit")
    near = Around(above=(unit, agency("sonv", "Sở Nội vụ"), entry(ORGS, ou="orgs")))
    added = person(MINH)

    rules.complete_add(added, near, OFFICER)

    assert added.text("displayName") == "Nguyễn Văn Minh - Sở Nội vụ"


def test_a_person_outside_any_agency_is_shown_by_name(rules: MailRules) -> None:
    added = person(MINH)

    rules.complete_add(added, Around(), OFFICER)

    assert added.text("displayName") == MINH


def test_a_new_mailbox_whose_password_must_change_only_receives(rules: MailRules) -> None:
    added = person(MINH, pwdReset="TRUE")

    rules.complete_add(added, in_agency(), OFFICER)

    assert added.texts("enabledService") == ("mail", "deliver")


def test_services_named_by_hand_are_overruled(rules: MailRules) -> None:
    added = person(MINH, gdState="Suspended", accountStatus="active", enabledService="smtp")

    rules.complete_add(added, in_agency(), OFFICER)

    assert (added.text("gdState"), added.text("accountStatus")) == ("suspended", "noaccess")
    assert added.texts("enabledService") == ("mail", "deliver")


def test_an_unknown_state_is_refused_with_the_known_ones(rules: MailRules) -> None:
    refused = refusal(rules, person(MINH, gdState="asleep"), in_agency(), OFFICER)

    assert refused.rule == "state"
    assert "sendblocked" in refused.diagnostic


def test_an_agency_gets_its_label_and_endless_space(rules: MailRules) -> None:
    added = entry(BODY, ou="sonv", displayName="Sở Nội vụ")

    rules.complete_add(added, among_agencies(), OPERATOR)

    assert {name: added.text(name) for name in ("mail", "gdOrgCode", "mailQuota", "gdMailboxKind")} == {
        "mail": "sonv@cantho.gov.vn",
        "gdOrgCode": "sonv",
        "mailQuota": "0",
        "gdMailboxKind": "org",
    }


def test_an_agency_named_in_words_gets_a_derived_label(rules: MailRules) -> None:
    added = entry(BODY, ou="Sở Tư pháp")

    rules.complete_add(added, among_agencies("sotp"), OPERATOR)

    assert (added.text("mail"), added.text("gdOrgCode")) == ("sotuphap@cantho.gov.vn", "sotuphap")


def test_the_operators_department_gets_the_printed_alias_unless_taken(rules: MailRules) -> None:
    first, second = (entry(BODY, ou="sotttt", displayName="Sở Thông tin và Truyền thông") for _ in range(2))

    rules.complete_add(first, among_agencies(), OPERATOR)
    rules.complete_add(second, among_agencies("sottt"), OPERATOR)

    assert (first.text("mail"), first.text("mailLocalAddress")) == (
        "sotttt@cantho.gov.vn",
        "sottt@cantho.gov.vn",
    )
    assert second.texts("mailLocalAddress") == ()


def test_a_unit_is_named_after_its_agency(rules: MailRules) -> None:
    added = entry(BODY, ou="vanphong", displayName="Văn phòng")

    rules.complete_add(added, in_agency(label="sokhdt", name="Sở Kế hoạch và Đầu tư"), OFFICER)

    assert added.text("mail") == "vanphong.sokhdt@cantho.gov.vn"
    assert (added.text("gdOrgCode"), added.text("gdMailboxKind")) == ("vanphong", "unit")
    assert added.text("mailQuota") == str(10 * 1024**3)


def test_the_office_of_ninh_kieu_gets_its_published_address(rules: MailRules) -> None:
    added = entry(BODY, ou="vanphong", displayName="Văn phòng")

    rules.complete_add(added, in_agency(label="ninhkieu", name="UBND quận Ninh Kiều"), OFFICER)

    assert added.text("mail") == "vpubndninhkieu@cantho.gov.vn"


def test_a_unit_may_be_named_freely_by_an_operator_only(rules: MailRules) -> None:
    added, again = (entry(BODY, ou="vanphong", mail="vanthu.skhdt@cantho.gov.vn") for _ in range(2))

    rules.complete_add(added, in_agency(label="sokhdt"), OPERATOR)
    refused = refusal(rules, again, in_agency(label="sokhdt"), OFFICER)

    assert added.text("mail") == "vanthu.skhdt@cantho.gov.vn"
    assert (refused.rule, refused.suggestion) == ("address-form", "vanphong.sokhdt@cantho.gov.vn")


def test_gd_org_kind_tells_a_district_too(rules: MailRules) -> None:
    added = entry(BODY, ou="Ninh Kiều", displayName="UBND quận Ninh Kiều", gdOrgKind="district")

    rules.complete_add(added, among_agencies(), OPERATOR)

    assert (added.text("mail"), added.text("gdMailboxKind")) == ("ninhkieu@cantho.gov.vn", "district")


def test_a_list_may_have_any_free_name_and_has_no_state(rules: MailRules) -> None:
    added = entry(LIST, cn="canbo.sonv", mail="moinguoi.sonv@cantho.gov.vn")

    rules.complete_add(added, in_agency(), OFFICER)

    assert (added.text("mail"), added.text("gdState")) == ("moinguoi.sonv@cantho.gov.vn", None)
    assert added.texts("enabledService") == ("mail", "deliver")


def test_a_list_is_else_named_after_its_cn(rules: MailRules) -> None:
    added = entry(LIST, cn="Cán bộ Sở Nội vụ")

    rules.complete_add(added, among_agencies(), OPERATOR)

    assert added.text("mail") == "canbosonoivu@cantho.gov.vn"


def test_an_organisation_without_mailbox_gets_its_label_only(rules: MailRules) -> None:
    added = entry(("top", "organizationalUnit", "gdOrganization"), ou="Sở Tư pháp")

    rules.complete_add(added, among_agencies(), OPERATOR)

    assert (added.text("gdOrgCode"), added.text("mail"), added.text("gdState")) == ("sotp", None, None)


def test_a_role_mailbox_needs_an_address_that_a_human_names(rules: MailRules) -> None:
    classes = ("top", "applicationProcess", "gdMailbox")
    named = entry(classes, cn="one-stop desk", mail="motcua@cantho.gov.vn")

    rules.complete_add(named, among_agencies(), OPERATOR)
    refused = refusal(rules, entry(classes, cn="one-stop desk"), among_agencies(), OPERATOR)

    assert (named.text("gdMailboxKind"), named.text("accountStatus")) == ("role", "active")
    assert refused.rule == "address-needed"


@pytest.mark.parametrize(
    ("alias", "rule"),
    [
        ("minh@cantho.gov.vn", None),
        ("taken@cantho.gov.vn", "address-taken"),
        ("minh@gmail.com", "address-domain"),
        ("abuse@cantho.gov.vn", "address-reserved"),
    ],
)
def test_aliases_must_be_free_and_of_the_system(rules: MailRules, alias: str, rule: str | None) -> None:
    added = person(MINH, mailLocalAddress=alias)

    if rule is None:
        rules.complete_add(added, in_agency(), OPERATOR)
        assert added.texts("mailLocalAddress") == (alias,)
    else:
        assert refusal(rules, added, in_agency("taken"), OFFICER).rule == rule


@pytest.mark.parametrize(
    "wanted",
    [
        person(MINH, mailLocalAddress="giamdoc.soyt@cantho.gov.vn"),
        person(MINH, mailLocalAddress="chutich@cantho.gov.vn"),
        entry(("top", "applicationProcess", "gdMailbox"), cn="x", mail="chutich@cantho.gov.vn"),
        entry(LIST, cn="chutich"),
        entry(LIST, cn="chutich", mail="xsonv@cantho.gov.vn"),
    ],
)
def test_an_agency_names_no_addresses_beyond_its_own(rules: MailRules, wanted: Attributes) -> None:
    assert refusal(rules, wanted.copy(), in_agency(), OFFICER).rule == "address-operator"
    rules.complete_add(wanted.copy(), in_agency(), OPERATOR)


@pytest.mark.parametrize(
    ("attribute", "value", "rule"),
    [
        ("mailQuota", "5368709120", None),
        ("mailQuota", "1", None),
        ("mailQuota", "5368709121", "quota"),
        ("mailQuota", "0", "quota"),
        ("mailQuota", "-1", "size"),
        ("mailQuota", "9" * 40, "size"),
        ("maxMessageSize", "0", None),
        ("maxMessageSize", "-1", "size"),
    ],
)
def test_a_mailbox_gets_no_more_than_the_regulation_gives(
    rules: MailRules, attribute: str, value: str, rule: str | None
) -> None:
    added = person(MINH, **{attribute: value})

    if rule is None:
        rules.complete_add(added, in_agency(), OPERATOR)
        assert added.text(attribute) == value
    else:
        refused = refusal(rules, added, in_agency(), OPERATOR)
        assert (refused.rule, refused.citation) == (rule, "Điều 4 khoản 1 điểm c")


def test_a_kind_of_body_that_is_none_is_refused(rules: MailRules) -> None:
    added = entry(BODY, ou="x", displayName="Sở X", gdOrgKind="ministry")
    assert refusal(rules, added, among_agencies(), OPERATOR).rule == "kind"


def test_a_kind_the_entry_cannot_be_is_refused(rules: MailRules) -> None:
    assert refusal(rules, person(MINH, gdMailboxKind="org"), in_agency(), OFFICER).rule == "kind"


@pytest.mark.parametrize("classes", [ORGS, ("top", "person", "inetOrgPerson"), ("top", "gdMailPolicy")])
def test_other_entries_are_left_alone(rules: MailRules, classes: tuple[str, ...]) -> None:
    added = entry(classes, cn="x")

    rules.complete_add(added, Around(), OFFICER)

    assert added.as_messages() == entry(classes, cn="x").as_messages()


@pytest.mark.parametrize(
    ("check", "mail", "rule"),
    [
        (AddressCheck.LADDER, "nguyenvanminh@cantho.gov.vn", None),
        (AddressCheck.LADDER, "minh@cantho.gov.vn", "address-form"),
        (AddressCheck.LADDER, "nvminh@cantho.gov.vn", "address-taken"),
        (AddressCheck.KEEP, "minh@cantho.gov.vn", None),
        (AddressCheck.KEEP, "nvminh@cantho.gov.vn", "address-taken"),
        (AddressCheck.KEEP, "minh@gmail.com", "address-domain"),
        (AddressCheck.KEEP, "minh..@cantho.gov.vn", "address-malformed"),
    ],
)
def test_existing_directories_are_taken_over_as_they_are(
    pack: Pack, check: AddressCheck, mail: str, rule: str | None
) -> None:
    rules, added = MailRules(pack, address_check=check), person(MINH, mail=mail)

    if rule is None:
        rules.complete_add(added, in_agency("nvminh"), OPERATOR)
        assert added.text("mail") == mail
    else:
        assert refusal(rules, added, in_agency("nvminh"), OPERATOR).rule == rule


def test_refusals_speak_english_on_request_and_keep_the_article(pack: Pack) -> None:
    rules = MailRules(pack, Language.ENGLISH)

    refused = refusal(rules, person(MINH, mail="minh@cantho.gov.vn"), in_agency(), OFFICER)

    assert "The right address is nvminh@cantho.gov.vn" in refused.diagnostic
    assert "Điều 4 khoản 2 điểm c" in refused.diagnostic


def test_uid_asked_for_by_an_asterisk_is_given(rules: MailRules) -> None:
    added = person(MINH, uid="*")

    rules.complete_add(added, in_agency(), OFFICER)

    assert added.texts("uid") == ("nvminh",)


@pytest.mark.parametrize(
    ("status", "state"),
    [("active", "active"), ("noaccess", "suspended"), ("Disabled", "revoked"), ("deleted", "deleted")],
)
def test_what_another_directory_closed_stays_closed(rules: MailRules, status: str, state: str) -> None:
    added = person(MINH, accountStatus=status)

    rules.complete_add(added, in_agency(), OFFICER)

    assert (added.text("gdState"), added.text("accountStatus")) == (state, status.lower())


def test_kept_addresses_may_belong_to_names_nobody_can_read(pack: Pack) -> None:
    rules, added = (
        MailRules(pack, address_check=AddressCheck.KEEP),
        person("Kiosk 2", mail="kiosk2@cantho.gov.vn"),
    )

    rules.complete_add(added, in_agency(), OPERATOR)

    assert (added.text("sn"), added.text("gdNameKey")) == ("Kiosk 2", "kiosk 2")
    assert (added.text("uid"), added.text("mail")) == ("kiosk2", "kiosk2@cantho.gov.vn")


def test_kept_agencies_and_units_get_their_labels_too(pack: Pack) -> None:
    rules = MailRules(pack, address_check=AddressCheck.KEEP)
    office, unit = (
        entry(BODY, ou="STP", mail="tuphap@cantho.gov.vn"),
        entry(BODY, ou="vt", mail="vt1@cantho.gov.vn"),
    )

    rules.complete_add(office, among_agencies(), OPERATOR)
    rules.complete_add(unit, in_agency(), OPERATOR)

    assert (office.text("gdOrgCode"), unit.text("gdOrgCode")) == ("tuphap", "vt")


def test_a_body_of_another_kind_is_placed_by_where_it_stands(rules: MailRules) -> None:
    added = entry(BODY, ou="sonv", gdOrgKind="other")

    rules.complete_add(added, among_agencies(), OPERATOR)

    assert added.text("gdMailboxKind") == "org"


def test_a_unit_whose_agency_has_no_label_cites_the_form_of_units(rules: MailRules) -> None:
    refused = refusal(rules, entry(BODY, ou="vanphong", gdMailboxKind="unit"), among_agencies(), OPERATOR)

    assert (refused.rule, refused.citation) == ("parent-needed", "Điều 4 khoản 2 điểm b")
