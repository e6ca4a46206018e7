"""Days as people write them and times as the directory keeps them, in the province's own zone."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

import click

from govdir.cli.language import say
from govdir.directory.password_policy import PROVINCE_ZONE
from govdir.policy.texts import Wording
from govdir.schema.errors import InvalidValue
from govdir.schema.times import format_generalized_time, parse_generalized_time

_NO_DAY = Wording(
    "“{text}” không phải ngày có thật; viết 2026-11-30 hoặc 30/11/2026.",
    '"{text}" is no day of the calendar; write 2026-11-30 or 30/11/2026.',
)
_ISO = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})")
_VIETNAMESE = re.compile(r"(?P<day>[0-9]{1,2})[/.-](?P<month>[0-9]{1,2})[/.-](?P<year>[0-9]{4})")
_FIRST_YEAR = 1900  # anything earlier is a slip of the keyboard, and year 1 has no midnight in UTC
_ALMOST_A_DAY = timedelta(days=1, seconds=-1)


def day(_context: click.Context, _parameter: click.Parameter, text: str | None) -> date | None:
    """The callback of an option that takes a day: year first, or day first as in Vietnam."""
    if text is None:
        return None
    found = _ISO.fullmatch(text.strip()) or _VIETNAMESE.fullmatch(text.strip())
    try:
        if found is not None and int(found["year"]) >= _FIRST_YEAR:
            return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        pass
    raise click.BadParameter(say(_NO_DAY, text=text))


def first_moment(of: date) -> str:
    """GeneralizedTime of the day's beginning."""
    return format_generalized_time(_midnight(of))


def last_moment(of: date) -> str:
    """GeneralizedTime of the day's last second, for what holds until that day and on it."""
    return format_generalized_time(_midnight(of) + _ALMOST_A_DAY)


def shown(value: str | None) -> str:
    """A GeneralizedTime as people of the province read it: the day, and the time unless it is midnight."""
    at = moment(value)
    return value or "" if at is None else shown_moment(at)


def shown_moment(at: datetime | None) -> str:
    """An aware moment, likewise; "" for None."""
    if at is None:
        return ""
    at = at.astimezone(PROVINCE_ZONE).replace(microsecond=0)
    whole_day = at.timetz().replace(tzinfo=None) in (time(), time(23, 59, 59))
    return at.strftime("%Y-%m-%d" if whole_day else "%Y-%m-%d %H:%M")


def moment(value: str | None) -> datetime | None:
    """A GeneralizedTime in the province's zone; None for None and for times that `datetime` has not."""
    try:
        return None if value is None else parse_generalized_time(value).astimezone(PROVINCE_ZONE)
    except (InvalidValue, OverflowError):
        return None


def _midnight(of: date) -> datetime:
    return datetime.combine(of, time(), PROVINCE_ZONE)
