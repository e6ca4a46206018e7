"""GeneralizedTime."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.schema.errors import InvalidValue
from govdir.schema.times import (
    check_utc_time,
    format_generalized_time,
    generalized_time_key,
    parse_generalized_time,
)

moments = st.integers(-62_135_000_000_000_000, 253_402_000_000_000_000).map(
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)
"""Some days from both ends of datetime, to leave room for offsets."""


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (b"20150630170000Z", b"20150630170000"),
        (b"20150630170000.500Z", b"20150630170000.5"),
        (b"20150630170000,5Z", b"20150630170000.5"),
        (b"20150630170000.000Z", b"20150630170000"),
        (b"201506301700Z", b"20150630170000"),
        (b"2015063017Z", b"20150630170000"),
        (b"2015063017.5Z", b"20150630173000"),
        (b"2015063017.0001Z", b"20150630170000.36"),
        (b"201506301700.25Z", b"20150630170015"),
        (b"20150701000000+0700", b"20150630170000"),
        (b"20150701000000+07", b"20150630170000"),
        (b"20141231233000-0130", b"20150101010000"),
        (b"20240301000000+0100", b"20240229230000"),
        (b"20161231235960Z", b"20161231235960"),
        (b"000001010000Z", b"00000101000000"),
    ],
)
def test_the_key_is_the_moment_in_utc(value: bytes, key: bytes) -> None:
    assert generalized_time_key(value) == key


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"20150630",
        b"20150630170000",
        b"20151330170000Z",
        b"20150631170000Z",
        b"20150229000000Z",
        b"19000229000000Z",
        b"2015063024Z",
        b"201506301760Z",
        b"20150630170061Z",
        b"20150630170000.Z",
        b"20150630170000.1234567890123456789Z",
        b"20150630170000z",
        b"20150630170000+7",
        b"20150630170000+0760",
        b"00000101000000+0100",
        b"99991231235959-0100",
        b"20150630170000Z\n",
        "２0150630170000Z".encode(),
    ],
)
def test_what_is_no_time_is_refused(value: bytes) -> None:
    with pytest.raises(InvalidValue):
        generalized_time_key(value)


@given(moments, moments)
def test_keys_are_ordered_as_the_moments_are(one: datetime, other: datetime) -> None:
    keys = [generalized_time_key(format_generalized_time(moment).encode()) for moment in (one, other)]

    assert (keys[0] < keys[1]) == (one < other)
    assert (keys[0] == keys[1]) == (one == other)


@given(moments, st.integers(-23 * 60 - 59, 23 * 60 + 59))
def test_the_same_moment_in_another_zone_has_the_same_key(moment: datetime, minutes: int) -> None:
    local = moment.replace(microsecond=0).astimezone(timezone(timedelta(minutes=minutes)))
    sign, size = "-" if minutes < 0 else "+", abs(minutes)
    text = f"{local.year:04d}{local:%m%d%H%M%S}{sign}{size // 60:02d}{size % 60:02d}"

    assert generalized_time_key(text.encode()) == generalized_time_key(
        format_generalized_time(moment.replace(microsecond=0)).encode()
    )


@given(moments)
def test_times_survive_being_written_and_read(moment: datetime) -> None:
    assert parse_generalized_time(format_generalized_time(moment)) == moment


def test_a_leap_second_is_read_as_the_second_after() -> None:
    assert parse_generalized_time(b"20161231235960Z") == datetime(2017, 1, 1, tzinfo=UTC)


def test_the_year_0000_cannot_be_read_as_a_datetime() -> None:
    with pytest.raises(InvalidValue):
        parse_generalized_time("000001010000Z")


def test_a_time_without_a_zone_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="zone"):
        format_generalized_time(datetime(2015, 6, 30))  # noqa: DTZ001 - this is what is refused


def test_utc_times_are_checked() -> None:
    check_utc_time(b"1506301700Z")
    check_utc_time(b"150630170000+0700")
    with pytest.raises(InvalidValue):
        check_utc_time(b"151330170000Z")
