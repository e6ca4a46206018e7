"""The pages on the protocol claim what the server's tables have, no more and no less."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from govdir.ldap.codec.controls import oids
from govdir.ldap.server.mechanisms import EXTERNAL, PLAIN, SCRAM
from govdir.ldap.server.root_dse import SUPPORTED_FEATURES
from govdir.ldap.server.traits import EXTENDED, SUPPORTED_CONTROLS

PAGE = Path(__file__).parents[2] / "docs/protocol/support.md"
MECHANISMS = {EXTERNAL, PLAIN, SCRAM}
ANSWERED = {oids.SORT_RESPONSE, oids.VIRTUAL_LIST_VIEW_RESPONSE}
ROWS = [
    line.strip("| ").split(" | ") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")
]


def test_the_table_has_every_control_operation_and_feature_of_the_root_dse_and_no_other() -> None:
    claimed = [row[0].strip("`") for row in ROWS if re.fullmatch(r"`[\d.]+`", row[0])]

    assert len(claimed) == len(set(claimed))
    assert set(claimed) == {*SUPPORTED_CONTROLS, *EXTENDED, *SUPPORTED_FEATURES}


def test_every_row_of_the_table_says_yes() -> None:
    assert {row[3].rstrip(" |") for row in ROWS if row[0].startswith("`1.")} == {"yes"}


def test_the_page_names_no_other_oid() -> None:
    named = set(re.findall(r"`(\d+(?:\.\d+){4,})`", PAGE.read_text("utf-8")))

    assert named == {*SUPPORTED_CONTROLS, *EXTENDED, *SUPPORTED_FEATURES, *ANSWERED}


@pytest.mark.parametrize("mechanism", sorted(MECHANISMS))
def test_the_page_has_every_mechanism(mechanism: str) -> None:
    assert [row[2] for row in ROWS if row[0] == mechanism] == ["yes"]


def test_a_mechanism_that_is_not_spoken_is_not_claimed() -> None:
    sasl = PAGE.read_text("utf-8").partition("\n## SASL\n")[2].partition("\n## ")[0]
    claimed = re.findall(r"^\| ([A-Z][A-Z0-9-]+) \| [^|]* \| yes ", sasl, re.M)

    assert set(claimed) == set(MECHANISMS)
