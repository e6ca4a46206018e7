"""The letters of TCVN3 (ABC) and of VNI-Windows, as the Latin-1 characters that programs show for them.

TCVN3 is TCVN 5712:1993 VN3: one octet a letter, capitals only of the letters without tone. The codes are
those of TCVN5712-1 from A1 to AF and from B5 to FE. VNI-Windows writes a base letter and a mark letter; i, đ,
ơ, ư and ỵ have characters of their own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

_FROM_A1: Final = "ĂÂÊÔƠƯĐăâêôơưđẰ"
_FROM_B5: Final = "àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵ"

TCVN3: Final = MappingProxyType(
    {chr(0xA1 + index): letter for index, letter in enumerate(_FROM_A1)}
    | {chr(0xB5 + index): letter for index, letter in enumerate(_FROM_B5)}
)
"""Latin-1 character to letter; U+00AD, the soft hyphen, is ư."""

_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT = "\u0301\u0300\u0309\u0303\u0323"
_TONES: Final = (_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT)
_TONE_MARKS: Final = "ùøûõï"
_CIRCUMFLEX_MARKS: Final = "áàåãä"
_BREVE_MARKS: Final = "éèúüë"


def _pairs() -> Iterator[tuple[str, str]]:
    """VNI in lower case: (what is written, letter)."""
    for base in ("a", "e", "o", "u", "y", "ô", "ö"):
        letter = {"ô": "ơ", "ö": "ư"}.get(base, base)
        if base != letter:
            yield base, letter
        for mark, tone in zip(_TONE_MARKS, _TONES, strict=True):
            if (base, tone) != ("y", _DOT):
                yield base + mark, letter + tone
    for base in ("a", "e", "o"):
        yield f"{base}â", f"{base}\u0302"
        for mark, tone in zip(_CIRCUMFLEX_MARKS, _TONES, strict=True):
            yield base + mark, f"{base}\u0302{tone}"
    yield "aê", "ă"
    for mark, tone in zip(_BREVE_MARKS, _TONES, strict=True):
        yield f"a{mark}", f"ă{tone}"
    for mark, tone in zip("íìæóò", _TONES, strict=True):
        yield mark, f"i{tone}"
    yield "ñ", "đ"
    yield "î", f"y{_DOT}"


def _in_all_cases() -> Iterator[tuple[str, str]]:
    """The case of a letter is that of its base: capital words mix AÙ and Aù."""
    for written, decomposed in _pairs():
        letter = unicodedata.normalize("NFC", decomposed)
        base, mark = written[0], written[1:]
        for cased in {mark, mark.upper()}:
            yield base + cased, letter
            yield base.upper() + cased, letter.upper()


VNI: Final = MappingProxyType(dict(_in_all_cases()))
"""One or two Latin-1 characters to letter: 134 letters, and the pairs whose cases are mixed."""
