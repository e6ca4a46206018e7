"""What single sign-on asks of storage (sso.ports), whatever the engine; each engine supplies `url`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from msgspec.structs import replace
from twisted.internet.defer import Deferred

from govdir.directory.ports import StoreUnavailable
from govdir.sso.model import (
    Encryption,
    Factor,
    Happened,
    Kept,
    Kind,
    Letter,
    Outgoing,
    Participant,
    ReleasedAttribute,
    ServiceProvider,
    ServiceSettings,
    Session,
    StoredFactor,
)
from govdir.sso.saml.model import NameId, NameIdFormat
from govdir.storage import access, sso_sessions, write_behind
from govdir.storage.engine import Database
from govdir.storage.sso import SqlSso
from govdir.storage.store import SqlStore
from tests.storage.loop import Loop, SameThread

T = TypeVar("T")
Open = Callable[[str], Database]

NOW = datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PORTAL, DOCUMENTS = "https://portal.vn/saml", "https://documents.vn/saml"
AN, BINH = "11111111-an", "22222222-binh"

SESSION = Session(
    key=b"\x00key of an",
    entry_uuid=AN,
    began=NOW,
    seen=NOW,
    ends=NOW + 10 * HOUR,
    authenticated=NOW,
    factors=frozenset({Factor.PASSWORD, Factor.CODE}),
    proof=b"\x00\xffproof",
    network="2001:db8::1",
    agent="Firefox, Windows – Cần Thơ",
)
NAME = NameId("an@vn", NameIdFormat.EMAIL, "https://idp.vn", PORTAL)
TOLD = Participant(SESSION.key, PORTAL, "_index1", NAME, NOW)
FACTOR = StoredFactor(AN, b"\x00sealed", NOW, 100, (b"code b", b"code a", b"code c"))
SERVICE = ServiceProvider(
    entity_id=PORTAL,
    name="portal",
    metadata=b"<EntityDescriptor/>\x00",
    settings=ServiceSettings(
        title="Cổng thông tin",
        attributes=(ReleasedAttribute("mail"), ReleasedAttribute("sn", "surname")),
        signed_requests=True,
        encryption=Encryption.REQUIRED,
    ),
    metadata_url="https://portal.vn/metadata",
    metadata_signer=b"\x30DER",
    refreshed=NOW,
    trouble="",
)
HAPPENED = Happened(
    at=NOW,
    kind=Kind.ASSERTION,
    outcome="ok",
    entry_uuid=AN,
    who="an@vn",
    entity_id=PORTAL,
    channel="post",
    factors="password+code",
    network="10.0.0.1",
    agent="Firefox",
    detail="đã đăng nhập",
)
LETTER = Letter("an@vn", "Mật khẩu đã đổi", "Chào bạn,\n…")


@dataclass
class Process:
    """One process on the database: its store and its loop, and the time in seconds that it knows."""

    database: Database
    loop: Loop
    store: SqlStore
    sso: SqlSso
    lines: list[str]
    seconds: float = 0.0

    def run(self, awaitable: Awaitable[T]) -> T:
        """What it comes to."""

        async def awaited() -> T:
            return await awaitable

        return self.loop.result(Deferred.fromCoroutine(awaited()))


Start = Callable[..., Process]


@pytest.fixture
def start(opened: Open, url: str) -> Iterator[Start]:
    """Starts a process on the database; ended after the test."""
    running: list[Process] = []

    def start_one(*, sends_mail: bool = True) -> Process:
        database, loop, lines = opened(url), Loop(), list[str]()
        store = SqlStore(database, loop.deliver, SameThread())
        sso = SqlSso(
            database,
            store.writer,
            SameThread(),
            log=lines.append,
            sends_mail=sends_mail,
            now=lambda: NOW,
            seconds=lambda: process.seconds,
        )
        process = Process(database, loop, store, sso, lines)
        store.start()
        running.append(process)
        return process

    yield start_one
    for process in running:
        process.store.close()


@pytest.fixture
def here(start: Start) -> Process:
    return start()


@pytest.fixture
def sso(here: Process) -> SqlSso:
    return here.sso


@pytest.fixture
def elsewhere(start: Start) -> Process:
    """Another process on the same database."""
    return start()


def rows(process: Process, table: str) -> int:
    with process.database.read_connection() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() or 0)


def both(one: Process, work: Callable[[SqlSso], Deferred[T]], other: Process) -> list[T | Exception]:
    """What the same request comes to when two processes make it at once."""
    mine, theirs = work(one.sso), work(other.sso)
    return [*one.loop.wait(mine), *other.loop.wait(theirs)]


class TestSessions:
    def test_a_session_comes_back_as_it_was_added(self, here: Process, elsewhere: Process) -> None:
        here.run(here.sso.sessions.add(SESSION))

        assert here.run(here.sso.sessions.get(SESSION.key)) == SESSION
        assert elsewhere.run(elsewhere.sso.sessions.get(SESSION.key)) == SESSION
        assert here.run(here.sso.sessions.get(b"another")) is None

    def test_one_in_use_costs_a_query_a_second(self, here: Process, elsewhere: Process, sso: SqlSso) -> None:
        elsewhere.run(elsewhere.sso.sessions.add(SESSION))
        assert here.run(sso.sessions.get(SESSION.key)) == SESSION
        elsewhere.run(elsewhere.sso.sessions.end([SESSION.key]))

        here.seconds = 0.99
        remembered = here.run(sso.sessions.get(SESSION.key))
        here.seconds = 1.0
        asked_again = here.run(sso.sessions.get(SESSION.key))

        assert remembered == SESSION
        assert asked_again is None

    def test_what_this_process_ends_is_ended_at_once(self, here: Process, sso: SqlSso) -> None:
        here.run(sso.sessions.add(SESSION))

        here.run(sso.sessions.end([SESSION.key]))

        assert here.run(sso.sessions.get(SESSION.key)) is None

    def test_an_answer_that_was_under_way_when_the_session_ended_is_not_remembered(
        self, here: Process
    ) -> None:
        held_back = HeldBack()
        sso = SqlSso(here.database, here.store.writer, held_back)
        here.run(here.sso.sessions.add(SESSION))
        asked = sso.sessions.get(SESSION.key)

        held_back.do()
        here.run(sso.sessions.end([SESSION.key]))
        held_back.answer()

        assert here.run(asked) == SESSION
        after = sso.sessions.get(SESSION.key)
        held_back.do()
        held_back.answer()
        assert here.run(after) is None

    def test_memory_is_bounded(self, here: Process, sso: SqlSso, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sso_sessions, "MAX_REMEMBERED", 2)
        for number in range(5):
            session = replace(SESSION, key=b"key %d" % number)
            here.run(sso.sessions.add(session))
            here.run(sso.sessions.join(replace(TOLD, session_key=session.key)))

        assert list(sso.sessions._remembered) == [b"key 3", b"key 4"]
        assert len(sso.sessions._joined) == 2
        assert here.run(sso.sessions.get(b"key 0")) is not None

    def test_a_session_proved_anew_has_another_key_and_its_participants_follow(
        self, here: Process, elsewhere: Process, sso: SqlSso
    ) -> None:
        here.run(sso.sessions.add(SESSION))
        here.run(sso.sessions.join(TOLD))
        new = replace(SESSION, key=b"new key", authenticated=NOW + HOUR, proof=b"new")

        here.run(sso.sessions.replace(SESSION.key, new))

        for process in (here, elsewhere):
            assert process.run(process.sso.sessions.get(SESSION.key)) is None
            assert process.run(process.sso.sessions.get(b"new key")) == new
            told = process.run(process.sso.sessions.participants(b"new key"))
            assert told == [replace(TOLD, session_key=b"new key")]

    def test_a_session_that_was_ended_is_not_brought_back_by_a_new_key(
        self, here: Process, elsewhere: Process, sso: SqlSso
    ) -> None:
        here.run(sso.sessions.add(SESSION))
        elsewhere.run(elsewhere.sso.sessions.end([SESSION.key]))

        with pytest.raises(LookupError):
            here.run(sso.sessions.replace(SESSION.key, replace(SESSION, key=b"new key")))

        assert here.run(sso.sessions.get(b"new key")) is None
        assert rows(here, "sso_sessions") == 0

    def test_somebodys_sessions_come_with_the_one_used_last_first(self, here: Process, sso: SqlSso) -> None:
        here.run(sso.sessions.add(SESSION))
        here.run(sso.sessions.add(replace(SESSION, key=b"later", seen=NOW + MINUTE)))
        here.run(sso.sessions.add(replace(SESSION, key=b"other", entry_uuid=BINH)))

        assert [each.key for each in here.run(sso.sessions.of_entry(AN))] == [b"later", SESSION.key]
        sso.sessions.touch(SESSION.key, NOW + 2 * MINUTE)
        assert [each.key for each in here.run(sso.sessions.of_entry(AN))] == [SESSION.key, b"later"]
        assert [each.key for each in here.run(sso.sessions.latest(2))] == [SESSION.key, b"later"]

    def test_a_use_is_known_at_once_and_written_with_others_later(
        self, here: Process, elsewhere: Process, sso: SqlSso
    ) -> None:
        here.run(sso.sessions.add(SESSION))
        sso.sessions.touch(SESSION.key, NOW + 2 * MINUTE)
        sso.sessions.touch(SESSION.key, NOW + MINUTE)

        mine = here.run(sso.sessions.get(SESSION.key))
        before = elsewhere.run(elsewhere.sso.sessions.get(SESSION.key))
        here.run(sso.flush())
        elsewhere.seconds = 1.0
        after = elsewhere.run(elsewhere.sso.sessions.get(SESSION.key))

        assert [each and each.seen for each in (mine, before, after)] == [
            NOW + 2 * MINUTE,
            NOW,
            NOW + 2 * MINUTE,
        ]

    def test_an_earlier_use_noted_by_another_process_does_not_turn_back_the_time(
        self, here: Process, elsewhere: Process, sso: SqlSso
    ) -> None:
        here.run(sso.sessions.add(SESSION))
        sso.sessions.touch(SESSION.key, NOW + 2 * MINUTE)
        here.run(sso.flush())
        elsewhere.sso.sessions.touch(SESSION.key, NOW + MINUTE)
        elsewhere.run(elsewhere.sso.flush())

        found = elsewhere.run(elsewhere.sso.sessions.get(SESSION.key))

        assert found is not None
        assert found.seen == NOW + 2 * MINUTE

    def test_uses_of_a_session_that_is_gone_are_passed_over(self, here: Process, sso: SqlSso) -> None:
        sso.sessions.touch(b"gone", NOW)

        here.run(sso.flush())

        assert rows(here, "sso_sessions") == 0

    def test_what_has_ended_by_itself_is_forgotten(
        self, here: Process, sso: SqlSso, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(access, "FORGOTTEN_AT_ONCE", 2)
        for number in range(5):
            here.run(sso.sessions.add(replace(SESSION, key=b"ended %d" % number, ends=NOW)))
        here.run(sso.sessions.add(replace(SESSION, key=b"idle", seen=NOW - HOUR)))
        here.run(sso.sessions.add(replace(SESSION, key=b"used again", seen=NOW - HOUR)))
        here.run(sso.sessions.add(SESSION))
        sso.sessions.touch(b"used again", NOW - MINUTE)

        here.run(sso.sessions.forget_expired(NOW, NOW - HOUR))

        assert {each.key for each in here.run(sso.sessions.latest(10))} == {SESSION.key, b"used again"}


class TestParticipants:
    def test_a_service_provider_is_told_once_and_the_first_index_stands(
        self, here: Process, elsewhere: Process, sso: SqlSso
    ) -> None:
        here.run(sso.sessions.add(SESSION))
        again = replace(TOLD, session_index="_index2", since=NOW + HOUR)

        assert here.run(sso.sessions.join(TOLD)) == TOLD
        assert here.run(sso.sessions.join(again)) == TOLD
        assert elsewhere.run(elsewhere.sso.sessions.join(again)) == TOLD
        assert rows(here, "sso_participants") == 1

    def test_one_that_is_known_costs_no_turn_of_the_writer(self, here: Process, sso: SqlSso) -> None:
        here.run(sso.sessions.add(SESSION))
        here.run(sso.sessions.join(TOLD))
        deliveries = here.loop.deliveries

        assert sso.sessions.join(TOLD).result == TOLD
        assert here.loop.deliveries == deliveries

    @pytest.mark.parametrize(
        "other",
        [
            replace(TOLD, entity_id=DOCUMENTS),
            replace(TOLD, name_id=replace(NAME, value="binh@vn")),
            replace(TOLD, name_id=replace(NAME, format=NameIdFormat.PERSISTENT)),
            replace(TOLD, name_id=replace(NAME, name_qualifier=None)),
            replace(TOLD, name_id=replace(NAME, sp_name_qualifier=None)),
        ],
    )
    def test_another_name_or_service_provider_is_another_participant(
        self, here: Process, sso: SqlSso, other: Participant
    ) -> None:
        here.run(sso.sessions.add(SESSION))
        here.run(sso.sessions.join(TOLD))

        assert here.run(sso.sessions.join(other)) == other
        assert set(here.run(sso.sessions.participants(SESSION.key))) == {TOLD, other}

    def test_two_processes_that_tell_at_once_agree(self, here: Process, elsewhere: Process) -> None:
        here.run(here.sso.sessions.add(SESSION))
        other = replace(TOLD, session_index="_index2")

        mine, theirs = here.sso.sessions.join(TOLD), elsewhere.sso.sessions.join(other)
        outcomes = [*here.loop.wait(mine), *elsewhere.loop.wait(theirs)]

        assert outcomes[0] == outcomes[1]
        assert here.run(here.sso.sessions.participants(SESSION.key)) == [outcomes[0]]

    def test_nobody_is_told_of_a_session_that_is_gone(self, here: Process, sso: SqlSso) -> None:
        with pytest.raises(LookupError):
            here.run(sso.sessions.join(TOLD))

        here.run(sso.sessions.add(SESSION))
        here.run(sso.sessions.join(TOLD))
        here.run(sso.sessions.end([SESSION.key]))
        with pytest.raises(LookupError):
            here.run(sso.sessions.join(TOLD))

    def test_ending_returns_whom_all_the_sessions_were_told_to(self, here: Process, sso: SqlSso) -> None:
        other = replace(SESSION, key=b"other")
        told = [TOLD, replace(TOLD, entity_id=DOCUMENTS), replace(TOLD, session_key=b"other")]
        for session in (SESSION, other, replace(SESSION, key=b"stays")):
            here.run(sso.sessions.add(session))
        for each in (*told, replace(TOLD, session_key=b"stays")):
            here.run(sso.sessions.join(each))

        ended = here.run(sso.sessions.end([SESSION.key, b"unknown", b"other", SESSION.key]))

        assert sorted(ended, key=lambda each: (each.session_key, each.entity_id), reverse=True) == [
            told[2],
            told[0],
            told[1],
        ]
        assert here.run(sso.sessions.end([SESSION.key])) == []
        assert rows(here, "sso_participants") == 1

    def test_they_are_found_by_name_and_index(self, here: Process, sso: SqlSso) -> None:
        second = replace(TOLD, session_key=b"second", session_index="_index2")
        here.run(sso.sessions.add(SESSION))
        here.run(sso.sessions.add(replace(SESSION, key=b"second")))
        for each in (TOLD, second, replace(TOLD, entity_id=DOCUMENTS)):
            here.run(sso.sessions.join(each))

        def indexes(entity_id: str, name: NameId, *wanted: str) -> list[str]:
            return sorted(
                each.session_index for each in here.run(sso.sessions.named(entity_id, name, wanted))
            )

        assert indexes(PORTAL, NAME) == ["_index1", "_index2"]
        assert indexes(PORTAL, NAME, "_index2", "_index3") == ["_index2"]
        assert indexes(PORTAL, NAME, "_index3") == []
        assert indexes(DOCUMENTS, NAME) == ["_index1"]
        assert indexes(PORTAL, NameId("an@vn")) == ["_index1", "_index2"]
        assert indexes(PORTAL, NameId("AN@vn")) == []
        assert indexes(PORTAL, replace(NAME, format=NameIdFormat.PERSISTENT)) == []
        assert indexes(PORTAL, replace(NAME, sp_name_qualifier=DOCUMENTS)) == []
        assert indexes(PORTAL, NameId("an@vn\0")) == []


class TestKeeping:
    KEPT = Kept("flow1", 0, NOW + HOUR, b"\x00state")

    def test_versions_follow_each_other(self, here: Process, elsewhere: Process, sso: SqlSso) -> None:
        later = replace(self.KEPT, version=1, expires=NOW + 2 * HOUR, payload=b"more")

        assert here.run(sso.keeping.put(self.KEPT)) is True
        assert here.run(sso.keeping.put(self.KEPT)) is False
        assert here.run(sso.keeping.put(replace(later, version=2))) is False
        assert here.run(sso.keeping.put(later)) is True
        assert here.run(sso.keeping.put(later)) is False
        assert elsewhere.run(elsewhere.sso.keeping.get("flow1")) == later

    def test_of_two_processes_that_go_on_at_once_one_does(self, here: Process, elsewhere: Process) -> None:
        begun = both(here, lambda sso: sso.keeping.put(self.KEPT), elsewhere)
        gone_on = both(here, lambda sso: sso.keeping.put(replace(self.KEPT, version=1)), elsewhere)

        assert sorted(begun, key=bool) == [False, True]
        assert sorted(gone_on, key=bool) == [False, True]

    @pytest.mark.parametrize("unknown", ["flow2", "", "flow1\0", "\ud800"])
    def test_what_is_unknown_is_none(self, here: Process, sso: SqlSso, unknown: str) -> None:
        here.run(sso.keeping.put(self.KEPT))

        assert here.run(sso.keeping.get(unknown)) is None

    def test_what_is_over_is_gone(self, here: Process, sso: SqlSso) -> None:
        here.run(sso.keeping.put(self.KEPT))

        here.run(sso.keeping.drop("flow1"))

        assert here.run(sso.keeping.get("flow1")) is None

    def test_a_message_is_new_once_among_all_processes(self, here: Process, elsewhere: Process) -> None:
        first = both(here, lambda sso: sso.keeping.first_time(PORTAL, "_id1", NOW + HOUR), elsewhere)

        assert sorted(first, key=bool) == [False, True]
        assert here.run(here.sso.keeping.first_time(PORTAL, "_id2", NOW + HOUR)) is True
        assert here.run(here.sso.keeping.first_time(DOCUMENTS, "_id1", NOW + HOUR)) is True
        assert here.run(here.sso.keeping.first_time(PORTAL + "_", "id1", NOW + HOUR)) is True

    def test_what_has_expired_is_forgotten(self, here: Process, sso: SqlSso) -> None:
        here.run(sso.keeping.put(self.KEPT))
        here.run(sso.keeping.put(replace(self.KEPT, id="flow2", expires=NOW)))
        here.run(sso.keeping.first_time(PORTAL, "_old", NOW))
        here.run(sso.keeping.first_time(PORTAL, "_new", NOW + HOUR))

        here.run(sso.keeping.forget_expired(NOW))

        assert here.run(sso.keeping.get("flow1")) == self.KEPT
        assert here.run(sso.keeping.get("flow2")) is None
        assert here.run(sso.keeping.first_time(PORTAL, "_old", NOW)) is True
        assert here.run(sso.keeping.first_time(PORTAL, "_new", NOW)) is False


class TestAttempts:
    def test_failures_are_counted_by_key_since_a_moment(
        self, here: Process, elsewhere: Process, sso: SqlSso
    ) -> None:
        here.run(sso.attempts.failed(["name:an", "net:10"], NOW - HOUR))
        elsewhere.run(elsewhere.sso.attempts.failed(["name:an"], NOW))
        here.run(sso.attempts.failed(["name:an"], NOW))

        keys = ["net:10", "name:an", "name:\ud800\0"]
        assert here.run(sso.attempts.failures(keys, NOW - HOUR)) == [(1, NOW - HOUR), (3, NOW), (0, None)]
        assert here.run(sso.attempts.failures(keys, NOW - MINUTE)) == [(0, None), (2, NOW), (0, None)]

    def test_success_forgets_them(self, here: Process, sso: SqlSso) -> None:
        here.run(sso.attempts.failed(["name:an", "net:10"], NOW))

        here.run(sso.attempts.succeeded(["name:an", "name:nobody"]))

        assert here.run(sso.attempts.failures(["name:an", "net:10"], NOW)) == [(0, None), (1, NOW)]

    def test_keys_are_not_stored_as_they_are(self, here: Process, sso: SqlSso) -> None:
        here.run(sso.attempts.failed(["name:an@vn"], NOW))

        with here.database.read_connection() as connection:
            (key,) = connection.exec_driver_sql("SELECT key FROM sso_failures").one()
        assert b"an@vn" not in bytes(key)

    def test_a_device_is_familiar_to_its_owner(self, here: Process, elsewhere: Process, sso: SqlSso) -> None:
        here.run(sso.attempts.familiar(AN, b"device", NOW - HOUR))
        here.run(sso.attempts.familiar(AN, b"device", NOW))

        assert elsewhere.run(elsewhere.sso.attempts.is_familiar(AN, b"device")) is True
        assert here.run(sso.attempts.is_familiar(BINH, b"device")) is False
        assert here.run(sso.attempts.is_familiar(AN, b"other")) is False

    def test_what_is_old_is_forgotten(self, here: Process, sso: SqlSso) -> None:
        here.run(sso.attempts.failed(["name:an"], NOW - 2 * HOUR))
        here.run(sso.attempts.failed(["name:an"], NOW - HOUR))
        here.run(sso.attempts.familiar(AN, b"old", NOW - 2 * DAY))
        here.run(sso.attempts.familiar(AN, b"new", NOW - DAY))

        here.run(sso.attempts.forget_expired(NOW - HOUR, NOW - DAY))

        assert here.run(sso.attempts.failures(["name:an"], NOW - DAY)) == [(1, NOW - HOUR)]
        assert here.run(sso.attempts.is_familiar(AN, b"old")) is False
        assert here.run(sso.attempts.is_familiar(AN, b"new")) is True


class TestFactors:
    def test_a_factor_comes_back_as_it_was_put_codes_in_order(
        self, here: Process, elsewhere: Process, sso: SqlSso
    ) -> None:
        here.run(sso.factors.put(replace(FACTOR, secret=b"old", recovery=(b"old",))))
        here.run(sso.factors.put(FACTOR))

        assert elsewhere.run(elsewhere.sso.factors.get(AN)) == FACTOR
        assert here.run(sso.factors.get(BINH)) is None

    def test_a_step_is_used_once_and_none_before_it(self, here: Process, elsewhere: Process) -> None:
        here.run(here.sso.factors.put(FACTOR))

        used = both(here, lambda sso: sso.factors.use_step(AN, 101), elsewhere)

        assert sorted(used, key=bool) == [False, True]
        assert here.run(here.sso.factors.use_step(AN, 100)) is False
        assert here.run(here.sso.factors.use_step(AN, 102)) is True
        assert here.run(here.sso.factors.use_step(BINH, 102)) is False

    def test_a_recovery_code_is_used_once(self, here: Process, elsewhere: Process) -> None:
        here.run(here.sso.factors.put(FACTOR))

        used = both(here, lambda sso: sso.factors.use_recovery(AN, b"code a"), elsewhere)

        assert sorted(used, key=bool) == [False, True]
        assert here.run(here.sso.factors.use_recovery(AN, b"code z")) is False
        assert here.run(here.sso.factors.get(AN)) == replace(FACTOR, recovery=(b"code b", b"code c"))

    def test_other_recovery_codes_leave_the_rest_as_it_has_become(
        self, here: Process, elsewhere: Process
    ) -> None:
        here.run(here.sso.factors.put(FACTOR))
        elsewhere.run(elsewhere.sso.factors.use_step(AN, 101))

        assert here.run(here.sso.factors.replace_recovery(AN, (b"new b", b"new a"))) is True

        expected = replace(FACTOR, last_step=101, recovery=(b"new b", b"new a"))
        assert elsewhere.run(elsewhere.sso.factors.get(AN)) == expected
        assert here.run(here.sso.factors.use_recovery(AN, b"code a")) is False
        assert here.run(here.sso.factors.replace_recovery(BINH, (b"new c",))) is False
        assert rows(here, "sso_recovery") == 2

    def test_codes_replaced_twice_at_once_are_those_of_one_time(
        self, here: Process, elsewhere: Process
    ) -> None:
        here.run(here.sso.factors.put(FACTOR))
        sets = iter(((b"1 a", b"1 b"), (b"2 a", b"2 b")))

        done = both(here, lambda sso: sso.factors.replace_recovery(AN, next(sets)), elsewhere)

        assert done == [True, True]
        held = here.run(here.sso.factors.get(AN))
        assert held is not None
        assert held.recovery in ((b"1 a", b"1 b"), (b"2 a", b"2 b"))

    def test_removing_takes_the_codes_along(self, here: Process, sso: SqlSso) -> None:
        here.run(sso.factors.put(FACTOR))

        assert here.run(sso.factors.remove(AN)) is True
        assert here.run(sso.factors.remove(AN)) is False
        assert here.run(sso.factors.use_recovery(AN, b"code a")) is False
        assert rows(here, "sso_recovery") == 0

    def test_they_go_with_their_entries_but_not_before_the_entries_can_be_known(
        self, here: Process, sso: SqlSso
    ) -> None:
        here.run(sso.factors.put(FACTOR))
        here.run(sso.factors.put(replace(FACTOR, entry_uuid=BINH)))
        here.run(sso.factors.put(replace(FACTOR, entry_uuid="33333333-chi", since=NOW + DAY)))

        here.run(sso.forget_expired(NOW + DAY + HOUR, HOUR, {AN}.__contains__))
        here.run(sso.forget_expired(NOW + DAY + HOUR, HOUR))

        assert here.run(sso.factors.get(AN)) == FACTOR
        assert here.run(sso.factors.get(BINH)) is None
        assert here.run(sso.factors.get("33333333-chi")) is not None


class TestServices:
    def test_a_service_provider_comes_back_as_it_was_put(self, here: Process, elsewhere: Process) -> None:
        plain = ServiceProvider(DOCUMENTS, "documents", b"<md/>")
        here.run(here.sso.services.put(SERVICE))
        here.run(here.sso.services.put(plain))

        assert elsewhere.run(elsewhere.sso.services.all()) == [plain, SERVICE]

    def test_versions_follow_each_other_and_names_are_given_once(self, here: Process, sso: SqlSso) -> None:
        assert here.run(sso.services.put(SERVICE)) is True
        assert here.run(sso.services.put(SERVICE)) is False
        assert here.run(sso.services.put(replace(SERVICE, version=2))) is False
        assert here.run(sso.services.put(replace(SERVICE, version=1, name="new-portal"))) is True
        assert here.run(sso.services.put(ServiceProvider(DOCUMENTS, "new-portal", b""))) is False
        assert here.run(sso.services.put(ServiceProvider(DOCUMENTS, "portal", b""))) is True
        taken = replace(SERVICE, version=2, name="portal")
        assert here.run(sso.services.put(taken)) is False

    def test_of_two_processes_that_change_one_at_once_one_does(
        self, here: Process, elsewhere: Process
    ) -> None:
        added = both(here, lambda sso: sso.services.put(SERVICE), elsewhere)
        changed = both(here, lambda sso: sso.services.put(replace(SERVICE, version=1)), elsewhere)

        assert sorted(added, key=bool) == [False, True]
        assert sorted(changed, key=bool) == [False, True]

    def test_the_number_changes_with_each_change_and_with_nothing_else(
        self, here: Process, elsewhere: Process, sso: SqlSso
    ) -> None:
        steps = [
            lambda: sso.services.put(SERVICE),
            lambda: sso.services.put(replace(SERVICE, version=1, trouble="no\0 answer")),
            lambda: sso.services.remove(PORTAL),
            lambda: sso.services.put(SERVICE),
        ]
        numbers = [elsewhere.run(elsewhere.sso.services.number())]
        for step in steps:
            assert here.run(step()) is True
            numbers.append(elsewhere.run(elsewhere.sso.services.number()))
        here.run(sso.services.put(SERVICE))
        here.run(sso.services.remove(DOCUMENTS))

        assert numbers == [0, 1, 2, 3, 4]
        assert here.run(sso.services.number()) == 4

    def test_one_is_removed(self, here: Process, sso: SqlSso) -> None:
        here.run(sso.services.put(SERVICE))

        assert here.run(sso.services.remove(PORTAL)) is True
        assert here.run(sso.services.remove(PORTAL)) is False
        assert here.run(sso.services.all()) == []


class TestTrail:
    def test_what_happened_is_logged_at_once_and_read_back_as_it_was(
        self, here: Process, elsewhere: Process, sso: SqlSso
    ) -> None:
        sso.trail.note(HAPPENED)

        assert here.run(sso.trail.of_entry(AN, 10)) == [HAPPENED]
        assert elsewhere.run(elsewhere.sso.trail.latest(10)) == [HAPPENED]
        assert [json.loads(line) for line in here.lines] == [
            {
                "time": "2026-11-22T01:02:03.456789+00:00",
                "kind": "assertion",
                "outcome": "ok",
                "entry_uuid": AN,
                "who": "an@vn",
                "entity_id": PORTAL,
                "channel": "post",
                "factors": "password+code",
                "network": "10.0.0.1",
                "agent": "Firefox",
                "detail": "đã đăng nhập",
            }
        ]
        assert here.lines[0].endswith("}\n")
        assert here.lines[0].count("\n") == 1

    def test_nobody_waits_and_many_lines_share_a_commit_with_uses_of_sessions(
        self, here: Process, sso: SqlSso
    ) -> None:
        here.run(sso.sessions.add(SESSION))
        deliveries = here.loop.deliveries
        for number in range(100):
            sso.trail.note(replace(HAPPENED, detail=f"{number}"))
        sso.sessions.touch(SESSION.key, NOW + MINUTE)

        here.run(sso.flush())

        assert here.loop.deliveries == deliveries + 1
        assert rows(here, "sso_trail") == 100

    def test_the_latest_come_first_and_no_more_than_asked_for(self, here: Process, sso: SqlSso) -> None:
        for number in range(4):
            sso.trail.note(replace(HAPPENED, at=NOW + number * MINUTE, detail=f"{number}"))
        sso.trail.note(replace(HAPPENED, at=NOW + HOUR, entry_uuid="", who="nobody", detail="stranger"))
        sso.trail.note(replace(HAPPENED, at=NOW + 3 * MINUTE, detail="same moment"))

        assert [each.detail for each in here.run(sso.trail.of_entry(AN, 3))] == ["same moment", "3", "2"]
        assert [each.detail for each in here.run(sso.trail.latest(2))] == ["stranger", "same moment"]

    def test_a_reader_waits_for_what_another_flush_is_writing(self, here: Process, sso: SqlSso) -> None:
        sso.trail.note(HAPPENED)
        flushing = Deferred.fromCoroutine(sso.flush())

        read = here.run(sso.trail.latest(10))
        here.run(flushing)

        assert read == [HAPPENED]

    def test_texts_from_outside_are_made_storable(self, here: Process, sso: SqlSso) -> None:
        sso.trail.note(replace(HAPPENED, who="an\0\ud800\n", agent="x" * 10_000))

        (read,) = here.run(sso.trail.latest(1))

        assert read.who == "an\ufffd?\n"
        assert read.agent == "x" * 500
        assert here.lines[0].count("\n") == 1

    def test_lines_wait_while_the_database_is_away_and_the_newest_are_kept(
        self, here: Process, opened: Open, url: str, sso: SqlSso, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(write_behind, "MAX_LINES", 3)
        here.run(sso.sessions.add(SESSION))
        sso.sessions.touch(SESSION.key, NOW + MINUTE)
        with opened(url).exclusive_connection():
            for detail in ("1", "2"):
                sso.trail.note(replace(HAPPENED, detail=detail))
            flushing = Deferred.fromCoroutine(sso.flush())
            for detail in ("3", "4"):
                sso.trail.note(replace(HAPPENED, detail=detail))
            with pytest.raises(StoreUnavailable):
                here.run(flushing)
            sso.trail.note(replace(HAPPENED, detail="5"))

        here.run(sso.flush())

        assert [each.detail for each in here.run(sso.trail.latest(10))] == ["5", "4", "3"]
        assert len(here.lines) == 5
        (session,) = here.run(sso.sessions.of_entry(AN))
        assert session.seen == NOW + MINUTE

    def test_a_log_that_cannot_be_written_does_not_stop_anybody(self, here: Process) -> None:
        def fail(_line: str) -> None:
            raise OSError("disk full")

        sso = SqlSso(here.database, here.store.writer, SameThread(), log=fail)

        sso.trail.note(HAPPENED)

        assert here.run(sso.trail.latest(1)) == [HAPPENED]

    def test_old_lines_are_forgotten(self, here: Process, sso: SqlSso) -> None:
        sso.trail.note(replace(HAPPENED, at=NOW - 401 * DAY))
        sso.trail.note(replace(HAPPENED, at=NOW - 399 * DAY))
        here.run(sso.flush())

        here.run(sso.forget_expired(NOW, HOUR))

        assert [each.at for each in here.run(sso.trail.latest(10))] == [NOW - 399 * DAY]


class TestOutbox:
    def test_a_letter_is_taken_by_one_sender_until_it_is_due_again(
        self, here: Process, elsewhere: Process, sso: SqlSso
    ) -> None:
        here.run(sso.outbox.put(LETTER))

        taken = both(here, lambda sso: sso.outbox.take(NOW, NOW + HOUR, 10), elsewhere)
        later = here.run(sso.outbox.take(NOW + HOUR, NOW + 2 * HOUR, 10))

        assert sorted(map(len, taken)) == [0, 1]  # type: ignore[arg-type]
        (first,) = (letter for some in taken for letter in some)  # type: ignore[union-attr]
        assert first == Outgoing(first.number, LETTER, NOW, 1)
        assert later == [Outgoing(first.number, LETTER, NOW, 2)]

    def test_those_waiting_longest_go_first_and_no_more_than_asked_for(
        self, here: Process, sso: SqlSso
    ) -> None:
        for number in range(3):
            here.run(sso.outbox.put(replace(LETTER, to=f"{number}@vn")))

        taken = here.run(sso.outbox.take(NOW, NOW + HOUR, 2))

        assert [each.letter.to for each in taken] == ["0@vn", "1@vn"]

    def test_one_that_was_sent_is_gone_and_one_that_was_not_waits(self, here: Process, sso: SqlSso) -> None:
        here.run(sso.outbox.put(LETTER))
        here.run(sso.outbox.put(LETTER))
        sent, unsent = here.run(sso.outbox.take(NOW, NOW + HOUR, 2))

        here.run(sso.outbox.drop(sent.number))
        here.run(sso.outbox.delay(unsent.number, NOW + MINUTE))

        assert here.run(sso.outbox.take(NOW, NOW + HOUR, 2)) == ()
        assert [each.number for each in here.run(sso.outbox.take(NOW + MINUTE, NOW + HOUR, 2))] == [
            unsent.number
        ]

    def test_without_a_mail_server_letters_are_not_stored(self, start: Start) -> None:
        process = start(sends_mail=False)

        process.run(process.sso.outbox.put(LETTER))

        assert rows(process, "sso_outbox") == 0


class HeldBack:
    """SlowWork whose moments are the test's: `do` does the work, `answer` hands the result over."""

    def __init__(self) -> None:
        self._asked: Callable[[], object]
        self._answer: Deferred[object]
        self._result: object = None

    def run(self, function: Callable[[], T]) -> Deferred[T]:
        self._asked, self._answer = function, Deferred()
        return self._answer  # type: ignore[return-value]

    def do(self) -> None:
        self._result = self._asked()

    def answer(self) -> None:
        self._answer.callback(self._result)
