"""Commits: conflicts are planned again, other processes' changes are taken over, nothing is half done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from twisted.internet.defer import Deferred, fail

from govdir.directory.errors import Busy, DirectoryError, NoSuchObject, RuleViolation, Unavailable
from govdir.directory.ports import (
    AddressTaken,
    ChangedEntry,
    Committed,
    EntryChanged,
    StoreUnavailable,
    WriteUnit,
)
from govdir.storage.store import SqlStore
from tests.directory.building import SONV, SOTTTT, SUFFIX, Town, names, open_town

DEVICE = {"objectClass": "device"}
D = f"cn=d,{SONV}"


class FragileStore(SqlStore):
    """A store whose commits and reads fail as a test says."""

    commit_failures: list[Exception]
    reads_fail = False

    def commit(self, unit: WriteUnit) -> Deferred[Committed]:
        return fail(self.commit_failures.pop()) if self.commit_failures else super().commit(unit)

    def changes_after(self, number: int) -> Deferred[Sequence[ChangedEntry]]:
        return fail(StoreUnavailable("gone")) if self.reads_fail else super().changes_after(number)


def fragile(store: SqlStore) -> FragileStore:
    store.__class__ = FragileStore
    assert isinstance(store, FragileStore)
    store.commit_failures = []
    return store


@pytest.fixture
def pair(tmp_path: Path, furnished: Path) -> Iterator[tuple[Town, Town]]:
    """Two processes' directories on one database."""
    path = tmp_path / "town.db"
    with open_town(path, furnished) as one, open_town(path, furnish=False) as other:
        yield one, other


def same_image(one: Town, other: Town) -> bool:
    return snapshot(one) == snapshot(other)


def snapshot(town: Town) -> dict[str, tuple[int, int, bytes, bytes | None]]:
    image = town.directory.image
    assert image.root is not None
    return {one.dn_text: (one.id, one.version, one.body, one.secrets) for one in image.root.descendants()}


def catch_up(town: Town) -> int:
    return town.run(town.directory.catch_up())


def test_two_directories_on_one_database_catch_up_with_each_other(pair: tuple[Town, Town]) -> None:
    one, other = pair
    one.person("an", "Lê An")
    assert catch_up(other) > 0
    assert same_image(one, other)
    other.replace(f"uid=an,{SONV}", "title", "Giám đốc")
    other.add(f"ou=phong,{SONV}", {"objectClass": "organizationalUnit"})
    other.add(f"cn=d,ou=phong,{SONV}", DEVICE)
    other.rename(f"ou=phong,{SONV}", "ou=ban", SOTTTT)
    other.delete(f"uid=an,{SONV}")
    assert not same_image(one, other)
    assert catch_up(one) > 0
    assert same_image(one, other)
    assert names(one.local, "(cn=d)", base=SOTTTT) == ["d"]
    assert names(one.local, "(uid=an)") == []
    assert catch_up(one) == 0


def test_places_exchanged_meanwhile_are_taken_over(pair: tuple[Town, Town]) -> None:
    one, other = pair
    upper, lower = f"ou=upper,{SONV}", f"ou=lower,ou=upper,{SONV}"
    one.add(upper, {"objectClass": "organizationalUnit"})
    one.add(lower, {"objectClass": "organizationalUnit"})
    catch_up(other)
    one.replace(upper, "description", "touched before it moves")
    one.rename(lower, "ou=lower", SONV)
    one.rename(upper, "ou=upper", f"ou=lower,{SONV}")
    one.replace(f"ou=lower,{SONV}", "description", "touched after")
    catch_up(other)
    assert same_image(one, other)
    assert other.exists(f"ou=upper,ou=lower,{SONV}")


def test_a_name_given_to_another_entry_meanwhile_is_taken_over(pair: tuple[Town, Town]) -> None:
    one, other = pair
    one.add(D, DEVICE)
    catch_up(other)
    one.rename(D, "cn=e")
    one.add(D, {**DEVICE, "serialNumber": "2"})
    one.delete(f"cn=e,{SONV}")
    catch_up(other)
    assert same_image(one, other)
    assert other.values(D, "serialNumber") == ("2",)


def test_a_change_planned_on_an_old_state_is_planned_again(pair: tuple[Town, Town]) -> None:
    one, other = pair
    one.add(D, DEVICE)
    catch_up(other)
    one.replace(D, "description", "one")
    other.replace(D, "serialNumber", "2")
    catch_up(one)
    for town in pair:
        assert town.values(D, "description") == ("one",)
        assert town.values(D, "serialNumber") == ("2",)


