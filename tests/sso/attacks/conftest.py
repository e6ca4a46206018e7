"""A fresh site for each attack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from jinja2.bccache import Bucket, BytecodeCache

from govdir.web import pages
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


class Compiled(BytecodeCache):
    """Templates that were compiled once; sites are made by the hundred here."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """What was kept of the template, if anything."""
        if bucket.key in self.held:
            bucket.bytecode_from_string(self.held[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps it."""
        self.held[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def quick_templates() -> Iterator[None]:
    """Compiles each template once for all tests here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "Environment", partial(pages.Environment, bytecode_cache=Compiled()))
        yield


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
