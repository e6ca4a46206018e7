"""Cancel on the wire (RFC 3909)."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec.cancel import cancel_request, decode_cancel
from govdir.ldap.codec.errors import DecodeError


def test_the_octets_are_a_sequence_of_one_integer() -> None:
    assert cancel_request(7).value == b"\x30\x03\x02\x01\x07"
    assert cancel_request(7).name == "1.3.6.1.1.8"


@given(st.integers(0, 2**31 - 1))
def test_what_was_encoded_is_decoded(message_id: int) -> None:
    assert decode_cancel(cancel_request(message_id).value) == message_id


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"\x02\x01\x07",
        b"\x30\x00",
        b"\x30\x03\x02\x01\xff",
        b"\x30\x03\x02\x01\x07\x00",
        b"\x30\x02\x02\x00",
    ],
)
def test_what_is_no_message_id_is_refused(value: bytes | None) -> None:
    with pytest.raises(DecodeError):
        decode_cancel(value)


@given(st.binary(max_size=30))
def test_any_octets_are_a_message_id_or_refused(value: bytes) -> None:
    with contextlib.suppress(DecodeError):
        assert 0 <= decode_cancel(value) < 2**31
