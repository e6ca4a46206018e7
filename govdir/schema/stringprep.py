"""String preparation for matching (RFC 4518): transcode, map, normalise, prohibit, insignificant spaces.

Every function takes the octets of a value or of a substring and gives prepared octets (UTF-8). Prepared
values start and end with one space and hold exactly two between words (§2.6.1), so that a prepared
substring is found in a prepared value by plain search. ASCII takes a short path; both paths give the same
result.

Two deviations from the letter, both towards today's Unicode: case is folded by full case folding rather
than table B.2 of RFC 3454 (which is its Unicode 3.2 edition), and "unassigned" means unassigned in
Python's edition. Unicode's stability policy keeps keys unchanged when a later edition assigns more
characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from unicodedata import category, normalize

from govdir.schema.errors import InvalidValue

_NOTHING: Final = 0
"""Stands for "mapped to nothing" in the byte tables; the mapping step leaves no other NUL."""


def _byte_table(*, fold: bool) -> bytes:
    """The mapping step (§2.2) for ASCII as a table for `bytes.translate`."""
    table = bytearray(range(256))
    for octet in (*range(0x09), *range(0x0E, 0x20), 0x7F):
        table[octet] = _NOTHING
    for octet in range(0x09, 0x0E):
        table[octet] = 0x20
    return bytes(table).lower() if fold else bytes(table)


_FOLDED: Final = _byte_table(fold=True)
_EXACT: Final = _byte_table(fold=False)


def _code_point_map() -> dict[int, str]:
    """The mapping step (§2.2) without case folding, for `str.translate`."""
    to_nothing = (
        (0x0000, 0x0008), (0x000E, 0x001F), (0x007F, 0x0084), (0x0086, 0x009F), (0x00AD, 0x00AD),
        (0x034F, 0x034F), (0x06DD, 0x06DD), (0x070F, 0x070F), (0x1806, 0x1806), (0x180B, 0x180E),
        (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2063), (0x206A, 0x206F), (0xFE00, 0xFE0F),
        (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFC), (0x1D173, 0x1D17A), (0xE0001, 0xE0001), (0xE0020, 0xE007F),
    )  # fmt: skip
    to_space = (
        (0x0009, 0x000D), (0x0085, 0x0085), (0x00A0, 0x00A0), (0x1680, 0x1680), (0x2000, 0x200A),
        (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000),
    )  # fmt: skip
    table = {code: "" for first, last in to_nothing for code in range(first, last + 1)}
    table.update((code, " ") for first, last in to_space for code in range(first, last + 1))
    return table


NOT_ASCII: Final = "not ASCII, which this attribute is limited to"

_MAP: Final = _code_point_map()

_ORDINARY: Final = re.compile("[ -~À-ÖØ-öø-ľŁ-žƠơƯưẠ-ỹ\u0300-\u0333\u2013\u2014\u2018\u2019\u201c\u201d]*")
"""Text that needs case folding and NFKC in one pass only: Vietnamese in NFC and NFD, other Latin."""

_MARKED_SPACE: Final = re.compile(" (?=[^\x00-\u02ff])")
"""A space that may be followed by a combining mark, and then is no space (§2.6.1); marks start at U+0300."""


def _refuse_prohibited(text: str) -> None:
    """The prohibit step (§2.4); what changes display or tags language was mapped away before."""
    for character in text:
        if character > "\x7f" and (character == "\ufffd" or category(character) in {"Cn", "Co", "Cs"}):
            raise InvalidValue(f"U+{ord(character):04X} is prohibited in text that is compared")


def _normalised(text: str, *, fold: bool) -> str:
    """Case folding and NFKC; repeated for unusual characters, whose compatibility forms may fold again."""
    if _ORDINARY.fullmatch(text) is not None:
        return normalize("NFKC", text.casefold() if fold else text)
    text = text.translate(_MAP)
    while True:
        prepared = normalize("NFKC", text.casefold() if fold else text).translate(_MAP)
        if prepared == text:
            break
        text = prepared
    _refuse_prohibited(text)
    return text


def _hide_marked_space(match: re.Match[str]) -> str:
    following = match.string[match.end()]
    return "\0" if category(following).startswith("M") else " "


def _transformed(value: bytes, *, fold: bool) -> bytes:
    """Non-ASCII octets through §2.1 to §2.5; a space that carries a combining mark comes out as NUL."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        raise InvalidValue("not UTF-8") from None
    return _MARKED_SPACE.sub(_hide_marked_space, _normalised(text, fold=fold)).encode()


