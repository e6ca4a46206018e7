"""Spellings of attributes: one description for all of a kind, and no more memory than clients are worth."""

from __future__ import annotations

import gc

import pytest

from govdir.directory import vocabulary as vocabulary_module
from govdir.directory.vocabulary import MAX_CACHED_CHARACTERS, Vocabulary
from govdir.schema.registry import load_schema


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary(load_schema())


def test_all_spellings_of_an_attribute_are_one_description(vocabulary: Vocabulary) -> None:
    held = vocabulary.describe("cn;lang-vi;x-y")
    for spelling in ("CN;X-y;lang-vi", "2.5.4.3;LANG-VI;x-y", "commonName;lang-vi;x-y;x-y"):
        assert vocabulary.describe(spelling) is held


def test_options_that_clients_make_up_are_forgotten(
    vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocabulary_module, "MAX_CACHED_SPELLINGS", 100)
    kept = vocabulary.describe("cn;lang-vi")
    for number in range(1000):
        vocabulary.describe(f"cn;x-{number}")
    gc.collect()
    assert len(vocabulary._spellings) <= 100
    assert len(vocabulary._canonical) <= 101
    assert vocabulary.describe("CN;lang-vi") is kept


def test_what_is_too_long_is_understood_and_not_kept(vocabulary: Vocabulary) -> None:
    text = "cn;x-" + "a" * MAX_CACHED_CHARACTERS
    assert vocabulary.describe(text).text == text
    assert text not in vocabulary._spellings
    before = len(vocabulary._class_sets)
    vocabulary.class_set([b"top" + b" " * MAX_CACHED_CHARACTERS, b"person"])
    assert len(vocabulary._class_sets) == before
