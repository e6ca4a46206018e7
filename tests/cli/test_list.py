"""`govdir list`: staff lists of Cần Thơ, whose members follow from the directory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from govdir.cli.changes import also
from govdir.ldap.codec.messages import ModifyRequest
from tests.cli.command_line import govdir
from tests.cli.office import MINH, SUFFIX, answer, refused, same_refusal

STAFF = ["ltbdao@cantho.gov.vn", "nvminh@cantho.gov.vn", "tqan@cantho.gov.vn"]
CANBO = f"cn=canbo.sonv,ou=lists,{SUFFIX}"


@pytest.fixture
def listed(office: Path) -> Path:
    """The office with the list of one agency's staff."""
    assert govdir("list", "create", office, "--for", "sonv", "--label", "canbo.sonv").exit_code == 0
    return office


def test_a_bodys_list_holds_its_staff_as_it_is_at_any_time(listed: Path) -> None:
    assert govdir("list", "members", listed, "canbo.sonv").stdout.splitlines() == STAFF
    govdir("mailbox", "revoke", listed, "tqan", "--reason", "Nghỉ việc")
    assert answer("list", "members", listed, "canbo.sonv") == STAFF[:2]
    govdir("mailbox", "move", listed, "nvminh", "--to", "sotttt")
    assert answer("list", "members", listed, "canbo.sonv") == STAFF[:1]


def test_a_list_is_told_by_address_rule_and_number_of_members(office: Path) -> None:
    result = govdir("list", "create", office, "--for", "Sở Nội vụ", "--label", "canbo.sonv")
    assert result.stdout == "canbo.sonv@cantho.gov.vn\n"
    assert "members: 3" in result.stderr
    assert "Điều 11 khoản 5" in result.stderr


def test_the_provinces_list_holds_everybody(office: Path) -> None:
    made = answer("list", "create", office, "--name", "Toàn thành phố", "--label", "toanthanhpho")
    assert (made["members"], made["owners"]) == (3, [])


def test_a_list_of_named_members_holds_only_them(office: Path) -> None:
    line = ("list", "create", office, "--for", "sonv", "--label", "to.sonv", "--member", "nvminh")
    assert answer(*line, "--member", "vanphong.sonv")["members"] == 2
    assert answer("list", "members", office, "to.sonv") == [
        "nvminh@cantho.gov.vn",
        "vanphong.sonv@cantho.gov.vn",
    ]


def test_the_shape_of_what_show_prints_for_programs_is_kept(listed: Path) -> None:
    shown = answer("list", "show", listed, "canbo.sonv@cantho.gov.vn")
    assert shown["name"] == "Cán bộ Sở Nội vụ"
    assert (shown["policy"], shown["owners"]) == ("owners", ["sonv@cantho.gov.vn"])
    assert shown["senders"] == ["sonv@cantho.gov.vn"]
    assert {"mail", "aliases", "members", "source", "dn"} <= shown.keys()
    assert "sonv@cantho.gov.vn" in govdir("list", "show", listed, CANBO).stdout


def test_who_may_send_is_told_with_the_rule(listed: Path) -> None:
    allowed = govdir("list", "check-sender", listed, "canbo.sonv", "sonv")
    assert allowed.exit_code == 0
    assert "Điều 11 khoản 5" in allowed.stdout
    assert "May NOT send" in refused("list", "check-sender", listed, "canbo.sonv", "nvminh@cantho.gov.vn")
    stranger = govdir("list", "check-sender", listed, "canbo.sonv", "a@example.org", "--json")
    assert stranger.exit_code == 1
    assert json.loads(stranger.stdout)["allowed"] is False


def test_somebody_is_authorised_and_no_longer(listed: Path) -> None:
    shown = answer("list", "authorise", listed, "canbo.sonv", "nvminh")
    assert shown["owners"] == ["sonv@cantho.gov.vn", "nvminh@cantho.gov.vn"]
    assert govdir("list", "check-sender", listed, "canbo.sonv", "nvminh").exit_code == 0
    answer("list", "withdraw", listed, "canbo.sonv", "nvminh")
    assert govdir("list", "check-sender", listed, "canbo.sonv", "nvminh").exit_code == 1
    assert "none of those" in refused("list", "withdraw", listed, "canbo.sonv", "nvminh")


def test_more_people_than_may_be_authorised_are_refused_as_over_ldap(listed: Path) -> None:
    govdir("list", "authorise", listed, "canbo.sonv", "nvminh")
    result = govdir("list", "authorise", listed, "canbo.sonv", "ltbdao")
    request = ModifyRequest(CANBO, (also("owner", MINH.replace("nvminh", "ltbdao")),))
    same_refusal(listed, result, lambda local: local.handle.modify(request))


def test_a_list_of_named_senders_names_another(office: Path) -> None:
    line = ("list", "create", office, "--for", "sonv", "--label", "tin.sonv", "--senders", "listed")
    answer(*line)
    assert answer("list", "authorise", office, "tin.sonv", "ltbdao")["senders"] == ["ltbdao@cantho.gov.vn"]


def test_an_unknown_list_is_said_to_be_with_those_there_are(listed: Path) -> None:
    told = refused("list", "members", listed, "nowhere")
    assert told.startswith('The directory has no mailing list "nowhere".')
    assert "canbo.sonv@cantho.gov.vn" in told


def test_a_list_is_deleted_when_told_so_and_its_members_stay(listed: Path) -> None:
    assert govdir("list", "delete", listed, "canbo.sonv", stdin="n\n").exit_code == 1
    assert govdir("list", "delete", listed, "canbo.sonv", "--yes").exit_code == 0
    assert govdir("list", "show", listed, "canbo.sonv").exit_code == 1
    assert govdir("mailbox", "show", listed, "nvminh").exit_code == 0
