"""The worked cases of the five regulations, by number, through every door.

Cases in between follow the same rules on other names: those that no list of cases can leave out.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import Struct

from govdir.directory.errors import RuleViolation
from govdir.mailattrs.addresses import HumanDecides, Proposal, propose_address
from govdir.policy.load import load_province
from govdir.policy.model import MailboxKind
from tests.cli.command_line import govdir
from tests.mailattrs.entries import BODY, LIST, OFFICER, OPERATOR, entry
from tests.mailattrs.small_province import Above, SmallProvince

DL, VP, CT, DN, BP = "daklak", "vinhphuc", "cantho", "daknong", "binhphuoc"
NAM, HA, MINH, HUONG = "Trần Văn Nam", "Nguyễn Thị Thu Hà", "Nguyễn Văn Minh", "Lê Thị Thanh Hương"
THANH, PHONG = "Trần Văn Thanh", "Nguyễn Văn Phong"

OFFICE = (("agency", "Văn phòng UBND tỉnh"),)
INFORMATION = (("agency", "Sở Thông tin và Truyền thông"),)
DONG_XOAI = (("district", "UBND thành phố Đồng Xoài"),)
BU_DANG = (("district", "UBND huyện Bù Đăng"),)
CU_JUT = (("district", "UBND huyện Cư Jút"),)
CU_MGAR = (("district", "UBND huyện Cư M'gar"),)
DAK_MIL = (("district", "UBND huyện Đắk Mil"),)
BUON_MA_THUOT = (("district", "UBND thành phố Buôn Ma Thuột"),)
NINH_KIEU = (("district", "UBND quận Ninh Kiều"),)


class Case(Struct, frozen=True):
    """`parent` as somebody says it on the command line, `above` as the directory has it; `held` are
    addresses given before."""

    number: str
    province: str
    kind: str
    name: str
    parent: str | None
    above: Above
    held: tuple[str, ...]
    address: str

    @property
    def title(self) -> str:
        """For the list of tests."""
        return f"{self.number}-{self.province}"


CASES = (
    Case("1", DL, "person", NAM, "vpubnd", OFFICE, (), "namtv@vpubnd.daklak.gov.vn"),
    Case("2", DL, "person", NAM, "vpubnd", OFFICE, ("namtv@vpubnd",), "namtva@vpubnd.daklak.gov.vn"),
    Case("3", DL, "person", NAM, "vpubnd", OFFICE, ("namtv@vpubnd", "namtva@vpubnd"),
         "namtvb@vpubnd.daklak.gov.vn"),
    Case("4", DL, "person", NAM, "tttt", INFORMATION, ("namtv@vpubnd",), "namtv@tttt.daklak.gov.vn"),
    Case("4b", DL, "person", NAM, "sttt", INFORMATION, ("namtv@vpubnd",), "namtv@tttt.daklak.gov.vn"),
    Case("5", DL, "leader", "Hoàng Trọng Hải", None, (), (), "hoangtronghai@daklak.gov.vn"),
    Case("6", DL, "commune", "UBND phường Thành Nhất", "buonmathuot", BUON_MA_THUOT, (),
         "thanhnhat@buonmathuot.daklak.gov.vn"),
    Case("7", DL, "commune", "UBND thị trấn Quảng Phú", "cumgar", CU_MGAR, (),
         "quangphu@cumgar.daklak.gov.vn"),
    Case("7b", DL, "commune", "UBND phường An Bình", "buonho", (("district", "UBND thị xã Buôn Hồ"),), (),
         "anbinh@buonho.daklak.gov.vn"),
    Case("8", DL, "unit", "Phòng Công nghệ thông tin", "tttt", INFORMATION, (),
         "phongcntt@tttt.daklak.gov.vn"),
    Case("8b", DL, "district", "UBND huyện Cư Kuin", None, (), (), "cukuin@daklak.gov.vn"),
    Case("9", DL, "person", "Y Ngông Niê Kđăm", "bdt", (("agency", "Ban Dân tộc"),), (),
         "ngongnky@bdt.daklak.gov.vn"),
    Case("10", DL, "person", "H’Nghia Êban", "cukuin", (("district", "UBND huyện Cư Kuin"),), (),
         "nghiaeh@cukuin.daklak.gov.vn"),
    Case("10b", DL, "person", "H'Nghia Êban", "cukuin", (("district", "UBND huyện Cư Kuin"),), (),
         "nghiaeh@cukuin.daklak.gov.vn"),
    Case("10c", DL, "person", "H' Nghia Êban", "cukuin", (("district", "UBND huyện Cư Kuin"),), (),
         "nghiaeh@cukuin.daklak.gov.vn"),
    Case("11", DL, "person", "H'Blum Buôn Yă", "bdt", (("agency", "Ban Dân tộc"),), (),
         "blumbyh@bdt.daklak.gov.vn"),
    Case("11b", DL, "person", "Y Krang", "bdt", (("agency", "Ban Dân tộc"),), (), "krangy@bdt.daklak.gov.vn"),
    Case("11c", DL, "person", "Siu H'Blé", "bdt", (("agency", "Ban Dân tộc"),), (),
         "blesh@bdt.daklak.gov.vn"),
    Case("12", VP, "person", HA, None, INFORMATION, (), "hantt@vinhphuc.gov.vn"),
    Case("13", VP, "person", HA, None, INFORMATION, ("hantt",), "hantt1@vinhphuc.gov.vn"),
    Case("13b", VP, "person", HA, None, INFORMATION, ("hantt", "hantt1"), "hantt2@vinhphuc.gov.vn"),
    Case("15", VP, "person", "Lê Văn Tú", None, INFORMATION, ("tulv", "tulv1"), "tulv2@vinhphuc.gov.vn"),
    Case("16", VP, "person", "Trần Nam", None, INFORMATION, (), "namt@vinhphuc.gov.vn"),
    Case("17", VP, "person", "Ngô Thanh Thị Hà", None, INFORMATION, ("hantt",), "hantt1@vinhphuc.gov.vn"),
    Case("18", VP, "agency", "Sở Thông tin và Truyền thông", None, (), (), "stttt@vinhphuc.gov.vn"),
    Case("18b", VP, "agency", "Sở Lao động, Thương binh và Xã hội", None, (), (), "sldtbxh@vinhphuc.gov.vn"),
    Case("19", VP, "agency", "Trung tâm Hạ tầng thông tin", None, (), (), "tthttt@vinhphuc.gov.vn"),
    Case("20", CT, "person", MINH, "sonv", INFORMATION, (), "nvminh@cantho.gov.vn"),
    Case("20b", CT, "person", MINH, "sonv", INFORMATION, ("nvminh",), "nvanminh@cantho.gov.vn"),
    Case("20c", CT, "person", MINH, "sonv", INFORMATION, ("nvminh", "nvanminh"),
         "nguyenvanminh@cantho.gov.vn"),
    Case("22", CT, "person", "Nguyễn Vũ Minh", None, INFORMATION, ("nvminh",), "nvuminh@cantho.gov.vn"),
    Case("23", CT, "person", "Trần Nam", None, INFORMATION, ("tnam",), "trannam@cantho.gov.vn"),
    Case("24", CT, "person", HUONG, None, INFORMATION, (), "ltthuong@cantho.gov.vn"),
    Case("24b", CT, "person", HUONG, None, INFORMATION, ("ltthuong",), "lthithanhhuong@cantho.gov.vn"),
    Case("24c", CT, "person", HUONG, None, INFORMATION, ("ltthuong", "lthithanhhuong"),
         "lethithanhhuong@cantho.gov.vn"),
    Case("25", CT, "person", "Tôn Nữ Thị Ninh", None, INFORMATION, (), "tntninh@cantho.gov.vn"),
    Case("25b", CT, "person", "Tôn Nữ Thị Ninh", None, INFORMATION, ("tntninh", "tnthininh"),
         "tonnuthininh@cantho.gov.vn"),
    Case("26", CT, "agency", "Sở Nội vụ", None, (), (), "sonv@cantho.gov.vn"),
    Case("26b", CT, "agency", "Sở Ngoại vụ", None, (), ("sonv",), "songoaivu@cantho.gov.vn"),
    Case("27", CT, "unit", "Văn phòng", "sokhdt", (("agency", "Sở KH&ĐT"),), (),
         "vanphong.sokhdt@cantho.gov.vn"),
    Case("28", CT, "unit", "Văn phòng", "ninhkieu", NINH_KIEU, (), "vpubndninhkieu@cantho.gov.vn"),
    Case("29", CT, "person", "Nguyễn Văn Minh", None, INFORMATION, (), "nvminh@cantho.gov.vn"),
    Case("30", DN, "person", NAM, "stttt", INFORMATION, (), "namtv.stttt@daknong.gov.vn"),
    Case("30b", DN, "person", NAM, "stttt", INFORMATION, ("namtv.stttt",), "namtva.stttt@daknong.gov.vn"),
    Case("31", DN, "person", NAM, "snv", (("agency", "Sở Nội vụ"),), ("namtv.stttt",),
         "namtv.snv@daknong.gov.vn"),
    Case("31b", DN, "person", NAM, "stttt", INFORMATION,
         ("namtv.stttt", *(f"namtv{letter}.stttt" for letter in "abcdefghijklmnopqrstuvwxyz")),
         "namtvaa.stttt@daknong.gov.vn"),
    Case("32", DN, "person", "Đặng Thị Phương", "pnv.cujut", (*CU_JUT, ("unit", "Phòng Nội vụ")), (),
         "phuongdt.pnv.cujut@daknong.gov.vn"),
    Case("33", DN, "commune", "UBND xã Đắk Wil", "cujut", CU_JUT, (), "dakwil.cujut@daknong.gov.vn"),
    Case("33b", DN, "unit", "Phòng Nội vụ", "cujut", CU_JUT, (), "pnv.cujut@daknong.gov.vn"),
    Case("33c", DN, "person", NAM, "dakwil.cujut", (*CU_JUT, ("commune", "UBND xã Đắk Wil")), (),
         "namtv.dakwil.cujut@daknong.gov.vn"),
    Case("34", DN, "person", "Y Krang", "dakmil", DAK_MIL, (), "krangy.dakmil@daknong.gov.vn"),
    Case("35", DN, "list", "Toàn Sở", "stttt", INFORMATION, (), "internal.stttt@daknong.gov.vn"),
    Case("35b", DN, "list", "Toàn tỉnh", None, (), (), "internal@daknong.gov.vn"),
    Case("36", BP, "person", THANH, "stttt", INFORMATION, (), "thanhtv.stttt@binhphuoc.gov.vn"),
    Case("36b", BP, "person", THANH, "stttt", INFORMATION, ("thanhtv.stttt",),
         "thanhtv2.stttt@binhphuoc.gov.vn"),
    Case("36c", BP, "person", THANH, "stttt", INFORMATION, ("thanhtv.stttt", "thanhtv2.stttt"),
         "thanhtv3.stttt@binhphuoc.gov.vn"),
    Case("37", BP, "person", PHONG, "tpdx", DONG_XOAI, (), "phongnv.tpdx@binhphuoc.gov.vn"),
    Case("37b", BP, "unit", "Phòng Nội vụ", "tpdx", DONG_XOAI, ("phongnv.tpdx",),
         "pnv.tpdx@binhphuoc.gov.vn"),
    Case("38", BP, "unit", "Phòng Nội vụ", "tpdx", DONG_XOAI, (), "phongnv.tpdx@binhphuoc.gov.vn"),
    Case("38b", BP, "person", PHONG, "tpdx", DONG_XOAI, ("phongnv.tpdx",), "phongnv2.tpdx@binhphuoc.gov.vn"),
    Case("39", BP, "commune", "UBND xã Minh Hưng", "bda", BU_DANG, (), "xmh.bda@binhphuoc.gov.vn"),
    Case("40", BP, "commune", "UBND xã Lộc Thiện", "ln", (("district", "UBND huyện Lộc Ninh"),), ("xlt.ln",),
         "xlthien.ln@binhphuoc.gov.vn"),
    Case("40b", BP, "district", "UBND huyện Bù Đốp", None, (), ("bda",), "bdo@binhphuoc.gov.vn"),
    Case("41", BP, "person", "Điểu K'Nam", "bda", BU_DANG, (), "knamd.bda@binhphuoc.gov.vn"),
    Case("41b", BP, "person", "Thị Mai", "bda", BU_DANG, (), "mait.bda@binhphuoc.gov.vn"),
)  # fmt: skip


def whole(case: Case) -> list[str]:
    """The held addresses with their domains."""
    domain = load_province(case.province).domain
    return [f"{held}.{domain}" if "@" in held else f"{held}@{domain}" for held in case.held]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_the_regulation_gives_the_address_without_a_directory(case: Case) -> None:
    outcome = propose_address(
        load_province(case.province), MailboxKind(case.kind), case.name, case.parent, whole(case)
    )

    assert isinstance(outcome, Proposal)
    assert outcome.address == case.address


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_and_in_the_directory_where_names_of_bodies_are_all_that_is_said(case: Case) -> None:
    province = SmallProvince(case.province)
    province.around.held.update(whole(case))

    given = {
        "person": lambda: province.person(case.name, case.above),
        "leader": lambda: province.person(case.name, case.above, gdMailboxKind="leader"),
        "list": lambda: province.list(case.name, case.above),
    }.get(case.kind, lambda: province.body(case.kind, case.name, case.above).text("mail") or "")()

    assert given == case.address


@pytest.mark.parametrize("case", CASES[::7], ids=lambda case: case.title)
def test_and_on_the_command_line(case: Case) -> None:
    parent = () if case.parent is None else ("--parent", case.parent)
    result = govdir(
        "address", "propose", "--province", case.province, "--kind", case.kind, "--name", case.name, *parent,
        "--taken", ",".join(whole(case)),
    )  # fmt: skip

    assert (result.exit_code, result.stdout) == (0, f"{case.address}\n")


def test_case_14_the_higher_post_of_a_batch_keeps_the_plain_form(tmp_path: Path) -> None:
    batch = tmp_path / "batch.csv"
    batch.write_text(
        "kind,name,position\nperson,Lê Văn Tú,Chuyên viên\nperson,Lê Văn Tú,Phó Giám đốc\n", "utf-8"
    )

    result = govdir("address", "propose", "--province", VP, "--from", batch)

    addresses = [line.split(",")[2] for line in result.stdout.splitlines()[1:]]
    assert addresses == ["tulv1@vinhphuc.gov.vn", "tulv@vinhphuc.gov.vn"]


def test_case_15_a_holder_is_never_displaced_by_whoever_comes_later() -> None:
    province = SmallProvince(VP)
    first = province.person("Lê Văn Tú", INFORMATION, title="Chuyên viên")

    later = province.person("Lê Văn Tú", INFORMATION, title="Giám đốc", gdRankClass="leader")

    assert (first, later) == ("tulv@vinhphuc.gov.vn", "tulv1@vinhphuc.gov.vn")


def test_where_registration_decides_a_post_does_not(tmp_path: Path) -> None:
    batch = tmp_path / "batch.csv"
    batch.write_text("kind,name,chức vụ\nperson,Lê Văn Tú,Chuyên viên\nperson,Lê Văn Tú,Giám đốc\n", "utf-8")

    result = govdir("address", "propose", "--province", CT, "--from", batch)

    assert [line.split(",")[2].partition("@")[0] for line in result.stdout.splitlines()[1:]] == [
        "lvtu",
        "lvantu",
    ]


def test_case_21_the_fourth_nguyen_van_minh_waits_for_a_human_at_every_door() -> None:
    held = ("nvminh", "nvanminh", "nguyenvanminh")
    outcome = propose_address(load_province(CT), MailboxKind.PERSON, MINH, None, held)
    province = SmallProvince(CT)
    province.around.held.update(f"{local}@cantho.gov.vn" for local in held)

    with pytest.raises(RuleViolation) as refused:
        province.person(MINH, INFORMATION, by=OFFICER)
    chosen = province.person(MINH, INFORMATION, mail="nvminh4@cantho.gov.vn", by=OPERATOR)

    assert isinstance(outcome, HumanDecides)
    assert refused.value.rule == "address-exhausted"
    assert chosen == "nvminh4@cantho.gov.vn"


def test_case_21_says_so_with_status_1_and_what_was_tried() -> None:
    result = govdir(
        "address", "propose", "--province", CT, "--kind", "person", "--name", MINH,
        "--taken", "nvminh,nvanminh,nguyenvanminh",
    )  # fmt: skip

    assert (result.exit_code, result.stdout) == (1, "")
    assert "nguyenvanminh@cantho.gov.vn" in result.stderr


def test_case_23_whoever_has_no_middle_name_reaches_the_human_a_step_earlier() -> None:
    outcome = propose_address(load_province(CT), MailboxKind.PERSON, "Trần Nam", None, ("tnam", "trannam"))

    assert isinstance(outcome, HumanDecides)
    assert [step.why.en for step in outcome.skipped] == ["taken", "the same as an earlier form", "taken"]


def test_case_35_nobody_is_called_internal() -> None:
    province = SmallProvince(DN)

    for wanted in ("internal", "internal.stttt"):
        for asker in (OFFICER, OPERATOR):
            with pytest.raises(RuleViolation) as refused:
                province.person("Nguyễn Văn In", INFORMATION, mail=f"{wanted}@daknong.gov.vn", by=asker)
            assert refused.value.rule == "address-reserved"
    outcome = propose_address(province.pack, MailboxKind.PERSON, "Internal", "stttt")

    assert outcome.skipped[0].why.en == "reserved"
    assert province.list("Toàn tỉnh", ()) == "internal@daknong.gov.vn"


@pytest.mark.parametrize(("first", "second"), [("person", "unit"), ("unit", "person")])
def test_cases_37_and_38_whoever_is_there_first_keeps_the_address(first: str, second: str) -> None:
    province, given = SmallProvince(BP), {}
    for kind in (first, second):
        if kind == "person":
            given[kind] = province.person(PHONG, DONG_XOAI)
        else:
            given[kind] = province.body("unit", "Phòng Nội vụ", DONG_XOAI).text("mail")

    expected = {"person": "phongnv.tpdx", "unit": "pnv.tpdx"}
    if first == "unit":
        expected = {"person": "phongnv2.tpdx", "unit": "phongnv.tpdx"}
    assert given == {kind: f"{local}@binhphuoc.gov.vn" for kind, local in expected.items()}


def test_an_office_may_choose_its_units_abbreviation_for_a_namesake() -> None:
    """Đắk Lắk, Điều 5 khoản 2 điểm c: a, b, c… or the abbreviation of the unit."""
    province, unit = SmallProvince(DL), (*OFFICE, ("unit", "tonghop=Phòng Tổng hợp"))
    wanted = "namtvtonghop@vpubnd.daklak.gov.vn"

    with pytest.raises(RuleViolation):
        province.person(NAM, unit, mail=wanted, by=OFFICER)
    plain = province.person(NAM, unit, by=OFFICER)
    chosen = province.person(NAM, unit, mail=wanted, by=OFFICER)
    next_one = province.person(NAM, unit, by=OFFICER)

    assert (plain, chosen, next_one) == (
        "namtv@vpubnd.daklak.gov.vn",
        wanted,
        "namtva@vpubnd.daklak.gov.vn",
    )


def test_the_units_abbreviation_is_asked_for_on_the_command_line() -> None:
    arguments = ("--province", DL, "--kind", "person", "--name", NAM, "--parent", "vpubnd", "--unit", "th")

    free = govdir("address", "propose", *arguments)
    held = govdir("address", "propose", *arguments, "--taken", "namtv")

    assert (free.stdout, held.stdout) == ("namtv@vpubnd.daklak.gov.vn\n", "namtvth@vpubnd.daklak.gov.vn\n")


def test_a_list_without_a_form_is_named_by_an_operator() -> None:
    province = SmallProvince(VP)

    with pytest.raises(RuleViolation) as refused:
        province.add(entry(LIST, cn="Toàn tỉnh"), (), by=OPERATOR)

    assert refused.value.rule == "address-exhausted"
    assert province.list("x", mail="toantinh@vinhphuc.gov.vn") == "toantinh@vinhphuc.gov.vn"


def test_a_unit_without_mailbox_still_has_its_label() -> None:
    province = SmallProvince(VP)

    unit = province.body("unit", "Phòng Nội vụ", INFORMATION)

    assert (unit.text("gdOrgCode"), unit.text("mail")) == ("pnv", None)
    with pytest.raises(RuleViolation) as refused:
        province.add(entry(BODY, ou="vp", displayName="Văn phòng"), INFORMATION)
    assert refused.value.rule == "kind"
