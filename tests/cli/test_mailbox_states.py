"""`govdir mailbox suspend` and the like: states, days, passwords, deletion."""

from __future__ import annotations

from pathlib import Path

import pytest

from govdir.cli.changes import put
from govdir.cli.local import open_directory
from govdir.config import load_config
from govdir.directory.errors import InvalidCredentials
from govdir.ldap.codec.messages import ModifyRequest
from tests.cli.command_line import govdir
from tests.cli.office import MINH, answer, change_number, refused, same_refusal, texts


@pytest.mark.parametrize(
    ("verb", "state", "possible"),
    [
        ("suspend", "suspended", {"receive"}),
        ("revoke", "revoked", set()),
        ("block-sending", "sendblocked", {"sign_in", "receive"}),
    ],
)
def test_a_state_is_set_with_its_reason_and_mail_servers_see_it(
    office: Path, verb: str, state: str, possible: set[str]
) -> None:
    changed = answer("mailbox", verb, office, "nvminh", "--reason", "Phát tán thư rác")
    assert (changed["mail"], changed["state"], changed["password"]) == ("nvminh@cantho.gov.vn", state, None)
    shown = answer("mailbox", "show", office, "nvminh")
    assert (shown["reason"], shown["state"]) == ("Phát tán thư rác", state)
    assert {one for one in ("sign_in", "receive", "send") if shown[one]} == possible


@pytest.mark.parametrize("verb", ["suspend", "revoke", "block-sending"])
def test_what_closes_a_mailbox_asks_for_a_reason(office: Path, verb: str) -> None:
    result = govdir("mailbox", verb, office, "nvminh")
    assert result.exit_code == 2
    assert "--reason" in result.stderr


@pytest.mark.parametrize("reason", ["", "  ", "--", "…"])
@pytest.mark.parametrize("verb", ["suspend", "revoke", "block-sending", "restore", "delete", "remind"])
def test_a_reason_is_words(office: Path, verb: str, reason: str) -> None:
    before = change_number(office)

    done = govdir("mailbox", verb, office, "nvminh", f"--reason={reason}")

    assert (done.exit_code, change_number(office)) == (2, before)
    assert "in words" in done.stderr


def test_a_state_is_told_in_the_readers_language(office: Path) -> None:
    line = ("mailbox", "suspend", office, "nvminh", "--reason", "x")
    assert govdir(*line, locale="vi_VN.UTF-8").stdout == "nvminh@cantho.gov.vn: tạm khóa\n"
    assert refused(*line) == 'nvminh@cantho.gov.vn: the state is "suspended" already.'


@pytest.mark.parametrize("verb", ["restore", "unblock", "approve"])
def test_what_is_not_closed_is_not_opened(office: Path, verb: str) -> None:
    assert "active" in refused("mailbox", verb, office, "nvminh")


def test_a_suspended_mailbox_is_restored_and_its_reason_goes(office: Path) -> None:
    govdir("mailbox", "suspend", office, "nvminh", "--reason", "Phát tán thư rác")
    assert "suspended" in refused("mailbox", "unblock", office, "nvminh")
    assert answer("mailbox", "restore", office, "nvminh")["state"] == "active"
    assert texts(office, MINH, "gdStateReason") == ()


def test_a_restored_mailbox_gets_a_new_password_in_the_same_change(office: Path) -> None:
    govdir("mailbox", "suspend", office, "nvminh", "--reason", "Lộ mật mã")
    opened = answer("mailbox", "restore", office, "nvminh", "--generate-password")
    with open_directory(load_config(office)) as local:
        assert local.run(local.directory.bind(MINH, opened["password"].encode())).caller.must_change


def test_a_mailbox_that_may_not_send_may_again(office: Path) -> None:
    govdir("mailbox", "block-sending", office, "nvminh", "--reason", "Thôi chức vụ")
    assert govdir("mailbox", "unblock", office, "nvminh").stdout == "nvminh@cantho.gov.vn: active\n"


def test_a_pending_mailbox_begins_when_approved(office: Path) -> None:
    govdir("mailbox", "create", office, "--name", "Phạm Thị Thu Hà", "--in", "sonv", "--pending")
    assert not answer("mailbox", "show", office, "pttha")["receive"]
    assert "pending" in refused("mailbox", "restore", office, "pttha")
    assert answer("mailbox", "approve", office, "pttha")["state"] == "active"


def test_an_impossible_step_is_refused_word_for_word_as_over_ldap(office: Path) -> None:
    govdir("mailbox", "delete", office, "nvminh", "--yes")
    result = govdir("mailbox", "suspend", office, "nvminh", "--reason", "x")
    request = ModifyRequest(MINH, (put("gdState", "suspended"), put("gdStateReason", "x")))
    same_refusal(office, result, lambda local: local.handle.modify(request))


