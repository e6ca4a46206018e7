"""Names found however they were typed: with Vietnamese accents, without, or with some of them.

Works on prepared keys (schema.stringprep): NFKC, case folded, spaces made regular. A letter that is asked for
without a mark stands for itself under any mark; a mark that is asked for must be there. Where the tone may
stand on either of two vowels (hòa, hoà; thúy, thuý; khỏe, khoẻ) it may stand on the other. A key that matches
by RFC 4517 §4.2.6 matches here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final
from unicodedata import normalize

Parts = tuple[bytes | None, tuple[bytes, ...], bytes | None]
"""What is asked for: initial, any, final."""

_STROKE: Final = "\u0335"
_STROKED: Final = (("đ", "d"), ("ð", "d"), ("ƀ", "b"))
"""Letters with a stroke, which Unicode does not decompose; ð stands for đ in text from old encodings."""

_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_MARK: Final = "[\u0300-\u036f]"
_MARKS: Final = re.compile(f"{_MARK}+")
_ASCII_AND_MARKS: Final = re.compile("[\0-\x7f\u0300-\u036f]*")
_LETTER: Final = re.compile(f"([^\u0300-\u036f]?)({_MARK}*)", re.DOTALL)
_NONE: Final[frozenset[str]] = frozenset()
_SECOND_VOWELS: Final = {"o": "ae", "u": "y"}
"""After which vowel, and on which, the tone may stand as well."""

_MOVING: Final = frozenset("oaeuy")
"""Letters that may get or lose a tone to their neighbour."""

_MOST_NEEDLES: Final = 3

# What people type is short and repeats from letter to letter; patterns are made once for a piece.
_REMEMBERED = 512


def bare(key: bytes) -> bytes:
    """The key without marks: "nguyễn" is "nguyen", "đ" is "d"; other scripts' letters stay."""
    if key.isascii():
        return key
    text = normalize("NFD", key.decode())
    for letter, plain in _STROKED:
        if letter in text:
            text = text.replace(letter, plain)
    if _ASCII_AND_MARKS.fullmatch(text) is not None:
        return text.encode("ascii", "ignore")
    return _MARKS.sub("", text).encode()


