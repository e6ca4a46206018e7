"""Paged results (RFC 2696) and ManageDsaIT (RFC 3296)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec.controls.oids import MANAGE_DSA_IT, PAGED_RESULTS
from govdir.ldap.codec.controls.paged_results import PagedResults, decode_paged_results, encode_paged_results
from govdir.ldap.codec.controls.values import expect_no_value
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.messages import Control
from tests.ldap.codec import strategies


def test_a_page_of_ten_is_these_octets() -> None:
    control = Control(PAGED_RESULTS, True, bytes.fromhex("300602010a040178"))

    assert encode_paged_results(PagedResults(10, b"x"), critical=True) == control
    assert decode_paged_results(control) == PagedResults(10, b"x")


@given(st.builds(PagedResults, strategies.counts, strategies.values), st.booleans())
def test_decoding_undoes_encoding(paged: PagedResults, critical: bool) -> None:
    assert decode_paged_results(encode_paged_results(paged, critical=critical)) == paged


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "controlValue is missing"),
        (b"", "realSearchControlValue: missing"),
        (b"\x30\x05\x02\x01\xff\x04\x00", "size: -1 is not between"),
        (b"\x30\x03\x02\x01\x01", "cookie: missing"),
        (b"\x30\x05\x02\x01\x01\x04\x00\x00", "octets left over"),
    ],
)
def test_malformed_paged_results_are_refused(value: bytes | None, why: str) -> None:
    with pytest.raises(DecodeError, match=why):
        decode_paged_results(Control(PAGED_RESULTS, False, value))


@given(st.binary(max_size=20))
def test_any_value_is_a_page_or_a_decode_error(value: bytes) -> None:
    try:
        paged = decode_paged_results(Control(PAGED_RESULTS, False, value))
    except DecodeError:
        return
    assert paged.size >= 0


def test_manage_dsa_it_has_no_value() -> None:
    expect_no_value(Control(MANAGE_DSA_IT, True))

    with pytest.raises(DecodeError, match="must be absent"):
        expect_no_value(Control(MANAGE_DSA_IT, True, b"x"))
