"""GeneralizedTime (RFC 4517 §3.3.13): text to aware datetimes and back, and its sort key.

The syntax reaches from year 0000 to 9999 with any number of fraction digits; `datetime` begins with year
1 and stops at microseconds. Keys are exact; `parse_generalized_time` is for times that the server itself
works with.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from govdir.schema.errors import InvalidValue

MAX_FRACTION_DIGITS: Final = 18
"""Attoseconds; a longer fraction is no time anybody measured, only a longer key."""

_PATTERN: Final = re.compile(
    rb"(\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])"
    rb"(?:([0-5]\d)([0-5]\d|60)?)?(?:[.,](\d{1,%d}))?(?:Z|([+-])([01]\d|2[0-3])([0-5]\d)?)"
    % MAX_FRACTION_DIGITS
)
_UTC_TIME: Final = re.compile(
    rb"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?"
    rb"(?:Z|[+-](?:[01]\d|2[0-3])[0-5]\d)?"
)


def _days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in {4, 6, 9, 11} else 31


def _shifted(year: int, month: int, day: int, minutes: int) -> tuple[int, int, int, int]:
    """The proleptic Gregorian date and the minute of day after moving by `minutes` (less than two days)."""
    while minutes < 0:
        minutes += 1440
        day -= 1
        if day == 0:
            year, month = (year - 1, 12) if month == 1 else (year, month - 1)
            day = _days_in_month(year, month)
    while minutes >= 1440:
        minutes -= 1440
        day += 1
        if day > _days_in_month(year, month):
            year, month, day = (year + 1, 1, 1) if month == 12 else (year, month + 1, 1)
    return year, month, day, minutes


def generalized_time_key(value: bytes) -> bytes:
    """`YYYYMMDDHHMMSS[.fraction]` in UTC, the fraction without trailing zeros: byte order is time order.

    Raises InvalidValue for what is not a GeneralizedTime, or falls outside the years 0000 to 9999 in UTC.
    """
    match = _PATTERN.fullmatch(value)
    if match is None:
        raise InvalidValue("not a GeneralizedTime such as 20150630170000Z")
    year, month, day, hour = (int(match[group]) for group in (1, 2, 3, 4))
    if day > _days_in_month(year, month):
        raise InvalidValue("no such day in that month")
    minute, second, fraction = int(match[5] or 0), int(match[6] or 0), match[7] or b""
    if fraction and not match[6]:
        # A fraction without seconds is one of the minute, without minutes one of the hour.
        scale = 10 ** len(fraction)
        seconds, rest = divmod(int(fraction) * (60 if match[5] else 3600), scale)
        minute, second = minute + seconds // 60, seconds % 60
        fraction = b"%0*d" % (len(fraction), rest)
    offset = int(match[9] or 0) * 60 + int(match[10] or 0)
    minutes = hour * 60 + minute + (offset if match[8] == b"-" else -offset)
    year, month, day, minutes = _shifted(year, month, day, minutes)
    if not 0 <= year <= 9999:
        raise InvalidValue("outside the years 0000 to 9999")
    key = b"%04d%02d%02d%02d%02d%02d" % (year, month, day, minutes // 60, minutes % 60, second)
    fraction = fraction.rstrip(b"0")
    return key + b"." + fraction if fraction else key


def check_generalized_time(value: bytes) -> None:
    """Raises InvalidValue for what is not a GeneralizedTime."""
    generalized_time_key(value)


def check_utc_time(value: bytes) -> None:
    """Raises InvalidValue for what is not a UTC Time (RFC 4517 §3.3.34)."""
    if _UTC_TIME.fullmatch(value) is None:
        raise InvalidValue("not a UTC Time such as 150630170000Z")


def parse_generalized_time(value: bytes | str) -> datetime:
    """The moment in UTC, cut to microseconds; a leap second is the second after it.

    Raises InvalidValue for other text and for the year 0000, which `datetime` does not have.
    """
    key = generalized_time_key(value.encode() if isinstance(value, str) else value)
    seconds, _, fraction = key.partition(b".")
    try:
        minute = datetime(
            int(seconds[:4]),
            int(seconds[4:6]),
            int(seconds[6:8]),
            int(seconds[8:10]),
            int(seconds[10:12]),
            tzinfo=UTC,
        )
        return minute + timedelta(seconds=int(seconds[12:14]), microseconds=int(fraction[:6].ljust(6, b"0")))
    except (ValueError, OverflowError):
        raise InvalidValue("outside the years 0001 to 9999") from None


def format_generalized_time(moment: datetime) -> str:
    """`YYYYMMDDHHMMSSZ`, with `.ffffff` where there are microseconds; `moment` must be aware."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone has no place in a directory")
    moment = moment.astimezone(UTC)
    text = f"{moment.year:04d}{moment:%m%d%H%M%S}"
    return f"{text}.{moment.microsecond:06d}Z" if moment.microsecond else text + "Z"