def _mapped(value: bytes, *, fold: bool) -> bytes:
    """The value through §2.1 to §2.5."""
    if not value.isascii():
        return _transformed(value, fold=fold)
    mapped = value.translate(_FOLDED if fold else _EXACT)
    return mapped.replace(b"\0", b"") if b"\0" in mapped else mapped


def case_ignore(value: bytes) -> bytes:
    """The prepared value with case folded; raises InvalidValue for what is not UTF-8 or is prohibited."""
    if value.isascii():
        mapped = value.translate(_FOLDED)
        if b"\0" in mapped:
            mapped = mapped.replace(b"\0", b"")
        return b" " + b"  ".join(mapped.split()) + b" "
    mapped = _transformed(value, fold=True)
    return (b" " + b"  ".join(mapped.split()) + b" ").replace(b"\0", b" ")


def ia5_case_ignore(value: bytes) -> bytes:
    """As `case_ignore`, for IA5 Strings: the key of mail addresses, so without a further call.

    Raises InvalidValue for what is not ASCII.
    """
    if not value.isascii():
        raise InvalidValue(NOT_ASCII)
    mapped = value.translate(_FOLDED)
    if b"\0" in mapped:
        mapped = mapped.replace(b"\0", b"")
    if b" " in mapped:
        return b" " + b"  ".join(mapped.split()) + b" "
    return b" " + mapped + b" "


def case_exact(value: bytes) -> bytes:
    """The prepared value with case kept; raises InvalidValue for what is not UTF-8 or is prohibited."""
    mapped = _mapped(value, fold=False)
    spaced = b" " + b"  ".join(mapped.split()) + b" "
    return spaced if value.isascii() else spaced.replace(b"\0", b" ")


def _piece(value: bytes, *, fold: bool, leading: bool, trailing: bool) -> bytes:
    """A substring prepared as §2.6.1 says; `leading` and `trailing` force a space at that end."""
    mapped = _mapped(value, fold=fold)
    words = b"  ".join(mapped.split())
    if not words:
        return b" "
    start = b" " if leading or mapped.startswith(b" ") else b""
    end = b" " if trailing or mapped.endswith(b" ") else b""
    return (start + words + end).replace(b"\0", b" ")


Preparation = Callable[[bytes], bytes]


def initial_piece(*, fold: bool) -> Preparation:
    """The preparation of an initial substring."""

    def initial(value: bytes) -> bytes:
        return _piece(value, fold=fold, leading=True, trailing=False)

    return initial


def any_piece(*, fold: bool) -> Preparation:
    """The preparation of an inner substring."""

    def inner(value: bytes) -> bytes:
        return _piece(value, fold=fold, leading=False, trailing=False)

    return inner


def final_piece(*, fold: bool) -> Preparation:
    """The preparation of a final substring."""

    def final(value: bytes) -> bytes:
        return _piece(value, fold=fold, leading=False, trailing=True)

    return final


_NUMERIC: Final = b"0123456789"


def numeric_string(value: bytes) -> bytes:
    """The digits alone (§2.6.2); raises InvalidValue where there is anything but digits and spaces."""
    digits = value.replace(b" ", b"")
    if digits.translate(None, _NUMERIC):
        raise InvalidValue("not a numeric string (digits and spaces)")
    return digits


_HYPHENS: Final = re.compile("[ \0\\-\u058a\u2010\u2011\u2212\ufe63\uff0d]")


def telephone_number(value: bytes) -> bytes:
    """Case folded, without spaces and hyphens (§2.6.3)."""
    mapped = _mapped(value, fold=True)
    if mapped.isascii():
        return mapped.replace(b" ", b"").replace(b"-", b"")
    return _HYPHENS.sub("", mapped.decode()).encode()
