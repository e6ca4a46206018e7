"""Addresses of an SMTP envelope, and the mailboxes and lists they mean.

A mail server tidies an address before it looks it up: whoever judges the envelope must read it alike, or a
list would be reached under a spelling that nobody judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from govdir.directory.addresses import entries_with
from govdir.directory.entry import Attributes
from govdir.directory.image import Image, Record
from govdir.schema.errors import InvalidValue

MAX_ADDRESS: Final = 1024
"""Longer ones are nobody's: an address has 320 octets at most (RFC 5321 §4.5.3.1), a route some more."""

MAX_HOPS: Final = 4
"""Addresses within addresses are read so deep."""

_INNER: Final = frozenset("@%!")

DELIMITER: Final = "+"
"""What stands between a local part and an extension of one's own (recipient_delimiter)."""


def tidied(address: str, domain: str) -> str:
    """The address as Postfix rewrites it before looking it up (trivial-rewrite(8)), in lower case.

    A source route, quotes and dots at the end go, `user%domain` and `domain!user` without @ are addresses of
    old, and what names no domain is of `domain`, the mail server's own. "" stays.
    """
    text = address.strip().lower()
    if not text or len(text) > MAX_ADDRESS:
        return ""
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2]
    local, at, host = text.rstrip("@").rpartition("@")
    if not at:
        local, host = _of_old(host, domain)
    if len(local) > 1 and local.startswith('"') and local.endswith('"'):
        local = local[1:-1].replace("\\", "")
    return f"{local.strip()}@{host.rstrip('.')}"


def readings(address: str, domain: str) -> Iterator[str]:
    """What an address may come to on its way: itself, then what the host it names makes of its local part
    ("all%here.vn@mx", "all@here.vn@mx")."""
    text = tidied(address, domain)
    for _ in range(MAX_HOPS):
        if not text:
            return
        yield text
        local = text.rpartition("@")[0]
        if not _INNER.intersection(local):
            return
        text = tidied(local, domain)


def _of_old(text: str, domain: str) -> tuple[str, str]:
    host, bang, local = text.partition("!")
    if bang:
        return local, host
    local, percent, host = text.rpartition("%")
    return (local, host) if percent else (text, domain)


class Envelopes:
    """Finds who is meant in one directory's image; `domain` is the province's own."""

    def __init__(self, image: Image, domain: str) -> None:
        self._image = image
        self._domain = domain
        rule = image.vocabulary.describe("mail").attribute.equality
        self._key: Callable[[bytes], bytes] = bytes.lower if rule is None else rule.key

    def holder(self, address: str) -> Record | None:
        """Who has this address, as a mail server would find it: under a domain's other names too, and with
        an extension ("lan+so@")."""
        text = tidied(address, self._domain)
        if not text:
            return None
        found = self._found(text)
        local, _, host = text.rpartition("@")
        plain = local.partition(DELIMITER)[0]
        return found if found is not None or not plain or plain == local else self._found(f"{plain}@{host}")

    def recipient(self, address: str) -> Record | None:
        """Who gets it, by whatever way: guards are not to be walked around."""
        for reading in readings(address, self._domain):
            found = self.holder(reading)
            if found is not None:
                return found
        return None

    def account(self, login: str) -> Record | None:
        """Who signs in so: by address, or by a uid that only one entry has."""
        if "@" in login:
            return self.holder(login)
        found = tuple(entries_with(self._image, "uid", login)) if login.strip() else ()
        return found[0] if len(found) == 1 else None

    def _found(self, address: str) -> Record | None:
        try:
            key = self._key(address.encode("utf-8", "replace"))
        except InvalidValue:
            return None
        indexes = self._image.indexes
        for held in (indexes["mail"].get(key), indexes["maillocaladdress"].get(key)):
            for record in held:
                return record
        reached = self._image.domains.reached(key)
        return next(iter(reached), None) if isinstance(reached, set) else reached


def part_of(record: Record, keys: frozenset[str]) -> Attributes:
    """The attributes of an entry with these keys; the others, perhaps thousands of members, stay encoded."""
    shape, body = record.shape, record.body
    return Attributes(
        shape.vocabulary,
        {
            description: shape.values(body, place)
            for place, description in enumerate(shape.descriptions)
            if description.attribute.key in keys
        },
    )
