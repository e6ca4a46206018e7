"""Persons' names: họ, đệm and tên, for Kinh names and those of Ê Đê, M'Nông, Kơ Ho and S'tiêng people."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import ClassVar, Final

from msgspec import Struct

from govdir.mailattrs import texts
from govdir.policy.folding import characters, fold, fold_words
from govdir.policy.texts import Wording

MAXIMUM_NAME_CHARACTERS: Final = 128
"""Four times the longest name on record; more is a mistake or an attack."""

_REMEMBERED_TOKENS: Final = 8192  # Vietnamese has some 7,000 syllables; names use far fewer
_CODE_POINTS_PER_CHARACTER: Final = 4  # a letter of Ê Đê in NFD has three

# Ð U+00D0 and Ɖ U+0189 look like Đ U+0110 and never are meant.
_REPAIRED: Final = str.maketrans("’‘ʼʻ‛＇`´ʹ′ÐðƉɖ", "''''''''''ĐđĐđ")
_PUNCTUATION: Final = frozenset(" '-.")
_LEGACY_FONT: Final = frozenset("{}\\^#")  # Ê Đê fonts drew letters in their place

_COMPOUND_SURNAMES: Final = frozenset(
    {
        ("tôn", "thất"),
        ("tôn", "nữ"),
        ("công", "tằng", "tôn", "nữ"),
        ("công", "huyền", "tôn", "nữ"),
        ("công", "tôn", "nữ"),
        ("âu", "dương"),
        ("hoàng", "phủ"),
        ("tư", "mã"),
        ("thượng", "quan"),
    }
)
_LONGEST_COMPOUND: Final = 4
_CLAN_MARKERS: Final = frozenset({"y", "h", "h'"})
_MARKERS: Final = _CLAN_MARKERS | {"k'", "ka"}
_BARE_MARKERS: Final = frozenset({"h'", "k'"})  # Y and Ka alone may be names of their own
_MARKER_KEYS: Final = frozenset({"y", "h", "k", "ka"})


class InvalidName(ValueError):
    """A name no address can be made of; `why` says so in both languages, `rule` is its stable name."""

    rule: ClassVar[str] = "name"

    def __init__(self, why: Wording) -> None:
        super().__init__(why.en)
        self.why = why


class InvalidPersonName(InvalidName):
    """A person's name that is empty, too long, or holds what names do not hold."""


class PersonName(Struct, frozen=True):
    """A name in its parts, NFC; `surname` and `middle` may be "". `written` is the order people write it in.

    The keys are the parts folded to a–z, with blanks and hyphens between words; `key` is the whole name so,
    without hyphens, for finding and telling apart: "nguyen van minh".
    """

    surname: str
    middle: str
    given: str
    written: str
    surname_key: str
    middle_key: str
    given_key: str
    key: str

    def fields(self, place: Mapping[str, str]) -> dict[str, str]:
        """What an address pattern can use; tên is the last syllable, the ones before it count as đệm.

        `place` are templates.PLACE_FIELDS, as far as they are known.
        """
        given = self.given_key.split()
        middle = " ".join((self.middle_key, *given[:-1])) if len(given) > 1 else self.middle_key
        return {
            "surname": _joined(self.surname_key),
            "surname.initials": _initials(self.surname_key),
            "middle": _joined(middle),
            "middle.initials": _initials(middle),
            "given": _joined(given[-1]),
            "full": _joined(self._whole_key()),
            **place,
        }

    def _whole_key(self) -> str:
        """In written order, where Y or H' stands in front and the clan last; else the parts in turn."""
        marked = self.middle_key in _MARKER_KEYS and self.key.startswith(f"{self.middle_key} ")
        return self.key if marked else " ".join((self.surname_key, self.middle_key, self.given_key))


class _Token(Struct, frozen=True):
    """One word of a name: NFC as written, in lower case, and folded (hyphens kept)."""

    text: str
    lower: str
    key: str


_Tokens = tuple[_Token, ...]
_Parts = tuple[_Tokens, _Tokens, _Tokens]


def split(
    text: str, *, surname: str | None = None, middle: str | None = None, given: str | None = None
) -> PersonName:
    """The parts of the name `text`; a part given explicitly goes before what the text suggests.

    With all of `surname` and `given` explicit, `text` may be "". Raises InvalidPersonName.
    """
    tokens = _tokens(text)
    marked = not tokens or _is_marked(tokens)
    parts = _explicit(tokens, *[_stated(part, marked=marked) for part in (surname, middle, given)])
    return _built(parts, tokens, _as_written(text, surname, middle, given))


