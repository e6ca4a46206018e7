"""Runs command lines as a person would, in this process."""

from __future__ import annotations

from click.testing import CliRunner, Result

from govdir.cli.main import cli


def govdir(*arguments: str | object, stdin: str | bytes | None = None, locale: str = "C.UTF-8") -> Result:
    """The result of `govdir arguments…`; standard output and error are kept apart."""
    environment = {"LC_ALL": locale, "LC_MESSAGES": "", "LANG": ""}
    return CliRunner(env=environment).invoke(cli, [str(each) for each in arguments], input=stdin)
