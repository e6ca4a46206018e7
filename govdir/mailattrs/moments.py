"""Times in entries, and the province's days they fall on."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Final

from govdir.directory.entry import Attributes
from govdir.directory.password_policy import PROVINCE_ZONE
from govdir.schema.errors import InvalidValue
from govdir.schema.times import format_generalized_time, parse_generalized_time

_YEARS = range(1900, 9000)
"""What `add_months` can count from for as many months as a pack may say, with room to spare."""


_REMEMBERED: Final = 1024
"""Loads write one moment many times, and dates fall on few days."""


def moment_of(entry: Attributes, attribute: str) -> datetime | None:
    """The time an attribute holds, in UTC; None where there is none, or none that could be counted from."""
    text = entry.text(attribute)
    return None if text is None else _read(text)


@lru_cache(maxsize=_REMEMBERED)
def _read(text: str) -> datetime | None:
    try:
        moment = parse_generalized_time(text)
    except InvalidValue:
        return None
    return moment if moment.year in _YEARS else None


def put_moment(entry: Attributes, attribute: str, moment: datetime | None) -> None:
    """Writes a time to the second; None removes the attribute."""
    entry.replace(attribute, () if moment is None else (stored(moment),))


@lru_cache(maxsize=_REMEMBERED)
def stored(moment: datetime) -> str:
    """A time as entries hold it: GeneralizedTime in UTC, to the second."""
    return format_generalized_time(moment.replace(microsecond=0))


def day_of(moment: datetime) -> date:
    """The day it is then in the province."""
    return moment.astimezone(PROVINCE_ZONE).date()


def start_of(day: date) -> datetime:
    """The moment a day begins in the province, in UTC."""
    return datetime.combine(day, time.min, PROVINCE_ZONE).astimezone(UTC)


def day_text(moment: datetime) -> str:
    """The province's day as people write it: 31/08/2021."""
    return f"{day_of(moment):%d/%m/%Y}"
