"""Accesses are noted in memory and written together; nothing is lost while the store is away."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory import accesses as module
from govdir.directory.access_days import (
    DAY_MICROSECONDS,
    LastAccess,
    MonthOfAccess,
    bit_of,
    date_of,
    dates_of,
    month_of,
)
from govdir.directory.accesses import MAX_CHANNELS, Accesses
from govdir.directory.errors import Busy
from govdir.directory.ports import StoreUnavailable
from tests.directory.building import SettableClock

AN, BINH = 7, 8
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


class Shelf:
    """A store in memory, which fails as a test says; `commits` are what it was given."""

    def __init__(self) -> None:
        self.commits: list[tuple[list[LastAccess], list[MonthOfAccess]]] = []
        self.lasts: dict[tuple[int, str], int] = {}
        self.months: dict[tuple[int, str, int], int] = {}
        self.forgotten: list[int] = []
        self.trouble: Exception | None = None

    async def record(self, lasts: Sequence[LastAccess], months: Sequence[MonthOfAccess]) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.commits.append((list(lasts), list(months)))
        for last in lasts:
            key = last.entry_id, last.channel
            self.lasts[key] = max(last.at, self.lasts.get(key, 0))
        for row in months:
            place = row.entry_id, row.channel, row.month
            self.months[place] = self.months.get(place, 0) | row.days

    async def last(self, entry_id: int) -> Mapping[str, int]:
        return {channel: moment for (held, channel), moment in self.lasts.items() if held == entry_id}

    async def forget(self, before: int) -> None:
        self.forgotten.append(before)

    def dates(self, entry_id: int, channel: str) -> list[date]:
        return [
            day
            for (held, through, month), days in sorted(self.months.items())
            if (held, through) == (entry_id, channel)
            for day in dates_of(month, days)
        ]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def clock() -> SettableClock:
    clock = SettableClock()
    clock.moment = NINE
    return clock


@pytest.fixture
def accesses(shelf: Shelf, clock: SettableClock) -> Accesses:
    return Accesses(shelf, clock)


def flush(accesses: Accesses) -> None:
    asyncio.run(accesses.flush())


def last(accesses: Accesses, entry_id: int) -> Mapping[str, datetime]:
    return asyncio.run(accesses.last(entry_id))


def test_the_last_moment_and_the_date_of_each_channel_are_written(accesses: Accesses, shelf: Shelf) -> None:
    accesses.note(AN, "imap", at(NINE))
    accesses.note(AN, "imap", at(NINE) + 5)
    accesses.note(AN, "smtp", at(NINE) + 1)
    flush(accesses)

    assert shelf.lasts == {(AN, "imap"): at(NINE) + 5, (AN, "smtp"): at(NINE) + 1}
    assert shelf.months == {(AN, "imap", 202603): 0b10, (AN, "smtp", 202603): 0b10}


def test_nothing_is_written_before_the_flush_and_nothing_twice(accesses: Accesses, shelf: Shelf) -> None:
    accesses.note(AN, "imap", at(NINE))
    assert shelf.commits == []
    flush(accesses)
    flush(accesses)
    assert len(shelf.commits) == 1


def test_a_later_access_of_the_day_costs_its_moment_only(accesses: Accesses, shelf: Shelf) -> None:
    accesses.note(AN, "imap", at(NINE))
    flush(accesses)
    accesses.note(AN, "imap", at(NINE) + 60_000_000)
    flush(accesses)
    assert shelf.commits[1] == ([LastAccess(AN, "imap", at(NINE) + 60_000_000)], [])


def test_another_access_in_the_same_minute_costs_no_write(accesses: Accesses, shelf: Shelf) -> None:
    accesses.note(AN, "imap", at(NINE))
    flush(accesses)
    accesses.note(AN, "imap", at(NINE) + 59_999_999)
    flush(accesses)
    assert len(shelf.commits) == 1
    assert last(accesses, AN) == {"imap": NINE + timedelta(microseconds=59_999_999)}


def test_the_date_is_the_provinces(accesses: Accesses, shelf: Shelf) -> None:
    before_midnight = datetime(2026, 3, 31, 16, 59, 59, tzinfo=UTC)
    accesses.note(AN, "imap", at(before_midnight))
    accesses.note(AN, "imap", at(before_midnight + timedelta(seconds=1)))
    flush(accesses)
    assert shelf.dates(AN, "imap") == [date(2026, 3, 31), date(2026, 4, 1)]


def test_what_is_known_of_another_day_does_not_hide_todays_date(
    accesses: Accesses, shelf: Shelf, clock: SettableClock
) -> None:
    accesses.note(AN, "imap", at(NINE))
    flush(accesses)
    clock.pass_time(days=1)
    accesses.note(BINH, "imap", at(clock.now()))
    accesses.note(AN, "imap", at(clock.now()))
    flush(accesses)
    assert shelf.dates(AN, "imap") == [date(2026, 3, 2), date(2026, 3, 3)]


def test_an_earlier_moment_brings_its_date_and_leaves_the_last_one(accesses: Accesses, shelf: Shelf) -> None:
    accesses.note(AN, "imap", at(NINE))
    accesses.note(AN, "imap", at(NINE - timedelta(days=3)))
    flush(accesses)
    assert shelf.lasts == {(AN, "imap"): at(NINE)}
    assert shelf.dates(AN, "imap") == [date(2026, 2, 27), date(2026, 3, 2)]


@pytest.mark.parametrize("trouble", [StoreUnavailable("gone"), Busy("full")])
def test_what_could_not_be_written_is_written_later(
    accesses: Accesses, shelf: Shelf, trouble: Exception
) -> None:
    accesses.note(AN, "imap", at(NINE))
    shelf.trouble = trouble
    with pytest.raises(type(trouble)):
        flush(accesses)
    accesses.note(AN, "imap", at(NINE) + 9)
    shelf.trouble = None
    flush(accesses)
    assert shelf.lasts == {(AN, "imap"): at(NINE) + 9}
    assert shelf.dates(AN, "imap") == [date(2026, 3, 2)]


def test_a_month_without_the_store_costs_no_more_rows_than_a_day(
    accesses: Accesses, shelf: Shelf, clock: SettableClock
) -> None:
    shelf.trouble = StoreUnavailable("gone")
    for _ in range(29):
        accesses.note(AN, "imap", at(clock.now()))
        with pytest.raises(StoreUnavailable):
            flush(accesses)
        clock.pass_time(days=1)
    shelf.trouble = None
    flush(accesses)
    assert [len(lasts) + len(months) for lasts, months in shelf.commits] == [2]
    assert len(shelf.dates(AN, "imap")) == 29


def test_many_are_written_in_portions(
    accesses: Accesses, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 10)
    for entry_id in range(25):
        accesses.note(entry_id, "imap", at(NINE))
    flush(accesses)
    assert [len(lasts) for lasts, _ in shelf.commits] == [10, 10, 5]
    assert len(shelf.lasts) == 25


def test_the_last_moments_are_those_written_by_anybody_and_those_still_here(
    accesses: Accesses, shelf: Shelf
) -> None:
    shelf.lasts = {(AN, "imap"): at(NINE), (AN, "web"): at(NINE), (BINH, "imap"): at(NINE)}
    accesses.note(AN, "web", at(NINE) + 1_000_000)
    accesses.note(AN, "imap", at(NINE) - 1)
    accesses.note(AN, "sso", at(NINE))
    assert last(accesses, AN) == {"imap": NINE, "web": NINE + timedelta(seconds=1), "sso": NINE}
    assert last(accesses, 99) == {}


def test_months_past_their_time_are_forgotten_once_a_day(
    accesses: Accesses, shelf: Shelf, clock: SettableClock
) -> None:
    flush(accesses)
    flush(accesses)
    assert shelf.forgotten == [202402]
    clock.moment = datetime(2026, 3, 31, 17, 0, tzinfo=UTC)
    flush(accesses)
    assert shelf.forgotten == [202402, 202403]


def test_memory_keeps_only_who_was_here_today(accesses: Accesses, clock: SettableClock) -> None:
    accesses.note(AN, "imap", at(NINE))
    flush(accesses)
    clock.pass_time(days=1)
    accesses.note(BINH, "imap", at(clock.now()))
    flush(accesses)
    assert accesses._noted["imap"].last == {BINH: at(clock.now())}


@pytest.mark.parametrize("channel", ["", "a b", "IMAP", "x" * 33, "a\0b", "đ"])
def test_what_is_no_channel_is_another(accesses: Accesses, shelf: Shelf, channel: str) -> None:
    accesses.note(AN, channel, at(NINE))
    flush(accesses)
    assert shelf.lasts == {(AN, "other"): at(NINE)}


def test_a_program_that_makes_channels_up_fills_no_memory(accesses: Accesses, shelf: Shelf) -> None:
    for number in range(3 * MAX_CHANNELS):
        accesses.note(AN, f"c{number}", at(NINE))
    flush(accesses)
    assert len(shelf.lasts) == MAX_CHANNELS + 1
    assert (AN, "other") in shelf.lasts


@given(
    st.lists(
        st.one_of(
            st.tuples(
                st.integers(1, 3), st.sampled_from(["imap", "web"]), st.integers(0, 5 * DAY_MICROSECONDS)
            ),
            st.sampled_from(["flush", "fail", "next day"]),
        )
    )
)
def test_in_the_end_every_date_and_the_latest_moment_are_there(
    steps: list[tuple[int, str, int] | str],
) -> None:
    shelf, clock = Shelf(), SettableClock()
    accesses = Accesses(shelf, clock)
    dates: set[tuple[int, str, date]] = set()
    moments: dict[tuple[int, str], int] = {}
    for step in steps:
        if isinstance(step, tuple):
            entry_id, channel, moment = step[0], step[1], at(NINE) + step[2]
            accesses.note(entry_id, channel, moment)
            dates.add((entry_id, channel, date_of(moment)))
            moments[entry_id, channel] = max(moment, moments.get((entry_id, channel), 0))
        elif step == "next day":
            clock.pass_time(days=1)
        else:
            shelf.trouble = StoreUnavailable("gone") if step == "fail" else None
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(module, "ROWS_AT_ONCE", 2)
                try:
                    flush(accesses)
                except StoreUnavailable:
                    assert step == "fail"
    shelf.trouble = None
    flush(accesses)
    assert {key: moment // 60_000_000 for key, moment in shelf.lasts.items()} == {
        key: moment // 60_000_000 for key, moment in moments.items()
    }
    expected: dict[tuple[int, str, int], int] = {}
    for entry_id, channel, day in dates:
        place = entry_id, channel, month_of(day)
        expected[place] = expected.get(place, 0) | bit_of(day)
    assert shelf.months == expected
