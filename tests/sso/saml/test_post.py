"""The form field of the POST binding."""

from __future__ import annotations

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.sso.saml import post
from govdir.sso.saml.errors import MalformedMessage


@given(octets=st.binary(min_size=1))
def test_what_is_encoded_comes_back(octets: bytes) -> None:
    encoded = post.encode(octets)

    assert "\n" not in encoded
    assert post.decode(encoded) == octets


def test_broken_lines_are_taken() -> None:
    lines = base64.encodebytes(b"x" * 200).decode().replace("\n", "\r\n")

    assert post.decode(lines) == b"x" * 200


def test_a_message_is_read_deflated_or_not() -> None:
    message = b"<Request>" + b"x" * 500 + b"</Request>"

    assert post.read(post.encode(message)) == message
    assert post.read(post.encode(b"\xef\xbb\xbf\r\n" + message)) == b"\xef\xbb\xbf\r\n" + message
    assert post.read(post.encode(deflated(message))) == message


def test_what_becomes_too_large_is_not_inflated() -> None:
    with pytest.raises(MalformedMessage, match="larger than 65536 bytes when inflated"):
        post.read(post.encode(deflated(b" " * 65537)))


def test_what_is_neither_xml_nor_deflated_is_refused() -> None:
    with pytest.raises(MalformedMessage):
        post.read(post.encode(b"SAML"))


def deflated(octets: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(octets) + compressor.flush()


@pytest.mark.parametrize("field", ["", " ", "a", "abc", "ab=c", "YWJj$", "đđđđ", "YQ==YQ=="])
def test_what_is_not_base64_is_refused(field: str) -> None:
    with pytest.raises(MalformedMessage):
        post.decode(field)


def test_a_field_larger_than_a_message_can_be_is_refused() -> None:
    assert len(post.decode(base64.encodebytes(b"x" * 256 * 1024).decode())) == 256 * 1024
    with pytest.raises(MalformedMessage, match="larger"):
        post.decode("A" * (384 * 1024 + 1))
