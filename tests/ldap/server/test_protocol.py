"""The connection itself: framing errors, turns, back-pressure, idleness (RFC 4511 §4.1.1, §4.4.1)."""

import pytest

from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.extended import NOTICE_OF_DISCONNECTION, WHO_AM_I
from govdir.ldap.codec.filters import Not, Present
from govdir.ldap.codec.messages import (
    AbandonRequest,
    ExtendedRequest,
    LdapMessage,
    LdapResult,
    SearchResultDone,
)
from govdir.ldap.codec.result_codes import ResultCode
from tests.ldap.server.doubles import (
    MAIL_SERVICE,
    PERSON,
    UNBIND,
    Server,
    add_request,
    bind_request,
    entry,
    search_request,
)

RESPONSE = encode_message(LdapMessage(1, SearchResultDone(LdapResult(ResultCode.SUCCESS))))
WHO = ExtendedRequest(WHO_AM_I)


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def client(server):
    return server.connect()


def notice(client):
    """The code of the notice of disconnection that was the last message, after which it was closed."""
    message = client.received()[-1]
    assert client.closed
    assert (message.message_id, message.operation.name) == (0, NOTICE_OF_DISCONNECTION)
    return message.operation.result.code


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="another protocol"),
        pytest.param(bytes.fromhex("16030100a5010000"), id="TLS hello"),
        pytest.param(bytes.fromhex("3080020101"), id="indefinite length"),
        pytest.param(bytes.fromhex("3005020101ff00"), id="unknown operation"),
        pytest.param(RESPONSE, id="a response"),
        pytest.param(encode_message(LdapMessage(0, WHO)), id="message id 0"),
        pytest.param(bytes.fromhex("308500ffffffff"), id="length of five octets"),
    ],
)
def test_what_is_not_ldap_gets_a_notice_of_disconnection(client, octets):
    client.protocol.dataReceived(octets)
    assert notice(client) is ResultCode.PROTOCOL_ERROR


SEARCH = encode_message(LdapMessage(1, search_request(base="", wanted=Present("objectClass"))))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        pytest.param("04000a0102", "04000a0103", id="scope"),
        pytest.param("020100020100", "0201ff020100", id="size limit"),
        pytest.param("870b", "8b0b", id="filter choice"),
        pytest.param("870b6f", "870b80", id="no UTF-8"),
    ],
)
def test_a_value_that_is_none_is_answered_and_the_connection_goes_on(client, right, wrong):
    octets = SEARCH.replace(bytes.fromhex(right), bytes.fromhex(wrong))
    assert octets != SEARCH
    client.protocol.dataReceived(octets + encode_message(LdapMessage(2, WHO)))
    answer, after = client.received()
    assert (answer.message_id, answer.operation.result.code) == (1, ResultCode.PROTOCOL_ERROR)
    assert isinstance(answer.operation, SearchResultDone)
    assert after.message_id == 2


def test_a_filter_nested_too_deep_costs_an_answer_only(client):
    nested = Present("cn")
    for _ in range(100):
        nested = Not(nested)
    client.protocol.dataReceived(encode_message(LdapMessage(1, search_request(wanted=nested))))
    (answer,) = client.received()
    assert answer.operation.result.code is ResultCode.ADMIN_LIMIT_EXCEEDED


def test_a_bind_of_an_impossible_version_keeps_no_identity(client):
    octets = encode_message(LdapMessage(1, bind_request("cn=x", b"p")))
    octets = octets.replace(b"\x02\x01\x03", b"\x02\x01\xff")
    client.protocol.dataReceived(octets)
    assert notice(client) is ResultCode.PROTOCOL_ERROR


def test_a_pdu_over_the_limit_is_refused_by_its_header_alone(client):
    client.protocol.dataReceived(bytes.fromhex("30840fffffff"))
    assert notice(client) in (ResultCode.PROTOCOL_ERROR, ResultCode.ADMIN_LIMIT_EXCEEDED)


def test_who_is_bound_may_send_larger_requests():
    server = Server(anonymous_pdu_bytes=300, bound_pdu_bytes=3000)
    client = server.connect()
    client.bind()
    assert client.code(add_request("uid=" + "x" * 1000)) == 0
    client.bind(password=b"wrong")
    client.send(add_request("uid=" + "x" * 1000))
    assert notice(client)


def test_answers_already_made_go_out_before_the_notice(client):
    octets = encode_message(LdapMessage(1, WHO)) + b"garbage"
    client.protocol.dataReceived(octets)
    assert [message.message_id for message in client.received()] == [1, 0]


def test_a_message_id_used_twice_gets_a_notice(client, server):
    server.directory.slow = True
    client.send(add_request(), message_id=5)
    client.send(WHO, message_id=5)
    assert notice(client) is ResultCode.PROTOCOL_ERROR


