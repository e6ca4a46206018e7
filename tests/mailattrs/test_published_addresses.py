"""Every address that the five regulations print, as it must be meant."""

from __future__ import annotations

import pytest

from tests.mailattrs.small_province import Above, SmallProvince

DL, VP, CT, DN, BP = "daklak", "vinhphuc", "cantho", "daknong", "binhphuoc"
INFORMATION = (("agency", "Sở Thông tin và Truyền thông"),)
DONG_XOAI = (("district", "UBND thành phố Đồng Xoài"),)


@pytest.mark.parametrize(
    ("province", "kind", "name", "above", "address", "aliases"),
    [
        (DL, "agency", "Văn phòng UBND tỉnh Đắk Lắk", (), "vpubnd@daklak.gov.vn", ()),
        (DL, "agency", "Sở Thông tin và Truyền thông", (), "sttt@daklak.gov.vn", ()),
        (DL, "district", "UBND Thành phố Buôn Ma Thuột", (), "buonmathuot@daklak.gov.vn", ()),
        (DL, "district", "UBND huyện Cư Kuin", (), "cukuin@daklak.gov.vn", ()),
        (DL, "unit", "Phòng Công nghệ thông tin", INFORMATION, "phongcntt@tttt.daklak.gov.vn", ()),
        (
            DL,
            "commune",
            "UBND Thị trấn Quảng Phú",
            (("district", "UBND huyện CưMgar"),),
            "quangphu@cumgar.daklak.gov.vn",
            (),
        ),
        (
            DL,
            "commune",
            "UBND phường Thành Nhất",
            (("district", "UBND Thành phố Buôn Ma Thuột"),),
            "thanhnhat@buonmathuot.daklak.gov.vn",
            ("thanhnhat@daklak.gov.vn",),
        ),
        (VP, "agency", "Trung tâm Hạ tầng thông tin", (), "tthttt@vinhphuc.gov.vn", ()),
        (CT, "agency", "Sở Nội vụ", (), "sonv@cantho.gov.vn", ()),
        (CT, "agency", "Sở Ngoại vụ", (), "songoaivu@cantho.gov.vn", ()),
        (
            CT,
            "unit",
            "Văn phòng",
            (("agency", "Sở Kế hoạch và Đầu tư"),),
            "vanphong.sokhdt@cantho.gov.vn",
            (),
        ),
        (
            CT,
            "unit",
            "Văn phòng",
            (("district", "UBND quận Ninh Kiều"),),
            "vpubndninhkieu@cantho.gov.vn",
            (),
        ),
        (CT, "agency", "Sở Thông tin và Truyền thông", (), "sotttt@cantho.gov.vn", ("sottt@cantho.gov.vn",)),
        (BP, "agency", "Sở Thông tin và Truyền thông", (), "stttt@binhphuoc.gov.vn", ()),
        (
            BP,
            "district",
            "UBND thành phố Đồng Xoài",
            (),
            "tpdx@binhphuoc.gov.vn",
            ("dongxoai@binhphuoc.gov.vn",),
        ),
        (
            BP,
            "commune",
            "UBND xã Minh Hưng",
            (("district", "UBND huyện Bù Đăng"),),
            "xmh.bda@binhphuoc.gov.vn",
            (),
        ),
        (BP, "unit", "Phòng Nội vụ", DONG_XOAI, "phongnv.tpdx@binhphuoc.gov.vn", ()),
        (
            BP,
            "unit",
            "Trung tâm Công nghệ thông tin và Truyền thông",
            INFORMATION,
            "ttcntttt.stttt@binhphuoc.gov.vn",
            (),
        ),
    ],
)
def test_a_body_has_the_address_its_regulation_prints(
    *, province: str, kind: str, name: str, above: Above, address: str, aliases: tuple[str, ...]
) -> None:
    body = SmallProvince(province).body(kind, name, above)

    assert (body.text("mail"), body.texts("mailLocalAddress")) == (address, aliases)


@pytest.mark.parametrize(
    ("province", "name", "above", "addresses"),
    [
        (DL, "Trần Văn Nam", (("agency", "Văn phòng UBND tỉnh Đắk Lắk"),), ["namtv@vpubnd.daklak.gov.vn"]),
        (
            CT,
            "Nguyễn Văn Minh",
            (("agency", "Sở Nội vụ"),),
            ["nvminh@cantho.gov.vn", "nvanminh@cantho.gov.vn", "nguyenvanminh@cantho.gov.vn"],
        ),
        (
            BP,
            "Trần Văn Thanh",
            INFORMATION,
            ["thanhtv.stttt@binhphuoc.gov.vn", "thanhtv2.stttt@binhphuoc.gov.vn"],
        ),
    ],
)
def test_the_people_of_the_examples_have_the_addresses_printed(
    province: str, name: str, above: Above, addresses: list[str]
) -> None:
    here = SmallProvince(province)

    assert [here.person(name, above) for _ in addresses] == addresses


def test_a_unit_whose_abbreviation_is_a_persons_gets_the_second_printed_form() -> None:
    here = SmallProvince(BP)
    here.person("Nguyễn Văn Phong", DONG_XOAI)

    assert here.body("unit", "Phòng Nội vụ", DONG_XOAI).text("mail") == "pnv.tpdx@binhphuoc.gov.vn"


def test_the_lists_of_everybody() -> None:
    here = SmallProvince(DN)

    assert here.list("Toàn tỉnh") == "internal@daknong.gov.vn"
    assert here.list("Toàn Sở", INFORMATION) == "internal.stttt@daknong.gov.vn"


def test_the_operators_role_address_is_nobodys_name() -> None:
    """hotro@ of Bình Phước, Điều 5 khoản 2."""
    assert "hotro" in SmallProvince(BP).pack.reserved
