"""By which name an account is salted (scram_keys): the same one by whatever name somebody asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from govdir.directory.entry import Attributes
from govdir.directory.vocabulary import Vocabulary
from govdir.schema.errors import InvalidValue

if TYPE_CHECKING:
    from govdir.directory.sign_in_names import TypedName


def salted_by(vocabulary: Vocabulary, attributes: Attributes) -> bytes:
    """The name of an account that is there: its uid, that of a body, that of a service."""
    texts = (attributes.text(name) for name in ("uid", "ou", "cn"))
    return _prepared(vocabulary, next((text for text in texts if text), ""))


def salted_as(vocabulary: Vocabulary, name: TypedName) -> bytes:
    """The name that an account would have, were there one that somebody calls so: a uid, what stands before
    the @ of an address at whichever domain, the first value of a DN at whichever place."""
    text = name.path[-1].partition("=")[2] if name.path else name.text.partition("@")[0]
    return _prepared(vocabulary, text)


def _prepared(vocabulary: Vocabulary, text: str) -> bytes:
    """As uids are compared: case, width and invisible characters aside."""
    rule = vocabulary.describe("uid").attribute.equality
    try:
        return text.casefold().encode() if rule is None else rule.key(text.encode())
    except InvalidValue:
        return text.casefold().encode()
