"""Whose staff a list reaches, who controls it and who may send: the rules on one entry."""

from __future__ import annotations

import pytest

from govdir.directory.entry import Attributes
from govdir.mailattrs.lists import staff_url
from govdir.mailattrs.rules import MailRules
from govdir.policy.load import load_province
from govdir.policy.texts import Language
from tests.mailattrs.entries import (
    LIST,
    OFFICER,
    OPERATOR,
    ORGS,
    SUFFIX,
    Around,
    Asker,
    agency,
    changed,
    entry,
    person,
    refused,
)

SONV, SOTTTT = (f"ou={label},ou=orgs,{SUFFIX}" for label in ("sonv", "sotttt"))
LAN, HUY = (f"uid={uid},{SONV}" for uid in ("lan", "huy"))
TOP = entry(("top", "organization"), o="x")
CONTAINER = entry(ORGS, ou="lists")
ORGS_ENTRY = entry(ORGS, ou="orgs")
PROVINCE_STAFF = f"ldap:///ou=orgs,{SUFFIX}?mail?sub?(&(objectClass=gdPerson)(enabledService=deliver))"


def directory(*above: Attributes, domain: str = "cantho.gov.vn") -> Around:
    """A list's surroundings; the agencies and two people can be named."""
    others = {
        SONV: agency("sonv", "Sở Nội vụ", mail=f"sonv@{domain}"),
        SOTTTT: agency("sotttt", "Sở Thông tin và Truyền thông", mail=f"sotttt@{domain}"),
        f"ou=orgs,{SUFFIX}": ORGS_ENTRY,
        SUFFIX: TOP,
        LAN: person("Trần Thị Lan", mail=f"ttlan@{domain}"),
        HUY: person("Lê Quang Huy", mail=f"lqhuy@{domain}", gdState="active"),
    }
    return Around(above=(*above, TOP), others=others)


def in_lists() -> Around:
    return directory(CONTAINER)


def below_sonv() -> Around:
    return directory(agency("sonv", "Sở Nội vụ"), ORGS_ENTRY)


def mail_list(
    rules: MailRules, near: Around, asker: Asker = OPERATOR, **attributes: str | tuple[str, ...]
) -> Attributes:
    """A list as an add left it."""
    added = entry(LIST, **({"cn": "canbo.sonv", "mail": "canbo.sonv@cantho.gov.vn"} | attributes))
    rules.complete_add(added, near, asker)
    near.held |= set(added.texts("mail"))
    return added


# -- whose list, and its address


@pytest.mark.parametrize(
    ("owner", "address", "base"),
    [
        ((), "internal", f"ou=orgs,{SUFFIX}"),
        (SONV, "internal.sonv", SONV),
        ((LAN, SONV), "internal.sonv", SONV),
    ],
)
def test_in_dak_nong_a_list_is_the_provinces_or_that_of_its_owner(
    owner: str | tuple[str, ...], address: str, base: str
) -> None:
    rules, near = MailRules(load_province("daknong")), directory(CONTAINER, domain="daknong.gov.vn")
    added = entry(LIST, cn="tatca", owner=owner)

    rules.complete_add(added, near, OPERATOR)

    assert added.text("mail") == f"{address}@daknong.gov.vn"
    assert added.texts("memberURL") == (staff_url(base),)


def test_in_dak_nong_a_list_below_a_body_is_that_bodys() -> None:
    rules = MailRules(load_province("daknong"))
    near = directory(agency("sonv", "Sở Nội vụ", mail="sonv@daknong.gov.vn"), ORGS_ENTRY)
    added = entry(LIST, cn="tatca")

    rules.complete_add(added, near, OPERATOR)

    assert (added.text("mail"), added.text("memberURL")) == ("internal.sonv@daknong.gov.vn", staff_url(SONV))


def test_in_can_tho_an_agency_names_its_list_itself(rules: MailRules) -> None:
    added = mail_list(rules, below_sonv(), OFFICER, mail="toanthe.sonv@cantho.gov.vn")

    assert added.text("mail") == "toanthe.sonv@cantho.gov.vn"


@pytest.mark.parametrize("province", ["daklak", "vinhphuc", "binhphuoc"])
def test_where_the_text_knows_no_lists_an_operator_names_them(province: str) -> None:
    pack = load_province(province)
    near = directory(CONTAINER, domain=pack.domain)
    added = entry(LIST, cn="canbo", owner=SONV, mail=f"canbo.sonv@{pack.domain}")

    MailRules(pack).complete_add(added, near, OPERATOR)

    assert added.text("memberURL") == staff_url(SONV)
    unnamed = entry(LIST, cn="khac", owner=SONV)
    assert "mail" in refused(lambda: MailRules(pack).complete_add(unnamed.copy(), near, OPERATOR)).diagnostic
    assert refused(lambda: MailRules(pack).complete_add(unnamed, near, OFFICER)).rule == "delegation"


# -- members


def test_the_provinces_list_reaches_everybody_whose_mailbox_takes_mail(rules: MailRules) -> None:
    added = mail_list(rules, in_lists())

    assert added.texts("memberURL") == (PROVINCE_STAFF,)


