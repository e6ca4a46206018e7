"""`govdir address keep`: until when an address receives after a rename."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command_line import govdir
from tests.cli.office import MINH, SONV, answer, refused, texts

OLD = "nvminh@cantho.gov.vn"


@pytest.fixture
def renamed(office: Path) -> Path:
    result = govdir("mailbox", "rename", office, "nvminh", "--name", "Nguyễn Văn Mạnh")
    assert result.exit_code == 0, result.stderr
    return office


def test_the_address_before_a_rename_receives_for_good_until_told_otherwise(renamed: Path) -> None:
    shown = answer("address", "keep", renamed, OLD)
    assert (shown["mail"], shown["until"], shown["dn"]) == ("nvmanh@cantho.gov.vn", None, MINH)
    assert "for good" in govdir("address", "keep", renamed, OLD).stdout


@pytest.mark.parametrize("text", ["nvminh", "NVMinh@CanTho.gov.vn"])
def test_it_receives_to_the_end_of_a_day_and_for_good_again(renamed: Path, text: str) -> None:
    shown = answer("address", "keep", renamed, text, "--until", "30/06/2027")
    assert shown["until"] == "2027-06-30T23:59:59+07:00"
    assert texts(renamed, MINH, "gdAddressUntil") == (f"{OLD} 20270630165959Z",)
    assert "2027-06-30" in govdir("address", "keep", renamed, text).stdout
    assert f"{OLD} (until 2027-06-30)" in govdir("mailbox", "show", renamed, text).stdout
    assert answer("mailbox", "show", renamed, text)["alias_ends"] == {OLD: "2027-06-30T23:59:59+07:00"}

    assert answer("address", "keep", renamed, text, "--until", "always")["until"] is None
    assert texts(renamed, MINH, "gdAddressUntil") == ()


def test_a_bodys_old_address_and_anothers_are_kept_apart(office: Path) -> None:
    for local_part in ("noivu", "snv"):
        mail = f"{local_part}@cantho.gov.vn"
        assert govdir("org", "rename", office, SONV, "--mail", mail).exit_code == 0
    answer("address", "keep", office, "sonv", "--until", "2027-06-30")
    answer("address", "keep", office, "noivu", "--until", "2027-12-31")
    answer("address", "keep", office, "sonv", "--until", "always")
    assert texts(office, SONV, "gdAddressUntil") == ("noivu@cantho.gov.vn 20271231165959Z",)


def test_it_ends_when_the_day_has_passed(renamed: Path) -> None:
    answer("address", "keep", renamed, OLD, "--until", "2027-06-30")
    warned = answer("lifecycle", "run", renamed, "--on", "2027-06-25", "--dry-run")["items"]
    (warning,) = [item for item in warned if item["what"] == "address-warning"]
    assert (warning["address"], warning["mail"]) == (OLD, "nvmanh@cantho.gov.vn")
    assert "thôi nhận thư từ 23:59 ngày 30/06/2027" in warning["text"]

    line = ("lifecycle", "run", renamed, "--on", "2027-06-30")
    assert f"end an old address: {OLD}" in govdir(*line, "--dry-run").stdout
    answer(*line, "--ahead")

    assert "receives no more; it is kept from being given again" in refused("address", "keep", renamed, OLD)
    assert texts(renamed, MINH, "gdPreviousAddress") == (OLD,)


def test_other_addresses_are_told_apart(renamed: Path) -> None:
    assert "is a primary address" in refused("address", "keep", renamed, "nvmanh")
    assert "has no address x@cantho.gov.vn" in refused("address", "keep", renamed, "x")
    answer("domain", "alias", "add", renamed, "cantho.gov.vn", "haugiang.gov.vn")
    assert f"name {OLD}" in refused("address", "keep", renamed, "nvminh@haugiang.gov.vn")


def test_a_day_that_cannot_be_is_a_usage_error(renamed: Path) -> None:
    assert govdir("address", "keep", renamed, OLD, "--until", "sometime").exit_code == 2


def test_the_configuration_says_how_long_after_every_rename(office: Path) -> None:
    config = office / "govdir.toml"
    text = config.read_text()
    config.write_text(text.replace("# old_address_months = 0", "old_address_months = 12"))
    assert config.read_text() != text
    assert govdir("mailbox", "rename", office, "nvminh", "--name", "Nguyễn Văn Mạnh").exit_code == 0
    assert answer("address", "keep", office, OLD)["until"] is not None
