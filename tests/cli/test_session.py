"""`govdir session`, `govdir sign-ins` and `govdir mailbox reset-second-factor`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from govdir.cli.local import open_directory
from govdir.cli.sso import LocalSso, account_of, open_sso
from govdir.config import load_config
from govdir.sso.model import Factor, Happened, Kind, Participant, Session, StoredFactor
from govdir.sso.saml.model import NameId
from tests.cli.applications import PORTAL, metadata_file
from tests.cli.command_line import govdir
from tests.cli.office import answer, refused

NOW = datetime.now(UTC).replace(microsecond=0)


def kept(home: Path, work: Callable[[LocalSso], Any]) -> Any:
    with open_directory(load_config(home)) as local, open_sso(local) as sso:
        return work(sso)


def sign_in(home: Path, who: str, key: bytes, seen: datetime = NOW) -> None:
    """A session as a browser's sign-in leaves it behind."""

    def add(sso: LocalSso) -> None:
        account = account_of(sso, who)
        session = Session(
            key=key, entry_uuid=account.entry_uuid, began=NOW - timedelta(hours=1), seen=seen,
            ends=NOW + timedelta(hours=9), authenticated=NOW, factors=frozenset({Factor.PASSWORD}),
            proof=account.proof, network="10.0.0.7", agent="Firefox, Linux",
        )  # fmt: skip
        sso.wait(sso.stored.sessions.add(session))

    kept(home, add)


def enrol(home: Path, who: str) -> None:
    """A second factor."""

    def put(sso: LocalSso) -> None:
        uuid = account_of(sso, who).entry_uuid
        sso.wait(sso.stored.factors.put(StoredFactor(uuid, b"secret", NOW, 0, ())))

    kept(home, put)


def test_sessions_are_listed_with_whom_they_were_told_to(office: Path, tmp_path: Path) -> None:
    answer("sp", "add", office, "portal", "--metadata", metadata_file(tmp_path))
    sign_in(office, "nvminh", b"\x01" * 32)
    told = Participant(b"\x01" * 32, PORTAL, "_1", NameId("nvminh@cantho.gov.vn"), NOW)
    kept(office, lambda sso: sso.wait(sso.stored.sessions.join(told)))

    (session,) = answer("session", "list", office)

    assert session["id"] == "010101010101"
    assert session["who"] == "nvminh@cantho.gov.vn"
    assert session["factors"] == ["password"]
    assert (session["network"], session["agent"]) == ("10.0.0.7", "Firefox, Linux")
    assert session["applications"] == ["portal"]
    assert answer("session", "list", office, "ltbdao") == []


def test_sessions_that_are_over_by_themselves_are_not_listed(office: Path) -> None:
    sign_in(office, "nvminh", b"\x01" * 32, seen=NOW - timedelta(minutes=61))
    sign_in(office, "ltbdao", b"\x02" * 32)
    govdir("mailbox", "reset-password", office, "ltbdao")

    assert answer("session", "list", office) == []


def test_all_of_somebodys_sessions_are_ended_or_one(office: Path, tmp_path: Path) -> None:
    for key in (b"\x01", b"\x02", b"\x03"):
        sign_in(office, "nvminh", key * 32)
    sign_in(office, "ltbdao", b"\x04" * 32)

    assert "End 1 session of nvminh" in refused("session", "end", office, "nvminh", "--only", "020202020202")
    one = govdir("session", "end", office, "nvminh", "--only", "02" * 6, "--yes")
    assert "Ended 1 session." in one.stderr
    assert sorted(each["id"] for each in answer("session", "list", office, "nvminh")) == ["01" * 6, "03" * 6]
    assert "Ended 2 sessions." in govdir("session", "end", office, "nvminh", "--yes").stderr
    assert [each["who"] for each in answer("session", "list", office)] == ["ltbdao@cantho.gov.vn"]


