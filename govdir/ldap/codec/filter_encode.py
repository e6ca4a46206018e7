"""Search filters to BER (RFC 4511 §4.5.1.7)."""

from __future__ import annotations

from govdir.ldap.codec import ber
from govdir.ldap.codec import filter_decode as tags
from govdir.ldap.codec.filters import (
    And,
    Equality,
    Extensible,
    Filter,
    GreaterOrEqual,
    LessOrEqual,
    Not,
    Or,
    Present,
    Substrings,
)


def encode_filter(node: Filter) -> bytes:
    """The filter's element; it must be nested no deeper than a received one may be (DecodeLimits)."""
    if isinstance(node, And):
        return ber.sequence(*map(encode_filter, node.filters), tag=tags.AND)
    if isinstance(node, Or):
        return ber.sequence(*map(encode_filter, node.filters), tag=tags.OR)
    if isinstance(node, Not):
        return ber.tlv(tags.NOT, encode_filter(node.filter))
    if isinstance(node, Present):
        return ber.text(node.attribute, tags.PRESENT)
    if isinstance(node, Substrings):
        return _substrings(node)
    if isinstance(node, Extensible):
        return _extensible(node)
    if isinstance(node, Equality):
        tag = tags.EQUALITY
    elif isinstance(node, GreaterOrEqual):
        tag = tags.GREATER_OR_EQUAL
    elif isinstance(node, LessOrEqual):
        tag = tags.LESS_OR_EQUAL
    else:
        tag = tags.APPROX
    return ber.sequence(ber.text(node.attribute), ber.octet_string(node.value), tag=tag)


def _substrings(node: Substrings) -> bytes:
    pieces = [ber.octet_string(piece, tags.ANY) for piece in node.any]
    if node.initial is not None:
        pieces.insert(0, ber.octet_string(node.initial, tags.INITIAL))
    if node.final is not None:
        pieces.append(ber.octet_string(node.final, tags.FINAL))
    return ber.sequence(ber.text(node.attribute), ber.sequence(*pieces), tag=tags.SUBSTRINGS)


def _extensible(node: Extensible) -> bytes:
    return ber.sequence(
        b"" if node.rule is None else ber.text(node.rule, tags.MATCHING_RULE),
        b"" if node.attribute is None else ber.text(node.attribute, tags.MATCHING_TYPE),
        ber.octet_string(node.value, tags.MATCH_VALUE),
        ber.boolean(True, tags.DN_ATTRIBUTES) if node.dn_attributes else b"",
        tag=tags.EXTENSIBLE,
    )
