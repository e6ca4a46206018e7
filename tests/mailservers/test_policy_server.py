"""Connections of mail servers: who may ask, answers in order, and bounds on what a client may cost."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, cast

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.testing import StringTransport
from twisted.internet.threads import deferToThread
from twisted.logger import LogEvent, globalLogPublisher

from govdir.ldap.server.transport import listen
from govdir.mailservers import policy_server
from govdir.mailservers.networks import Networks
from govdir.mailservers.policy_request import PolicyRequest
from govdir.mailservers.policy_server import IDLE_SECONDS, REQUEST_SECONDS, PolicyFactory, PolicyProtocol
from govdir.mailservers.policy_service import News
from tests.mailservers.asking import DUNNO, PASS, REFUSAL, REFUSED, Asked, octets

LOOPBACK = Networks(["127.0.0.0/8"])


class Wire(StringTransport):
    """A client's end that tells how it was closed; `flowing` is false while nothing is read from it."""

    def __init__(self) -> None:
        super().__init__()
        self.aborted = False

    def abortConnection(self) -> None:  # noqa: N802 - Twisted's name
        self.aborted = True

    @property
    def flowing(self) -> bool:
        return self.producerState == "producing"


class Connected:
    """One connection to a factory on a clock."""

    def __init__(self, asked: Asked | None = None, host: str = "127.0.0.1", **more: Any) -> None:
        self.asked = asked or Asked()
        self.factory = PolicyFactory(self.asked.service, LOOPBACK, self.asked.clock, **more)
        self.wire = Wire()
        made = self.factory.buildProtocol(IPv4Address("TCP", host, 1))
        assert made is not None
        self.protocol: PolicyProtocol = made
        self.protocol.makeConnection(cast("Any", self.wire))

    def send(self, data: bytes) -> bytes:
        """What is answered at once."""
        self.wire.clear()
        self.protocol.dataReceived(data)
        return self.wire.value()


