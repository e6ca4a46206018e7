"""`govdir import` of lists: any header, encoding and layout that agencies use, by the rules of every door."""

from __future__ import annotations

import csv
import io
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import ldap3
import pytest
from click.testing import Result
from openpyxl import Workbook, load_workbook

from govdir.policy.load import load_province
from govdir.policy.model import MailboxKind
from govdir.policy.password_rules import check
from tests.cli.command_line import govdir
from tests.cli.lists import HEADER, fill, numbered, write_csv, write_xlsx
from tests.cli.serving import serving
from tests.mailattrs import legacy_writing as old

SUFFIX = "dc=cantho,dc=gov,dc=vn"
NAMES = ["Lê Thị Bích Đào", "Trần Quốc Ân", "Đặng Hữu Nghĩa", "Huỳnh Ngọc Hưởng", "Phan Trọng Luật"]
ADDRESSES = ["ltbdao", "tqan", "dhnghia", "hnhuong", "ptluat"]


@pytest.fixture
def offices(home: Path, tmp_path: Path) -> Path:
    """A home with two agencies; each has an office, one an inspectorate."""
    bodies = {
        "ou=sonv": ("Sở Nội vụ", "org"),
        "ou=vanphong,ou=sonv": ("Văn phòng", "unit"),
        "ou=thanhtra,ou=sonv": ("Thanh tra", "unit"),
        "ou=sokhdt": ("Sở Kế hoạch và Đầu tư", "org"),
        "ou=vanphong,ou=sokhdt": ("Văn phòng", "unit"),
    }
    records = [
        f"dn: {rdn},ou=orgs,{SUFFIX}\nobjectClass: organizationalUnit\nobjectClass: gdOrganization\n"
        f"objectClass: gdMailbox\ndisplayName: {name}\ngdMailboxKind: {kind}\n"
        for rdn, (name, kind) in bodies.items()
    ]
    path = tmp_path / "bodies.ldif"
    path.write_text("\n".join(records))
    assert govdir("import", home, path).exit_code == 0
    return home


def bring(home: Path, path: Path, *arguments: object, stdin: str | None = None) -> Result:
    return govdir("import", home, path, *arguments, stdin=stdin)


def report(home: Path, path: Path, *arguments: object) -> dict[str, object]:
    """What --json tells; a program's own view."""
    result = bring(home, path, "--json", *arguments)
    document: dict[str, object] = json.loads(result.stdout)
    return document


def rows(home: Path, path: Path, *arguments: object) -> list[dict[str, object]]:
    found = report(home, path, "--dry-run", *arguments)["rows"]
    assert isinstance(found, list)
    return found


def addresses(home: Path, path: Path, *arguments: object) -> list[str]:
    return [str(each["address"]).removesuffix("@cantho.gov.vn") for each in rows(home, path, *arguments)]


def people(home: Path) -> list[str]:
    """The local parts of everybody's address, sorted."""
    text = govdir("export", home).stdout
    found = [entry for entry in text.split("\n\n") if "objectClass: gdPerson" in entry]
    return sorted(
        line.removeprefix("mail: ").partition("@")[0]
        for entry in found
        for line in entry.splitlines()
        if line.startswith("mail: ")
    )


# -- writing


