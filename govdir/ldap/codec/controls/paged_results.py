"""Paged results (RFC 2696)."""

from __future__ import annotations

from msgspec import Struct

from govdir.ldap.codec import ber
from govdir.ldap.codec.controls.oids import PAGED_RESULTS
from govdir.ldap.codec.controls.values import only_sequence
from govdir.ldap.codec.messages import Control


class PagedResults(Struct, frozen=True):
    """The value of a paged results control.

    Request: `size` entries are wanted at most on this page, 0 with a cookie gives the search up; `cookie` is
    empty at first, then the one of the last answer. Answer: `size` estimates how many entries there are,
    0 when unknown; `cookie` is empty when there are no more.
    """

    size: int
    cookie: bytes = b""


def decode_paged_results(control: Control) -> PagedResults:
    """The value of `control`; raises DecodeError."""
    content = only_sequence(control, "realSearchControlValue")
    size = content.integer(ber.INTEGER, "size")
    cookie = content.octets(ber.OCTET_STRING, "cookie")
    content.ignore_extensions()
    return PagedResults(size, cookie)


def encode_paged_results(paged: PagedResults, *, critical: bool = False) -> Control:
    """The control that carries `paged`."""
    value = ber.sequence(ber.integer(paged.size), ber.octet_string(paged.cookie))
    return Control(PAGED_RESULTS, critical, value)
