"""A running count for what takes longer than a second."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import TypeVar

from rich.console import Console
from rich.status import Status

T = TypeVar("T")

PROGRESS_AFTER_SECONDS = 1.0
_LOOK_EVERY = 1024  # items between two looks at the clock, so that progress costs nothing an item


def watched(items: Iterable[T], label: str) -> Iterator[T]:
    """The items, with a running count on a terminal's standard error once they take longer than a second."""
    if not sys.stderr.isatty():
        yield from items
        return
    started = monotonic()
    status: Status | None = None
    try:
        for number, item in enumerate(items):
            if number % _LOOK_EVERY == 0 and monotonic() - started > PROGRESS_AFTER_SECONDS:
                if status is None:
                    status = Console(stderr=True).status(label)
                    status.start()
                status.update(f"{label} {number:,}")
            yield item
    finally:
        if status is not None:
            status.stop()
