"""The files in ldif/ are what the program makes and takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from govdir.ldap.codec.ldif import ContentRecord, parse_ldif
from govdir.sample.province import load_province, provinces
from tests.cli.command_line import govdir
from tests.sample.ldif_examples import FOLDER, written_examples


@pytest.fixture(scope="module")
def examples() -> dict[str, str]:
    return written_examples()


def foretold(file: Path) -> list[str]:
    """The addresses in the comments of a file, in its order."""
    lines = file.read_text().splitlines()
    return [line.rpartition(" -> ")[2] for line in lines if line.startswith("#") and " -> " in line]


def mails(home: Path, wanted: str) -> list[str]:
    exported = govdir("export", home, "--filter", wanted).stdout.encode()
    records = [each for each in parse_ldif([exported]) if isinstance(each, ContentRecord)]
    return [dict(each.attributes)["mail"].decode() for each in records]


def test_the_folder_holds_these_files_and_no_others(examples: dict[str, str]) -> None:
    found = {str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*.ldif")}

    assert found == set(examples)


def test_the_files_are_as_the_program_writes_them_now(examples: dict[str, str]) -> None:
    for path, text in examples.items():
        assert (FOLDER / path).read_text() == text, f"{path} is out of date: make ldif"


@pytest.mark.parametrize("province", provinces())
def test_what_is_imported_gets_the_addresses_that_the_files_foretell(province: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    files = [FOLDER / province / f"{name}.ldif" for name in ("agencies", "people", "lists")]
    files = [file for file in files if file.exists()]
    assert govdir("init", home, "--province", province).exit_code == 0

    imported = govdir("import", home, *files)

    assert imported.exit_code == 0, imported.stderr
    wanted = [address for file in files for address in foretold(file)]
    assert sorted(mails(home, "(mail=*)")) == sorted(wanted)
    assert len(mails(home, "(objectClass=gdPerson)")) == len(load_province(province).people)


@pytest.mark.parametrize("province", provinces())
def test_a_directory_can_begin_with_the_files_in_one(province: str, tmp_path: Path) -> None:
    whole = tmp_path / "whole.ldif"
    texts = [(FOLDER / province / f"{name}.ldif").read_text() for name in ("base", "agencies", "people")]
    whole.write_text("\n".join([texts[0], *(text.replace("version: 1\n", "", 1) for text in texts[1:])]))

    made = govdir("init", tmp_path / "home", "--province", province, "--from", whole)

    assert made.exit_code == 0, made.stderr
    wanted = foretold(FOLDER / province / "people.ldif")
    assert sorted(mails(tmp_path / "home", "(objectClass=gdPerson)")) == sorted(wanted)
