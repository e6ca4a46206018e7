"""Vietnamese text from before Unicode, and text that a wrong code page damaged: recognised and converted.

One name alone proves little ("Dòng" is a word, and also what TCVN3's "Dũng" looks like), so a whole column
votes by how well its words are spelled under each reading. What the vote leaves open, a person decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from govdir.mailattrs.legacy_tables import TCVN3, VNI
from govdir.mailattrs.syllables import is_syllable

MAXIMUM_VOTERS: Final = 2000
"""Cells of a column that vote, spread over it; more of them decide nothing anew."""

_REMEMBERED_CELLS: Final = 4096

_WELL_SPELLED, _FREQUENT, _MISSPELLED, _IMPOSSIBLE = 1.0, 1.0, -1.5, -2.0
_SURE_MARGIN: Final = 2.5
"""Two words' worth: below it a column of names is wrong more than once in a thousand (measured)."""

_MIXED_MARGIN: Final = 3.0

_FREQUENT_WORDS: Final = frozenset(
    """
    nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý trương đinh đoàn lâm trịnh mai đào
    văn thị hữu đức ngọc minh thanh quốc công xuân hồng thành họ tên đệm lót và chức vụ đơn vị số điện thoại
    chuyên viên trưởng phó phòng giám đốc chủ tịch nhân sở ban ủy ubnd huyện quận xã phường tỉnh kế toán thư
    """.split()  # noqa: SIM905 (a list of this length reads better as text)
)

_WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f]+[^\W\d_]*)*")
_VNI_PIECE = re.compile("|".join(sorted(map(re.escape, VNI), key=len, reverse=True)) + r"|[\u00a1-\uffff]")
_REPAIRED: Final = str.maketrans("Ðð", "Đđ")
_PASSING: Final = frozenset("\u00a0–—‘’“”«»…·°")
"""Punctuation that is the same in every encoding."""


class TextEncoding(StrEnum):
    """How text that a program shows as Unicode was really written.

    MOJIBAKE is UTF-8 read as Windows-1252; CP1258 is Windows' Vietnamese code page read as Windows-1252;
    TCVN3_AS_CP1258 is TCVN3 that a workbook's code page 1258 turned into combining marks.
    """

    UNICODE = "unicode"
    TCVN3 = "tcvn3"
    VNI = "vni"
    CP1258 = "cp1258"
    MOJIBAKE = "mojibake"
    TCVN3_AS_CP1258 = "tcvn3-cp1258"


class Verdict(Struct, frozen=True):
    """What a column was found to be. `sure` False: ask; `against` are the cells that fit another encoding
    much better (their indices in the column)."""

    encoding: TextEncoding
    sure: bool
    against: tuple[int, ...] = ()


class FontEvidence(Struct, frozen=True):
    """What a font says of the text set in it; `capitals`: it draws every letter as a capital."""

    encoding: TextEncoding
    capitals: bool


def evidence_of_font(name: str | None) -> FontEvidence | None:
    """ ".VnTime" is TCVN3, ".VnTimeH" too and in capitals, "VNI-Times" is VNI; other fonts say nothing."""
    folded = (name or "").strip().lower()
    if folded.startswith(".vn"):
        return FontEvidence(TextEncoding.TCVN3, folded.endswith("h"))
    if folded.startswith("vni"):
        return FontEvidence(TextEncoding.VNI, capitals=False)
    return None


def convert(text: str, encoding: TextEncoding) -> str:
    """The text in Unicode (NFC); as it was where it cannot be in that encoding."""
    converted = _READERS[encoding](text)
    return unicodedata.normalize("NFC", text if converted is None else converted)


def is_possible(text: str, encoding: TextEncoding) -> bool:
    """Whether the text can be in that encoding at all."""
    return _READERS[encoding](text) is not None


