"""How many connections, and an orderly end (RFC 4511 §4.4.1)."""

import pytest
from twisted.internet.address import IPv4Address, UNIXAddress
from twisted.internet.defer import succeed

from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.factory import PlaintextBind, is_loopback, stop
from tests.ldap.server.doubles import MAIL_SERVICE, PERSON, Server, add_request, entry, search_request


def test_connections_over_the_limit_are_refused():
    server = Server(connections=2)
    first, _ = server.connect("192.0.2.1"), server.connect("192.0.2.2")
    address = IPv4Address("TCP", "192.0.2.3", 1)
    assert server.factory.buildProtocol(address) is None
    first.lose()
    assert server.factory.buildProtocol(address) is not None


def test_connections_of_one_address_are_limited_on_their_own():
    server = Server(connections_per_address=1)
    client = server.connect("192.0.2.1")
    assert server.factory.buildProtocol(IPv4Address("TCP", "192.0.2.1", 1)) is None
    assert server.factory.buildProtocol(IPv4Address("TCP", "192.0.2.2", 1)) is not None
    client.lose()
    assert server.factory.buildProtocol(IPv4Address("TCP", "192.0.2.1", 1)) is not None


def test_a_refused_connection_is_logged():
    server = Server(connections=0)
    server.factory.buildProtocol(IPv4Address("TCP", "192.0.2.1", 1))
    assert server.logged("refuse")["peer"] == "192.0.2.1"


def test_addresses_without_connections_are_forgotten():
    server = Server()
    for number in range(50):
        server.connect(f"192.0.2.{number}").lose()
    assert not server.factory._per_address


def test_nothing_is_scheduled_once_the_last_connection_is_gone():
    server = Server()
    clients = [server.connect() for _ in range(3)]
    for client in clients:
        client.lose()
    server.access_log.flush()
    assert server.clock.getDelayedCalls() == []


GOING = (0, ResultCode.UNAVAILABLE, "the server is going down")


def told(messages):
    """Message ids of the answers, and the notice behind them."""
    *answers, notice = messages
    result = notice.operation.result
    return [each.message_id for each in answers], (notice.message_id, result.code, result.diagnostic_message)


def test_draining_tells_idle_clients_and_closes():
    server = Server()
    client = server.connect()
    drained = server.factory.drain(5)
    assert told(client.received()) == ([], GOING)
    assert client.closed
    assert not drained.called
    client.lose()
    assert drained.called
    assert server.logged("disconnect")["why"] == "the server is going down"


@pytest.mark.parametrize("last", [MAIL_SERVICE, PERSON], ids=["the service", "a person behind it"])
def test_draining_says_nothing_to_mail_servers_that_would_take_it_for_their_next_answer(last):
    server = Server()
    client = server.connect()
    client.bind(MAIL_SERVICE)
    client.bind(last)
    client.received()
    server.factory.drain(5)
    assert client.received() == []
    assert client.closed


def test_draining_lets_what_is_under_way_end():
    server = Server()
    server.directory.slow = True
    client = server.connect()
    client.send(add_request(), add_request("uid=second"))
    server.factory.drain(5)
    assert not client.closed
    server.directory.release()
    server.directory.release()
    assert told(client.received()) == ([1, 2], GOING)
    assert client.closed


def test_draining_lets_long_searches_end():
    server = Server(turn_bytes=100)
    server.directory.found = lambda: (entry(number, 100) for number in range(5))
    client = server.connect()
    client.send(search_request())
    server.factory.drain(5)
    server.turns(10)
    assert told(client.received()) == ([1] * 6, GOING)


def test_requests_that_come_while_draining_are_not_begun():
    server = Server()
    server.directory.slow = True
    client = server.connect()
    client.send(add_request())
    server.factory.drain(5)
    client.send(add_request("uid=late"))
    server.directory.release()
    assert len(server.directory.calls) == 1


def test_connections_that_come_while_draining_are_refused():
    server = Server()
    server.factory.drain(5)
    assert server.factory.buildProtocol(IPv4Address("TCP", "192.0.2.1", 1)) is None


def test_what_does_not_end_in_time_is_cut_off():
    server = Server()
    server.directory.slow = True
    client = server.connect()
    client.send(add_request())
    server.factory.drain(5)
    server.clock.pump([1] * 5)
    (notice,) = client.received()
    assert (notice.message_id, notice.operation.result.code) == (0, ResultCode.UNAVAILABLE)
    assert client.transport.disconnected


def test_draining_without_connections_is_done_at_once():
    server = Server()
    assert server.factory.drain(5).called


def test_the_access_log_is_complete_once_drained():
    server = Server()
    client = server.connect()
    server.factory.drain(5)
    client.lose()
    assert '"op":"disconnect"' in "".join(server.written)


class FakePort:
    stopped = False

    def stopListening(self):  # noqa: N802 - Twisted's name
        self.stopped = True
        return succeed(None)


def test_stopping_closes_the_ports_first():
    server = Server()
    port = FakePort()
    assert stop([port], server.factory, 5).called
    assert port.stopped


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:192.0.2.1", False),
        ("192.0.2.1", False),
        ("fe80::1%eth0", False),
        ("local", False),
    ],
)
def test_loopback_addresses_are_known(host, expected):
    assert is_loopback(host) is expected


def test_a_connection_without_an_address_is_not_taken_for_loopback():
    server = Server(plaintext_bind=PlaintextBind.LOOPBACK)
    assert server.factory.buildProtocol(UNIXAddress(None)).peer == "local"
    assert not server.factory.passwords_allowed("local", tls=False)
