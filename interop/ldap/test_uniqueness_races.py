"""Eight writers who want one address or one name at the same moment, by every way: exactly one gets it.

The whole number is a command's to run: `python -m interop.ldap.races` (300 rounds a way).
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from interop.ldap.races import WAYS, WRITERS, Course, Unfair, one_winner, race
from interop.server import running_server

ROUNDS = int(os.environ.get("GOVDIR_RACE_ROUNDS", "12"))  # 300 before a release
IMPORT_ROUNDS = max(1, ROUNDS // 12)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    with running_server(tmp_path_factory.mktemp("races")) as server:
        course = Course(server)
        yield course
        course.close()


@pytest.mark.timeout(60 + 10 * ROUNDS)
@pytest.mark.parametrize("way", [way for way in WAYS if way not in ("named", "import")])
def test_one_gets_it_and_all_others_are_refused(course: Course, way: str) -> None:
    total = race(course, way, ROUNDS)
    assert total["won"] == ROUNDS
    assert total.total() == ROUNDS * WRITERS


@pytest.mark.timeout(60 + 10 * ROUNDS)
def test_people_of_one_name_get_the_three_forms_of_their_address_once_each(course: Course) -> None:
    assert race(course, "named", ROUNDS) == {"won": 3 * ROUNDS, "19": 5 * ROUNDS}


@pytest.mark.timeout(120 + 10 * IMPORT_ROUNDS)
def test_an_import_beside_the_server_is_one_writer_among_others(course: Course) -> None:
    total = race(course, "import", IMPORT_ROUNDS)
    assert total["won"] + total["won by import"] == IMPORT_ROUNDS


def test_a_server_that_gave_one_address_twice_would_be_found_out() -> None:
    """The judge itself."""
    assert one_winner([0, 19, 19], 19) == 0
    for codes in ([0, 0, 19], [19, 19, 19], [0, 19, 68]):
        with pytest.raises(Unfair):
            one_winner(codes, 19)
