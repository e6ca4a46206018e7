"""The memory of passwords that were right: what it knows, and all that makes it forget."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from govdir.directory.admission import Admitted, admitted
from govdir.directory.image import Record
from govdir.directory.verified import MAX_NAME, Verified
from tests.directory.building import SONV, SOTTTT, Town, open_town

AN = f"uid=an,{SONV}"
BINH = f"uid=binh,{SONV}"
NAME = AN.encode()
PASSWORD = b"Hoa-sen-trang-927"
SECONDS = 300


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with open_town(tmp_path / "town.db") as town:
        for uid, name in (("an", "Lê An"), ("binh", "Trần Bình")):
            town.person(uid, name, userPassword="Song-Hau-chay-mai-38")
            town.replace(f"uid={uid},{SONV}", "pwdReset")
        yield town


@pytest.fixture
def memory(town: Town) -> Verified:
    """That knows the password of AN."""
    memory = Verified(town.directory.image, SECONDS)
    remember(memory, town)
    return memory


def record_of(town: Town, dn: str = AN) -> Record:
    record = town.directory.image.find(town.directory.path_of(dn) or ())
    assert record is not None
    return record


def seen(town: Town, dn: str = AN) -> Admitted:
    found = admitted(record_of(town, dn), town.directory.password_rules, town.clock.now())
    assert found is not None
    return found


def remember(memory: Verified, town: Town, name: bytes = NAME, dn: str = AN) -> None:
    memory.remember(name, PASSWORD, seen(town, dn), town.clock.now())


def knows(memory: Verified, town: Town, name: bytes = NAME, password: bytes = PASSWORD) -> bool:
    return memory.find(name, password, town.clock.now()) is not None


def test_the_same_name_and_password_are_known(town: Town, memory: Verified) -> None:
    found = memory.find(NAME, PASSWORD, town.clock.now())
    assert found is not None
    assert found.caller.dn == AN


@pytest.mark.parametrize(
    ("name", "password"),
    [
        (NAME, b"Hoa-sen-trang-928"),
        (NAME, b""),
        (NAME, PASSWORD + b"\0"),
        (NAME.upper(), PASSWORD),
        (BINH.encode(), PASSWORD),
        (b"", PASSWORD),
    ],
)
def test_nothing_else_is(town: Town, memory: Verified, name: bytes, password: bytes) -> None:
    assert not knows(memory, town, name, password)
    assert knows(memory, town)


def test_a_wrong_password_makes_nothing_forgotten(town: Town, memory: Verified) -> None:
    assert not knows(memory, town, password=b"wrong")
    assert knows(memory, town)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("userPassword", "Trang-sang-vuon-chuoi-5"),
        ("gdState", "suspended"),
        ("pwdAccountLockedTime", "20260302080000Z"),
        ("title", "Chuyên viên"),
    ],
)
def test_any_change_of_the_account_ends_it(town: Town, memory: Verified, attribute: str, value: str) -> None:
    town.replace(AN, attribute, value, handle=town.admin())
    assert not knows(memory, town)
    assert len(memory) == 0


def test_a_change_of_another_account_does_not(town: Town, memory: Verified) -> None:
    town.replace(BINH, "title", "Chuyên viên")
    assert knows(memory, town)


def test_a_name_that_is_no_more_the_accounts_is_not_known(town: Town, memory: Verified) -> None:
    town.rename(SONV, "ou=noivu")
    assert not knows(memory, town)


def test_another_account_under_the_name_of_a_deleted_one_is_not_known(town: Town, memory: Verified) -> None:
    town.rename(AN, "uid=an", SOTTTT)
    town.rename(BINH, "uid=an")
    assert not knows(memory, town)


def test_a_deleted_account_is_not_known(town: Town, memory: Verified) -> None:
    town.delete(AN)
    assert not knows(memory, town)


def test_a_renaming_elsewhere_leaves_it_known(town: Town, memory: Verified) -> None:
    town.rename(BINH, "uid=be")
    assert knows(memory, town)


def test_it_ends_after_its_time_however_often_it_is_asked(town: Town, memory: Verified) -> None:
    for _ in range(SECONDS - 1):
        town.clock.pass_time(seconds=1)
        assert knows(memory, town)
    town.clock.pass_time(seconds=1)
    assert not knows(memory, town)


def test_a_clock_that_was_set_back_makes_it_forgotten(town: Town, memory: Verified) -> None:
    town.clock.pass_time(seconds=-1)
    assert not knows(memory, town)


def test_it_ends_when_the_password_expires(town: Town) -> None:
    memory = Verified(town.directory.image, SECONDS)
    expires = seen(town).expires
    assert expires is not None
    town.clock.moment = expires - timedelta(seconds=10)
    remember(memory, town)
    town.clock.pass_time(seconds=9)
    assert knows(memory, town)
    town.clock.pass_time(seconds=1)
    assert not knows(memory, town)


def test_without_seconds_nothing_is_remembered(town: Town) -> None:
    memory = Verified(town.directory.image, 0)
    remember(memory, town)
    assert len(memory) == 0
    assert not knows(memory, town)


def test_the_oldest_goes_when_it_is_full(town: Town) -> None:
    memory = Verified(town.directory.image, SECONDS, at_most=2)
    remember(memory, town)
    remember(memory, town, BINH.encode(), BINH)
    remember(memory, town)  # is the newer one now
    remember(memory, town, AN.upper().encode())
    assert len(memory) == 2
    assert knows(memory, town)
    assert not knows(memory, town, BINH.encode())


def test_a_name_of_any_length_takes_no_more_than_a_line(town: Town) -> None:
    memory = Verified(town.directory.image, SECONDS)
    remember(memory, town, b"x" * MAX_NAME)
    remember(memory, town, b"x" * (MAX_NAME + 1))
    assert len(memory) == 1


def test_what_is_past_its_time_is_let_go_unasked(town: Town, memory: Verified) -> None:
    town.clock.pass_time(seconds=SECONDS / 2)
    remember(memory, town, BINH.encode(), BINH)
    town.clock.pass_time(seconds=SECONDS / 2)
    memory.tidy(town.clock.now())
    assert len(memory) == 1
    assert knows(memory, town, BINH.encode())


def test_two_processes_keep_different_digests(town: Town, memory: Verified) -> None:
    other = Verified(town.directory.image, SECONDS)
    remember(other, town)
    assert memory._held[NAME].digest != other._held[NAME].digest


def test_neither_password_nor_hash_is_kept(memory: Verified) -> None:
    known = memory._held[NAME]
    kept = [each for each in gc.get_referents(known) if isinstance(each, bytes)]
    assert kept == [known.digest]
    assert PASSWORD not in known.digest
