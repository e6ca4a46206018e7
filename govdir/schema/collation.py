"""The order of Vietnamese text: letters (a ă â b c d đ e ê …), then tones (ngang huyền hỏi ngã sắc nặng)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from unicodedata import normalize

_ALPHABET: Final = (*"aăâbcdđeêfghijklmnoôơpqrstuưvwxyz",)
_TONES: Final = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_SPACE, _DIGITS, _LETTERS, _OTHERS = 1, 2, 16, 0xFF
_MARKS_OF_LETTERS: Final = frozenset("\u0302\u0306\u031b")

_RANKS: Final = {letter: _LETTERS + 2 * place for place, letter in enumerate(_ALPHABET)} | {
    str(digit): _DIGITS + digit for digit in range(10)
}

# Words of names: a province has some thousand different ones.
_REMEMBERED = 16384

# Longer ones are no words, and would fill the memory.
_LONGEST_WORD = 32


def collation_key(text: str) -> bytes:
    """Octets in the order of the texts; case and where in a syllable its tone stands do not count."""
    words = [_word(word) if len(word) <= _LONGEST_WORD else _word.__wrapped__(word) for word in text.split()]
    return b"".join([letters for letters, _ in words]) + b"\0" + bytes([tone for _, tone in words])


@lru_cache(maxsize=_REMEMBERED)
def _word(word: str) -> tuple[bytes, int]:
    """A space and the ranks of the letters; the tone."""
    letters = bytearray((_SPACE,))
    tone = 0
    held = ""
    for character in normalize("NFD", word.casefold()):
        if character in _MARKS_OF_LETTERS:
            held = normalize("NFC", held + character)
        elif character in _TONES:
            tone = tone or _TONES[character]
        else:
            letters += _rank(held)
            held = character
    return bytes(letters + _rank(held)), tone


def _rank(letter: str) -> bytes:
    if not letter:
        return b""
    rank = _RANKS.get(letter)
    return bytes((_OTHERS,)) + letter.encode() if rank is None else bytes((rank,))
