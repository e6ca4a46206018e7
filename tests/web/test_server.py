"""Connections to the web site: what a client may send, how long it may take, and how the server ends."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from govdir.policy.texts import Language
from govdir.web.answering import Answering
from govdir.web.asked import Asked
from govdir.web.asking import Reader
from govdir.web.channel import WebChannel
from govdir.web.limits import WebLimits
from govdir.web.pages import Pages
from govdir.web.reply import Reply
from govdir.web.router import Route, Router
from govdir.web.server import WebServer
from govdir.web.static_files import load_static_files
from tests.web.asking_for import SITE

PAGES = Pages(load_static_files(), SITE, "cantho.gov.vn")
LIMITS = WebLimits(connections=4, connections_per_address=2, body_bytes=100, head_bytes=2000)
HOST = b"Host: thu.cantho.gov.vn\r\n"


class Line(StringTransport):
    """A connection's other end."""

    aborted = False

    def abortConnection(self) -> None:  # noqa: N802 - Twisted's name
        self.aborted = True
        self.loseConnection()


class Site:
    """A server whose handler answers when the test says so."""

    def __init__(self, limits: WebLimits = LIMITS) -> None:
        self.clock = Clock()
        self.told: list[tuple[int, str, dict[str, str | int]]] = []
        self.waiting: list[Deferred[Reply]] = []
        router = Router(
            [
                Route("GET", "/", self._echo),
                Route("POST", "/echo", self._echo, foreign=True),
                Route("GET", "/slow", self._slow),
            ]
        )
        self.server = WebServer(
            reader=Reader(SITE, Language.ENGLISH),
            answering=Answering(SITE, router, PAGES),
            clock=self.clock,
            witness=self._note,
            limits=limits,
        )

    async def _echo(self, asked: Asked) -> Reply:
        return Reply(body=asked.body or b"hello", content_type="text/plain")

    async def _slow(self, asked: Asked) -> Reply:
        self.waiting.append(Deferred())
        return await self.waiting[-1]

    def _note(self, connection: int, name: str, **facts: str | int) -> None:
        self.told.append((connection, name, facts))

    def connect(self, address: str = "192.0.2.1") -> Visitor:
        peer = IPv4Address("TCP", address, 40000)
        channel = self.server.buildProtocol(peer)
        assert channel is not None
        return Visitor(channel, peer)


