"""Shapes of passwords that guessing programs go through: keyboard walks, repetitions, years."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from govdir.policy.folding import fold

_KEYS: Final = ("`1234567890-=", " qwertyuiop[]\\", " asdfghjkl;'", " zxcvbnm,./")
_SHIFTED: Final = str.maketrans('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;',./")
_PLACES: Final = {
    key: (row, column) for row, keys in enumerate(_KEYS) for column, key in enumerate(keys) if key != " "
}
_SHORTEST_WALK: Final = 3
_FREE_CHARACTERS: Final = 5
"""A password needs at least so many characters outside of walks: fewer are guessed one by one."""

_DIFFERENT_CHARACTERS: Final = 5

_DIGITS = re.compile(r"[0-9]+")
_YEAR = re.compile(r"(?:19[3-9]|20[0-4])[0-9]")
_DATE_LENGTHS: Final = (4, 6, 8)  # 1985, 081985 or 198508, 15081985 or 19850815
_LETTERS_BESIDE_A_YEAR: Final = 8
"""A year adds a guess among a hundred; what stands beside it must do alone."""


def is_walk(text: str) -> bool:
    """Whether the password is next to nothing but straight walks over the keyboard or through the alphabet,
    and runs of one character: "1qaz@WSX", "Abcd1234!", "aaaa1111"."""
    keys = unicodedata.normalize("NFC", text).lower().translate(_SHIFTED)
    free = len(keys)
    start = 0
    while start < len(keys) - 1:
        end = start + 1
        step = _step(keys[start], keys[end])
        while step is not None and end + 1 < len(keys) and _continues(step, keys[end], keys[end + 1]):
            end += 1
        length = end - start + 1
        if step is not None and length >= _SHORTEST_WALK:
            free -= length
            start = end + 1
        else:
            start += 1
    return free < min(_FREE_CHARACTERS, len(keys))


_Step = tuple[tuple[int, int] | None, int | None]
"""A move on the keyboard and one in the alphabet, each None where there is none."""


def _step(first: str, second: str) -> _Step | None:
    keyboard = alphabet = None
    if first in _PLACES and second in _PLACES:
        (row, column), (other_row, other_column) = _PLACES[first], _PLACES[second]
        move = other_row - row, other_column - column
        if abs(move[0]) <= 1 and abs(move[1]) <= 1:
            keyboard = move
    if first.isalnum() and second.isalnum() and abs(ord(second) - ord(first)) <= 1:
        alphabet = ord(second) - ord(first)
    return None if keyboard is None and alphabet is None else (keyboard, alphabet)


def _continues(step: _Step, first: str, second: str) -> bool:
    next_step = _step(first, second)
    if next_step is None:
        return False
    return any(one is not None and one == other for one, other in zip(step, next_step, strict=True))


def is_repetition(text: str) -> bool:
    """Whether it is one piece over and over ("Ab1!Ab1!"), or has hardly any different characters."""
    plain = unicodedata.normalize("NFC", text).casefold()
    if 0 < len(set(plain)) < min(_DIFFERENT_CHARACTERS, len(plain) // 2 + 1):
        return True
    return any(plain.startswith(plain[period:]) for period in range(1, len(plain) // 2 + 1))


def is_year(text: str) -> bool:
    """Whether a year of somebody's life, alone or in a date, is its main part: "Huong@1985", "Tết-2026"."""
    folded = fold(text)
    rest = _DIGITS.sub(lambda digits: "" if _is_date(digits[0]) else digits[0], folded)
    return len(rest) < len(folded) and len(rest) < _LETTERS_BESIDE_A_YEAR


def _is_date(digits: str) -> bool:
    if len(digits) not in _DATE_LENGTHS:
        return False
    return any(_YEAR.fullmatch(part) is not None for part in (digits[:4], digits[-4:]))
