"""The matched values control (RFC 3876)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec.controls.matched_values import decode_matched_values, encode_matched_values
from govdir.ldap.codec.controls.oids import MATCHED_VALUES
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.filters import And, Equality, Extensible, Filter, Not, Or, Present
from govdir.ldap.codec.messages import Control
from tests.ldap.codec import strategies


def _is_simple(item: Filter) -> bool:
    return not isinstance(item, And | Or | Not) and not (isinstance(item, Extensible) and item.dn_attributes)


def test_two_items_are_these_octets() -> None:
    control = Control(MATCHED_VALUES, True, bytes.fromhex("300da3070402636e0401788702736e"))
    items = (Equality("cn", b"x"), Present("sn"))
    assert encode_matched_values(items, critical=True) == control
    assert decode_matched_values(control) == items


@given(st.lists(strategies.filters.filter(_is_simple), min_size=1, max_size=4), st.booleans())
def test_decoding_undoes_encoding(items: list[Filter], critical: bool) -> None:
    assert decode_matched_values(encode_matched_values(tuple(items), critical=critical)) == tuple(items)


@pytest.mark.parametrize(
    "items",
    [
        (And((Present("cn"),)),),
        (Or((Present("cn"),)),),
        (Present("cn"), Not(Present("sn"))),
        (Extensible(None, "ou", b"x", True),),
    ],
)
def test_items_of_several_parts_and_of_names_are_refused(items: tuple[Filter, ...]) -> None:
    with pytest.raises(DecodeError, match="only simple items"):
        decode_matched_values(encode_matched_values(items))


@pytest.mark.parametrize(
    ("value", "why"),
    [(None, "controlValue is missing"), (b"", "ValuesReturnFilter: missing"), (b"\x30\x00", "empty")],
)
def test_a_malformed_list_of_items_is_refused(value: bytes | None, why: str) -> None:
    with pytest.raises(DecodeError, match=why):
        decode_matched_values(Control(MATCHED_VALUES, False, value))


@given(st.binary(max_size=20))
def test_any_value_is_items_or_a_decode_error(value: bytes) -> None:
    try:
        decode_matched_values(Control(MATCHED_VALUES, False, value))
    except DecodeError:
        return
