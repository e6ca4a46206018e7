"""Messages in two languages."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

from govdir.mailattrs import texts as mail_texts
from govdir.policy import texts as policy_texts
from govdir.policy.load import shipped_provinces
from govdir.policy.texts import Language, Wording

EVERY = [
    (name, wording)
    for module in (mail_texts, policy_texts)
    for name, wording in vars(module).items()
    if isinstance(wording, Wording)
]
ROOT = Path(mail_texts.__file__).parents[1]
SOURCES = [*ROOT.glob("policy/*.py"), *ROOT.glob("mailattrs/*.py")]
PROVINCES = (*shipped_provinces(), "daklak", "vinhphuc", "daknong", "binhphuoc", "cần thơ")


def fields(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


@pytest.mark.parametrize(("name", "wording"), EVERY)
def test_both_languages_fill_in_the_same_fields(name: str, wording: Wording) -> None:
    assert fields(wording.vi) == fields(wording.en), name


def test_a_wording_within_a_wording_speaks_the_same_language() -> None:
    outer, inner = Wording("loại {kind}", "kind {kind}"), Wording("đơn vị", "unit")

    assert outer.render(Language.ENGLISH, kind=inner) == "kind unit"
    assert outer.filled(kind=inner) == Wording("loại đơn vị", "kind unit")


def test_what_people_typed_is_quoted_as_it_is() -> None:
    quoted = Wording("có “{character}”", "holds “{character}”").filled(character="{0}")

    assert quoted.render(Language.ENGLISH) == "holds “{0}”"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_code_knows_a_province(path: Path) -> None:
    constants = (
        node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)
    )
    strings = [value.lower() for value in constants if isinstance(value, str)]

    assert not [text for text in strings if any(province in text for province in PROVINCES)]
