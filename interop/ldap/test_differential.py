"""The same script on slapd and on govdir: what comes back is the same, or it is listed why it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from interop.ldap.differential.listed import LISTED
from interop.ldap.differential.oracle import running_slapd
from interop.ldap.differential.outcome import Outcome
from interop.ldap.differential.run import run
from interop.ldap.differential.script import STEPS
from interop.server import running_server

Outcomes = dict[str, Outcome | str]
DEVIATIONS: Final = Path(__file__).parents[2] / "docs/protocol/deviations.md"


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    with running_slapd(tmp_path_factory.mktemp("slapd")) as slapd:
        return run(slapd.port)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcomes]:
    with running_server(tmp_path_factory.mktemp("govdir")) as server:
        yield run(server.port)


def test_the_script_asks_of_both_what_is_worth_comparing() -> None:
    assert len(STEPS) >= 300
    assert len({step.name for step in STEPS}) == len(STEPS)


def test_every_difference_is_listed_and_everything_listed_differs(theirs: Outcomes, ours: Outcomes) -> None:
    differing = {name for name, outcome in theirs.items() if ours[name] != outcome}
    listed = {name for names in LISTED.values() for name in names}
    assert {name: (theirs[name], ours[name]) for name in differing - listed} == {}
    assert listed - differing == set()


def test_every_reason_stands_on_the_page_of_deviations() -> None:
    headings = re.findall(r"^#+ (.+)$", DEVIATIONS.read_text("utf-8"), re.M)
    anchors = {re.sub(r"[^\w-]", "", heading.lower().replace(" ", "-")) for heading in headings}
    assert set(LISTED) <= anchors
