"""`govdir lifecycle run`: what is due, shown or done."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from govdir.cli.local import open_directory
from govdir.config import load_config
from govdir.directory.password_policy import PROVINCE_ZONE
from govdir.ldap.codec.messages import Attribute, Change, ModifyOperation, ModifyRequest
from tests.cli.command_line import govdir


def next_years(month_and_day: str) -> str:
    """A day that has not come when the test runs."""
    return f"{datetime.now(PROVINCE_ZONE).year + 1}-{month_and_day}"


def run(home: Path, *arguments: str) -> dict[str, Any]:
    finished = govdir("lifecycle", "run", home, "--json", *arguments)
    assert finished.exit_code == 0, finished.stderr
    found: dict[str, Any] = json.loads(finished.stdout)
    return found


def leave(home: Path, day: str) -> str:
    """The first person of the sample leaves then; the address."""
    with open_directory(load_config(home)) as local:
        dn = next(local.find("(&(objectClass=gdPerson)(gdMailboxKind=person))"))
        day_at = Attribute("gdLeavingAt", (f"{day.replace('-', '')}000000+0700".encode(),))
        local.run(local.handle.modify(ModifyRequest(dn, (Change(ModifyOperation.REPLACE, day_at),))))
        return local.handle.read(dn).text("mail") or ""


def state(home: Path, mail: str) -> str | None:
    with open_directory(load_config(home)) as local:
        (dn,) = local.find(f"(mail={mail})")
        return local.handle.read(dn).text("gdState")


def test_nothing_is_due_in_a_new_directory(home: Path) -> None:
    finished = govdir("lifecycle", "run", home, "--dry-run")

    assert (finished.exit_code, finished.stdout) == (0, "")
    assert "Nothing is due" in finished.stderr


def test_a_rehearsal_shows_who_what_why_and_since_when_and_does_nothing(demo_home: Path) -> None:
    mail = leave(demo_home, next_years("03-31"))

    found = run(demo_home, "--on", next_years("03-31"), "--dry-run")

    (mine,) = (item for item in found["items"] if item["mail"] == mail)
    assert (mine["what"], mine["article"], mine["outcome"]) == (
        "revocation",
        "Điều 5 khoản 3 điểm a, điểm b",
        "",
    )
    assert mine["since"] == f"{next_years('03-31')}T00:00:00+07:00"
    assert state(demo_home, mail) == "active"


def test_the_day_before_it_is_not_due(demo_home: Path) -> None:
    mail = leave(demo_home, next_years("03-31"))

    found = run(demo_home, "--on", next_years("03-30"), "--dry-run")

    assert not [item for item in found["items"] if item["mail"] == mail and item["what"] == "revocation"]


def test_a_day_that_has_not_come_is_done_only_on_demand_and_only_once(demo_home: Path) -> None:
    day = next_years("03-31")
    mail = leave(demo_home, day)

    refused = govdir("lifecycle", "run", demo_home, "--on", day)
    assert (refused.exit_code, "--ahead" in refused.stderr) == (1, True)
    assert state(demo_home, mail) == "active"

    done = run(demo_home, "--on", day, "--ahead")
    assert {item["outcome"] for item in done["items"] if item["what"] != "expiry-warning"} == {"done"}
    assert state(demo_home, mail) == "revoked"
    again = run(demo_home, "--on", day, "--ahead")
    assert [item for item in again["items"] if item["what"] != "expiry-warning"] == []


def test_a_day_that_has_passed_may_be_looked_at(demo_home: Path) -> None:
    (item,) = run(demo_home, "--on", "2015-02-28", "--dry-run")["items"]

    expired = json.loads((demo_home / "accounts.json").read_text())["expired"]
    assert (item["what"], item["dn"]) == ("services", expired["dn"])  # its password was good on that day


def test_the_table_speaks_the_readers_language(demo_home: Path) -> None:
    leave(demo_home, next_years("03-31"))

    finished = govdir(
        "lifecycle", "run", demo_home, "--on", next_years("03-31"), "--dry-run", locale="vi_VN.UTF-8"
    )

    assert "thu hồi" in finished.stdout
    assert "Điều 5 khoản 3" in finished.stdout
    assert "chưa làm việc nào" in finished.stderr


@pytest.mark.parametrize(
    "day", ["2026-02-30", "2023-02-29", "31/04/2026", "tomorrow", "0001-01-01", "9999-12-31"]
)
def test_a_day_that_cannot_be_is_a_usage_error(home: Path, day: str) -> None:
    finished = govdir("lifecycle", "run", home, "--on", day)

    assert finished.exit_code == 2
    assert day in finished.stderr


def test_today_is_until_now(home: Path) -> None:
    today = datetime.now(PROVINCE_ZONE).date().isoformat()

    found = run(home, "--on", today)

    assert datetime.fromisoformat(found["until"]) <= datetime.now(UTC)
