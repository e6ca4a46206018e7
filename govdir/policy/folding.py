"""Vietnamese text without its marks: what addresses are made of and what comparisons go by.

NFC and NFD, Hoà and Hòa, Ê Đê ê̆ and plain e fold alike. The fold is idempotent and pure ASCII.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_UNDECOMPOSED: Final = str.maketrans("đĐðÐƀɃ", "dDdDbB")
_LOWER: Final = bytes(range(256)).lower()
_LETTERS_DIGITS: Final = b"abcdefghijklmnopqrstuvwxyz0123456789"
_DROPPED: Final = bytes(set(range(128)) - set(_LETTERS_DIGITS) - set(_LETTERS_DIGITS.upper()))
_DROPPED_FROM_WORDS: Final = bytes(set(_DROPPED) - {0x20, 0x2D})


def _ascii(text: str) -> bytes:
    if text.isascii():
        return text.encode()
    decomposed = unicodedata.normalize("NFD", text.translate(_UNDECOMPOSED))
    return decomposed.encode("ascii", "ignore")


def without_marks(text: str) -> str:
    """`text` in ASCII with case, blanks and punctuation kept: "Điều 5" is "Dieu 5"."""
    return _ascii(text).decode("ascii")


def fold(text: str) -> str:
    """`text` as a–z and 0–9 only; blanks, marks, punctuation and letters without a Latin base vanish."""
    return _ascii(text).translate(_LOWER, _DROPPED).decode("ascii")


def fold_words(text: str) -> str:
    """The same with blanks and hyphens kept where they stand."""
    return _ascii(text).translate(_LOWER, _DROPPED_FROM_WORDS).decode("ascii")


def characters(text: str) -> int:
    """How many characters a person sees: NFC code points without combining marks and format characters.

    ê̆ ô̆ ơ̆ ư̆ of Ê Đê have no composed form and still count once.
    """
    composed = unicodedata.normalize("NFC", text)
    if composed.isascii():
        return len(composed)
    return sum(unicodedata.category(character) not in ("Mn", "Me", "Cf") for character in composed)