def test_an_unknown_bind_method_is_answered_before_the_notice(client):
    request = bytearray(encode_message(LdapMessage(1, bind_request("cn=x", b"p"))))
    request[request.index(b"\x80\x01p")] = 0x89
    client.protocol.dataReceived(bytes(request))
    answer, last = client.received()
    assert answer.operation.result.code is ResultCode.AUTH_METHOD_NOT_SUPPORTED
    assert last.message_id == 0


def test_nothing_is_taken_after_the_notice(client, server):
    client.protocol.dataReceived(b"garbage")
    client.send(add_request())
    assert server.directory.calls == []


@pytest.mark.parametrize("piece", [1, 2, 7])
def test_requests_may_come_in_any_pieces(client, piece):
    octets = b"".join(encode_message(LdapMessage(number, WHO)) for number in (1, 2, 3))
    for start in range(0, len(octets), piece):
        client.protocol.dataReceived(octets[start : start + piece])
    assert [message.message_id for message in client.received()] == [1, 2, 3]


# Turns


def test_a_burst_is_done_in_several_turns(server):
    server = Server(turn_seconds=0.0)
    client = server.connect()
    client.send(*[WHO] * 10)
    done = len(client.received())
    assert done < 10
    server.turns(10)
    assert done + len(client.received()) == 10


def test_nothing_is_read_while_a_burst_is_being_done():
    server = Server(turn_seconds=0.0)
    client = server.connect()
    client.send(*[WHO] * 10)
    assert client.transport.producerState == "paused"
    server.turns(10)
    assert client.transport.producerState == "producing"


def test_a_long_search_is_done_in_several_turns_and_others_are_served_between():
    server = Server(turn_bytes=1000)
    server.directory.found = lambda: (entry(number, 500) for number in range(100))
    dumping, other = server.connect(), server.connect()
    dumping.send(search_request())
    assert len(dumping.received()) == 2
    assert other.code(WHO) == 0
    server.turns(60)
    assert len(dumping.received()) == 99


def test_long_searches_take_turns():
    server = Server(turn_bytes=1000, turn_seconds=0.0)
    server.directory.found = lambda: (entry(number, 600) for number in range(20))
    clients = [server.connect() for _ in range(3)]
    for client in clients:
        client.send(search_request())
        client.received()
    server.turns(3)
    assert [len(client.received()) for client in clients] == [2, 2, 2]  # one turn each


def test_a_search_with_nothing_to_send_yet_goes_on_later():
    server = Server(turn_seconds=0.0)
    server.directory.found = lambda: iter([None, None, entry(1)])
    client = server.connect()
    client.send(search_request())
    assert client.received() == []
    server.turns(5)
    assert len(client.received()) == 2


