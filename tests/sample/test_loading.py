"""The sample and the examples in ldif/ load, and the regulation makes of them what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from govdir.ldap.codec.ldif import ContentRecord, parse_ldif

ROOT = Path(__file__).parents[2]


def govdir(*arguments: str | Path) -> bytes:
    command = [sys.executable, "-m", "govdir", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout


def mail_by_dn(home: Path) -> dict[str, str]:
    records = parse_ldif([govdir("export", home)])
    entries = {each.dn: dict(each.attributes) for each in records if isinstance(each, ContentRecord)}
    return {dn: values["mail"].decode() for dn, values in entries.items() if "mail" in values}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("sample") / "home"
    govdir("init", home, "--province", "cantho", "--sample", "60")
    return mail_by_dn(home)


@pytest.mark.parametrize(
    ("place", "mail"),
    [
        ("ou=sonv", "sonv"),
        ("ou=songoaivu", "songoaivu"),
        ("ou=sotttt", "sotttt"),
        ("ou=vanphong,ou=sokhdt", "vanphong.sokhdt"),
        ("ou=vanphong,ou=ninhkieu", "vpubndninhkieu"),
        ("ou=thanhan,ou=vinhthanh", "thanhan"),
        ("ou=xathanhan,ou=vinhthanh", "xathanhan"),
        ("uid=nvminh,ou=phongcntt,ou=sotttt", "nvminh"),
        ("uid=nvanminh,ou=vanphong,ou=sokhdt", "nvanminh"),
        ("uid=nguyenvanminh,ou=vanphong,ou=ninhkieu", "nguyenvanminh"),
    ],
)
def test_the_examples_of_the_regulation_have_their_addresses(
    sample: dict[str, str], place: str, mail: str
) -> None:
    assert sample[f"{place},ou=orgs,dc=cantho,dc=gov,dc=vn"] == f"{mail}@cantho.gov.vn"


def test_everybody_has_an_address_of_their_own(sample: dict[str, str]) -> None:
    assert sum(dn.startswith("uid=") for dn in sample) == 60
    assert len(set(sample.values())) == len(sample) == 430


def test_the_files_in_ldif_can_be_imported(tmp_path: Path) -> None:
    home = tmp_path / "home"
    govdir("init", home, "--province", "cantho")

    govdir("import", home, ROOT / "ldif/sample-agencies.ldif", ROOT / "ldif/people.ldif")

    people = {dn.split(",")[1]: mail for dn, mail in mail_by_dn(home).items() if dn.startswith("uid=")}
    assert people == {
        "ou=sonv": "nvminh@cantho.gov.vn",
        "ou=sotc": "nvanminh@cantho.gov.vn",
        "ou=soyt": "nguyenvanminh@cantho.gov.vn",
    }
