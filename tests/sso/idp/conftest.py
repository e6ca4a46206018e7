"""A town with two people and an identity provider."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.directory.building import SOTTTT, Town, open_town
from tests.sso.idp.stage import Stage


@pytest.fixture(scope="session")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the town with its people, made once."""
    path = tmp_path_factory.mktemp("peopled") / "town.db"
    with open_town(path) as town:
        town.person("an", "Lê Văn An", title="Chuyên viên")
        town.person("binh", "Trần Thị Bình", SOTTTT)
    return path


@pytest.fixture
def town(tmp_path: Path, peopled: Path) -> Iterator[Town]:
    """Two agencies, An in the first, Bình in the second, an administrator."""
    with open_town(tmp_path / "town.db", peopled) as town:
        yield town


@pytest.fixture
def stage(town: Town) -> Stage:
    """The town's identity provider; no application is known yet."""
    return Stage(town)