def test_a_time_limit_ends_a_search(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("govdir.ldap.server.operations.search.perf_counter", lambda: now[0])
    monkeypatch.setattr("govdir.ldap.server.protocol.perf_counter", lambda: now[0])
    server = Server(turn_bytes=100)
    server.directory.found = lambda: (entry(number, 200) for number in range(100))
    client = server.connect()
    client.send(search_request(time_limit=2))
    now[0] += 3
    server.turns()
    assert client.received()[-1].operation.result.code is ResultCode.TIME_LIMIT_EXCEEDED


# Back-pressure


def endless(drawn):
    number = 0
    while True:
        number += 1
        drawn.append(number)
        yield entry(number, 1000)


def test_a_client_that_does_not_read_costs_one_buffer():
    server = Server(turn_bytes=10_000)
    drawn = []
    server.directory.found = lambda: endless(drawn)
    client = server.connect()
    client.send(search_request())
    client.transport.fill()
    server.turns(50)
    assert len(drawn) <= 11


def test_a_search_goes_on_when_the_client_reads_again():
    server = Server(turn_bytes=1000)
    server.directory.found = lambda: (entry(number, 1000) for number in range(5))
    client = server.connect()
    client.send(search_request())
    client.transport.fill()
    server.turns(5)
    client.transport.empty()
    server.turns(10)
    assert len(client.received()) == 6


def test_a_buffer_that_fills_in_the_middle_of_a_write_stops_the_search():
    server = Server(turn_bytes=1000)
    drawn = []
    server.directory.found = lambda: endless(drawn)
    client = server.connect()
    client.transport.write = lambda data: client.transport.fill()
    client.send(search_request())
    server.turns(5)
    assert len(drawn) == 1


def test_no_request_starts_while_the_client_does_not_read(client, server):
    client.transport.fill()
    client.send(search_request(), WHO)
    assert client.received() == []
    client.transport.empty()
    assert len(client.received()) == 2


def test_nothing_is_read_while_the_client_does_not_read(client):
    client.transport.fill()
    assert client.transport.producerState == "paused"
    client.transport.empty()
    assert client.transport.producerState == "producing"


def test_a_search_can_be_abandoned_while_the_client_does_not_read():
    server = Server(turn_bytes=1000)
    server.directory.found = lambda: endless([])
    client = server.connect()
    client.send(search_request())
    client.transport.fill()
    client.lose()
    server.turns(3)
    assert server.logged("search")["result"] is None


def test_many_outstanding_requests_stop_the_reading():
    server = Server(outstanding=3)
    server.directory.slow = True
    client = server.connect()
    client.send(*[add_request()] * 3)
    assert client.transport.producerState == "paused"
    server.directory.release()
    assert client.transport.producerState == "producing"


def test_requests_beyond_what_may_be_outstanding_are_busy():
    server = Server(outstanding=2, outstanding_at_most=3)
    server.directory.slow = True
    client = server.connect()
    client.send(*[add_request()] * 5)
    assert [message.operation.result.code for message in client.received()] == [ResultCode.BUSY] * 2
    for _ in range(3):
        server.directory.release()
    assert [message.message_id for message in client.received()] == [1, 2, 3]


def test_abandoning_makes_room_to_read():
    server = Server(outstanding=2)
    server.directory.slow = True
    client = server.connect()
    client.send(add_request(), add_request(), AbandonRequest(2))
    assert client.transport.producerState == "producing"


# Time


def test_an_idle_connection_is_told_and_closed():
    server = Server(idle_seconds=10)
    client = server.connect()
    server.clock.pump([1] * 10)
    assert not client.closed
    server.clock.pump([1] * 2)
    (notice,) = client.received()
    assert (notice.message_id, notice.operation.result.code) == (0, ResultCode.UNAVAILABLE)
    assert notice.operation.result.diagnostic_message == "idle for 10 seconds"
    assert client.closed
    client.lose()
    assert server.logged("disconnect")["why"] == "idle for 10 seconds"


def test_an_idle_mail_server_is_not_told_since_libldap_would_take_it_for_the_next_answer():
    server = Server(idle_seconds=10, service_idle_seconds=10)
    client = server.connect()
    client.bind(MAIL_SERVICE)
    client.bind(PERSON)
    client.received()
    server.clock.pump([1] * 12)
    assert client.received() == []
    assert client.closed


def drip(server, client, seconds, octet=b"\x04"):
    """One more octet of a request that is never whole, each second."""
    for _ in range(seconds):
        client.protocol.dataReceived(octet)
        server.clock.pump([1])


def test_a_request_that_comes_octet_by_octet_does_not_hold_a_strangers_connection():
    server = Server(request_seconds=20)
    client = server.connect()
    client.protocol.dataReceived(b"\x30\x82\x10\x00")
    drip(server, client, 20)
    assert not client.closed
    drip(server, client, 2)
    assert client.received()[-1].operation.result.code == ResultCode.UNAVAILABLE
    assert client.closed


def test_whoever_is_bound_may_take_longer_over_a_request():
    server = Server(request_seconds=5, idle_seconds=30)
    client = server.connect()
    client.bind(PERSON)
    client.received()
    client.protocol.dataReceived(b"\x30\x82\x10\x00")
    drip(server, client, 25)
    assert not client.closed
    drip(server, client, 10)
    assert client.closed


def test_a_slow_request_that_ends_is_answered_and_the_next_has_its_own_time():
    server = Server(request_seconds=5)
    client = server.connect()
    octets = encode_message(LdapMessage(1, WHO))
    for _ in range(5):
        client.protocol.dataReceived(octets[:-1])
        server.clock.pump([1] * 4)
        client.protocol.dataReceived(octets[-1:])
    assert len(client.received()) == 5
    assert not client.closed


def test_a_request_starts_the_idle_time_anew():
    server = Server(idle_seconds=10)
    client = server.connect()
    for _ in range(5):
        server.clock.pump([1] * 8)
        client.send(WHO)
    assert not client.closed


def test_services_may_be_idle_for_longer():
    server = Server(idle_seconds=10, service_idle_seconds=100)
    client = server.connect()
    client.bind(MAIL_SERVICE)
    server.clock.pump([1] * 99)
    assert not client.closed
    server.clock.pump([1] * 3)
    assert client.closed


def test_a_connection_that_waits_for_its_answer_is_not_idle():
    server = Server(idle_seconds=10)
    server.directory.slow = True
    client = server.connect()
    client.send(add_request())
    server.clock.pump([1] * 50)
    assert not client.closed


def test_a_client_that_takes_nothing_for_too_long_is_cut_off():
    server = Server(write_seconds=5)
    client = server.connect()
    client.transport.fill()
    server.clock.pump([1] * 5)
    assert not client.transport.disconnected
    server.clock.pump([1])
    assert client.transport.disconnected


def test_a_client_that_does_not_take_our_leave_is_cut_off():
    server = Server(write_seconds=5)
    client = server.connect()
    client.send(UNBIND)
    assert not client.transport.disconnected
    server.clock.pump([1] * 6)
    assert client.transport.disconnected
