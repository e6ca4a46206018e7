"""The files in ldif/ say what the program says: they parse, and agree with what it would make."""

from __future__ import annotations

from pathlib import Path

from govdir.cli.base_tree import base_tree
from govdir.ldap.codec.ldif import ContentRecord, parse_ldif
from govdir.policy.load import load_province
from govdir.sample.generate import generate

EXAMPLES = Path(__file__).parents[2] / "ldif"
SUFFIX = "dc=cantho,dc=gov,dc=vn"
Content = list[tuple[str, bytes]]


def records(name: str) -> dict[str, Content]:
    with (EXAMPLES / name).open("rb") as file:
        parsed = [record for record in parse_ldif(file) if isinstance(record, ContentRecord)]
    return {record.dn: record.attributes for record in parsed}


def test_the_base_tree_is_what_init_makes_but_for_the_password() -> None:
    made = {
        request.entry: [
            (attribute.type, value)
            for attribute in request.attributes
            if attribute.type != "userPassword"
            for value in attribute.values
        ]
        for request in base_tree(SUFFIX, load_province("cantho"), "kh0ng-Co-o-day")
    }

    assert records("base.ldif") == made


def test_the_agencies_are_those_of_the_sample() -> None:
    made = {
        entry.dn: [(name, value.encode()) for name, value in entry.attributes]
        for entry in generate("cantho", people=0)
        if entry.dn.partition(",")[2] == f"ou=orgs,{SUFFIX}"
    }

    assert records("sample-agencies.ldif") == made
    assert len(made) == 39


def test_the_people_are_three_of_one_name_at_three_agencies() -> None:
    with (EXAMPLES / "people.ldif").open("rb") as file:
        people = list(parse_ldif(file))

    assert [dict(person.attributes)["cn"].decode() for person in people] == ["Nguyễn Văn Minh"] * 3
    agencies = records("sample-agencies.ldif")
    assert all(
        person.dn.startswith("uid=*,") and person.dn.partition(",")[2] in agencies for person in people
    )
