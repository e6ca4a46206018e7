"""`govdir address propose`, with the regulation of Cần Thơ."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.command_line import govdir


def propose(*arguments: object, locale: str = "C.UTF-8") -> Result:
    return govdir("address", "propose", "--province", "cantho", *arguments, locale=locale)


def minh(*arguments: object, locale: str = "C.UTF-8") -> Result:
    return propose("--kind", "person", "--name", "Nguyễn Văn Minh", *arguments, locale=locale)


def test_neither_name_nor_file_is_a_usage_error() -> None:
    assert propose("--kind", "person").exit_code == 2
    assert propose("--name", "Nguyễn Văn Minh").exit_code == 2


@pytest.mark.parametrize(
    ("parent", "address"),
    [
        ((), "internal@daknong.gov.vn"),
        (("--parent", "stttt"), "internal.stttt@daknong.gov.vn"),
        (("--parent", "pnv.cujut"), "internal.pnv.cujut@daknong.gov.vn"),
    ],
)
def test_lists_that_the_regulation_calls_by_a_word_of_its_own_need_no_name(
    parent: tuple[str, ...], address: str
) -> None:
    result = govdir("address", "propose", "--province", "daknong", "--kind", "list", *parent)
    assert (result.exit_code, result.stdout) == (0, f"{address}\n")
    assert propose("--kind", "list", *parent).exit_code == 2


def test_a_file_and_a_name_together_are_a_usage_error() -> None:
    result = propose("--name", "Nguyễn Văn Minh", "--from", "names.csv")
    assert result.exit_code == 2
    assert "--name" in result.stderr


def test_a_name_that_is_none_is_refused_with_the_reason_in_the_readers_language() -> None:
    result = propose("--kind", "person", "--name", "Minh 2", locale="vi_VN.UTF-8")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "chữ số “2”" in result.stderr


def test_the_first_form_is_printed_alone_on_standard_output() -> None:
    result = minh()
    assert (result.exit_code, result.stdout) == (0, "nvminh@cantho.gov.vn\n")
    assert "Điều 4 khoản 2" in result.stderr


@pytest.mark.parametrize(
    ("taken", "address"),
    [("nvminh", "nvanminh@cantho.gov.vn"), ("nvminh@cantho.gov.vn, nvanminh", "nguyenvanminh@cantho.gov.vn")],
)
def test_taken_addresses_climb_the_ladder(taken: str, address: str) -> None:
    assert minh("--taken", taken).stdout == address + "\n"


def test_the_fourth_holder_of_a_name_needs_a_human_and_ends_with_status_1() -> None:
    result = minh("--taken", "nvminh,nvanminh,nguyenvanminh")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Điều 4 khoản 2" in result.stderr


def test_explicit_parts_go_before_the_split() -> None:
    result = propose("--kind", "person", "--surname", "Tôn Nữ", "--middle", "Thị", "--given", "Ninh")
    assert result.stdout == "tntninh@cantho.gov.vn\n"


def test_json_tells_the_rule_and_what_was_passed_over() -> None:
    answer = json.loads(minh("--taken", "nvminh", "--json").stdout)
    assert (answer["address"], answer["rank"]) == ("nvanminh@cantho.gov.vn", 2)
    assert answer["skipped"] == [{"address": "nvminh@cantho.gov.vn", "why": "taken"}]
    assert "Điều 4 khoản 2" in answer["rule"]


def test_json_of_what_a_human_must_decide_has_no_address_and_status_1() -> None:
    result = minh("--taken", "nvminh,nvanminh,nguyenvanminh", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["address"] is None


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "names.csv"
    path.write_text(text, encoding)
    return path


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("kind,nmae\nperson,A\n", 1, "nmae"),
        ("kind,name\nperson,Nguyễn Văn Minh\nking,Nguyễn Văn Minh\n", 3, "king"),
        ("kind,name\nperson,\n", 2, "name is missing"),
        ("kind,name,rank\nperson,Nguyễn Văn Minh,first\n", 2, "first"),
        ("kind,name\nperson,Nguyễn Văn Minh,extra\n", 2, "header"),
    ],
)
def test_a_bad_row_is_refused_with_file_and_line(tmp_path: Path, text: str, line: int, told: str) -> None:
    path = write(tmp_path, text)
    result = propose("--from", path)
    assert result.exit_code == 1
    assert f"{path}:{line}: " in result.stderr
    assert told in result.stderr


@pytest.mark.parametrize(
    ("province", "parent", "address"),
    [
        ("daklak", "sttt", "namtv@tttt.daklak.gov.vn"),
        ("daklak", "Sở Thông tin và Truyền thông", "namtv@tttt.daklak.gov.vn"),
        ("daklak", "tttt.daklak.gov.vn", "namtv@tttt.daklak.gov.vn"),
        ("daknong", "pnv.cujut", "namtv.pnv.cujut@daknong.gov.vn"),
        ("daknong", "Phòng Nội vụ, UBND huyện Cư Jút", "namtv.pnv.cujut@daknong.gov.vn"),
        ("daknong", "Sở Văn hóa, Thể thao và Du lịch", "namtv.svhttdl@daknong.gov.vn"),
        ("binhphuoc", "UBND xã Minh Hưng, huyện Bù Đăng", "namtv.xmh.bda@binhphuoc.gov.vn"),
        ("vinhphuc", "stttt", "namtv@vinhphuc.gov.vn"),
    ],
)
def test_a_place_is_said_by_labels_or_by_names(province: str, parent: str, address: str) -> None:
    result = govdir(
        *("address", "propose", "--province", province, "--kind", "person"),
        *("--name", "Trần Văn Nam", "--parent", parent),
    )
    assert result.stdout == f"{address}\n"


def test_a_unit_of_an_agency_is_told_from_one_of_a_district() -> None:
    arguments = ("address", "propose", "--province", "daknong", "--kind", "person", "--name", "Trần Văn Nam")
    result = govdir(*arguments, "--parent", "pcntt.stttt", "--parent-kind", "agency")
    assert result.stdout == "namtv.stttt@daknong.gov.vn\n"


@pytest.mark.parametrize("parent", ["..", "&&", "a b@c"])
def test_a_place_that_is_none_is_refused(parent: str) -> None:
    result = minh("--parent", parent)
    assert (result.exit_code, result.stdout) == (1, "")


def test_what_came_out_is_told_in_json() -> None:
    four = "nvminh,nvanminh,nguyenvanminh"
    results = [
        minh("--json"),
        minh("--json", "--taken", four),
        propose("--kind", "person", "--name", "A2", "--json"),
    ]
    assert [json.loads(result.stdout)["outcome"] for result in results] == ["given", "human", "refused"]
    assert [result.exit_code for result in results] == [0, 1, 1]
    assert len(json.loads(results[1].stdout)["skipped"]) == 3


@pytest.mark.parametrize("encoding", ["tcvn3", "vni"])
def test_a_name_of_an_old_list_is_converted_when_asked_and_else_told(encoding: str) -> None:
    written = {"tcvn3": "NguyÔn V¨n Minh", "vni": "Nguyeãn Vaên Minh"}[encoding]
    asked = propose("--kind", "person", "--name", written, "--encoding", encoding, "--taken", "nvminh")
    plain = propose("--kind", "person", "--name", written)
    assert asked.stdout == "nvanminh@cantho.gov.vn\n"
    assert f"--encoding {encoding}" in plain.stderr
    assert "Nguyễn Văn Minh" in plain.stderr


def test_posts_choose_by_their_precedence_where_the_regulation_says_so_and_ranks_before_them(
    tmp_path: Path,
) -> None:
    path = write(
        tmp_path,
        "Loại,Họ và tên,Chức vụ,Cấp bậc\nperson,Lê Văn Tú,Chuyên viên,\nperson,Lê Văn Tú,Phó Giám đốc,\n"
        "person,Lê Văn Tú,Giám đốc Sở,\nperson,Lê Văn Tú,Chuyên viên,1\nperson,Lê Văn Tú,,\n",
    )
    result = govdir("address", "propose", "--province", "vinhphuc", "--from", path, "--json")
    addresses = [each["address"].partition("@")[0] for each in json.loads(result.stdout)]
    assert addresses == ["tulv3", "tulv2", "tulv1", "tulv", "tulv4"]


def labels(*arguments: object) -> Result:
    return govdir("address", "labels", "--province", "cantho", "--kind", "agency", *arguments)


def test_labels_are_listed_with_their_clashes() -> None:
    result = labels("--name", "Sở Ngoại vụ", "--taken", "sonv")
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert [line.split()[0] for line in lines] == ["sonv", "snv", "snvu", "songoaivu"]
    assert lines[0].endswith("taken")
    assert lines[1].endswith("free")


def test_labels_in_json_and_a_name_that_offers_none() -> None:
    rows = json.loads(labels("--name", "Sở Ngoại vụ", "--taken", "sonv", "--json").stdout)
    assert rows[0] == {
        "label": "sonv",
        "how": "the label by the regulation",
        "address": "sonv@cantho.gov.vn",
        "clash": "taken",
    }
    assert labels("--name", "&&").exit_code == 1


def test_a_file_that_is_missing_is_the_environments_fault(tmp_path: Path) -> None:
    result = propose("--from", tmp_path / "names.csv")
    assert result.exit_code == 3
    assert "names.csv: No such file" in result.stderr


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "kind,name\nperson,Nguyễn Văn Minh\n", "utf-16")
    assert propose("--from", path).exit_code == 1


def test_rows_of_higher_rank_choose_first_and_the_answers_keep_the_files_order(tmp_path: Path) -> None:
    path = write(tmp_path, "kind;name;rank\nperson;Nguyễn Văn Minh;\nleader;Nguyễn Văn Minh;1\n", "utf-8-sig")
    answers = json.loads(propose("--from", path, "--json").stdout)
    assert [each["address"] for each in answers] == ["nvanminh@cantho.gov.vn", "nvminh@cantho.gov.vn"]


def test_a_batch_prints_what_it_can_and_ends_with_status_1_when_a_row_is_left(tmp_path: Path) -> None:
    path = write(tmp_path, "name\n" + "Nguyễn Văn Minh\n" * 4)
    result = propose("--from", path, "--kind", "person")
    assert result.exit_code == 1
    assert [line.split(",")[2].partition("@")[0] for line in result.stdout.splitlines()[1:]] == [
        "nvminh",
        "nvanminh",
        "nguyenvanminh",
        "",
    ]