def test_a_list_of_named_members_reaches_nobody_else(rules: MailRules) -> None:
    added = mail_list(rules, in_lists(), member=(LAN, HUY))

    assert "memberURL" not in added
    assert "memberURL" not in changed(rules, added, in_lists(), member=())


def test_a_search_taken_away_comes_back_unless_members_are_named(rules: MailRules) -> None:
    near = in_lists()
    before = mail_list(rules, near, owner=SONV)

    assert changed(rules, before, near, memberURL=()).text("memberURL") == staff_url(SONV)
    assert "memberURL" not in changed(rules, before, near, memberURL=(), member=LAN)


@pytest.mark.parametrize("first", [(), SONV])
def test_the_members_follow_a_new_owner(rules: MailRules, first: str | tuple[str, ...]) -> None:
    near = in_lists()
    before = mail_list(rules, near, owner=first)

    assert changed(rules, before, near, owner=SOTTTT).texts("memberURL") == (staff_url(SOTTTT),)


def test_the_members_follow_a_list_that_moves_to_another_body(rules: MailRules) -> None:
    before = mail_list(rules, below_sonv())
    elsewhere = directory(agency("sotttt", "Sở Thông tin và Truyền thông"), ORGS_ENTRY)

    assert changed(rules, before, elsewhere, cn="canbo").text("memberURL") == staff_url(SOTTTT)


def test_a_search_somebody_wrote_stays(rules: MailRules) -> None:
    near = in_lists()
    written = f"ldap:///{SONV}?mail?one?(&(title=Chuyên viên)(enabledService=deliver))".replace(
        "Chuyên viên", "Chuy%C3%AAn%20vi%C3%AAn"
    )
    before = mail_list(rules, near, owner=SONV, memberURL=written)

    assert changed(rules, before, near, owner=SOTTTT).texts("memberURL") == (written,)


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("mailto:lan@cantho.gov.vn", "RFC 4516"),
        (f"ldap:///{SONV}?mail?sub?((objectClass=gdPerson)", "RFC 4516"),
        (f"ldap://ldap.example/{SONV}?mail?sub?(objectClass=gdPerson)", "ldap.example"),
        (f"ldap:///{SONV}?uid?sub?(objectClass=gdPerson)", "mail"),
        (f"ldap:///{SONV}??sub?(objectClass=gdPerson)", "mail"),
        (f"ldap:///{SONV}?mail??(objectClass=gdPerson)", "sub"),
        (f"ldap:///{SONV}?mail?sub", "(enabledService=deliver)"),
        (f"ldap:///{SONV}?mail?sub?(&(objectClass=gdPerson)(!(chucvu=x)))", "chucvu"),
        (f"ldap:///{SONV}?mail?sub?(objectClass=gdPerson)?!x-la", "x-la"),
        (f"ldap:///ou=khongco,{SUFFIX}?mail?sub?(objectClass=gdPerson)", "khongco"),
        ("ldap:///dc=vn?mail?sub?(objectClass=gdPerson)", "dc=vn"),
        ("ldap:///?mail?sub?(objectClass=gdPerson)", "không có mục"),
    ],
)
def test_a_search_no_mail_server_could_make_is_refused(rules: MailRules, url: str, word: str) -> None:
    near = in_lists()
    before = mail_list(rules, near, owner=SONV)

    violations = (
        refused(lambda: changed(rules, before, near, memberURL=url)),
        refused(lambda: mail_list(rules, in_lists(), memberURL=url)),
    )

    assert {violation.rule for violation in violations} == {"list-members"}
    assert word in violations[0].diagnostic
    assert violations[0].diagnostic == violations[1].diagnostic


def test_an_agency_takes_nobody_from_outside_onto_its_list(rules: MailRules) -> None:
    near = below_sonv()
    before = mail_list(rules, near, OFFICER)
    everybody = PROVINCE_STAFF

    violation = refused(lambda: changed(rules, before, near, OFFICER, memberURL=everybody))

    assert violation.rule == "list-members"
    assert changed(rules, before, near, OPERATOR, memberURL=everybody).text("memberURL") == everybody


# -- who controls it


@pytest.mark.parametrize("owners", [SOTTTT, (SOTTTT, LAN)])
def test_an_agency_makes_its_list_no_other_agencys(rules: MailRules, owners: str | tuple[str, ...]) -> None:
    """It would reach that agency's staff, in whose name its own people could then write."""
    near = below_sonv()
    before = mail_list(rules, near, OFFICER, owner=SONV)

    assert refused(lambda: changed(rules, before, near, OFFICER, owner=owners)).rule == "list-owner"
    assert changed(rules, before, near, OFFICER, owner=(SONV, LAN)).texts("owner") == (SONV, LAN)
    assert changed(rules, before, near, OPERATOR, owner=SOTTTT).text("memberURL") == staff_url(SOTTTT)


