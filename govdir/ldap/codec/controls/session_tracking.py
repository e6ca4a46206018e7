"""Session tracking (draft-wahl-ldap-session-03): on whose behalf a program asks, for the log."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from govdir.ldap.codec import ber
from govdir.ldap.codec.controls.oids import SESSION_TRACKING
from govdir.ldap.codec.controls.values import only_sequence
from govdir.ldap.codec.errors import limit_exceeded
from govdir.ldap.codec.messages import Control

# The draft's own bounds (§2.1-2.4), in octets.
MAX_SOURCE_IP: Final = 128
MAX_SOURCE_NAME: Final = 65_536
MAX_FORMAT: Final = 1024
MAX_IDENTIFIER: Final = 65_536


class TrackedSession(Struct, frozen=True):
    """The address and name of the program's own client, and an identifier whose form an OID names."""

    source_ip: str
    source_name: str
    format_oid: str
    identifier: str


def decode_tracked_session(control: Control) -> TrackedSession:
    """The value; raises DecodeError."""
    content = only_sequence(control, "SessionIdentifierControlValue")
    session = TrackedSession(
        _bounded(content, "sessionSourceIp", MAX_SOURCE_IP),
        _bounded(content, "sessionSourceName", MAX_SOURCE_NAME),
        _bounded(content, "formatOID", MAX_FORMAT),
        _bounded(content, "sessionTrackingIdentifier", MAX_IDENTIFIER),
    )
    content.ignore_extensions()
    return session


def _bounded(content: ber.Reader, what: str, most: int) -> str:
    octets = content.octets(ber.OCTET_STRING, what)
    if len(octets) > most:
        raise limit_exceeded(what, most)
    return ber.decode_text(octets, what)


def encode_tracked_session(session: TrackedSession) -> Control:
    """The control that tells it."""
    texts = (session.source_ip, session.source_name, session.format_oid, session.identifier)
    return Control(SESSION_TRACKING, False, ber.sequence(*map(ber.text, texts)))
