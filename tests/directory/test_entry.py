"""Attributes of an entry under any of their names, and what sets of object classes mean."""

from __future__ import annotations

import pytest

from govdir.directory.addresses import addresses_of, claims
from govdir.directory.entry import Attributes
from govdir.directory.errors import InvalidAttributeSyntax, ObjectClassViolation, UndefinedAttributeType
from govdir.directory.ports import ClaimAddress, ReleaseAddress, RetireAddress
from govdir.ldap.codec.messages import Attribute
from tests.directory.imaging import VOCABULARY, attributes, person


def test_names_are_taken_in_any_case_by_alias_and_by_oid() -> None:
    held = attributes(person("an", "An"))
    for name in ("CN", "commonName", "2.5.4.3"):
        assert held.texts(name) == ("An",)
        assert name in held
    with pytest.raises(UndefinedAttributeType):
        held.values("nosuch")


def test_options_are_told_apart_whatever_their_order_and_case() -> None:
    held = Attributes.of(
        VOCABULARY,
        [
            Attribute("cn;x-b;LANG-vi", (b"1",)),
            Attribute("CN;lang-vi;x-b", (b"2",)),
            Attribute("cn", (b"3",)),
        ],
    )
    assert held.values("cn;lang-vi;x-b") == (b"1", b"2")
    assert held.values("cn") == (b"3",)
    assert VOCABULARY.find("cn;not an option") is None


def test_a_copy_is_independent() -> None:
    held = attributes(person("an", "An"))
    other = held.copy()
    other.append(VOCABULARY.describe("cn"), b"Anh")
    other.replace("sn", ())
    assert held.texts("cn") == ("An",)
    assert "sn" in held
    assert "sn" not in other


def test_object_classes_come_with_their_superiors() -> None:
    assert attributes(person("an", "An")).object_classes == {
        "inetorgperson", "organizationalperson", "person", "top",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("classes", "error"),
    [
        ((), ObjectClassViolation),
        (("top",), ObjectClassViolation),
        (("gdMailbox",), ObjectClassViolation),
        (("device", "person"), ObjectClassViolation),
        (("nosuch",), InvalidAttributeSyntax),
        (("cn",), InvalidAttributeSyntax),
    ],
)
def test_classes_that_make_no_entry_are_refused(classes: tuple[str, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        _ = VOCABULARY.class_set(name.encode() for name in classes).structural


def test_the_structural_class_is_the_most_derived_in_any_order() -> None:
    for classes in ((b"person", b"inetOrgPerson", b"top"), (b"inetOrgPerson", b"person")):
        assert VOCABULARY.class_set(classes).structural.name == "inetOrgPerson"


@pytest.mark.parametrize(("retire", "gone"), [(False, ReleaseAddress), (True, RetireAddress)])
def test_addresses_are_claimed_and_given_up_as_they_change(
    retire: bool, gone: type[ReleaseAddress | RetireAddress]
) -> None:
    before = addresses_of(attributes({"mail": "An@X.vn", "mailLocalAddress": ("b@x.vn", "c@x.vn", "d@x.vn")}))
    after = addresses_of(attributes({"mail": "b@x.vn", "mailLocalAddress": ("an@x.vn", "C@x.vn")}))
    assert before == {"an@x.vn": "mail", "b@x.vn": "alias", "c@x.vn": "alias", "d@x.vn": "alias"}
    operations = list(claims(before, after, 7, retire=retire))
    assert operations == [
        ReleaseAddress("an@x.vn", 7),
        ReleaseAddress("b@x.vn", 7),
        gone("d@x.vn", 7),
        ClaimAddress("b@x.vn", "mail", 7),
        ClaimAddress("an@x.vn", "alias", 7),
    ]
    assert list(claims({}, before, None, retire=retire)) == [
        ClaimAddress("an@x.vn", "mail", None),
        ClaimAddress("b@x.vn", "alias", None),
        ClaimAddress("c@x.vn", "alias", None),
        ClaimAddress("d@x.vn", "alias", None),
    ]
