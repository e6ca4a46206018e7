"""The table of attacks: what guards against each, and where it is tried. `python -m tests.sso.attacks.table`
prints it; docs/threat-model.md holds it."""

from __future__ import annotations

from collections.abc import Iterator

from tests.sso.attacks import (
    test_attacks_by_messages,
    test_attacks_on_answers,
    test_attacks_on_logout,
    test_attacks_on_sign_in,
    test_attacks_on_signatures,
    test_attacks_on_surroundings,
)
from tests.sso.attacks.attack import Attack

FAMILIES = (
    test_attacks_on_answers,
    test_attacks_by_messages,
    test_attacks_on_signatures,
    test_attacks_on_sign_in,
    test_attacks_on_logout,
    test_attacks_on_surroundings,
)
ROWS = {
    1: "An answer goes where the request says",
    2: "An address is a program",
    3: "Markup in the page that posts the answer",
    4: "Forms and their redirects",
    5: "Links that lead elsewhere",
    6: "Messages again, late, early; proofs from before",
    7: "Messages for somebody else",
    8: "Signature wrapping",
    9: "Two readers, two documents",
    10: "Entities and document types",
    11: "Programs among the transforms",
    12: "DEFLATE bombs",
    13: "Bodies without end",
    14: "Comments in names",
    15: "XML out of the directory's values",
    16: "Weak and unknown algorithms",
    17: "Other keys",
    18: "Parameters twice, mixed, left out",
    19: "Other encodings of a query",
    20: "Other spellings of a query",
    21: "Signed in as somebody else; sessions planted or stolen",
    22: "Answers without a request",
    23: "Frames",
    24: "Finding out who there is",
    25: "Guessing, and locking people out",
    26: "Signed out by others",
    27: "Cookies",
    28: "Other hosts",
    29: "Stolen assertions",
    30: "Cipher texts to try things on",
    31: "Other servers reached through this one",
    32: "Secrets left lying about",
}
"""By the number in the table."""


def attacks() -> Iterator[tuple[Attack, str]]:
    """Each with the file that tries it, by row."""
    found = [
        (attack, f"{family.__name__.rpartition('.')[2]}.py")
        for family in FAMILIES
        for attack in family.ATTACKS
    ]
    yield from sorted(found, key=lambda each: each[0].row)


def guards(attack: Attack) -> Iterator[str]:
    """Where they stand, as a reader looks for them."""
    for where in attack.guards:
        module, _, name = where.partition(":")
        yield f"`{module.removeprefix('govdir.').replace('.', '/')}.py`: `{name}`"


def lines() -> Iterator[str]:
    """The table in Markdown."""
    yield "| # | Attack | Guarded by (below `govdir/`) | Tried in |"
    yield "|---|---|---|---|"
    for attack, file in attacks():
        what = attack.name[0].upper() + attack.name[1:]
        yield f"| {attack.row} | {what} | {'<br>'.join(guards(attack))} | `{file}` |"


if __name__ == "__main__":
    print("\n".join(lines()))  # noqa: T201 - what the command is for
