"""Pre-read and post-read (RFC 4527): the entry as it was before a change, and as it is after it."""

from __future__ import annotations

from govdir.ldap.codec import ber, operation_tags
from govdir.ldap.codec.controls.oids import POST_READ, PRE_READ
from govdir.ldap.codec.controls.values import only_sequence
from govdir.ldap.codec.errors import limit_exceeded
from govdir.ldap.codec.messages import Control

# More names than an entry can have are a mistake or an attack.
MAX_NAMES = 1024


def decode_read_request(control: Control) -> tuple[str, ...]:
    """The attribute list, as in a search; raises DecodeError."""
    content = only_sequence(control, "AttributeSelection")
    names: list[str] = []
    while not content.at_end:
        if len(names) == MAX_NAMES:
            raise limit_exceeded("AttributeSelection", MAX_NAMES)
        names.append(content.text(ber.OCTET_STRING, "selector"))
    return tuple(names)


def encode_pre_read(names: tuple[str, ...], *, critical: bool = False) -> Control:
    """The control that asks for the entry before the change."""
    return Control(PRE_READ, critical, ber.sequence(*map(ber.text, names)))


def encode_post_read(names: tuple[str, ...], *, critical: bool = False) -> Control:
    """The control that asks for the entry after the change."""
    return Control(POST_READ, critical, ber.sequence(*map(ber.text, names)))


def read_result(oid: str, content: bytes) -> Control:
    """The control that brings an entry, given as the content octets of a SearchResultEntry."""
    return Control(oid, False, ber.tlv(operation_tags.SEARCH_RESULT_ENTRY, content))
