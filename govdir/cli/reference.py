"""docs/reference/commands.md, made from the commands themselves: `python -m govdir.cli.reference`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from govdir.cli.command import Command, Group, Option
from govdir.cli.main import cli
from govdir.policy.texts import Language

_HEAD = """\
# Commands

`govdir <noun> <verb> …`. Every command has `--help` in the locale's language (`--lang vi|en` chooses one) and
ends with status 0: done, 1: refused by a rule or not found, 2: a wrong command line, 3: something wrong with
what it stands on. `HOME` is the directory's folder; a server may be running on it. `WHO` is a mailbox's
address, alias, login name or DN, `BODY` a body's label, address, name or DN, `DAY` a day written
2026-11-30 or 30/11/2026.

This page is generated from the code: `python -m govdir.cli.reference > docs/reference/commands.md`.
"""


def render_reference() -> str:
    """The page."""
    return "\n".join((_HEAD, *_group(cli, "govdir"))).rstrip() + "\n"


def _group(group: Group, path: str) -> Iterator[str]:
    context = click.Context(group, info_name=path)
    for name in sorted(group.list_commands(context)):
        below = group.get_command(context, name)
        if isinstance(below, Group):
            yield from _group(below, f"{path} {name}")
        elif isinstance(below, Command):
            yield from _command(below, f"{path} {name}")


def _command(command: Command, path: str) -> Iterator[str]:
    context = click.Context(command, info_name=path)
    usage = " ".join(piece for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]")
    yield f"## {path}\n"
    yield f"`{path} {usage}`\n" if usage else f"`{path}`\n"
    yield f"{_escaped(command.wording.in_language(Language.ENGLISH))}\n"
    options = [option for option in command.params if isinstance(option, Option) and option.name != "lang"]
    if options:
        yield "| option | |"
        yield "|---|---|"
        yield from (_row(option, context) for option in options)
        yield ""
    yield "```"
    yield from command.examples
    yield "```\n"


def _row(option: Option, context: click.Context) -> str:
    value = "" if option.is_flag else f" {option.make_metavar(context)}"
    name = "/".join(option.opts) + value.replace("|", "\\|")
    text = option.wording.in_language(Language.ENGLISH)
    return f"| `{name}` | {_escaped(text)}{' Required.' if option.required else ''} |"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "\\<")


if __name__ == "__main__":
    sys.stdout.write(render_reference())
