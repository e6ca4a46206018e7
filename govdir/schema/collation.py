"""The order of Vietnamese text: letters (a ă â b c d đ e ê …), then tones (ngang huyền hỏi ngã sắc nặng)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from unicodedata import normalize

_ALPHABET: Final = (*"aăâbcdđeêfghijklmnoôơpqrstuưvwxyz",)
_TONES: Final = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_SPACE, _DIGITS, _LETTERS, _OTHERS = 1, 2, 16, 0xFF
_MARKS_OF_LETTERS: Final = frozenset("\u0302\u0306\u031b")
_WORD: Final = re.compile(r"\S+")

_RANKS: Final = {letter: _LETTERS + 2 * place for place, letter in enumerate(_ALPHABET)} | {
    str(digit): _DIGITS + digit for digit in range(10)
}

# Parts of names: a province has some thousand different ones.
_REMEMBERED = 16384


@lru_cache(maxsize=_REMEMBERED)
def collation_key(text: str) -> bytes:
    """Octets in the order of the texts; case and where in a syllable its tone stands do not count."""
    letters = bytearray()
    tones = bytearray()
    for word in _WORD.findall(normalize("NFD", text.casefold())):
        letters.append(_SPACE)
        tone = 0
        held = ""
        for character in word:
            if character in _MARKS_OF_LETTERS:
                held = normalize("NFC", held + character)
            elif character in _TONES:
                tone = tone or _TONES[character]
            else:
                letters += _rank(held)
                held = character
        letters += _rank(held)
        tones.append(tone)
    return bytes(letters) + b"\0" + bytes(tones)


def _rank(letter: str) -> bytes:
    if not letter:
        return b""
    rank = _RANKS.get(letter)
    return bytes((_OTHERS,)) + letter.encode() if rank is None else bytes((rank,))
