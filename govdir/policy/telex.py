"""What Vietnamese words look like typed blindly on a plain keyboard.

The typing method is Telex; that of VNI adds digits only, which comparisons leave out anyway.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from govdir.policy.folding import fold

_TONES: Final = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_CIRCUMFLEX, _BREVE, _HORN = "\u0302\u0306\u031b"
_VOWELS: Final = frozenset("aeiouy")
_REMEMBERED: Final = 4096


@lru_cache(maxsize=_REMEMBERED)
def typed_forms(text: str) -> frozenset[str]:
    """The words folded, and as typed: with tones at the end of each syllable, after its vowels, or left out;
    with tones alone; ươ as uow, uwow or wow. Letters a–z only, words joined."""
    words = unicodedata.normalize("NFC", text).lower().split()
    forms = {fold(text), "".join(fold(word) + _tone(word) for word in words)}
    for horned_u in ("u", "uw", "w"):
        for place in ("end", "vowels", ""):
            forms.add("".join(_typed(word, horned_u, place) for word in words))
    return frozenset(forms - {""})


def _typed(word: str, horned_u: str, place: str) -> str:
    """One syllable; before ơ, ư is typed as `horned_u`, elsewhere as uw or w."""
    tone = _tone(word)
    pieces: list[str] = []
    last_vowel = 0
    for index, letter in enumerate(word):
        base, marks = _apart(letter)
        piece = base
        if _CIRCUMFLEX in marks:
            piece = base * 2
        elif _BREVE in marks or (_HORN in marks and base == "o"):
            piece = f"{base}w"
        elif _HORN in marks:
            before_o = _HORN in _apart(word[index + 1 : index + 2])[1]
            piece = "uw" if horned_u == "u" and not before_o else horned_u
        pieces.append(piece)
        if base in _VOWELS:
            last_vowel = len(pieces)
    if place == "vowels":
        pieces.insert(last_vowel, tone)
    elif place == "end":
        pieces.append(tone)
    return "".join(each for each in "".join(pieces) if each.isascii() and each.isalpha())


def _tone(word: str) -> str:
    """The key of its tone, or none."""
    return "".join(_TONES.get(mark, "") for mark in unicodedata.normalize("NFD", word))


def _apart(letter: str) -> tuple[str, str]:
    if letter == "đ":
        return "dd", ""
    decomposed = unicodedata.normalize("NFD", letter)
    return decomposed[:1], decomposed[1:]
