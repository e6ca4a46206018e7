"""The values by which an entry is named are among its attributes (RFC 4512 §2.3.1)."""

from __future__ import annotations

from govdir.directory.entry import Attributes
from govdir.directory.errors import InvalidAttributeSyntax
from govdir.schema.dn_text import Ava, Rdn
from govdir.schema.errors import InvalidValue


def _key(attributes: Attributes, ava: Ava) -> bytes:
    name, value = ava
    return _key_of(attributes, name, value)


def _key_of(attributes: Attributes, name: str, value: bytes) -> bytes:
    rule = attributes.vocabulary.describe(name).attribute.equality
    if rule is None:
        return value
    try:
        return rule.key(value)
    except InvalidValue as error:
        raise InvalidAttributeSyntax(f"{name}: {error}") from None


def _has(attributes: Attributes, ava: Ava) -> bool:
    name = ava[0]
    wanted = _key(attributes, ava)
    return any(_key_of(attributes, name, value) == wanted for value in attributes.values(name))


def holds_rdn(attributes: Attributes, rdn: Rdn) -> bool:
    """Whether every value of the RDN is present."""
    return all(_has(attributes, ava) for ava in rdn)


def add_rdn_values(attributes: Attributes, rdn: Rdn) -> None:
    """Adds the RDN's values that are missing (RFC 4511 §4.7 and §4.9 let the server do so)."""
    for ava in rdn:
        if not _has(attributes, ava):
            name, value = ava
            attributes.replace(name, (*attributes.values(name), value))


def remove_rdn_values(attributes: Attributes, old: Rdn, new: Rdn) -> None:
    """Takes away the old RDN's values unless the new RDN names them too, in the same letters: of one that is
    written otherwise now (RFC 4511 §4.9), add_rdn_values puts the new form in place."""
    kept = {(attributes.vocabulary.describe(name), value) for name, value in new}
    for name, value in old:
        description = attributes.vocabulary.describe(name)
        gone = _key(attributes, (name, value))
        if (description, value) not in kept:
            left = [held for held in attributes.values(name) if _key_of(attributes, name, held) != gone]
            attributes.replace(name, left)
