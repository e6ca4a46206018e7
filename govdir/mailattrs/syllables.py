"""The spelling of Vietnamese syllables: what tells text in the right encoding from text in a wrong one.

Kinh syllables only; names of other peoples need not follow it, so nothing is refused by it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_STOPPED_TONES: Final = frozenset("\u0301\u0323")
"""Syllables that end in a stop have sắc or nặng."""

_REMEMBERED: Final = 8192

_ONSET = re.compile(r"(ngh|ng|nh|ch|gh|gi|kh|ph|th|tr|qu|[bcdđghklmnprstvx])?(.+)", re.DOTALL)
_BEFORE_FRONT_VOWELS: Final = frozenset({"k", "gh", "ngh"})
_NEVER_BEFORE_FRONT_VOWELS: Final = frozenset({"c", "ng"})
_FRONT_VOWELS: Final = frozenset("eêiy")
_AFTER_QU: Final = frozenset("aăâeêiyơô")

_RIMES: Final = frozenset(
    """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
    i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
    o oc oi om on ong oong ooc op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet
    u ua uc ui um un ung up ut uôc uôi uôm uôn uông uôt uân uâng uât uây uê uêch uênh uơ
    uy uya uych uyên uyêt uyn uynh uyt uyu ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
    y ych yêm yên yêng yêt yêu ynh yt
    """.split()  # noqa: SIM905 (a list of this length reads better as text)
)


@lru_cache(maxsize=_REMEMBERED)
def is_syllable(word: str) -> bool:
    """Whether the word is one Vietnamese syllable in Unicode, NFC or NFD, in any case of its letters."""
    decomposed = unicodedata.normalize("NFD", word.lower())
    tones = [character for character in decomposed if character in _TONES]
    if len(tones) > 1:
        return False
    plain = unicodedata.normalize("NFC", "".join(each for each in decomposed if each not in _TONES))
    stopped = plain.endswith(("c", "ch", "p", "t"))
    if stopped and not _STOPPED_TONES.issuperset(tones or "-"):
        return False
    return _is_spelled(plain)


def _is_spelled(plain: str) -> bool:
    """A syllable without its tone: a known rime after an onset that may stand before it."""
    parts = _ONSET.fullmatch(plain)
    if parts is None:
        return False
    onset, rime = parts[1] or "", parts[2]
    if onset == "gi" and (rime in _RIMES or f"i{rime}" in _RIMES):
        return True
    if onset == "qu":
        return rime in _RIMES and rime[0] in _AFTER_QU
    if rime not in _RIMES:
        return plain == "gi"
    front = rime[0] in _FRONT_VOWELS
    return onset not in (_NEVER_BEFORE_FRONT_VOWELS if front else _BEFORE_FRONT_VOWELS)
