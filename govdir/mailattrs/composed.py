"""Names as they are stored: in NFC, however a client typed them."""

from __future__ import annotations

import unicodedata
from typing import Final

from govdir.directory.entry import Attributes

_NAMES: Final = (
    "cn", "sn", "gdMiddleName", "givenName", "displayName", "ou", "title", "description",
)  # fmt: skip


def compose_names(entry: Attributes) -> None:
    """Puts the letters and their marks together (NFC, TCVN 6909:2001).

    The values stay equal by their matching rules (RFC 4518 §2.3), so that a name in the DN may stand as sent.
    """
    for attribute in _NAMES:
        texts = entry.texts(attribute)
        if not all(unicodedata.is_normalized("NFC", text) for text in texts):
            entry.replace(attribute, [unicodedata.normalize("NFC", text) for text in texts])
