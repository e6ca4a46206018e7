"""A fresh site for each attack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.directory.building import open_town
from tests.sso.attacks.place import Place, open_place
from tests.web.offices import staff

Opening = Callable[..., Place]


@pytest.fixture(scope="session")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a town whose people have passwords, made once."""
    path = tmp_path_factory.mktemp("attacked") / "town.db"
    with open_town(path) as town:
        staff(town)
    return path


@pytest.fixture
def opened(tmp_path: Path, staffed: Path) -> Iterator[Opening]:
    """Opens the site, once a test has made of the product what it wants."""
    with ExitStack() as stack:
        yield lambda *args, **named: stack.enter_context(
            open_place(tmp_path / "town.db", staffed, *args, **named)
        )


@pytest.fixture
def place(opened: Opening) -> Place:
    """The site as it is."""
    return opened()