def test_applications_that_cannot_be_told_by_the_server_are_named(office: Path, tmp_path: Path) -> None:
    answer("sp", "add", office, "portal", "--metadata", metadata_file(tmp_path))
    sign_in(office, "nvminh", b"\x01" * 32)
    told = Participant(b"\x01" * 32, PORTAL, "_1", NameId("nvminh@cantho.gov.vn"), NOW)
    kept(office, lambda sso: sso.wait(sso.stored.sessions.join(told)))

    result = govdir("session", "end", office, "nvminh", "--yes")

    assert result.exit_code == 0
    assert "sessions of their own, to be ended there where that matters: portal" in result.stderr


def test_a_session_that_there_is_not_and_a_person_that_there_is_not(office: Path) -> None:
    assert "no session" in refused("session", "end", office, "nvminh", "--only", "123", "--yes")
    assert govdir("session", "end", office, "nvminh", "--yes").stderr == "There are no sessions.\n"
    assert 'no mailbox "nobody"' in refused("session", "list", office, "nobody")


def test_the_trail_is_told_the_latest_first(office: Path) -> None:
    def note(sso: LocalSso) -> None:
        for number, outcome in enumerate(("wrong-password", "ok")):
            account = account_of(sso, "nvminh")
            kind = Kind.SIGN_IN if outcome == "ok" else Kind.REFUSAL
            sso.stored.trail.note(
                Happened(
                    at=NOW + timedelta(seconds=number),
                    kind=kind,
                    outcome=outcome,
                    entry_uuid=account.entry_uuid,
                    who=account.shown,
                    network="10.0.0.7",
                )
            )

    kept(office, note)

    assert [each["outcome"] for each in answer("sign-ins", office)] == ["ok", "wrong-password"]
    assert [each["outcome"] for each in answer("sign-ins", office, "nvminh", "--limit", "1")] == ["ok"]
    assert answer("sign-ins", office, "ltbdao") == []
    table = govdir("sign-ins", office).stdout.splitlines()
    assert "nvminh@cantho.gov.vn  sign-in" in table[0]
    assert "refused  wrong-password" in table[1]


def test_a_lost_second_factor_is_removed_and_the_sessions_end(office: Path) -> None:
    enrol(office, "nvminh")
    sign_in(office, "nvminh", b"\x01" * 32)

    assert "really that person" in refused("mailbox", "reset-second-factor", office, "nvminh")
    assert govdir("mailbox", "reset-second-factor", office, "nvminh", "--yes").exit_code == 0

    assert answer("session", "list", office) == []
    (happened,) = answer("sign-ins", office, "nvminh")
    assert (happened["kind"], happened["channel"], happened["detail"]) == (
        "second-factor",
        "cli",
        "taken-off",
    )
    assert "has no second factor" in refused("mailbox", "reset-second-factor", office, "nvminh", "--yes")


@pytest.mark.parametrize("noun", ["session", "idp", "sp"])
def test_a_noun_alone_shows_its_verbs(noun: str) -> None:
    assert govdir(noun, "--help").exit_code == 0


def test_the_person_is_told_of_what_the_operator_did(office: Path) -> None:
    settings = office / "govdir.toml"
    text = settings.read_text("utf-8")
    assert '# server = ""' in text
    settings.write_text(text.replace('# server = ""', 'server = "smtp://127.0.0.1:25"'), "utf-8")
    sign_in(office, "nvminh", b"\x01" * 32)
    enrol(office, "nvminh")

    assert govdir("session", "end", office, "nvminh", "--yes").exit_code == 0
    assert govdir("mailbox", "reset-second-factor", office, "nvminh", "--yes").exit_code == 0

    later = datetime.now(UTC) + timedelta(hours=1)
    taken = kept(office, lambda sso: sso.wait(sso.stored.outbox.take(later, later, 10)))
    assert [(one.letter.to, one.letter.subject) for one in taken] == [
        ("nvminh@cantho.gov.vn", "You were signed out everywhere"),
        ("nvminh@cantho.gov.vn", "Two-step sign-in was turned off"),
    ]
    assert "The system's operator has just" in taken[0].letter.text
