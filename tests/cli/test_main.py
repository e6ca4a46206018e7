"""The frame of the command line: help, languages, exit statuses, and what is imported for what."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from govdir import __version__
from govdir.cli import main
from govdir.cli.arguments import EXPLAINED
from govdir.cli.command import Command, Group, Verb
from govdir.cli.main import Program, cli
from govdir.cli.outcome import EnvironmentTrouble, Refused
from govdir.directory.errors import NoSuchObject, Unavailable
from govdir.policy.texts import Wording
from tests.cli.command_line import govdir

UNAVAILABLE_MEND = "try again; look for a process that locks the database, and at the disk's free space."


def commands(group: Group = cli, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every command and group below `group`."""
    context = click.Context(group)
    for name in group.list_commands(context):
        yield (*path, name)
        below = group.get_command(context, name)
        if isinstance(below, Group):
            yield from commands(below, (*path, name))


@pytest.mark.parametrize("path", [(), *commands()], ids=lambda path: " ".join(path) or "govdir")
def test_the_help_of_every_command_is_in_both_languages_and_ends_with_an_example(
    path: tuple[str, ...],
) -> None:
    english, vietnamese = govdir(*path, "--help"), govdir(*path, "--help", locale="vi_VN.UTF-8")
    assert english.exit_code == vietnamese.exit_code == 0
    assert "Usage: " in english.stdout
    assert " ".join(("govdir", *path)) in english.stdout.split("Example:")[1]
    assert "Cách dùng: " in vietnamese.stdout
    assert "Ví dụ:" in vietnamese.stdout
    assert "Show this text" not in vietnamese.stdout


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_every_argument_is_explained(path: tuple[str, ...]) -> None:
    command: click.Command | None = cli
    for name in path:
        assert isinstance(command, Group)
        command = command.get_command(click.Context(command), name)
    assert command is not None
    context = click.Context(command)
    shown = [each.make_metavar(context) for each in command.params if isinstance(each, click.Argument)]

    assert [each for each in shown if each.strip("[]") not in EXPLAINED] == []


def test_what_one_begins_with_stands_first_and_the_demonstration_last() -> None:
    names = cli.list_commands(click.Context(cli))

    assert names[:2] == ["init", "serve"]
    assert names[-1] == "demo"


def test_the_language_may_be_given_before_or_after_the_command() -> None:
    before = govdir("--lang", "vi", "address", "propose", "--province", "cantho")
    after = govdir("address", "propose", "--province", "cantho", "--lang", "vi")
    assert before.stderr == after.stderr
    assert before.stderr.startswith("Lỗi: ")


def test_the_version_is_the_packages() -> None:
    assert govdir("--version").stdout == f"govdir {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--lang", "vi", "mailbox", "show", "--help"),
        ("mailbox", "show", "--lang", "vi", "--help"),
        ("mailbox", "show", "--help", "--lang", "vi"),
        ("mailbox", "--help", "--lang=vi"),
        ("--help", "--lang", "vi"),
    ],
)
def test_the_language_of_the_help_may_stand_before_or_behind_it(arguments: tuple[str, ...]) -> None:
    assert "Cách dùng: " in govdir(*arguments).stdout


def test_a_language_there_is_not_is_a_usage_error() -> None:
    assert govdir("mailbox", "--lang", "fr", "list").exit_code == 2


def test_the_language_of_one_call_does_not_stay_for_the_next() -> None:
    govdir("--lang", "vi", "--help")
    assert govdir("nonsense").stderr.startswith("Error: ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nonsense",), "there is no command nonsense"),
        (("--nonsense",), "there is no option --nonsense"),
        (("address", "propose"), "missing option --province"),
        (("address", "propose", "--province", "atlantis"), "bad value for --province"),
        (("export",), "missing argument HOME"),
    ],
)
def test_a_wrong_command_line_ends_with_status_2_and_names_the_help(
    arguments: tuple[str, ...], told: str
) -> None:
    result = govdir(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert "--help" in result.stderr


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (Refused("no such thing"), 1, "no such thing\n"),
        (NoSuchObject("no entry uid=a"), 1, "Error: no entry uid=a\n"),
        (
            Unavailable("the database is down"),
            3,
            f"Error: the database is down\nTo mend it: {UNAVAILABLE_MEND}",
        ),
        (
            EnvironmentTrouble("port taken", "choose another"),
            3,
            "Error: port taken\nTo mend it: choose another\n",
        ),
        (
            PermissionError(13, "Permission denied", "keys/secret"),
            3,
            "Error: keys/secret: Permission denied\n",
        ),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_an_expected_error_ends_with_its_status_and_no_traceback(
    error: BaseException, status: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = fail_with(error, monkeypatch)
    assert (result.exit_code, result.stderr.strip()) == (status, told.strip())


def test_a_fault_of_the_program_shows_where_it_is_and_is_not_status_1(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result = fail_with(ZeroDivisionError("x"), monkeypatch)
    assert result.exit_code == 3
    assert "fault of the program" in result.stderr


def fail_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> click.testing.Result:
    """The result of a command that raises `error`."""

    def callback() -> None:
        raise error

    broken = Command("broken", Wording("hỏng", "broken"), (), callback)
    monkeypatch.setattr(main, "broken", broken, raising=False)
    program = Program(
        "govdir", broken.wording, (), {"broken": Verb("govdir.cli.main:broken", broken.wording)}
    )
    return click.testing.CliRunner(env={"LC_ALL": "C"}).invoke(program, ["broken"])


def imported_by(*arguments: str) -> set[str]:
    """The top-level names of the modules that a command line imports."""
    script = (
        "import sys\nfrom govdir.cli.main import cli\n"
        "try: cli.main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    run = [sys.executable, "-c", script, *arguments]
    return set(
        subprocess.run(run, capture_output=True, text=True, check=True).stderr.splitlines()[-1].split()
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("address", "propose", "--province", "cantho", "--kind", "person", "--name", "Nguyễn Văn Minh"),
        ("password", "check", "--province", "cantho", "--kind", "person"),
    ],
    ids=["help", "address", "password"],
)
def test_what_needs_no_directory_imports_neither_network_nor_database(arguments: tuple[str, ...]) -> None:
    assert not imported_by(*arguments) & {"twisted", "sqlalchemy", "alembic", "cryptography", "rich"}


def test_what_reads_the_directory_imports_nothing_of_signing_in(tmp_path: Path) -> None:
    imported = imported_by("mailbox", "show", str(tmp_path), "nvhoa")

    assert "sqlalchemy" in imported
    assert not imported & {"lxml", "xmlsec", "jinja2", "babel", "pyotp", "segno", "onelogin"}
