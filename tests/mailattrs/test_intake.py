"""Ten thousand people of a province ask for addresses: nobody gets another one's, and few questions do."""

from __future__ import annotations

import pytest

from bench.intake import Tally, intake
from govdir.mailattrs.addresses import propose_address
from govdir.policy.load import load_province, shipped_provinces
from govdir.policy.model import MailboxKind

PEOPLE = 10_000


@pytest.fixture(scope="module")
def tallies() -> dict[str, Tally]:
    return {province: intake(load_province(province), PEOPLE) for province in shipped_provinces()}


@pytest.mark.parametrize("province", shipped_provinces())
def test_no_address_is_given_twice(tallies: dict[str, Tally], province: str) -> None:
    assert tallies[province].addresses == PEOPLE


@pytest.mark.parametrize("province", shipped_provinces())
def test_everybody_is_served_by_a_step_of_the_ladder_or_a_human(
    tallies: dict[str, Tally], province: str
) -> None:
    tally = tallies[province]

    assert tally.steps.total() + tally.by_hand == PEOPLE


@pytest.mark.parametrize(
    ("province", "first_step", "by_hand"),
    [
        ("cantho", (0.45, 0.75), (0.01, 0.10)),  # one namespace, a ladder that ends
        ("vinhphuc", (0.45, 0.75), (0.0, 0.0)),  # one namespace, a series
        ("daklak", (0.95, 1.0), (0.0, 0.0)),  # a namespace for each body
        ("daknong", (0.95, 1.0), (0.0, 0.0)),
        ("binhphuoc", (0.95, 1.0), (0.0, 0.0)),
    ],
)
def test_how_many_get_the_plain_form_and_how_many_need_a_human(
    tallies: dict[str, Tally], province: str, first_step: tuple[float, float], by_hand: tuple[float, float]
) -> None:
    tally = tallies[province]

    assert first_step[0] <= tally.share(1) <= first_step[1]
    assert by_hand[0] <= tally.by_hand / PEOPLE <= by_hand[1]


@pytest.mark.parametrize("province", shipped_provinces())
def test_hardly_more_questions_are_asked_in_a_full_directory(
    tallies: dict[str, Tally], province: str
) -> None:
    tally = tallies[province]

    assert tally.asked <= 2.5 * PEOPLE
    assert tally.most_asked <= 30


@pytest.mark.parametrize("holders", [1, 2, 7, 8, 9, 10, 17, 100, 500, 702])
def test_the_next_number_of_a_popular_name_is_found_in_few_questions(holders: int) -> None:
    held = {"namtv@vinhphuc.gov.vn"} | {f"namtv{number}@vinhphuc.gov.vn" for number in range(1, holders)}
    asked: list[str] = []

    def taken(address: str) -> bool:
        asked.append(address)
        return address in held

    outcome = propose_address(load_province("vinhphuc"), MailboxKind.PERSON, "Trần Văn Nam", None, taken)

    assert outcome.address == f"namtv{holders}@vinhphuc.gov.vn"  # type: ignore[union-attr]
    assert len(asked) == len(set(asked)) <= 30


def test_the_last_gap_of_a_long_series_is_still_found() -> None:
    every = {"namtv", *(f"namtv{number}" for number in range(1, 703))} - {"namtv333"}

    outcome = propose_address(load_province("vinhphuc"), MailboxKind.PERSON, "Trần Văn Nam", None, every)

    assert outcome.address == "namtv333@vinhphuc.gov.vn"  # type: ignore[union-attr]
