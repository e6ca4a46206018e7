"""What holds for every file of the project: size, portability, and that a wheel would contain it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOFT_LIMIT_LINES = 400
HARD_LIMIT_LINES = 500
LONG_FOR_A_REASON: dict[str, str] = {}
"""Modules between the two limits, each with the reason why they are one noun all the same."""

NOT_OURS = {"node_modules", ".git", ".venv", "var", "build", "dist", "__pycache__"}
NOT_PORTABLE = re.compile(
    r"/wor[k]/|/ho[m]e/[a-z]|/roo[t]/|--(extra-)?index-ur[l]|pypi\.or[g]|pythonhosted\.or[g]|deb\.debian\.or[g]"
)


def project_files() -> Iterator[Path]:
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden_tool = parts[0].startswith(".") and parts[0] not in {".ci", ".gitignore"}
        if path.is_file() and not hidden_tool and NOT_OURS.isdisjoint(parts) and "egg-info" not in parts[0]:
            yield path


def test_modules_are_about_one_noun() -> None:
    long = {}
    for path in (ROOT / "govdir").rglob("*.py"):
        lines = len(path.read_text().splitlines())
        name = str(path.relative_to(ROOT))
        if lines > (HARD_LIMIT_LINES if name in LONG_FOR_A_REASON else SOFT_LIMIT_LINES):
            long[name] = lines

    assert not long


def test_no_file_knows_the_machine_it_was_written_on_or_a_package_index() -> None:
    found = []
    for path in project_files():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in NOT_PORTABLE.finditer(text)]

    assert not found


def test_a_wheel_contains_every_data_file() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    globs = settings["tool"]["setuptools"]["package-data"]["govdir"]
    package = ROOT / "govdir"
    files = {path for path in package.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}}

    assert not files - {path for glob in globs for path in package.glob(glob)}


@pytest.mark.parametrize("lock", ["run", "dev"])
def test_a_lock_pins_every_package_with_hashes_and_no_address(lock: str) -> None:
    lines = (ROOT / "requirements" / f"{lock}.txt").read_text().splitlines()
    content = [line for line in lines if line and not line.lstrip().startswith("#")]
    requirements = [line for line in content if not line.startswith(" ")]

    assert len(requirements) > 20
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][^ ]* \\", line) for line in requirements)
    assert all(
        re.fullmatch(r" +--hash=sha256:[0-9a-f]{64}( \\)?", line) for line in content if line[0] == " "
    )
    assert "://" not in "".join(content)


def test_the_locks_agree() -> None:
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^\S+==\S+", (ROOT / "requirements" / f"{lock}.txt").read_text(), re.M))

    assert pins("run") <= pins("dev")


def test_every_news_fragment_has_a_known_type() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    types = {entry["directory"] for entry in settings["tool"]["towncrier"]["type"]}

    for path in (ROOT / "newsfragments").iterdir():
        if path.name not in {"README.md", ".gitignore"}:
            assert re.fullmatch(rf"(\d+|\+[a-z0-9-]+)\.({'|'.join(types)})\.md", path.name), path.name
