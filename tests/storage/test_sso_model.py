"""Whatever two processes do with sessions, in whatever order, storage and its stand-in in memory agree.

The stand-in (tests.sso.memory_ports) is what everything above storage is tested with.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from twisted.internet.defer import Deferred

from govdir.sso.model import Factor, Participant, Session
from govdir.sso.saml.model import NameId, NameIdFormat
from govdir.storage.engine import Database, open_database
from govdir.storage.migrate import upgrade
from govdir.storage.sso import SqlSso
from govdir.storage.store import SqlStore
from tests.sso.memory_ports import MemorySessions
from tests.sso.memory_ports import run as run_at_once
from tests.storage.loop import Loop, SameThread

T = TypeVar("T")

BEGAN = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
PEOPLE = st.sampled_from(["an", "binh"])
SERVICES = st.sampled_from(["https://portal.vn", "https://documents.vn"])
NAMES = st.builds(
    NameId,
    st.sampled_from(["an@vn", "binh@vn"]),
    st.just(NameIdFormat.EMAIL),
    st.none(),
    st.sampled_from([None, "https://portal.vn"]),
)
MINUTES = st.integers(0, 90).map(lambda minutes: timedelta(minutes=minutes))


@cache
def migrated() -> bytes:
    """The octets of a database without rows."""
    with tempfile.TemporaryDirectory(prefix="govdir-model-") as home:
        database = open_database(f"sqlite:///{home}/empty.db")
        upgrade(database)
        database.tidy_after_load()
        database.close()
        return Path(home, "empty.db").read_bytes()


class OneProcess:
    """A process whose time stands still until the test moves it."""

    def __init__(self, database: Database) -> None:
        self.seconds = 0.0
        self.loop = Loop()
        self.store = SqlStore(database, self.loop.deliver, SameThread())
        self.sso = SqlSso(database, self.store.writer, SameThread(), seconds=lambda: self.seconds)
        self.store.start()

    def run(self, awaitable: Awaitable[T]) -> T | type[LookupError]:
        async def awaited() -> T:
            return await awaitable

        (outcome,) = self.loop.wait(Deferred.fromCoroutine(awaited()))
        if isinstance(outcome, LookupError):
            return LookupError
        assert not isinstance(outcome, Exception), outcome
        return outcome


class SessionsAgainstModel(RuleBasedStateMachine):
    """Processes take turns; between turns a second passes, after which all know of each other."""

    keys: Bundle[bytes] = Bundle("keys")

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="govdir-model-"))
        (self.home / "model.db").write_bytes(migrated())
        self.database = open_database(f"sqlite:///{self.home}/model.db")
        self.known: list[bytes] = []
        self.processes = [OneProcess(self.database), OneProcess(self.database)]
        self.model = MemorySessions()
        self.now = BEGAN
        self.serial = 0
        self.turn = 0

    def teardown(self) -> None:
        for process in self.processes:
            process.store.close()
        self.database.close()
        shutil.rmtree(self.home)

    @property
    def here(self) -> OneProcess:
        return self.processes[self.turn]

    def expected(self, awaitable: Awaitable[T]) -> T | type[LookupError]:
        try:
            return run_at_once(awaitable)
        except LookupError:
            return LookupError

    def session(self, person: str) -> Session:
        """A new one; keys are random, so none ever comes again."""
        self.serial += 1
        return Session(
            key=b"key %d" % self.serial,
            entry_uuid=person,
            began=BEGAN,
            seen=self.now + timedelta(microseconds=self.serial),  # no two at once: their order is promised
            ends=self.now + timedelta(hours=1),
            authenticated=self.now,
            factors=frozenset({Factor.PASSWORD}),
            proof=b"%d" % self.serial,
            network="10.0.0.1",
            agent="Firefox",
        )

    @rule(turn=st.integers(0, 1), passed=MINUTES)
    def another_process_goes_on(self, turn: int, passed: timedelta) -> None:
        self.here.run(self.here.sso.flush())
        self.turn = turn
        self.now += passed
        for process in self.processes:
            process.seconds += 1.0

    @rule(target=keys, person=PEOPLE)
    def sign_in(self, person: str) -> bytes:
        session = self.session(person)
        self.here.run(self.here.sso.sessions.add(session))
        run_at_once(self.model.add(session))
        self.known.append(session.key)
        return session.key

    @rule(target=keys, key=keys)
    def prove_anew(self, key: bytes) -> object:
        session = self.session(getattr(self.model.held.get(key), "entry_uuid", "an"))

        found = self.here.run(self.here.sso.sessions.replace(key, session))

        assert found == self.expected(self.model.replace(key, session))
        self.known.append(session.key)
        return session.key

    @rule(key=keys)
    def use(self, key: bytes) -> None:
        self.serial += 1
        seen = self.now + timedelta(microseconds=self.serial)
        self.here.sso.sessions.touch(key, seen)
        self.model.touch(key, seen)

    @rule(keys=st.lists(keys, max_size=3))
    def end(self, keys: list[bytes]) -> None:
        found = self.here.run(self.here.sso.sessions.end(keys))
        expected = self.expected(self.model.end(keys))

        assert not isinstance(found, type)
        assert not isinstance(expected, type)
        assert told(found) == told(expected)

    @rule(key=keys, service=SERVICES, name=NAMES)
    def tell(self, key: bytes, service: str, name: NameId) -> None:
        self.serial += 1
        participant = Participant(key, service, f"_{self.serial}", name, self.now)

        found = self.here.run(self.here.sso.sessions.join(participant))

        assert found == self.expected(self.model.join(participant))

    @rule(service=SERVICES, value=st.sampled_from(["an@vn", "binh@vn"]), index=st.integers(0, 30))
    def look_for(self, service: str, value: str, index: int) -> None:
        name, indexes = NameId(value), [f"_{index}"] if index else []

        found = self.here.run(self.here.sso.sessions.named(service, name, indexes))
        expected = self.expected(self.model.named(service, name, indexes))

        assert not isinstance(found, type)
        assert not isinstance(expected, type)
        assert sorted(each.session_index for each in found) == sorted(each.session_index for each in expected)

    @rule()
    def forget(self) -> None:
        idle_since = self.now - timedelta(minutes=30)
        self.here.run(self.here.sso.sessions.forget_expired(self.now, idle_since))
        run_at_once(self.model.forget_expired(self.now, idle_since))
        self.here.seconds += 1.0  # what is over by itself may be remembered: its times say that it is over

    @invariant()
    def sessions_are_the_models(self) -> None:
        for key in self.known:
            assert self.here.run(self.here.sso.sessions.get(key)) == self.model.held.get(key)
            found = self.here.run(self.here.sso.sessions.participants(key))
            assert not isinstance(found, type)
            assert told(found) == told(run_at_once(self.model.participants(key)))
        for person in ("an", "binh"):
            mine = self.here.run(self.here.sso.sessions.of_entry(person))
            assert mine == run_at_once(self.model.of_entry(person))


def told(participants: Sequence[Participant]) -> set[tuple[bytes, str, str, NameId]]:
    """Who was told, in no order."""
    return {(each.session_key, each.entity_id, each.session_index, each.name_id) for each in participants}


TestSessionsAgainstModel = SessionsAgainstModel.TestCase
TestSessionsAgainstModel.settings = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # a commit waits for the disk
)
