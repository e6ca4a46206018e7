"""Who is to be looked at when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from govdir.lifecycle.agenda import Agenda

START = datetime(2026, 3, 2, tzinfo=UTC)
END = START + timedelta(hours=26)


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def test_the_earliest_moment_of_a_mailbox_counts() -> None:
    agenda = Agenda()
    agenda.enter(7, [at(30), at(10)], until=END)

    assert (agenda.take(at(9)), agenda.take(at(10)), agenda.take(at(60))) == (None, 7, None)


def test_what_lies_far_ahead_is_not_kept() -> None:
    agenda = Agenda()
    agenda.enter(7, [END], until=END)

    assert len(agenda) == 0


def test_an_earlier_moment_replaces_a_later_one_and_not_the_other_way_round() -> None:
    agenda = Agenda()
    for minutes in (30, 10, 20):
        agenda.enter(7, [at(minutes)], until=END)

    assert (agenda.take(at(10)), agenda.take(at(60))) == (7, None)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2000))))
def test_every_mailbox_comes_once_in_the_order_of_the_earliest_moments(
    entered: list[tuple[int, int]],
) -> None:
    agenda, earliest = Agenda(), dict[int, int]()
    for entry_id, minutes in entered:
        agenda.enter(entry_id, [at(minutes)], until=END)
        if at(minutes) < END:
            earliest[entry_id] = min(minutes, earliest.get(entry_id, minutes))

    taken = []
    while (entry_id := agenda.take(END)) is not None:
        taken.append(entry_id)

    assert sorted(taken) == sorted(earliest)
    assert [earliest[each] for each in taken] == sorted(earliest.values())