class Slow:
    """A service that answers when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, Deferred[bytes]]] = []

    async def answer(self, request: PolicyRequest, _peer: str) -> bytes:
        answered: Deferred[bytes] = Deferred()
        self.waiting.append((request.sender, answered))
        return await answered


def slow() -> tuple[Connected, Slow]:
    connected, service = Connected(), Slow()
    connected.factory.service = cast("Any", service)
    return connected, service


# -- questions and answers


def test_several_questions_on_one_connection_are_answered_in_order() -> None:
    connected = Connected()
    assert connected.send(octets()) == DUNNO
    connected.asked.judge.verdict = REFUSAL
    assert connected.send(octets() * 3) == REFUSED * 3
    assert not connected.wire.disconnecting


def test_a_question_in_pieces_is_answered_once_it_is_whole() -> None:
    connected = Connected()
    whole = octets(sender="a@b.vn")
    assert [connected.send(whole[at : at + 20]) for at in range(0, len(whole), 20)][-1] == DUNNO
    assert [message.sender for message in connected.asked.judge.asked] == ["a@b.vn"]


def test_a_later_question_waits_for_the_earlier_ones_answer() -> None:
    connected, service = slow()
    connected.send(octets(sender="first") + octets(sender="second"))
    assert [sender for sender, _ in service.waiting] == ["first"]
    service.waiting[0][1].callback(b"1")
    service.waiting[1][1].callback(b"2")
    assert connected.wire.value() == b"12"


def test_what_is_no_request_ends_the_connection_after_the_answers_due() -> None:
    connected = Connected()
    assert connected.send(octets() + b"EHLO x\n" + octets()) == DUNNO
    assert connected.wire.disconnecting


def test_who_speaks_something_else_again_and_again_does_not_fill_the_log() -> None:
    told: list[LogEvent] = []
    globalLogPublisher.addObserver(told.append)
    try:
        connected = Connected()
        for _ in range(50):
            protocol = connected.factory.buildProtocol(IPv4Address("TCP", "127.0.0.1", 1))
            assert protocol is not None
            protocol.makeConnection(cast("Any", Wire()))
            protocol.dataReceived(b"GET / HTTP/1.1\r\n")
    finally:
        globalLogPublisher.removeObserver(told.append)
    assert [event["text"] for event in told if event.get("log_namespace") == "govdir.policy"] == [
        "127.0.0.1 does not speak Postfix's policy protocol: a line without ="
    ]


def test_one_clients_many_questions_let_others_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_server, "TURN_SECONDS", 0.0)
    connected = Connected()
    assert connected.send(octets() * 3) == DUNNO
    connected.asked.clock.advance(0)
    assert connected.wire.value() == DUNNO * 3


# -- bounds


def test_a_client_that_asks_without_waiting_is_read_from_no_more_for_the_time() -> None:
    connected, service = slow()
    connected.send(octets() * (policy_server.MAX_WAITING + 2))
    assert not connected.wire.flowing
    while service.waiting:
        service.waiting.pop()[1].callback(b".")
    assert connected.wire.flowing
    assert connected.wire.value() == b"." * (policy_server.MAX_WAITING + 2)


def test_a_client_that_does_not_read_is_answered_when_it_does() -> None:
    connected = Connected()
    connected.protocol.pauseProducing()
    assert connected.send(octets() * 2) == b""
    assert not connected.wire.flowing
    connected.protocol.resumeProducing()
    assert connected.wire.value() == DUNNO * 2
    assert connected.wire.flowing


def test_an_idle_connection_lives_longer_than_postfix_keeps_it() -> None:
    connected = Connected()
    connected.asked.clock.advance(1000)
    connected.send(octets())
    connected.asked.clock.advance(IDLE_SECONDS - 1)
    assert not connected.wire.aborted
    connected.asked.clock.advance(1)
    assert connected.wire.aborted


def test_half_a_request_is_waited_for_only_briefly() -> None:
    connected = Connected()
    connected.send(octets()[:30])
    connected.asked.clock.advance(REQUEST_SECONDS)
    assert connected.wire.aborted


def test_a_request_that_comes_octet_by_octet_is_not_waited_for_longer() -> None:
    connected = Connected()
    for octet in octets()[: int(REQUEST_SECONDS) - 1]:
        connected.send(bytes((octet,)))
        connected.asked.clock.advance(1)
    assert not connected.wire.aborted
    connected.asked.clock.advance(1)
    assert connected.wire.aborted


def test_a_request_behind_another_has_its_own_time() -> None:
    connected = Connected()
    connected.send(octets()[:10])
    connected.asked.clock.advance(REQUEST_SECONDS - 1)
    connected.send(octets()[10:] + octets()[:10])
    connected.asked.clock.advance(REQUEST_SECONDS - 1)
    assert not connected.wire.aborted


def test_strangers_are_not_talked_to() -> None:
    connected = Connected()
    assert connected.factory.buildProtocol(IPv4Address("TCP", "192.0.2.1", 1)) is None


def test_connections_are_counted() -> None:
    connected = Connected(max_connections=1)
    address = IPv4Address("TCP", "127.0.0.1", 1)
    assert connected.factory.buildProtocol(address) is None
    connected.protocol.connectionLost()
    assert connected.factory.buildProtocol(address) is not None
    assert connected.asked.clock.getDelayedCalls() == []


# -- the end


def test_one_mail_server_leaves_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_server, "MAX_CONNECTIONS_OF_ONE", 1)
    factory = Connected().factory
    again, other = (IPv4Address("TCP", host, 2) for host in ("127.0.0.1", "127.0.0.2"))
    assert factory.buildProtocol(again) is None
    assert factory.buildProtocol(other) is not None
    (first,) = factory.connections
    first.connectionLost()
    assert not factory.by_peer[again.host]
    assert factory.buildProtocol(again) is not None


def test_draining_ends_idle_connections_and_takes_no_more() -> None:
    connected = Connected()
    drained = connected.factory.drain(5)
    assert (connected.wire.disconnecting, drained.called) == (True, False)
    assert connected.factory.buildProtocol(IPv4Address("TCP", "127.0.0.1", 1)) is None
    connected.protocol.connectionLost()
    assert drained.called
    assert connected.asked.clock.getDelayedCalls() == []


def test_draining_waits_for_the_answer_under_way() -> None:
    connected, service = slow()
    connected.send(octets())
    connected.factory.drain(5)
    assert not connected.wire.disconnecting
    service.waiting[0][1].callback(DUNNO)
    assert (connected.wire.value(), connected.wire.disconnecting) == (DUNNO, True)


def test_draining_does_not_wait_for_ever() -> None:
    connected, _ = slow()
    connected.send(octets())
    connected.factory.drain(5)
    connected.asked.clock.advance(5)
    assert connected.wire.aborted


def test_without_connections_draining_is_done_at_once() -> None:
    asked = Asked()
    assert PolicyFactory(asked.service, LOOPBACK, asked.clock).drain(5).called


# -- over sockets


async def served(asked: Asked, client: Callable[[int], Any]) -> Any:
    """What a client in a thread of its own gets from a listening socket."""
    factory = PolicyFactory(asked.service, LOOPBACK, cast("Any", reactor))
    port = listen(cast("Any", reactor), factory, "127.0.0.1", 0)
    try:
        return await deferToThread(client, cast("Any", port).getHost().port)
    finally:
        await port.stopListening()
        await factory.drain(0.5)
        assert not factory.connections


def received(connection: socket.socket, length: int) -> bytes:
    found = b""
    while len(found) < length and (piece := connection.recv(65536)):
        found += piece
    return found


@pytest_twisted.ensureDeferred
async def test_a_mail_server_keeps_its_connection_and_asks_again() -> None:
    asked = Asked()

    def client(port: int) -> list[bytes]:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            answers = []
            for verdict in (PASS, REFUSAL, PASS):
                asked.judge.verdict = verdict
                connection.sendall(octets())
                answers.append(received(connection, len(REFUSED if verdict is REFUSAL else DUNNO)))
            return answers

    assert await served(asked, client) == [DUNNO, REFUSED, DUNNO]


@pytest_twisted.ensureDeferred
async def test_ten_thousand_questions_at_once_are_answered_to_the_last() -> None:
    count = 10_000

    def client(port: int) -> bytes:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
            for _ in range(10):
                connection.sendall(octets() * (count // 10))
            connection.shutdown(socket.SHUT_WR)
            return received(connection, len(DUNNO) * count)

    assert await served(Asked(), client) == DUNNO * count


@pytest_twisted.ensureDeferred
async def test_who_ends_its_side_after_the_question_still_gets_a_late_answer() -> None:
    late: Deferred[None] = Deferred()
    asked = Asked(News(behind=lambda: True, catch_up=lambda: late))
    asked.judge.verdict = REFUSAL
    cast("Any", reactor).callLater(0.1, late.callback, None)

    def client(port: int) -> bytes:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.sendall(octets())
            connection.shutdown(socket.SHUT_WR)
            return received(connection, 10_000)

    assert await served(asked, client) == REFUSED


@pytest_twisted.ensureDeferred
async def test_a_client_that_speaks_something_else_is_cut_off() -> None:
    def client(port: int) -> bytes:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            return received(connection, 1)

    assert await served(Asked(), client) == b""


@pytest_twisted.ensureDeferred
async def test_a_directory_that_is_too_old_defers_over_the_wire() -> None:
    def client(port: int) -> bytes:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.sendall(octets())
            return connection.recv(1000)

    answer = await served(Asked(News(current=lambda: False)), client)
    assert answer.startswith(b"action=DEFER_IF_PERMIT 4.3.0 ")
