"""Distinguished names are equal, and hash alike, exactly when distinguishedNameMatch says so."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.dn import Dn, rdn_text
from govdir.directory.errors import InvalidDn
from tests.directory.imaging import SCHEMA, SUFFIX

TEXT = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=12
).filter(lambda text: text.strip() != "")


def parsed(text: str) -> Dn:
    return Dn.parse(text, SCHEMA)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("UID=NVMinh,ou=SoNV", "uid=nvminh,OU=sonv"),
        ("cn=Nguyễn  Văn   Minh", "cn=nguyễn văn minh"),
        (f"cn={normalize('NFC', 'Nguyễn')}", f"cn={normalize('NFD', 'Nguyễn')}"),
        ("uid=an , ou = sonv", "uid=an,ou=sonv"),
        ("cn=a\\,b", "cn=a\\2Cb"),
        ("cn=An+uid=an", "uid=AN+cn=an"),
        ("2.5.4.3=An", "cn=an"),
        ("commonName=An", "cn=an"),
        ("cn=#0402416e", "cn=an"),
        ("cn=\\ An\\ ", "cn=An"),
    ],
)
def test_names_that_match_are_equal_and_hash_alike(one: str, other: str) -> None:
    assert parsed(one) == parsed(other)
    assert hash(parsed(one)) == hash(parsed(other))
    assert parsed(one).key == parsed(other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [("cn=hoà", "cn=hòa"), ("cn=a b", "cn=ab"), ("cn=a,ou=b", "ou=b,cn=a"), ("cn=a+uid=b", "cn=a,uid=b")],
)
def test_names_that_do_not_match_differ(one: str, other: str) -> None:
    assert parsed(one) != parsed(other)


@pytest.mark.parametrize(
    "text",
    ["uid", "=an", "uid=", "uid=an,,ou=b", "uid=an,", "uid=a\\zz", "nosuch=a", "uid=a+uid=b", "uid=a;b"],
)
def test_what_is_no_name_is_refused_with_code_34(text: str) -> None:
    with pytest.raises(InvalidDn) as refusal:
        parsed(text)
    assert refusal.value.code == 34
    assert refusal.value.diagnostic.startswith("invalid DN")


def test_the_empty_name_is_false_and_has_no_keys() -> None:
    assert not parsed("")
    assert parsed("").key == ""
    assert parsed("uid=an").parent == parsed("")


def test_keys_below_the_suffix_come_topmost_first() -> None:
    assert parsed(f"uid=An,ou=SoNV,ou=orgs,{SUFFIX}").below(SUFFIX) == ("ou=orgs", "ou=sonv", "uid=an")
    assert SUFFIX.below(SUFFIX) == ()
    assert parsed("uid=an,dc=vn").below(SUFFIX) is None
    assert parsed("dc=vn").below(SUFFIX) is None


def test_octets_that_are_no_text_are_written_in_hexadecimal() -> None:
    assert rdn_text([("jpegPhoto", b"\xff\xd8")]) == "jpegPhoto=#0402ffd8"


@given(st.lists(TEXT, min_size=1, max_size=4))
def test_the_text_of_a_name_is_read_back_as_the_same_name(values: list[str]) -> None:
    rdns = ",".join(rdn_text([("cn", value.encode())]) for value in values)
    name = parsed(rdns)
    assert parsed(str(name)) == name
    assert [rdn[0][1] for rdn in name.rdns] == [value.encode() for value in values]


@given(TEXT, TEXT)
def test_equality_is_that_of_the_matching_rule(one: str, other: str) -> None:
    rule = SCHEMA.attribute("entryDN").equality
    assert rule is not None
    names = [rdn_text([("cn", value.encode())]) for value in (one, other)]
    keys = [rule.key(name.encode()) for name in names]
    assert (parsed(names[0]) == parsed(names[1])) == (keys[0] == keys[1])