def read(written: str, surname: str | None, middle: str | None, given: str | None) -> PersonName:
    """Like `split` for what a directory entry states about a person whose full name is `written`.

    A stated part that contradicts the written order (a surname at the end, as of Western names) is left
    aside; a surname equal to the whole name says that there is none.
    """
    tokens = _tokens(written)
    marked = _is_marked(tokens)
    stated = [_stated(part, marked=marked) for part in (surname, middle, given)]
    shown = _as_written(written, surname, middle, given)
    if stated[0] and stated[2] and stated[0] + (stated[1] or ()) + stated[2] == tokens:
        return _built((stated[0], stated[1] or (), stated[2]), tokens, shown)
    return _built(
        _explicit(
            tokens,
            stated[0] if _agrees(tokens, stated[0], at_end=False) else None,
            stated[1],
            stated[2] if _agrees(tokens, stated[2], at_end=True) else None,
        ),
        tokens,
        shown,
    )


def tidy(text: str) -> str:
    """NFC, one kind of apostrophe, Đ repaired, single blanks."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_REPAIRED).split())


@lru_cache(maxsize=_REMEMBERED_TOKENS)
def _stated(part: str | None, *, marked: bool) -> _Tokens | None:
    """The tokens of a part; `marked`: the whole name begins with a marker, so that K' may be one here too."""
    if part is None:
        return None
    tokens = _words(part)
    return _with_marker_apart(tokens) if tokens and (marked or tokens[0].text[0] not in "Kk") else tokens


def _tokens(text: str) -> _Tokens:
    tokens = _words(text)
    return _with_marker_apart(tokens) if tokens else tokens


def _words(text: str) -> _Tokens:
    if len(text) > MAXIMUM_NAME_CHARACTERS and (
        len(text) > MAXIMUM_NAME_CHARACTERS * _CODE_POINTS_PER_CHARACTER
        or characters(text) > MAXIMUM_NAME_CHARACTERS
    ):
        raise InvalidPersonName(texts.NAME_TOO_LONG.filled(maximum=MAXIMUM_NAME_CHARACTERS))
    if not text.isprintable():
        _refuse_hidden(text)
    if "." in text:  # V.Minh is two words, as V. Minh is
        text = text.replace(".", ". ")
    return tuple([_token(word) for word in text.split()])


@lru_cache(maxsize=_REMEMBERED_TOKENS)
def _token(word: str) -> _Token:
    """Raises InvalidPersonName unless the word is letters of Latin base with their marks, ' - and dots."""
    text = tidy(word)
    if not (text.isalpha() and len(fold(text)) == len(text)):
        _check(text)
    return _Token(text, text.lower(), fold_words(text))


def _refuse_hidden(text: str) -> None:
    """Before blanks are collapsed: line ends and other controls in a name are no blanks."""
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"):
            raise InvalidPersonName(texts.NAME_CONTROL.filled(code=f"{ord(character):04X}"))


def _check(token: str) -> None:
    for character in token:
        kind = unicodedata.category(character)
        if character in _PUNCTUATION or kind == "Mn":
            continue
        if character in _LEGACY_FONT:
            raise InvalidPersonName(texts.NAME_LEGACY_FONT.filled(character=character))
        if kind.startswith("N"):
            raise InvalidPersonName(texts.NAME_DIGIT.filled(character=character))
        if not kind.startswith("L"):
            raise InvalidPersonName(texts.NAME_SYMBOL.filled(character=character))
        if not fold(character):
            raise InvalidPersonName(texts.NAME_NOT_LATIN.filled(character=character))
    if not fold(token):
        raise InvalidPersonName(texts.NAME_SYMBOL.filled(character=token[:1]))


def _with_marker_apart(tokens: _Tokens) -> _Tokens:
    """H'Nghia, H' Nghia and H Nghia are one name: the marker becomes a token of its own.

    H' also behind a clan that comes first (Siu H'Blé), K' at the beginning only: Điểu K'Nam is called K'Nam.
    """
    if not any(token.text[1:2] == "'" for token in tokens):
        return tokens
    found: list[_Token] = []
    for place, token in enumerate(tokens):
        text = token.text
        if text[1:2] == "'" and len(text) > 2 and text[0] in ("HhKk" if place == 0 else "Hh"):
            found += (_token(text[:2]), _token(text[2:]))
        else:
            found.append(token)
    return tuple(found)


