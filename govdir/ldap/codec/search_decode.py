"""The search request as nearly every client sends it, decoded in straight lines over the buffer.

A mail server asks the same question thousands of times a second with one value changed, so this module works
with integer offsets on the received octets, creates only what it returns, and remembers what repeats: the
octets from baseObject to typesOnly, the attribute selection, attribute descriptions. It only knows how to be
right: at anything unusual (a long name, controls, extensions, an error) it returns None, and the
definition in `decode` and `search_request` reads the message or words the error.

Why no bound is checked on the way: every element must end exactly where its parent ends, or begin the next
one, and the outermost end is the message's; an offset that left its parent cannot satisfy that.
"""

from __future__ import annotations

from sys import intern
from typing import Final

from govdir.ldap.codec import ber
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.filters import (
    And,
    Approx,
    Equality,
    Filter,
    GreaterOrEqual,
    LessOrEqual,
    Not,
    Or,
    Present,
    Substrings,
)
from govdir.ldap.codec.limits import DecodeLimits
from govdir.ldap.codec.messages import LdapMessage, SearchRequest
from govdir.ldap.codec.search_request import SearchHead, attribute_selection, search_head

CACHE_ENTRIES: Final = 4096  # when full a cache is emptied: a flood of names costs misses, never memory
CACHED_KEY_SIZE: Final = 512  # octets; with CACHE_ENTRIES, no cache holds more than a few MiB
NAME_SIZE: Final = 64  # octets; longer attribute descriptions are read by the definition

_heads: dict[bytes, SearchHead] = {}
_selections: dict[bytes, tuple[str, ...]] = {}
_names: dict[bytes, str] = {}


class _Unusual(Exception):
    """Not for this module."""


def decode_search(data: bytes, start: int, end: int, limits: DecodeLimits) -> LdapMessage | None:
    """The search request whose LDAPMessage content is `data[start:end]`; None: read it by the definition."""
    try:
        size = data[start + 1]
        position = start + 2 + size
        if data[start] != 0x02 or size > 4 or data[position] != 0x63:
            return None
        message_id = data[start + 2] if size == 1 else int.from_bytes(data[start + 2 : position], "big")
        if message_id == 0 or data[start + 2] > 0x7F:
            return None

        size = data[position + 1]
        position += 2
        if size > 0x7F:
            size, position = _long_length(data, position, size)
        operation_end = position + size
        if operation_end != end:  # controls, or wrong
            return None

        # baseObject; scope and derefAliases of 3 octets each; sizeLimit; timeLimit; typesOnly of 3 octets
        head_start = position
        position += data[position + 1] + 8
        position += data[position + 1] + 2
        position += data[position + 1] + 5
        octets = data[head_start:position]
        head = _heads.get(octets) or _new_head(octets)

        if end - position > limits.filter_nodes * 2:  # a node has two octets at least, so no need to count
            return None
        search_filter, position = _filter(data, position, limits.filter_depth)
        octets = data[position:end]
        attributes = _selections.get(octets)
        if attributes is None:
            attributes = _new_selection(octets, limits)
        if len(attributes) > limits.attributes:
            return None
        base, scope, deref_aliases, size_limit, time_limit, types_only = head
        return LdapMessage(
            message_id,
            SearchRequest(
                base, scope, deref_aliases, size_limit, time_limit, types_only, search_filter, attributes
            ),
        )
    except (IndexError, UnicodeDecodeError, DecodeError, _Unusual):
        return None


