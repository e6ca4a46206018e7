"""The reader never leaves its bounds; the encoders are minimal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec import ber
from govdir.ldap.codec.errors import DecodeError


@pytest.mark.parametrize(
    ("size", "octets"),
    [(0, "00"), (127, "7f"), (128, "8180"), (255, "81ff"), (256, "820100"), (70_000, "83011170")],
)
def test_lengths_are_minimal(size: int, octets: str) -> None:
    assert ber.length(size) == bytes.fromhex(octets)


@pytest.mark.parametrize(
    ("value", "octets"),
    [
        (0, "020100"),
        (127, "02017f"),
        (128, "02020080"),
        (-1, "0201ff"),
        (-128, "020180"),
        (2**31 - 1, "02047fffffff"),
    ],
)
def test_integers_are_minimal(value: int, octets: str) -> None:
    assert ber.integer(value) == bytes.fromhex(octets)


@given(st.integers(-(2**31), 2**31 - 1))
def test_integers_come_back(value: int) -> None:
    assert ber.Reader(ber.integer(value)).integer(ber.INTEGER, "value", -(2**31)) == value


@given(st.binary(max_size=300))
def test_octet_strings_come_back(content: bytes) -> None:
    assert ber.Reader(ber.octet_string(content)).octets(ber.OCTET_STRING, "value") == content


def test_a_nested_reader_sees_only_its_element() -> None:
    reader = ber.Reader(ber.sequence(ber.octet_string(b"in")) + ber.octet_string(b"out"))

    inner = reader.enter(ber.SEQUENCE, "sequence")

    assert inner.octets(ber.OCTET_STRING, "inside") == b"in"
    assert inner.at_end
    with pytest.raises(DecodeError, match="inside: missing"):
        inner.octets(ber.OCTET_STRING, "inside")
    assert reader.octets(ber.OCTET_STRING, "outside") == b"out"


def test_a_nested_length_cannot_exceed_its_parent() -> None:
    inner = ber.Reader(b"\x30\x03\x04\x02ab").enter(ber.SEQUENCE, "sequence")

    with pytest.raises(DecodeError, match="runs past the end"):
        inner.octets(ber.OCTET_STRING, "inside")


@given(st.binary(max_size=30))
def test_skipping_extensions_ends_or_is_refused(data: bytes) -> None:
    reader = ber.Reader(data)

    try:
        reader.ignore_extensions()
    except DecodeError:
        return
    assert reader.at_end
