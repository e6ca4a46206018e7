"""Why a mailbox may not send, by state and article, where provinces differ."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from govdir.directory.image import Record
from govdir.mailattrs.sending_states import why_closed
from govdir.policy.load import load_province
from govdir.policy.model import Pack
from tests.directory.building import SONV, Town, open_town

LAN = f"uid=lan,{SONV}"
PACK = load_province("binhphuoc")
FIRST, OWN = "Song-Hau-7-nhip!", "Doi@Xanh#Dong8"


@pytest.fixture
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(tmp_path_factory.mktemp("states") / "town.db", province="binhphuoc") as town:
        town.person("lan", "Trần Thị Lan")
        yield town


def told(town: Town, pack: Pack = PACK) -> tuple[str, str]:
    """The English words, and the article."""
    record = town.directory.image.find(town.directory.path_of(LAN) or ())
    assert isinstance(record, Record)
    why, citation = why_closed(record, pack)
    return why.filled(address="x@y").en, citation.reference


def test_a_suspension_is_the_article_on_locking(town: Town) -> None:
    town.replace(LAN, "gdState", "suspended")
    assert told(town) == ("the mailbox x@y is suspended", "Điều 6 khoản 1")


def test_somebody_who_has_left_is_blocked_by_the_article_on_leaving(town: Town) -> None:
    town.replace(LAN, "gdLeavingAt", "20260228170000Z")
    town.replace(LAN, "gdState", "sendblocked")
    assert told(town) == ("the mailbox x@y may receive but not send", "Điều 5 khoản 3 điểm b")


def test_no_article_is_named_for_a_block_that_none_has_made(town: Town) -> None:
    town.replace(LAN, "gdState", "sendblocked")
    by_hand = ("the mailbox x@y may receive but not send", "do người quản trị hệ thống đặt")
    assert told(town) == by_hand
    town.replace(LAN, "gdLeavingAt", "20260228170000Z")
    assert told(town, load_province("cantho")) == by_hand


def test_a_deleted_mailbox_counts_as_revoked(town: Town) -> None:
    town.replace(LAN, "gdState", "deleted")
    assert told(town) == ("the mailbox x@y was revoked", "Điều 5, Điều 6")


def test_a_password_that_somebody_else_set_is_to_be_changed_first(town: Town) -> None:
    town.run(town.local.change_password(LAN, None, FIRST.encode()))
    assert told(town) == (
        "the password of x@y must be changed before mail is sent",
        PACK.first_password.reference,
    )


def test_a_password_that_has_expired_is_by_the_article_on_rotation(town: Town) -> None:
    town.run(town.local.change_password(LAN, None, FIRST.encode()))
    town.run(town.bound(LAN, FIRST).change_password(None, FIRST.encode(), OWN.encode()))
    assert told(town) == ("the password of x@y must be changed before mail is sent", "Điều 13 khoản 3")


def test_without_a_known_reason_it_is_said_that_it_may_not_at_present(town: Town) -> None:
    assert told(town) == ("the mailbox x@y may not send at present", "Điều 5, Điều 6")
