"""The directory as a whole: what it remembers of clients."""

from __future__ import annotations

from govdir.directory.service import MAX_REMEMBERED_CHARACTERS, MAX_REMEMBERED_NAMES
from tests.directory.building import SONV, Town


def test_names_are_remembered_up_to_a_number_and_a_length(town: Town) -> None:
    directory = town.directory
    long = f"cn={'x' * MAX_REMEMBERED_CHARACTERS},{SONV}"
    assert directory.path_of(long) == directory.path_of(long.upper().replace("CN=", "cn="))
    assert long not in directory._paths
    for number in range(MAX_REMEMBERED_NAMES + 1):
        directory.path_of(f"cn={number},{SONV}")
    assert len(directory._paths) <= MAX_REMEMBERED_NAMES
