"""Substring and approximate filters: accents, attributes with and without an index, cost."""

from __future__ import annotations

import pytest

from govdir.directory.access import Grant
from govdir.directory.resolve import resolve
from govdir.ldap.codec.filter_text import parse_filter
from tests.directory.imaging import EVERYTHING, Plot, person

PLOT = Plot()
SONV = PLOT.put(
    "ou=sonv",
    {"objectClass": ("organizationalUnit", "gdOrganization"), "ou": "sonv", "displayName": "Sở Nội vụ"},
)
HOA = PLOT.put(
    "uid=nthoa,ou=sonv",
    person(
        "nthoa",
        "Nguyễn Thị Hòa",
        givenName="Hòa",
        title="Phó Trưởng phòng",
        description="Phụ trách đào tạo",
        mail="nthoa@cantho.gov.vn",
        telephoneNumber="+84 292 3 820 123",
    ),
)
HOA_LOWER = PLOT.put(
    "uid=tvhoa,ou=sonv", person("tvhoa", "Trần Văn Hoa", givenName="Hoa", mail="tvhoa@cantho.gov.vn")
)


def test_others_have_their_turn_behind_each_of_many_terms() -> None:
    """Every one of them may go through all keys, and find nothing."""
    wire = parse_filter("(|" + "".join(f"(cn=*{number:02}*)" for number in range(50)) + ")")
    assert list(resolve(wire, PLOT.image).candidates(PLOT.image)) == [None] * 50


def found(text: str) -> set[str]:
    """Those that the filter selects, the same through the index and by trying every entry."""
    condition = resolve(parse_filter(text), PLOT.image)
    everything = [record for record in PLOT.image.records if record is not None]
    tried = {record for record in everything if condition.matches(record, EVERYTHING) is True}
    if condition.estimate(PLOT.image) < len(everything):
        assert tried <= set(condition.candidates(PLOT.image))
    if condition.certain(EVERYTHING):
        assert tried == set(condition.candidates(PLOT.image)) - {None}
    return {record.rdn.decode().partition("=")[2] for record in tried}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(cn=*hoa*)", {"nthoa", "tvhoa"}),
        ("(cn=*HOÀ*)", {"nthoa"}),
        ("(cn=nguyen*hoa)", {"nthoa"}),
        ("(cn=nguyen thi h*)", {"nthoa"}),
        ("(givenName=ho*)", {"nthoa", "tvhoa"}),
        ("(title=*truong phong*)", {"nthoa"}),
        ("(title=pho*)", {"nthoa"}),
        ("(description=*dao tao*)", {"nthoa"}),
        ("(description=*đáo*)", set()),
        ("(displayName=so noi*)", {"sonv"}),
        ("(ou=*NV*)", {"sonv"}),
        ("(telephoneNumber=*3820*)", {"nthoa"}),
        ("(cn~=hoa nguyen)", {"nthoa"}),
        ("(cn~=ng ho)", {"nthoa"}),
        ("(cn~=hòa)", {"nthoa"}),
        ("(cn~=oa)", set()),
        ("(mail~=nthoa)", {"nthoa"}),
        ("(telephoneNumber~=+842923820123)", {"nthoa"}),
    ],
)
def test_who_is_found(text: str, expected: set[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", ["(cn=nguyen thi hoa)", "(cn=Nguyễn Thị Hoà)", "(givenName=hoà)"])
def test_equality_stays_exact(text: str) -> None:
    assert found(text) == set()


def test_what_nobody_has_costs_nothing_to_look_for() -> None:
    assert resolve(parse_filter("(carLicense=*x*)"), PLOT.image).estimate(PLOT.image) == 0
    assert resolve(parse_filter("(description=*x*)"), PLOT.image).estimate(PLOT.image) == 1


def test_what_may_not_be_searched_is_undefined_with_accents_or_without() -> None:
    for text in ("(cn=*hoa*)", "(cn~=hoa)", "(description=*dao*)"):
        assert resolve(parse_filter(text), PLOT.image).matches(HOA, Grant()) is None
