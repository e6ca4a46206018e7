"""What the server is made of: the configuration reaches it, and the loss of its database is told once."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any, cast

import pytest
from twisted.internet.task import Clock
from twisted.logger import Logger, LogPublisher

from govdir.app import CLOCK_SECONDS, FEED_SECONDS, Application, ClockEvents, server_limits
from govdir.assembly import load_directory, load_policy, password_clockwork
from govdir.cli.changes import add
from govdir.cli.home import new_home
from govdir.cli.init import new_config
from govdir.cli.local import InPlace
from govdir.config import (
    Config,
    LifecycleSettings,
    LimitSettings,
    ListenSettings,
    PasswordSettings,
)
from govdir.config_kinds import Endpoint
from govdir.directory.errors import Busy
from govdir.directory.password_policy import PasswordPolicy
from govdir.ldap.server.limits import ServerLimits
from govdir.lifecycle.clock import Settings
from govdir.lifecycle.dues import Due, What
from govdir.lifecycle.run import Item
from govdir.listening import CannotListen, close_sockets, open_sockets, urls
from govdir.logs import EventLog, LogOutput
from govdir.mail_services import Freshness
from govdir.policy.load import load_province
from govdir.policy.model import MailboxKind
from govdir.settings import BadSetting
from tests.lifecycle.test_dues import mailbox

LOOPBACK = Endpoint("127.0.0.1", 0)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    pack = load_province("cantho")
    config = new_config(tmp_path_factory.mktemp("app") / "home", pack)
    with new_home(config, pack, "Sông Hậu 7 nhịp!"):
        pass
    return config


def test_the_servers_limits_are_those_of_the_configuration() -> None:
    assert server_limits(LimitSettings()) == ServerLimits()
    assert server_limits(LimitSettings(request_bytes=2048, idle_seconds=7)).bound_pdu_bytes == 2048


def test_the_clockwork_of_passwords_is_that_of_the_configuration() -> None:
    settings = PasswordSettings(
        history=3, failures=4, failure_window_seconds=60, lock_seconds=0, minimum_age_seconds=7200
    )
    assert password_clockwork(settings) == PasswordPolicy(
        history_length=3, max_failures=4, failure_window_seconds=60, lock_seconds=0, min_age_seconds=7200
    )


def test_a_quota_of_the_configuration_goes_before_the_packs(config: Config) -> None:
    pack = load_policy(replace(config, quotas={"unit": 7}, pack_settings={"mailbox.unit.quota": "1 GiB"}))
    assert pack.mailboxes[MailboxKind.UNIT].quota == 7
    assert pack.mailboxes[MailboxKind.PERSON] == load_province("cantho").mailboxes[MailboxKind.PERSON]


@pytest.mark.parametrize("quotas", [{"king": 1}, {"unit": -1}, {"unit": "much"}, {"unit": True}])
def test_a_quota_that_is_none_is_refused(config: Config, quotas: dict[str, object]) -> None:
    with pytest.raises(BadSetting):
        load_policy(replace(config, quotas=quotas))


def test_all_sockets_are_opened_or_none() -> None:
    (first,) = taken = open_sockets(ListenSettings(ldap=(LOOPBACK,), ldaps=(), web=()))
    with pytest.raises(CannotListen) as caught:
        open_sockets(ListenSettings(ldap=(LOOPBACK,), ldaps=(first.endpoint,), web=()))
    close_sockets(taken)
    assert (caught.value.endpoint, caught.value.taken) == (first.endpoint, True)


def test_a_host_that_does_not_exist_cannot_be_listened_on() -> None:
    with pytest.raises(CannotListen) as caught:
        open_sockets(ListenSettings(ldap=(Endpoint("192.0.2.1", 0),), ldaps=(), web=()))
    assert not caught.value.taken


def test_sockets_are_named_as_clients_write_them() -> None:
    opened = open_sockets(ListenSettings(ldap=(LOOPBACK,), ldaps=(LOOPBACK,), web=()))
    close_sockets(opened)
    ports = [each.endpoint.port for each in opened]
    assert urls(opened) == f"ldap://127.0.0.1:{ports[0]} ldaps://127.0.0.1:{ports[1]}"


class ReactorClock(Clock):
    """Time that a test moves, with what else an Application asks of a reactor before it serves."""

    def callFromThread(self, function: Any, *arguments: Any) -> None:  # noqa: N802 - Twisted's name
        self.callLater(0, function, *arguments)


@pytest.fixture
def clock() -> ReactorClock:
    return ReactorClock()


@pytest.fixture
def application(config: Config, clock: ReactorClock) -> Iterator[Application]:
    made = Application(config, (), cast("Any", clock))
    yield made
    made._feed.close()
    made._core.database.close()


def told(stream: StringIO) -> list[str]:
    return [json.loads(line)["message"] for line in stream.getvalue().splitlines()]


def test_the_loss_and_return_of_the_database_are_told_once_each(
    application: Application, clock: ReactorClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, state = StringIO(), {"lost": True}
    log = Logger(namespace="govdir", observer=LogPublisher(EventLog(LogOutput(None, stream))))
    monkeypatch.setattr("govdir.app._log", log)

    class Flaky:
        def changed(self, _applied: int) -> bool:
            if state["lost"]:
                raise Busy("locked")
            return False

    monkeypatch.setattr(application, "_feed", Flaky())
    application._following.start(FEED_SECONDS)
    clock.pump([FEED_SECONDS] * 5)
    state["lost"] = False
    clock.pump([FEED_SECONDS] * 5)
    application._following.stop()
    monkeypatch.undo()
    assert told(stream) == ["the database does not answer: locked", "the database answers again"]


def test_messages_are_judged_by_how_long_the_database_has_been_lost(
    application: Application, clock: ReactorClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds, state = [1000.0], {"lost": False}

    class Flaky:
        def changed(self, _applied: int) -> bool:
            if state["lost"]:
                raise Busy("locked")
            return False

        def silent_seconds(self) -> float:
            return 0.0

    services = application._mail
    monkeypatch.setattr(services, "freshness", Freshness(60, lambda: seconds[0]))
    for holder in (application, services):
        monkeypatch.setattr(holder, "_feed", Flaky())
    application._following.start(FEED_SECONDS)
    known = []
    for lost in (False, True, False):
        state["lost"] = lost
        seconds[0] += 61
        clock.pump([FEED_SECONDS] * 2)
        known.append(services.freshness.is_current())
    application._following.stop()
    monkeypatch.undo()
    assert known == [True, False, True]


def test_a_step_without_anything_to_do_does_not_say_that_the_database_answers(
    application: Application, clock: ReactorClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, state = StringIO(), {"lost": True}
    log = Logger(namespace="govdir", observer=LogPublisher(EventLog(LogOutput(None, stream))))
    monkeypatch.setattr("govdir.app._log", log)

    async def writes() -> None:
        if state["lost"]:
            raise Busy("locked")

    async def has_nothing_to_do() -> None:
        pass

    loops = [application._round(step) for step in (writes, has_nothing_to_do)]
    for loop in loops:
        loop.start(1)
    clock.pump([1] * 3)
    state["lost"] = False
    clock.pump([1] * 3)
    for loop in loops:
        loop.stop()
    monkeypatch.undo()

    assert told(stream) == ["the database does not answer: locked", "the database answers again"]


def test_the_servers_own_steps_know_the_database_by_something_to_tell_apart(
    application: Application, clock: ReactorClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, flushed = StringIO(), []
    log = Logger(namespace="govdir", observer=LogPublisher(EventLog(LogOutput(None, stream))))
    monkeypatch.setattr("govdir.app._log", log)

    async def flush_logins() -> None:
        flushed.append(clock.seconds())
        if len(flushed) == 1:
            raise Busy("locked")

    monkeypatch.setattr(application._core.directory, "flush_logins", flush_logins)
    loop = application._loop(application._flush_logins)
    loop.start(1)
    clock.pump([1] * 2)
    loop.stop()
    monkeypatch.undo()

    assert flushed == [0, 1, 2]
    assert told(stream) == ["the database does not answer: locked", "the database answers again"]


def test_a_fault_while_stopping_leaves_no_thread_behind(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = Application(config, (), cast("Any", ReactorClock()))
    stream, before = StringIO(), set(threading.enumerate())
    log = Logger(namespace="govdir", observer=LogPublisher(EventLog(LogOutput(None, stream))))
    monkeypatch.setattr("govdir.app._log", log)
    application._hashing.start()
    application._core.store.start()

    async def faulty() -> None:
        raise TypeError("unhashable")

    monkeypatch.setattr(application._core.directory, "flush_logins", faulty)
    ended: list[object] = []
    application.stop().addBoth(ended.append)
    monkeypatch.undo()

    assert ended == [None]
    assert set(threading.enumerate()) <= before
    assert told(stream) == ["stopping", "a fault of the program while stopping", "stopped"]


async def nobody_signed_in() -> None:
    """Leaves nothing to be written."""


def test_nobody_is_kept_waiting_at_a_port_whose_server_stops(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    (listening,) = open_sockets(ListenSettings(ldap=(LOOPBACK,), ldaps=(), web=()))
    application = Application(config, (listening,), cast("Any", ReactorClock()))
    monkeypatch.setattr(application._core.directory, "flush_logins", nobody_signed_in)
    ended: list[object] = []
    application.stop().addBoth(ended.append)
    assert ended == [None]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", listening.endpoint.port), 5)


def test_an_end_does_not_wait_for_a_database_that_hangs(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = Application(config, (), cast("Any", ReactorClock()))
    stream, given_up, statuses = StringIO(), threading.Event(), []
    log = Logger(namespace="govdir", observer=LogPublisher(EventLog(LogOutput(None, stream))))

    def leave(status: int) -> None:
        statuses.append(status)
        given_up.set()

    monkeypatch.setattr("govdir.app._log", log)
    monkeypatch.setattr("govdir.app.ENDING_SECONDS", 0.05)
    monkeypatch.setattr("govdir.app.os._exit", leave)
    monkeypatch.setattr(application._core.directory, "flush_logins", nobody_signed_in)
    monkeypatch.setattr(application._core.store, "close", lambda: given_up.wait(30))
    application.stop()
    assert given_up.wait(30)
    monkeypatch.undo()

    assert statuses == [1]
    lost = "the database did not answer while stopping: accesses of the last seconds may be lost"
    assert told(stream) == ["stopping", lost, "stopped"]


def test_a_log_file_is_written_on_after_it_was_moved_away(tmp_path: Path) -> None:
    output = LogOutput(tmp_path / "log" / "access.jsonl", StringIO())
    output.write("first\n")
    (tmp_path / "log" / "access.jsonl").rename(tmp_path / "log" / "access.jsonl.1")
    output.reopen()
    output.write("second\n")
    assert (tmp_path / "log" / "access.jsonl").read_text() == "second\n"
    assert (tmp_path / "log" / "access.jsonl.1").read_text() == "first\n"


def test_a_log_line_that_cannot_be_written_stops_nothing() -> None:
    class Full(StringIO):
        def write(self, text: str, /) -> int:
            raise OSError(28, "No space left on device")

    Logger(namespace="govdir", observer=EventLog(LogOutput(None, Full()))).info("serving")


def test_an_event_is_one_line_whatever_it_holds() -> None:
    stream = StringIO()
    log = Logger(namespace="govdir", observer=EventLog(LogOutput(None, stream)))
    log.info("two\nlines {value}", value='"quoted"')
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        log.failure("it broke")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (first["message"], first["level"]) == ('two\nlines "quoted"', "info")
    assert "ZeroDivisionError" in second["traceback"]


def test_what_the_clock_of_mailboxes_does_is_in_the_event_log(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = StringIO()
    log = Logger(namespace="govdir", observer=LogPublisher(EventLog(LogOutput(None, stream))))
    monkeypatch.setattr("govdir.app._log", log)
    pack = load_province("cantho")
    facts = mailbox(pack, address="nvminh@cantho.gov.vn")
    item = Item(facts, "", Due(What.SEND_BLOCK, datetime(2026, 1, 1, tzinfo=UTC), pack.state_citation))
    events = ClockEvents()

    events.done(item)
    events.refused(item, "no")
    events.hindered("locked")
    events.braked(30, 100)

    monkeypatch.undo()
    levels = [json.loads(line)["level"] for line in stream.getvalue().splitlines()]
    assert levels == ["info", "warn", "warn", "error"]
    assert told(stream)[:2] == [
        f"lifecycle: send-block of nvminh@cantho.gov.vn, by {pack.state_citation.place}",
        "lifecycle: send-block of nvminh@cantho.gov.vn was refused: no",
    ]
    assert "30 of 100" in told(stream)[3]


class Ahead:
    """Noon in Vietnam a hundred days ahead, moved by the reactor; implements directory.ports.Clock."""

    def __init__(self, reactor: Clock) -> None:
        self._reactor = reactor
        noon = datetime.now(UTC).replace(hour=5, minute=0)
        self._begin = noon + timedelta(days=100)

    def now(self) -> datetime:
        return self._begin + timedelta(seconds=self._reactor.seconds())


class AtOnce(InPlace):
    """A pool of threads that has none."""

    def __init__(self, *_: object, **__: object) -> None:
        pass


@pytest.mark.parametrize(("unused", "brakes"), [(21, True), (20, False)])
def test_the_servers_loop_closes_no_crowd_of_unused_mailboxes_and_says_so_once_a_day(
    tmp_path: Path, clock: ReactorClock, monkeypatch: pytest.MonkeyPatch, unused: int, brakes: bool
) -> None:
    made = crowded_home(tmp_path / "home", unused)
    stream = StringIO()
    log = Logger(namespace="govdir", observer=LogPublisher(EventLog(LogOutput(None, stream))))
    monkeypatch.setattr("govdir.app._log", log)
    monkeypatch.setattr("govdir.app.BoundedPool", AtOnce)
    application = Application(made, (), cast("Any", clock))
    core, closed = application._core, []
    core.directory.clock = Ahead(clock)
    load_directory(core)

    async def commit(plan: Any) -> None:
        closed.append(plan())

    monkeypatch.setattr(core.directory.committer, "commit", commit)
    application._ticking.start(CLOCK_SECONDS, now=False)
    clock.pump([CLOCK_SECONDS] * 200)
    clock.advance(86_400)
    clock.pump([CLOCK_SECONDS] * 200)
    application._ticking.stop()
    application._feed.close()
    core.database.close()
    monkeypatch.undo()

    messages = [message for message in told(stream) if "are unused and would be closed" in message]
    assert [message.split(" mailboxes")[0] for message in messages] == (
        [f"lifecycle: {unused} of {unused}"] * 2 if brakes else []
    )
    assert bool(closed) is not brakes


def crowded_home(path: Path, count: int) -> Config:
    """So many people, none of whom has ever signed in."""
    pack = load_province("cantho")
    config = new_config(path, pack)
    with new_home(config, pack, "Sông Hậu 7 nhịp!") as local:
        for number in range(count):
            given = {"cn": f"Lê Văn H{chr(97 + number)}"}
            add(
                local,
                f"uid=p{number},ou=orgs,{config.suffix}",
                ("inetOrgPerson", "gdPerson", "gdMailbox"),
                given,
            )
    return config


def test_the_clock_of_mailboxes_is_set_by_the_configuration(config: Config, clock: ReactorClock) -> None:
    chosen = LifecycleSettings(automatic=False, inactivity=False, inactivity_share_percent=9)
    made = Application(replace(config, lifecycle=chosen), (), cast("Any", clock))
    made._feed.close()
    made._core.database.close()

    assert made._clock.settings == Settings(automatic=False, inactivity=False, inactivity_share_percent=9)


def test_what_goes_on_at_intervals_goes_on_after_a_fault(
    application: Application, clock: ReactorClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, calls = StringIO(), []
    log = Logger(namespace="govdir", observer=LogPublisher(EventLog(LogOutput(None, stream))))
    monkeypatch.setattr("govdir.app._log", log)

    async def step() -> None:
        calls.append(clock.seconds())
        if len(calls) == 1:
            raise ZeroDivisionError
        if len(calls) == 2:
            raise Busy("locked")

    loop = application._round(step)
    loop.start(1)
    clock.pump([1] * 3)
    loop.stop()
    monkeypatch.undo()

    assert calls == [0, 1, 2, 3]
    assert [message.partition(":")[0] for message in told(stream)] == [
        "what goes on at intervals failed, and will be tried again",
        "the database does not answer",
        "the database answers again",
    ]