def test_conflicts_that_stay_are_the_errors_of_the_new_state(pair: tuple[Town, Town]) -> None:
    one, other = pair
    one.add(D, DEVICE)
    with pytest.raises(DirectoryError) as refusal:
        other.add(D, DEVICE)
    assert refusal.value.code == 68
    one.delete(D)
    with pytest.raises(NoSuchObject):
        other.replace(D, "description", "x")
    one.add(f"ou=phong,{SONV}", {"objectClass": "organizationalUnit"})
    catch_up(other)
    one.add(f"cn=d,ou=phong,{SONV}", DEVICE)
    with pytest.raises(DirectoryError) as refusal:
        other.delete(f"ou=phong,{SONV}")
    assert refusal.value.code == 66


def test_namesakes_added_by_two_processes_get_different_addresses(pair: tuple[Town, Town]) -> None:
    one, other = pair
    one.person("a", "Nguyễn Văn Minh")
    other.person("b", "Nguyễn Văn Minh")
    assert other.values(f"uid=b,{SONV}", "mail") == ("nvanminh@cantho.gov.vn",)


def test_an_address_retired_by_another_process_is_refused_and_not_tried_for_ever(
    pair: tuple[Town, Town],
) -> None:
    one, other = pair
    one.person("an", "Lê An")
    (mail,) = one.values(f"uid=an,{SONV}", "mail")
    one.clock.pass_time(days=2)
    one.delete(f"uid=an,{SONV}")
    catch_up(other)
    with pytest.raises(RuleViolation):
        other.person("an", "Lê An", mail=mail)
    plain = {"objectClass": "inetOrgPerson", "cn": "x", "sn": "x"}
    with pytest.raises(DirectoryError) as refusal:
        other.add(f"uid=x,{SONV}", {**plain, "mail": mail})
    assert refusal.value.code == 19


def test_an_address_held_by_another_processs_entry_does_not_count_as_retired(pair: tuple[Town, Town]) -> None:
    one, other = pair
    plain = {"objectClass": "inetOrgPerson", "cn": "x", "sn": "x", "mail": "x@cantho.gov.vn"}
    one.add(f"uid=x,{SONV}", plain)
    with pytest.raises(DirectoryError) as refusal:
        other.add(f"uid=y,{SONV}", plain)
    assert refusal.value.code == 19
    one.delete(f"uid=x,{SONV}")
    catch_up(other)
    other.add(f"uid=y,{SONV}", plain)


# -- failures of the store


@pytest.fixture
def shaky(tmp_path: Path, furnished: Path) -> Iterator[tuple[Town, FragileStore]]:
    stores: list[FragileStore] = []

    def keep(store: SqlStore) -> FragileStore:
        stores.append(fragile(store))
        return stores[0]

    with open_town(tmp_path / "town.db", furnished, store_in_use=keep) as town:
        town.add(D, DEVICE)
        yield town, stores[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda town: town.replace(D, "description", "x"),
        lambda town: town.add(f"cn=e,{SONV}", DEVICE),
        lambda town: town.rename(D, "cn=e"),
        lambda town: town.delete(D),
    ],
)
def test_an_unreachable_store_is_52_and_nothing_changes(
    shaky: tuple[Town, FragileStore], change: Callable[[Town], None]
) -> None:
    town, store = shaky
    before = snapshot(town)
    store.commit_failures = [StoreUnavailable("gone")]
    with pytest.raises(Unavailable) as refusal:
        change(town)
    assert refusal.value.code == 52
    assert snapshot(town) == before
    change(town)
    assert snapshot(town) != before


def test_a_store_lost_while_catching_up_is_52_too(shaky: tuple[Town, FragileStore]) -> None:
    town, store = shaky
    store.commit_failures = [EntryChanged(1)]
    store.reads_fail = True
    with pytest.raises(Unavailable):
        town.replace(D, "description", "x")


def test_conflicts_without_end_are_51(shaky: tuple[Town, FragileStore]) -> None:
    town, store = shaky
    store.commit_failures = [EntryChanged(1) for _ in range(1000)]
    with pytest.raises(Busy):
        town.replace(D, "description", "x")


def test_one_conflict_is_not_noticed(shaky: tuple[Town, FragileStore]) -> None:
    town, store = shaky
    store.commit_failures = [EntryChanged(1), AddressTaken("free@cantho.gov.vn")]
    town.replace(D, "description", "x")
    assert town.values(D, "description") == ("x",)
    assert SUFFIX in snapshot(town)
