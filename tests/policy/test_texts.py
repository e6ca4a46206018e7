"""Messages in two languages."""

from __future__ import annotations

import string

import pytest

from govdir.mailattrs import texts as mail_texts
from govdir.policy import texts as policy_texts
from govdir.policy.texts import Language, Wording

EVERY = [
    (name, wording)
    for module in (mail_texts, policy_texts)
    for name, wording in vars(module).items()
    if isinstance(wording, Wording)
]


def fields(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


@pytest.mark.parametrize(("name", "wording"), EVERY)
def test_both_languages_fill_in_the_same_fields(name: str, wording: Wording) -> None:
    assert fields(wording.vi) == fields(wording.en), name


def test_a_wording_within_a_wording_speaks_the_same_language() -> None:
    outer, inner = Wording("loại {kind}", "kind {kind}"), Wording("đơn vị", "unit")

    assert outer.render(Language.ENGLISH, kind=inner) == "kind unit"
    assert outer.filled(kind=inner) == Wording("loại đơn vị", "kind unit")


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 things are due"), (1, "1 thing is due"), (2, "2 things are due"), (21, "21 things are due")],
)
def test_one_is_said_otherwise_than_many(count: int, said: str) -> None:
    wording = Wording("{count} việc đến hạn", "{count} {count:thing is|things are} due")

    assert wording.render(Language.ENGLISH, count=count) == said
    assert wording.render(Language.VIETNAMESE, count=count) == f"{count} việc đến hạn"


def test_what_people_typed_is_quoted_as_it_is() -> None:
    quoted = Wording("có “{character}”", "holds “{character}”").filled(character="{0}")

    assert quoted.render(Language.ENGLISH) == "holds “{0}”"
