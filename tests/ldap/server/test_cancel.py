"""Cancel (RFC 3909): what can be ended, and how both are answered."""

from __future__ import annotations

from itertools import count

import pytest

from govdir.ldap.codec.cancel import CANCEL, cancel_request
from govdir.ldap.codec.messages import ExtendedRequest, SearchResultEntry
from govdir.ldap.codec.result_codes import ResultCode
from tests.ldap.server.doubles import PERSON, Server, add_request, bind_request, entry, search_request

SEARCH, UPDATE, WAITING = 1, 1, 2


@pytest.fixture
def server():
    server = Server(turn_bytes=1000)
    server.directory.found = lambda: (entry(number, 2000) for number in count())
    return server


def results(client):
    return [
        (message.message_id, int(message.operation.result.code))
        for message in client.received()
        if not isinstance(message.operation, SearchResultEntry)
    ]


def test_a_search_under_way_ends_and_both_are_answered(server):
    client = server.connect()
    client.send(search_request())
    assert client.received() != []
    client.send(cancel_request(SEARCH))
    assert results(client) == [(1, ResultCode.CANCELED), (2, ResultCode.SUCCESS)]
    server.turns(10)
    assert client.received() == []
    assert [(line["op"], line["result"]) for line in server.log if "result" in line] == [
        ("search", 118),
        ("cancel", 0),
    ]


def test_a_search_whose_answers_are_not_taken_ends_as_well(server):
    client = server.connect()
    client.send(search_request(), cancel_request(SEARCH))
    client.transport.fill()
    client.transport.empty()
    assert results(client)[-2:] == [(1, ResultCode.CANCELED), (2, ResultCode.SUCCESS)]


def test_the_connection_goes_on_behind_it(server):
    client = server.connect()
    client.send(search_request(), cancel_request(SEARCH))
    client.received()
    server.directory.found = (entry(),)
    assert client.code(search_request()) == 0


@pytest.mark.parametrize("message_id", [7, 0, 2**31 - 1])
def test_what_is_not_under_way_is_no_such_operation(server, message_id):
    assert server.connect().code(cancel_request(message_id)) == ResultCode.NO_SUCH_OPERATION


def test_what_has_ended_is_no_such_operation(server):
    client = server.connect()
    server.directory.found = (entry(),)
    client.send(search_request())
    assert client.code(cancel_request(1)) == ResultCode.NO_SUCH_OPERATION


def test_it_cannot_cancel_itself(server):
    assert server.connect().code(cancel_request(1)) == ResultCode.CANNOT_CANCEL


def test_a_change_under_way_is_carried_out_and_answered(server):
    server.directory.slow = True
    client = server.connect()
    client.send(add_request(), cancel_request(UPDATE))
    assert results(client) == [(2, ResultCode.CANNOT_CANCEL)]
    server.directory.release()
    assert results(client) == [(1, ResultCode.SUCCESS)]


def test_a_change_that_waits_is_never_begun(server):
    server.directory.slow = True
    client = server.connect()
    client.send(add_request(), add_request("uid=other"), cancel_request(WAITING))
    assert results(client) == [(2, ResultCode.CANCELED), (3, ResultCode.SUCCESS)]
    server.directory.release()
    assert results(client) == [(1, ResultCode.SUCCESS)]
    assert [name for name, *_ in server.directory.calls] == ["add"]


def test_a_bind_is_not_canceled(server):
    server.directory.slow = True
    client = server.connect()
    client.send(bind_request(PERSON.dn, b"right"), bind_request(PERSON.dn, b"right"))
    client.send(cancel_request(1), cancel_request(2))
    assert results(client) == [(3, ResultCode.CANNOT_CANCEL), (4, ResultCode.CANNOT_CANCEL)]


@pytest.mark.parametrize("value", [None, b"", b"\x30\x00", b"\x02\x01\x01"])
def test_a_request_without_message_id_is_a_protocol_error(server, value):
    assert server.connect().code(ExtendedRequest(CANCEL, value)) == ResultCode.PROTOCOL_ERROR


def test_abandoned_and_canceled_are_different_ends(server):
    from govdir.ldap.codec.messages import AbandonRequest

    client = server.connect()
    client.send(search_request(), AbandonRequest(SEARCH), cancel_request(SEARCH))
    assert results(client) == [(3, ResultCode.NO_SUCH_OPERATION)]
