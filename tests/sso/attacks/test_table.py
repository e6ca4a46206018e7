"""The table of attacks and the document that holds it."""

from __future__ import annotations

from pathlib import Path

from tests.sso.attacks.attack import resolved
from tests.sso.attacks.table import ROWS, attacks, lines

DOCUMENT = Path("docs/threat-model.md")


def test_each_row_has_an_attack() -> None:
    assert {attack.row for attack, _ in attacks()} == set(ROWS) == set(range(1, 33))


def test_every_guard_is_there() -> None:
    for attack, _ in attacks():
        for where in attack.guards:
            owner, name = resolved(where)
            assert getattr(owner, name) is not None


def test_no_two_attacks_have_one_name() -> None:
    names = [attack.id for attack, _ in attacks()]
    assert len(names) == len(set(names))


def test_the_document_holds_the_table() -> None:
    """`python -m tests.sso.attacks.table` prints what belongs between the two marks."""
    _, _, rest = DOCUMENT.read_text("utf-8").partition("<!-- attacks -->\n")
    assert rest.partition("\n<!-- end -->")[0] == "\n".join(lines())
