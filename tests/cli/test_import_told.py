"""What `govdir import` tells an IT officer about a list: only what is so, in words that help."""

from __future__ import annotations

import csv
import io
import unicodedata
from pathlib import Path

import pytest
from click.testing import Result

from govdir.cli.local import open_directory
from govdir.config import load_config
from tests.cli.command_line import govdir
from tests.cli.lists import HEADER, numbered, write_csv, write_xlsx
from tests.mailattrs import legacy_writing as old


def bring(home: Path, path: Path, *arguments: str, locale: str = "C.UTF-8") -> Result:
    return govdir("import", home, path, "--in", "sonv", "--dry-run", *arguments, locale=locale)


def remarks(home: Path, path: Path) -> str:
    """The preview without its first line, which names the encoding."""
    return bring(home, path).stdout.partition("\n")[2]


@pytest.mark.parametrize("merged", ["A3:C3", "A3:D3"])
def test_a_total_that_stands_in_the_column_of_numbers_is_a_total(
    office: Path, tmp_path: Path, merged: str
) -> None:
    rows = [HEADER, (1, "Đặng Hữu Nghĩa"), ("Tổng cộng: 01 người",)]
    path = write_xlsx(tmp_path / "list.xlsx", rows, merged=[merged])

    assert "Row 3 left out (a row of totals): Tổng cộng: 01 người" in bring(office, path).stdout


def test_a_total_in_an_old_encoding_is_read_and_told_like_the_names(office: Path, tmp_path: Path) -> None:
    total = old.as_tcvn3("Tổng cộng: 03 người")
    names = numbered(
        [old.as_tcvn3(each) for each in ("Đặng Hữu Nghĩa", "Huỳnh Ngọc Hưởng", "Phan Trọng Luật")]
    )
    path = write_csv(tmp_path / "list.csv", HEADER[:2], *names, (total, ""))

    assert "Row 5 left out (a row of totals): Tổng cộng: 03 người" in bring(office, path).stdout


def test_a_name_of_other_code_points_but_the_same_letters_needs_no_remark(
    office: Path, tmp_path: Path
) -> None:
    name = unicodedata.normalize("NFD", "Đặng Hữu Nghĩa")
    path = write_csv(tmp_path / "list.csv", HEADER[:2], ("1", name))

    assert "in the file" not in remarks(office, path)


def test_a_refused_row_names_an_article_or_points_below_and_no_word_of_the_program(
    office: Path, tmp_path: Path
) -> None:
    path = write_csv(
        tmp_path / "list.csv", HEADER, ("1", "Đặng Hữu Nghĩa", "", "Phòng Lạ"), ("2", "Lê Văn 5", "", "")
    )

    told = bring(office, path, locale="vi_VN.UTF-8").stdout

    assert "BỊ TỪ CHỐI (xem bên dưới)" in told
    assert "BỊ TỪ CHỐI (Điều 4 khoản 2 điểm c)" in told


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Ông Lê Văn Tám", "is “Ông” a surname?"),
        ("TS. Trần Bình", "is “TS.” a surname?"),
        ("ThS Trần Bình", "is “ThS” a surname?"),
        ("Mai", "one word: is that the whole name?"),
    ],
)
def test_what_is_likely_no_whole_name_is_asked_about(
    office: Path, tmp_path: Path, name: str, asked: str
) -> None:
    path = write_csv(tmp_path / "list.csv", HEADER[:2], ("1", name))

    assert asked in remarks(office, path)


def test_usual_names_are_not_asked_about(office: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", HEADER[:2], *numbered(("Đặng Hữu Nghĩa", "H'Linh Niê Kdăm")))

    assert "?" not in remarks(office, path)


def test_whoever_is_there_already_is_taken_by_a_list_of_that_row_alone(office: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", HEADER[:2], ("1", "Nguyễn Văn Minh"))

    assert "import this row alone with --namesakes" in bring(office, path).stderr


def test_what_is_found_comes_in_one_order_parents_first(office: Path) -> None:
    with open_directory(load_config(office)) as local:
        found = list(local.find("(objectClass=gdMailbox)"))

    assert found == sorted(found, key=lambda dn: (dn.count(","), dn))


def test_a_file_that_is_no_list_is_named(office: Path, tmp_path: Path) -> None:
    path = tmp_path / "list.pdf"
    path.write_bytes(b"%PDF-1.4")

    assert "list.pdf" in bring(office, path).stderr


@pytest.mark.parametrize(
    ("locale", "said"), [("C.UTF-8", "--in needs a value"), ("vi_VN.UTF-8", "--in cần có giá trị")]
)
def test_an_option_without_its_value_is_told_in_the_locales_language(
    office: Path, locale: str, said: str
) -> None:
    result = govdir("import", office, "list.csv", "--in", locale=locale)

    assert result.exit_code == 2
    assert said in result.stderr


def test_a_list_that_is_not_there_is_told_in_the_locales_language(office: Path, tmp_path: Path) -> None:
    result = bring(office, tmp_path / "vắng.xlsx", locale="vi_VN.UTF-8")

    assert result.exit_code == 3
    assert "vắng.xlsx: không có tệp hoặc thư mục này" in result.stderr


def test_the_reason_stands_beside_the_row_that_was_left_out(office: Path, tmp_path: Path) -> None:
    rows = [(*HEADER, *[None] * 40), (1, "Lê Văn 5", "Văn thư", "Văn phòng"), (2, "Đặng Hữu Nghĩa")]
    path = write_xlsx(tmp_path / "list.xlsx", rows)

    govdir("import", office, path, "--in", "sonv", "--keep-going", "--yes")

    head, row = csv.reader(io.StringIO((tmp_path / "list.refused.csv").read_text("utf-8-sig")))
    assert head == [*HEADER, "Why"]
    assert len(row) == 5


def test_for_a_unit_that_is_not_there_the_command_is_told_that_makes_it(office: Path, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "list.csv", HEADER, *numbered(("Đặng Hữu Nghĩa", "Phan Trọng Luật"), "", "Phòng Lạ")
    )

    told = bring(office, path).stderr

    assert told.count('govdir org create HOME --name "Phòng Lạ" --in sonv') == 1


def test_for_a_name_that_is_none_no_unit_is_to_be_made(office: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", HEADER[:2], ("1", "Lê Văn 5"))

    assert "org create" not in bring(office, path).stderr