class Visitor:
    """A client: says octets, and has what came back."""

    def __init__(self, channel: WebChannel, peer: IPv4Address) -> None:
        self.channel = channel
        self.line = Line(peerAddress=peer)
        channel.makeConnection(self.line)

    def say(self, *octets: bytes) -> bytes:
        for each in octets:
            self.channel.dataReceived(each)
        heard = self.line.value()
        self.line.clear()
        return heard

    def get(self, path: bytes = b"/") -> bytes:
        return self.say(b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n")

    @property
    def left(self) -> bool:
        return self.line.disconnecting or self.line.aborted

    def hang_up(self) -> None:
        from twisted.internet.error import ConnectionDone
        from twisted.python.failure import Failure

        self.channel.connectionLost(Failure(ConnectionDone()))


@pytest.fixture
def site() -> Site:
    return Site()


def status(heard: bytes) -> int:
    return int(heard.split(b" ", 2)[1])


def test_requests_of_one_connection_are_answered_one_after_the_other(site: Site) -> None:
    visitor = site.connect()

    first, second = visitor.get(), visitor.get(b"/nothing")

    assert (status(first), first.endswith(b"\r\n\r\nhello")) == (200, True)
    assert status(second) == 404
    assert not visitor.left


def test_requests_sent_at_once_are_answered_in_order(site: Site) -> None:
    request = b"GET %b HTTP/1.1\r\n" + HOST + b"\r\n"

    heard = site.connect().say(request % b"/" + request % b"/nothing" + request % b"/")

    assert [int(part[1:4]) for part in heard.split(b"HTTP/1.1")[1:]] == [200, 404, 200]


def test_a_head_has_the_length_of_the_body_and_no_body(site: Site) -> None:
    heard = site.connect().say(b"HEAD / HTTP/1.1\r\n" + HOST + b"\r\n")

    assert b"Content-Length: 5\r\n" in heard
    assert heard.endswith(b"\r\n\r\n")


def test_each_request_is_one_line_of_the_access_log_without_its_query(site: Site) -> None:
    site.connect().get(b"/nothing?SAMLRequest=secret")

    assert site.told == [
        (
            1,
            "web",
            {"method": "GET", "path": "/nothing", "status": 404, "ms": 0, "peer": "192.0.2.1"},
        )
    ]


@pytest.mark.parametrize(
    "sent",
    [
        b"Content-Length: 101\r\n\r\n",
        b"Content-Length: 99999999999\r\n\r\n" + b"x" * 1000,
        b"Transfer-Encoding: chunked\r\n\r\n"
        + b"32\r\n"
        + b"x" * 50
        + b"\r\n"
        + b"33\r\n"
        + b"x" * 51
        + b"\r\n",
    ],
    ids=["announced", "announced and sent", "in chunks"],
)
def test_a_body_that_is_too_large_is_cut_off(site: Site, sent: bytes) -> None:
    visitor = site.connect()

    heard = visitor.say(b"POST /echo HTTP/1.1\r\n" + HOST + sent)

    assert status(heard) == 413
    assert visitor.left
    assert visitor.say(b"x" * 1000) == b""
    assert [name for _, name, _ in site.told] == ["refuse"]


@pytest.mark.parametrize(
    "sent",
    [
        b"Content-Length: 100\r\n\r\n" + b"x" * 100,
        b"Transfer-Encoding: chunked\r\n\r\n32\r\n"
        + b"x" * 50
        + b"\r\n32\r\n"
        + b"x" * 50
        + b"\r\n0\r\n\r\n",
    ],
    ids=["announced", "in chunks"],
)
def test_a_body_of_just_the_allowed_size_is_taken(site: Site, sent: bytes) -> None:
    heard = site.connect().say(b"POST /echo HTTP/1.1\r\n" + HOST + sent)

    assert heard.endswith(b"\r\n\r\n" + b"x" * 100)


def test_a_head_that_is_too_large_is_cut_off(site: Site) -> None:
    visitor = site.connect()

    heard = visitor.say(b"GET / HTTP/1.1\r\n" + HOST, *[b"X-A: " + b"x" * 500 + b"\r\n"] * 4)

    assert status(heard) == 400
    assert visitor.left


def test_a_request_that_trickles_in_is_cut_off_however_lively_it_is(site: Site) -> None:
    visitor = site.connect()
    visitor.say(b"GET / HTTP/1.1\r\n" + HOST)
    for _ in range(29):
        site.clock.advance(1)
        visitor.say(b"X-A: b\r\n")
    assert not visitor.left

    site.clock.advance(1)

    assert status(visitor.line.value()) == 408
    assert visitor.left


def test_a_second_request_that_came_in_part_has_a_deadline_too(site: Site) -> None:
    visitor = site.connect()
    visitor.say(b"GET /slow HTTP/1.1\r\n" + HOST + b"\r\nGET / HT")
    site.waiting[0].callback(Reply())
    for _ in range(3):
        site.clock.advance(10)
        visitor.say(b"x")

    assert visitor.left


def test_a_connection_without_a_request_is_closed_after_a_while(site: Site) -> None:
    visitor = site.connect()
    site.clock.advance(59)
    assert not visitor.left
    site.clock.advance(1)
    assert visitor.left

    site.clock.advance(5)

    assert visitor.line.aborted


def test_a_connection_is_kept_between_requests_and_not_for_ever(site: Site) -> None:
    visitor = site.connect()
    visitor.get()
    site.clock.advance(59)
    visitor.get()
    site.clock.advance(59)
    assert not visitor.left
    site.clock.advance(1)
    assert visitor.left


def test_who_waits_too_long_is_told_to_come_again_and_the_late_answer_is_dropped(site: Site) -> None:
    visitor = site.connect()
    visitor.get(b"/slow")
    site.clock.advance(60)
    heard = visitor.say()

    site.waiting[0].callback(Reply(body=b"late"))

    assert status(heard) == 503
    assert visitor.say() == b""
    assert [facts["status"] for _, _, facts in site.told] == [503]


def test_an_answer_to_nobody_harms_nothing(site: Site) -> None:
    visitor = site.connect()
    visitor.get(b"/slow")
    visitor.hang_up()

    site.waiting[0].callback(Reply(body=b"for nobody"))

    assert [facts["status"] for _, _, facts in site.told] == [200]


def test_connections_of_one_address_are_bounded(site: Site) -> None:
    first, _ = site.connect(), site.connect()

    assert site.server.buildProtocol(IPv4Address("TCP", "192.0.2.1", 1)) is None
    assert site.told[-1][2]["why"] == "too many connections from one address"
    first.hang_up()
    assert site.connect() is not None


def test_connections_of_all_are_bounded(site: Site) -> None:
    for number in range(4):
        site.connect(f"192.0.2.{number}")

    assert site.server.buildProtocol(IPv4Address("TCP", "192.0.2.9", 1)) is None
    assert site.told[-1][1:] == ("refuse", {"peer": "192.0.2.9", "why": "too many connections"})


def test_an_ending_server_finishes_what_is_under_way_and_closes_the_rest(site: Site) -> None:
    idle, busy = site.connect(), site.connect()
    busy.get(b"/slow")
    drained: list[Any] = []

    site.server.drain(5).addCallback(drained.append)
    assert idle.left
    assert not busy.left
    assert site.server.buildProtocol(IPv4Address("TCP", "192.0.2.9", 1)) is None
    site.waiting[0].callback(Reply(body=b"done"))
    heard = busy.say()
    assert b"Connection: close\r\n" in heard
    assert heard.endswith(b"done")
    assert busy.left
    idle.hang_up()
    busy.hang_up()

    assert drained == [None]


def test_an_ending_server_waits_no_longer_than_its_grace(site: Site) -> None:
    busy = site.connect()
    busy.get(b"/slow")
    site.server.drain(5)

    site.clock.advance(5)

    assert busy.line.aborted


def test_an_ending_server_without_connections_has_ended() -> None:
    assert Site().server.drain(5).called