def test_a_list_is_shown_asked_about_and_written(offices: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", HEADER, *numbered(NAMES, "Chuyên viên", "Văn phòng, Sở Nội vụ"))

    result = bring(offices, path, stdin="y\n")

    assert result.exit_code == 0, result.stderr
    assert "ltbdao@cantho.gov.vn" in result.stdout
    assert "Made 5 mailboxes" in result.stdout
    assert people(offices) == sorted(ADDRESSES)


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_without_a_yes_nothing_is_written(offices: Path, tmp_path: Path, answer: str) -> None:
    path = write_csv(tmp_path / "list.csv", HEADER[:3], *numbered(NAMES, "Chuyên viên"))

    result = bring(offices, path, "--in", "sonv", stdin=answer)

    assert result.exit_code == 1
    assert people(offices) == []


def test_a_dry_run_shows_and_asks_nothing(offices: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", HEADER[:3], *numbered(NAMES, "Chuyên viên"))

    result = bring(offices, path, "--in", "sonv", "--dry-run")

    assert result.exit_code == 0
    assert "5 mailboxes could be made" in result.stdout
    assert people(offices) == []


def test_the_entry_is_what_a_client_would_have_added(offices: Path, tmp_path: Path) -> None:
    head = (*HEADER, "Cấp bậc", "Điện thoại", "Địa chỉ hiện có")
    row = ("1", NAMES[0], "Phó Giám đốc", "Sở Nội vụ", "Lãnh đạo", "292 3820536", "dao1985@example.com")
    assert bring(offices, write_csv(tmp_path / "list.csv", head, row), "--yes").exit_code == 0

    entry = next(each for each in govdir("export", offices).stdout.split("\n\n") if "uid=ltbdao" in each)

    for line in (
        "title:: UGjDsyBHacOhbSDEkeG7kWM=",
        "gdRankClass: leader",
        "telephoneNumber: 292 3820536",
        "gdNameKey: le thi bich dao",
        "enabledService: smtp",
    ):
        assert line in entry
    assert "example.com" not in entry


def test_one_refused_row_stops_all_and_says_what_ldap_says(offices: Path, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "list.csv", HEADER[:3], ("1", NAMES[0], ""), ("2", "Minh 2", ""), ("3", "", "Văn thư")
    )
    ldif = tmp_path / "same.ldif"
    ldif.write_text(
        f"dn: uid=*,ou=sonv,ou=orgs,{SUFFIX}\nobjectClass: inetOrgPerson\nobjectClass: gdPerson\n"
        "objectClass: gdMailbox\ncn: Minh 2\nsn: Minh\n"
    )
    told_by_ldif = govdir("import", offices, ldif).stderr.splitlines()[0].partition("vn: ")[2]

    result = bring(offices, path, "--in", "sonv", "--yes")

    assert result.exit_code == 1
    assert f"{path}:3: Minh 2: {told_by_ldif}" in result.stderr
    assert f"{path}:4: : A name is needed" in result.stderr
    assert "2 rows refused" in result.stderr
    assert people(offices) == []


def test_keep_going_takes_the_good_rows_and_hands_the_bad_ones_back(offices: Path, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "list.csv", HEADER[:3], ("1", NAMES[0], "Văn thư"), ("2", "Minh 2", "Chuyên viên")
    )

    result = bring(offices, path, "--in", "sonv", "--keep-going", "--yes")

    assert result.exit_code == 1, "not every row got a mailbox"
    assert people(offices) == ["ltbdao"]
    left = tmp_path / "list.refused.csv"
    assert str(left) in result.stderr
    head, row = csv.reader(io.StringIO(left.read_text("utf-8-sig")))
    assert head[:3] == list(HEADER[:3])
    assert row[:3] == ["2", "Minh 2", "Chuyên viên"]
    assert "“2”" in row[3]


def test_passwords_are_one_time_valid_and_for_the_owner_of_the_file_only(
    offices: Path, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "list.csv", HEADER[:3], *numbered(NAMES, "Chuyên viên"))
    secret = tmp_path / "passwords.csv"

    assert bring(offices, path, "--in", "sonv", "--passwords", secret, "--yes").exit_code == 0

    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    found = list(csv.DictReader(io.StringIO(secret.read_text("utf-8-sig"))))
    assert [each["Address"] for each in found] == [f"{each}@cantho.gov.vn" for each in ADDRESSES]
    assert len({each["One-time password"] for each in found}) == 5
    for each in found:
        own = (each["Name"], each["Address"])
        assert check(load_province("cantho"), MailboxKind.PERSON, each["One-time password"], own).accepted
    exported = govdir("export", offices, "--with-secrets").stdout
    assert exported.count("pwdReset: TRUE") == 5
    entry = next(each for each in exported.split("\n\n") if "uid=tqan" in each)
    assert "enabledService: smtp" not in entry


def test_a_file_of_passwords_is_never_overwritten(offices: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", HEADER[:3], *numbered(NAMES, "Chuyên viên"))
    secret = tmp_path / "passwords.csv"
    secret.write_text("mật mã đợt trước")

    result = bring(offices, path, "--in", "sonv", "--passwords", secret, "--yes")

    assert result.exit_code == 1
    assert secret.read_text() == "mật mã đợt trước"
    assert people(offices) == []


def test_a_running_server_knows_the_new_people_and_their_passwords(offices: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", HEADER[:3], *numbered(NAMES, "Chuyên viên"))
    secret = tmp_path / "passwords.csv"
    with serving("serve", offices) as server:
        assert bring(offices, path, "--in", "sonv", "--passwords", secret, "--yes").exit_code == 0
        found = next(csv.DictReader(io.StringIO(secret.read_text("utf-8-sig"))))
        target = ldap3.Server("127.0.0.1", server.ldap)
        who = f"uid={ADDRESSES[0]},ou=sonv,ou=orgs,{SUFFIX}"
        connection = ldap3.Connection(target, who, found["One-time password"])

        def knows() -> bool:
            return bool(connection.bind())

        wait_until(knows)
        connection.unbind()


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Another process catches up by itself, within moments."""
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end
        sleep(0.05)


def test_forty_names_take_less_than_three_seconds(offices: Path, tmp_path: Path) -> None:
    surnames = ("Nguyễn", "Trần", "Lê", "Phạm", "Võ", "Đỗ", "Bùi", "Hồ")
    names = [
        f"{surname} Thị {given}" for surname in surnames for given in ("Lan", "Mai", "Cúc", "Huệ", "Sen")
    ]
    path = write_csv(tmp_path / "list.csv", HEADER[:3], *numbered(names, "Chuyên viên"))
    started = monotonic()

    assert bring(offices, path, "--in", "sonv", "--yes").exit_code == 0

    assert monotonic() - started < 3
    assert len(people(offices)) == 40


# -- headers and layouts


@pytest.mark.parametrize(
    ("header", "row"),
    [
        (("Họ và tên", "Chức vụ"), ("Lê Thị Bích Đào", "Văn thư")),
        (("HỌ VÀ TÊN (*)", "CHỨC DANH"), ("LÊ THỊ BÍCH ĐÀO", "Văn thư")),
        (("Tên",), ("Lê Thị Bích Đào",)),
        (("Full name", "Position"), ("Lê Thị Bích Đào", "Clerk")),
        (("Họ", "Tên đệm", "Tên"), ("Lê", "Thị Bích", "Đào")),
        (("Họ và tên đệm", "Tên"), ("Lê Thị Bích", "Đào")),
        (("Họ, chữ lót", "Tên"), ("Lê Thị Bích", "Đào")),
        (("Surname", "Middle name", "Given name"), ("Lê", "Thị Bích", "Đào")),
        (("TT", "Chức vụ", "Họ  tên"), ("1", "Văn thư", "Lê  Thị Bích Đào ")),
    ],
)
def test_headers_are_known_in_many_words(
    offices: Path, tmp_path: Path, header: tuple[str, ...], row: tuple[str, ...]
) -> None:
    path = write_csv(tmp_path / "list.csv", header, row, delimiter=";")

    (found,) = rows(offices, path, "--in", "sonv")

    assert found["name"] == "Lê Thị Bích Đào"
    assert (found["surname"], found["middle"], found["given"]) == ("Lê", "Thị Bích", "Đào")
    assert found["address"] == "ltbdao@cantho.gov.vn"


def test_a_title_numbers_blank_rows_totals_and_signatures_are_no_people(
    offices: Path, tmp_path: Path
) -> None:
    path = write_csv(
        tmp_path / "list.csv",
        ("SỞ NỘI VỤ", "", "", ""),
        ("DANH SÁCH ĐĂNG KÝ HỘP THƯ CÔNG VỤ NĂM 2026", "", "", ""),
        ("", "", "", ""),
        HEADER,
        ("(1)", "(2)", "(3)", "(4)"),
        ("1", "Tống Văn Cường", "Chuyên viên", ""),
        ("", "", "", ""),
        ("2", "Công Tằng Tôn Nữ Thị Ninh", "Chuyên viên", ""),
        ("", "Tổng cộng: 02 người", "", ""),
        ("", "", "Cần Thơ, ngày 20 tháng 11 năm 2026", ""),
        ("", "", "GIÁM ĐỐC", ""),
        ("", "", "Nguyễn Văn Hùng", ""),
        delimiter=";",
    )

    told = report(offices, path, "--in", "sonv", "--dry-run")

    assert [each["name"] for each in told["rows"]] == ["Tống Văn Cường", "Công Tằng Tôn Nữ Thị Ninh"]  # type: ignore[attr-defined]
    assert [each["row"] for each in told["left_out"]] == [5, 9, 10, 11, 12]  # type: ignore[attr-defined]


def test_groups_merged_cells_and_columns_name_the_unit(offices: Path, tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "list.xlsx",
        [
            ["DANH SÁCH"],
            HEADER,
            ["I", "Văn phòng"],
            [1, NAMES[0], "Văn thư"],
            ["II", "Lãnh đạo"],
            [2, NAMES[1], "Giám đốc"],
            [3, NAMES[2], "Chánh Thanh tra", "Thanh tra Sở Nội vụ"],
            [4, NAMES[3], "Thanh tra viên", "Thanh tra"],
            [5, NAMES[4], "Thanh tra viên"],
        ],
        merged=["A1:D1", "D8:D9"],
    )

    found = rows(offices, path, "--in", "sonv")

    assert [each["body"] for each in found[:2]] == ["Văn phòng, Sở Nội vụ", "Sở Nội vụ"]
    assert [each["body"] for each in found[3:]] == ["Thanh tra, Sở Nội vụ"] * 2


def test_a_name_in_two_header_rows(offices: Path, tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "list.xlsx",
        [
            ["STT", "Họ và tên", None, None, "Chức vụ"],
            [None, "Họ", "Tên đệm", "Tên", None],
            [1, "Lê", "Thị Bích", "Đào", "Văn thư"],
            [2, "Niê Kđăm", "Y", "Ngông", "Văn thư"],
        ],
        merged=["A1:A2", "B1:D1", "E1:E2"],
    )

    found = rows(offices, path, "--in", "sonv")

    assert [each["name"] for each in found] == ["Lê Thị Bích Đào", "Y Ngông Niê Kđăm"]
    assert (found[1]["surname"], found[1]["middle"], found[1]["given"]) == ("Niê Kđăm", "Y", "Ngông")


def test_formulas_give_their_values_and_a_hidden_sheet_is_passed_over(offices: Path, tmp_path: Path) -> None:
    workbook = Workbook()
    fill(workbook.active, [["bảng phụ"]])
    workbook.active.sheet_state = "hidden"
    fill(workbook.create_sheet("Danh sách"), [HEADER, [1, NAMES[0], "Văn thư", "Văn phòng"]])
    path = tmp_path / "list.xlsx"
    workbook.save(path)
    # What a spreadsheet program stores beside a formula; openpyxl itself does not calculate.
    _replace(path, "xl/worksheets/sheet2.xml", b"<v>1</v>", b"<f>1+0</f><v>1</v>")

    assert addresses(offices, path, "--in", "sonv") == ["ltbdao"]
    assert load_workbook(path)["Danh sách"]["A2"].value == "=1+0"


def _replace(path: Path, part: str, old_text: bytes, new_text: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old_text in parts[part]
    parts[part] = parts[part].replace(old_text, new_text, 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


@pytest.mark.parametrize("sheet", ["Đợt 2", "đợt 2 "])
def test_a_sheet_is_chosen_by_name(offices: Path, tmp_path: Path, sheet: str) -> None:
    path = write_xlsx(tmp_path / "list.xlsx", [HEADER, [1, NAMES[0]]], sheet="Đợt 2")

    assert addresses(offices, path, "--in", "sonv", "--sheet", sheet) == ["ltbdao"]
    assert "Đợt 2" in bring(offices, path, "--sheet", "Đợt 3").stderr


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_csv_in_every_usual_form(offices: Path, tmp_path: Path, delimiter: str, encoding: str) -> None:
    path = write_csv(
        tmp_path / "list.csv",
        HEADER[:3],
        *numbered(NAMES, "Chuyên viên"),
        delimiter=delimiter,
        encoding=encoding,
    )

    assert addresses(offices, path, "--in", "sonv") == ADDRESSES


def test_a_row_torn_by_a_comma_is_refused(offices: Path, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Họ và tên,Đơn vị\nLê Thị Bích Đào,Văn phòng, Sở Nội vụ\n")

    assert rows(offices, path, "--in", "sonv")[0]["rule"] == "row"


# -- encodings


@pytest.mark.parametrize("kind", ["tcvn3", "vni", "cp1258", "mojibake"])
def test_old_encodings_are_recognised_converted_and_shown(offices: Path, tmp_path: Path, kind: str) -> None:
    writers = {
        "tcvn3": lambda text: old.as_tcvn3(text).encode("latin-1"),
        "vni": lambda text: old.as_vni(text).encode("cp1252"),
        "cp1258": old.as_cp1258_octets,
        "mojibake": lambda text: old.as_mojibake(text).encode(),
    }
    path = tmp_path / "list.csv"
    lines = [",".join(HEADER), *(f"{n},{name},Chuyên viên,Văn phòng" for n, name in enumerate(NAMES, 1))]
    path.write_bytes(writers[kind]("\n".join(lines)))

    told = report(offices, path, "--in", "sonv", "--dry-run")

    assert told["encoding"] == kind
    found = told["rows"]
    assert isinstance(found, list)
    assert [each["name"] for each in found] == NAMES
    assert {each["body"] for each in found} == {"Văn phòng, Sở Nội vụ"}
    assert all(each["before"] != each["name"] for each in found)


def test_the_font_of_a_cell_goes_before_the_vote(offices: Path, tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "list.xlsx",
        [
            HEADER,
            [1, old.as_tcvn3("Dũng")],
            [2, old.as_tcvn3("LÊ VĂN HÒA")],
            [3, old.as_vni(NAMES[0])],
            [4, NAMES[1]],
        ],
        fonts=[None, ".VnTime", ".VnTimeH", "VNI-Times", "Times New Roman"],
    )

    found = rows(offices, path, "--in", "sonv")

    assert [each["name"] for each in found] == ["Dũng", "Lê Văn Hòa", NAMES[0], NAMES[1]]


def test_a_doubtful_column_is_asked_about_and_the_answer_taken(offices: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", HEADER[:2], ("1", "Dòng"))

    result = bring(offices, path, "--in", "sonv", "--dry-run")

    assert result.exit_code == 1
    assert "--encoding" in result.stderr
    assert "“Dũng”" in result.stderr
    assert rows(offices, path, "--in", "sonv", "--encoding", "tcvn3")[0]["name"] == "Dũng"
    assert rows(offices, path, "--in", "sonv", "--encoding", "unicode")[0]["name"] == "Dòng"


def test_a_column_of_two_encodings_is_not_guessed(offices: Path, tmp_path: Path) -> None:
    mixed = [*NAMES[:4], old.as_tcvn3("Nguyễn Văn Phương")]
    path = write_csv(tmp_path / "list.csv", HEADER[:2], *numbered(mixed))

    result = bring(offices, path, "--in", "sonv", "--dry-run")

    assert result.exit_code == 1
    assert f"{path}:6: " in result.stderr
    forced = rows(offices, path, "--in", "sonv", "--encoding", "tcvn3")
    assert [each["name"] for each in forced] == [*NAMES[:4], "Nguyễn Văn Phương"]


# -- bodies


@pytest.mark.parametrize(
    "unit",
    [
        "vanphong.sokhdt",
        "vanphong.sokhdt@cantho.gov.vn",
        "Văn phòng, Sở Kế hoạch và Đầu tư",
        "Sở KH&ĐT - Văn phòng",
        "Văn phòng/Sở KH&ĐT",
        "Văn phòng, SKHĐT",
        "văn phòng thuộc sở kế hoạch và đầu tư",
        f"ou=vanphong,ou=sokhdt,ou=orgs,{SUFFIX}",
    ],
)
def test_a_unit_is_found_by_label_address_name_and_dn(offices: Path, tmp_path: Path, unit: str) -> None:
    path = write_csv(tmp_path / "list.csv", HEADER, ("1", NAMES[0], "Văn thư", unit))

    assert rows(offices, path)[0]["body"] == "Văn phòng, Sở Kế hoạch và Đầu tư"


@pytest.mark.parametrize(
    ("unit", "told"),
    [
        ("Sở Nội vu Cần Thơ", "Sở Nội vụ"),
        ("Văn phòng", "is several bodies"),
        ("", "--in"),
        ("Sở Ngoại giao vũ trụ", "There is no body"),
    ],
)
def test_an_unclear_unit_is_told_with_what_may_be_meant(
    offices: Path, tmp_path: Path, unit: str, told: str
) -> None:
    path = write_csv(tmp_path / "list.csv", HEADER, ("1", NAMES[0], "Văn thư", unit))

    result = bring(offices, path, "--dry-run")

    assert result.exit_code == 1
    assert f"{path}:2: {NAMES[0]}: " in result.stderr
    assert told in result.stderr


def test_a_list_for_one_body_reaches_no_other(offices: Path, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "list.csv",
        HEADER,
        ("1", NAMES[0], "Văn thư", "Văn phòng"),
        ("2", NAMES[1], "Văn thư", "Sở Kế hoạch và Đầu tư"),
    )

    first, second = rows(offices, path, "--in", "Sở Nội vụ")

    assert first["body"] == "Văn phòng, Sở Nội vụ"
    assert second["rule"] == "body"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Minh 😀", "“😀”"),
        ("Nguyễn Văn\nMinh", "U+000A"),
        ("{uôn R^t", "old font"),
        ("李 明", "a–z"),
        ("Nguyễn " * 50 + "Minh", "128"),
    ],
)
def test_impossible_names_get_a_clear_answer(offices: Path, tmp_path: Path, name: str, told: str) -> None:
    path = write_csv(tmp_path / "list.csv", HEADER[:3], ("1", name, "Văn thư"))

    result = bring(offices, path, "--in", "sonv", "--dry-run")

    assert result.exit_code == 1
    assert told in result.stderr
    assert max(map(len, result.stdout.splitlines())) < 300


# -- who is who


def test_namesakes_are_flagged_in_the_file_in_the_body_and_in_the_province(
    offices: Path, tmp_path: Path
) -> None:
    earlier = write_csv(tmp_path / "earlier.csv", HEADER, ("1", "Nguyễn Văn Minh", "Văn thư", "Sở KH&ĐT"))
    assert bring(offices, earlier, "--yes").exit_code == 0
    path = write_csv(
        tmp_path / "list.csv",
        HEADER,
        ("1", "Nguyễn Văn Minh", "Văn thư", "Sở KH&ĐT"),
        ("2", "NGUYỄN VĂN MINH", "Văn thư", "Sở Nội vụ"),
        ("3", "Nguyen Van Minh", "", "Sở Nội vụ"),
    )

    first, second, third = rows(offices, path, "--namesakes")

    assert (first["address"], first["step"]) == ("nvanminh@cantho.gov.vn", 2)
    assert first["same_name_in_body"] == ["nvminh@cantho.gov.vn"]
    assert second["same_name_elsewhere"] == ["nvminh@cantho.gov.vn"]
    assert second["same_name_rows"] == [2, 4]
    assert third["rule"] == "address-exhausted"
    assert "SAME NAME ALREADY" in bring(offices, path, "--dry-run", "--namesakes").stdout


def test_other_requests_than_a_new_mailbox_are_left_out(offices: Path, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "list.csv",
        (*HEADER[:3], "Yêu cầu"),
        ("1", NAMES[0], "Văn thư", "Cấp mới"),
        ("2", NAMES[1], "Văn thư", "Hủy bỏ"),
        ("3", NAMES[2], "Văn thư", "Cấp lại mật mã"),
        ("4", NAMES[3], "Văn thư", ""),
    )

    told = report(offices, path, "--in", "sonv", "--dry-run")

    assert [each["row"] for each in told["rows"]] == [2, 5]  # type: ignore[attr-defined]
    assert [each["row"] for each in told["left_out"]] == [3, 4]  # type: ignore[attr-defined]


def test_an_address_of_the_list_is_judged_as_at_any_door(offices: Path, tmp_path: Path) -> None:
    head = (*HEADER[:3], "Địa chỉ hiện có")
    path = write_csv(tmp_path / "list.csv", head, ("1", NAMES[0], "Văn thư", "dao@cantho.gov.vn"))

    assert rows(offices, path, "--in", "sonv")[0]["rule"] == "address-form"
    assert addresses(offices, path, "--in", "sonv", "--keep-addresses") == ["dao"]


# -- what is no list


def test_an_xls_file_is_refused_with_what_to_do(offices: Path, tmp_path: Path) -> None:
    path = tmp_path / "list.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))

    result = bring(offices, path, "--dry-run")

    assert result.exit_code == 1
    assert "Save As" in result.stderr


def test_a_table_without_a_header_is_refused(offices: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", *numbered(NAMES, "Chuyên viên"))

    result = bring(offices, path, "--in", "sonv")

    assert result.exit_code == 1
    assert "Full name" in result.stderr


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"PK\x03\x04" + bytes(100), b"\x00" * 1000])
def test_damaged_files_are_refused_in_words(offices: Path, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(data)

    result = bring(offices, path, "--in", "sonv")

    assert result.exit_code == 1
    assert str(path) in result.stderr


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread(offices: Path, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "list.xlsx", [HEADER, [1, NAMES[0]]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.bin", bytes(80 * 1024 * 1024))

    result = bring(offices, path, "--in", "sonv")

    assert result.exit_code == 1
    assert "64 MiB" in result.stderr


def test_a_workbook_with_entities_is_refused(offices: Path, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "list.xlsx", [HEADER, [1, NAMES[0]]])
    _replace(path, "xl/workbook.xml", b"<workbook", b'<!DOCTYPE a [<!ENTITY b "c">]><workbook')

    assert "DOCTYPE" in bring(offices, path, "--in", "sonv").stderr


def test_a_cell_far_away_costs_nothing(offices: Path, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "list.xlsx", [HEADER, [1, NAMES[0]]])
    _replace(
        path,
        "xl/worksheets/sheet1.xml",
        b"</sheetData>",
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        b'<mergeCells count="1"><mergeCell ref="A5:XFD1048576"/></mergeCells>',
    )

    assert addresses(offices, path, "--in", "sonv") == ["ltbdao"]


def test_too_many_rows_are_refused(offices: Path, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Họ và tên\n" + "Lê Thị Bích Đào\n" * 50_001)

    assert "50000" in bring(offices, path, "--in", "sonv").stderr


@pytest.mark.parametrize(
    "arguments",
    [("--in", "sonv"), ("--encoding", "vni"), ("--keep-going",), ("--namesakes",), ("--passwords", "p.csv")],
)
def test_options_of_lists_are_refused_for_ldif(
    offices: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    result = bring(offices, tmp_path / "people.ldif", *arguments)

    assert result.exit_code == 2
    assert arguments[0] in result.stderr


def test_two_files_with_a_list_among_them_are_refused(offices: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", HEADER[:2], *numbered(NAMES))

    assert govdir("import", offices, path, path).exit_code == 2


# -- the regulation that lets a higher post choose first


def test_case_14_a_deputy_director_goes_before_an_officer_listed_earlier(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert govdir("init", home, "--province", "vinhphuc").exit_code == 0
    body = tmp_path / "body.ldif"
    body.write_text(
        "dn: ou=stc,ou=orgs,dc=vinhphuc,dc=gov,dc=vn\nobjectClass: organizationalUnit\n"
        "objectClass: gdOrganization\nobjectClass: gdMailbox\ndisplayName: Sở Tài chính\ngdMailboxKind: org\n"
    )
    assert govdir("import", home, body).exit_code == 0
    path = write_csv(
        tmp_path / "list.csv",
        HEADER[:3],
        ("1", "Lê Văn Tú", "Chuyên viên"),
        ("2", "Lê Văn Tú", "Phó Giám đốc"),
    )

    found = rows(home, path, "--in", "stc")

    assert [each["address"] for each in found] == ["tulv1@vinhphuc.gov.vn", "tulv@vinhphuc.gov.vn"]
