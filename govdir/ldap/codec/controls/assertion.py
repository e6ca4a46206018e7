"""Assertion (RFC 4528): do it only if the entry matches a filter."""

from __future__ import annotations

from govdir.ldap.codec.controls.oids import ASSERTION
from govdir.ldap.codec.controls.values import value_reader
from govdir.ldap.codec.filter_decode import decode_filter
from govdir.ldap.codec.filter_encode import encode_filter
from govdir.ldap.codec.filters import Filter
from govdir.ldap.codec.limits import AFTER_BIND, DecodeLimits
from govdir.ldap.codec.messages import Control


def decode_assertion(control: Control, limits: DecodeLimits = AFTER_BIND) -> Filter:
    """The filter; raises DecodeError."""
    value = value_reader(control)
    asserted = decode_filter(value, limits)
    value.expect_end("Assertion")
    return asserted


def encode_assertion(asserted: Filter, *, critical: bool = True) -> Control:
    """The control that asserts it."""
    return Control(ASSERTION, critical, encode_filter(asserted))
