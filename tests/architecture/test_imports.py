"""Who may import whom: the contracts of pyproject.toml hold, and no package escapes them."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
WITHOUT_A_LAYER = {"govdir", "govdir.ldap", "govdir.__main__"}
"""Packages that hold packages of different layers and no module of their own; `python -m govdir`."""


def packages_and_top_modules() -> set[str]:
    packages = [path.parent for path in (ROOT / "govdir").rglob("__init__.py")]
    modules = [path.with_suffix("") for path in (ROOT / "govdir").glob("*.py") if path.name != "__init__.py"]
    return {".".join(path.relative_to(ROOT).parts) for path in packages + modules}


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


def test_every_package_and_module_stands_on_a_layer() -> None:
    known = layers()

    def is_placed(name: str) -> bool:
        return any(name == layer or name.startswith(f"{layer}.") for layer in known)

    assert {name for name in packages_and_top_modules() if not is_placed(name)} == WITHOUT_A_LAYER


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
