"""What clients are told is what the golden file says, and nothing that they can be told is missing there."""

from __future__ import annotations

import re

import pytest

from tests.ldap.golden.diagnostics import FILE, UNREACHED, written
from tests.ldap.golden.sites import sites

TOLD = FILE.read_text("utf-8")


@pytest.fixture(scope="module")
def now() -> tuple[str, set[str]]:
    return written()


def test_clients_are_told_what_the_golden_file_says(now: tuple[str, set[str]]) -> None:
    assert now[0].splitlines() == TOLD.splitlines(), "read the difference, then python -m tests.ldap.golden"


def test_every_refusal_in_the_source_is_provoked_or_has_a_reason(now: tuple[str, set[str]]) -> None:
    left = set(sites().values()) - now[1]

    assert {place for place in left if not place.startswith(tuple(UNREACHED))} == set()


def test_every_reason_is_that_of_a_refusal_that_is_not_provoked(now: tuple[str, set[str]]) -> None:
    left = set(sites().values()) - now[1]

    assert [reason for reason in UNREACHED if not any(place.startswith(reason) for place in left)] == []


def test_names_of_provocations_are_unique() -> None:
    names = re.findall(r"^## (.*)$", TOLD, re.M)

    assert sorted(set(names)) == sorted(names)


def test_an_entry_that_may_not_be_seen_gives_no_matched_name() -> None:
    for told in TOLD.split("\n## "):
        if "\nnobody:" in told:
            assert "matched: ou=" not in told
