"""`govdir password check`, with the regulation of Cần Thơ."""

from __future__ import annotations

import json

from click.testing import Result

from tests.cli.command_line import govdir

GOOD = "Sông Hậu 7 nhịp!\n"


def check(candidate: str | bytes, *arguments: str, kind: str = "person", locale: str = "C.UTF-8") -> Result:
    line = ("password", "check", "--province", "cantho", "--kind", kind, *arguments)
    return govdir(*line, stdin=candidate, locale=locale)


def test_a_password_that_breaks_rules_is_refused_with_every_broken_one_cited() -> None:
    result = check("matkhau\n")
    assert result.exit_code == 1
    assert result.stderr.count("Điều 10 khoản 3") == 4
    assert "upper-case" in result.stderr


def test_the_refusal_is_in_the_readers_language() -> None:
    assert "chữ in hoa" in check("matkhau\n", locale="vi_VN.UTF-8").stderr


def test_a_good_password_is_accepted_and_never_printed() -> None:
    result = check(GOOD)
    assert result.exit_code == 0
    assert GOOD.strip() not in result.output


def test_only_the_first_line_is_the_password_and_its_blanks_count() -> None:
    assert check(GOOD + "matkhau\n").exit_code == 0
    assert check("       \n").exit_code == 1


def test_ones_own_name_is_no_password() -> None:
    assert check("Trần Thanh Hùng 7!\n").exit_code == 0
    assert check("Trần Thanh Hùng 7!\n", "--own", "Trần Thanh Hùng").exit_code == 1


def test_octets_that_are_no_text_are_refused() -> None:
    assert check(b"\xff\xfe\n").exit_code == 1


def test_a_list_has_no_password() -> None:
    result = check(GOOD, kind="list")
    assert result.exit_code == 1
    assert "list" in result.stderr


def test_json_holds_each_rules_verdict() -> None:
    answer = json.loads(check("Matkhau\n", "--json").stdout)
    passed = {rule["rule"]: rule["passed"] for rule in answer["rules"]}
    assert answer["accepted"] is False
    assert (passed["password-upper"], passed["password-digit"]) == (True, False)
