"""Whatever is committed in whatever order, the store and a model made of dicts agree."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from govdir.directory.ports import (
    AddressTaken,
    ClaimAddress,
    Committed,
    Conflict,
    DeleteEntry,
    EntryChanged,
    HasChildren,
    NameTaken,
    Operation,
    ParentMissing,
    ReleaseAddress,
    RetireAddress,
)
from govdir.storage.engine import open_database
from govdir.storage.migrate import upgrade
from govdir.storage.store import SqlStore
from tests.storage.loop import Loop, SameThread
from tests.storage.units_of_work import insert, replace, unit

NAMES = st.sampled_from(["an", "binh", "chi"])
RETIRED = 0


class StoreAgainstModel(RuleBasedStateMachine):
    """`entries` is id -> (parent, name, version), `addresses` is address -> holder or RETIRED."""

    ids: Bundle[int] = Bundle("ids")

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="govdir-model-"))
        self.database = open_database(f"sqlite:///{self.home}/model.db")
        upgrade(self.database)
        self.loop = Loop()
        self.store = SqlStore(self.database, self.loop.deliver, SameThread())
        self.store.start()
        self.entries: dict[int, tuple[int | None, str, int]] = {}
        self.addresses: dict[str, int] = {}
        self.touched: list[tuple[int, int]] = []

    def teardown(self) -> None:
        self.store.close()
        self.database.close()
        shutil.rmtree(self.home)

    def commit(self, *operations: Operation) -> Committed | type[Conflict]:
        (outcome,) = self.loop.wait(self.store.commit(unit(*operations)))
        if isinstance(outcome, Conflict):
            return type(outcome)
        assert isinstance(outcome, Committed), outcome
        return outcome

    @initialize(target=ids)
    def a_suffix(self) -> int:
        committed = self.commit(insert(None, "vn"))
        assert isinstance(committed, Committed)
        return self.keep(committed.inserted_id or 0, None, "vn", committed.number)

    def keep(self, entry_id: int, parent_id: int | None, name: str, number: int) -> int:
        self.entries[entry_id] = (parent_id, name, number)
        self.touched.append((number, entry_id))
        return entry_id

    def refusal_at(self, parent_id: int, name: str, own_id: int | None) -> type[Conflict] | None:
        if parent_id not in self.entries:
            return ParentMissing
        taken = any(
            (parent_id, name) == place[:2] for entry_id, place in self.entries.items() if entry_id != own_id
        )
        return NameTaken if taken else None

    @rule(target=ids, parent_id=ids, name=NAMES, address=NAMES)
    def add(self, parent_id: int, name: str, address: str) -> object:
        expected = self.refusal_at(parent_id, name, None)
        if expected is None and address in self.addresses:
            expected = AddressTaken

        outcome = self.commit(insert(parent_id, name), ClaimAddress(address, "mail", None))

        if not isinstance(outcome, Committed):
            assert outcome is expected
            return multiple()
        assert expected is None
        self.addresses[address] = outcome.inserted_id or 0
        return self.keep(outcome.inserted_id or 0, parent_id, name, outcome.number)

    @rule(entry_id=ids, parent_id=ids, name=NAMES, lag=st.sampled_from([0, 0, 0, 1]))
    def move(self, entry_id: int, parent_id: int, name: str, lag: int) -> None:
        if self.is_below(parent_id, entry_id):
            return  # the directory never asks for that
        version = self.entries.get(entry_id, (None, "", 1))[2]
        expected = self.refusal_at(parent_id, name, entry_id)
        if entry_id not in self.entries or lag:
            expected = EntryChanged

        outcome = self.commit(replace(entry_id, version - lag, parent_id, name))

        if isinstance(outcome, Committed):
            assert expected is None
            self.keep(entry_id, parent_id, name, outcome.number)
        else:
            assert outcome is expected

    @rule(entry_id=ids, retire=st.booleans())
    def delete(self, entry_id: int, retire: bool) -> None:
        held = [address for address, holder in self.addresses.items() if holder == entry_id]
        let_go = RetireAddress if retire else ReleaseAddress
        version = self.entries.get(entry_id, (None, "", 1))[2]
        expected: type[Conflict] | None = None
        if entry_id not in self.entries:
            expected = EntryChanged
        elif any(place[0] == entry_id for place in self.entries.values()):
            expected = HasChildren

        outcome = self.commit(
            *[let_go(address, entry_id) for address in held], DeleteEntry(entry_id, version)
        )

        if not isinstance(outcome, Committed):
            assert outcome is expected
            return
        assert expected is None
        del self.entries[entry_id]
        self.touched.append((outcome.number, entry_id))
        for address in held:
            if retire:
                self.addresses[address] = RETIRED
            else:
                del self.addresses[address]

    def is_below(self, entry_id: int | None, ancestor_id: int) -> bool:
        while entry_id is not None and entry_id != ancestor_id:
            entry_id = self.entries.get(entry_id, (None,))[0]
        return entry_id == ancestor_id

    @invariant()
    def entries_are_the_models(self) -> None:
        stored = {e.id: (e.parent_id, e.rdn_key, e.version) for e in self.store.load_entries()}

        assert stored == {i: (parent, f"uid={name}", v) for i, (parent, name, v) in self.entries.items()}

    @invariant()
    def retired_addresses_are_the_models(self) -> None:
        retired = {address for address, holder in self.addresses.items() if holder == RETIRED}

        assert set(self.store.load_retired_addresses()) == retired

    @invariant()
    def no_change_is_skipped(self) -> None:
        changes = self.loop.result(self.store.changes_after(0)) if self.touched else []

        assert [(changed.number, changed.entry_id) for changed in changes] == self.touched


TestStoreAgainstModel = StoreAgainstModel.TestCase
TestStoreAgainstModel.settings = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # a commit waits for the disk
)
