"""The addresses of Điều 4, by the numbers of the worked cases, and what holds for every address."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.mailattrs.addresses import (
    HumanDecides,
    KindNotProvided,
    ParentNeeded,
    Proposal,
    candidates,
    is_local_part,
    parse_address,
    propose_address,
    subject_of,
)
from govdir.mailattrs.labels import InvalidBodyName
from govdir.policy.load import load_province
from govdir.policy.model import MailboxKind, Pack
from govdir.policy.texts import Language
from tests.policy.packs import changed_pack

CANTHO = load_province("cantho")
MINH = "Nguyễn Văn Minh"
PERSON, AGENCY, UNIT = MailboxKind.PERSON, MailboxKind.AGENCY, MailboxKind.UNIT


def local(kind: MailboxKind, name: str, parent: str | None = None, *taken: str, pack: Pack = CANTHO) -> str:
    outcome = propose_address(pack, kind, name, parent, taken)
    assert isinstance(outcome, Proposal), outcome
    assert outcome.address == f"{outcome.local_part}@{pack.domain}"
    return outcome.local_part


def test_case_20_three_people_of_one_name() -> None:
    assert local(PERSON, MINH) == "nvminh"
    assert local(PERSON, MINH, None, "nvminh") == "nvanminh"
    assert local(PERSON, MINH, None, "nvminh", "nvanminh") == "nguyenvanminh"


def test_case_20_each_step_cites_its_own_rule() -> None:
    held = ["nvminh", "nvanminh"]

    cited = [propose_address(CANTHO, PERSON, MINH, None, held[:count]).citation.article for count in range(3)]

    assert cited == ["Điều 4 khoản 2 điểm c", "Điều 4 khoản 2 điểm đ", "Điều 4 khoản 2 điểm đ"]


def test_case_21_the_fourth_of_a_name_is_for_a_human() -> None:
    outcome = propose_address(CANTHO, PERSON, MINH, None, {"nvminh", "nvanminh", "nguyenvanminh"})

    assert isinstance(outcome, HumanDecides)
    assert outcome.citation.article == "Điều 4 khoản 2 điểm đ"
    assert "thứ tư" in outcome.text(Language.VIETNAMESE)
    assert "fourth" in outcome.text(Language.ENGLISH)


def test_case_22_other_names_with_the_same_initials_climb_the_same_ladder() -> None:
    assert local(PERSON, "Nguyễn Vũ Minh", None, "nvminh") == "nvuminh"


def test_case_24_several_middle_names() -> None:
    name = "Lê Thị Thanh Hương"

    assert local(PERSON, name) == "ltthuong"
    assert local(PERSON, name, None, "ltthuong") == "lthithanhhuong"
    assert local(PERSON, name, None, "ltthuong", "lthithanhhuong") == "lethithanhhuong"


@pytest.mark.parametrize("taken", [(), ("sonv",), ("songoaivu",)])
def test_case_26_department_of_home_affairs(taken: tuple[str, ...]) -> None:
    assert local(AGENCY, "Sở Nội vụ", None, *taken) == ("sonoivu" if "sonv" in taken else "sonv")


@pytest.mark.parametrize("taken", [(), ("sonv",)])
def test_case_26_department_of_foreign_affairs(taken: tuple[str, ...]) -> None:
    assert local(AGENCY, "Sở Ngoại vụ", None, *taken) == "songoaivu"


def test_case_27_the_office_of_a_department() -> None:
    assert local(UNIT, "Văn phòng", "sokhdt") == "vanphong.sokhdt"


def test_case_28_the_office_of_ninh_kieu_is_registered_by_name() -> None:
    outcome = propose_address(CANTHO, UNIT, "Văn phòng", "ninhkieu")

    assert outcome.address == "vpubndninhkieu@cantho.gov.vn"
    assert outcome.candidate.rank == 0


def test_case_29_decomposed_text_is_the_same_person() -> None:
    assert local(PERSON, unicodedata.normalize("NFD", MINH)) == "nvminh"


def test_the_operators_department_keeps_the_printed_address_as_alias() -> None:
    outcome = propose_address(CANTHO, AGENCY, "Sở Thông tin và Truyền thông")

    assert (outcome.address, outcome.aliases) == ("sotttt@cantho.gov.vn", ("sottt@cantho.gov.vn",))


@pytest.mark.parametrize(
    ("kind", "name", "parent", "taken", "expected"),
    [
        (AGENCY, "Sở Kế hoạch và Đầu tư", None, (), "sokhdt"),
        (AGENCY, "Sở KH&ĐT", None, (), "sokhdt"),
        (MailboxKind.DISTRICT, "UBND quận Ninh Kiều", None, (), "ninhkieu"),
        (MailboxKind.COMMUNE, "Xã Thạnh An", "vinhthanh", (), "thanhan"),
        (MailboxKind.COMMUNE, "Xã Thạnh An", "vinhthanh", ("thanhan",), "xathanhan"),
        (MailboxKind.COMMUNE, "Xã Thạnh An", "vinhthanh", ("thanhan", "xathanhan"), "xathanhan.vinhthanh"),
        (MailboxKind.LIST, "Cán bộ Sở Nội vụ", None, (), "canbosonoivu"),
        (MailboxKind.LEADER, MINH, None, ("nvminh",), "nvanminh"),
        (UNIT, "Phòng Công nghệ thông tin", "sotttt", (), "phongcntt.sotttt"),
        (UNIT, "Phòng Công nghệ thông tin", "sotttt", ("phongcntt.sotttt",), "phongcongnghethongtin.sotttt"),
    ],
)
def test_every_kind_has_its_form(
    kind: MailboxKind, name: str, parent: str | None, taken: tuple[str, ...], expected: str
) -> None:
    assert local(kind, name, parent, *taken) == expected


def test_a_step_equal_to_an_earlier_one_is_skipped_and_says_so() -> None:
    outcome = propose_address(CANTHO, PERSON, "Trần Nam", None, ["tnam"])

    assert isinstance(outcome, Proposal)
    assert outcome.local_part == "trannam"
    assert [step.why.en for step in outcome.skipped] == ["taken", "the same as an earlier form"]


def test_taken_addresses_count_in_any_case_and_only_in_their_domain() -> None:
    assert local(PERSON, MINH, None, "NVMinh@CanTho.gov.vn") == "nvanminh"
    assert local(PERSON, MINH, None, "nvminh@elsewhere.vn") == "nvminh"


def test_reserved_names_are_given_to_nobody() -> None:
    assert local(PERSON, "Hồ Tro", pack=changed_pack(reserved=("htro",))) == "hotro"


def test_forms_longer_than_a_local_part_may_be_are_skipped() -> None:
    name = "Công Tằng Tôn Nữ " + "Nghiêng " * 9 + "Nghiêng"

    outcome = propose_address(CANTHO, PERSON, name, None, ["cttn" + "n" * 9 + "nghieng"])

    assert isinstance(outcome, HumanDecides)
    assert [step.why.en for step in outcome.skipped] == ["taken", "not valid", "not valid"]


def test_explicit_parts_decide() -> None:
    outcome = propose_address(CANTHO, PERSON, "Hoàng Phủ Ngọc Tường", None, ["hpntuong"], surname="Hoàng")

    assert outcome.address == "hphungoctuong@cantho.gov.vn"


def test_a_unit_without_parent_is_refused() -> None:
    with pytest.raises(ParentNeeded) as refused:
        propose_address(CANTHO, UNIT, "Văn phòng")

    assert "đơn vị" in refused.value.why.vi


def test_a_parent_that_is_no_label_is_refused() -> None:
    with pytest.raises(InvalidBodyName):
        propose_address(CANTHO, UNIT, "Văn phòng", "&&")


def test_a_kind_the_regulation_lacks_is_refused() -> None:
    with pytest.raises(KindNotProvided):
        propose_address(changed_pack(without="list"), MailboxKind.LIST, "Mọi người")


SERIES_PACK = """
[[mailbox.person.ladder]]
local = "{given}{surname.initials}{middle.initials}.{parent}"
by = "form_person"

