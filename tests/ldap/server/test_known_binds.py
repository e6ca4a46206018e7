"""Binds read from the octets say what the codec says, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench import wire
from govdir.ldap.codec.connection import NEED_DATA, Connection
from govdir.ldap.codec.decode import decode_message
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.messages import (
    BindRequest,
    BindResponse,
    Control,
    LdapMessage,
    LdapResult,
    SaslAuthentication,
    SimpleAuthentication,
    UnbindRequest,
)
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.known_binds import may_be_bind, read_simple_bind, success
from tests.ldap.server.doubles import search_request

NAME = "uid=nvminh,ou=sonv,ou=orgs,dc=cantho,dc=gov,dc=vn"


def bind(name: str = NAME, password: bytes = b"Hoa-sen-1", message_id: int = 7) -> bytes:
    return encode_message(LdapMessage(message_id, BindRequest(3, name, SimpleAuthentication(password))))


def test_an_ordinary_bind_is_read() -> None:
    assert may_be_bind(bind())
    assert read_simple_bind(bind()) == (b"\x02\x01\x07", 7, NAME.encode(), b"Hoa-sen-1")


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x30",
        bind()[:-1],
        bind() + b"\x30",
        bind() + bind(),
        encode_message(LdapMessage(7, UnbindRequest())),
        encode_message(LdapMessage(7, BindRequest(2, NAME, SimpleAuthentication(b"x")))),
        encode_message(LdapMessage(7, BindRequest(3, NAME, SaslAuthentication("PLAIN", b"x")))),
        encode_message(LdapMessage(7, BindRequest(3, NAME, SimpleAuthentication(b"x")), (Control("1.2.3"),))),
        encode_message(LdapMessage(7, search_request())),
        bind(name="x" * 300),
        bind().replace(b"\x02\x01\x07", b"\x02\x01\x00"),
        bind().replace(b"\x02\x01\x07", b"\x02\x01\xff"),
    ],
)
def test_anything_else_is_left_to_the_codec(octets: bytes) -> None:
    assert read_simple_bind(octets) is None


@given(
    name=st.text(max_size=140),
    password=st.binary(max_size=140),
    message_id=st.integers(1, 2**31 - 1),
)
def test_whatever_is_read_is_what_was_sent(name: str, password: bytes, message_id: int) -> None:
    octets = bind(name, password, message_id)
    read = read_simple_bind(octets)
    if len(octets) < 128:
        assert read is not None
        assert may_be_bind(octets)
    if read is not None:
        assert read[1:] == (message_id, name.encode(), password)


@given(
    st.sampled_from([bind(), bind(name="x" * 130), bind(message_id=300), bind(name="", password=b"")]),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=3),
)
@example(bind(message_id=300), [(4, 0), (5, 1)])
def test_damaged_octets_are_read_as_the_codec_reads_them_or_not_at_all(
    octets: bytes, damage: list[tuple[int, int]]
) -> None:
    damaged = bytearray(octets)
    for at, octet in damage:
        damaged[at % len(damaged)] = octet
    read = read_simple_bind(bytes(damaged))
    if read is None or not is_utf8(read[2]):  # a name that is no text is nobody's whose password is known
        return
    codec = Connection()
    codec.feed(bytes(damaged))
    try:
        message = codec.next_message()
    except DecodeError:
        pytest.fail("read what the codec refuses")
    assert message is not NEED_DATA
    assert isinstance(message, LdapMessage)
    encoded_id, message_id, name, password = read
    assert message == LdapMessage(message_id, BindRequest(3, name.decode(), SimpleAuthentication(password)))
    assert encoded_id in damaged


def is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("message_id", [1, 127, 128, 300, 70_000, 2**31 - 1])
def test_the_response_is_the_codecs(message_id: int) -> None:
    read = read_simple_bind(bind(message_id=message_id))
    assert read is not None
    expected = LdapMessage(message_id, BindResponse(LdapResult(ResultCode.SUCCESS)))
    assert success(read[0]) == encode_message(expected)
    assert decode_message(success(read[0])) == expected


def test_what_other_encoders_write_is_read_too() -> None:
    assert read_simple_bind(wire.bind(NAME, "Hoa-sen-1")) == (b"\x02\x01\x02", 2, NAME.encode(), b"Hoa-sen-1")
