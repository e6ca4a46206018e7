"""The controls whose values we read and write: paged results (RFC 2696) and ManageDsaIT (RFC 3296)."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from govdir.ldap.codec import ber
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.messages import Control

PAGED_RESULTS: Final = "1.2.840.113556.1.4.319"
MANAGE_DSA_IT: Final = "2.16.840.1.113730.3.4.2"


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
    value = value_reader(control)
    content = value.enter(ber.SEQUENCE, "realSearchControlValue")
    value.expect_end("realSearchControlValue")
    size = content.integer(ber.INTEGER, "size")
    cookie = content.octets(ber.OCTET_STRING, "cookie")
    content.ignore_extensions()
    return PagedResults(size, cookie)


def encode_paged_results(paged: PagedResults, *, critical: bool = False) -> Control:
    """The control that carries `paged`."""
    value = ber.sequence(ber.integer(paged.size), ber.octet_string(paged.cookie))
    return Control(PAGED_RESULTS, critical, value)


def check_manage_dsa_it(control: Control) -> None:
    """ "The controlValue is absent" (RFC 3296 §3); raises DecodeError."""
    expect_no_value(control)


def value_reader(control: Control) -> ber.Reader:
    """A reader over the value of a control that must have one; raises DecodeError when it has none."""
    if control.value is None:
        raise DecodeError(f"control {control.oid}: controlValue is missing")
    return ber.Reader(control.value)


def expect_no_value(control: Control) -> None:
    """Raises DecodeError when a control that has no value brings one."""
    if control.value is not None:
        raise DecodeError(f"control {control.oid}: controlValue must be absent")
