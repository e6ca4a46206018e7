"""Assertions: an operation that is to be done only if its entry matches a filter (RFC 4528)."""

from __future__ import annotations

from typing import Final

from govdir.directory.access import Grant
from govdir.directory.errors import AssertionFailed
from govdir.directory.image import Image, Record
from govdir.directory.ports import StoredEntry
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


def check_assertion_of_new(asserted: Filter | None, added: Record, grant: Grant, image: Image) -> None:
    """The same of an entry that is to be added below others of `image` and is not in it yet."""
    if asserted is not None:
        apart = Image(image.vocabulary)  # whose indexes know the entry
        check_assertion(asserted, _copied(added, apart), grant, apart)


def _copied(record: Record, image: Image) -> Record:
    """The entry in `image`, below those that it is below."""
    above = None if record.parent is None else _copied(record.parent, image).id
    number = image.count + 1
    keys = image.index_keys.of_body(record.shape, record.body)
    place = (above, record.rdn.decode(), record.rdn_key)
    image.put(StoredEntry(number, *place, record.shape.descriptor, record.body, None, keys, number))
    copied = image.by_id(number)
    if copied is None:
        raise LookupError("the entry was put into the image and is not there")
    return copied
