"""Pre-read and post-read (RFC 4527)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec.controls.oids import POST_READ, PRE_READ
from govdir.ldap.codec.controls.read_entry import (
    MAX_NAMES,
    decode_read_request,
    encode_post_read,
    encode_pre_read,
    read_result,
)
from govdir.ldap.codec.encode import entry_content
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.messages import Attribute, Control
from tests.ldap.codec import strategies


def test_a_request_for_two_attributes_is_these_octets() -> None:
    value = bytes.fromhex("3007" + "0402636e" + "04012b")

    assert encode_pre_read(("cn", "+"), critical=True) == Control(PRE_READ, True, value)
    assert encode_post_read(("cn", "+")) == Control(POST_READ, False, value)
    assert decode_read_request(Control(PRE_READ, False, value)) == ("cn", "+")
    assert decode_read_request(Control(PRE_READ, False, b"\x30\x00")) == ()


def test_an_entry_comes_as_a_whole_search_result_entry() -> None:
    content = entry_content("cn=a", [Attribute("cn", (b"a",))])

    value = bytes.fromhex("6413" + "0404636e3d61" + "300b" + "3009" + "0402636e" + "3103" + "040161")
    assert read_result(POST_READ, content) == Control(POST_READ, False, value)


@given(st.lists(strategies.texts, max_size=5).map(tuple))
def test_decoding_undoes_encoding(names: tuple[str, ...]) -> None:
    assert decode_read_request(encode_pre_read(names)) == names
    assert decode_read_request(encode_post_read(names)) == names


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "controlValue is missing"),
        (b"", "AttributeSelection: missing"),
        (b"\x30\x00\x00", "octets left over"),
        (b"\x30\x03\x02\x01\x01", "selector: tag"),
        (b"\x30\x03\x04\x01\xff", "not UTF-8"),
    ],
)
def test_a_malformed_request_is_refused(value: bytes | None, why: str) -> None:
    with pytest.raises(DecodeError, match=why):
        decode_read_request(Control(PRE_READ, True, value))


def test_more_names_than_an_entry_can_have_are_refused() -> None:
    assert len(decode_read_request(encode_pre_read(("x",) * MAX_NAMES))) == MAX_NAMES
    with pytest.raises(DecodeError):
        decode_read_request(encode_pre_read(("x",) * (MAX_NAMES + 1)))


@given(st.binary(max_size=20))
def test_any_value_is_a_list_of_names_or_a_decode_error(value: bytes) -> None:
    try:
        decode_read_request(Control(PRE_READ, False, value))
    except DecodeError:
        return
