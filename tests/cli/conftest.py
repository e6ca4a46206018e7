"""Homes to run commands on: made once, copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from govdir.cli.demo import make_demo
from govdir.cli.home import new_home
from govdir.cli.init import new_config
from govdir.policy.load import load_province
from tests.cli.office import furnish

ADMIN_PASSWORD = "Sông Hậu 7 nhịp!"


@pytest.fixture(scope="session")
def empty_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("empty") / "home"
    pack = load_province("cantho")
    with new_home(new_config(home, pack), pack, ADMIN_PASSWORD):
        pass
    return home


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("demo") / "home"
    pack = load_province("cantho")
    make_demo(new_config(home, pack), pack, people=40)
    return home


@pytest.fixture(scope="session")
def office_template(empty_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = Path(shutil.copytree(empty_template, tmp_path_factory.mktemp("office") / "home"))
    furnish(home)
    return home


@pytest.fixture
def office(office_template: Path, tmp_path: Path) -> Path:
    """A home with three agencies and three people (tests.cli.office)."""
    return Path(shutil.copytree(office_template, tmp_path / "office"))


@pytest.fixture
def home(empty_template: Path, tmp_path: Path) -> Path:
    """A home with the base tree only."""
    return Path(shutil.copytree(empty_template, tmp_path / "home"))


@pytest.fixture
def demo_home(demo_template: Path, tmp_path: Path) -> Path:
    """A home with the bodies of Cần Thơ, forty people and accounts.json."""
    return Path(shutil.copytree(demo_template, tmp_path / "home"))
