"""Columns for the eye: padded to equal width, counted in characters as a person sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from govdir.policy.folding import characters

_GAP = 2


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Rows of equally many cells; nothing for no rows."""
    widths = [max(map(characters, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (width - characters(cell)) for cell, width in zip(row, widths, strict=True))
        click.echo((" " * _GAP).join(cells).rstrip())


def print_facts(facts: Iterable[tuple[str, str | Iterable[str]]]) -> None:
    """What something is called and its value, a line a value; facts without a value are left out."""
    rows: list[tuple[str, str]] = []
    for name, value in facts:
        values = (value,) if isinstance(value, str) else tuple(value)
        rows += [(name if number == 0 else "", text) for number, text in enumerate(filter(None, values))]
    print_table(rows)
