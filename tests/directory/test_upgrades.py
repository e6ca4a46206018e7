"""Imported hashes are replaced after the login, once each, within bounds, never in place of another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from govdir.directory import upgrades
from govdir.directory.errors import Busy, Unavailable
from govdir.directory.image import Record
from govdir.directory.secrets import unpack_secrets
from govdir.directory.upgrades import Upgrades
from tests.directory.building import SONV, Town, open_town
from tests.directory.test_logins import AN, FIRST, SECOND, ssha

BINH = f"uid=binh,{SONV}"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with open_town(tmp_path / "town.db") as town:
        for uid, name in (("an", "Lê An"), ("binh", "Trần Bình")):
            town.person(uid, name, userPassword=ssha(FIRST))
            town.replace(f"uid={uid},{SONV}", "pwdReset")
        yield town


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def waiting(town: Town, told: list[str]) -> Upgrades:
    return Upgrades(town.directory, town.slow, lambda name, record, password: told.append(name))


def record_of(town: Town, dn: str) -> Record:
    record = town.directory.image.find(town.directory.path_of(dn) or ())
    assert record is not None
    return record


def stored(town: Town, dn: str) -> bytes:
    return unpack_secrets(record_of(town, dn).secrets).password or b""


def want(waiting: Upgrades, town: Town, dn: str = AN) -> None:
    waiting.want(dn, record_of(town, dn), ssha(FIRST).encode(), FIRST.encode())


def test_what_waits_is_replaced_in_its_order_and_told(town: Town, waiting: Upgrades, told: list[str]) -> None:
    want(waiting, town, BINH)
    want(waiting, town)
    town.run(waiting.run())
    assert told == [BINH, AN]
    assert [stored(town, dn)[:8] for dn in (AN, BINH)] == [b"{ARGON2}", b"{ARGON2}"]
    assert len(waiting) == 0


def test_an_entry_that_waits_already_waits_once(town: Town, waiting: Upgrades) -> None:
    want(waiting, town)
    want(waiting, town)
    assert len(waiting) == 1
    before = town.slow.done
    town.run(waiting.run())
    assert town.slow.done == before + 1


def test_no_more_passwords_wait_than_the_bound(
    town: Town, waiting: Upgrades, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrades, "MAX_WAITING", 1)
    want(waiting, town)
    want(waiting, town, BINH)
    town.run(waiting.run())
    assert stored(town, BINH) == ssha(FIRST).encode()
    want(waiting, town, BINH)  # at a later login
    town.run(waiting.run())
    assert stored(town, BINH).startswith(b"{ARGON2}")


def test_another_password_given_meanwhile_stays(town: Town, waiting: Upgrades, told: list[str]) -> None:
    want(waiting, town)
    town.replace(AN, "userPassword", ssha(SECOND))
    town.run(waiting.run())
    assert stored(town, AN) == ssha(SECOND).encode()
    assert told == []


def test_an_entry_deleted_meanwhile_is_left_alone(town: Town, waiting: Upgrades, told: list[str]) -> None:
    want(waiting, town)
    want(waiting, town, BINH)
    town.delete(AN)
    town.run(waiting.run())
    assert told == [BINH]


@pytest.mark.parametrize("error", [Busy("much"), Unavailable("the database is away")])
def test_what_cannot_be_done_now_is_left_to_a_later_login(
    town: Town, waiting: Upgrades, told: list[str], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def refuse(_plan: object) -> None:
        raise error

    with monkeypatch.context() as away:
        away.setattr(town.directory.committer, "commit", refuse)
        want(waiting, town)
        town.run(waiting.run())
    assert told == []
    assert stored(town, AN) == ssha(FIRST).encode()
    want(waiting, town)
    town.run(waiting.run())
    assert told == [AN]


def test_a_waiting_password_is_not_shown(town: Town, waiting: Upgrades) -> None:
    want(waiting, town)
    assert FIRST not in repr(waiting._waiting)
