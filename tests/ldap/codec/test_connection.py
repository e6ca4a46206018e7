"""Octets of a connection: limits before buffering, what stays after an error, StartTLS."""

from __future__ import annotations

import pytest

from govdir.ldap.codec import messages as m
from govdir.ldap.codec.connection import NEED_DATA, Connection
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.errors import DecodeError, Unacceptable
from govdir.ldap.codec.limits import AFTER_BIND, BEFORE_BIND, DecodeLimits
from govdir.ldap.codec.result_codes import ResultCode

UNBIND = encode_message(m.LdapMessage(1, m.UnbindRequest()))


def connection_fed(octets: bytes, limits: DecodeLimits = BEFORE_BIND) -> Connection:
    connection = Connection(limits)
    connection.feed(octets)
    return connection


def test_nothing_fed_is_nothing_to_read() -> None:
    connection = connection_fed(b"")

    assert connection.next_message() is NEED_DATA
    assert connection.pending_bytes == 0


def test_messages_fed_twice_before_they_are_taken_are_all_there() -> None:
    connection = connection_fed(UNBIND + UNBIND[:4])
    connection.feed(UNBIND[4:] + UNBIND)

    messages = [connection.next_message() for _ in range(4)]

    assert messages == [m.LdapMessage(1, m.UnbindRequest())] * 3 + [NEED_DATA]


def test_a_length_over_the_limit_is_refused_at_its_header() -> None:
    connection = connection_fed(b"\x30\x83\x04\x00\x00")

    with pytest.raises(DecodeError) as caught:
        connection.next_message()

    assert caught.value.code is ResultCode.ADMIN_LIMIT_EXCEEDED
    assert connection.pending_bytes == 0


def test_the_limit_counts_the_whole_message() -> None:
    limits = DecodeLimits(pdu_size=len(UNBIND))
    assert connection_fed(UNBIND, limits).next_message() is not NEED_DATA

    with pytest.raises(DecodeError):
        connection_fed(UNBIND, DecodeLimits(pdu_size=len(UNBIND) - 1)).next_message()


def test_a_limit_raised_after_the_bind_holds_from_the_next_message() -> None:
    connection = connection_fed(UNBIND)
    assert connection.next_message() is not NEED_DATA

    connection.limits = AFTER_BIND
    connection.feed(b"\x30\x83\x04\x00\x00")

    assert connection.next_message() is NEED_DATA


def test_a_large_message_in_small_segments_is_gathered_once() -> None:
    request = m.AddRequest("cn=a", (m.Attribute("jpegPhoto", (bytes(1_000_000),)),))
    octets = encode_message(m.LdapMessage(1, request))
    connection = Connection(AFTER_BIND)
    taken = []

    for start in range(0, len(octets), 1000):
        connection.feed(octets[start : start + 1000])
        taken.append(connection.next_message())

    assert taken[:-1] == [NEED_DATA] * (len(taken) - 1)
    assert taken[-1] == m.LdapMessage(1, request)


def test_after_an_error_every_call_raises_it_and_nothing_is_kept() -> None:
    connection = connection_fed(b"\x31")
    with pytest.raises(DecodeError) as first:
        connection.next_message()
    connection.feed(UNBIND * 100)

    with pytest.raises(DecodeError) as second:
        connection.next_message()

    assert second.value is first.value
    assert connection.pending_bytes == 0


def test_after_a_value_out_of_range_the_next_message_is_read() -> None:
    request = bytearray(encode_message(m.LdapMessage(7, m.CompareRequest("cn=a", "cn", b"x"))))
    request[request.index(b"cn=a")] = 0xFF
    connection = connection_fed(bytes(request) + UNBIND)

    with pytest.raises(Unacceptable, match="UTF-8") as refused:
        connection.next_message()

    assert (refused.value.message_id, refused.value.operation) == (7, 0x6E)
    assert connection.next_message() == m.LdapMessage(1, m.UnbindRequest())


def test_messages_before_an_error_are_delivered() -> None:
    connection = connection_fed(UNBIND + b"\x30\x80")

    assert connection.next_message() == m.LdapMessage(1, m.UnbindRequest())
    with pytest.raises(DecodeError, match="not allowed"):
        connection.next_message()


def test_a_tls_client_on_the_plain_port_is_told_apart() -> None:
    with pytest.raises(DecodeError, match="looks like TLS"):
        connection_fed(b"\x16\x03\x01").next_message()


def test_octets_behind_start_tls_are_dropped_and_counted() -> None:
    connection = connection_fed(UNBIND + UNBIND + UNBIND[:2])
    connection.next_message()

    assert connection.discard_buffered() == len(UNBIND) + 2
    assert connection.next_message() is NEED_DATA
    connection.feed(UNBIND)
    assert connection.next_message() == m.LdapMessage(1, m.UnbindRequest())


def test_a_gathered_beginning_is_dropped_too() -> None:
    connection = connection_fed(UNBIND[:3])
    assert connection.next_message() is NEED_DATA

    assert connection.discard_buffered() == 3
    connection.feed(UNBIND)
    assert connection.next_message() == m.LdapMessage(1, m.UnbindRequest())
