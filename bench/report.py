"""What was measured, as a table for a reader and as JSON for comparison over time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from statistics import median
from typing import Final

ANCHOR: Final = "slapd"
OURS: Final = "govdir"
PROCESSOR_US: Final = "server_processor_us"


@dataclass(slots=True)
class Row:
    """One figure: the value of each round of each server, in rounds' order.

    `wanted` is the ratio govdir/`anchor` to reach: at least that where more is better, else at most;
    `own_limit` is likewise what govdir's own value should be. 0 for none.
    """

    name: str
    title: str
    unit: str
    more_is_better: bool
    wanted: float = 0.0
    own_limit: float = 0.0
    anchor: str = ANCHOR
    values: dict[str, list[float]] = field(default_factory=dict)
    details: dict[str, list[Mapping[str, float]]] = field(default_factory=dict)

    def middle(self, server: str) -> float | None:
        """The median of a server's rounds; None when it was not measured."""
        values = self.values.get(server)
        return median(values) if values else None

    def ratio(self) -> float | None:
        """govdir / anchor; None without both."""
        ours, theirs = self.middle(OURS), self.middle(self.anchor)
        return ours / theirs if ours is not None and theirs else None

    def processor_us(self, server: str) -> float | None:
        """Microseconds of the server's processor time an operation, which other load disturbs less."""
        costs = [detail[PROCESSOR_US] for detail in self.details.get(server, ()) if PROCESSOR_US in detail]
        return median(costs) if costs else None

    def verdict(self) -> str:
        """What was wanted and whether it was reached; "" when nothing was."""
        ours, ratio = self.middle(OURS), self.ratio()
        if self.own_limit and ours is not None:
            return self._judged(ours, self.own_limit, f"{self.own_limit:g} {self.unit}")
        if not self.wanted or ratio is None:
            return ""
        return self._judged(ratio, self.wanted, f"{self.wanted:.2f}")

    def _judged(self, value: float, limit: float, shown: str) -> str:
        reached = value >= limit if self.more_is_better else value <= limit
        return f"{'≥' if self.more_is_better else '≤'} {shown} {'reached' if reached else 'MISSED'}"


def table(rows: Sequence[Row], servers: Sequence[str]) -> str:
    """The figures side by side, a line each; "µs" is the processor time of one operation."""
    costs = [f"{server} µs" for server in servers]
    head = ["figure", *servers, "ratio", *costs, "wanted"]
    lines = [
        [
            row.title,
            *(shown(row.middle(server), row.unit) for server in servers),
            "" if row.ratio() is None else f"{row.ratio():.2f}",
            *(shown(row.processor_us(server), "") if row.details else "" for server in servers),
            row.verdict(),
        ]
        for row in rows
    ]
    return aligned(head, lines)


def aligned(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Columns below their heads: the first and the last to the left, figures between them to the right."""
    widths = [max(len(line[column]) for line in (head, *lines)) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in (0, len(head) - 1) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in (head, ["-" * width for width in widths], *lines)
    )


def shown(value: float | None, unit: str) -> str:
    """A value with its unit, to three digits or so."""
    if value is None:
        return ""
    digits = 0 if value >= 100 else 1 if value >= 10 else 3
    return f"{value:,.{digits}f} {unit}".rstrip()


def write_json(
    folder: Path,
    rows: Sequence[Row],
    facts: Mapping[str, object],
    settings: Mapping[str, object],
    kind: str = "",
) -> Path:
    """Writes <folder>/<date>-<commit><kind>.json; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = [{**asdict(row), "ratio": _rounded(row.ratio()), "verdict": row.verdict()} for row in rows]
    today = date.today().isoformat()  # noqa: DTZ011 - the date of the reader's calendar
    target = folder / f"{today}-{str(settings['commit']).rstrip('+') or 'uncommitted'}{kind}.json"
    document = {"date": today, "machine": facts, "settings": settings, "figures": figures}
    target.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return target


def _rounded(ratio: float | None) -> float | None:
    return None if ratio is None else round(ratio, 3)
