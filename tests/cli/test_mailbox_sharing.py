"""`govdir mailbox delegate` and `handover`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from govdir.cli.changes import also, put
from govdir.cli.local import open_directory
from govdir.config import load_config
from govdir.ldap.codec.messages import ModifyRequest
from tests.cli.command_line import govdir
from tests.cli.office import MINH, SONV, answer, change_number, refused, same_refusal, texts


def test_a_delegate_is_named_until_a_day_and_taken_out_with_it(office: Path) -> None:
    shown = answer("mailbox", "delegate", "add", office, "sonv", "nvminh", "--until", "30/6/2099")
    assert shown["delegates"] == ["nvminh@cantho.gov.vn"]
    assert shown["delegate_until"] == "2099-06-30T23:59:59+07:00"
    shown = answer("mailbox", "delegate", "until", office, "sonv")
    assert shown["delegate_until"] is None
    govdir("mailbox", "delegate", "until", office, "sonv", "2099-07-31")
    shown = answer("mailbox", "delegate", "remove", office, "sonv", "nvminh")
    assert (shown["delegates"], shown["delegate_until"]) == ([], None)


def test_more_delegates_than_the_regulation_allows_are_refused_as_over_ldap(office: Path) -> None:
    govdir("mailbox", "delegate", "add", office, "sonv", "nvminh")
    result = govdir("mailbox", "delegate", "add", office, "sonv", "ltbdao")
    request = ModifyRequest(SONV, (also("gdDelegate", MINH.replace("nvminh", "ltbdao")),))
    same_refusal(office, result, lambda local: local.handle.modify(request))
    assert "Điều 11 khoản 1" in result.stderr


def test_a_delegation_into_the_past_is_refused_as_over_ldap(office: Path) -> None:
    govdir("mailbox", "delegate", "add", office, "sonv", "nvminh")
    result = govdir("mailbox", "delegate", "until", office, "sonv", "2020-01-31")
    request = ModifyRequest(SONV, (put("gdDelegateUntil", "20200131165959Z"),))
    same_refusal(office, result, lambda local: local.handle.modify(request))


def test_a_persons_mailbox_has_no_delegates(office: Path) -> None:
    assert "person's mailbox" in refused("mailbox", "delegate", "add", office, "nvminh", "ltbdao")


def test_a_mailbox_without_an_owner_gets_one_first(office: Path) -> None:
    assert "handover" in refused("mailbox", "delegate", "add", office, "sotttt", "nvminh")


def test_a_first_owner_needs_no_new_password(office: Path) -> None:
    made = answer("mailbox", "handover", office, "sotttt", "--to", "nvminh")
    assert (made["owner"], made["password"]) == ("nvminh@cantho.gov.vn", None)


def test_a_handover_is_one_change_with_a_new_password_and_a_record(office: Path) -> None:
    govdir("mailbox", "reset-password", office, "sonv")
    before = change_number(office)
    made = answer("mailbox", "handover", office, "sonv", "--to", "ltbdao")
    assert change_number(office) == before + 1
    assert made["owner"] == "ltbdao@cantho.gov.vn"
    assert "Lê Thị Bích Đào" in made["record"]
    with open_directory(load_config(office)) as local:
        assert local.run(local.directory.bind(SONV, made["password"].encode())).caller.must_change


def test_a_delegate_who_takes_over_is_a_delegate_no_more(office: Path) -> None:
    govdir("mailbox", "delegate", "add", office, "sonv", "nvminh")
    govdir("mailbox", "handover", office, "sonv", "--to", "nvminh")
    assert texts(office, SONV, "gdDelegate") == ()
    assert texts(office, SONV, "owner") == (MINH,)


@pytest.mark.parametrize(
    ("change", "mark"),
    [
        (("revoke", "nvminh", "--reason", "Nghỉ việc"), "revoked"),
        (("suspend", "nvminh", "--reason", "Mã độc"), "suspended"),
        (("leave", "nvminh", "--on", "31/8/2099"), "leaves on 2099-08-31"),
    ],
)
def test_a_shared_mailbox_shows_an_owner_or_delegate_who_is_not_in_full_office(
    office: Path, change: tuple[str, ...], mark: str
) -> None:
    govdir("mailbox", "handover", office, "sotttt", "--to", "nvminh")
    govdir("mailbox", "delegate", "add", office, "sonv", "nvminh")
    assert answer("mailbox", "show", office, "sotttt")["absent"] == []

    done = govdir("mailbox", change[0], office, *change[1:])

    assert done.exit_code == 0, done.stderr
    for box in ("sotttt", "sonv"):
        assert f"nvminh@cantho.gov.vn ({mark})" in govdir("mailbox", "show", office, box).stdout
        (absent,) = answer("mailbox", "show", office, box)["absent"]
        assert absent["mail"] == "nvminh@cantho.gov.vn"


@pytest.mark.parametrize("gone", [True, False])
def test_the_agency_is_told_of_a_shared_mailbox_whose_owner_has_left(office: Path, gone: bool) -> None:
    govdir("mailbox", "handover", office, "sotttt", "--to", "nvminh")
    if gone:
        govdir("mailbox", "revoke", office, "nvminh", "--reason", "Nghỉ việc")
    before = change_number(office)

    done = govdir("lifecycle", "run", office, "--json")

    items = [item for item in json.loads(done.stdout)["items"] if item["what"] == "owner-left"]
    expected = [("sotttt@cantho.gov.vn", "Điều 11 khoản 1", "to-be-told", ["sotttt@cantho.gov.vn"])]
    found = [(item["mail"], item["article"], item["outcome"], item["tell"]) for item in items]
    assert found == (expected if gone else [])
    assert change_number(office) == before


def test_whoever_is_suspended_takes_nothing_over(office: Path) -> None:
    govdir("mailbox", "revoke", office, "nvminh", "--reason", "Nghỉ việc")
    result = govdir("mailbox", "handover", office, "sonv", "--to", "nvminh")
    request = ModifyRequest(SONV, (put("owner", MINH),))
    same_refusal(office, result, lambda local: local.handle.modify(request))
