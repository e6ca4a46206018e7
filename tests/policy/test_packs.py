"""The five shipped packs: complete, cited, and giving the addresses that the regulations print."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import resources

import pytest

from govdir.mailattrs.addresses import Proposal, propose_address
from govdir.policy.load import load_province, shipped_provinces
from govdir.policy.model import Example

EXAMPLES = [
    (province, example) for province in shipped_provinces() for example in load_province(province).examples
]


def source_of(province: str) -> dict[str, object]:
    text = resources.files("govdir.policy").joinpath("packs", f"{province}.toml").read_text("utf-8")
    return tomllib.loads(text)


def cited(value: object, key: str = "") -> Iterator[str]:
    """The names of the citations that rules refer to."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from cited(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from cited(inner, key)
    elif isinstance(value, str) and (key == "by" or key.endswith("_by") or key == "other_rules"):
        yield value


@pytest.mark.parametrize(("province", "example"), EXAMPLES)
def test_every_example_of_a_pack_comes_out_of_its_rules(province: str, example: Example) -> None:
    outcome = propose_address(
        load_province(province), example.kind, example.name, example.parent, example.taken
    )

    assert isinstance(outcome, Proposal)
    assert outcome.address == example.address
