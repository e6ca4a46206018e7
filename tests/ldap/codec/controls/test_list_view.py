"""The controls of virtual list views (draft-ietf-ldapext-ldapv3-vlv-09 §6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec.controls.list_view import (
    ListView,
    ListViewResult,
    decode_list_view,
    decode_list_view_result,
    encode_list_view,
    encode_list_view_result,
)
from govdir.ldap.codec.controls.oids import VIRTUAL_LIST_VIEW_REQUEST, VIRTUAL_LIST_VIEW_RESPONSE
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.messages import Control
from govdir.ldap.codec.result_codes import ResultCode
from tests.ldap.codec import strategies

_by_offset = st.builds(ListView, *[strategies.counts] * 4, value=st.none(), context=st.binary(max_size=20))
_by_value = st.builds(
    ListView, *[strategies.counts] * 2, value=strategies.values, context=st.binary(max_size=20)
)


def test_the_first_twenty_are_these_octets() -> None:
    value = bytes.fromhex("300e020100020113a006020101020100")
    control = Control(VIRTUAL_LIST_VIEW_REQUEST, True, value)
    assert encode_list_view(ListView(0, 19, 1, 0), critical=True) == control
    assert decode_list_view(control) == ListView(0, 19, 1, 0)


def test_a_letter_that_was_typed_is_these_octets() -> None:
    value = bytes.fromhex("300c02010902010a8101420401ff")
    control = Control(VIRTUAL_LIST_VIEW_REQUEST, False, value)
    assert encode_list_view(ListView(9, 10, value=b"B", context=b"\xff")) == control
    assert decode_list_view(control) == ListView(9, 10, value=b"B", context=b"\xff")


def test_the_answer_is_these_octets() -> None:
    answer = ListViewResult(1, 4, ResultCode.OFFSET_RANGE_ERROR, b"x")
    value = bytes.fromhex("300c0201010201040a013d040178")
    assert encode_list_view_result(answer) == Control(VIRTUAL_LIST_VIEW_RESPONSE, False, value)


@given(_by_offset | _by_value, st.booleans())
def test_decoding_undoes_encoding(view: ListView, critical: bool) -> None:
    assert decode_list_view(encode_list_view(view, critical=critical)) == view


@given(
    st.builds(
        ListViewResult,
        strategies.counts,
        strategies.counts,
        st.sampled_from(ResultCode),
        st.binary(max_size=20),
    )
)
def test_decoding_an_answer_undoes_encoding(answer: ListViewResult) -> None:
    assert decode_list_view_result(encode_list_view_result(answer)) == answer


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "controlValue is missing"),
        (b"", "VirtualListViewRequest: missing"),
        (bytes.fromhex("30060201000201ff"), "afterCount"),
        (bytes.fromhex("3006020100020100"), "target is missing"),
        (bytes.fromhex("300e020100020113a0060201ff020100"), "offset"),
        (bytes.fromhex("300b020100020113a003020101"), "contentCount: missing"),
    ],
)
def test_a_malformed_view_is_refused(value: bytes | None, why: str) -> None:
    with pytest.raises(DecodeError, match=why):
        decode_list_view(Control(VIRTUAL_LIST_VIEW_REQUEST, False, value))


@given(st.binary(max_size=20))
def test_any_value_is_a_view_or_a_decode_error(value: bytes) -> None:
    for decode in (decode_list_view, decode_list_view_result):
        try:
            decode(Control(VIRTUAL_LIST_VIEW_REQUEST, False, value))
        except DecodeError:
            continue
