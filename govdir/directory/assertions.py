"""Assertions: an operation that is to be done only if its entry matches a filter (RFC 4528)."""

from __future__ import annotations

from typing import Final

from govdir.directory.access import Grant
from govdir.directory.errors import AssertionFailed
from govdir.directory.image import Image, Record
from govdir.directory.resolve import resolve
from govdir.ldap.codec.filters import Filter

ASSERTION_FAILED: Final = (
    "mục không như yêu cầu đã giả định (the entry is not what the assertion control says it is)"
)


def check_assertion(asserted: Filter | None, record: Record, grant: Grant, image: Image) -> None:
    """Nothing where nothing is asserted, or the filter is true of the entry; else AssertionFailed.

    Undefined fails as false does (RFC 4528 §3), and what the caller may not search is Undefined: an assertion
    tells nobody more than a search.
    """
    if asserted is not None and resolve(asserted, image).matches(record, grant) is not True:
        raise AssertionFailed(ASSERTION_FAILED)
