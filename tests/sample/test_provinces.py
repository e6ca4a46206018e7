"""The samples of all provinces: their bodies when the regulation came, nobody and no address twice."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from msgspec.structs import replace

from govdir.mailattrs import names
from govdir.policy.kinds import MailboxKind
from govdir.policy.load import load_province as load_pack
from govdir.sample.bodies import Body, LabelNeeded, find_body, lay_out
from govdir.sample.content import SampleEntry
from govdir.sample.generate import generate
from govdir.sample.names import PersonName, UnknownPeople, draw_names
from govdir.sample.province import Agency, load_province, provinces

ALL = provinces()
LARGEST_SAMPLE = 40_000


def bodies_of(province: str) -> tuple[Body, ...]:
    return lay_out(load_province(province), load_pack(province))


def people_of(entries: list[SampleEntry]) -> Iterator[SampleEntry]:
    return (entry for entry in entries if "inetOrgPerson" in entry.values("objectClass"))


def body(province: str, *place: str) -> Body:
    return find_body(bodies_of(province), place)


@pytest.fixture(scope="module", params=ALL)
def entries(request: pytest.FixtureRequest) -> list[SampleEntry]:
    return list(generate(request.param, people=3000, seed=3))


@pytest.mark.parametrize(
    ("province", "districts", "communes"),
    [
        ("binhphuoc", 11, 111),
        ("cantho", 9, 85),
        ("daklak", 15, 184),
        ("daknong", 8, 71),
        ("vinhphuc", 9, 137),
    ],
)
def test_each_province_has_its_districts_and_communes_of_that_year(
    province: str, districts: int, communes: int
) -> None:
    kinds = Counter(each.kind for each in bodies_of(province))

    assert kinds[MailboxKind.DISTRICT] == districts
    assert kinds[MailboxKind.COMMUNE] == communes


@pytest.mark.parametrize("province", ALL)
def test_no_body_has_a_name_in_the_tree_or_an_address_twice(province: str) -> None:
    bodies = bodies_of(province)
    addresses = [each.address for each in bodies if each.address]

    assert len({each.dn for each in bodies}) == len(bodies)
    assert len(set(addresses)) == len(addresses)


@pytest.mark.parametrize(
    ("province", "place", "address"),
    [
        ("daklak", ("Sở Thông tin và Truyền thông",), "sttt@daklak.gov.vn"),
        (
            "daklak",
            ("Sở Thông tin và Truyền thông", "Phòng Công nghệ thông tin"),
            "phongcntt@tttt.daklak.gov.vn",
        ),
        ("daklak", ("UBND thành phố Buôn Ma Thuột",), "buonmathuot@daklak.gov.vn"),
        (
            "daklak",
            ("UBND thành phố Buôn Ma Thuột", "UBND phường Thành Nhất"),
            "thanhnhat@buonmathuot.daklak.gov.vn",
        ),
        ("daklak", ("UBND huyện Cư M'gar", "UBND thị trấn Quảng Phú"), "quangphu@cumgar.daklak.gov.vn"),
        (
            "vinhphuc",
            ("Sở Thông tin và Truyền thông", "Trung tâm Hạ tầng thông tin"),
            "tthttt@vinhphuc.gov.vn",
        ),
        ("vinhphuc", ("Sở Nội vụ", "Văn phòng"), ""),
        ("daknong", ("UBND huyện Cư Jút", "Phòng Nội vụ"), "pnv.cujut@daknong.gov.vn"),
        ("binhphuoc", ("UBND thành phố Đồng Xoài",), "tpdx@binhphuoc.gov.vn"),
        ("binhphuoc", ("UBND thành phố Đồng Xoài", "Phòng Nội vụ"), "phongnv.tpdx@binhphuoc.gov.vn"),
        ("binhphuoc", ("UBND huyện Bù Đăng", "UBND xã Minh Hưng"), "xmh.bda@binhphuoc.gov.vn"),
        ("cantho", ("sotttt",), "sotttt@cantho.gov.vn"),
    ],
)
def test_bodies_have_the_addresses_of_their_regulation(
    province: str, place: tuple[str, ...], address: str
) -> None:
    assert body(province, *place).address == address


def test_a_body_that_is_not_there_is_named() -> None:
    with pytest.raises(LookupError, match="Sở Thuế"):
        body("daklak", "Sở Thuế")


def test_a_body_for_which_no_address_is_left_needs_a_registered_label() -> None:
    province = load_province("vinhphuc")
    twice = replace(province, agencies=(*province.agencies, *[Agency("Sở Nội vụ", "office")] * 4))

    with pytest.raises(LabelNeeded, match="Sở Nội vụ"):
        lay_out(twice, load_pack("vinhphuc"))


def test_a_unit_without_a_mailbox_is_a_body_all_the_same() -> None:
    (office,) = (
        entry
        for entry in generate("vinhphuc", people=0)
        if entry.dn == "ou=vp,ou=snv,ou=orgs,dc=vinhphuc,dc=gov,dc=vn"
    )

    assert office.values("objectClass") == ("top", "organizationalUnit", "gdOrganization")
    assert office.values("displayName") == ("Văn phòng",)


def test_the_chairman_and_his_deputies_lead_the_province() -> None:
    leaders = [
        entry
        for entry in people_of(list(generate("daklak", people=5000)))
        if "leader" in entry.values("gdMailboxKind")
    ]

    assert [entry.values("title")[0].partition(" UBND")[0] for entry in leaders] == [
        "Chủ tịch",
        "Phó Chủ tịch",
        "Phó Chủ tịch",
        "Phó Chủ tịch",
    ][: len(leaders)]
    assert all(entry.values("gdRankClass") == ("leader",) for entry in leaders)
    assert leaders


def test_each_dak_nong_body_has_its_list_and_the_province_one() -> None:
    lists = {
        entry.values("cn")[0]: entry
        for entry in generate("daknong", people=0)
        if "gdMailList" in entry.values("objectClass")
    }

    assert not lists["internal"].values("owner")
    assert lists["internal.stttt"].values("owner") == ("ou=stttt,ou=orgs,dc=daknong,dc=gov,dc=vn",)
    top = [each for each in bodies_of("daknong") if each.is_agency]
    assert len(lists) == 1 + len(top)
    assert not any(entry.values("mail") for entry in lists.values()), "the regulation names them"


def test_full_names_without_diacritics_are_nobody_elses(entries: list[SampleEntry]) -> None:
    known = {person.full_name.written for name in ALL for person in load_province(name).people}
    spellings = Counter(
        PersonName("", "", "", cn).spelling
        for entry in people_of(entries)
        if (cn := entry.values("cn")[0]) not in known
    )

    assert max(spellings.values()) == 1


def test_the_server_reads_the_parts_of_a_name_as_the_sample_has_them(entries: list[SampleEntry]) -> None:
    for entry in people_of(entries):
        cn, surname = entry.values("cn")[0], entry.values("sn")[0]
        middle, given = ((entry.values(name) or ("",))[0] for name in ("gdMiddleName", "givenName"))
        read = names.read(cn, surname, middle or None, given)
        assert (read.surname or cn, read.middle, read.given) == (surname, middle, given)


def test_text_is_composed(entries: list[SampleEntry]) -> None:
    for entry in entries:
        for _, value in entry.attributes:
            assert unicodedata.is_normalized("NFC", value)


def test_nobody_can_be_telephoned(entries: list[SampleEntry]) -> None:
    numbers = [number for entry in entries for number in entry.values("telephoneNumber")]

    assert len(set(numbers)) == len(numbers)
    assert all(number.split()[2].startswith("0") for number in numbers)


@pytest.mark.parametrize("province", ALL)
def test_there_are_names_enough_for_the_largest_sample(province: str) -> None:
    drawn = draw_names(Random(5), LARGEST_SAMPLE, (), load_province(province).peoples)

    assert len({name.spelling for name in drawn}) == LARGEST_SAMPLE


@pytest.mark.parametrize(
    ("province", "beginnings"),
    [
        ("daklak", ("Y ", "H'", "Siu ", "Ksor ")),
        ("daknong", ("Y ", "H'")),
        ("binhphuoc", ("Điểu ", "Thị ")),
    ],
)
def test_the_peoples_of_the_highlands_work_at_every_level(province: str, beginnings: tuple[str, ...]) -> None:
    kinds = {each.dn: each.kind for each in bodies_of(province)}
    where = {
        kinds[entry.dn.partition(",")[2]]
        for entry in people_of(list(generate(province, people=4000)))
        if entry.values("cn")[0].startswith(beginnings)
    }

    assert {MailboxKind.AGENCY, MailboxKind.UNIT, MailboxKind.COMMUNE} <= where


def test_names_of_a_kind_that_the_vocabulary_lacks_are_refused() -> None:
    with pytest.raises(UnknownPeople, match="elves"):
        next(draw_names(Random(1), 1, (), {"elves": 1}))
