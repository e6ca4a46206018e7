"""`govdir mailbox access` and `seen`, and what `show` tells of accesses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from govdir.assembly import SystemClock
from govdir.cli.home import new_home
from govdir.cli.init import new_config
from govdir.cli.local import open_directory
from govdir.config import load_config
from govdir.policy.load import load_province
from govdir.storage.engine import open_database
from govdir.storage.meta import write_meta
from tests.cli.command_line import govdir
from tests.cli.office import MINH, SONV, answer, refused

NOW = datetime(2027, 3, 10, 3, 0, tzinfo=UTC)  # ten in the morning of a Wednesday


@pytest.fixture(autouse=True)
def _at_that_time() -> Iterator[None]:
    with patch.object(SystemClock, "now", lambda _self: NOW):
        yield


def seen(home: Path, *lines: str) -> dict[str, object]:
    result = govdir("mailbox", "seen", home, "-", "--json", stdin="".join(f"{line}\n" for line in lines))
    assert result.exit_code == 0, result.stderr
    return dict(json.loads(result.stdout))


def nothing_known(home: Path) -> bool:
    return answer("mailbox", "show", home, "nvminh")["last_accesses"] == {}


def test_lines_of_a_mail_server_are_stored_by_day_and_channel(office: Path) -> None:
    told = seen(
        office,
        f"nvminh@cantho.gov.vn\t{int(NOW.timestamp())}\timap",
        "NVMinh@cantho.gov.vn\t2027-03-08T23:59:59+07:00\tpop3",
        "nvminh@cantho.gov.vn\t2027-03-08T17:00:00Z\timap",
        "# a remark",
        "",
        "sonv@cantho.gov.vn\t2027-03-10 09:00:00",
    )
    assert told == {"lines": 4, "mailboxes": 2, "unknown": [], "deliveries": 0}

    shown = answer("mailbox", "access", office, "nvminh", "--from", "2027-03-08", "--to", "10/3/2027")

    assert shown["days"] == [
        {"day": "2027-03-08", "working": True, "channels": ["pop3"]},
        {"day": "2027-03-09", "working": True, "channels": ["imap"]},
        {"day": "2027-03-10", "working": True, "channels": ["imap"]},
    ]
    assert shown["channels"] == {
        "imap": {"days": 2, "working_days": 2, "last": "2027-03-10T10:00:00+07:00"},
        "pop3": {"days": 1, "working_days": 1, "last": "2027-03-08T23:59:59+07:00"},
    }
    assert list(answer("mailbox", "access", office, "sonv")["channels"]) == ["mail"]


def test_working_days_without_access_are_counted_and_days_off_are_not(office: Path) -> None:
    # Monday 1 to Wednesday 10 March: eight working days, one of them with access; Sunday is a day off.
    seen(
        office, "nvminh@cantho.gov.vn\t2027-03-05T08:00\timap", "nvminh@cantho.gov.vn\t2027-03-07T08:00\timap"
    )

    shown = answer("mailbox", "access", office, "nvminh", "--from", "2027-03-01")

    assert (shown["first"], shown["last"]) == ("2027-03-01", "2027-03-10")
    assert shown["working_days"] == 8
    assert shown["working_days_with_access"] == 1
    assert shown["working_days_without"] == 7
    assert [(each["day"], each["working"]) for each in shown["days"]] == [
        ("2027-03-05", True),
        ("2027-03-07", False),
    ]


def test_the_period_is_this_quarter_until_today(office: Path) -> None:
    shown = answer("mailbox", "access", office, "nvminh")
    assert (shown["first"], shown["last"]) == ("2027-01-01", "2027-03-10")
    ahead = answer("mailbox", "access", office, "nvminh", "--to", "2027-12-31")
    assert ahead["last"] == "2027-03-10"


def test_a_period_that_cannot_be_is_refused(office: Path) -> None:
    backwards = govdir("mailbox", "access", office, "nvminh", "--from", "2027-03-02", "--to", "2027-03-01")
    assert (backwards.exit_code, backwards.stdout) == (2, "")
    assert "2027-04-01" in refused("mailbox", "access", office, "nvminh", "--from", "2027-04-01")


def test_days_before_accesses_were_recorded_do_not_count(office: Path) -> None:
    began = datetime(2027, 3, 8, 5, 0, tzinfo=UTC)
    database = open_database(load_config(office).database_url)
    write_meta(database, {"accesses_since": str(int(began.timestamp()) * 10**6)})
    database.close()

    shown = answer("mailbox", "access", office, "nvminh", "--from", "2027-03-01")
    told = govdir("mailbox", "access", office, "nvminh", "--from", "2027-03-01")

    assert (shown["counted_from"], shown["working_days"]) == ("2027-03-09", 2)
    assert "Counted from 2027-03-09" in told.stderr


def test_where_the_regulation_has_no_such_rule_nothing_is_said_of_it(office: Path) -> None:
    assert answer("mailbox", "access", office, "nvminh")["counts_as_unused"] is None
    assert "unused" not in govdir("mailbox", "access", office, "nvminh").stdout


def test_show_tells_the_last_access_of_each_channel_the_latest_first(office: Path) -> None:
    seen(
        office,
        "nvminh@cantho.gov.vn\t2027-03-08T08:00\timap",
        "nvminh@cantho.gov.vn\t2027-03-09T08:00\tweb",
    )
    shown = answer("mailbox", "show", office, "nvminh")
    assert list(shown["last_accesses"].items()) == [
        ("web", "2027-03-09T08:00:00+07:00"),
        ("imap", "2027-03-08T08:00:00+07:00"),
    ]
    text = govdir("mailbox", "show", office, "nvminh").stdout
    assert "Last accesses     2027-03-09 08:00  web\n" in text
    assert "                  2027-03-08 08:00  imap\n" in text


def test_what_was_seen_counts_as_use_for_the_clock_of_mailboxes(office: Path) -> None:
    before = answer("mailbox", "show", office, "nvminh")
    seen(office, "nvminh@cantho.gov.vn\t2027-03-09T08:00\timap")
    after = answer("mailbox", "show", office, "nvminh")
    assert before["last_sign_in"] is None
    assert after["last_sign_in"] == "2027-03-09T01:00:00Z"
    assert after["if_unused"]["at"] == "2027-06-09T08:00:00+07:00"


def test_an_alias_is_its_mailbox_and_who_is_unknown_is_told(office: Path) -> None:
    with open_directory(load_config(office)) as local:
        alias = next(iter(local.handle.read(MINH).texts("mailLocalAddress")), None)
    known = alias or "nvminh@cantho.gov.vn"
    line = f"{known}\t2027-03-09T08:00\timap\nnobody@cantho.gov.vn\t2027-03-09T08:00\timap\n"

    told = govdir("mailbox", "seen", office, "-", stdin=line)

    assert (told.exit_code, told.stdout) == (0, "1 lines about 1 mailboxes were stored.\n")
    assert told.stderr == "1 addresses are no mailbox here: nobody@cantho.gov.vn\n"
    assert not nothing_known(office)


def test_a_file_that_knows_nobody_here_is_the_wrong_one(office: Path, tmp_path: Path) -> None:
    file = tmp_path / "seen.tsv"
    file.write_text("a@example.vn\t1800000000\nb@example.vn\t1800000000\n")
    assert "a@example.vn, b@example.vn" in refused("mailbox", "seen", office, file)


def test_deliveries_are_no_accesses(office: Path) -> None:
    told = seen(office, "nvminh@cantho.gov.vn\t1800000000\tlmtp")
    assert told == {"lines": 0, "mailboxes": 0, "unknown": [], "deliveries": 1}
    assert nothing_known(office)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nvminh@cantho.gov.vn", "not ADDRESS<TAB>TIME"),
        ("nvminh\t1800000000", "not ADDRESS<TAB>TIME"),
        ("nvminh@cantho.gov.vn 1800000000", "not ADDRESS<TAB>TIME"),
        ("nvminh@cantho.gov.vn\t1800000000\timap\tmore", "not ADDRESS<TAB>TIME"),
        ("nvminh@cantho.gov.vn\tyesterday", '"yesterday" is neither'),
        ("nvminh@cantho.gov.vn\t0", '"0" is neither'),
        ("nvminh@cantho.gov.vn\t1800000000000", "is neither"),
        ("nvminh@cantho.gov.vn\t9999-12-31T23:59-23:00", "is neither"),
        ("nvminh@cantho.gov.vn\t1800000000\tim ap", '"im ap" is no channel'),
        ("nvminh@cantho.gov.vn\t2027-03-10T10:05:01+07:00", "2027-03-10 10:05 is yet to come"),
        ("x" * 5000, "not ADDRESS<TAB>TIME"),
    ],
)
def test_a_line_that_says_nothing_stores_nothing(office: Path, line: str, said: str) -> None:
    given = f"nvminh@cantho.gov.vn\t1800000000\timap\n{line}\n"
    result = govdir("mailbox", "seen", office, "-", stdin=given)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Line 2: " in result.stderr
    assert said in result.stderr
    assert "Nothing was stored." in result.stderr
    assert nothing_known(office)


def test_octets_that_are_no_text_are_refused(office: Path) -> None:
    result = govdir("mailbox", "seen", office, "-", stdin=b"\xff\xfe\t1\n")
    assert result.exit_code == 1
    assert "Line 1" in result.stderr


def test_a_clock_a_little_ahead_means_now(office: Path) -> None:
    seen(office, "nvminh@cantho.gov.vn\t2027-03-10T10:04:00+07:00\timap")
    shown = answer("mailbox", "show", office, "nvminh")
    assert shown["last_accesses"] == {"imap": "2027-03-10T10:00:00+07:00"}


def test_many_bad_lines_are_told_by_the_first_ten(office: Path) -> None:
    result = govdir("mailbox", "seen", office, "-", stdin="x\n" * 25)
    assert result.stderr.count("not ADDRESS") == 10
    assert "… and 15 more." in result.stderr


def test_a_bind_is_told_by_the_channel_it_came_through(office: Path) -> None:
    password = answer("mailbox", "reset-password", office, "nvminh")["password"]
    with open_directory(load_config(office)) as local:
        own = local.set_password(MINH, "Sông-Hậu-chảy-mãi-38")
        assert own != password
        local.run(local.directory.bind(MINH, own.encode(), "imap"))
        local.run(local.directory.flush_logins())

    shown = answer("mailbox", "access", office, "nvminh")

    assert [each["channels"] for each in shown["days"]] == [["imap", "ldap"]]
    assert shown["channels"]["imap"]["last"] == "2027-03-10T10:00:00+07:00"


def test_days_go_with_their_mailbox(office: Path) -> None:
    seen(
        office, "ltbdao@cantho.gov.vn\t2027-03-09T08:00\timap", "nvminh@cantho.gov.vn\t2027-03-09T08:00\timap"
    )
    first, last = (NOW - timedelta(days=30)).date(), NOW.date()
    with open_directory(load_config(office)) as local:
        days = local.core.store.accesses.days_of_all(first, last)
        assert len(local.run(waited(days))) == 2
        local.run(local.handle.delete(f"uid=ltbdao,{SONV}"))
        assert len(local.run(waited(local.core.store.accesses.days_of_all(first, last)))) == 1


async def waited(deferred: object) -> dict[int, int]:
    return await deferred  # type: ignore[misc,no-any-return]


def test_by_vinh_phucs_rule_a_third_of_the_working_days_without_access_is_too_many(tmp_path: Path) -> None:
    home, pack = tmp_path / "home", load_province("vinhphuc")
    with patch.object(SystemClock, "now", lambda _self: NOW - timedelta(days=60)):
        with new_home(new_config(home, pack), pack, "Sông Hậu 7 nhịp!"):
            pass
        for line in (
            ("org", "create", home, "--name", "Sở Nội vụ"),
            ("mailbox", "create", home, "--name", "Nguyễn Văn Minh", "--in", "snv"),
        ):
            assert govdir(*line).exit_code == 0
    # Monday 1 to Wednesday 10 March: eight working days; two without access are fewer than a third of them.
    days = ("2027-03-01", "2027-03-02", "2027-03-03", "2027-03-04", "2027-03-05", "2027-03-08")
    verdicts = []
    for used in (days, days[:5]):
        database = open_database(load_config(home).database_url)
        with database.exclusive_connection() as connection:
            connection.exec_driver_sql("DELETE FROM access_days")
        write_meta(database, {"accesses_since": "0"})
        database.close()
        seen(home, *(f"minhnv@vinhphuc.gov.vn\t{day}T08:00\timap" for day in used))
        shown = answer("mailbox", "access", home, "minhnv", "--from", "2027-03-01")
        verdicts.append((shown["working_days_without"], shown["counts_as_unused"]))

    assert verdicts == [(2, False), (3, True)]
    told = govdir("mailbox", "access", home, "minhnv", "--from", "2027-03-01").stdout
    assert "Counts as unused  yes: " in told
    assert "Điều 14 khoản 1" in told
