"""Subtree specifications as text (RFC 3672 §2.1 and appendix A)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NoReturn

from govdir.schema.dn_text import split_dn
from govdir.schema.errors import InvalidName, InvalidValue

MAX_LENGTH: Final = 8192
"""Far longer than anybody writes; keeps the reading short."""

_MAX_DEPTH: Final = 32

_TOKEN: Final = re.compile(
    r' *(?:(?P<name>"(?:[^"]|"")*")|(?P<mark>[{},:])|(?P<number>(?:0|[1-9][0-9]*)(?![0-9.]))'
    r"|(?P<word>[A-Za-z][A-Za-z0-9-]*|[0-2](?:\.(?:0|[1-9][0-9]*))+))"
)

# In this order, each once at most.
_COMPONENTS: Final = ("base", "specificExclusions", "minimum", "maximum", "specificationFilter")


def check_subtree_specification(text: str) -> None:
    """Whether the text is one; raises InvalidValue saying what was expected where."""
    if len(text) > MAX_LENGTH:
        raise InvalidValue("not a subtree specification: too long")
    reader = _Reader(text)
    reader.specification()


class _Reader:
    """Reads tokens from the front; each method reads one production of the grammar."""

    def __init__(self, text: str) -> None:
        self._text = text.rstrip(" ")
        self._at = 0

    def specification(self) -> None:
        self._mark("{")
        left = list(_COMPONENTS)
        while not self._took("}"):
            if len(left) < len(_COMPONENTS):
                self._mark(",")
            component = self._word()
            if component not in left:
                self._fail("one of " + ", ".join(left))
            del left[: left.index(component) + 1]
            self._component(component)
        if self._at != len(self._text):
            self._fail("the end")

    def _component(self, component: str) -> None:
        match component:
            case "base":
                self._local_name()
            case "specificExclusions":
                self._list(self._exclusion)
            case "specificationFilter":
                self._refinement(0)
            case _:
                if self._next("number") is None:
                    self._fail("a number")

    def _exclusion(self) -> None:
        if self._word() not in {"chopBefore", "chopAfter"}:
            self._fail("chopBefore or chopAfter")
        self._mark(":")
        self._local_name()

    def _refinement(self, depth: int) -> None:
        if depth > _MAX_DEPTH:
            self._fail("less nesting")
        kind = self._word()
        self._mark(":")
        match kind:
            case "item":
                self._word()
            case "not":
                self._refinement(depth + 1)
            case "and" | "or":
                self._list(lambda: self._refinement(depth + 1))
            case _:
                self._fail("item, and, or, not")

    def _list(self, element: Callable[[], None]) -> None:
        self._mark("{")
        if self._took("}"):
            return
        element()
        while not self._took("}"):
            self._mark(",")
            element()

    def _local_name(self) -> None:
        quoted = self._next("name")
        if quoted is None:
            self._fail("a name in quotation marks")
        try:
            split_dn(quoted[1:-1].replace('""', '"'))
        except InvalidName as error:
            raise InvalidValue(f"not a subtree specification: base or exclusion: {error.why}") from None

    def _word(self) -> str:
        word = self._next("word")
        if word is None:
            self._fail("a word")
        return word

    def _mark(self, mark: str) -> None:
        if not self._took(mark):
            self._fail(f"“{mark}”")

    def _took(self, mark: str) -> bool:
        match = _TOKEN.match(self._text, self._at)
        if match is None or match["mark"] != mark:
            return False
        self._at = match.end()
        return True

    def _next(self, kind: str) -> str | None:
        match = _TOKEN.match(self._text, self._at)
        if match is None or match[kind] is None:
            return None
        self._at = match.end()
        return match[kind]

    def _fail(self, expected: str) -> NoReturn:
        raise InvalidValue(
            f"not a subtree specification such as {{ }}: {expected} expected at character {self._at + 1}"
        )
