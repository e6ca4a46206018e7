"""Labels that names of bodies suggest."""

from __future__ import annotations

import unicodedata

import pytest

from govdir.mailattrs.labels import InvalidBodyName, find_override, is_label, read_name
from govdir.policy.model import MailboxKind, Pack


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Sở Thông tin và Truyền thông", "stttt"),
        ("Sở TT&TT", "stttt"),
        ("Sở Lao động, Thương binh và Xã hội", "sldtbxh"),
        ("Sở LĐTB&XH", "sldtbxh"),
        ("Sở Nông nghiệp và Phát triển nông thôn", "snnptnt"),
        ("Sở Kế hoạch và Đầu tư", "skhdt"),
        ("Sở Khoa học và Công nghệ", "skhcn"),
        ("Sở Giáo dục và Đào tạo", "sgddt"),
        ("Sở Giao thông vận tải", "sgtvt"),
        ("Sở Tài nguyên và Môi trường", "stnmt"),
        ("Sở Văn hóa, Thể thao và Du lịch", "svhttdl"),
        ("Trung tâm Công nghệ thông tin và Truyền thông", "ttcntttt"),
        ("Trung tâm Hạ tầng thông tin", "tthttt"),
        ("SỞ TÀI CHÍNH", "stc"),
        ("Văn phòng UBND thành phố Cần Thơ", "vpubnd"),
        ("VP UBND", "vpubnd"),
        ("Phòng Va Ly", "pvl"),
        ("Phòng Quản lý đô thị 2", "pqldt2"),
    ],
)
def test_initials_leave_out_the_conjunction_and_keep_acronyms(pack: Pack, name: str, initials: str) -> None:
    assert read_name(name, pack.words).initials == initials
    assert read_name(unicodedata.normalize("NFD", name), pack.words).initials == initials


def test_two_departments_have_one_abbreviation_but_not_one_full_name(pack: Pack) -> None:
    home, foreign = read_name("Sở Nội vụ", pack.words), read_name("Sở Ngoại vụ", pack.words)

    assert home.initials == foreign.initials == "snv"
    assert (home.full, foreign.full) == ("sonoivu", "songoaivu")
    assert (home.tail, foreign.tail) == ("snvu", "snvu")


@pytest.mark.parametrize(
    ("name", "place", "type_name"),
    [
        ("UBND quận Ninh Kiều", "ninhkieu", "quan"),
        ("Ủy ban nhân dân huyện Cờ Đỏ", "codo", "huyen"),
        ("Uỷ ban nhân dân Thị trấn Thạnh An", "thanhan", "thitran"),
        ("Xã Trường Xuân A", "truongxuana", "xa"),
        ("Ninh Kiều", "ninhkieu", ""),
        ("UBND Phường 1", "phuong1", "phuong"),
        ("UBND", "ubnd", ""),
    ],
)
def test_places_are_known_by_their_own_name(pack: Pack, name: str, place: str, type_name: str) -> None:
    body = read_name(name, pack.words)

    assert (body.place, body.type) == (place, type_name)


def test_a_ladder_offers_every_label_once_shortest_style_first(pack: Pack) -> None:
    assert read_name("Sở Nội vụ", pack.words, ("Sở",)).ladder() == ("sonv", "snv", "snvu", "sonoivu")


def test_the_longest_spelled_head_wins(pack: Pack) -> None:
    assert read_name("Văn phòng Đảng ủy", pack.words, ("Văn", "Văn phòng")).style == "vanphongdu"


@pytest.mark.parametrize(
    "name", ["", "  ", "&&", "😀", "Отдел", "Sở\x07Nội vụ", "Sở\u200bNội vụ", "Sở \xad­", "S" * 201]
)
def test_a_name_that_gives_no_label_is_refused(pack: Pack, name: str) -> None:
    with pytest.raises(InvalidBodyName):
        read_name(name, pack.words)


@pytest.mark.parametrize("parent", ["ninhkieu", "UBND quận Ninh Kiều", "ubnd quan ninh kieu"])
def test_a_registered_unit_is_found_by_its_parents_label_or_name(pack: Pack, parent: str) -> None:
    found = find_override(pack, MailboxKind.UNIT, "Văn phòng", (parent,))

    assert found is not None
    assert found.local == "vpubndninhkieu"


def test_the_same_name_elsewhere_is_not_registered(pack: Pack) -> None:
    assert find_override(pack, MailboxKind.UNIT, "Văn phòng", ("sokhdt",)) is None
    assert find_override(pack, MailboxKind.UNIT, "Văn phòng", ()) is None
    assert find_override(pack, MailboxKind.AGENCY, "Văn phòng", ("ninhkieu",)) is None


@pytest.mark.parametrize(
    ("text", "valid"),
    [("sonv", True), ("pnv.cujut", True), ("Sở", False), ("a..b", False), (".a", False), ("a" * 64, False)],
)
def test_labels_are_what_can_stand_in_an_address(text: str, valid: bool) -> None:
    assert is_label(text) is valid
