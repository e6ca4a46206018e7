"""Patterns of addresses: literal text and `{fields}`, compiled once, filled from a mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

PLACE_FIELDS: Final = frozenset({"parent", "parent.domain", "agency", "body", "unit"})
"""Where the mailbox stands: the label of the nearest body that is no unit, what stands before the province's
domain in the addresses of that body's people, the local part of its address, the local part of the nearest
body's address, and that body's label if it is a unit."""

SERIES_FIELDS: Final = frozenset({"letter", "number"})

PERSON_FIELDS: Final = (
    frozenset({"surname", "surname.initials", "middle", "middle.initials", "given", "full"})
    | PLACE_FIELDS
    | SERIES_FIELDS
)
"""What a person's address can be made of; all folded to a–z and 0–9. `given` is the last syllable,
`full` the whole name in the order people write it: "ybiernie" of Y Biêr Niê, whose clan stands last."""

NAME_FIELDS: Final = frozenset(
    {"style", "initials", "tail", "full", "place", "place.initials", "place.tail", "place.stem", "type"}
)
"""What a body's name suggests: the province's style (first words spelled, then initials), initials of every
word, initials with the last word spelled out, everything spelled out, the place name without its type, that
name's initials, these with the last word spelled out or with two letters of it, and the type's short form."""

BODY_FIELDS: Final = NAME_FIELDS | PLACE_FIELDS | SERIES_FIELDS | {"label"}
"""What a body's or list's address can be made of; `label` is the registered one, else the one its kind
derives."""

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

    def __str__(self) -> str:
        """As it was written."""
        return self.fill({name: f"{{{name}}}" for name in self.fields})

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