def vote(cells: Sequence[str]) -> Verdict:
    """The encoding of a column, by all of its cells together."""
    step = max(1, len(cells) // MAXIMUM_VOTERS)
    voters = [index for index in range(0, len(cells), step) if not cells[index].isascii()]
    totals = dict.fromkeys(TextEncoding, 0.0)
    for index in voters:
        for encoding, score in _scores(cells[index]).items():
            totals[encoding] += score
    if all(_is_letters(cells[index]) for index in voters):
        del totals[TextEncoding.TCVN3_AS_CP1258]  # names of other peoples look like it more often
    best = max(totals, key=lambda each: totals[each])
    rivals = [
        totals[each]
        for each in totals
        if each is not best and any(convert(cells[at], each) != convert(cells[at], best) for at in voters)
    ]
    against = tuple(index for index in voters if _fits_another(cells[index], best))
    margin = totals[best] - max(rivals, default=-float("inf"))
    return Verdict(best, not against and margin >= _SURE_MARGIN, against)


def _is_letters(cell: str) -> bool:
    """Whether no sign and no lonely mark shows that letters were lost."""
    text = unicodedata.normalize("NFC", cell)
    return all(each.isascii() or each.isalpha() or each in _PASSING for each in text)


def _fits_another(cell: str, best: TextEncoding) -> bool:
    scores = _scores(cell)
    return max(scores.values()) - scores[best] >= _MIXED_MARGIN


@lru_cache(maxsize=_REMEMBERED_CELLS)
def _scores(cell: str) -> Mapping[TextEncoding, float]:
    """How well the cell reads under each encoding; words of plain letters say nothing."""
    return MappingProxyType({encoding: _score(cell, _READERS[encoding](cell)) for encoding in TextEncoding})


def _score(cell: str, reading: str | None) -> float:
    if reading is None:
        return _IMPOSSIBLE * sum(not word.isascii() for word in cell.split())
    total = 0.0
    for written in reading.split():
        if written.isascii():
            continue
        rest = _WORD.sub("", written)
        if not (rest.isascii() or _PASSING.issuperset(rest)):
            total += _MISSPELLED
        total += sum(map(_worth, _WORD.findall(written)))
    return total


@lru_cache(maxsize=_REMEMBERED_CELLS)
def _worth(word: str) -> float:
    if not is_syllable(word):
        return 0.0 if word.isascii() else _MISSPELLED
    frequent = unicodedata.normalize("NFC", word).lower() in _FREQUENT_WORDS
    return _WELL_SPELLED + (_FREQUENT if frequent else 0.0)


def in_name_case(name: str) -> str:
    """A name in capitals as names are written: "H'NGHIA ÊBAN" is "H'Nghia Êban".

    TCVN3 has no capitals with tones, so one plain small letter is what shows that a name is not in capitals.
    """
    if any(character.isascii() and character.islower() for character in name):
        return name
    return _WORD.sub(lambda word: word[0][:1].upper() + word[0][1:].lower(), name)


# -- readings: the text as the encoding has it, None where it cannot be in that encoding


def _as_unicode(text: str) -> str | None:
    """As it is; Ð (U+00D0) looks like Đ and is meant as one."""
    return text.translate(_REPAIRED)


def _as_tcvn3(text: str) -> str | None:
    letters = []
    for character in text:
        letter = TCVN3.get(character)
        if letter is None and not character.isascii() and character not in _PASSING:
            return None
        letters.append(letter or character)
    return "".join(letters)


def _as_vni(text: str) -> str | None:
    """A mark without its base letter is no VNI."""
    if any(
        piece not in VNI and piece not in _PASSING and not piece.isascii()
        for piece in _VNI_PIECE.findall(text)
    ):
        return None
    return _VNI_PIECE.sub(lambda found: VNI.get(found[0], found[0]), text)


def _as_cp1258(text: str) -> str | None:
    octets = _windows_octets(text)
    return None if octets is None else _decoded(octets, "cp1258")


def _as_mojibake(text: str) -> str | None:
    octets = _windows_octets(text)
    return None if octets is None else _decoded(octets, "utf-8")


def _as_tcvn3_in_cp1258(text: str) -> str | None:
    try:
        return _as_tcvn3(text.encode("cp1258").decode("latin-1"))
    except UnicodeEncodeError:
        return None


def _windows_octets(text: str) -> bytes | None:
    """The octets that Windows-1252 shows as this text; the five codes it leaves open stand for themselves."""
    octets = bytearray()
    for character in text:
        try:
            octets += character.encode("cp1252")
        except UnicodeEncodeError:
            if ord(character) > 0x9F:
                return None
            octets.append(ord(character))
    return bytes(octets)


def _decoded(octets: bytes, encoding: str) -> str | None:
    try:
        return unicodedata.normalize("NFC", octets.decode(encoding))
    except UnicodeDecodeError:
        return None


_READERS: Final[Mapping[TextEncoding, Callable[[str], str | None]]] = MappingProxyType(
    {
        TextEncoding.UNICODE: _as_unicode,
        TextEncoding.TCVN3: _as_tcvn3,
        TextEncoding.VNI: _as_vni,
        TextEncoding.CP1258: _as_cp1258,
        TextEncoding.MOJIBAKE: _as_mojibake,
        TextEncoding.TCVN3_AS_CP1258: _as_tcvn3_in_cp1258,
    }
)
