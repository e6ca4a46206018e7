"""What every store promises (directory.ports.Store), whatever the engine; each engine supplies `url`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, date, datetime, timedelta
from threading import Event

import msgspec
import pytest

from govdir.directory.access_days import LastAccess, MonthOfAccess
from govdir.directory.errors import Busy
from govdir.directory.ports import (
    NO_ENTRY,
    WRITTEN_HERE,
    AddressTaken,
    ChangedEntry,
    ClaimAddress,
    Committed,
    DeleteEntry,
    EntryChanged,
    FreeAddress,
    HasChildren,
    LoginFacts,
    NameTaken,
    NotRetired,
    ParentMissing,
    ReleaseAddress,
    RequireVersion,
    RetireAddress,
    StoredEntry,
)
from govdir.storage import store as store_module
from govdir.storage import writer
from govdir.storage.bulk import ENTRIES_PER_CHANGE, LoadedAddress, LoadedEntry, bulk_load
from govdir.storage.engine import Database
from govdir.storage.meta import read_meta, write_meta
from govdir.storage.store import SqlStore
from tests.storage.loop import Loop, SameThread
from tests.storage.units_of_work import AT, add_person, change, insert, replace, unit

Open = Callable[[str], Database]
NOWHERE = 999_999


@pytest.fixture
def database(opened: Open, url: str) -> Database:
    return opened(url)


@pytest.fixture
def store(database: Database, loop: Loop) -> Iterator[SqlStore]:
    store = SqlStore(database, loop.deliver, SameThread())
    store.start()
    yield store
    store.close()


@pytest.fixture
def suffix(store: SqlStore, loop: Loop) -> int:
    """The id of the suffix, inserted by change 1."""
    committed = loop.result(store.commit(unit(insert(None, "vn"))))
    assert committed.inserted_id is not None
    return committed.inserted_id


@pytest.fixture
def person(store: SqlStore, loop: Loop, suffix: int) -> int:
    """The id of a person below the suffix with the address an@vn, inserted by change 2."""
    committed = loop.result(store.commit(add_person(suffix, "an")))
    assert committed.inserted_id is not None
    return committed.inserted_id


def names(store: SqlStore) -> list[str]:
    return [entry.rdn_key for entry in store.load_entries()]


def all_changes(store: SqlStore, loop: Loop, number: int = 0) -> list[ChangedEntry]:
    found: list[ChangedEntry] = []
    while page := loop.result(store.changes_after(number)):
        found += page
        number = page[-1].number
    return found


class TestCommit:
    def test_an_entry_comes_back_as_it_was_written(self, store: SqlStore, loop: Loop, suffix: int) -> None:
        new = insert(suffix, "Nguyễn Văn Minh", secrets=b"\x00\xff")

        committed = loop.result(store.commit(unit(new)))

        assert list(store.load_entries())[1] == StoredEntry(
            id=committed.inserted_id or 0,
            parent_id=suffix,
            rdn="UID=Nguyễn Văn Minh",
            rdn_key="uid=Nguyễn Văn Minh",
            shape="person",
            body="body of Nguyễn Văn Minh".encode(),
            secrets=b"\x00\xff",
            keys=b"\x00keys",
            version=committed.number,
        )

    def test_numbers_count_commits_and_results_come_in_order_of_submission(
        self, store: SqlStore, loop: Loop, suffix: int
    ) -> None:
        order: list[int] = []
        submitted = [store.commit(add_person(suffix, f"p{i}")) for i in range(50)]
        for deferred in submitted:
            deferred.addCallback(lambda committed: order.append(committed.number) or committed)

        loop.wait(*submitted)

        assert order == list(range(2, 52))
        assert store.last_number() == 51

    def test_replacing_an_entry_moves_and_renames_it(
        self, store: SqlStore, loop: Loop, suffix: int, person: int
    ) -> None:
        unit_id = loop.result(store.commit(unit(insert(suffix, "unit")))).inserted_id

        committed = loop.result(store.commit(unit(replace(person, 2, unit_id, "binh", shape="retired"))))

        moved = next(entry for entry in store.load_entries() if entry.id == person)
        assert (moved.parent_id, moved.rdn_key, moved.shape) == (unit_id, "uid=binh", "retired")
        assert (moved.body, moved.version) == (b"new body", committed.number)

    def test_a_deleted_entry_is_gone_and_its_id_never_comes_back(
        self, store: SqlStore, loop: Loop, suffix: int, person: int
    ) -> None:
        loop.result(store.commit(unit(ReleaseAddress("an@vn", person), DeleteEntry(person, 2))))

        again = loop.result(store.commit(add_person(suffix, "an")))

        assert again.inserted_id is not None
        assert again.inserted_id > person
        assert names(store) == ["uid=vn", "uid=an"]

    def test_an_overload_is_refused_at_once(
        self, store: SqlStore, loop: Loop, suffix: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writer, "MAX_WAITING", 1)

        outcomes = loop.wait(store.commit(add_person(suffix, "a")), store.commit(add_person(suffix, "b")))

        assert isinstance(outcomes[0], Committed)
        assert isinstance(outcomes[1], Busy)


class TestConflicts:
    def test_an_address_is_given_once(self, store: SqlStore, loop: Loop, suffix: int, person: int) -> None:
        twin = unit(insert(suffix, "an2"), ClaimAddress("an@vn", "alias", None))

        with pytest.raises(AddressTaken) as refusal:
            loop.result(store.commit(twin))

        assert refusal.value.address == "an@vn"

    def test_a_released_address_can_be_given_again(
        self, store: SqlStore, loop: Loop, suffix: int, person: int
    ) -> None:
        loop.result(store.commit(unit(ReleaseAddress("an@vn", person))))

        again = loop.result(store.commit(unit(ClaimAddress("an@vn", "alias", suffix))))

        assert again.number == 4
        assert list(store.load_retired_addresses()) == []

    def test_a_retired_address_is_never_given_again(
        self, store: SqlStore, loop: Loop, suffix: int, person: int
    ) -> None:
        loop.result(store.commit(unit(RetireAddress("an@vn", person), DeleteEntry(person, 2))))

        with pytest.raises(AddressTaken):
            loop.result(store.commit(add_person(suffix, "an")))

        assert list(store.load_retired_addresses()) == ["an@vn"]

    def test_a_retired_address_that_was_freed_can_be_given_again_and_others_are_told(
        self, store: SqlStore, loop: Loop, suffix: int, person: int
    ) -> None:
        loop.result(store.commit(unit(RetireAddress("an@vn", person))))

        freed = loop.result(store.commit(unit(FreeAddress("an@vn"), kind="release")))

        assert loop.result(store.changes_after(freed.number - 1)) == [
            ChangedEntry(freed.number, NO_ENTRY, None)
        ]
        assert loop.result(store.retired_addresses()) == frozenset()
        loop.result(store.commit(unit(ClaimAddress("an@vn", "alias", suffix))))

    @pytest.mark.parametrize("address", ["an@vn", "nobody@vn"])
    def test_an_address_that_is_held_or_free_cannot_be_freed(
        self, store: SqlStore, loop: Loop, person: int, address: str
    ) -> None:
        with pytest.raises(NotRetired):
            loop.result(store.commit(unit(FreeAddress(address), kind="release")))

        with pytest.raises(AddressTaken):
            loop.result(store.commit(unit(ClaimAddress("an@vn", "alias", person))))

    def test_retired_addresses_are_read_while_serving(self, store: SqlStore, loop: Loop, person: int) -> None:
        loop.result(store.commit(unit(RetireAddress("an@vn", person))))

        assert loop.result(store.retired_addresses()) == frozenset({"an@vn"})

    @pytest.mark.parametrize("operation", [ReleaseAddress, RetireAddress])
    def test_only_its_holder_lets_go_of_an_address(
        self,
        store: SqlStore,
        loop: Loop,
        suffix: int,
        person: int,
        operation: type[ReleaseAddress | RetireAddress],
    ) -> None:
        with pytest.raises(EntryChanged) as refusal:
            loop.result(store.commit(unit(operation("an@vn", suffix))))

        assert refusal.value.entry_id == suffix

    def test_an_address_is_not_given_to_an_entry_that_is_gone(
        self, store: SqlStore, loop: Loop, suffix: int
    ) -> None:
        with pytest.raises(EntryChanged):
            loop.result(store.commit(unit(ClaimAddress("an@vn", "mail", NOWHERE))))

    def test_siblings_have_different_names(
        self, store: SqlStore, loop: Loop, suffix: int, person: int
    ) -> None:
        with pytest.raises(NameTaken):
            loop.result(store.commit(unit(insert(suffix, "an"))))

    def test_there_is_one_suffix(self, store: SqlStore, loop: Loop, suffix: int) -> None:
        with pytest.raises(NameTaken):
            loop.result(store.commit(unit(insert(None, "com"))))

    def test_an_entry_is_not_moved_onto_another(
        self, store: SqlStore, loop: Loop, suffix: int, person: int
    ) -> None:
        loop.result(store.commit(add_person(suffix, "binh")))

        with pytest.raises(NameTaken):
            loop.result(store.commit(unit(replace(person, 2, suffix, "binh"))))

    def test_an_entry_may_keep_its_name(self, store: SqlStore, loop: Loop, suffix: int, person: int) -> None:
        assert loop.result(store.commit(unit(replace(person, 2, suffix, "an")))).number == 3

    def test_the_parent_has_to_exist(self, store: SqlStore, loop: Loop, suffix: int, person: int) -> None:
        for orphan in (insert(NOWHERE, "binh"), replace(person, 2, NOWHERE, "an")):
            with pytest.raises(ParentMissing):
                loop.result(store.commit(unit(orphan)))

    @pytest.mark.parametrize("stale", [1, 3])
    def test_an_entry_of_another_version_is_not_touched(
        self, store: SqlStore, loop: Loop, suffix: int, person: int, stale: int
    ) -> None:
        for operation in (
            replace(person, stale, suffix, "an"),
            DeleteEntry(person, stale),
            RequireVersion(person, stale),
        ):
            with pytest.raises(EntryChanged) as refusal:
                loop.result(store.commit(unit(operation)))
            assert refusal.value.entry_id == person

    def test_an_entry_that_is_gone_has_changed(self, store: SqlStore, loop: Loop, suffix: int) -> None:
        for operation in (
            replace(NOWHERE, 1, suffix, "an"),
            DeleteEntry(NOWHERE, 1),
            RequireVersion(NOWHERE, 1),
        ):
            with pytest.raises(EntryChanged):
                loop.result(store.commit(unit(operation)))

    def test_an_entry_with_children_stays(
        self, store: SqlStore, loop: Loop, suffix: int, person: int
    ) -> None:
        with pytest.raises(HasChildren):
            loop.result(store.commit(unit(DeleteEntry(suffix, 1))))

    def test_of_two_moves_that_would_make_a_cycle_the_second_is_refused(
        self, store: SqlStore, loop: Loop, suffix: int
    ) -> None:
        left, right = loop.wait(
            store.commit(unit(insert(suffix, "left"))), store.commit(unit(insert(suffix, "right")))
        )
        assert isinstance(left, Committed)
        assert isinstance(right, Committed)
        left_id, right_id = left.inserted_id or 0, right.inserted_id or 0

        moved, refused = loop.wait(
            store.commit(
                unit(RequireVersion(right_id, right.number), replace(left_id, left.number, right_id, "left"))
            ),
            store.commit(
                unit(RequireVersion(left_id, left.number), replace(right_id, right.number, left_id, "right"))
            ),
        )

        assert isinstance(moved, Committed)
        assert isinstance(refused, EntryChanged)

    def test_a_unit_that_contradicts_itself_is_the_callers_fault(
        self, store: SqlStore, loop: Loop, suffix: int
    ) -> None:
        for operations in (
            (ClaimAddress("an@vn", "mail", None),),
            (insert(suffix, "a"), insert(suffix, "b")),
            (msgspec.structs.replace(insert(suffix, "a"), id=7),),
        ):
            with pytest.raises(ValueError):
                loop.result(store.commit(unit(*operations)))


class TestUnitsOfSeveral:
    def test_entries_inserted_by_one_unit_stand_below_each_other_and_are_changed_by_it(
        self, store: SqlStore, loop: Loop, suffix: int, person: int
    ) -> None:
        committed = loop.result(
            store.commit(
                unit(
                    insert(suffix, "body"),
                    msgspec.structs.replace(insert(-1, "binh"), id=-2),
                    ClaimAddress("binh@vn", "mail", None),
                    ClaimAddress("body@vn", "mail", -1),
                    replace(-2, WRITTEN_HERE, -1, "binh", body=b"second thought"),
                    replace(person, 2, -1, "an"),
                    RequireVersion(person, WRITTEN_HERE),
                    ReleaseAddress("an@vn", person),
                    ClaimAddress("an@vn", "alias", -2),
                    replace(suffix, 1, None, "vn"),
                    replace(suffix, WRITTEN_HERE, None, "vn", body=b"twice"),
                )
            )
        )

        stored = {entry.rdn_key: entry for entry in store.load_entries()}
        body, binh, an = stored["uid=body"], stored["uid=binh"], stored["uid=an"]
        assert committed.inserted == {-1: body.id, -2: binh.id}
        assert committed.inserted_id == body.id
        assert body.parent_id == suffix
        assert binh.parent_id == an.parent_id == body.id
        assert (binh.body, stored["uid=vn"].body) == (b"second thought", b"twice")
        assert {entry.version for entry in stored.values()} == {committed.number}
        for address in ("an@vn", "binh@vn", "body@vn"):
            with pytest.raises(AddressTaken):
                loop.result(store.commit(unit(ClaimAddress(address, "mail", suffix))))
        assert loop.result(store.commit(unit(ReleaseAddress("an@vn", binh.id)))).number == 4

    def test_a_whole_unit_comes_as_one_change_also_what_it_inserted_and_deleted(
        self, store: SqlStore, loop: Loop, suffix: int, person: int
    ) -> None:
        committed = loop.result(
            store.commit(
                unit(
                    insert(suffix, "passing"),
                    replace(person, 2, suffix, "an"),
                    DeleteEntry(-1, WRITTEN_HERE),
                    ReleaseAddress("an@vn", person),
                    DeleteEntry(person, WRITTEN_HERE),
                )
            )
        )

        changed = all_changes(store, loop, 2)
        assert [(change.number, change.entry) for change in changed] == [(3, None), (3, None)]
        assert {change.entry_id for change in changed} == {person, committed.inserted_id}
        assert names(store) == ["uid=vn"]

    def test_many_go_together_level_by_level(
        self, store: SqlStore, loop: Loop, suffix: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("govdir.storage.units.MANY", 3)
        ids = [loop.result(store.commit(add_person(suffix, f"p{i}"))).inserted_id or 0 for i in range(4)]
        below = [loop.result(store.commit(add_person(ids[0], f"q{i}"))).inserted_id or 0 for i in range(4)]
        released = [ReleaseAddress(f"p{i}@vn", ids[i]) for i in range(4)]
        retired = [RetireAddress(f"q{i}@vn", below[i]) for i in range(4)]
        gone = [
            *(DeleteEntry(each, 6 + i, 2) for i, each in enumerate(below)),
            *(DeleteEntry(each, 2 + i, 1) for i, each in enumerate(ids)),
        ]

        for stale, conflict in (
            ([*released, *retired, *gone[:-1], DeleteEntry(ids[3], 1, 1)], EntryChanged),
            ([*released, *retired[:-1], RetireAddress("q3@vn", ids[0]), *gone], EntryChanged),
            ([*released, *retired, *gone[4:], *gone[:4]], HasChildren),
        ):
            with pytest.raises(conflict):
                loop.result(store.commit(unit(*stale, kind="delete")))
        assert len(names(store)) == 9
        committed = loop.result(store.commit(unit(*released, *retired, *gone, kind="delete")))

        assert names(store) == ["uid=vn"]
        assert set(store.load_retired_addresses()) == {f"q{i}@vn" for i in range(4)}
        changed = all_changes(store, loop, committed.number - 1)
        assert {change.entry_id for change in changed} == {*ids, *below}
        assert len(changed) == 8

    def test_one_conflict_undoes_them_all_and_is_named(
        self, store: SqlStore, loop: Loop, suffix: int, person: int
    ) -> None:
        before = list(store.load_entries())
        for stale, conflict in (
            (ClaimAddress("an@vn", "mail", -2), AddressTaken),
            (replace(person, 1, -1, "an"), EntryChanged),
            (DeleteEntry(suffix, 1), HasChildren),
            (RequireVersion(NOWHERE, 1), EntryChanged),
            (msgspec.structs.replace(insert(suffix, "an"), id=-3), NameTaken),
            (msgspec.structs.replace(insert(NOWHERE, "an"), id=-3), ParentMissing),
        ):
            several = (insert(suffix, "a"), msgspec.structs.replace(insert(-1, "b"), id=-2))
            with pytest.raises(conflict):
                loop.result(store.commit(unit(*several, stale)))
        assert list(store.load_entries()) == before


class TestAtomicity:
    def test_a_failing_unit_leaves_nothing_and_its_neighbours_in_the_batch_hold(
        self, store: SqlStore, database: Database, loop: Loop, suffix: int, person: int
    ) -> None:
        failing = unit(
            insert(suffix, "binh", shape="a shape only seen here"),
            ClaimAddress("binh@vn", "mail", None),
            ClaimAddress("an@vn", "alias", None),
        )

        one_batch = SqlStore(database, loop.deliver, SameThread())
        waiting = [
            one_batch.commit(add_person(suffix, "before")),
            one_batch.commit(failing),
            one_batch.commit(unit(insert(suffix, "binh", shape="a shape only seen here"))),
        ]
        one_batch.start()
        before, refused, after = loop.wait(*waiting)
        one_batch.close()

        assert isinstance(refused, AddressTaken)
        assert [outcome.number for outcome in (before, after) if isinstance(outcome, Committed)] == [3, 4]
        assert names(store) == ["uid=vn", "uid=an", "uid=before", "uid=binh"]
        assert loop.result(store.commit(add_person(suffix, "binh2"))).number == 5
        assert [changed.number for changed in all_changes(store, loop)] == [1, 2, 3, 4, 5]

    def test_beside_a_failing_unit_every_kind_of_operation_still_works(
        self, store: SqlStore, database: Database, loop: Loop, suffix: int, person: int
    ) -> None:
        good = [
            unit(replace(person, 2, suffix, "an", body=b"same name")),
            unit(replace(suffix, 1, None, "vn", body=b"same suffix")),
            unit(ClaimAddress("alias@vn", "alias", person), ReleaseAddress("an@vn", person)),
            unit(insert(person, "child"), ClaimAddress("an@vn", "mail", None)),
            unit(RequireVersion(person, 3), RetireAddress("alias@vn", person)),
        ]
        failing = unit(insert(suffix, "an"))

        one_batch = SqlStore(database, loop.deliver, SameThread())
        waiting = [one_batch.commit(each) for each in (failing, *good)]
        one_batch.start()
        outcomes = loop.wait(*waiting)
        one_batch.close()

        assert isinstance(outcomes[0], NameTaken)
        assert [o.number for o in outcomes if isinstance(o, Committed)] == [3, 4, 5, 6, 7]
        assert list(store.load_retired_addresses()) == ["alias@vn"]

    def test_a_batch_is_answered_by_one_call_to_the_loop(self, database: Database, loop: Loop) -> None:
        store = SqlStore(database, loop.deliver, SameThread())
        waiting = [store.commit(unit(insert(None, "vn")))]
        waiting += [store.commit(add_person(1, f"p{i}")) for i in range(9)]

        store.start()
        outcomes = loop.wait(*waiting)
        store.close()

        assert [type(outcome) for outcome in outcomes] == [Committed] * 10
        assert loop.deliveries == 1

    def test_a_batch_is_bounded(
        self, database: Database, loop: Loop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writer, "MAX_BATCH", 4)
        store = SqlStore(database, loop.deliver, SameThread())
        waiting = [store.commit(unit(insert(None, "vn")))]
        waiting += [store.commit(add_person(1, f"p{i}")) for i in range(8)]

        store.start()
        loop.wait(*waiting)
        store.close()

        assert loop.deliveries == 3

    def test_what_was_submitted_is_written_at_close(self, store: SqlStore, loop: Loop, suffix: int) -> None:
        waiting = store.commit(add_person(suffix, "last"))

        store.close()

        assert loop.result(waiting).number == 2


class TestChanges:
    def test_every_touched_entry_comes_with_each_of_its_changes(
        self, store: SqlStore, loop: Loop, suffix: int, person: int
    ) -> None:
        loop.result(store.commit(unit(replace(person, 2, suffix, "an", body=b"3"))))
        gone = loop.result(store.commit(add_person(suffix, "gone"))).inserted_id or 0
        loop.result(store.commit(unit(RetireAddress("gone@vn", gone), DeleteEntry(gone, 4))))

        changes = all_changes(store, loop, 1)

        assert [(c.number, c.entry_id) for c in changes] == [(2, person), (3, person), (4, gone), (5, gone)]
        assert [c.entry and c.entry.body for c in changes] == [b"3", b"3", None, None]
        assert changes[1].entry == list(store.load_entries())[1]

    def test_a_page_ends_with_a_whole_change(
        self,
        store: SqlStore,
        loop: Loop,
        suffix: int,
        person: int,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        loop.result(store.commit(unit(replace(suffix, 1, None, "vn"), replace(person, 2, suffix, "an"))))

        pages = []
        for limit in (1, 2, 3):
            monkeypatch.setattr(store_module, "PAGE_ENTRIES", limit)
            pages.append([c.number for c in loop.result(store.changes_after(0))])

        assert pages == [[1], [1, 2], [1, 2, 3, 3]]
        assert loop.result(store.changes_after(3)) == []

    def test_a_second_store_sees_what_the_first_committed(
        self, store: SqlStore, loop: Loop, opened: Open, url: str, suffix: int
    ) -> None:
        other_loop = Loop()
        other = SqlStore(opened(url), other_loop.deliver, SameThread())
        other.start()
        mine = [store.commit(add_person(suffix, f"mine{i}")) for i in range(40)]
        theirs = [other.commit(add_person(suffix, f"theirs{i}")) for i in range(40)]

        loop.wait(*mine)
        other_loop.wait(*theirs)
        seen = all_changes(other, other_loop)
        other.close()

        assert [changed.number for changed in seen] == list(range(1, 82))
        assert {changed.entry for changed in seen} == set(store.load_entries())

    def test_the_feed_tells_of_another_process_until_its_change_is_applied(
        self, store: SqlStore, loop: Loop, opened: Open, url: str, suffix: int
    ) -> None:
        feed = opened(url).open_feed()
        number = loop.result(store.commit(add_person(suffix, "an"))).number

        told = wait_until(lambda: feed.changed(number - 1))
        still = feed.changed(number)
        feed.close()

        assert told
        assert not still


class TestLogins:
    def test_facts_replace_earlier_ones_and_entries_that_are_gone_are_passed_over(
        self, store: SqlStore, loop: Loop, suffix: int, person: int
    ) -> None:
        loop.result(store.record_logins([LoginFacts(person, None, (AT, AT + 1))]))
        loop.result(
            store.record_logins(
                [LoginFacts(person, AT, ()), LoginFacts(NOWHERE, AT, ()), LoginFacts(suffix, None, (3,))]
            )
        )

        assert list(store.load_login_facts()) == [LoginFacts(suffix, None, (3,)), LoginFacts(person, AT, ())]
        assert store.last_number() == 2

    def test_they_go_with_their_entry(self, store: SqlStore, loop: Loop, person: int) -> None:
        loop.result(store.record_logins([LoginFacts(person, AT, ())]))

        loop.result(store.commit(unit(ReleaseAddress("an@vn", person), DeleteEntry(person, 2))))

        assert list(store.load_login_facts()) == []

    def test_a_process_that_knows_of_no_success_does_not_take_back_what_another_has_seen(
        self, store: SqlStore, loop: Loop, person: int
    ) -> None:
        loop.result(store.record_logins([LoginFacts(person, AT, ())]))
        loop.result(store.record_logins([LoginFacts(person, None, (AT + 1,))]))
        loop.result(store.record_logins([LoginFacts(person, AT - 1, (AT + 2,))]))

        assert list(store.load_login_facts()) == [LoginFacts(person, AT, (AT + 2,))]


class TestAccesses:
    def test_moments_only_go_forward_and_dates_only_come_in(
        self, store: SqlStore, loop: Loop, person: int
    ) -> None:
        accesses = store.accesses
        loop.result(
            accesses.record(
                [LastAccess(person, "imap", AT), LastAccess(person, "web", AT)],
                [MonthOfAccess(person, "imap", 202603, 0b0011), MonthOfAccess(person, "web", 202602, 1)],
            )
        )
        again = [LastAccess(person, "imap", AT - 1), LastAccess(person, "web", AT + 1)]
        loop.result(accesses.record(again, [MonthOfAccess(person, "imap", 202603, 0b0110)]))

        assert loop.result(accesses.last(person)) == {"imap": AT, "web": AT + 1}
        rows = loop.result(accesses.months_of(person, date(2026, 2, 28), date(2026, 3, 1)))
        assert rows == [
            MonthOfAccess(person, "web", 202602, 1),
            MonthOfAccess(person, "imap", 202603, 0b0111),
        ]
        assert store.last_number() == 2

    def test_days_of_all_are_between_two_dates_and_through_any_channel(
        self, store: SqlStore, loop: Loop, suffix: int, person: int
    ) -> None:
        rows = [
            MonthOfAccess(person, "imap", 202603, 1 << 30),
            MonthOfAccess(person, "imap", 202604, 0b010),
            MonthOfAccess(person, "web", 202604, 0b110),
            MonthOfAccess(suffix, "ldap", 202601, 1),
        ]
        loop.result(store.accesses.record([], rows))

        found = loop.result(store.accesses.days_of_all(date(2026, 3, 31), date(2026, 4, 2)))

        assert found == {person: 0b101}

    def test_two_processes_may_write_the_same_at_once(
        self, store: SqlStore, loop: Loop, opened: Open, url: str, person: int
    ) -> None:
        other_loop = Loop()
        other = SqlStore(opened(url), other_loop.deliver, SameThread())
        other.start()
        mine, theirs = (
            [
                each.accesses.record(
                    [LastAccess(person, "imap", AT + bit)], [MonthOfAccess(person, "imap", 202603, 1 << bit)]
                )
                for bit in range(start, 30, 2)
            ]
            for each, start in ((store, 0), (other, 1))
        )

        loop.wait(*mine)
        other_loop.wait(*theirs)
        other.close()

        assert loop.result(store.accesses.last(person)) == {"imap": AT + 29}
        assert loop.result(store.accesses.days_of_all(date(2026, 3, 1), date(2026, 3, 31))) == {
            person: (1 << 30) - 1
        }

    def test_they_go_with_their_entry_and_those_of_none_are_passed_over(
        self, store: SqlStore, loop: Loop, person: int
    ) -> None:
        both = [
            (LastAccess(each, "imap", AT), MonthOfAccess(each, "imap", 202603, 1))
            for each in (person, NOWHERE)
        ]
        loop.result(store.accesses.record([last for last, _ in both], [month for _, month in both]))
        assert loop.result(store.accesses.last(NOWHERE)) == {}

        loop.result(store.commit(unit(ReleaseAddress("an@vn", person), DeleteEntry(person, 2))))

        assert loop.result(store.accesses.last(person)) == {}
        assert loop.result(store.accesses.days_of_all(date(2026, 1, 1), date(2026, 12, 31))) == {}

    def test_months_past_their_time_are_forgotten(self, store: SqlStore, loop: Loop, person: int) -> None:
        months = [202312, 202401, 202402]
        rows = [MonthOfAccess(person, f"c{number}", month, 1) for month in months for number in range(600)]
        loop.result(store.accesses.record([LastAccess(person, "c1", AT)], rows))

        loop.result(store.accesses.forget(202402))

        left = loop.result(store.accesses.months_of(person, date(2023, 1, 1), date(2026, 1, 1)))
        assert {row.month for row in left} == {202402}
        assert len(left) == 600
        assert loop.result(store.accesses.last(person)) == {"c1": AT}

    def test_what_was_seen_elsewhere_counts_as_a_sign_in_and_leaves_failures_alone(
        self, store: SqlStore, loop: Loop, suffix: int, person: int
    ) -> None:
        loop.result(store.record_logins([LoginFacts(person, AT, (AT + 5,))]))
        seen = [LastAccess(person, "imap", AT + 9), LastAccess(suffix, "imap", AT)]
        loop.result(store.accesses.record_seen(seen, []))
        loop.result(store.accesses.record_seen([LastAccess(person, "pop3", AT - 9)], []))

        facts = list(store.load_login_facts())
        assert facts == [LoginFacts(suffix, AT, ()), LoginFacts(person, AT + 9, (AT + 5,))]
        assert loop.result(store.accesses.last(person)) == {"imap": AT + 9, "pop3": AT - 9}

    def test_it_is_known_since_when_accesses_are_recorded(
        self, store: SqlStore, database: Database, loop: Loop
    ) -> None:
        write_meta(database, {"accesses_since": str(AT)})
        assert loop.result(store.accesses.since()) == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
            microseconds=AT
        )


class TestBulkLoad:
    def test_everything_is_there_and_followers_get_all_of_it(
        self, store: SqlStore, loop: Loop, database: Database, suffix: int
    ) -> None:
        count = 2 * ENTRIES_PER_CHANGE + 10

        with bulk_load(database, change("load")) as load:
            first = load.next_id
            entries = [loaded(first + i, suffix, f"p{i}") for i in range(count)]
            load.add(entries[:500], [(f"p{i}@vn", "mail", first + i) for i in range(500)])
            load.add(entries[500:], [])

        stored = list(store.load_entries())[1:]
        assert [(e.id, e.rdn_key, e.shape) for e in stored] == [(e[0], e[3], e[4]) for e in entries]
        assert [c.entry for c in all_changes(store, loop, 1)] == stored
        assert store.last_number() == 4
        later = loop.result(store.commit(add_person(suffix, "later")))
        assert later.number == 5
        assert later.inserted_id is not None
        assert later.inserted_id > stored[-1].id

    def test_a_load_that_fails_leaves_nothing(self, store: SqlStore, database: Database, suffix: int) -> None:
        with suppress(LookupError), bulk_load(database, change("load")) as load:
            load.add([loaded(load.next_id, suffix, "a")], [("a@vn", "mail", load.next_id)])
            raise LookupError

        assert names(store) == ["uid=vn"]
        assert store.last_number() == 1

    @pytest.mark.parametrize(
        ("entry", "address", "conflict"),
        [
            (("an", 0), None, NameTaken),
            (("p0", 0), None, NameTaken),
            (("new", NOWHERE), None, ParentMissing),
            (("new", None), None, NameTaken),
            (("new", 0), ("an@vn", 0), AddressTaken),
            (("new", 0), ("p0@vn", 0), AddressTaken),
            (("new", 0), ("new@vn", NOWHERE), EntryChanged),
        ],
    )
    def test_a_conflict_is_named(  # noqa: PLR0917 - a table of cases
        self,
        database: Database,
        suffix: int,
        person: int,
        entry: tuple[str, int | None],
        address: tuple[str, int] | None,
        conflict: type[Exception],
    ) -> None:
        name, parent = entry
        with ExitStack() as stack:
            load = stack.enter_context(bulk_load(database, change("load")))
            first = load.next_id
            second = loaded(first + 1, suffix if parent == 0 else parent, name)
            addresses: list[LoadedAddress] = [("p0@vn", "mail", first)]
            if address:
                addresses.append((address[0], "mail", address[1] or first + 1))

            with pytest.raises(conflict):
                load.add([loaded(first, suffix, "p0"), second], addresses)

    def test_ids_with_a_gap_are_the_callers_fault(self, database: Database, suffix: int) -> None:
        with pytest.raises(ValueError), bulk_load(database, change("load")) as load:
            load.add([loaded(load.next_id + 1, suffix, "a")], [])


class TestMeta:
    def test_facts_are_kept_until_they_are_set_again(self, database: Database) -> None:
        write_meta(database, {"suffix": "dc=vn", "province": "cantho"})
        write_meta(database, {"province": "daklak"})

        facts = read_meta(database)
        assert (facts["suffix"], facts["province"]) == ("dc=vn", "daklak")


def loaded(entry_id: int, parent_id: int | None, name: str) -> LoadedEntry:
    return (entry_id, parent_id, f"UID={name}", f"uid={name}", f"shape{entry_id % 3}", b"body", None, b"keys")


def wait_until(condition: Callable[[], bool], attempts: int = 500) -> bool:
    """A listening thread needs a moment; ten milliseconds between attempts."""
    pause = Event()
    return any(condition() or pause.wait(0.01) for _ in range(attempts))
