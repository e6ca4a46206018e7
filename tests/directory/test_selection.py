"""Which attributes a search returns, and under which names (RFC 4511 §4.5.1.8)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from govdir.directory.access import AttributeSet, Grant
from govdir.directory.image import Record
from govdir.directory.selection import MAX_SELECTION_CHARACTERS, Selection, Selections
from govdir.ldap.codec.decode import decode_message
from govdir.ldap.codec.encode import search_entry
from govdir.ldap.codec.messages import SearchResultEntry
from tests.directory.imaging import EVERYTHING, SUFFIX, VOCABULARY, Plot, person

PLOT = Plot()
AN = PLOT.put(
    "uid=an",
    person(
        "an",
        "Nguyễn Văn An",
        mailLocalAddress=("an1@cantho.gov.vn", "an2@cantho.gov.vn"),
        cn__lang_vi="An",
        cn__lang_vi_vn="An ở đây",
        cn__lang_en="Mr An",
        createTimestamp="20260302080000Z",
    ),
)
PLOT.put("cn=all", {"objectClass": "groupOfNames", "cn": "all", "member": AN.dn_text})

USER = {
    "objectClass",
    "cn",
    "cn;lang-en",
    "cn;lang-vi",
    "cn;lang-vi-vn",
    "mailLocalAddress",
    "sn",
    "uid",
}
OPERATIONAL = {
    "createTimestamp",
    "entryDN",
    "hasSubordinates",
    "numSubordinates",
    "subschemaSubentry",
    "memberOf",
}


def answer(
    names: Sequence[str], grant: Grant = EVERYTHING, record: Record = AN, *, types_only: bool = False
) -> SearchResultEntry:
    selection = Selection(tuple(names), VOCABULARY, types_only=types_only)
    content = selection.plan(record.shape, grant).content(record, PLOT.image)
    operation = decode_message(search_entry(1, content)).operation
    assert isinstance(operation, SearchResultEntry)
    return operation


def returned(names: Sequence[str], grant: Grant = EVERYTHING) -> list[str]:
    return [attribute.type for attribute in answer(names, grant).attributes]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), USER),
        (("*",), USER),
        (("+",), OPERATIONAL),
        (("*", "+"), USER | OPERATIONAL),
        (("1.1",), set()),
        (("1.1", "uid"), {"uid"}),
        (("nosuch",), set()),
        (("nosuch", "UID"), {"uid"}),
        (("uid", "uid", "userid"), {"uid"}),
        (("cn",), {"cn", "cn;lang-vi", "cn;lang-vi-vn", "cn;lang-en"}),
        (("cn;lang-vi",), {"cn;lang-vi"}),
        (("cn;lang-",), {"cn;lang-vi", "cn;lang-vi-vn", "cn;lang-en"}),
        (("cn;lang-vi-",), {"cn;lang-vi", "cn;lang-vi-vn"}),
        (("cn;lang-fr",), set()),
        (("name",), {"cn", "cn;lang-vi", "cn;lang-vi-vn", "cn;lang-en", "sn"}),
        (("name;lang-en",), {"cn;lang-en"}),
        (("2.5.4.4",), {"sn"}),
        (("@organizationalUnit",), {"objectClass"}),
        (("@person",), {"objectClass", "cn", "cn;lang-vi", "cn;lang-vi-vn", "cn;lang-en", "sn"}),
        (("@nosuch",), set()),
        (("createTimestamp",), {"createTimestamp"}),
        (("hassubordinates", "memberOf"), {"hasSubordinates", "memberOf"}),
        (("*", "entryDN"), USER | {"entryDN"}),
        (("userPassword", "pwdHistory"), set()),
    ],
)
def test_a_list_of_names_returns(names: tuple[str, ...], expected: set[str]) -> None:
    got = returned(names)
    assert set(got) == expected
    assert len(got) == len(set(got))


@pytest.mark.parametrize("names", [("mailAlternateAddress",), ("*", "MAILALTERNATEADDRESS")])
def test_another_name_of_a_type_is_answered_under(names: tuple[str, ...]) -> None:
    found = {attribute.type: attribute.values for attribute in answer(names).attributes}
    assert found["mailAlternateAddress"] == (b"an1@cantho.gov.vn", b"an2@cantho.gov.vn")
    assert "mailLocalAddress" not in found


def test_the_first_of_two_names_of_one_type_is_the_answer() -> None:
    assert returned(("commonName", "cn"))[-1] == "commonName"
    assert "commonName" not in returned(("cn", "commonName"))


def test_types_only_gives_the_same_types_without_values() -> None:
    for names in ((), ("+",), ("mailAlternateAddress", "memberOf"), ("1.1",)):
        bare = answer(names, types_only=True).attributes
        assert {one.type for one in bare} == set(returned(names))
        assert all(one.values == () for one in bare)


def test_values_come_back_as_they_are_stored() -> None:
    found = {
        one.type: one.values for one in answer(("cn", "memberOf", "entryDN", "numSubordinates")).attributes
    }
    assert found["cn"] == ("Nguyễn Văn An".encode(),)
    assert found["memberOf"] == (f"cn=all,{SUFFIX}".encode(),)
    assert found["entryDN"] == (AN.dn,)
    assert found["numSubordinates"] == (b"0",)
    assert answer(()).object_name == AN.dn_text


@pytest.mark.parametrize("names", [(), ("*", "+"), ("sn", "cn", "name"), ("@person",), ("memberOf", "cn")])
def test_what_may_not_be_read_never_appears(names: tuple[str, ...]) -> None:
    only_uid = Grant(AttributeSet(frozenset({"uid"})))
    assert set(returned(names, only_uid)) <= {"uid"}
    nothing = Grant()
    assert returned(names, nothing) == []


def test_an_empty_memberof_is_left_out() -> None:
    root = PLOT.at("")
    assert [one.type for one in answer(("memberOf",), record=root).attributes] == []


def test_a_selection_is_made_once_for_one_list() -> None:
    selections = Selections(VOCABULARY)
    assert selections.get(("cn",), False) is selections.get(("cn",), False)
    assert selections.get(("cn",), False) is not selections.get(("cn",), True)


def test_a_list_that_is_too_long_is_not_kept() -> None:
    selections = Selections(VOCABULARY)
    long = ("cn", "x" * MAX_SELECTION_CHARACTERS)
    assert selections.get(long, False) is not selections.get(long, False)
