"""Search filters as text (RFC 4515)."""

from __future__ import annotations

import re
from typing import Final

from govdir.ldap.codec.attribute_description import ATTRIBUTE_DESCRIPTION, OID
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
from govdir.ldap.codec.limits import BEFORE_BIND, DecodeLimits


class FilterTextError(ValueError):
    """The text is not a filter; `position` is the offset in characters of what is wrong, `why` the rule."""

    def __init__(self, position: int, why: str) -> None:
        super().__init__(f"filter, character {position + 1}: {why}")
        self.position = position
        self.why = why


def parse_filter(text: str, limits: DecodeLimits = BEFORE_BIND) -> Filter:
    """The filter that `text` is, parentheses and all; raises FilterTextError."""
    parsing = _FilterParsing(text, limits)
    parsed = parsing.filter(limits.filter_depth)
    if parsing.position != len(text):
        raise FilterTextError(parsing.position, "text after the filter")
    return parsed


def format_filter(node: Filter) -> str:
    """The filter as text; octets that are not printable UTF-8 are escaped.

    `parse_filter` gives back an equal filter; it must be nested no deeper than a received one may be.
    """
    if isinstance(node, And):
        return f"(&{''.join(map(format_filter, node.filters))})"
    if isinstance(node, Or):
        return f"(|{''.join(map(format_filter, node.filters))})"
    if isinstance(node, Not):
        return f"(!{format_filter(node.filter)})"
    return f"({_format_item(node)})"


def escape_value(value: bytes | str) -> str:
    """An assertion value as it is written in a filter (RFC 4515 §3, valueencoding)."""
    octets = value.encode() if isinstance(value, str) else value
    return octets.decode("utf-8", "surrogateescape").translate(_ESCAPES)


# Required: NUL ( ) * \ and octets that are not UTF-8 (here lone surrogates); other controls for readers.
_ESCAPES: Final = {
    **{ord(character): f"\\{ord(character):02x}" for character in "()*\\\x7f"},
    **{code: f"\\{code:02x}" for code in range(0x20)},
    **{0xDC00 + octet: f"\\{octet:02x}" for octet in range(0x80, 0x100)},
}

# One item up to its value: a type and an operator, or the two forms of an extensible match.
_ITEM: Final = re.compile(
    rf"(?P<attribute>{ATTRIBUTE_DESCRIPTION})(?P<operator>=|~=|>=|<=)"
    rf"|(?P<matched>{ATTRIBUTE_DESCRIPTION})?(?P<dn>:[dD][nN])?(?::(?P<rule>{OID}))?:="
)
_VALUE: Final = re.compile(r"(?:[^()*\\\x00]++|\\[0-9A-Fa-f]{2})*+")
_ESCAPED: Final = re.compile(rb"\\([0-9A-Fa-f]{2})")

_ORDERINGS: Final[dict[str, type[GreaterOrEqual | LessOrEqual | Approx]]] = {
    ">=": GreaterOrEqual,
    "<=": LessOrEqual,
    "~=": Approx,
}


def _format_item(
    node: Equality | Substrings | GreaterOrEqual | LessOrEqual | Present | Approx | Extensible,
) -> str:
    if isinstance(node, Equality):
        return f"{node.attribute}={escape_value(node.value)}"
    if isinstance(node, Present):
        return f"{node.attribute}=*"
    if isinstance(node, Substrings):
        pieces = (node.initial or b"", *node.any, node.final or b"")
        return f"{node.attribute}={'*'.join(map(escape_value, pieces))}"
    if isinstance(node, GreaterOrEqual):
        return f"{node.attribute}>={escape_value(node.value)}"
    if isinstance(node, LessOrEqual):
        return f"{node.attribute}<={escape_value(node.value)}"
    if isinstance(node, Approx):
        return f"{node.attribute}~={escape_value(node.value)}"
    dn_attributes = ":dn" if node.dn_attributes else ""
    rule = "" if node.rule is None else f":{node.rule}"
    return f"{node.attribute or ''}{dn_attributes}{rule}:={escape_value(node.value)}"


class _FilterParsing:
    """One text being parsed: the position in it, and how many nodes may still come."""

    __slots__ = ("_limits", "_nodes_left", "_text", "position")

    def __init__(self, text: str, limits: DecodeLimits) -> None:
        self._text = text
        self._limits = limits
        self._nodes_left = limits.filter_nodes
        self.position = 0

    def filter(self, levels_left: int) -> Filter:
        """`filter = LPAREN filtercomp RPAREN`"""
        if levels_left == 0:
            raise FilterTextError(self.position, f"nested more than {self._limits.filter_depth} deep")
        if self._nodes_left == 0:
            raise FilterTextError(self.position, f"more than {self._limits.filter_nodes} filters")
        self._nodes_left -= 1
        self._expect("(")
        choice = self._text[self.position : self.position + 1]
        parsed: Filter
        if choice in ("&", "|"):
            self.position += 1
            parts = self._list(levels_left - 1)
            parsed = And(parts) if choice == "&" else Or(parts)
        elif choice == "!":
            self.position += 1
            parsed = Not(self.filter(levels_left - 1))
        else:
            parsed = self._item()
        self._expect(")")
        return parsed

    def _expect(self, character: str) -> None:
        if not self._text.startswith(character, self.position):
            raise FilterTextError(self.position, f"“{character}” expected")
        self.position += 1

    def _list(self, levels_left: int) -> tuple[Filter, ...]:
        """Any number of filters, none being true and false of RFC 4526."""
        parts = []
        while self._text.startswith("(", self.position):
            parts.append(self.filter(levels_left))
        return tuple(parts)

    def _item(self) -> Filter:
        start = self.position
        match = _ITEM.match(self._text, start)
        if match is None:
            raise FilterTextError(start, "an attribute description and =, ~=, >=, <= or := expected")
        self.position = match.end()
        operator = match["operator"]
        if operator is None:
            if match["matched"] is None and match["rule"] is None:
                raise FilterTextError(start, "an extensible match needs an attribute or a rule")
            return Extensible(match["rule"], match["matched"], self._value(), match["dn"] is not None)
        if operator != "=":
            return _ORDERINGS[operator](match["attribute"], self._value())
        return self._equality(match["attribute"])

    def _equality(self, attribute: str) -> Equality | Present | Substrings:
        """What follows `=`: a value, `*`, or pieces between stars."""
        start = self.position
        pieces = [self._value()]
        while self._text.startswith("*", self.position):
            self.position += 1
            pieces.append(self._value())
        if len(pieces) == 1:
            return Equality(attribute, pieces[0])
        initial, *inner, final = pieces
        if not all(inner):
            raise FilterTextError(start, "nothing between two “*”")
        if not (initial or inner or final):
            return Present(attribute)
        return Substrings(attribute, initial or None, tuple(inner), final or None)

    def _value(self) -> bytes:
        """The octets of the valueencoding here."""
        match = _VALUE.match(self._text, self.position)
        text = "" if match is None else match.group()
        end = self.position + len(text)
        if self._text.startswith("\\", end):
            raise FilterTextError(end, "“\\” is followed by two hexadecimal digits")
        try:
            octets = text.encode()
        except UnicodeEncodeError as error:
            raise FilterTextError(self.position + error.start, "not a Unicode character") from None
        self.position = end
        if b"\\" in octets:
            return _ESCAPED.sub(lambda escaped: bytes.fromhex(escaped[1].decode()), octets)
        return octets
