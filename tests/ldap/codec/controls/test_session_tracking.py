"""Session tracking on the wire (draft-wahl-ldap-session-03)."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec.controls.oids import SESSION_TRACKING
from govdir.ldap.codec.controls.session_tracking import (
    TrackedSession,
    decode_tracked_session,
    encode_tracked_session,
)
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.messages import Control

SESSION = TrackedSession("10.0.0.7", "portal", "1.3.6.1.4.1.21008.108.63.1.3", "an")
OCTETS = b"\x30\x34\x04\x0810.0.0.7\x04\x06portal\x04\x1c1.3.6.1.4.1.21008.108.63.1.3\x04\x02an"


def test_the_octets_are_those_of_the_draft() -> None:
    assert encode_tracked_session(SESSION).value == OCTETS
    assert decode_tracked_session(Control(SESSION_TRACKING, False, OCTETS)) == SESSION


@given(st.lists(st.text(max_size=30), min_size=4, max_size=4))
def test_what_was_encoded_is_decoded(texts: list[str]) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    session = TrackedSession(*texts)
    assert decode_tracked_session(encode_tracked_session(session)) == session


@pytest.mark.parametrize(
    "value", [None, b"", b"\x30\x00", OCTETS[:-1], OCTETS + b"\x00", OCTETS.replace(b"an", b"a\xff")]
)
def test_what_is_not_of_that_form_is_refused(value: bytes | None) -> None:
    with pytest.raises(DecodeError):
        decode_tracked_session(Control(SESSION_TRACKING, False, value))


def test_an_address_longer_than_the_draft_allows_is_refused() -> None:
    with pytest.raises(DecodeError):
        decode_tracked_session(encode_tracked_session(TrackedSession("1" * 129, "", "", "")))


@given(st.binary(max_size=60))
def test_any_octets_are_a_session_or_refused(value: bytes) -> None:
    with contextlib.suppress(DecodeError):
        decode_tracked_session(Control(SESSION_TRACKING, False, value))
