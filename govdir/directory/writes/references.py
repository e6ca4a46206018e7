"""Attributes that name other entries, by DN or as the base of an LDAP URL, kept right when those change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from msgspec import structs

from govdir.directory.dn import Dn
from govdir.directory.entry import Attributes
from govdir.directory.errors import InvalidDn
from govdir.directory.image import Image, Record
from govdir.directory.special import ALIAS, special_records
from govdir.directory.vocabulary import Description
from govdir.ldap.codec.urls import UrlError, format_url, parse_url
from govdir.schema.errors import InvalidValue
from govdir.schema.registry import Schema

REFERENCES: Final = ("member", "owner", "gddelegate", "gditadmin", "gdapprover", "manager")
"""Their values are DNs; each has an index."""

_LIST: Final = "gdmaillist"
_BODY: Final = "gdorganization"
_URLS: Final = "memberurl"
_STANDS_FOR: Final = "aliasedobjectname"

# A province has a list a body, most with a URL of its own; some 0.5 KiB each.
_REMEMBERED_URLS: Final = 4096


def records_with_urls(image: Image) -> Iterator[Record]:
    """The entries whose members are found below some entry; lists, so that they are few."""
    for shape in list(image.shapes):
        if _URLS in shape.by_attribute:
            yield from list(shape.members)


def urls_touched(image: Image, renamed: Mapping[str, str | None], moved: Record) -> Iterator[Record]:
    """Of these the ones whose members are found below an entry that gets a new name, or that stand below
    `moved`. There may be a list a body: what the others say is not read."""
    schema = image.vocabulary.schema
    for record in records_with_urls(image):
        bases = (_base_key(value, schema) for value in record.values(_URLS))
        if any(base in renamed for base in bases) or record.is_under(moved):
            yield record


@lru_cache(maxsize=_REMEMBERED_URLS)
def _base_key(value: bytes, schema: Schema) -> str | None:
    """The normalised name in a URL, None where there is none."""
    try:
        return Dn.parse(parse_url(value.decode()).dn, schema).key
    except (UrlError, InvalidDn, UnicodeDecodeError):
        return None


def aliases_of(image: Image, renamed: Mapping[str, str | None]) -> Iterator[Record]:
    """The aliases of entries that get new names; those of entries that go stay, and stand for nothing."""
    description = image.vocabulary.describe(_STANDS_FOR)
    for record in list(special_records(image, ALIAS)):
        if any(renamed.get(_name_key(description, value)) for value in record.values(_STANDS_FOR)):
            yield record


def lists_standing_below(body: Record) -> Iterator[Record]:
    """The lists below a body, and below no other body in between."""
    waiting = list((body.children or {}).values())
    while waiting:
        record = waiting.pop()
        if _LIST in record.shape.classes:
            yield record
        elif _BODY not in record.shape.classes:
            waiting += (record.children or {}).values()


def follow_references(attributes: Attributes, renamed: Mapping[str, str | None]) -> None:
    """Puts new names for old ones (by key; None: no more) wherever the entry names others."""
    if not renamed:
        return
    for description in list(attributes):
        if description.attribute.key in REFERENCES:
            followed: dict[bytes, None] = {}
            for value in attributes.get(description) or ():
                old_key = _name_key(description, value)
                new_dn = renamed.get(old_key, "")
                if new_dn is not None:
                    followed[new_dn.encode() or value] = None
            attributes.put(description, list(followed))
        elif description.attribute.key == _STANDS_FOR:
            stood_for = attributes.get(description) or ()
            names = [(renamed.get(_name_key(description, value)) or "").encode() for value in stood_for]
            attributes.put(description, [new or old for new, old in zip(names, stood_for, strict=True)])
        elif description.attribute.key == _URLS:
            schema = attributes.vocabulary.schema
            urls = [_followed_url(value, renamed, schema) for value in attributes.get(description) or ()]
            attributes.put(description, urls)


def _name_key(description: Description, value: bytes) -> str:
    rule = description.attribute.equality
    try:
        return value.decode() if rule is None else rule.key(value).decode()
    except (InvalidValue, UnicodeDecodeError):
        return ""


def _followed_url(value: bytes, renamed: Mapping[str, str | None], schema: Schema) -> bytes:
    """A URL whose base is gone stays: it finds nobody."""
    try:
        url = parse_url(value.decode())
        new_dn = renamed.get(Dn.parse(url.dn, schema).key)
    except (UrlError, InvalidDn, UnicodeDecodeError):
        return value
    return format_url(structs.replace(url, dn=new_dn)).encode() if new_dn else value
