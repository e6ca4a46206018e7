"""Times, booleans and text of XML."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from govdir.sso.saml.errors import MalformedMessage
from govdir.sso.saml.values import clean, read_boolean, read_time, said, write_time

FIRST, LAST = (datetime(year, 1, 1) for year in (2, 9998))  # noqa: DTZ001 - the zone is added by the test


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-03-02T01:30:00Z", datetime(2026, 3, 2, 1, 30, tzinfo=UTC)),
        (" 2026-03-02T01:30:00Z\n", datetime(2026, 3, 2, 1, 30, tzinfo=UTC)),
        ("2026-03-02T08:30:00+07:00", datetime(2026, 3, 2, 1, 30, tzinfo=UTC)),
        ("2026-03-01T20:00:00-05:30", datetime(2026, 3, 2, 1, 30, tzinfo=UTC)),
        ("2026-03-02T01:30:00.5Z", datetime(2026, 3, 2, 1, 30, 0, 500_000, tzinfo=UTC)),
        ("2026-03-02T01:30:00.1234567Z", datetime(2026, 3, 2, 1, 30, 0, 123_456, tzinfo=UTC)),
        ("2028-02-29T24:00:00.00Z", datetime(2028, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_with_any_offset_and_fraction(text: str, time: datetime) -> None:
    assert read_time(text) == time
    assert read_time(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-02T01:30:00",
        "2026-03-02",
        "2026-02-30T01:30:00Z",
        "2026-03-02T24:00:01Z",
        "2026-03-02T24:00:00.1Z",
        "0000-03-02T01:30:00Z",
        "12026-03-02T01:30:00Z",
        "-2026-03-02T01:30:00Z",
        "9999-12-31T23:59:59-01:00",
        "0001-01-01T00:00:00+01:00",
        "２026-03-02T01:30:00Z",
        "2026-03-02T01:30:00Zz",
    ],
)
def test_a_time_without_zone_or_beyond_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(MalformedMessage):
        read_time(text)


@given(st.datetimes(FIRST, LAST), st.integers(-840, 840))
def test_what_is_written_is_read_again_to_the_second(local: datetime, offset_minutes: int) -> None:
    time = local.replace(tzinfo=timezone(timedelta(minutes=offset_minutes)))

    assert read_time(write_time(time)) == time.replace(microsecond=0)


def test_a_time_is_written_as_utc_to_the_second() -> None:
    zone = timezone(timedelta(hours=7))

    assert write_time(datetime(2026, 3, 2, 8, 30, 0, 999_999, tzinfo=zone)) == "2026-03-02T01:30:00Z"


def test_a_time_without_zone_is_not_written() -> None:
    with pytest.raises(ValueError):
        write_time(datetime(2026, 3, 2))  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("1", True), (" false ", False), ("0", False), (None, False)]
)
def test_a_boolean_has_two_spellings_of_each(text: str | None, value: bool) -> None:
    assert read_boolean(text) is value


@pytest.mark.parametrize("text", ["", "True", "yes", "2"])
def test_anything_else_is_no_boolean(text: str) -> None:
    with pytest.raises(MalformedMessage):
        read_boolean(text)


@pytest.mark.parametrize(("text", "value"), [(None, None), ("", None), (" \n", None), (" a b ", "a b")])
def test_an_empty_attribute_is_not_said(text: str | None, value: str | None) -> None:
    assert said(text) == value


@pytest.mark.parametrize(
    ("text", "carried"),
    [
        ("Nguyễn Văn An", "Nguyễn Văn An"),
        (unicodedata.normalize("NFD", "Nguyễn"), "Nguyễn"),
        ("a\x00b\x1fc\x7fd\x85e", "abcde"),
        ("tab\tline\nreturn\r", "tab\tline\nreturn\r"),
        ("\ufffe\uffff\ufdd0\U0001fffe\U0010ffff", ""),
        ("half \ud83d", "half "),
        ("a <b> & 'c' ]]>", "a <b> & 'c' ]]>"),
        ("𠀀 😀", "𠀀 😀"),
    ],
)
def test_text_is_cleaned_of_what_xml_cannot_carry(text: str, carried: str) -> None:
    assert clean(text) == carried


@given(st.text(st.characters(categories=None)))
def test_any_text_comes_through_xml_as_it_was_cleaned(text: str) -> None:
    element = etree.Element("a")
    element.text = clean(text)

    carried = etree.fromstring(etree.tostring(element, encoding="utf-8")).text or ""

    assert carried == clean(text)
    assert clean(carried) == carried


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"])))
def test_text_without_such_characters_is_carried_exactly_in_nfc(text: str) -> None:
    assert clean(text) == unicodedata.normalize("NFC", text)
