"""What is asserted of an entry must be true of it, as far as the caller may search it (RFC 4528)."""

from __future__ import annotations

import pytest

from govdir.directory.access import NOTHING
from govdir.directory.assertions import check_assertion
from govdir.directory.errors import AssertionFailed
from govdir.directory.handle import Handle
from govdir.directory.options import SearchOptions
from govdir.ldap.codec.filter_text import parse_filter
from tests.directory.building import Town
from tests.directory.role_town import AN, BINH, caller, populate


@pytest.fixture
def town(town: Town) -> Town:
    populate(town)
    return town


def holds(town: Town, handle: Handle, dn: str, text: str) -> bool:
    """Whether the entry is compared, on that condition."""
    try:
        handle.compare(dn, "cn", b"x", SearchOptions(assertion=parse_filter(text)))
    except AssertionFailed:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(uid=AN)", True),
        ("(&)", True),
        ("(|)", False),
        ("(&(uid=an)(!(cn=Bình)))", True),
        ("(uid=binh)", False),
        ("(title=*)", False),
        ("(!(title=*))", True),
        ("(nosuch=x)", False),
        ("(!(nosuch=x))", False),
        ("(|(nosuch=x)(uid=an))", True),
        ("(mailQuota=many)", False),
        ("(!(mailQuota=many))", False),
        ("(userPassword=*)", False),
    ],
)
def test_only_what_is_true_holds_and_undefined_is_not(town: Town, text: str, expected: bool) -> None:
    assert holds(town, town.admin(), AN, text) is expected


def test_what_one_may_not_search_is_undefined_whichever_way_it_is_asked(town: Town) -> None:
    town.replace(BINH, "employeeNumber", "12")
    person = caller(town, "person")

    assert holds(town, town.admin(), BINH, "(employeeNumber=12)")
    assert not holds(town, person, BINH, "(employeeNumber=12)")
    assert not holds(town, person, BINH, "(!(employeeNumber=12))")
    assert not holds(town, person, BINH, "(!(employeeNumber=13))")
    assert holds(town, person, BINH, "(uid=binh)")


def test_nothing_asserted_is_nothing_asked(town: Town) -> None:
    image = town.directory.image
    record = image.find(town.directory.path_of(AN) or ())
    assert record is not None
    check_assertion(None, record, NOTHING, image)
    with pytest.raises(AssertionFailed, match="assertion control"):
        check_assertion(parse_filter("(uid=an)"), record, NOTHING, image)
