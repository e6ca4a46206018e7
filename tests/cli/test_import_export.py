"""`govdir import` and `govdir export`: LDIF in, all or nothing, and out again."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.command_line import govdir

SUFFIX = "dc=cantho,dc=gov,dc=vn"
AGENCY = f"""\
dn: ou=sonv,ou=orgs,{SUFFIX}
objectClass: organizationalUnit
objectClass: gdOrganization
objectClass: gdMailbox
ou: sonv
displayName: Sở Nội vụ
gdMailboxKind: org
"""


def person(name: str, *lines: str, rdn: str = "uid=*") -> str:
    head = f"dn: {rdn},ou=sonv,ou=orgs,{SUFFIX}\n"
    classes = "".join(f"objectClass: {each}\n" for each in ("inetOrgPerson", "gdPerson", "gdMailbox"))
    return f"{head}{classes}cn: {name}\nsn: {name.split(maxsplit=1)[0]}\n" + "".join(
        f"{line}\n" for line in lines
    )


def add(record: str) -> str:
    first, _, rest = record.partition("\n")
    return f"{first}\nchangetype: add\n{rest}"


def write(folder: Path, *records: str, name: str = "new.ldif") -> Path:
    path = folder / name
    path.write_text("\n".join(records))
    return path


def mails(home: Path) -> list[str]:
    """Every primary address of the directory, sorted."""
    lines = govdir("export", home).stdout.splitlines()
    return sorted(line.removeprefix("mail: ") for line in lines if line.startswith("mail: "))


def run(home: Path, *arguments: object, stdin: str | None = None) -> Result:
    return govdir("import", home, *arguments, stdin=stdin)


@pytest.mark.parametrize("kind", ["content", "changes"])
def test_one_bad_entry_is_told_with_file_and_line_and_nothing_is_imported(
    home: Path, tmp_path: Path, kind: str
) -> None:
    records = [AGENCY, person("Nguyễn Văn Minh"), person("Trần Thị Hạnh", "shoeSize: 42")]
    path = write(tmp_path, *(map(add, records) if kind == "changes" else records))
    result = run(home, path)
    assert result.exit_code == 1
    assert f"{path}:{line_of(path, 3)}: " in result.stderr
    assert "shoeSize" in result.stderr
    assert mails(home) == []


def line_of(path: Path, record: int) -> int:
    """The line on which the record (from 1) begins."""
    lines = path.read_text().splitlines()
    return [number for number, line in enumerate(lines, 1) if line.startswith("dn: ")][record - 1]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("no colon here\n", "“:”"),
        ("mail:: not base64!\n", "base64"),
        ("jpegPhoto:< file:///etc/passwd\n", "URL"),
    ],
)
def test_a_line_that_is_no_ldif_is_told_with_its_number(
    home: Path, tmp_path: Path, bad: str, told: str
) -> None:
    path = write(tmp_path, AGENCY, person("Nguyễn Văn Minh") + bad)
    result = run(home, path)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{path}:{len(path.read_text().splitlines())}: ")
    assert told in result.stderr
    assert mails(home) == []


def test_every_refused_entry_is_told_not_only_the_first(home: Path, tmp_path: Path) -> None:
    path = write(tmp_path, AGENCY, person("Minh 2"), person("Hạnh 3"))
    result = run(home, path)
    assert result.stderr.count(f"{path}:") == 2
    assert "2 refused" in result.stderr


def test_an_address_the_regulation_does_not_give_is_refused_with_the_right_one_and_a_hint(
    home: Path, tmp_path: Path
) -> None:
    path = write(tmp_path, AGENCY, person("Nguyễn Văn Minh", "mail: minh@cantho.gov.vn"))
    result = run(home, path)
    assert "nvminh@cantho.gov.vn" in result.stderr
    assert "Điều 4 khoản 2" in result.stderr
    assert "--keep-addresses" in result.stderr


def test_given_addresses_are_kept_when_the_operator_says_so(home: Path, tmp_path: Path) -> None:
    path = write(tmp_path, AGENCY, person("Nguyễn Văn Minh", "mail: minh@cantho.gov.vn"))
    assert run(home, path, "--keep-addresses").exit_code == 0
    assert mails(home) == ["minh@cantho.gov.vn", "sonv@cantho.gov.vn"]


def test_an_address_further_up_the_ladder_is_taken_unless_the_operator_is_strict(
    home: Path, tmp_path: Path
) -> None:
    path = write(tmp_path, AGENCY, person("Nguyễn Văn Minh", "mail: nvanminh@cantho.gov.vn"))
    assert run(home, path, "--strict-addresses").exit_code == 1
    assert run(home, path).exit_code == 0
    assert "nvanminh@cantho.gov.vn" in mails(home)


def test_both_ways_of_taking_addresses_are_a_usage_error(home: Path, tmp_path: Path) -> None:
    assert run(home, write(tmp_path, AGENCY), "--strict-addresses", "--keep-addresses").exit_code == 2


def test_hashed_passwords_are_taken_unless_the_operator_refuses_them(home: Path, tmp_path: Path) -> None:
    hashed = "userPassword: {SSHA}8JNf2ShYM3N4kEpR7z6cSUeOHJV+Xl3wqA7sJA=="
    path = write(tmp_path, AGENCY, person("Nguyễn Văn Minh", hashed))
    refused = run(home, path, "--refuse-hashes")
    assert (refused.exit_code, "is hashed" in refused.stderr) == (1, True)
    assert run(home, path).exit_code == 0


def test_three_of_one_name_climb_the_ladder_and_the_fourth_is_refused(home: Path, tmp_path: Path) -> None:
    three = write(tmp_path, AGENCY, *[person("Nguyễn Văn Minh")] * 3)
    assert run(home, three).exit_code == 0
    assert mails(home) == [
        f"{each}@cantho.gov.vn" for each in ("nguyenvanminh", "nvanminh", "nvminh", "sonv")
    ]
    fourth = run(home, write(tmp_path, person("Nguyễn Văn Minh"), name="fourth.ldif"))
    assert fourth.exit_code == 1
    assert "Điều 4 khoản 2" in fourth.stderr


def test_a_dry_run_tells_what_would_be_done_and_writes_nothing(home: Path, tmp_path: Path) -> None:
    path = write(tmp_path, AGENCY, person("Nguyễn Văn Minh"))
    assert json.loads(run(home, path, "--dry-run", "--json").stdout)["entries"] == 2
    assert mails(home) == []


def test_files_are_one_import_and_their_order_does_not_matter(home: Path, tmp_path: Path) -> None:
    people = write(tmp_path, person("Nguyễn Văn Minh"), name="people.ldif")
    agencies = write(tmp_path, AGENCY, name="agencies.ldif")
    assert json.loads(run(home, people, agencies, "--json").stdout)["entries"] == 2
    again = run(home, people, agencies)
    assert f"{agencies}:1: " in again.stderr


def test_entries_are_read_from_standard_input(home: Path) -> None:
    assert run(home, "-", stdin=AGENCY).exit_code == 0
    assert mails(home) == ["sonv@cantho.gov.vn"]


def test_changes_are_made_in_their_order(home: Path, tmp_path: Path) -> None:
    dn = f"uid=nvminh,ou=sonv,ou=orgs,{SUFFIX}"
    changes = [
        add(AGENCY),
        add(person("Nguyễn Văn Minh")),
        f"dn: {dn}\nchangetype: modify\nreplace: title\ntitle: Chuyên viên\n-\n",
        f"dn: {dn}\nchangetype: modrdn\nnewrdn: uid=minh\ndeleteoldrdn: 1\n",
        f"dn: ou=sonv2,ou=orgs,{SUFFIX}\nchangetype: add\nobjectClass: organizationalUnit\nou: sonv2\n",
        f"dn: ou=sonv2,ou=orgs,{SUFFIX}\nchangetype: delete\n",
    ]
    result = run(home, write(tmp_path, *changes), "--json")
    assert json.loads(result.stdout)["changes"] == 6
    exported = govdir("export", home).stdout
    assert f"dn: uid=minh,ou=sonv,ou=orgs,{SUFFIX}\n" in exported
    assert "sonv2" not in exported


def test_a_mistake_in_the_last_change_leaves_the_first_undone(home: Path, tmp_path: Path) -> None:
    path = write(tmp_path, add(AGENCY), f"dn: ou=nobody,{SUFFIX}\nchangetype: delete\n")
    result = run(home, path)
    assert result.exit_code == 1
    assert f"{path}:{line_of(path, 2)}: ou=nobody,{SUFFIX}: " in result.stderr
    assert mails(home) == []


def test_a_critical_control_that_is_not_known_is_refused(home: Path, tmp_path: Path) -> None:
    change = f"dn: ou=lists,{SUFFIX}\ncontrol: 1.2.3.4 true\nchangetype: delete\n"
    assert "1.2.3.4" in run(home, write(tmp_path, change)).stderr


def test_entries_and_changes_are_not_imported_together(home: Path, tmp_path: Path) -> None:
    content = write(tmp_path, AGENCY, name="a.ldif")
    changes = write(tmp_path, add(person("Nguyễn Văn Minh")), name="b.ldif")
    result = run(home, content, changes)
    assert result.exit_code == 1
    assert "b.ldif holds changes" in result.stderr


def test_an_empty_file_is_refused(home: Path, tmp_path: Path) -> None:
    assert run(home, write(tmp_path)).exit_code == 1


def test_a_missing_file_is_the_environments_fault(home: Path, tmp_path: Path) -> None:
    result = run(home, tmp_path / "nowhere.ldif")
    assert result.exit_code == 3
    assert "nowhere.ldif: No such file" in result.stderr


def test_what_was_exported_makes_the_same_directory(demo_home: Path, tmp_path: Path) -> None:
    exported = tmp_path / "all.ldif"
    assert govdir("export", demo_home, "--with-secrets", "-o", exported).exit_code == 0
    other = tmp_path / "other"
    made = govdir("init", other, "--province", "cantho", "--from", exported)
    assert made.exit_code == 0, made.stderr
    assert lasting(govdir("export", other, "--with-secrets").stdout) == lasting(exported.read_text())


def lasting(exported: str) -> dict[str, list[str]]:
    """Of each entry what a move to another server keeps: all but the time of its last change, and the
    administrator's password."""
    records = [each.splitlines() for each in exported.replace("\n ", "").split("\n\n")]
    changing = ("entryCSN", "modifiersName", "modifyTimestamp")
    found = {
        lines[0]: [line for line in lines[1:] if not line.startswith(changing)]
        for lines in records
        if lines and lines[0].startswith("dn:")
    }
    admin = found["dn: cn=admin,dc=cantho,dc=gov,dc=vn"]
    admin[:] = [line for line in admin if not line.startswith(("userPassword", "pwd"))]
    return found


