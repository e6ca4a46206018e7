"""Entries outside the tree answer filters and attribute lists like any other."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from govdir.directory.static import StaticEntry, StaticTree
from govdir.ldap.codec.messages import Scope
from tests.directory.building import Town, entries, request

ATTRIBUTES = (
    ("objectClass", (b"top", b"applicationProcess")),
    ("cn", (b"Subschema",)),
    ("namingContexts", (b"dc=vn",)),
    ("subschemaSubentry", (b"cn=subschema",)),
)


def answer(town: Town, text: str, names: Sequence[str] = ()) -> dict[str, tuple[bytes, ...]] | None:
    wanted = request(text, "", Scope.BASE_OBJECT, names)
    tree = StaticTree(town.directory.vocabulary, [StaticEntry(None, "", ATTRIBUTES)], computed=False)
    found = entries(town.caller(town.directory.anonymous.role).search_static(tree, wanted))
    if not found:
        return None
    (operation,) = found
    assert operation.object_name == ""
    types = [attribute.type for attribute in operation.attributes]
    assert len(types) == len(set(types))
    return {attribute.type: attribute.values for attribute in operation.attributes}


@pytest.mark.parametrize(
    "text", ["(objectClass=*)", "(objectClass=TOP)", "(cn=subschema)", "(namingContexts=DC=VN)", "(&)"]
)
def test_a_filter_that_holds_gives_the_entry(town: Town, text: str) -> None:
    assert answer(town, text, ("cn",)) == {"cn": (b"Subschema",)}


@pytest.mark.parametrize("text", ["(cn=other)", "(nosuch=1)", "(!(objectClass=*))", "(|)"])
def test_a_filter_that_does_not_hold_gives_nothing(town: Town, text: str) -> None:
    assert answer(town, text) is None


def test_operational_attributes_are_given_when_asked_for_and_once(town: Town) -> None:
    assert set(answer(town, "(&)") or ()) == {"objectClass", "cn"}
    operational = answer(town, "(&)", ("+",))
    assert operational is not None
    assert operational["subschemaSubentry"] == (b"cn=subschema",)
    assert "cn" not in operational
    assert answer(town, "(&)", ("1.1",)) == {}
