"""The grammar of attribute descriptions and object identifiers in text (RFC 4512 §1.4, §2.5)."""

from __future__ import annotations

import re
from typing import Final

KEYSTRING: Final = r"[A-Za-z][A-Za-z0-9-]*"
NUMERIC_OID: Final = r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))+"
OID: Final = rf"(?:{KEYSTRING}|{NUMERIC_OID})"
ATTRIBUTE_DESCRIPTION: Final = rf"{OID}(?:;[A-Za-z0-9-]+)*"

_ATTRIBUTE_DESCRIPTION: Final = re.compile(ATTRIBUTE_DESCRIPTION)


def is_attribute_description(text: str) -> bool:
    """Whether `text` is an attribute type by name or OID, followed by any options."""
    return _ATTRIBUTE_DESCRIPTION.fullmatch(text) is not None
