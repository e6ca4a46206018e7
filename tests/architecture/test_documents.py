"""What README and docs tell people to type exists, and what they point at is there."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from govdir.cli.main import cli

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "newsfragments").glob("README.md")]
)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def commands(document: Path, program: str) -> Iterator[list[str]]:
    """The words of every line in a fenced block that calls `program`, without redirections and comments."""
    for block in re.findall(r"^```.*?\n(.*?)^```", document.read_text(), re.M | re.S):
        for line in block.replace("\\\n", " ").splitlines():
            called = re.match(rf"(?:\$ )?(?:\.venv/bin/)?{program} (?P<words>(?:'[^']*'|[^|<>'])*)", line)
            if called:
                yield shlex.split(called["words"], comments=True)


def test_make_targets_in_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    called = {words[0] for document in DOCUMENTS for words in commands(document, "make")}

    assert {"run", "test"} <= called <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_govdir_commands_in_documents_exist_with_their_options(document: Path) -> None:
    for words in commands(document, "govdir"):
        command: click.Command = cli
        arguments = list(words)
        while isinstance(command, click.Group):
            found = command.get_command(click.Context(command), arguments.pop(0))
            assert found is not None, words
            command = found
        known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
        used = {word.partition("=")[0] for word in arguments if word.startswith("--")}
        assert used <= known, words


def anchors(document: Path) -> set[str]:
    """What a link may name behind the #: the headings as GitHub writes them."""
    text = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.M | re.S)
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w-]", "", heading.lower().replace(" ", "-")) for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links_point_at_files_and_headings(document: Path) -> None:
    for target in re.findall(r"\]\(([^) ]+)\)", document.read_text()):
        if target.startswith(("http:", "https:", "mailto:", "ldap:")):
            continue
        path, _, heading = target.partition("#")
        there = document.parent / path if path else document
        assert there.exists(), target
        assert not heading or heading in anchors(there), target


def test_every_decision_record_is_in_the_index() -> None:
    records = {path.name for path in (ROOT / "docs" / "adr").glob("[0-9]*.md")}

    assert set(re.findall(r"\]\((\d{4}-[^)]*)\)", (ROOT / "docs/adr/README.md").read_text())) == records
    assert [name[:4] for name in sorted(records)] == [f"{number:04}" for number in range(1, len(records) + 1)]


def test_the_architecture_page_shows_the_layers_of_the_import_contract() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    page = (ROOT / "docs/architecture.md").read_text()
    rows = re.findall(r"^\| (`[^|]*`) \|", page, re.M)

    shown = [[f"govdir.{name}" for name in re.findall(r"`([^`]+)`", row)] for row in rows]

    assert shown == [re.split(r"[ |]+", layer) for layer in contract]


def test_the_operations_page_tells_every_key_of_the_access_log() -> None:
    server = ROOT / "govdir/ldap/server"
    written = set(re.findall(r'"(\w+)":', (server / "access_log.py").read_text()))
    for path in [*server.rglob("*.py"), ROOT / "govdir/web/server.py"]:
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith(
                ("access_log.event", "._witness")
            ):
                written |= {keyword.arg for keyword in call.keywords if keyword.arg}  # not **facts
    page = (ROOT / "docs/operations.md").read_text()
    told = {key for row in re.findall(r"^\| (`[^|]*`) \|", page, re.M) for key in re.findall(r"`(\w+)`", row)}

    assert {"conn", "filter", "peer", "status"} <= written <= told
