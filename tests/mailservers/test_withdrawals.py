"""Whose sessions end, and why; which groups come into which mailboxes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from govdir.ldap.codec.messages import Change, ModifyOperation, ModifyRequest
from govdir.mailservers.withdrawals import LOOK_BACK, Why, Withdrawals
from tests.directory.building import SONV, SUFFIX, Town, attribute, open_town

AN, BINH, CHAU = (f"uid={uid},{SONV}" for uid in ("an", "binh", "chau"))
AN_ADDRESS, BINH_ADDRESS, CHAU_ADDRESS = (f"{name}@cantho.gov.vn" for name in ("nvan", "ttbinh", "lmchau"))
BOX = "sonv@cantho.gov.vn"
SHARED = ("organizationalUnit", "gdOrganization", "gdMailbox", "gdSharedMailbox")
FIRST, SECOND = "Hoa-sen-trang-927", "Song-xanh-biec-358"


class Heard:
    """What the watch was told since it last asked; implements Witness."""

    def __init__(self, town: Town) -> None:
        self._ended: set[tuple[str, Why]] = set()
        self._let_in: set[tuple[str, str]] = set()
        self.withdrawals = Withdrawals(town.directory, self)

    def end(self, user: str, why: Why) -> None:
        self._ended.add((user, why))

    def let_in(self, user: str, group: str) -> None:
        self._let_in.add((user, group))

    def ended(self) -> set[tuple[str, Why]]:
        self.withdrawals.tick()
        ended, self._ended = self._ended, set()
        return ended

    def groups(self) -> set[tuple[str, str]]:
        self.withdrawals.tick()
        let_in, self._let_in = self._let_in, set()
        return let_in


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the town, made once."""
    path = tmp_path_factory.mktemp("furnished") / "town.db"
    with open_town(path):
        pass
    return path


@pytest.fixture
def town(tmp_path: Path, furnished: Path) -> Iterator[Town]:
    with open_town(tmp_path / "town.db", furnished) as town:
        yield town


@pytest.fixture
def heard(town: Town) -> Heard:
    """A watch over an agency with three people; An owns its mailbox, Bình is a delegate."""
    for uid, name in (("an", "Nguyễn Văn An"), ("binh", "Trần Thị Bình"), ("chau", "Lê Minh Châu")):
        town.person(uid, name)
    modify(town, SONV, objectClass=SHARED, owner=AN, gdDelegate=BINH)
    return Heard(town)


def modify(town: Town, dn: str, **values: str | tuple[str, ...]) -> None:
    """Replaces several attributes in one request."""
    changes = tuple(Change(ModifyOperation.REPLACE, attribute(name, value)) for name, value in values.items())
    town.run(town.local.modify(ModifyRequest(dn, changes)))


@pytest.mark.parametrize("state", ["suspended", "revoked", "deleted"])
def test_a_mailbox_that_is_closed(town: Town, heard: Heard, state: str) -> None:
    town.replace(CHAU, "gdState", state)
    assert heard.ended() == {(CHAU_ADDRESS, Why.CLOSED)}


def test_a_block_on_sending_ends_no_session(town: Town, heard: Heard) -> None:
    town.replace(CHAU, "gdState", "sendblocked")
    assert heard.ended() == set()


def test_an_entry_that_is_taken_out(town: Town, heard: Heard) -> None:
    town.delete(CHAU)
    assert heard.ended() == {(CHAU_ADDRESS, Why.CLOSED)}


def test_opening_a_mailbox_ends_nothing(town: Town, heard: Heard) -> None:
    town.replace(CHAU, "gdState", "suspended")
    heard.ended()
    town.replace(CHAU, "gdState", "active")
    assert heard.ended() == set()


def test_closed_and_opened_between_two_looks_leaves_the_session(town: Town, heard: Heard) -> None:
    town.replace(CHAU, "gdState", "suspended")
    town.replace(CHAU, "gdState", "active")
    assert heard.ended() == set()


def test_another_address_ends_the_sessions_under_the_old_one(town: Town, heard: Heard) -> None:
    modify(town, CHAU, cn="Lê Ngọc Châu", gdMiddleName="Ngọc", mail="*")
    assert town.values(CHAU, "mail") == ("lnchau@cantho.gov.vn",)
    assert heard.ended() == {(CHAU_ADDRESS, Why.RENAMED)}


