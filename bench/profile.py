"""Where govdir's time goes: one figure of the bench under cProfile, and the functions that took most of it.

For the shares, not the speed: cProfile slows Python down several times. `--spy` uses py-spy instead, if it is
installed (it samples from outside and costs next to nothing), and writes a flame graph.
"""

from __future__ import annotations

import argparse
import os
import pstats
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import data
from bench.figures import LOOKUPS, OTHERS
from bench.govdir_server import GovdirServer
from bench.load import run_apart


def main(arguments: Sequence[str] | None = None) -> None:
    """Loads, runs one figure, prints the profile."""
    figures = {figure.name: figure for figure in (*LOOKUPS, *OTHERS)}
    parser = argparse.ArgumentParser(prog="python -m bench.profile", description=__doc__)
    parser.add_argument("figure", choices=figures, metavar="FIGURE", help=", ".join(figures))
    parser.add_argument("--entries", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--lines", type=int, default=40, help="functions to print (default: %(default)s)")
    parser.add_argument("--spy", type=Path, metavar="SVG", help="write a flame graph with py-spy")
    options = parser.parse_args(arguments)
    if options.spy and not shutil.which("py-spy"):
        sys.exit("bench.profile: py-spy is not installed (pip install py-spy)")
    with tempfile.TemporaryDirectory(prefix="govdir-profile-") as folder:
        profile = Path(folder, "profile")
        wrapper = [sys.executable, "-m", "cProfile", "-o", str(profile)]
        if options.spy:
            target = ["--subprocesses", "--native", "-o", str(options.spy), "--", sys.executable]
            wrapper = ["py-spy", "record", *target]
        people = list(data.people(options.entries))
        with GovdirServer(Path(folder, "govdir"), wrapper=wrapper) as server:
            server.load(options.entries)
            server.start()
            figure = figures[options.figure]
            requests = figure.requests(people, 0)
            figure.check(server, requests)
            print(run_apart(figure.job(server, requests, options.seconds)))
        if profile.exists():
            pstats.Stats(os.fspath(profile)).sort_stats("tottime").print_stats(options.lines)


if __name__ == "__main__":
    main()
