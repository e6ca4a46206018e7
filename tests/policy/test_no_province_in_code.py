"""A province is a pack, a sample and an example; code knows none."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import govdir
from govdir.policy.folding import fold_words
from govdir.policy.load import load_province, shipped_provinces

ROOT = Path(govdir.__file__).parent
CITIES_THAT_PEOPLE_USE_AS_PASSWORDS = ROOT / "policy" / "vietnamese_passwords.py"
SOURCES = sorted(path for path in ROOT.rglob("*.py") if path != CITIES_THAT_PEOPLE_USE_AS_PASSWORDS)
NAMES = [load_province(province).name.en.lower().rpartition(" ")[0] for province in shipped_provinces()]
PROVINCE = re.compile(rf"\b({'|'.join([*shipped_provinces(), *NAMES])})\b")
EXAMPLES_OF_SETTINGS = {
    '"cantho.gov.vn"',
    '"dc=cantho,dc=gov,dc=vn"',
    '"cantho"',
    '"" | "https://id.cantho.gov.vn"',
    '"" | "no-reply@cantho.gov.vn"',
    '["portal.cantho.gov.vn"] | []',
    '["https://imap.cantho.gov.vn:8443/doveadm/v1"] | []',
}
"""What config_kinds.py shows as an allowed value; they are never compared with anything."""


def names_a_province(text: str) -> bool:
    return bool(PROVINCE.search(text.lower()) or PROVINCE.search(fold_words(text)))


def is_example(text: str) -> bool:
    """A command line shown in --help, or a setting's example."""
    return "govdir " in text or text in EXAMPLES_OF_SETTINGS


def test_the_provinces_looked_for_are_those_of_the_packs() -> None:
    assert names_a_province("Mọi người ở Đắk Lắk")
    assert names_a_province("nvminh@cantho.gov.vn")
    assert not names_a_province("what they can those cannot")
    assert len(SOURCES) > 100


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_code_names_a_province(path: Path) -> None:
    texts = (
        node.value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )

    named = [text for text in texts if names_a_province(text)]

    assert [text for text in named if not is_example(text)] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_code_decides_by_the_name_of_a_province(path: Path) -> None:
    compared = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Compare)
        and any(
            part.attr in {"province", "number"} for part in ast.walk(node) if isinstance(part, ast.Attribute)
        )
        and any(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in ast.walk(node))
    ]

    assert compared == []
