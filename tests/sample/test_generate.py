"""The sample directory of Cần Thơ: the same every time, complete, and loadable in the order given."""

from __future__ import annotations

import unicodedata
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdir.sample.content import SampleEntry
from govdir.sample.generate import generate
from govdir.sample.province import UnknownProvince

SUFFIX = "dc=cantho,dc=gov,dc=vn"
BASE = {f"ou=orgs,{SUFFIX}", f"ou=lists,{SUFFIX}"}


@pytest.fixture(scope="module")
def entries() -> list[SampleEntry]:
    return list(generate("cantho", people=1000, seed=1))


def is_person(entry: SampleEntry) -> bool:
    return "inetOrgPerson" in entry.values("objectClass")


def parent(dn: str) -> str:
    return dn.partition(",")[2]


def by_dn(entries: list[SampleEntry], rdns: str) -> SampleEntry:
    return next(entry for entry in entries if entry.dn == f"{rdns},ou=orgs,{SUFFIX}")


def folded(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in letters if "a" <= letter <= "z")


def test_the_same_arguments_give_the_same_entries(entries: list[SampleEntry]) -> None:
    assert list(generate("cantho", people=1000, seed=1)) == entries


def test_another_seed_gives_other_people_in_the_same_bodies(entries: list[SampleEntry]) -> None:
    others = list(generate("cantho", people=1000, seed=2))

    assert [entry.dn for entry in others] == [entry.dn for entry in entries]
    assert others != entries


@given(people=st.integers(0, 400))
@settings(max_examples=25, deadline=None)
def test_it_has_as_many_people_as_asked_for(people: int) -> None:
    assert sum(map(is_person, generate("cantho", people))) == people


def test_every_entry_comes_after_its_parent(entries: list[SampleEntry]) -> None:
    seen = set(BASE)
    for entry in entries:
        assert parent(entry.dn) in seen, entry.dn
        seen.add(entry.dn)


def test_no_body_and_no_list_has_a_name_twice(entries: list[SampleEntry]) -> None:
    names = Counter(entry.dn.lower() for entry in entries if not is_person(entry))

    assert max(names.values()) == 1


def test_the_city_has_its_nine_districts_and_85_communes_of_2015(entries: list[SampleEntry]) -> None:
    kinds = Counter(kind for entry in entries for kind in entry.values("gdOrgKind"))

    assert kinds["district"] == 9
    assert kinds["commune"] == 85
    communes_by_district = Counter(
        parent(entry.dn).split(",")[0] for entry in entries if "commune" in entry.values("gdOrgKind")
    )
    assert communes_by_district == {
        "ou=ninhkieu": 13,
        "ou=omon": 7,
        "ou=binhthuy": 8,
        "ou=cairang": 7,
        "ou=thotnot": 9,
        "ou=vinhthanh": 11,
        "ou=codo": 10,
        "ou=phongdien": 7,
        "ou=thoilai": 13,
    }


@pytest.mark.parametrize(
    ("rdns", "name"),
    [
        ("ou=sonv", "Sở Nội vụ"),
        ("ou=songoaivu", "Sở Ngoại vụ"),
        ("ou=sotttt", "Sở Thông tin và Truyền thông"),
        ("ou=vanphong,ou=sokhdt", "Văn phòng"),
        ("ou=vanphong,ou=ninhkieu", "Văn phòng"),
        ("ou=thanhan,ou=vinhthanh", "UBND thị trấn Thanh An"),
        ("ou=xathanhan,ou=vinhthanh", "UBND xã Thạnh An"),
        ("ou=truongxuan,ou=thoilai", "UBND xã Trường Xuân"),
        ("ou=truongxuana,ou=thoilai", "UBND xã Trường Xuân A"),
        ("ou=anhoi,ou=ninhkieu", "UBND phường An Hội"),
    ],
)
def test_the_bodies_of_the_regulation_and_the_traps_are_there(
    entries: list[SampleEntry], rdns: str, name: str
) -> None:
    assert by_dn(entries, rdns).values("displayName") == (name,)


def test_requests_can_go_to_the_address_as_the_regulation_prints_it(entries: list[SampleEntry]) -> None:
    assert by_dn(entries, "ou=sotttt").values("mailLocalAddress") == ("sottt@cantho.gov.vn",)


def test_three_nguyen_van_minh_register_before_anybody_else(entries: list[SampleEntry]) -> None:
    people = [entry for entry in entries if is_person(entry)]

    assert [person.values("cn")[0] for person in people[:3]] == ["Nguyễn Văn Minh"] * 3
    assert [parent(person.dn).split(",")[1] for person in people[:3]] == [
        "ou=sotttt",
        "ou=sokhdt",
        "ou=ninhkieu",
    ]
    assert "Nguyễn Văn Minh" not in [person.values("cn")[0] for person in people[3:]]


def test_the_first_of_them_keeps_an_older_address(entries: list[SampleEntry]) -> None:
    first = next(filter(is_person, entries))

    assert first.values("mailLocalAddress") == ("minhnv@cantho.gov.vn",)


def test_everybody_gets_an_address_by_the_ladder_of_the_city(entries: list[SampleEntry]) -> None:
    taken = {entry.values("gdOrgCode")[0] for entry in entries if entry.values("gdOrgCode")}
    steps: Counter[int] = Counter()
    for person in filter(is_person, entries):
        surname, middle = person.values("sn")[0], person.values("gdMiddleName")[0]
        given_name = folded(person.values("givenName")[0])
        initials = "".join(folded(word)[0] for word in middle.split())
        forms = [
            folded(surname)[0] + initials + given_name,
            folded(surname)[0] + folded(middle) + given_name,
            folded(surname) + folded(middle) + given_name,
        ]
        step = next(number for number, form in enumerate(forms) if form not in taken)
        taken.add(forms[step])
        steps[step] += 1

    assert steps[1] > 50, "collisions must be common, as they are in a city"
    assert steps[2] > 0
    assert steps.total() == 1000


def test_names_fit_together(entries: list[SampleEntry]) -> None:
    for person in filter(is_person, entries):
        parts = (person.values("sn"), person.values("gdMiddleName"), person.values("givenName"))
        assert person.values("cn")[0] == " ".join(part[0] for part in parts)


def test_text_is_nfc(entries: list[SampleEntry]) -> None:
    for entry in entries:
        for _, value in entry.attributes:
            assert unicodedata.is_normalized("NFC", value)


def test_addresses_and_passwords_of_people_are_left_to_the_server(entries: list[SampleEntry]) -> None:
    for person in filter(is_person, entries):
        assert person.dn.startswith("uid=*,")
        assert not person.values("mail")
        assert not person.values("userPassword")


def test_nobody_can_be_telephoned(entries: list[SampleEntry]) -> None:
    numbers = [number for entry in entries for number in entry.values("telephoneNumber")]

    assert len(set(numbers)) == len(numbers) > 1300
    assert all(number.startswith("+84 292 0") for number in numbers)


def test_another_suffix_takes_the_place_of_the_citys_everywhere() -> None:
    entries = list(generate("cantho", people=5, suffix="dc=thu,dc=example"))

    text = "\n".join(value for entry in entries for _, value in (("dn", entry.dn), *entry.attributes))
    assert "cantho,dc=gov" not in text
    assert "cantho.gov" not in text
    assert "sottt@thu.example" in text


def test_a_province_without_sample_is_refused_with_those_that_have_one() -> None:
    with pytest.raises(UnknownProvince) as caught:
        next(generate("saigon", people=1))

    assert caught.value.known == ("binhphuoc", "cantho", "daklak", "daknong", "vinhphuc")
