"""Patterns of addresses: literal text and `{fields}`, compiled once, filled from a mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

PERSON_FIELDS: Final = frozenset(
    {"surname", "surname.initials", "middle", "middle.initials", "given", "parent", "letter", "number"}
)
"""What a person's address can be made of; all folded to a–z and 0–9. `given` is the last syllable."""

BODY_FIELDS: Final = frozenset(
    {
        "label",
        "style",
        "initials",
        "tail",
        "full",
        "place",
        "place.initials",
        "type",
        "parent",
        "letter",
        "number",
    }
)
"""What a body's or list's address can be made of: its registered label (else the one its kind derives),
the province's style (first words spelled, then initials), initials of every word, initials with the last
word spelled out, everything spelled out, the place name without its type, that name's initials, that type's
short form, and the label above."""

SERIES_FIELDS: Final = frozenset({"letter", "number"})

_PART = re.compile(r"\{([a-z.]+)\}|([^{}]+)")


class TemplateError(ValueError):
    """The text is no pattern, or names a field that is not known there."""


class Template(Struct, frozen=True):
    """Literal pieces and field names in turn: `literals` has one piece more than `fields`."""

    literals: tuple[str, ...]
    fields: tuple[str, ...]

    @classmethod
    def parse(cls, text: str, known: frozenset[str]) -> Template:
        """Raises TemplateError."""
        literals = [""]
        fields: list[str] = []
        position = 0
        for part in _PART.finditer(text):
            if part.start() != position:
                break
            position = part.end()
            if part[1] is None:
                literals[-1] += part[2]
                continue
            if part[1] not in known:
                raise TemplateError(f"unknown field {{{part[1]}}}; known here: {', '.join(sorted(known))}")
            fields.append(part[1])
            literals.append("")
        if position != len(text):
            raise TemplateError(f"stray brace at character {position + 1} of {text!r}")
        return cls(tuple(literals), tuple(fields))

    @property
    def is_series(self) -> bool:
        """It counts: `{letter}` or `{number}` is in it."""
        return not SERIES_FIELDS.isdisjoint(self.fields)

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with the fields put in; raises KeyError for a field without a value."""
        text = self.literals[0]
        for name, literal in zip(self.fields, self.literals[1:], strict=True):
            text += values[name] + literal
        return text
