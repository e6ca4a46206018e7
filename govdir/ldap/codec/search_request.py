"""The search request from BER (RFC 4511 §4.5.1), element by element.

This is the definition; `search_decode` does the same for the common case without the reader's generality.
"""

from __future__ import annotations

from sys import intern

from govdir.ldap.codec import ber
from govdir.ldap.codec.errors import limit_exceeded
from govdir.ldap.codec.filter_decode import decode_filter
from govdir.ldap.codec.limits import DecodeLimits
from govdir.ldap.codec.messages import DerefAliases, Scope, SearchRequest

SearchHead = tuple[str, Scope, DerefAliases, int, int, bool]
"""baseObject, scope, derefAliases, sizeLimit, timeLimit (seconds), typesOnly."""


def decode_search_request(reader: ber.Reader, limits: DecodeLimits) -> SearchRequest:
    """The content of a SearchRequest; raises DecodeError."""
    base, scope, deref_aliases, size_limit, time_limit, types_only = search_head(reader)
    search_filter = decode_filter(reader, limits)
    attributes = attribute_selection(reader, limits)
    reader.ignore_extensions()
    return SearchRequest(
        base, scope, deref_aliases, size_limit, time_limit, types_only, search_filter, attributes
    )


def search_head(reader: ber.Reader) -> SearchHead:
    """What comes before the filter."""
    return (
        reader.text(ber.OCTET_STRING, "baseObject"),
        Scope(reader.integer(ber.ENUMERATED, "scope", high=max(Scope))),
        DerefAliases(reader.integer(ber.ENUMERATED, "derefAliases", high=max(DerefAliases))),
        reader.integer(ber.INTEGER, "sizeLimit"),
        reader.integer(ber.INTEGER, "timeLimit"),
        reader.boolean(ber.BOOLEAN, "typesOnly"),
    )


def attribute_selection(reader: ber.Reader, limits: DecodeLimits) -> tuple[str, ...]:
    """AttributeSelection (§4.5.1.8): interned, for they are looked up again and again."""
    inner = reader.enter(ber.SEQUENCE, "attributes")
    selectors: list[str] = []
    while not inner.at_end:
        if len(selectors) == limits.attributes:
            raise limit_exceeded("attributes", limits.attributes)
        selectors.append(intern(inner.text(ber.OCTET_STRING, "selector")))
    return tuple(selectors)
