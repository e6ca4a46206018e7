"""Who reads and sends through Dovecot is known by day and channel, sessions that stay open included."""

from __future__ import annotations

import json
import poplib
import re
import shlex
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from interop.mail.dovecot import Dovecot
from interop.mail.town import PENDING, UNUSED, Town
from interop.server import govdir

PAGE: Final = Path(__file__).parents[2] / "docs" / "clients" / "access-days.md"
VIETNAM: Final = timezone(timedelta(hours=7))
STORED_SECONDS: Final = 5.0  # a flush a second, and what a busy machine adds
_POLL_SECONDS: Final = 0.3


def access(town: Town, who: str) -> dict[str, Any]:
    """What the command tells of somebody's mailbox."""
    return dict(json.loads(govdir("mailbox", "access", str(town.server.home), who, "--json").stdout))


def wait_for(town: Town, who: str, *channels: str) -> dict[str, Any]:
    """The same, once all these channels are known."""
    deadline = time.monotonic() + STORED_SECONDS
    while not set(channels) <= set((told := access(town, who))["channels"]):
        assert time.monotonic() < deadline, told
        time.sleep(_POLL_SECONDS)
    return told


def dates_since(began: datetime) -> set[str]:
    """The dates a test that began then may have run on."""
    return {at.astimezone(VIETNAM).date().isoformat() for at in (began, datetime.now(UTC))}


def run_of_the_page(town: Town, dovecot: Dovecot, word: str) -> subprocess.CompletedProcess[str]:
    """Runs the page's command line that has `word` in it, on this Dovecot and this home."""
    (line,) = (each for each in re.findall(r"^doveadm .*$", PAGE.read_text("utf-8"), re.M) if word in each)
    line = line.replace("govdir mailbox", f"{sys.executable} -m govdir mailbox")
    line = line.replace("/srv/govdir", str(town.server.home))
    line = line.replace("/var/lib/dovecot", str(dovecot.folder / "mail"))
    asked, _, rest = line.partition(" | ")
    told = dovecot.doveadm(*shlex.split(asked)[1:])
    return subprocess.run(
        ["/bin/sh", "-c", rest], input=told, capture_output=True, text=True, check=False, timeout=60
    )


def test_imap_pop3_and_smtp_are_told_apart_and_outlast_a_restart(town: Town, dovecot: Dovecot) -> None:
    began = datetime.now(UTC)
    address, password = town.address_of(UNUSED), town.password_of(UNUSED)
    assert access(town, address)["channels"] == {}

    assert dovecot.lets_in(address, password)
    session = poplib.POP3("127.0.0.1", dovecot.pop3_port, timeout=10)
    session.user(address)
    session.pass_(password)
    session.quit()
    assert "auth succeeded" in dovecot.doveadm("auth", "test", "-x", "service=smtp", address, password)

    told = wait_for(town, address, "imap", "pop3", "smtp")
    assert set(told["channels"]) == {"imap", "pop3", "smtp"}
    assert {day["day"] for day in told["days"]} <= dates_since(began)
    for each in told["channels"].values():
        assert began <= datetime.fromisoformat(each["last"]) <= datetime.now(UTC)

    town.server.stop()
    town.server.start()

    assert access(town, address) == told
    assert dovecot.lets_in(address, password)


def test_a_login_that_is_refused_is_no_access(town: Town, dovecot: Dovecot) -> None:
    assert not dovecot.lets_in(town.address_of("vtmai"), town.password_of("vtmai"))
    assert not dovecot.lets_in(town.address_of("dvty"), "wrong")
    assert dovecot.lets_in(town.address_of("dvty"), town.password_of("dvty"))
    wait_for(town, town.address_of("dvty"), "imap")
    assert access(town, town.address_of("vtmai"))["channels"] == {}


def test_a_session_that_stays_open_is_told_by_the_command_of_the_page(town: Town, dovecot: Dovecot) -> None:
    address = town.address_of("tvut")
    session = dovecot.imap(address, town.password_of("tvut"))
    first = wait_for(town, address, "imap")["channels"]["imap"]["last"]
    time.sleep(1.1)  # a new second, which is all that the page's command tells

    done = run_of_the_page(town, dovecot, " who ")

    session.logout()
    assert done.returncode == 0, done.stderr
    last = access(town, address)["channels"]["imap"]["last"]
    assert datetime.fromisoformat(last) > datetime.fromisoformat(first)


def test_last_logins_that_dovecot_keeps_are_told_by_the_command_of_the_page(
    town: Town, dovecot: Dovecot
) -> None:
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
    kept = dovecot.folder / "mail" / "last-login"  # as the plugin last_login writes it: key, then value
    address = town.address_of(PENDING)  # nobody knows of a later login of whoever has none
    kept.write_text(f"shared/last-login/{address}/pop3\n{int(at.timestamp())}\n")

    done = run_of_the_page(town, dovecot, " dict ")

    assert done.returncode == 0, done.stderr
    told = access(town, address)
    assert datetime.fromisoformat(told["channels"]["pop3"]["last"]) == at
