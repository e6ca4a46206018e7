"""Encoder and decoder against one table, and against each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec import messages as m
from govdir.ldap.codec.connection import NEED_DATA, Connection
from govdir.ldap.codec.decode import decode_message
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.limits import AFTER_BIND
from tests.ldap.codec import strategies
from tests.ldap.codec.pdus import PAIRS

each_pair = pytest.mark.parametrize(("message", "octets"), PAIRS.values(), ids=PAIRS.keys())


def outcome(segments: list[bytes]) -> tuple[list[m.LdapMessage], str | None]:
    """The messages, and why reading ended: None when more octets are awaited."""
    connection = Connection(AFTER_BIND)
    found = []
    for segment in segments:
        connection.feed(segment)
        try:
            while (message := connection.next_message()) is not NEED_DATA:
                found.append(message)
        except DecodeError as error:
            return found, error.why
    return found, None


@each_pair
def test_a_message_encodes_to_its_octets(message: m.LdapMessage, octets: bytes) -> None:
    assert encode_message(message) == octets


@each_pair
def test_octets_decode_whole(message: m.LdapMessage, octets: bytes) -> None:
    assert decode_message(octets) == message


@each_pair
def test_octets_decode_one_by_one(message: m.LdapMessage, octets: bytes) -> None:
    assert outcome([octets[i : i + 1] for i in range(len(octets))]) == ([message], None)


@each_pair
def test_octets_decode_with_the_next_message_behind_them(message: m.LdapMessage, octets: bytes) -> None:
    connection = Connection()
    connection.feed(octets + octets[:3])

    assert connection.next_message() == message
    assert connection.next_message() is NEED_DATA
    assert connection.pending_bytes == 3


@each_pair
def test_every_proper_prefix_is_an_error(message: m.LdapMessage, octets: bytes) -> None:
    for end in range(len(octets)):
        with pytest.raises(DecodeError):
            decode_message(octets[:end])


@given(strategies.messages)
def test_decoding_undoes_encoding(message: m.LdapMessage) -> None:
    assert decode_message(encode_message(message)) == message


@given(st.lists(strategies.messages, max_size=4), st.data())
def test_messages_do_not_depend_on_how_the_network_cuts_them(
    messages: list[m.LdapMessage], data: st.DataObject
) -> None:
    octets = b"".join(map(encode_message, messages))

    assert outcome(data.draw(strategies.cuts(octets))) == (messages, None)


@given(strategies.messages, st.data())
def test_mutated_messages_have_one_outcome_however_they_are_cut(
    message: m.LdapMessage, data: st.DataObject
) -> None:
    octets = data.draw(strategies.mutations(encode_message(message)))

    whole = outcome([octets])

    assert outcome([octets[i : i + 1] for i in range(len(octets))]) == whole
    assert outcome(data.draw(strategies.cuts(octets))) == whole


@given(st.binary(max_size=200))
def test_any_octets_give_messages_or_need_data_or_a_decode_error(octets: bytes) -> None:
    for data in (octets, b"\x30" + octets, b"\x30\x0c\x02\x01\x01" + octets):
        messages, refusal = outcome([data])

        assert refusal != ""
        assert all(isinstance(message, m.LdapMessage) for message in messages)
