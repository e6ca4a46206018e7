"""The subentries control (RFC 3672 §3): a bare BOOLEAN."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec.controls.oids import SUBENTRIES
from govdir.ldap.codec.controls.subentries import decode_subentries, encode_subentries
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.messages import Control


@pytest.mark.parametrize(("value", "visible"), [("0101ff", True), ("010101", True), ("010100", False)])
def test_the_value_says_which_are_visible(value: str, visible: bool) -> None:
    assert decode_subentries(Control(SUBENTRIES, False, bytes.fromhex(value))) is visible


def test_it_is_written_as_directory_studio_writes_it() -> None:
    assert encode_subentries(visible=True) == Control(SUBENTRIES, False, bytes.fromhex("0101ff"))


@pytest.mark.parametrize("value", [None, "", "0101", "0100", "0102ffff", "0201ff", "30030101ff", "0101ff00"])
def test_another_value_is_refused(value: str | None) -> None:
    with pytest.raises(DecodeError):
        decode_subentries(Control(SUBENTRIES, True, None if value is None else bytes.fromhex(value)))


@given(st.booleans(), st.booleans())
def test_what_is_written_is_read(visible: bool, critical: bool) -> None:
    assert decode_subentries(encode_subentries(visible=visible, critical=critical)) is visible


@given(st.binary(max_size=8))
def test_any_octets_are_a_value_or_refused(value: bytes) -> None:
    try:
        assert decode_subentries(Control(SUBENTRIES, False, value)) in (True, False)
    except DecodeError:
        assert value[:2] != b"\x01\x01" or len(value) != 3
