"""A town in which Lê An signs in, and a desk to do it at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.directory.building import SONV, Town, open_town
from tests.sso.sign_in.desk import AN, PASSWORD, SmallDesk


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the town with its people, made once."""
    path = tmp_path_factory.mktemp("furnished") / "town.db"
    with open_town(path) as town:
        town.person("an", "Lê An", userPassword=PASSWORD)
        town.replace(AN, "pwdReset")
        town.person("binh", "Trần Bình", userPassword=PASSWORD)
        town.replace(f"uid=binh,{SONV}", "pwdReset")
    return path


@pytest.fixture
def town(tmp_path: Path, furnished: Path) -> Iterator[Town]:
    with open_town(tmp_path / "town.db", furnished) as town:
        yield town


@pytest.fixture
def desk(town: Town) -> SmallDesk:
    return SmallDesk(town)
