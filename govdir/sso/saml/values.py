"""The lexical side of XML: times, booleans and text as SAML writes and reads them."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Final

from govdir.sso.saml.errors import MalformedMessage

XML_SPACE: Final = " \t\r\n"
"""What XML Schema collapses around most values; Python's strip() would also take Unicode spaces."""

_TIME: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(?:(Z)|([+-])(\d\d):(\d\d))", re.ASCII
)
_NOT_TEXT: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
    + "]"
)
"""Control characters but tab and line ends, lone surrogates and non-characters (XML §2.2 with its note)."""


def read_time(text: str) -> datetime:
    """An xs:dateTime with any offset and any fraction, in UTC.

    Raises MalformedMessage for one without a zone (core §1.3.3 wants UTC) and for what no calendar has.
    """
    match = _TIME.fullmatch(text.strip(XML_SPACE))
    if match is None:
        raise MalformedMessage("a time is not an xs:dateTime with its zone")
    fraction, zulu, sign = match[7], match[8], match[9]
    year, month, day, hour, minute, second = (int(match[group]) for group in range(1, 7))
    midnight = hour == 24 and not minute and not second and not float(fraction or 0)
    try:
        local = datetime(
            year,
            month,
            day,
            0 if midnight else hour,
            minute,
            second,
            int((fraction or ".0")[1:7].ljust(6, "0")),
            tzinfo=UTC,
        )
        offset = timedelta() if zulu else timedelta(hours=int(match[10]), minutes=int(match[11]))
        return local + timedelta(days=midnight) - (-offset if sign == "-" else offset)
    except (ValueError, OverflowError):
        raise MalformedMessage("a time is outside the calendar") from None


def write_time(time: datetime) -> str:
    """An aware time as UTC to the second, "2026-03-01T08:00:00Z"; fractions are cut off.

    Whole seconds are what every service provider's parser takes.
    """
    if time.tzinfo is None:
        raise ValueError("a time without zone")
    return f"{time.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat()}Z"


def read_boolean(text: str | None, *, default: bool = False) -> bool:
    """An xs:boolean: "true", "1", "false", "0"; `default` when it is not said. Raises MalformedMessage."""
    if text is None:
        return default
    match text.strip(XML_SPACE):
        case "true" | "1":
            return True
        case "false" | "0":
            return False
    raise MalformedMessage("a boolean is neither true nor false")


def write_boolean(value: bool) -> str:
    """An xs:boolean in its canonical form."""
    return "true" if value else "false"


def said(text: str | None) -> str | None:
    """An optional attribute or text without the white space around it; an empty one is not said at all."""
    return (text or "").strip(XML_SPACE) or None


def clean(text: str) -> str:
    """Text as an XML document can carry it: in NFC, without control characters, lone surrogates and
    non-characters. Text without these comes out as its NFC, exactly."""
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", _NOT_TEXT.sub("", text))
