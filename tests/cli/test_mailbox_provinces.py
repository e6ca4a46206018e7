"""The mailbox commands where addresses follow the body, and where a restoration takes a new password."""

from __future__ import annotations

from pathlib import Path

import pytest

from govdir.cli.home import new_home
from govdir.cli.init import new_config
from govdir.cli.local import open_directory
from govdir.config import load_config
from govdir.policy.load import load_province
from tests.cli.command_line import govdir
from tests.cli.conftest import ADMIN_PASSWORD
from tests.cli.office import answer, change_number


def province(folder: Path, name: str) -> Path:
    """A home of that province with two agencies and a person of one name in each."""
    home, pack = folder / "home", load_province(name)
    with new_home(new_config(home, pack), pack, ADMIN_PASSWORD):
        pass
    for body in ("Sở Thông tin và Truyền thông", "Sở Nội vụ"):
        assert govdir("org", "create", home, "--name", body).exit_code == 0
        made = govdir("mailbox", "create", home, "--name", "Trần Văn Nam", "--in", body, "--yes")
        assert made.exit_code == 0, made.stderr
    return home


@pytest.mark.parametrize(
    ("name", "old", "new", "login"),
    [
        ("daklak", "namtv@tttt.daklak.gov.vn", "namtva@snv.daklak.gov.vn", "namtva"),
        ("daknong", "namtv.stttt@daknong.gov.vn", "namtva.snv@daknong.gov.vn", "namtva.snv"),
        ("binhphuoc", "namtv.stttt@binhphuoc.gov.vn", "namtv2.snv@binhphuoc.gov.vn", "namtv2.snv"),
        ("vinhphuc", "namtv@vinhphuc.gov.vn", "namtv@vinhphuc.gov.vn", "namtv"),
    ],
)
def test_a_transfer_gives_the_address_of_the_new_body_in_one_change(
    tmp_path: Path, name: str, old: str, new: str, login: str
) -> None:
    home = province(tmp_path, name)
    before = change_number(home)
    moved = answer("mailbox", "move", home, old, "--to", "Sở Nội vụ")
    assert (moved["mail"], moved["previous"]) == (new, old)
    assert moved["aliases"] == ([] if new == old else [old])
    assert moved["dn"].startswith(f"uid={login},ou=snv,")
    assert change_number(home) == before + 1


@pytest.mark.parametrize("verb", ["suspend", "revoke"])
def test_whoever_is_restored_gets_a_new_password_where_the_regulation_says_so(
    tmp_path: Path, verb: str
) -> None:
    home = province(tmp_path, "binhphuoc")
    old = answer("mailbox", "reset-password", home, "namtv.snv")["password"]
    govdir("mailbox", verb, home, "namtv.snv", "--reason", "Lộ mật mã")
    opened = answer("mailbox", "restore", home, "namtv.snv")
    assert opened["password"] not in (None, old)
    with open_directory(load_config(home)) as local:
        caller = local.run(local.directory.bind(opened["dn"], opened["password"].encode())).caller
    assert caller.must_change


def test_a_person_who_had_no_password_is_restored_with_one(tmp_path: Path) -> None:
    home = province(tmp_path, "binhphuoc")
    govdir("mailbox", "suspend", home, "namtv.snv", "--reason", "Không sử dụng 6 tháng")
    assert answer("mailbox", "restore", home, "namtv.snv")["password"] is not None


def test_a_leaders_periods_follow_from_the_day_and_the_rank(tmp_path: Path) -> None:
    home = province(tmp_path, "binhphuoc")
    leader = ("mailbox", "create", home, "--name", "Lê Văn Hùng", "--in", "snv", "--rank", "leader")
    assert govdir(*leader).exit_code == 0
    shown = answer("mailbox", "leave", home, "hunglv.snv", "--on", "2098-08-31")
    assert shown["send_block_at"] == "2098-09-30T00:00:00+07:00"
    assert shown["revoke_at"] == "2099-08-31T00:00:00+07:00"
    shown = answer("mailbox", "leave", home, "hunglv.snv", "--cancel")
    assert (shown["send_block_at"], shown["revoke_at"]) == (None, None)
