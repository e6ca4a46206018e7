"""What the commands on mailboxes say to somebody in a hurry."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from govdir.cli.local import open_directory
from govdir.cli.mailbox_view import facts_of, view_of
from govdir.cli.people import find_mailbox
from govdir.config import load_config
from tests.cli.command_line import govdir
from tests.cli.office import refused


@pytest.mark.parametrize(("who", "kind"), [("nvminh", "Loại cá nhân"), ("sonv", "Loại cơ quan")])
def test_the_kind_of_mailbox_is_told_in_the_readers_language(office: Path, who: str, kind: str) -> None:
    shown = govdir("mailbox", "show", office, who, locale="vi_VN.UTF-8").stdout

    assert kind in " ".join(shown.split())


def test_a_body_s_kind_is_told_in_the_readers_language(office: Path) -> None:
    shown = govdir("org", "show", office, "vanphong", locale="vi_VN.UTF-8").stdout

    assert "Loại phòng, ban" in " ".join(shown.split())


def test_a_password_that_has_expired_is_told_as_past(office: Path) -> None:
    with open_directory(load_config(office)) as local:
        view = view_of(local, find_mailbox(local, "nvminh"))
    changed, expires = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    old = replace(
        view,
        password_changed_at=changed,
        password_expires_at=expires,
        password_expired=True,
        must_change_password=True,
    )

    told = dict(facts_of(old))["Password"]

    assert told == "2026-01-01 07:00, expired 2026-04-01 07:00; must be changed at the login"


def test_whoever_may_only_not_send_is_sent_to_the_command_for_that(office: Path) -> None:
    govdir("mailbox", "block-sending", office, "nvminh", "--reason", "Đã thôi giữ chức vụ")

    assert "govdir mailbox unblock" in refused("mailbox", "restore", office, "nvminh")


def test_a_function_without_an_address_is_told_who_names_it(office: Path) -> None:
    line = ("mailbox", "create", office, "--name", "Một cửa", "--in", "sonv", "--kind", "role")

    assert "add --mail" in refused(*line)