def _decomposed(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Letters with their marks; marks without a letter come with "" for it."""
    plain = normalize("NFD", text)
    for letter, base in _STROKED:
        plain = plain.replace(letter, base + _STROKE)
    for found in _LETTER.finditer(plain):
        if found[0]:
            yield found[1], frozenset(found[2])


def _latin_letters() -> dict[str, list[tuple[str, frozenset[str]]]]:
    """By plain letter: all lower-case letters of Latin scripts that are that letter with marks."""
    letters: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for code in (*range(0x61, 0x7B), *range(0xDF, 0x250), *range(0x1E00, 0x1F00)):
        letter = chr(code)
        parts = list(_decomposed(letter))
        if letter.islower() and len(parts) == 1 and parts[0][0].isascii():
            letters.setdefault(parts[0][0], []).append((letter, parts[0][1]))
    return letters


_LETTERS: Final = _latin_letters()


def _pattern_of(base: str, marks: frozenset[str]) -> str:
    """Matches the letter with at least these marks, and takes its further marks along."""
    known = _LETTERS.get(base)
    if known is None:
        return re.escape(normalize("NFC", base + "".join(sorted(marks)))) if base else _lookaheads(marks)
    lacking: dict[frozenset[str], str] = {}
    for letter, held in known:
        lacking[marks - held] = lacking.get(marks - held, "") + letter
    fewest = min(map(len, lacking))
    choices = [f"[{letters}]{_lookaheads(rest)}" for rest, letters in lacking.items() if len(rest) == fewest]
    return choices[0] if len(choices) == 1 else f"(?:{'|'.join(choices)})"


def _lookaheads(marks: Iterable[str]) -> str:
    return "".join(f"(?={_MARK}*?{mark})" for mark in sorted(marks)) + f"{_MARK}*"


@lru_cache(maxsize=_REMEMBERED)
def _pattern(piece: bytes) -> str:
    """A regular expression for the piece in keys; it needs no backtracking over what lies between letters."""
    letters = list(_decomposed(piece.decode()))
    made = []
    at = 0
    while at < len(letters):
        base, marks = letters[at]
        second = _SECOND_VOWELS.get(base, "")
        following, following_marks = letters[at + 1] if at + 1 < len(letters) else ("", _NONE)
        tones, later_tones = marks & _TONES, following_marks & _TONES
        movable = bool(second) and marks == tones
        if movable and tones and not following:
            later = "|".join(_pattern_of(vowel, tones) for vowel in second)
            made.append(f"(?:{_pattern_of(base, tones)}|{_pattern_of(base, _NONE)}(?={later}))")
        elif movable and following and following in second and bool(tones) != bool(later_tones):
            rest, tone = following_marks - _TONES, tones | later_tones
            on_first = _pattern_of(base, tone) + _pattern_of(following, rest)
            on_second = _pattern_of(base, _NONE) + _pattern_of(following, rest | tone)
            made.append(f"(?:{on_second}|{on_first})")
            at += 1
        else:
            made.append(_pattern_of(base, marks))
        at += 1
    return "".join(made)


def matches_substrings(
    key: bytes, initial: bytes | None, middle: tuple[bytes, ...], final: bytes | None
) -> bool:
    """Whether the parts occur in `key` in order without overlap (RFC 4517 §4.2.6)."""
    at = 0
    end = len(key)
    if initial is not None:
        if not key.startswith(initial):
            return False
        at = len(initial)
    if final is not None:
        if not key.endswith(final):
            return False
        end -= len(final)
    for part in middle:
        at = key.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return at <= end


class Wanted:
    """What a substring assertion asks for, compared without regard to accents it does not have.

    `initial`, `middle` and `final` are bare: every key that matches has them in its own bare form. `accepts`
    decides on the key itself; it need not be asked where `marked` is False.
    """

    __slots__ = ("_needles", "_patterns", "final", "initial", "longest", "marked", "middle")

    def __init__(self, parts: Parts) -> None:
        initial, middle, final = parts
        self.initial = None if initial is None else bare(initial)
        self.middle = tuple(map(bare, middle))
        self.final = None if final is None else bare(final)
        self.marked = self.parts != parts
        self.longest = max((piece for piece in self.parts_in_order if piece is not None), key=len)
        self._patterns, self._needles = _compiled(parts) if self.marked else ((), ())

    @property
    def parts(self) -> Parts:
        """The bare parts."""
        return self.initial, self.middle, self.final

    @property
    def parts_in_order(self) -> tuple[bytes | None, ...]:
        """The bare parts, one behind the other."""
        return self.initial, *self.middle, self.final

    def matches(self, key: bytes) -> bool:
        """Whether the key has the parts in order, none overlapping."""
        return matches_substrings(bare(key), *self.parts) and (not self.marked or self.accepts(key))

    def accepts(self, key: bytes) -> bool:
        """Whether a key, the bare form of which has the parts, has the marks as well."""
        for letter in self._needles:
            if letter in key:
                break
        else:
            if self._needles:
                return False
        text = key.decode()
        at = 0
        for pattern, anchored in self._patterns:
            found = pattern.match(text, at) if anchored else pattern.search(text, at)
            if found is None:
                return False
            at = found.end()
        return True


@lru_cache(maxsize=_REMEMBERED)
def _compiled(parts: Parts) -> tuple[tuple[tuple[re.Pattern[str], bool], ...], tuple[bytes, ...]]:
    """Patterns to be found one behind the other, each with whether it stands right at the start; and the few
    letters one of which every match has, if there are such."""
    initial, middle, final = parts
    made = [] if initial is None else [(re.compile(_pattern(initial), re.DOTALL), True)]
    made += [(re.compile(_pattern(piece), re.DOTALL), False) for piece in middle]
    if final is not None:
        made.append((re.compile(rf"(?:{_pattern(final)})\Z", re.DOTALL), False))
    choices = [_needles(piece) for piece in (initial, *middle, final) if piece is not None]
    return tuple(made), min((letters for letters in choices if letters), key=len, default=())


def _needles(piece: bytes) -> tuple[bytes, ...]:
    """The octets of those letters that can stand for the piece's most particular one; none if many can."""
    best: tuple[bytes, ...] = ()
    for base, marks in _decomposed(piece.decode()):
        if not marks or (marks <= _TONES and base in _MOVING):
            continue
        letters = tuple(letter.encode() for letter, held in _LETTERS.get(base, ()) if marks <= held)
        if 0 < len(letters) <= _MOST_NEEDLES and (not best or len(letters) < len(best)):
            best = letters
    return best