def test_a_directory_made_of_a_bad_export_is_none(home: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.ldif"
    bad.write_text("dn: dc=cantho,dc=gov,dc=vn\nobjectClass: nonsense\n")
    made = govdir("init", tmp_path / "other", "--province", "cantho", "--from", bad)
    assert made.exit_code == 1
    assert f"{bad}:1:" in made.stderr
    assert not (tmp_path / "other").exists()
    both = govdir("init", tmp_path / "other", "--province", "cantho", "--from", bad, "--sample", "1")
    assert both.exit_code == 2


def test_an_export_shows_no_password_unless_asked(demo_home: Path) -> None:
    assert "\nuserPassword:" not in govdir("export", demo_home).stdout
    assert "userPassword:: " in govdir("export", demo_home, "--with-secrets").stdout or (
        "userPassword: {" in govdir("export", demo_home, "--with-secrets").stdout
    )


def test_an_exported_file_is_for_its_owner_only(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "all.ldif"
    path.write_text("an older export")
    assert govdir("export", home, "-o", path).exit_code == 0
    assert path.read_text().startswith("version: 1\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_export_can_be_narrowed_by_base_and_filter(demo_home: Path) -> None:
    exported = govdir(
        "export", demo_home, "--base", f"ou=lists,{SUFFIX}", "--filter", "(objectClass=gdMailList)"
    ).stdout
    names = [line for line in exported.splitlines() if line.startswith("dn: ")]
    assert names
    assert all(name.startswith("dn: cn=") for name in names)


def test_a_file_that_cannot_be_written_is_told_by_its_own_name(home: Path, tmp_path: Path) -> None:
    result = govdir("export", home, "-o", tmp_path / "nowhere" / "all.ldif")
    assert result.exit_code == 3
    assert "nowhere/all.ldif: No such file" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(("--filter", "(mail="), 2), (("--base", f"ou=nowhere,{SUFFIX}"), 1), (("--base", "nonsense"), 1)],
)
def test_what_cannot_be_exported_is_said(home: Path, arguments: tuple[str, ...], status: int) -> None:
    result = govdir("export", home, *arguments)
    assert result.exit_code == status
    assert result.stderr