def _default_split(tokens: _Tokens) -> _Parts:
    """(họ, đệm, tên) when nothing is known but the text."""
    if len(tokens) > 2 and tokens[0].lower in _CLAN_MARKERS:
        return tokens[2:], tokens[:1], tokens[1:2]
    if len(tokens) == 2 and _is_marked(tokens):
        return (), tokens[:1], tokens[1:]
    if len(tokens) < 2:
        return (), (), tokens
    end = _surname_length(tokens[:-1])
    return tokens[:end], tokens[end:-1], tokens[-1:]


def _surname_length(tokens: _Tokens) -> int:
    """How many leading tokens are the surname."""
    for length in range(min(_LONGEST_COMPOUND, len(tokens)), 1, -1):
        if tuple(token.lower for token in tokens[:length]) in _COMPOUND_SURNAMES:
            return length
    return 1


def _explicit(
    tokens: _Tokens,
    surname: _Tokens | None,
    middle: _Tokens | None,
    given: _Tokens | None,
) -> _Parts:
    """The split of `tokens` with the explicit parts put in and taken out of the others."""
    default = _default_split(tokens)
    stated = surname, middle, given
    agree = all(
        part is None or _keys(part) == _keys(known) for part, known in zip(stated, default, strict=True)
    )
    if agree or (surname is None and given is None):
        surname, between, given = default
    elif surname is None:
        rest = _without(tokens, given or ())
        end = _surname_length(rest)
        surname, between = rest[:end], rest[end:]
    else:
        rest = _without(tokens, surname)
        if given is None:
            given_first = _ends_with(tokens, surname) and not _is_marked(tokens)
            given = rest[:1] if given_first else rest[-1:]
        between = _without(rest, given)
    return surname, between if middle is None else middle, given or ()


def _agrees(tokens: _Tokens, part: _Tokens | None, *, at_end: bool) -> bool:
    """Whether a stated part may stand: it is where it belongs in the written name, or not in it at all."""
    if not part or _keys(part) == _keys(tokens):
        return False
    if _is_marked(tokens):
        return True
    in_front, behind = _starts_with(tokens, part), _ends_with(tokens, part)
    return (behind or not in_front) if at_end else (in_front or not behind)


def _is_marked(tokens: _Tokens) -> bool:
    return bool(tokens) and tokens[0].lower in _MARKERS


def _keys(tokens: _Tokens) -> list[str]:
    return [token.key for token in tokens]


def _starts_with(tokens: _Tokens, part: _Tokens) -> bool:
    return bool(part) and _keys(tokens[: len(part)]) == _keys(part)


def _ends_with(tokens: _Tokens, part: _Tokens) -> bool:
    return bool(part) and not _starts_with(tokens, part) and _keys(tokens[-len(part) :]) == _keys(part)


def _without(tokens: _Tokens, part: _Tokens) -> _Tokens:
    """The tokens less `part` where they begin or else end with it."""
    if _starts_with(tokens, part):
        return tokens[len(part) :]
    if _ends_with(tokens, part):
        return tokens[: -len(part)]
    return tokens


def _as_written(text: str, *parts: str | None) -> str:
    """The whole name with its blanks where they were put; only tokens set the marker of H'Nghia apart."""
    return tidy(text) or " ".join(tidy(part) for part in parts if part)


def _built(parts: _Parts, tokens: _Tokens, written: str) -> PersonName:
    surname, middle, given = parts
    if not given:
        raise InvalidPersonName(texts.NAME_GIVEN_MISSING if surname or middle else texts.NAME_EMPTY)
    if not (surname or middle) and len(given) == 1 and given[0].lower in _BARE_MARKERS:
        raise InvalidPersonName(texts.NAME_ONLY_MARKER.filled(marker=given[0].text))
    whole = tokens or surname + middle + given
    return PersonName(
        _text(surname),
        _text(middle),
        _text(given),
        written,
        _key(surname),
        _key(middle),
        _key(given),
        _key(whole).replace("-", " "),
    )


def _text(tokens: _Tokens) -> str:
    if len(tokens) == 1:
        return tokens[0].text
    return " ".join([token.text for token in tokens]).replace("' ", "'")


def _key(tokens: _Tokens) -> str:
    return tokens[0].key if len(tokens) == 1 else " ".join([token.key for token in tokens])


def _joined(key: str) -> str:
    return key.replace(" ", "").replace("-", "")


def _initials(key: str) -> str:
    return "".join([word[0] for word in key.replace("-", " ").split()])
