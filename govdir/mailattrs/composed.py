"""Names as they are stored: in NFC, however a client typed them."""

from __future__ import annotations

import unicodedata
from typing import Final

from govdir.directory.entry import Attributes

_NAMES: Final = frozenset(
    {"cn", "sn", "gdmiddlename", "givenname", "displayname", "ou", "title", "description"}
)


def compose_names(entry: Attributes, among: frozenset[str] = _NAMES) -> None:
    """Puts the letters and their marks together (NFC, TCVN 6909:2001), `among` these attributes.

    The values stay equal by their matching rules (RFC 4518 §2.3), so that a name in the DN may stand as sent.
    """
    wanted = _NAMES & among
    if not wanted:
        return
    for description in [each for each in entry if each.attribute.key in wanted]:
        values = entry.get(description) or []
        composed = [_composed(value) for value in values]
        if composed != values:
            entry.put(description, composed)


def _composed(value: bytes) -> bytes:
    """Octets that are no text stay, for the schema to refuse."""
    if value.isascii():
        return value
    try:
        return unicodedata.normalize("NFC", value.decode()).encode()
    except UnicodeDecodeError:
        return value
