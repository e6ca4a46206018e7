"""The pages of accounts, on a town whose people have passwords."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.directory.building import open_town
from tests.web.offices import Office, open_office, staff


@pytest.fixture(scope="session")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of that town, made once."""
    path = tmp_path_factory.mktemp("staffed") / "town.db"
    with open_town(path) as town:
        staff(town)
    return path


@pytest.fixture
def office(tmp_path: Path, staffed: Path) -> Iterator[Office]:
    """The pages on a copy of it."""
    with open_office(tmp_path / "town.db", staffed) as office:
        yield office
