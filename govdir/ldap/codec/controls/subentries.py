"""Subentries (RFC 3672 §3)."""

from __future__ import annotations

from govdir.ldap.codec import ber
from govdir.ldap.codec.controls.oids import SUBENTRIES
from govdir.ldap.codec.controls.values import value_reader
from govdir.ldap.codec.messages import Control


def decode_subentries(control: Control) -> bool:
    """Whether subentries and nothing else are visible, or everything but them; raises DecodeError."""
    value = value_reader(control)
    visible = value.boolean(ber.BOOLEAN, "visibility")
    value.expect_end("visibility")
    return visible


def encode_subentries(*, visible: bool, critical: bool = False) -> Control:
    """The control that asks for it."""
    return Control(SUBENTRIES, critical, ber.boolean(visible))
