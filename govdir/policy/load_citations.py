"""What every part of a pack is read with: citations by name, wordings, names in a form."""

from __future__ import annotations

import re

from govdir.policy.citation import Citation
from govdir.policy.model import Document
from govdir.policy.tables import Table
from govdir.policy.texts import Wording


class Citations:
    """The pack's table of citations; rules refer to them by name."""

    def __init__(self, document: Document, tables: dict[str, Table]) -> None:
        self.known: dict[str, Citation] = {}
        for name, table in tables.items():
            wording = Wording(table.text("vi"), table.text("en"))
            if "source" in table:
                self.known[name] = Citation("", "", wording, read_wording(table.table("source")))
            else:
                self.known[name] = Citation(document.number, table.text("article"), wording)
            table.finish()

    def of(self, table: Table, key: str) -> Citation:
        """The citation that `key` names; raises PackError."""
        name = table.text(key)
        if name not in self.known:
            raise table.error(key, f"no citation is called {name!r}")
        return self.known[name]

    def each(self, table: Table, key: str) -> tuple[Citation, ...]:
        """The citations that `key` lists; none where it is missing."""
        names = table.texts(key)
        for name in names:
            if name not in self.known:
                raise table.error(key, f"no citation is called {name!r}")
        return tuple(self.known[name] for name in names)

    def number(self, table: Table, key: str, by: str) -> tuple[int | None, Citation | None]:
        """A number from 1 on and the rule that sets it; None for both where the regulation has none."""
        if key not in table and by not in table:
            return None, None
        if by not in table:
            raise table.error(key, f"needs the rule that sets it, {by!r}")
        return table.integer(key, minimum=1), self.of(table, by)

    def maybe(self, table: Table, key: str) -> Citation | None:
        """The same, None where the key is missing."""
        return self.of(table, key) if key in table else None


def read_wording(table: Table) -> Wording:
    """{ vi = "…", en = "…" }"""
    wording = Wording(table.text("vi"), table.text("en"))
    table.finish()
    return wording


def matching(table: Table, key: str, pattern: re.Pattern[str]) -> str:
    """A string of that form."""
    text = table.text(key)
    if not pattern.fullmatch(text):
        raise table.error(key, f"{text!r} is not of the form {pattern.pattern}")
    return text