[[mailbox.person.ladder]]
local = "{given}{surname.initials}{middle.initials}{%s}.{parent}"
first = %d
last = %d
by = "second_person"
"""


@pytest.mark.parametrize(
    ("field", "first", "expected"),
    [
        ("letter", 1, ["namtv.stttt", "namtva.stttt", "namtvb.stttt", "namtvc.stttt"]),
        ("number", 2, ["namtv.stttt", "namtv2.stttt", "namtv3.stttt", "namtv4.stttt"]),
    ],
)
def test_other_provinces_number_or_letter_their_namesakes(
    field: str, first: int, expected: list[str]
) -> None:
    pack = changed_pack(person_ladder=SERIES_PACK % (field, first, 30))
    held: set[str] = set()
    for _ in expected:
        held.add(propose_address(pack, PERSON, "Trần Văn Nam", "stttt", held).local_part)

    assert held == set(expected)


def test_letters_go_on_after_z() -> None:
    pack = changed_pack(person_ladder=SERIES_PACK % ("letter", 1, 28))
    held = {"namtv.x"} | {f"namtv{letter}.x" for letter in "abcdefghijklmnopqrstuvwxyz"}

    assert propose_address(pack, PERSON, "Trần Văn Nam", "x", held).local_part == "namtvaa.x"


def test_a_form_may_live_in_a_sub_domain() -> None:
    ladder = (
        '[[mailbox.person.ladder]]\nlocal = "{given}"\ndomain = "{parent}.{domain}"\nby = "form_person"\n'
    )

    outcome = propose_address(changed_pack(person_ladder=ladder), PERSON, "Trần Nam", "tttt")

    assert outcome.address == "nam@tttt.cantho.gov.vn"


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("nvminh", True),
        ("vanphong.sokhdt", True),
        ("a-b_c", True),
        ("a", True),
        ("", False),
        ("A", False),
        ("a..b", False),
        (".a", False),
        ("a.", False),
        ("a b", False),
        ("đ", False),
        ("a\n", False),
        ("a+b", False),
        ("a" * 64, True),
        ("a" * 65, False),
    ],
)
def test_local_parts_are_plain(text: str, valid: bool) -> None:
    assert is_local_part(text) is valid


@pytest.mark.parametrize(
    "text", ["a", "@b.vn", "a@", "a@b", "a@b..vn", "a@-b.vn", "a@b.v", "a@b.vn\n", "a@b@c.vn"]
)
def test_what_is_no_address_is_told_apart(text: str) -> None:
    assert parse_address(text) is None


words = st.sampled_from(
    ("Nguyễn", "Trần", "Văn", "Thị", "Thùy", "Minh", "Hương", "Đỗ", "An", "Y", "H'Nghia", "Êban")
)
people = st.lists(words, min_size=1, max_size=6).map(" ".join)


@given(people, st.data())
def test_the_ladder_gives_only_free_valid_addresses_and_always_the_same(
    name: str, data: st.DataObject
) -> None:
    every = [form.local_part for form in candidates(CANTHO, subject_of(CANTHO, PERSON, name))]
    taken = data.draw(st.sets(st.sampled_from(every)))

    outcome = propose_address(CANTHO, PERSON, name, None, taken)

    assert outcome == propose_address(CANTHO, PERSON, name, None, sorted(taken))
    if isinstance(outcome, Proposal):
        assert outcome.local_part not in taken
        assert is_local_part(outcome.local_part)
    else:
        assert taken == set(every)
