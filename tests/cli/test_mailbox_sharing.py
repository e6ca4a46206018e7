"""`govdir mailbox delegate` and `handover`."""

from __future__ import annotations

from pathlib import Path

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


def test_whoever_is_suspended_takes_nothing_over(office: Path) -> None:
    govdir("mailbox", "revoke", office, "nvminh", "--reason", "Nghỉ việc")
    result = govdir("mailbox", "handover", office, "sonv", "--to", "nvminh")
    request = ModifyRequest(SONV, (put("owner", MINH),))
    same_refusal(office, result, lambda local: local.handle.modify(request))
