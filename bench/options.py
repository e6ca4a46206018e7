"""What every comparison takes on the command line, and what it says of a busy machine."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from bench import machine

RESULTS: Final = Path(__file__).with_name("results")
QUIET_LOAD: Final = 0.2  # of each core, by others, before figures are disturbed


def options_parser(
    module: str, description: str | None, *, entries: int = 20_000, seconds: float = 3.0, named: bool = True
) -> argparse.ArgumentParser:
    """The options in common with their defaults; `named`: figures can be chosen by their names."""
    made = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    made.add_argument("--entries", type=int, default=entries, help="mailboxes (default: %(default)s)")
    if named:
        made.add_argument("--only", default="", metavar="NAME", help="only figures whose name begins so")
    made.add_argument("--rounds", type=int, default=3, help="rounds of each figure (default: %(default)s)")
    made.add_argument(
        "--seconds", type=float, default=seconds, help="length of a round (default: %(default)s)"
    )
    made.add_argument("--results", type=Path, default=RESULTS, help="where the JSON goes")
    return made


def machine_facts(trusted: str) -> machine.Facts:
    """The machine's facts; where it is busy, says that what is `trusted` is to be believed first."""
    found = machine.facts()
    if found["load_before"] > found["cores"] * QUIET_LOAD:
        print(f"bench: the machine is busy; trust {trusted}", file=sys.stderr)
    return found
