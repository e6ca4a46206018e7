"""How much people write into their own entries."""

from __future__ import annotations

import pytest

from govdir.directory.caller import Role
from govdir.directory.errors import ConstraintViolation
from tests.directory.building import SONV, Town

AN = f"uid=an,{SONV}"
NUMBERS = tuple(f"+84 292 {number}" for number in range(33))


def test_a_few_values_and_some_thousand_octets_of_text_are_taken_from_their_owner(town: Town) -> None:
    town.person("an", "Lê An")
    own = town.caller(Role.PERSON, AN)
    town.replace(AN, "telephoneNumber", *NUMBERS[:32], handle=own)
    town.replace(AN, "roomNumber", "7" * 4096, handle=own)
    assert len(town.values(AN, "telephoneNumber")) == 32
    with pytest.raises(ConstraintViolation, match="telephoneNumber: nhiều nhất 32 giá trị"):
        town.replace(AN, "telephoneNumber", *NUMBERS, handle=own)
    with pytest.raises(ConstraintViolation, match="telephoneNumber"):
        town.replace(AN, "telephoneNumber;lang-vi", NUMBERS[32], handle=own)
    with pytest.raises(ConstraintViolation, match="of 4096 octets together"):
        town.replace(AN, "roomNumber", "7" * 4097, handle=own)


def test_what_others_have_written_does_not_keep_the_owner_from_changing_something_else(town: Town) -> None:
    town.person("an", "Lê An")
    town.replace(AN, "telephoneNumber", *NUMBERS, handle=town.admin())
    town.replace(AN, "roomNumber", "8", handle=town.caller(Role.PERSON, AN))
    assert len(town.values(AN, "telephoneNumber")) == 33
    assert town.values(AN, "roomNumber") == ("8",)
