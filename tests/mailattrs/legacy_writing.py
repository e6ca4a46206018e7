"""Writes Unicode text the way old fonts and wrong code pages left it behind."""

from __future__ import annotations

import unicodedata

TONES = "\u0300\u0301\u0303\u0309\u0323"

# Each letter's code, written out by hand: the tests must not share the program's tables.
_TCVN3 = {
    "ă": 0xA8, "â": 0xA9, "ê": 0xAA, "ô": 0xAB, "ơ": 0xAC, "ư": 0xAD, "đ": 0xAE,
    "Ă": 0xA1, "Â": 0xA2, "Ê": 0xA3, "Ô": 0xA4, "Ơ": 0xA5, "Ư": 0xA6, "Đ": 0xA7,
    "à": 0xB5, "ả": 0xB6, "ã": 0xB7, "á": 0xB8, "ạ": 0xB9, "ằ": 0xBB, "ẳ": 0xBC, "ẵ": 0xBD, "ắ": 0xBE,
    "ặ": 0xC6, "ầ": 0xC7, "ẩ": 0xC8, "ẫ": 0xC9, "ấ": 0xCA, "ậ": 0xCB, "è": 0xCC, "ẻ": 0xCE, "ẽ": 0xCF,
    "é": 0xD0, "ẹ": 0xD1, "ề": 0xD2, "ể": 0xD3, "ễ": 0xD4, "ế": 0xD5, "ệ": 0xD6, "ì": 0xD7, "ỉ": 0xD8,
    "ĩ": 0xDC, "í": 0xDD, "ị": 0xDE, "ò": 0xDF, "ỏ": 0xE1, "õ": 0xE2, "ó": 0xE3, "ọ": 0xE4, "ồ": 0xE5,
    "ổ": 0xE6, "ỗ": 0xE7, "ố": 0xE8, "ộ": 0xE9, "ờ": 0xEA, "ở": 0xEB, "ỡ": 0xEC, "ớ": 0xED, "ợ": 0xEE,
    "ù": 0xEF, "ủ": 0xF1, "ũ": 0xF2, "ú": 0xF3, "ụ": 0xF4, "ừ": 0xF5, "ử": 0xF6, "ữ": 0xF7, "ứ": 0xF8,
    "ự": 0xF9, "ỳ": 0xFA, "ỷ": 0xFB, "ỹ": 0xFC, "ý": 0xFD, "ỵ": 0xFE,
}  # fmt: skip

_VNI_LETTERS = {
    "đ": "ñ", "ơ": "ô", "ư": "ö", "ă": "aê", "â": "aâ", "ê": "eâ", "ô": "oâ",
    "í": "í", "ì": "ì", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î",
}  # fmt: skip
_VNI_TONES = dict(zip(TONES, "øùõûï", strict=True))
_VNI_WITH_CIRCUMFLEX = dict(zip(TONES, "àáãåä", strict=True))
_VNI_WITH_BREVE = dict(zip(TONES, "èéüúë", strict=True))


def as_tcvn3(text: str) -> str:
    """ABC has no capitals with tones: people typed the small letter."""
    return "".join(chr(_TCVN3.get(each, _TCVN3.get(each.lower(), ord(each)))) for each in nfc(text))


def as_vni(text: str, *, small_marks: bool = False) -> str:
    return "".join(_vni_letter(each, small_marks=small_marks) for each in nfc(text))


def _vni_letter(letter: str, *, small_marks: bool) -> str:
    small = letter.lower()
    written = _VNI_LETTERS.get(small) or _vni_toned(small)
    if letter == small:
        return written
    return written[0].upper() + (written[1:] if small_marks else written[1:].upper())


def _vni_toned(letter: str) -> str:
    base, tone = apart(letter)
    if not tone:
        return base
    match base:
        case "ă":
            return f"a{_VNI_WITH_BREVE[tone]}"
        case "â" | "ê" | "ô":
            return unicodedata.normalize("NFD", base)[0] + _VNI_WITH_CIRCUMFLEX[tone]
    return _VNI_LETTERS.get(base, base) + _VNI_TONES[tone]


def apart(letter: str) -> tuple[str, str]:
    """A letter without its tone, and the tone or ""."""
    decomposed = unicodedata.normalize("NFD", letter)
    tone = "".join(each for each in decomposed if each in TONES)
    return nfc("".join(each for each in decomposed if each not in TONES)), tone


def as_cp1258_octets(text: str) -> bytes:
    """Windows' Vietnamese code page: letters and combining tones."""
    return "".join("".join(apart(each)) for each in nfc(text)).encode("cp1258")


def as_cp1258_read_as_windows(text: str) -> str:
    return shown(as_cp1258_octets(text))


def as_mojibake(text: str) -> str:
    return shown(nfc(text).encode())


def as_tcvn3_in_cp1258(text: str) -> str:
    return as_tcvn3(text).encode("latin-1").decode("cp1258")


def shown(octets: bytes) -> str:
    """What Windows-1252 shows; its five open codes as they are."""
    undefined = b"\x81\x8d\x8f\x90\x9d"
    return "".join(chr(each) if each in undefined else bytes([each]).decode("cp1252") for each in octets)


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