def _filter(data: bytes, position: int, levels_left: int) -> tuple[Filter, int]:  # noqa: C901, PLR0912 (calls cost)
    """The filter at `position` and where it ends."""
    tag = data[position]
    size = data[position + 1]
    position += 2
    if size > 0x7F:
        size, position = _long_length(data, position, size)
    end = position + size

    if tag == 0xA3 or tag == 0xA5 or tag == 0xA6 or tag == 0xA8:  # noqa: PLR1714 (measured faster than `in`)
        name_end = position + 2 + data[position + 1]
        octets = data[position + 2 : name_end]
        name = _names.get(octets) or _new_name(octets)
        size = data[name_end + 1]
        value_start = name_end + 2
        if size > 0x7F:
            size, value_start = _long_length(data, value_start, size)
        if data[position] != 0x04 or data[name_end] != 0x04 or value_start + size != end:
            raise _Unusual
        value = data[value_start:end]
        if tag == 0xA3:
            return Equality(name, value), end
        if tag == 0xA5:
            return GreaterOrEqual(name, value), end
        return (LessOrEqual(name, value) if tag == 0xA6 else Approx(name, value)), end
    if tag == 0x87:
        octets = data[position:end]
        return Present(_names.get(octets) or _new_name(octets)), end
    if levels_left <= 1:
        raise _Unusual
    if tag == 0xA0 or tag == 0xA1:  # noqa: PLR1714
        parts: list[Filter] = []
        while position < end:
            part, position = _filter(data, position, levels_left - 1)
            parts.append(part)
        if position != end:
            raise _Unusual
        return (And(tuple(parts)) if tag == 0xA0 else Or(tuple(parts))), end
    if tag == 0xA2:
        negated, position = _filter(data, position, levels_left - 1)
        if position != end:
            raise _Unusual
        return Not(negated), end
    if tag == 0xA4:
        return _substrings(data, position, end), end
    raise _Unusual


def _substrings(data: bytes, position: int, end: int) -> Substrings:
    """The content of a substrings filter."""
    name_end = position + 2 + data[position + 1]
    octets = data[position + 2 : name_end]
    name = _names.get(octets) or _new_name(octets)
    size = data[name_end + 1]
    if data[position] != 0x04 or data[name_end] != 0x30 or size > 0x7F or name_end + 2 + size != end:
        raise _Unusual
    position = name_end + 2
    initial = final = None
    inner: list[bytes] = []
    while position < end:
        tag = data[position]
        piece_end = position + 2 + data[position + 1]
        piece = data[position + 2 : piece_end]
        if not piece or final is not None:
            raise _Unusual
        if tag == 0x81:
            inner.append(piece)
        elif tag == 0x80 and initial is None and not inner:
            initial = piece
        elif tag == 0x82:
            final = piece
        else:
            raise _Unusual
        position = piece_end
    if position != end or size == 0:
        raise _Unusual
    return Substrings(name, initial, tuple(inner), final)


def _long_length(data: bytes, position: int, first: int) -> tuple[int, int]:
    """The length whose first octet, 0x80 or more, came before `position`; and where the content begins."""
    octets = first - 0x80
    if not 0 < octets <= ber.MAX_LENGTH_OCTETS:
        raise _Unusual
    return int.from_bytes(data[position : position + octets], "big"), position + octets


def _new_head(octets: bytes) -> SearchHead:
    """What `octets` say before the filter; remembered when short."""
    reader = ber.Reader(octets)
    head = search_head(reader)
    reader.expect_end("search")
    if len(octets) <= CACHED_KEY_SIZE:
        if len(_heads) >= CACHE_ENTRIES:
            _heads.clear()
        _heads[octets] = head
    return head


def _new_selection(octets: bytes, limits: DecodeLimits) -> tuple[str, ...]:
    """The attribute selection that `octets` are; remembered when short."""
    reader = ber.Reader(octets)
    selection = attribute_selection(reader, limits)
    reader.expect_end("attributes")
    if len(octets) <= CACHED_KEY_SIZE:
        if len(_selections) >= CACHE_ENTRIES:
            _selections.clear()
        _selections[octets] = selection
    return selection


def _new_name(octets: bytes) -> str:
    """The attribute description that `octets` are; remembered."""
    if len(octets) > NAME_SIZE:
        raise _Unusual
    name = intern(octets.decode())
    if len(_names) >= CACHE_ENTRIES:
        _names.clear()
    _names[octets] = name
    return name
