"""Search filters from BER (RFC 4511 §4.5.1.7), bounded in depth and in number."""

from __future__ import annotations

from typing import Final

from govdir.ldap.codec import ber
from govdir.ldap.codec.errors import DecodeError, Unacceptable, limit_exceeded
from govdir.ldap.codec.filters import (
    And,
    Approx,
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
from govdir.ldap.codec.limits import DecodeLimits

AND: Final = 0xA0
OR: Final = 0xA1
NOT: Final = 0xA2
EQUALITY: Final = 0xA3
SUBSTRINGS: Final = 0xA4
GREATER_OR_EQUAL: Final = 0xA5
LESS_OR_EQUAL: Final = 0xA6
PRESENT: Final = 0x87
APPROX: Final = 0xA8
EXTENSIBLE: Final = 0xA9

INITIAL: Final = 0x80
ANY: Final = 0x81
FINAL: Final = 0x82

MATCHING_RULE: Final = 0x81
MATCHING_TYPE: Final = 0x82
MATCH_VALUE: Final = 0x83
DN_ATTRIBUTES: Final = 0x84

_ASSERTIONS: Final[dict[int, type[Equality | GreaterOrEqual | LessOrEqual | Approx]]] = {
    EQUALITY: Equality,
    GREATER_OR_EQUAL: GreaterOrEqual,
    LESS_OR_EQUAL: LessOrEqual,
    APPROX: Approx,
}


def decode_filter(reader: ber.Reader, limits: DecodeLimits) -> Filter:
    """The filter that is the reader's next element; raises DecodeError."""
    return _FilterDecoding(limits).read(reader, limits.filter_depth)


class _FilterDecoding:
    """One filter being decoded: counts its nodes."""

    __slots__ = ("_limits", "_nodes_left")

    def __init__(self, limits: DecodeLimits) -> None:
        self._limits = limits
        self._nodes_left = limits.filter_nodes

    def read(self, reader: ber.Reader, levels_left: int) -> Filter:
        """The next element as a filter of at most `levels_left` levels."""
        if levels_left == 0:
            raise limit_exceeded("filter: nesting", self._limits.filter_depth)
        if self._nodes_left == 0:
            raise limit_exceeded("filter: nodes", self._limits.filter_nodes)
        self._nodes_left -= 1
        tag = reader.next_tag()
        if tag == PRESENT:
            return Present(reader.text(PRESENT, "present"))
        if tag in (AND, OR):
            parts = self._set(reader.enter(tag, "filter"), levels_left - 1)
            return And(parts) if tag == AND else Or(parts)
        if tag == NOT:
            inner = reader.enter(NOT, "not")
            negated = self.read(inner, levels_left - 1)
            inner.expect_end("not")
            return Not(negated)
        if tag == SUBSTRINGS:
            return _substrings(reader.enter(SUBSTRINGS, "substrings"))
        if tag == EXTENSIBLE:
            return _extensible(reader.enter(EXTENSIBLE, "extensibleMatch"))
        if tag in _ASSERTIONS:
            attribute, value = attribute_value_assertion(reader, tag)
            return _ASSERTIONS[tag](attribute, value)
        if tag is None:
            raise DecodeError("filter: missing")
        raise Unacceptable(f"filter: unknown choice {tag:#04x}")

    def _set(self, reader: ber.Reader, levels_left: int) -> tuple[Filter, ...]:
        parts = []
        while not reader.at_end:
            parts.append(self.read(reader, levels_left))
        return tuple(parts)


def attribute_value_assertion(reader: ber.Reader, tag: int = ber.SEQUENCE) -> tuple[str, bytes]:
    """Attribute description and assertion value (RFC 4511 §4.1.6)."""
    inner = reader.enter(tag, "AttributeValueAssertion")
    attribute = inner.text(ber.OCTET_STRING, "attributeDesc")
    value = inner.octets(ber.OCTET_STRING, "assertionValue")
    inner.ignore_extensions()
    return attribute, value


def _substrings(reader: ber.Reader) -> Substrings:
    """§4.5.1.7.2: at least one piece; initial at most once and first, final at most once and last."""
    attribute = reader.text(ber.OCTET_STRING, "substrings type")
    pieces = reader.enter(ber.SEQUENCE, "substrings")
    reader.ignore_extensions()
    if pieces.at_end:
        raise Unacceptable("substrings: at least one piece is required")
    initial = _piece(pieces, INITIAL) if pieces.next_tag() == INITIAL else None
    inner = []
    while pieces.next_tag() == ANY:
        inner.append(_piece(pieces, ANY))
    final = _piece(pieces, FINAL) if pieces.next_tag() == FINAL else None
    pieces.expect_end("substrings (initial once and first, final once and last)")
    return Substrings(attribute, initial, tuple(inner), final)


def _piece(reader: ber.Reader, tag: int) -> bytes:
    value = reader.octets(tag, "substring")
    if not value:
        raise Unacceptable("substrings: a piece is empty")
    return value


def _extensible(reader: ber.Reader) -> Extensible:
    """MatchingRuleAssertion, §4.5.1.7.7."""
    rule = reader.text(MATCHING_RULE, "matchingRule") if reader.next_tag() == MATCHING_RULE else None
    attribute = reader.text(MATCHING_TYPE, "type") if reader.next_tag() == MATCHING_TYPE else None
    if rule is None and attribute is None:
        raise Unacceptable("extensibleMatch: neither matchingRule nor type")
    value = reader.octets(MATCH_VALUE, "matchValue")
    dn_attributes = False
    if reader.next_tag() == DN_ATTRIBUTES:
        dn_attributes = reader.boolean(DN_ATTRIBUTES, "dnAttributes")
    reader.ignore_extensions()
    return Extensible(rule, attribute, value, dn_attributes)
