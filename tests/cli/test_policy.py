"""`govdir policy ask`, and the same questions put to a server as Postfix puts them."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.cli.command_line import govdir
from tests.cli.office import answer, refused
from tests.cli.serving import Serving, serving

AS_MINH, AS_AN, BOX = "nvminh@cantho.gov.vn", "tqan@cantho.gov.vn", "sonv@cantho.gov.vn"
LIST = "canbo.sonv@cantho.gov.vn"
PATIENCE_SECONDS = 10
DUNNO = "action=DUNNO"


@pytest.fixture
def listed(office: Path) -> Path:
    """The office with the list of one agency's staff; tqan owns the agency's mailbox."""
    assert govdir("list", "create", office, "--for", "sonv", "--label", "canbo.sonv").exit_code == 0
    return office


def settle(home: Path, name: str, value: str) -> None:
    """Another value for a setting of the home's configuration."""
    path = home / "govdir.toml"
    text, changed = re.subn(rf"(?m)^#? ?{name} = .*$", f"{name} = {value}", path.read_text("utf-8"))
    assert changed == 1
    path.write_text(text, "utf-8")


def test_who_may_send_is_told_with_the_answer_for_the_mail_server(office: Path) -> None:
    result = govdir("policy", "ask", office, "--login", "nvminh")
    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        [
            "May be sent: nvminh@cantho.gov.vn sends under an address of its own",
            "Rule: own-address",
            "The mail server is told: DUNNO",
        ],
    )


def test_who_may_not_is_told_why_by_which_article_and_what_the_sender_reads(listed: Path) -> None:
    said = refused("policy", "ask", listed, "--login", "nvminh", "--recipient", LIST).splitlines()
    assert said[0] == (
        "May NOT be sent: nvminh@cantho.gov.vn is none of those who may send to the list "
        "(gdSenderPolicy “owners”)"
    )
    assert "Điều 11 khoản 5" in said[1]
    assert said[2] == "Rule: list-sender"
    assert said[3].startswith("The mail server is told: 550 5.7.1 nvminh@cantho.gov.vn khong thuoc so nguoi")


def test_it_is_told_in_vietnamese_too(listed: Path) -> None:
    said = refused("policy", "ask", listed, "--login", "nvminh", "--sender", BOX, locale="vi_VN.UTF-8")
    assert said.startswith(f"KHÔNG được gửi: {AS_MINH} không phải người quản lý")
    assert "Máy chủ thư được trả lời: 550 5.7.1 " in said


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (("--login", "tqan", "--sender", BOX, "--recipient", LIST), "list-sender"),
        (("--login", "tqan", "--sender", BOX), "shared-owner"),
        (("--sender", "ai@example.com", "--recipient", AS_MINH), "pass"),
    ],
)
def test_programs_read_rule_and_answer(listed: Path, line: tuple[str, ...], rule: str) -> None:
    found = answer("policy", "ask", listed, *line)
    assert (found["passes"], found["rule"], found["action"], found["mode"]) == (
        True,
        rule,
        "DUNNO",
        "enforce",
    )
    assert found.keys() == {"passes", "rule", "why", "citation", "action", "mode", "limit_bytes"}


def test_a_refusal_is_data_too_and_ends_with_status_1(office: Path) -> None:
    result = govdir("policy", "ask", office, "--login", "nvminh", "--size", "40000000", "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["passes"], found["rule"]) == (1, False, "size")
    assert found["action"].startswith("552 5.3.4 thu lon hon 35 MB, muc toi da cua nvminh@cantho.gov.vn")


def test_mail_from_outside_and_from_a_relay_are_told_apart(listed: Path) -> None:
    settle(listed, "trusted_relays", '["192.0.2.0/24"]')
    line = ("policy", "ask", listed, "--sender", BOX, "--recipient", LIST, "--client")
    outside, relayed = govdir(*line, "203.0.113.9"), govdir(*line, "192.0.2.8")
    assert (outside.exit_code, "judged as mail from outside" in outside.stderr) == (1, True)
    assert (relayed.exit_code, "its senders are believed" in relayed.stderr) == (0, True)


def test_in_warn_mode_the_command_says_that_nothing_is_refused(listed: Path) -> None:
    settle(listed, "policy_mode", '"warn"')
    result = govdir("policy", "ask", listed, "--login", "nvminh", "--recipient", LIST)
    assert result.exit_code == 0
    assert result.stdout.startswith("Against the rules: ")
    assert "The mail server is told: WARN govdir: 550 5.7.1" in result.stdout
    assert "only logged" in result.stdout


def test_a_question_without_anything_to_judge_is_none(office: Path) -> None:
    result = govdir("policy", "ask", office, "--size", "1")
    assert (result.exit_code, "--login, --sender or --recipient" in result.stderr) == (2, True)


# -- the server


class Postfix:
    """Asks a running server as smtpd does, on one connection."""

    def __init__(self, server: Serving) -> None:
        port = re.search(r"policy://127\.0\.0\.1:(\d+)", server.told)
        assert port is not None, server.told
        self.connection = socket.create_connection(("127.0.0.1", int(port[1])), PATIENCE_SECONDS)

    def ask(self, **attributes: str | int) -> str:
        lines = {"request": "smtpd_access_policy", "protocol_state": "RCPT", **attributes}
        text = "".join(f"{name}={value}\n" for name, value in lines.items())
        self.connection.sendall(text.encode() + b"\n")
        found = b""
        while not found.endswith(b"\n\n"):
            piece = self.connection.recv(4096)
            assert piece, "the server closed the connection"
            found += piece
        return found.decode("ascii").strip()

    def until(self, beginning: str, **attributes: str) -> str:
        """The first answer that begins so."""
        deadline = monotonic() + PATIENCE_SECONDS
        while not (found := self.ask(**attributes)).startswith(beginning) and monotonic() < deadline:
            sleep(0.02)
        return found


def test_a_server_feels_at_once_what_is_changed_at_the_host(listed: Path) -> None:
    mine = {"sasl_username": AS_MINH, "sender": AS_MINH, "recipient": AS_AN}
    with serving(
        "serve", listed, "--policy", "127.0.0.1:0", "--workers", "2", "--web-workers", "1"
    ) as server:
        postfix = Postfix(server)
        assert postfix.ask(**mine) == DUNNO
        assert govdir("mailbox", "block-sending", listed, "nvminh", "--reason", "Nghỉ việc").exit_code == 0
        blocked = postfix.until("action=550 5.7.1 hop thu nvminh@cantho.gov.vn dang bi khoa", **mine)
        assert "(do nguoi quan tri he thong dat)" in blocked
        assert govdir("mailbox", "unblock", listed, "nvminh", "--reason", "Trở lại").exit_code == 0
        assert postfix.ask(**mine) == DUNNO  # the very next question: a refusal looks for news first
        assert server.stop() == 0
        assert postfix.connection.recv(100) == b""


def test_a_refusal_is_a_line_of_the_mail_log(listed: Path) -> None:
    settle(listed, "mail", '"mail.log"')
    with serving("serve", listed, "--policy", "127.0.0.1:0") as server:
        Postfix(server).ask(sender="ai@example.com", recipient=LIST, client_address="203.0.113.9")
        assert server.stop() == 0
    (line,) = [json.loads(each) for each in (listed / "mail.log").read_text("utf-8").splitlines()]
    assert (line["rule"], line["client"], line["recipient"]) == ("list-login", "203.0.113.9", LIST)