def test_a_list_is_controlled_by_its_owners_addresses(rules: MailRules) -> None:
    near = in_lists()
    added = mail_list(rules, near, owner=(SONV, LAN))

    assert (added.text("gdSenderPolicy"), added.texts("rfc822sender")) == (
        "owners",
        ("sonv@cantho.gov.vn", "ttlan@cantho.gov.vn"),
    )
    assert changed(rules, added, near, owner=(SONV, HUY)).texts("rfc822sender") == (
        "sonv@cantho.gov.vn",
        "lqhuy@cantho.gov.vn",
    )


@pytest.mark.parametrize("province", ["cantho", "daklak", "vinhphuc", "daknong", "binhphuoc"])
def test_every_province_lets_the_owners_send_unless_the_list_says_otherwise(province: str) -> None:
    pack = load_province(province)
    near = directory(CONTAINER, domain=pack.domain)
    added = entry(LIST, cn="tatca", owner=SONV, mail=f"internal.sonv@{pack.domain}")

    MailRules(pack).complete_add(added, near, OPERATOR)

    assert added.text("gdSenderPolicy") == pack.lists.sender_policy
    assert added.texts("rfc822sender") == (f"sonv@{pack.domain}",)


def test_can_tho_authorises_one_person_besides_the_agency(rules: MailRules) -> None:
    near = in_lists()
    before = mail_list(rules, near, owner=(SONV, LAN))

    violation = refused(lambda: changed(rules, before, near, owner=(SONV, LAN, HUY)))

    assert (violation.rule, violation.citation) == ("list-owner", "Điều 11 khoản 5")
    assert mail_list(rules, in_lists(), owner=(LAN, HUY)).texts("owner") == (LAN, HUY)


def test_a_list_has_no_owner_who_is_not_there_or_left(rules: MailRules) -> None:
    near = in_lists()
    near.others[HUY] = person("Lê Quang Huy", gdState="revoked")

    for owner in (HUY, f"uid=khongco,{SUFFIX}"):
        assert refused(lambda owner=owner: mail_list(rules, near, owner=owner)).rule == "list-owner"


@pytest.mark.parametrize("policy", ["listed", "members", "org", "any"])
def test_an_agency_opens_no_list_wider_than_the_rule(rules: MailRules, policy: str) -> None:
    near = below_sonv()
    before = mail_list(rules, near, OFFICER)

    later = refused(lambda: changed(rules, before, near, OFFICER, gdSenderPolicy=policy))
    at_once = refused(lambda: mail_list(rules, below_sonv(), OFFICER, gdSenderPolicy=policy))

    assert (later.rule, later.citation) == ("list-policy", "Điều 11 khoản 5")
    assert later.diagnostic == at_once.diagnostic
    opened = changed(rules, before, near, OPERATOR, gdSenderPolicy=policy.upper())
    assert opened.text("gdSenderPolicy") == policy
    assert changed(rules, opened, near, OFFICER, displayName="Toàn thể").text("gdSenderPolicy") == policy


def test_an_unknown_policy_is_answered_with_those_there_are(rules: MailRules) -> None:
    violation = refused(lambda: mail_list(rules, in_lists(), gdSenderPolicy="everybody"))

    assert "owners, listed, members, org, any" in violation.diagnostic


def test_a_policy_taken_away_is_the_regulations_again(rules: MailRules) -> None:
    near = in_lists()
    before = mail_list(rules, near, owner=SONV, gdSenderPolicy="any")

    after = changed(rules, before, near, gdSenderPolicy=())

    assert (after.text("gdSenderPolicy"), after.text("rfc822sender")) == ("owners", "sonv@cantho.gov.vn")


def test_senders_that_follow_from_the_owners_are_not_written(rules: MailRules) -> None:
    near = in_lists()
    before = mail_list(rules, near, owner=SONV)

    violation = refused(lambda: changed(rules, before, near, rfc822sender="ttlan@cantho.gov.vn"))

    assert (violation.rule, "listed" in violation.diagnostic) == ("list-senders", True)


def test_listed_senders_begin_with_the_owners_and_are_checked(rules: MailRules) -> None:
    near = in_lists()
    before = changed(rules, mail_list(rules, near, owner=SONV), near, gdSenderPolicy="listed")

    both = ("sonv@cantho.gov.vn", "thongbao@chinhphu.vn")

    assert before.texts("rfc822sender") == ("sonv@cantho.gov.vn",)
    assert changed(rules, before, near, rfc822sender=both).texts("rfc822sender") == both
    assert refused(lambda: changed(rules, before, near, rfc822sender="lan")).rule == "list-senders"


def test_a_list_open_to_all_names_no_senders(rules: MailRules) -> None:
    near = in_lists()
    before = mail_list(rules, near, owner=SONV)

    assert "rfc822sender" not in changed(rules, before, near, gdSenderPolicy="any")


def test_refusals_are_said_in_english_too() -> None:
    rules = MailRules(load_province("cantho"), Language.ENGLISH)

    assert "There is no gdSenderPolicy" in (
        refused(lambda: mail_list(rules, in_lists(), gdSenderPolicy="x")).diagnostic
    )
