"""The assertion control (RFC 4528)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec.controls.assertion import decode_assertion, encode_assertion
from govdir.ldap.codec.controls.oids import ASSERTION
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.filters import Equality, Filter, Not, Present
from govdir.ldap.codec.limits import AFTER_BIND
from govdir.ldap.codec.messages import Control
from tests.ldap.codec import strategies


def test_a_title_that_is_asserted_is_these_octets() -> None:
    control = Control(ASSERTION, True, bytes.fromhex("a30a04057469746c65040178"))

    assert encode_assertion(Equality("title", b"x")) == control
    assert decode_assertion(control) == Equality("title", b"x")


@given(strategies.filters, st.booleans())
def test_decoding_undoes_encoding(asserted: Filter, critical: bool) -> None:
    assert decode_assertion(encode_assertion(asserted, critical=critical)) == asserted


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "controlValue is missing"),
        (b"", "missing"),
        (b"\x87\x02cn\x00", "octets left over"),
        (b"\x30\x00", "0x30"),
    ],
)
def test_a_malformed_assertion_is_refused(value: bytes | None, why: str) -> None:
    with pytest.raises(DecodeError, match=why):
        decode_assertion(Control(ASSERTION, True, value))


def test_an_assertion_is_bounded_as_filters_are() -> None:
    nested: Filter = Present("cn")
    for _ in range(AFTER_BIND.filter_depth + 1):
        nested = Not(nested)
    with pytest.raises(DecodeError):
        decode_assertion(encode_assertion(nested))


@given(st.binary(max_size=20))
def test_any_value_is_a_filter_or_a_decode_error(value: bytes) -> None:
    try:
        decode_assertion(Control(ASSERTION, False, value))
    except DecodeError:
        return
