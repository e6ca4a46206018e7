"""A small directory of Cần Thơ on a real store in a temporary file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.directory.building import Town, open_town


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the town, made once."""
    path = tmp_path_factory.mktemp("furnished") / "town.db"
    with open_town(path):
        pass
    return path


@pytest.fixture
def town(tmp_path: Path, furnished: Path) -> Iterator[Town]:
    """Base tree, two agencies and an administrator; nobody else."""
    with open_town(tmp_path / "town.db", furnished) as town:
        yield town
