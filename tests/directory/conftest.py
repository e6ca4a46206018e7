"""A small directory of Cần Thơ on a real store in a temporary file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.directory.building import Town, open_town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Base tree, two agencies, an administrator, a person with a password and a mail service."""
    with open_town(tmp_path / "town.db") as town:
        yield town
