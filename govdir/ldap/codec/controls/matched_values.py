"""Matched values (RFC 3876): only those values of attributes that match one of some simple filters."""

from __future__ import annotations

from govdir.ldap.codec import ber
from govdir.ldap.codec.controls.oids import MATCHED_VALUES
from govdir.ldap.codec.controls.values import only_sequence
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.filter_decode import decode_filter
from govdir.ldap.codec.filter_encode import encode_filter
from govdir.ldap.codec.filters import And, Extensible, Filter, Not, Or
from govdir.ldap.codec.limits import AFTER_BIND, DecodeLimits
from govdir.ldap.codec.messages import Control


def decode_matched_values(control: Control, limits: DecodeLimits = AFTER_BIND) -> tuple[Filter, ...]:
    """The simple filters, at least one; raises DecodeError."""
    content = only_sequence(control, "ValuesReturnFilter")
    items: list[Filter] = []
    while not content.at_end:
        if len(items) == limits.filter_nodes:
            raise DecodeError("ValuesReturnFilter: too many items")
        item = decode_filter(content, limits)
        if isinstance(item, And | Or | Not) or (isinstance(item, Extensible) and item.dn_attributes):
            raise DecodeError("ValuesReturnFilter: only simple items (RFC 3876 §2)")
        items.append(item)
    if not items:
        raise DecodeError("ValuesReturnFilter: empty")
    return tuple(items)


def encode_matched_values(items: tuple[Filter, ...], *, critical: bool = False) -> Control:
    """The control that asks for the values that match."""
    return Control(MATCHED_VALUES, critical, ber.sequence(*map(encode_filter, items)))