def test_the_agencys_confirmation_opens_what_was_suspended(office: Path) -> None:
    govdir("mailbox", "suspend", office, "nvminh", "--reason", "Không sử dụng 3 tháng")
    assert answer("mailbox", "confirm", office, "nvminh")["state"] == "active"
    assert texts(office, MINH, "gdNoticeAt") == ()


# -- days


def test_the_day_somebody_leaves_is_noted_and_taken_back(office: Path) -> None:
    shown = answer("mailbox", "leave", office, "nvminh", "--on", "31/8/2099")
    assert shown["leaving"].startswith("2099-08-31T00:00:00")
    assert "2099-08-31" in govdir("mailbox", "show", office, "nvminh").stdout
    assert answer("mailbox", "leave", office, "nvminh", "--cancel")["leaving"] is None


def test_an_exemption_lasts_to_the_end_of_its_day(office: Path) -> None:
    assert answer("mailbox", "exempt", office, "nvminh", "--until", "2099-03-31")["exempt_until"] == (
        "2099-03-31T23:59:59+07:00"
    )
    assert answer("mailbox", "exempt", office, "nvminh", "--cancel")["exempt_until"] is None


@pytest.mark.parametrize(
    "text", ["2026-02-30", "31/4/2026", "2025-02-29", "tomorrow", "0000-01-01", "1/13/2026"]
)
def test_a_day_that_is_none_is_a_usage_error(office: Path, text: str) -> None:
    result = govdir("mailbox", "leave", office, "nvminh", "--on", text)
    assert result.exit_code == 2
    assert f'"{text}" is no day of the calendar' in result.stderr


@pytest.mark.parametrize("options", [(), ("--on", "2026-08-31", "--cancel")])
def test_a_day_or_its_cancelling_is_needed_and_not_both(office: Path, options: tuple[str, ...]) -> None:
    assert govdir("mailbox", "leave", office, "nvminh", *options).exit_code == 2


# -- passwords


def test_a_reset_password_is_printed_once_and_ends_the_old_one(office: Path) -> None:
    first = answer("mailbox", "reset-password", office, "nvminh")["password"]
    lines = govdir("mailbox", "reset-password", office, "nvminh").stdout.splitlines()
    assert lines[0] == "nvminh@cantho.gov.vn: active"
    with open_directory(load_config(office)) as local:
        assert local.run(local.directory.bind(MINH, lines[1].encode())).caller.must_change
        with pytest.raises(InvalidCredentials):
            local.run(local.directory.bind(MINH, first.encode()))


def test_a_bad_password_is_refused_word_for_word_as_over_ldap(office: Path, tmp_path: Path) -> None:
    file = tmp_path / "password.txt"
    file.write_text("matkhau\n")
    result = govdir("mailbox", "reset-password", office, "nvminh", "--password-file", file)
    same_refusal(office, result, lambda local: local.handle.change_password(MINH, None, b"matkhau"))


@pytest.mark.parametrize(("content", "told"), [(b"", "no password"), (b"\xff\xfe\n", "not UTF-8")])
def test_a_file_without_a_password_is_refused(
    office: Path, tmp_path: Path, content: bytes, told: str
) -> None:
    file = tmp_path / "password.txt"
    file.write_bytes(content)
    assert told in refused("mailbox", "reset-password", office, "nvminh", "--password-file", file)


def test_two_ways_to_a_password_are_one_too_many(office: Path) -> None:
    govdir("mailbox", "suspend", office, "nvminh", "--reason", "x")
    both = ("--generate-password", "--password-file", "somewhere")
    assert govdir("mailbox", "restore", office, "nvminh", *both).exit_code == 2


# -- deletion


def test_deleting_asks_first(office: Path) -> None:
    assert govdir("mailbox", "delete", office, "nvminh", stdin="n\n").exit_code == 1
    assert texts(office, MINH, "gdState") == ("active",)


def test_a_deleted_mailbox_stays_as_a_tombstone_and_keeps_its_address(office: Path) -> None:
    changed = answer("mailbox", "delete", office, "nvminh", "--reason", "Nghỉ việc", "--yes")
    assert changed["state"] == "deleted"
    made = govdir("mailbox", "create", office, "--name", "Nguyễn Văn Minh", "--in", "sonv", "--yes")
    assert made.stdout == "nvanminh@cantho.gov.vn\n"


def test_a_mailbox_made_by_mistake_is_taken_out_and_its_address_is_free(office: Path) -> None:
    assert govdir("mailbox", "delete", office, "nvminh", "--purge", "--yes").exit_code == 0
    made = govdir("mailbox", "create", office, "--name", "Nguyễn Văn Minh", "--in", "sonv")
    assert made.stdout == "nvminh@cantho.gov.vn\n"


def test_whoever_owns_a_shared_mailbox_is_not_taken_out(office: Path) -> None:
    result = govdir("mailbox", "delete", office, "tqan", "--purge", "--yes")
    dn = MINH.replace("nvminh", "tqan")
    same_refusal(office, result, lambda local: local.handle.delete(dn))