def test_a_password_that_somebody_else_sets(town: Town, heard: Heard) -> None:
    town.replace(CHAU, "userPassword", FIRST)
    assert heard.ended() == {(CHAU_ADDRESS, Why.CLOSED)}


def test_a_password_of_one_s_own_ends_sessions_that_know_the_old_one(town: Town, heard: Heard) -> None:
    town.replace(CHAU, "userPassword", FIRST)
    town.run(town.bound(CHAU, FIRST).change_password(CHAU, FIRST.encode(), SECOND.encode()))
    heard.ended()
    town.clock.pass_time(days=2)
    town.run(town.bound(CHAU, SECOND).change_password(CHAU, SECOND.encode(), b"Nang-vang-ruc-ro-61"))
    assert heard.ended() == {(CHAU_ADDRESS, Why.PASSWORD)}


def test_other_changes_end_nothing(town: Town, heard: Heard) -> None:
    town.replace(CHAU, "title", "Chuyên viên")
    town.replace(SONV, "telephoneNumber", "+84 292 111")
    assert heard.ended() == set()


def test_a_delegate_who_is_withdrawn(town: Town, heard: Heard) -> None:
    town.replace(SONV, "gdDelegate", CHAU)
    assert heard.ended() == {(BINH_ADDRESS, Why.UNSHARED)}


def test_an_owner_who_hands_over(town: Town, heard: Heard) -> None:
    town.replace(SONV, "owner", CHAU)
    assert heard.ended() == {(AN_ADDRESS, Why.UNSHARED)}


def test_a_shared_mailbox_that_is_closed_to_everybody(town: Town, heard: Heard) -> None:
    town.replace(SONV, "gdState", "suspended")
    assert heard.ended() == {
        (BOX, Why.CLOSED),
        (AN_ADDRESS, Why.UNSHARED),
        (BINH_ADDRESS, Why.UNSHARED),
    }


def test_delegates_whose_time_is_over_when_the_mailbox_is_next_changed(town: Town, heard: Heard) -> None:
    town.replace(SONV, "gdDelegateUntil", "20260401000000Z")
    assert heard.ended() == set()
    town.clock.pass_time(days=60)
    town.replace(SONV, "telephoneNumber", "+84 292 112")
    assert heard.ended() == {(BINH_ADDRESS, Why.UNSHARED)}


def test_a_delegate_who_is_renamed_stays(town: Town, heard: Heard) -> None:
    town.rename(BINH, "uid=ttbinh")
    assert (BINH_ADDRESS, Why.UNSHARED) not in heard.ended()


def test_a_mailbox_that_becomes_shared_lets_its_group_in(town: Town, heard: Heard) -> None:
    heard.groups()
    body = f"ou=sotttt,ou=orgs,{SUFFIX}"
    town.person("dung", "Phạm Văn Dũng", body)
    modify(town, body, objectClass=SHARED, owner=f"uid=dung,{body}")
    assert heard.groups() == {("sotttt@cantho.gov.vn", "box-sotttt")}
    town.replace(body, "telephoneNumber", "+84 292 113")
    assert heard.groups() == set()


def test_a_shared_mailbox_that_is_made_as_one(town: Town, heard: Heard) -> None:
    heard.groups()
    body = f"ou=moi,ou=orgs,{SUFFIX}"
    town.add(body, {"objectClass": SHARED, "displayName": "Sở Mới", "owner": AN})
    assert heard.groups() == {("moi@cantho.gov.vn", "box-moi")}


def test_after_a_start_all_groups_are_let_in_and_what_was_just_closed_is_closed_again(
    town: Town, heard: Heard
) -> None:
    town.replace(AN, "gdState", "suspended")
    town.clock.pass_time(seconds=LOOK_BACK.total_seconds() + 60)
    town.replace(CHAU, "gdState", "suspended")
    town.replace(BINH, "title", "Chuyên viên")
    later = Heard(town)
    later.withdrawals.begin()
    assert later.groups() == {(BOX, "box-sonv")}
    assert later.ended() == {(CHAU_ADDRESS, Why.CLOSED)}
