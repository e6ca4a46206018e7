"""`make bench`: govdir beside slapd on this machine, as ratios.

Rounds alternate between the servers (A B A B), so that what else the machine does falls on both; the table
shows medians. Both are asked by one administrator, hold the same entries and keep their default durability.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from bench import data, machine, slapd
from bench.figures import LOOKUPS, OTHERS, Figure
from bench.govdir_server import GovdirServer
from bench.load import run_apart
from bench.options import RESULTS, machine_facts, options_parser
from bench.report import PROCESSOR_US, Row, table, write_json
from bench.server import Server
from bench.slapd import Slapd

READY_WITHIN_SECONDS: Final = 3.0  # with 100,000 entries, after a restart
_MEBIBYTE: Final = 1024**2


class Bench:
    """One run over all figures; `only` is the beginning of the names of those to measure."""

    def __init__(self, servers: Sequence[Server], options: argparse.Namespace) -> None:
        self._servers = servers
        self._options = options
        self._people = list(data.people(options.entries))
        self.rows: list[Row] = []

    def run(self) -> None:
        """Loads, starts, measures; the servers are left running."""
        self._load()
        self._start()
        for figure in LOOKUPS:
            self._measure(figure)
        self._memory("memory-lookups", "resident memory after lookups", wanted=1.5)
        for figure in OTHERS:
            self._measure(figure)
        self._memory("memory-end", "resident memory at the end")

    def _wants(self, name: str) -> bool:
        return name.startswith(self._options.only)

    def _load(self) -> None:
        entries = self._options.entries
        self._say(f"loading {entries:,} mailboxes")
        row = Row("load", "LDIF load", "s", more_is_better=False, wanted=2.0)
        for server in self._servers:
            row.values[server.name] = [round(server.load(entries), 3)]
        self._add(row)

    def _start(self) -> None:
        row = Row("start", "start to first answer", "s", more_is_better=False, own_limit=READY_WITHIN_SECONDS)
        rounds = self._options.rounds if self._wants(row.name) else 1
        for number in range(rounds):
            for server in self._servers:
                row.values.setdefault(server.name, []).append(round(server.start(), 3))
                if number < rounds - 1:
                    server.stop()
        self._add(row)

    def _memory(self, name: str, title: str, wanted: float = 0.0) -> None:
        row = Row(name, title, "MiB", more_is_better=False, wanted=wanted)
        for server in self._servers:
            memory = server.memory()
            row.values[server.name] = [round(memory["total"] / _MEBIBYTE, 1)]
            row.details[server.name] = [{key: round(value / _MEBIBYTE, 1) for key, value in memory.items()}]
        self._add(row)

    def _measure(self, figure: Figure) -> None:
        if not self._wants(figure.name):
            return
        row = Row(figure.name, figure.title, "/s", more_is_better=True, wanted=figure.wanted)
        for number in range(self._options.rounds):
            requests = figure.requests(self._people, number)
            for server in self._servers:
                if number == 0:
                    figure.check(server, requests)
                self._round(figure, server, requests, row)
        self._add(row)

    def _round(self, figure: Figure, server: Server, requests: Sequence[bytes], row: Row) -> None:
        before = server.processor_seconds()
        result = run_apart(figure.job(server, requests, self._options.seconds))
        busy = server.processor_seconds() - before
        cost = {PROCESSOR_US: round(busy / result.operations * 1e6, 1)}
        row.values.setdefault(server.name, []).append(result.per_second)
        row.details.setdefault(server.name, []).append({**asdict(result), **cost})

    def _add(self, row: Row) -> None:
        if self._wants(row.name):
            self.rows.append(row)
            self._say("  ".join([row.title, *(f"{name}: {values}" for name, values in row.values.items())]))

    @staticmethod
    def _say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = options_parser("bench.run", __doc__, entries=100_000)
    parser.add_argument("--workers", type=int, default=1, help="govdir's processes (default: %(default)s)")
    parser.add_argument("--servers", default="slapd,govdir", help="which, in order (default: %(default)s)")
    options = parser.parse_args(arguments)
    unknown = set(options.servers.split(",")) - {Slapd.name, GovdirServer.name}
    if unknown:
        parser.error(f"no such server: {', '.join(sorted(unknown))}")
    return options


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the figures, prints the table, writes the JSON."""
    options = _options(arguments)
    names = options.servers.split(",")
    if "slapd" in names and not slapd.available():
        sys.exit("bench: slapd is not installed; on Debian: apt-get install slapd")
    facts = machine_facts("the ratios of µs more than those of rates")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="govdir-bench-")))
        servers: list[Server] = []
        for name in names:
            private = folder / name
            if name == Slapd.name:
                servers.append(stack.enter_context(Slapd(private)))
            else:
                servers.append(stack.enter_context(GovdirServer(private, workers=options.workers)))
        bench = Bench(servers, options)
        bench.run()
    settings = {
        "commit": machine.commit(),
        "entries": options.entries,
        "rounds": options.rounds,
        "seconds": options.seconds,
        "workers": options.workers,
    }
    print(table(bench.rows, names))
    written = write_json(options.results, bench.rows, facts, settings)
    print(
        f"\nwritten: bench/results/{written.name}" if options.results == RESULTS else f"\nwritten: {written}"
    )


if __name__ == "__main__":
    main()
