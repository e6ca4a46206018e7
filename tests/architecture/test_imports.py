"""Who may import whom: the contracts of pyproject.toml hold, and no package escapes them."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES_OF_PACKAGES = {"govdir", "govdir.ldap"}
"""They hold packages on different layers and no module of their own."""


def packages() -> set[str]:
    folders = (path.parent.relative_to(ROOT) for path in (ROOT / "govdir").rglob("__init__.py"))
    return {".".join(folder.parts) for folder in folders}


def layers() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = settings["tool"]["importlinter"]["contracts"][0]
    assert contract["type"] == "layers"
    names = (name for line in contract["layers"] for name in line.split("|"))
    return {name.strip(" ()") for name in names}


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")

    finished = subprocess.run([linter, "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert finished.returncode == 0, finished.stdout


def test_every_package_stands_on_a_layer() -> None:
    known = layers()

    def is_placed(package: str) -> bool:
        return any(package == layer or package.startswith(f"{layer}.") for layer in known)

    assert {package for package in packages() if not is_placed(package)} == PACKAGES_OF_PACKAGES


def test_every_layer_exists() -> None:
    for layer in layers():
        path = ROOT / Path(*layer.split("."))
        assert path.is_dir() or path.with_suffix(".py").is_file(), layer


def test_packages_have_nothing_but_a_docstring_in_their_init() -> None:
    for path in (ROOT / "govdir").rglob("__init__.py"):
        first, *rest = ast.parse(path.read_text()).body
        assert isinstance(first, ast.Expr), path
        assert all(_is_version(node) for node in rest), path


def _is_version(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__version__"
