"""What bodies register: labels and mail domains that are nobody else's, and the days they exist."""

from __future__ import annotations

import pytest

from govdir.directory.errors import RuleViolation
from govdir.mailattrs.addresses import propose_address
from govdir.mailattrs.ladder import PlaceUnsuitable
from govdir.mailattrs.rules import MailRules
from govdir.mailattrs.settlement import AddressCheck
from govdir.policy.load import load_province
from govdir.policy.model import MailboxKind
from tests.mailattrs.entries import BODY, OFFICER, OPERATOR, Around, agency, entry, person
from tests.mailattrs.small_province import SmallProvince

INFORMATION = (("agency", "Sở Thông tin và Truyền thông"),)
CU_JUT = (("district", "UBND huyện Cư Jút"),)


def test_a_body_gets_its_own_mail_domain_where_the_regulation_gives_one() -> None:
    here = SmallProvince("daklak")

    assert here.body(*INFORMATION[0]).text("associatedDomain") == "tttt.daklak.gov.vn"
    assert here.body("agency", "Sở Nội vụ").text("associatedDomain") == "snv.daklak.gov.vn"
    district = (("district", "UBND huyện Cư M'gar"),)
    commune = here.body("commune", "UBND thị trấn Quảng Phú", district)
    assert commune.text("associatedDomain") == "quangphu.cumgar.daklak.gov.vn"


@pytest.mark.parametrize("province", ["cantho", "vinhphuc", "daknong", "binhphuoc"])
def test_where_it_gives_none_there_is_none(province: str) -> None:
    assert SmallProvince(province).body(*INFORMATION[0]).text("associatedDomain") is None


def test_no_two_bodies_share_a_mail_domain() -> None:
    here = SmallProvince("daklak")
    here.body(*INFORMATION[0])

    with pytest.raises(RuleViolation) as refused:
        here.body("agency", "Trung tâm Tin học", associatedDomain="tttt.daklak.gov.vn")

    assert refused.value.rule == "domain-taken"
    assert "Sở Thông tin và Truyền thông" in refused.value.diagnostic
    assert "associatedDomain" in refused.value.diagnostic


def test_no_two_agencies_share_a_label_whatever_their_addresses() -> None:
    here = SmallProvince("binhphuoc")
    here.body(*INFORMATION[0])

    with pytest.raises(RuleViolation) as refused:
        here.body("agency", "stttt=Trung tâm Truyền thông", mail="trungtamtt@binhphuoc.gov.vn")

    assert refused.value.rule == "label-taken"
    assert "gdOrgCode" in refused.value.diagnostic


def test_a_label_whose_address_is_kept_is_not_given_to_another_body() -> None:
    here = SmallProvince("binhphuoc")
    here.around.held.add("stttt@binhphuoc.gov.vn")

    with pytest.raises(RuleViolation) as refused:
        here.body("agency", "stttt=Sở Thể thao", mail="sothethao@binhphuoc.gov.vn")

    assert refused.value.rule == "label-taken"


def test_a_unit_may_have_the_label_of_another_agencys_unit() -> None:
    here = SmallProvince("daknong")

    first = here.body("unit", "Phòng Nội vụ", CU_JUT)
    second = here.body("unit", "Phòng Nội vụ", (("district", "UBND huyện Đắk Mil"),))

    assert first.text("gdOrgCode") == second.text("gdOrgCode") == "pnv"
    assert second.text("mail") == "pnv.dakmil@daknong.gov.vn"


@pytest.mark.parametrize(
    ("province", "district", "commune", "label"),
    [
        ("daknong", "UBND huyện Cư Jút", "UBND xã Đắk Wil", "dakwil"),
        ("binhphuoc", "UBND huyện Bù Đăng", "UBND xã Minh Hưng", "xmh"),
        ("daklak", "UBND huyện Cư M'gar", "UBND thị trấn Quảng Phú", "quangphu"),
    ],
)
def test_a_communes_label_is_its_own_part_of_the_address(
    province: str, district: str, commune: str, label: str
) -> None:
    made = SmallProvince(province).body("commune", commune, (("district", district),))

    assert made.text("gdOrgCode") == label


@pytest.mark.parametrize("province", ["daklak", "daknong", "binhphuoc"])
@pytest.mark.parametrize("above", [(("agency", "Sở Thông tin và Truyền thông"),), ()])
def test_a_commune_whose_address_names_its_district_stands_below_one(
    province: str, above: tuple[tuple[str, str], ...]
) -> None:
    with pytest.raises(RuleViolation) as refused:
        SmallProvince(province).body("commune", "UBND xã Minh Hưng", above)

    assert refused.value.rule == ("place" if above else "parent-needed")
    assert "UBND xã" in str(refused.value.diagnostic)


def test_the_refusal_says_where_a_commune_should_stand_and_where_it_does() -> None:
    with pytest.raises(PlaceUnsuitable) as refused:
        propose_address(
            load_province("binhphuoc"),
            MailboxKind.COMMUNE,
            "UBND xã Minh Hưng",
            "stttt",
            parent_kind=MailboxKind.AGENCY,
        )

    assert "UBND huyện, thị xã, thành phố" in refused.value.why.vi
    assert "must be: district; here it is: agency" in refused.value.why.en


