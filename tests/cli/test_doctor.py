"""`govdir doctor`: what is sound passes, and each kind of damage is found and named."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from govdir.cli.keys import write_certificates
from tests.cli.command_line import govdir


def findings(home: Path) -> list[str]:
    """Everything the doctor finds."""
    result = govdir("doctor", home, "--json")
    found = [finding for check in json.loads(result.stdout) for finding in check["findings"]]
    assert result.exit_code == (1 if found else 0)
    return found


def sql(home: Path, *statements: str) -> None:
    with closing(sqlite3.connect(home / "govdir.sqlite")) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def test_a_new_home_is_sound(home: Path) -> None:
    assert findings(home) == []


def test_a_home_with_mailboxes_and_accounts_is_sound(demo_home: Path) -> None:
    assert findings(demo_home) == []
    assert "entries and indexes" in govdir("doctor", demo_home).stdout


def test_findings_are_shown_in_the_readers_language(home: Path) -> None:
    (home / "keys" / "server.key").chmod(0o644)
    result = govdir("doctor", home, locale="vi_VN.UTF-8")
    assert result.exit_code == 1
    assert "quyền tệp" in result.stdout


def test_access_rules_from_before_there_were_roles_are_told(home: Path) -> None:
    rules = home / "access.toml"
    kept = [
        rule
        for rule in rules.read_text().split("\n[[rule]]")
        if not re.search(r'who = "(operator|approver|auditor)"', rule)
    ]
    rules.write_text("\n[[rule]]".join(kept))
    assert ["access.toml: no rule names the roles" in finding for finding in findings(home)] == [True]


def test_access_rules_from_before_mail_servers_read_groups_and_lists_are_told(home: Path) -> None:
    rules = home / "access.toml"
    text = rules.read_text()
    for name in ("gdSharedGroups", "gdMemberAddress"):
        text = text.replace(f'"{name}", ', "")
    rules.write_text(text)
    told = "access.toml: mail servers cannot read gdSharedGroups, gdMemberAddress"
    assert [told in finding for finding in findings(home)] == [True]


def test_dovecot_servers_without_a_key_are_told_of_and_an_open_key_too(home: Path) -> None:
    configuration = home / "govdir.toml"
    text = configuration.read_text()
    servers = 'doveadm = ["http://127.0.0.1:8080"]'
    configuration.write_text(re.sub(r"(?m)^#? ?doveadm = .*$", servers, text))
    assert ["keys/doveadm: there is no key" in finding for finding in findings(home)] == [True]
    govdir("service", "add", home, "dovecot", "--for", "dovecot")
    assert findings(home) == []
    (home / "keys" / "doveadm").chmod(0o644)
    assert ["keys/doveadm: others may read it" in finding for finding in findings(home)] == [True]


def test_access_rules_that_cannot_be_read_are_told_with_the_rule(home: Path) -> None:
    with (home / "access.toml").open("a") as rules:
        rules.write('\n[[rule]]\nname = "odd"\nwho = "somebody"\n')
    assert ["'odd': who is one of" in finding for finding in findings(home)][:1] == [True]


def test_letters_that_cannot_be_sent_are_told_of_after_an_hour(home: Path) -> None:
    now = int(datetime.now(UTC).timestamp() * 1_000_000)
    letter = "INSERT INTO sso_outbox VALUES (NULL, 'an@x.vn', 'Chào', 'Chào', {written}, 1, 0)"
    sql(home, letter.format(written=now - 59 * 60_000_000))
    assert findings(home) == []

    sql(home, letter.format(written=now - 61 * 60_000_000))
    (finding,) = findings(home)
    assert finding.startswith("2 letters are waiting to be sent, the first of them since ")


NVMINH = "(SELECT id FROM entries WHERE rdn = 'uid=nvminh')"


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (f"UPDATE entries SET body = x'00' WHERE id = {NVMINH}", "uid=nvminh): cannot be decoded"),
        (f"UPDATE entries SET shape_id = 9999 WHERE id = {NVMINH}", "uid=nvminh): cannot be decoded"),
        (f"UPDATE entries SET secrets = x'c1' WHERE id = {NVMINH}", "uid=nvminh): cannot be decoded"),
        (f"INSERT OR REPLACE INTO login_facts VALUES ({NVMINH}, 1, 'x')", "records of logins"),
        (f"UPDATE entries SET keys = x'9012' WHERE id = {NVMINH}", "index keys"),
        (f"UPDATE entries SET rdn_key = 'uid=other' WHERE id = {NVMINH}", "normalised name"),
        (f"UPDATE entries SET parent_id = 999999 WHERE id = {NVMINH}", "parent 999999"),
        (
            f"UPDATE entries SET parent_id = {NVMINH} WHERE rdn = 'ou=sotttt'",
            "lead up to the root",
        ),
        (f"DELETE FROM addresses WHERE entry_id = {NVMINH}", "nvminh@cantho.gov.vn is not in the table"),
        (
            f"INSERT INTO addresses VALUES ('stray@cantho.gov.vn', {NVMINH}, 'mail', 0)",
            "gives stray@cantho.gov.vn to entry",
        ),
        (
            "UPDATE entries SET rdn = 'dc=other', rdn_key = 'dc=other' WHERE parent_id IS NULL",
            "root is dc=other",
        ),
        ("UPDATE changes SET at = at + 86400000000", "clock went back"),
        ("UPDATE alembic_version SET version_num = '0000'", "version 0000"),
    ],
)
def test_damage_in_the_database_is_found_and_named(demo_home: Path, damage: str, told: str) -> None:
    sql(demo_home, "PRAGMA foreign_keys = OFF", damage)
    assert any(told in finding for finding in findings(demo_home))


def test_index_keys_of_another_release_are_told_once_and_made_anew_by_the_next_start(demo_home: Path) -> None:
    sql(
        demo_home,
        "UPDATE entries SET keys = x'90'",
        "UPDATE meta SET value = '1' WHERE key = 'index_version'",
    )
    assert [finding for finding in findings(demo_home) if "made by another release" in finding]
    assert len(findings(demo_home)) == 1
    assert govdir("export", demo_home).exit_code == 0
    assert findings(demo_home) == []


def test_a_torn_database_page_is_found(demo_home: Path) -> None:
    sql(demo_home, "PRAGMA wal_checkpoint(TRUNCATE)")
    database = demo_home / "govdir.sqlite"
    page = 4096 * (database.stat().st_size // 4096 - 1)
    with database.open("r+b") as file:
        file.seek(page)
        file.write(b"\xff" * 512)
    assert govdir("doctor", demo_home).exit_code in (1, 3)


def test_an_entry_that_breaks_the_schema_is_found(demo_home: Path) -> None:
    sql(
        demo_home,
        f"UPDATE entries SET body = (SELECT body FROM entries WHERE rdn = 'ou=lists') WHERE id = {NVMINH}",
    )
    assert any("uid=nvminh" in finding for finding in findings(demo_home))


def break_key(home: Path) -> None:
    (home / "keys" / "server.key").write_text("no key")


def break_certificate(home: Path) -> None:
    (home / "keys" / "server.crt").write_text("no certificate")


def lose_certificate(home: Path) -> None:
    (home / "keys" / "server.crt").unlink()


def exchange_key(home: Path) -> None:
    other = home / "other"
    other.mkdir()
    files = {"authority": other / "ca.crt", "certificate": other / "server.crt", "key": other / "server.key"}
    write_certificates(**files, organization="other")
    files["key"].replace(home / "keys" / "server.key")


def shorten_secret(home: Path) -> None:
    (home / "keys" / "secret").write_bytes(b"short")


def open_to_all(home: Path) -> None:
    (home / "govdir.sqlite").chmod(0o644)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (break_key, "server.key: no PEM"),
        (break_certificate, "server.crt: no PEM"),
        (lose_certificate, "server.crt: No such file"),
        (exchange_key, "not the certificate's key"),
        (shorten_secret, "only 5 octets"),
        (open_to_all, "others may read it (mode 644)"),
    ],
)
def test_damage_in_the_files_is_found_and_named(
    home: Path, damage: Callable[[Path], None], told: str
) -> None:
    damage(home)
    assert any(told in finding for finding in findings(home))


@pytest.mark.parametrize(
    ("days", "told"), [(380, "expires soon"), (400, "expired on"), (-1, "not valid before")]
)
def test_a_certificate_out_of_its_time_is_found(
    home: Path, days: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime.now(UTC) + timedelta(days=days)

    monkeypatch.setattr("govdir.cli.home_checks.datetime", Later)
    assert any(told in finding for finding in findings(home))


@pytest.mark.parametrize(
    ("text", "told"),
    [("limits = 3\n", "limits"), ('[database]\nurl = "oracle://x/y"\n', "oracle"), ("", "govdir.toml")],
)
def test_a_home_that_cannot_be_opened_is_the_environments_fault(home: Path, text: str, told: str) -> None:
    config = home / "govdir.toml"
    if text:
        config.write_text('province = "cantho"\nmail_domain = "a.vn"\nsuffix = "dc=a,dc=vn"\n' + text)
    else:
        config.unlink()
    result = govdir("doctor", home)
    assert result.exit_code == 3
    assert told in result.stderr
