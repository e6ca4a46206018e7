"""`govdir import` of a list whose people are there already: nobody gets a second mailbox by mistake."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.cli.command_line import govdir
from tests.cli.lists import HEADER, numbered, write_csv
from tests.cli.office import change_number

NAMES = ("Đặng Hữu Nghĩa", "Huỳnh Ngọc Hưởng", "Phan Trọng Luật")


def bring(home: Path, path: Path, *arguments: str | Path, locale: str = "C.UTF-8") -> Result:
    return govdir("import", home, path, "--in", "sonv", "--yes", *arguments, locale=locale)


def fates(home: Path, path: Path, *arguments: str) -> list[tuple[str, str]]:
    """What would become of each row, and its address."""
    rows: list[dict[str, Any]] = json.loads(bring(home, path, "--dry-run", "--json", *arguments).stdout)[
        "rows"
    ]
    return [(row["fate"], row["address"].partition("@")[0]) for row in rows]


@pytest.fixture
def staff(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "list.csv", HEADER[:3], *numbered(NAMES, "Chuyên viên"))


def test_the_same_list_a_second_time_makes_nothing_and_says_who_has_which_mailbox(
    office: Path, staff: Path
) -> None:
    assert bring(office, staff).exit_code == 0
    before = change_number(office)

    again = bring(office, staff, locale="vi_VN.UTF-8")

    assert again.exit_code == 1
    assert f"{staff}:3: Huỳnh Ngọc Hưởng: đã có hộp thư hnhuong@cantho.gov.vn" in again.stderr
    assert "cả 3 dòng đều là người đã có hộp thư" in again.stderr
    assert change_number(office) == before


def test_a_longer_list_gives_mailboxes_to_the_new_people_only(
    office: Path, staff: Path, tmp_path: Path
) -> None:
    assert bring(office, staff).exit_code == 0
    longer = write_csv(tmp_path / "longer.csv", HEADER[:2], *numbered((*NAMES, "Vũ Thị Thơm")))

    result = bring(office, longer)

    assert result.exit_code == 1, "some rows got no mailbox"
    assert "Made 1 mailbox in" in result.stdout
    assert "3 rows got no mailbox: 0 refused, 3 there already" in result.stderr
    assert [fate for fate, _ in fates(office, longer)] == ["present"] * 4


def test_a_name_is_known_again_whatever_its_accents_and_capitals(office: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", HEADER[:2], *numbered(("NGUYỄN VĂN MINH", "Le Thi Bich Dao")))

    assert fates(office, path) == [("present", ""), ("present", "")]


def test_somebody_of_that_name_in_another_body_is_somebody_else(office: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", HEADER, ("1", "Nguyễn Văn Minh", "", "Văn phòng"))

    assert fates(office, path) == [("new", "nvanminh")]


def test_rows_that_say_the_same_are_one_person_and_others_of_that_name_are_not(
    office: Path, tmp_path: Path
) -> None:
    path = write_csv(
        tmp_path / "list.csv",
        HEADER[:3],
        ("1", "Vũ Thị Thơm", "Chuyên viên"),
        ("2", "VŨ THỊ THƠM", "Chuyên Viên"),
        ("3", "Vũ Thị Thơm", "Phó Trưởng phòng"),
        ("4", "Vũ Thị Thớm", "Chuyên viên"),
    )

    assert fates(office, path) == [
        ("new", "vtthom"),
        ("repeated", ""),
        ("new", "vthithom"),
        ("new", "vuthithom"),
    ]
    told = bring(office, path)
    assert (told.exit_code, f"{path}:3: Vũ Thị Thơm: the same as row 2" in told.stderr) == (1, True)


def test_namesakes_are_taken_when_asked_for(office: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", HEADER[:2], *numbered(("Nguyễn Văn Minh", "Nguyễn Văn Minh")))

    result = bring(office, path, "--namesakes")

    assert result.exit_code == 0, result.stderr
    assert "nvanminh@cantho.gov.vn" in result.stdout
    assert "nguyenvanminh@cantho.gov.vn" in result.stdout


def test_a_list_that_names_the_present_address_is_no_conflict(office: Path, tmp_path: Path) -> None:
    head = (*HEADER[:2], "Địa chỉ hiện có")
    path = write_csv(tmp_path / "list.csv", head, ("1", "Nguyễn Văn Minh", "nvminh@cantho.gov.vn"))

    assert fates(office, path) == [("present", "")]


def test_keep_going_hands_back_who_is_there_already_beside_what_is_refused(
    office: Path, tmp_path: Path
) -> None:
    names = ("Nguyễn Văn Minh", "Minh 2", "Vũ Thị Thơm")
    path = write_csv(tmp_path / "list.csv", HEADER[:2], *numbered(names))

    result = bring(office, path, "--keep-going")

    assert result.exit_code == 1
    assert "2 rows got no mailbox: 1 refused, 1 there already" in result.stderr
    _, present, refused = csv.reader(io.StringIO((tmp_path / "list.refused.csv").read_text("utf-8-sig")))
    assert present[:2] == ["1", "Nguyễn Văn Minh"]
    assert "nvminh@cantho.gov.vn" in present[2]
    assert refused[:2] == ["2", "Minh 2"]


def test_a_rehearsal_ends_as_the_import_would(office: Path, staff: Path, tmp_path: Path) -> None:
    assert bring(office, staff, "--dry-run").exit_code == 0
    partly = write_csv(tmp_path / "partly.csv", HEADER[:2], *numbered(("Nguyễn Văn Minh", "Vũ Thị Thơm")))

    assert bring(office, partly, "--dry-run").exit_code == 1


def test_nobody_is_there_to_answer_so_nothing_is_made_and_no_file_of_passwords_is_left(
    office: Path, staff: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "passwords.csv"

    result = govdir(
        "import", office, staff, "--in", "sonv", "--passwords", secret, stdin="", locale="vi_VN.UTF-8"
    )

    assert result.exit_code == 1
    assert "Cấp 3 hộp thư như trên?" in result.stderr
    assert "Không có ai trả lời; thêm --yes nếu đồng ý." in result.stderr
    assert "Không có gì bị thay đổi." in result.stderr
    assert not secret.exists()