def test_where_its_address_does_not_name_the_district_a_commune_may_stand_anywhere() -> None:
    made = SmallProvince("cantho").body("commune", "UBND xã Nhơn Ái")

    assert made.text("mail") == "nhonai@cantho.gov.vn"


def test_a_unit_that_got_the_second_form_has_the_label_of_that_form() -> None:
    here = SmallProvince("binhphuoc")
    district = (("district", "UBND thành phố Đồng Xoài"),)
    here.person("Nguyễn Văn Phong", district)

    assert here.body("unit", "Phòng Nội vụ", district).text("gdOrgCode") == "pnv"


@pytest.mark.parametrize(
    ("dates", "allowed"),
    [
        ({}, True),
        ({"gdValidFrom": "20260301000000Z"}, True),
        ({"gdValidFrom": "20260303000000Z"}, False),
        ({"gdValidTo": "20260303000000Z"}, True),
        ({"gdValidTo": "20260301000000Z"}, False),
        ({"gdValidTo": "20260302080000Z"}, False),
    ],
)
def test_a_body_takes_new_mailboxes_only_while_it_exists(
    rules: MailRules, dates: dict[str, str], allowed: bool
) -> None:
    near = Around(above=(agency("sonv", "Sở Nội vụ", **dates),))

    if allowed:
        rules.complete_add(person("Nguyễn Văn Minh"), near, OFFICER)
    else:
        with pytest.raises(RuleViolation) as refused:
            rules.complete_add(person("Nguyễn Văn Minh"), near, OPERATOR)
        assert refused.value.rule == "body-validity"
        assert "Sở Nội vụ" in refused.value.diagnostic


def test_the_refusal_names_what_came_after_the_body(rules: MailRules) -> None:
    successor = "ou=sotc,ou=orgs,dc=cantho,dc=gov,dc=vn"
    ended = agency("sokhdt", "Sở KH&ĐT", gdValidTo="20250701000000Z", gdSuccessor=successor)
    near = Around(above=(ended,), others={successor: agency("sotc", "Sở Tài chính")})

    with pytest.raises(RuleViolation) as refused:
        rules.complete_add(person("Nguyễn Văn Minh"), near, OPERATOR)

    assert "Sở Tài chính" in refused.value.diagnostic
    assert "01/07/2025" in refused.value.diagnostic


def test_an_existing_directory_is_taken_over_with_the_people_of_bodies_that_ended() -> None:
    here = SmallProvince("cantho")
    rules = MailRules(here.pack, address_check=AddressCheck.KEEP)
    near = Around(above=(agency("sonv", "Sở Nội vụ", gdValidTo="20250701000000Z"),))
    kept = person("Nguyễn Văn Minh", mail="nvminh@cantho.gov.vn")

    rules.complete_add(kept, near, OPERATOR)

    assert kept.text("uid") == "nvminh"


def test_a_body_does_not_end_before_it_begins(rules: MailRules) -> None:
    added = entry(
        BODY, ou="x", displayName="Sở X", gdValidFrom="20260101000000Z", gdValidTo="20250101000000Z"
    )

    with pytest.raises(RuleViolation) as refused:
        rules.complete_add(added, Around(), OPERATOR)

    assert refused.value.rule == "body-validity"


def test_a_changed_label_is_judged_as_a_new_one_is(rules: MailRules) -> None:
    first, second = agency("sonv", "Sở Nội vụ"), agency("sotp", "Sở Tư pháp")
    after = second.copy()
    after.replace("gdOrgCode", ("sonv",))

    with pytest.raises(RuleViolation) as refused:
        rules.complete_modify(second, after, Around(neighbours=[first]), OPERATOR)

    assert refused.value.rule == "label-taken"


def test_an_agency_in_a_domain_of_its_own_names_addresses_there() -> None:
    here = SmallProvince("daklak")

    given = here.person(
        "Trần Văn Nam", INFORMATION, by=OFFICER, mailLocalAddress="giamdoc@tttt.daklak.gov.vn"
    )
    with pytest.raises(RuleViolation) as refused:
        here.person("Trần Văn An", INFORMATION, by=OFFICER, mailLocalAddress="chutich@daklak.gov.vn")

    assert given == "namtv@tttt.daklak.gov.vn"
    assert refused.value.rule == "address-operator"


def test_a_commune_names_nothing_after_another_districts_commune_of_its_name() -> None:
    here = SmallProvince("daknong")
    commune = (*CU_JUT, ("commune", "UBND xã Nam Dong"))

    with pytest.raises(RuleViolation) as refused:
        here.person("Trần Văn Nam", commune, by=OFFICER, mailLocalAddress="vt.namdong@daknong.gov.vn")
    here.person("Trần Văn Nam", commune, by=OFFICER, mailLocalAddress="vt.namdong.cujut@daknong.gov.vn")

    assert refused.value.rule == "address-operator"
