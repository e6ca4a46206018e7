"""What commands print: data on standard output, remarks on standard error."""

from __future__ import annotations

import click
import msgspec


def print_json(data: object) -> None:
    """One indented JSON document."""
    click.echo(msgspec.json.format(msgspec.json.encode(data), indent=2).decode())


def remark(text: str) -> None:
    """A line for the person at the terminal."""
    click.echo(text, err=True)
