"""What a proposal costs as a province fills up, and which steps of the ladder people get.

`python -m bench.propose` prints a table; the microseconds are those of the last tenth of the people.
"""

from __future__ import annotations

import argparse

from bench.intake import Tally, intake
from govdir.policy.load import load_province, shipped_provinces
from govdir.policy.model import MailboxKind, Pack

_SIZES = (1_000, 10_000, 100_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--provinces", nargs="*", default=shipped_provinces())
    parser.add_argument("--sizes", nargs="*", type=int, default=_SIZES)
    options = parser.parse_args()
    print(f"{'province':12}{'people':>9}  {'µs':>6}  {'asked':>6} {'most':>5}  steps of the ladder")
    for province in options.provinces:
        pack = load_province(province)
        for size in options.sizes:
            print(f"{province:12}{_line(pack, intake(pack, size))}")


def _line(pack: Pack, tally: Tally) -> str:
    rules = pack.mailboxes[MailboxKind.PERSON]
    steps = [
        f"{step}: {tally.share(step):.1%}" for step in range(1, len(rules.ladder) + 1) if tally.steps[step]
    ]
    steps.append(f"a human: {tally.by_hand / tally.people:.1%}")
    asked = tally.asked / tally.people
    figures = f"{tally.people:>9}  {tally.microseconds:>6.1f}  {asked:>6.2f} {tally.most_asked:>5}"
    return f"{figures}  {', '.join(steps)}"


if __name__ == "__main__":
    main()
