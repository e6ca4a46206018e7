"""The places where the server refuses something, found in its source, and which of them a request reached."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from unittest.mock import patch

from govdir.directory import errors
from govdir.ldap.server import refusals

ROOT = Path(__file__).parents[3]
REFUSALS = {
    name: kind
    for module in (errors, refusals)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, errors.DirectoryError | refusals.SessionViolation)
}
_WIDTH = 110


@cache
def sites() -> dict[tuple[str, int], str]:
    """By file and line, every line of such a call: the name of the place, the same as long as the call is."""
    found: dict[tuple[str, int], str] = {}
    for path in sorted((ROOT / "govdir").rglob("*.py")):
        told = path.relative_to(ROOT / "govdir").as_posix()
        names: set[str] = set()
        for call in _calls(ast.parse(path.read_text("utf-8"))):
            name = plain = f"{told}: {ast.unparse(call)[:_WIDTH]}"
            while name in names:
                name = f"{plain} (again)" if name == plain else f"{name[:-1]}, again)"
            names.add(name)
            for line in range(call.lineno, (call.end_lineno or call.lineno) + 1):
                found[str(path), line] = name
    return found


def _calls(tree: ast.Module) -> Iterator[ast.Call | ast.Raise]:
    for node in sorted(ast.walk(tree), key=lambda node: getattr(node, "lineno", 0)):
        kind = node.exc if isinstance(node, ast.Raise) else getattr(node, "func", None)
        made = isinstance(node, ast.Call | ast.Raise) and isinstance(kind, ast.Name)
        if made and kind.id in REFUSALS:
            yield node


@contextmanager
def recorded() -> Iterator[dict[str, None]]:
    """Collects the names of the places whose refusals are made meanwhile."""
    reached: dict[str, None] = {}
    places = sites()
    original = {kind: kind.__init__ for kind in REFUSALS.values() if "__init__" in vars(kind)}

    def noting(kind):  # type: ignore[no-untyped-def]
        def init(self, *arguments, **named):  # type: ignore[no-untyped-def]
            frame = sys._getframe(1)
            if frame.f_code.co_name != "init" and (frame.f_code.co_filename, frame.f_lineno) in places:
                reached[places[frame.f_code.co_filename, frame.f_lineno]] = None
            original[kind](self, *arguments, **named)

        return init

    patches = [patch.object(kind, "__init__", noting(kind)) for kind in original]
    patches.append(patch.object(refusals.SessionViolation, "__init__", _violation(reached, places)))
    for each in patches:
        each.start()
    try:
        yield reached
    finally:
        for each in patches:
            each.stop()


def _violation(reached, places):  # type: ignore[no-untyped-def]
    def init(self, *arguments):  # type: ignore[no-untyped-def]
        frame = sys._getframe(1)
        if (frame.f_code.co_filename, frame.f_lineno) in places:
            reached[places[frame.f_code.co_filename, frame.f_lineno]] = None
        Exception.__init__(self, *arguments)

    return init
