"""SASLprep (RFC 4013): how names and passwords are written alike before SASL compares or hashes them.

The tables are those of RFC 3454, which is Unicode 3.2; characters that are younger pass as they are, as in a
query (RFC 3454 §7), so that a password may hold any letter or sign of today.
"""

from __future__ import annotations

import stringprep
from unicodedata import ucd_3_2_0

_PROHIBITED = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


class Prohibited(ValueError):
    """The text holds a character that no name or password may hold, or mixes directions of writing."""


def saslprep(text: str) -> str:
    """The text as RFC 4013 §2 prepares it; raises Prohibited (§2.3, §2.4)."""
    if text.isascii() and text.isprintable():
        return text
    mapped = "".join(
        " " if stringprep.in_table_c12(each) else each for each in text if not stringprep.in_table_b1(each)
    )
    prepared = ucd_3_2_0.normalize("NFKC", mapped)
    if any(prohibits(each) for each in prepared for prohibits in _PROHIBITED):
        raise Prohibited("a prohibited character")
    _check_directions(prepared)
    return prepared


def _check_directions(prepared: str) -> None:
    """RFC 3454 §6: text from right to left begins and ends so and holds nothing from left to right."""
    if not any(map(stringprep.in_table_d1, prepared)):
        return
    whole = stringprep.in_table_d1(prepared[0]) and stringprep.in_table_d1(prepared[-1])
    if not whole or any(map(stringprep.in_table_d2, prepared)):
        raise Prohibited("directions of writing mixed")
