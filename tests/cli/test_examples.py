"""Every example of the commands' help does what it says, and the reference page holds them all."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from govdir.cli.command import Command, Group
from govdir.cli.main import cli
from govdir.cli.reference import render_reference
from tests.cli.applications import metadata_file
from tests.cli.command_line import govdir
from tests.cli.test_session import enrol

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"
NOUNS = ("mailbox", "org", "list", "admin", "service", "sp", "idp", "session", "sign-ins")

# What must have been done before an example makes sense.
BEFORE = {
    "mailbox restore": ["mailbox suspend ./home nvminh --reason x"],
    "mailbox unblock": ["mailbox block-sending ./home nvminh --reason x"],
    "mailbox confirm": ["mailbox suspend ./home nvminh --reason x"],
    "mailbox approve": [
        "mailbox delete ./home nvminh --purge --yes",
        'mailbox create ./home --name "Nguyễn Văn Minh" --in sonv --pending',
    ],
    "mailbox delegate": ["mailbox delegate add ./home sonv ltbdao"],
    "mailbox delegate add": ["mailbox delegate remove ./home sonv ltbdao"],
    "org close": ['org create ./home --name "Sở Ngoại vụ"'],
    "org dismiss": ["org appoint ./home sonv --it-admin tqan"],
    "list": ["list create ./home --for sonv --label canbo.sonv"],
    "list create": ["list delete ./home canbo.sonv --yes"],
    "list withdraw": ["list authorise ./home canbo.sonv tqan"],
    "admin revoke": ["admin grant ./home auditor tqan"],
    "sp": ["sp add ./home portal --metadata portal.xml"],
    "sp add": ["sp remove ./home portal --yes"],
    "idp activate-key": ["idp new-key ./home"],
    "idp retire-key": ["idp new-key ./home", "idp activate-key ./home --yes"],
    "service": ["service add ./home postfix --for mail"],
    "service add": ["service remove ./home postfix --yes"],
}


def leaves(group: Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Command]]:
    for name in group.list_commands(click.Context(group)):
        below = group.get_command(click.Context(group), name)
        if isinstance(below, Group):
            yield from leaves(below, (*path, name))
        elif isinstance(below, Command):
            yield (*path, name), below


EXAMPLES = [
    (path, example) for path, command in leaves(cli) if path[0] in NOUNS for example in command.examples
]


@pytest.mark.parametrize(("path", "example"), EXAMPLES, ids=[example for _, example in EXAMPLES])
def test_an_example_of_the_help_does_what_it_says(
    office: Path, path: tuple[str, ...], example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if path[0] == "sp":
        metadata_file(tmp_path)  # portal.xml
    if path[-1] == "seen":
        (tmp_path / "accesses.tsv").write_text("nvminh@cantho.gov.vn\t1700000000\timap\n")
    if path[-1] == "reset-second-factor":
        enrol(office, "nvminh")
    for length in range(1, len(path) + 1):
        for line in BEFORE.get(" ".join(path[:length]), []):
            assert run(office, line).exit_code == 0, line
    result = run(office, example.removeprefix("govdir "))
    assert result.exit_code == 0, result.stderr


def run(home: Path, line: str) -> click.testing.Result:
    return govdir(*(str(home) if word == "./home" else word for word in shlex.split(line)))


def test_every_command_has_an_example_that_begins_with_its_own_name() -> None:
    for path, command in leaves(cli):
        assert command.examples, path
        assert all(f"govdir {' '.join(path)}" in example for example in command.examples), path


def test_the_reference_page_is_current() -> None:
    made = "python -m govdir.cli.reference > docs/reference/commands.md"
    assert REFERENCE.read_text("utf-8") == render_reference(), f"run: {made}"
