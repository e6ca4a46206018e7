"""Names found however they were typed: with Vietnamese accents, without, or with some of them.

Works on prepared keys (schema.stringprep): NFKC, case folded, spaces made regular. A letter that is asked for
without a mark stands for itself under any mark; a mark that is asked for must be there. Where the tone may
stand on either of two vowels (hòa, hoà; thúy, thuý; khỏe, khoẻ) it may stand on the other. A key that matches
by RFC 4517 §4.2.6 matches here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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

MOST_LETTERS: Final = 100
"""Of what is typed; whatever is longer is a copy of a value, and its accents are compared as they are: a
pattern costs some 20 µs a letter, and other clients wait for it."""

Patterns = tuple[tuple[re.Pattern[str], bool], ...]

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


def _apart(text: str) -> str:
    """The text with every mark behind its letter, strokes as well."""
    plain = normalize("NFD", text)
    for letter, base in _STROKED:
        if letter in plain:
            plain = plain.replace(letter, base + _STROKE)
    return plain


def _decomposed(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Letters with their marks; marks without a letter come with "" for it."""
    for found in _LETTER.finditer(_apart(text)):
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
    """Matches the letter, in a decomposed key, where it has at least these marks; they come behind it."""
    return re.escape(base) + "".join(f"(?={_MARK}*?{mark})" for mark in sorted(marks))


@lru_cache(maxsize=_REMEMBERED)
def _pattern(piece: bytes) -> str:
    """A regular expression for the piece in decomposed keys; it needs no backtracking over what lies between
    letters."""
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
            made.append(f"(?:{_pattern_of(base, tones)}|{base}(?={_MARK}*(?:{later})))")
        elif movable and following and following in second and bool(tones) != bool(later_tones):
            rest, tone = following_marks - _TONES, tones | later_tones
            on_first = f"{_pattern_of(base, tone)}{_MARK}*{_pattern_of(following, rest)}"
            on_second = f"{base}{_MARK}*{_pattern_of(following, rest | tone)}"
            made.append(f"(?:{on_second}|{on_first})")
            at += 1
        else:
            made.append(_pattern_of(base, marks))
        at += 1
    return f"{_MARK}*".join(made)


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

    __slots__ = (
        "_compiled",
        "_exact",
        "_needles",
        "_parts",
        "final",
        "initial",
        "longest",
        "marked",
        "middle",
    )

    def __init__(self, parts: Parts) -> None:
        initial, middle, final = parts
        self.initial = None if initial is None else bare(initial)
        self.middle = tuple(map(bare, middle))
        self.final = None if final is None else bare(final)
        self.marked = self.parts != parts
        self.longest = max((piece for piece in self.parts_in_order if piece is not None), key=len)
        self._parts = parts
        self._exact = sum(len(piece) for piece in self.parts_in_order if piece is not None) > MOST_LETTERS
        self._needles: tuple[bytes, ...] = ()
        self._compiled: Patterns | None = None

    @property
    def parts(self) -> Parts:
        """The bare parts."""
        return self.initial, self.middle, self.final

    @property
    def parts_in_order(self) -> tuple[bytes | None, ...]:
        """The bare parts, one behind the other."""
        return self.initial, *self.middle, self.final

    @property
    def needle(self) -> bytes:
        """The octets of a letter that every key that matches has; b"" if that is not known of any."""
        if not self.marked or self._exact:
            return b""
        letters = _rarest_letters(self._parts)
        return letters[0] if len(letters) == 1 else b""

    def matches(self, key: bytes) -> bool:
        """Whether the key has the parts in order, none overlapping."""
        return matches_substrings(bare(key), *self.parts) and (not self.marked or self.accepts(key))

    def accepts(self, key: bytes) -> bool:
        """Whether a key, the bare form of which has the parts, has the marks as well."""
        if matches_substrings(key, *self._parts):
            return True
        if self._exact:
            return False
        compiled = self._compiled
        if compiled is None:
            compiled = self._compiled = _compile(self._parts)
            self._needles = _rarest_letters(self._parts)
        for letter in self._needles:
            if letter in key:
                break
        else:
            if self._needles:
                return False
        text = _apart(key.decode())
        at = 0
        for pattern, anchored in compiled:
            found = pattern.match(text, at) if anchored else pattern.search(text, at)
            if found is None:
                return False
            at = found.end()
        return True


def wanted(parts: Parts) -> Wanted:
    """What these prepared parts ask for; remembered, as a filter asks several attributes the same."""
    initial, middle, final = parts
    length = len(initial or b"") + sum(map(len, middle)) + len(final or b"")
    return _remembered(parts) if length <= MOST_LETTERS else Wanted(parts)


_remembered = lru_cache(maxsize=_REMEMBERED)(Wanted)


@lru_cache(maxsize=_REMEMBERED)
def _compile(parts: Parts) -> Patterns:
    """Patterns to be found one behind the other, each with whether it stands right at the start."""
    initial, middle, final = parts
    made = [] if initial is None else [(re.compile(_pattern(initial), re.DOTALL), True)]
    made += [(re.compile(_pattern(piece), re.DOTALL), False) for piece in middle]
    if final is not None:
        made.append((re.compile(rf"(?:{_pattern(final)}){_MARK}*\Z", re.DOTALL), False))
    return tuple(made)


@lru_cache(maxsize=_REMEMBERED)
def _rarest_letters(parts: Parts) -> tuple[bytes, ...]:
    """The few letters one of which every match has; none if there are no such."""
    initial, middle, final = parts
    choices = [_needles(piece) for piece in (initial, *middle, final) if piece is not None]
    return min((letters for letters in choices if letters), key=len, default=())


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
