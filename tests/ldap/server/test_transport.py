"""A transport that sends at once, and falls back to Twisted's queue when the socket is full."""

import contextlib
import socket
import ssl

import pytest
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Protocol

from govdir.ldap.server.tls import ServerTls
from govdir.ldap.server.transport import PromptServer
from tests.ldap.server.certificates import write_certificate

BIG = bytes(range(256)) * 40_000


class FakeReactor:
    """Remembers who wants to be told of what."""

    def __init__(self):
        self.readers = set()
        self.writers = set()
        self.addReader, self.removeReader = self.readers.add, self.readers.discard
        self.addWriter, self.removeWriter = self.writers.add, self.writers.discard


class Producer:
    def __init__(self):
        self.calls = []

    def pauseProducing(self):  # noqa: N802 - Twisted's name
        self.calls.append("pause")

    def resumeProducing(self):  # noqa: N802 - Twisted's name
        self.calls.append("resume")

    def stopProducing(self):  # noqa: N802 - Twisted's name
        self.calls.append("stop")


@pytest.fixture
def pair():
    """The server's transport and the client's socket."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        client = socket.create_connection(listening.getsockname())
        accepted, address = listening.accept()
    client.settimeout(5)
    transport = PromptServer(accepted, Protocol(), address, None, 1, FakeReactor())
    yield transport, client
    client.close()
    if hasattr(transport, "socket"):
        transport.socket.close()


def flush(transport, client, expected):
    """Lets the reactor write while the client reads; returns what the client got."""
    got = b""
    while len(got) < expected:
        if transport in transport.reactor.writers:
            transport.doWrite()
        got += client.recv(1 << 20)
    return got


def test_a_small_write_is_sent_without_asking_the_reactor(pair):
    transport, client = pair
    transport.write(b"answer")
    assert client.recv(100) == b"answer"
    assert transport not in transport.reactor.writers


def test_a_sequence_is_sent_in_one_piece(pair):
    transport, client = pair
    transport.writeSequence([b"one", b"two"])
    assert client.recv(100) == b"onetwo"


def test_what_the_socket_does_not_take_is_queued(pair):
    transport, client = pair
    transport.write(BIG)
    assert transport in transport.reactor.writers
    assert flush(transport, client, len(BIG)) == BIG


def test_order_is_kept_behind_what_is_queued(pair):
    transport, client = pair
    transport.write(BIG)
    transport.write(b"behind")
    assert flush(transport, client, len(BIG) + 6) == BIG + b"behind"


def test_writes_go_directly_again_once_the_queue_is_empty(pair):
    transport, client = pair
    transport.write(BIG)
    flush(transport, client, len(BIG))
    while transport in transport.reactor.writers:
        transport.doWrite()
    transport.write(b"direct")
    assert client.recv(100) == b"direct"
    assert transport not in transport.reactor.writers


def test_a_producer_is_paused_when_the_socket_is_full_and_resumed_when_it_is_not(pair):
    transport, client = pair
    producer = Producer()
    transport.registerProducer(producer, True)
    transport.write(BIG)
    assert producer.calls == ["pause"]
    flush(transport, client, len(BIG))
    assert producer.calls == ["pause", "resume"]


def test_a_producer_is_left_alone_while_the_client_keeps_up(pair):
    transport, client = pair
    producer = Producer()
    transport.registerProducer(producer, True)
    transport.write(b"x" * 1000)
    client.recv(1000)
    assert producer.calls == []


def test_closing_sends_what_is_queued_first(pair):
    transport, client = pair
    transport.write(BIG)
    transport.loseConnection()
    assert flush(transport, client, len(BIG)) == BIG
    while (reason := transport.doWrite()) is None:
        pass
    assert isinstance(reason, ConnectionDone)


def test_writes_after_the_connection_is_lost_are_dropped(pair):
    transport, _ = pair
    transport.connected = 0
    transport.write(b"late")
    assert not transport._tempDataBuffer


def test_a_broken_socket_ends_the_connection_through_the_reactor(pair):
    transport, client = pair
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()
    with pytest.raises(OSError, match="reset"):
        transport.socket.recv(1)
    transport.write(b"answer")
    assert isinstance(transport.doWrite(), Exception)


class TlsClient:
    """A TLS client whose every octet passes through the test's hands."""

    def __init__(self, transport, sock):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing)
        self.transport = transport
        self.sock = sock
        sock.setblocking(False)

    def turn(self):
        """Octets go both ways as far as they can."""
        if self.outgoing.pending:
            self.sock.sendall(self.outgoing.read())
            self.transport.doRead()
        if self.transport in self.transport.reactor.writers:
            self.transport.doWrite()
        with contextlib.suppress(BlockingIOError):
            self.incoming.write(self.sock.recv(1 << 20))

    def until(self, step):
        """Repeats a step until it needs no more octets; returns its result."""
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self.turn()


def test_under_tls_octets_arrive_in_order_and_a_full_socket_pauses_the_producer(pair, tmp_path):
    transport, sock = pair
    wire = transport.under_tls(ServerTls(*write_certificate(tmp_path)))
    client = TlsClient(transport, sock)
    client.until(client.tls.do_handshake)
    producer = Producer()
    wire.registerProducer(producer, True)
    wire.write(BIG)
    assert producer.calls == ["pause"]
    got = b""
    while len(got) < len(BIG):
        got += client.until(lambda: client.tls.read(1 << 20))
    assert got == BIG
    assert producer.calls == ["pause", "resume"]


def test_under_tls_a_small_write_is_sent_without_asking_the_reactor(pair, tmp_path):
    transport, sock = pair
    wire = transport.under_tls(ServerTls(*write_certificate(tmp_path)))
    client = TlsClient(transport, sock)
    client.until(client.tls.do_handshake)
    wire.write(b"answer")
    assert transport not in transport.reactor.writers
    assert client.until(lambda: client.tls.read(100)) == b"answer"


def left(transport):
    """Why the reactor closes a connection that was left: all that it had to write is written."""
    while (reason := transport.doWrite()) is None:
        pass
    return type(reason)


def test_leaving_under_tls_says_goodbye_and_waits_for_none(pair, tmp_path):
    transport, sock = pair
    wire = transport.under_tls(ServerTls(*write_certificate(tmp_path)))
    client = TlsClient(transport, sock)
    client.until(client.tls.do_handshake)
    client.turn()
    wire.write(b"notice")
    wire.leave()
    assert left(transport) is ConnectionDone
    assert client.until(lambda: client.tls.read(100)) == b"notice"
    assert client.until(lambda: client.tls.read(100)) == b""  # close_notify, not an end out of nowhere


def test_leaving_under_tls_sends_what_is_queued_first(pair, tmp_path):
    transport, sock = pair
    wire = transport.under_tls(ServerTls(*write_certificate(tmp_path)))
    client = TlsClient(transport, sock)
    client.until(client.tls.do_handshake)
    client.turn()
    wire.write(BIG)
    wire.leave()
    got = b""
    while len(got) < len(BIG):
        got += client.until(lambda: client.tls.read(1 << 20))
    assert got == BIG
    assert left(transport) is ConnectionDone


def test_leaving_in_clear_is_closing(pair):
    transport, client = pair
    transport.write(b"notice")
    transport.leave()
    assert left(transport) is ConnectionDone
    assert client.recv(100) == b"notice"


def test_responses_are_not_held_back_by_the_kernel(pair):
    transport, _ = pair
    assert transport.getTcpNoDelay()
    assert transport.getTcpKeepAlive()
