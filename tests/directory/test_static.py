"""Entries outside the tree answer filters and attribute lists like any other."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from govdir.ldap.codec.decode import decode_message
from govdir.ldap.codec.encode import search_entry
from govdir.ldap.codec.messages import Scope, SearchResultEntry
from tests.directory.building import Town, request

ATTRIBUTES = (
    ("objectClass", False, (b"top", b"applicationProcess")),
    ("cn", False, (b"Subschema",)),
    ("namingContexts", True, (b"dc=vn",)),
    ("subschemaSubentry", True, (b"cn=subschema",)),
)


def answer(town: Town, text: str, names: Sequence[str] = ()) -> dict[str, tuple[bytes, ...]] | None:
    wanted = request(text, "", Scope.BASE_OBJECT, names)
    content = town.caller(town.directory.anonymous.role).search_static(wanted, "", ATTRIBUTES)
    if content is None:
        return None
    operation = decode_message(search_entry(1, content)).operation
    assert isinstance(operation, SearchResultEntry)
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
