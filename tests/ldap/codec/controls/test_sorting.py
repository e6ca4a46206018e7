"""The sort controls (RFC 2891)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec.controls.oids import SORT_REQUEST, SORT_RESPONSE
from govdir.ldap.codec.controls.sorting import (
    MAX_SORT_KEYS,
    SortKey,
    SortResult,
    decode_sort_request,
    decode_sort_result,
    encode_sort_request,
    encode_sort_result,
)
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.messages import Control
from govdir.ldap.codec.result_codes import ResultCode
from tests.ldap.codec import strategies

_keys = st.builds(SortKey, strategies.descriptions, st.just("") | strategies.oids, st.booleans())


def test_two_keys_are_these_octets() -> None:
    value = bytes.fromhex("3016 3004 0402736e 300e 0402636e 8005322e352e33 8101ff".replace(" ", ""))
    keys = (SortKey("sn"), SortKey("cn", "2.5.3", reverse=True))

    assert encode_sort_request(keys, critical=True) == Control(SORT_REQUEST, True, value)
    assert decode_sort_request(Control(SORT_REQUEST, True, value)) == keys


def test_an_unknown_attribute_is_answered_with_these_octets() -> None:
    answer = SortResult(ResultCode.NO_SUCH_ATTRIBUTE, "x")
    assert encode_sort_result(answer) == Control(SORT_RESPONSE, False, bytes.fromhex("30060a0110800178"))
    assert decode_sort_result(encode_sort_result(answer)) == answer


def test_an_order_that_is_said_not_to_be_reversed_is_not() -> None:
    value = bytes.fromhex("300930070402636e810100")
    assert decode_sort_request(Control(SORT_REQUEST, False, value)) == (SortKey("cn"),)


@given(st.lists(_keys, min_size=1, max_size=MAX_SORT_KEYS), st.booleans())
def test_decoding_undoes_encoding(keys: list[SortKey], critical: bool) -> None:
    assert decode_sort_request(encode_sort_request(tuple(keys), critical=critical)) == tuple(keys)


@given(st.builds(SortResult, st.sampled_from(ResultCode), st.just("") | strategies.descriptions))
def test_decoding_an_answer_undoes_encoding(answer: SortResult) -> None:
    assert decode_sort_result(encode_sort_result(answer)) == answer


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "controlValue is missing"),
        (b"", "SortKeyList: missing"),
        (b"\x30\x00", "empty"),
        (b"\x30\x02\x30\x00", "attributeType: missing"),
        (b"\x30\x04\x30\x02\x04\x00\x00", "octets left over"),
    ],
)
def test_a_malformed_list_of_keys_is_refused(value: bytes | None, why: str) -> None:
    with pytest.raises(DecodeError, match=why):
        decode_sort_request(Control(SORT_REQUEST, False, value))


def test_more_keys_than_anybody_sorts_by_are_refused() -> None:
    with pytest.raises(DecodeError, match="SortKeyList"):
        decode_sort_request(encode_sort_request((SortKey("cn"),) * (MAX_SORT_KEYS + 1)))


@given(st.binary(max_size=20))
def test_any_value_is_keys_or_a_decode_error(value: bytes) -> None:
    for decode in (decode_sort_request, decode_sort_result):
        try:
            decode(Control(SORT_REQUEST, False, value))
        except DecodeError:
            continue
