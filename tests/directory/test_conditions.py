"""Filters on records: three values, the same with and without indexes (RFC 4511 §4.5.1.7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.access import AttributeSet, Grant
from govdir.directory.conditions import UNINDEXED
from govdir.directory.resolve import resolve
from govdir.ldap.codec.filter_text import format_filter
from govdir.ldap.codec.filters import And, Equality, Filter, GreaterOrEqual, Not, Or, Present, Substrings
from tests.directory.imaging import EVERYTHING, SUFFIX, Plot, person

PLOT = Plot()
ORGS = PLOT.put("ou=orgs", {"objectClass": "organizationalUnit", "ou": "orgs"})
SONV = PLOT.put("ou=sonv,ou=orgs", {"objectClass": "organizationalUnit", "ou": "sonv"})
AN = PLOT.put(
    "uid=an,ou=sonv,ou=orgs",
    person(
        "an",
        "Nguyễn  Văn An",
        mail="An@cantho.gov.vn",
        cn__lang_vi="An Việt",
        telephoneNumber="+84 292 3 820-123",
        mailQuota="2048",
        createTimestamp="20260302080000Z",
        entryUUID="597ae2f6-16a6-1027-98f4-d28b5365dc14",
    ),
)
LIST = PLOT.put("cn=all\\+1", {"objectClass": "groupOfNames", "cn": "all+1", "member": AN.dn_text})


@pytest.mark.parametrize(
    "text",
    [
        "(uid=AN)",
        "(cn=nguyễn văn an)",
        "(cn;lang-vi=an việt)",
        "(cn=an việt)",
        "(mail=an@CANTHO.gov.vn)",
        "(rfc822Mailbox=an@cantho.gov.vn)",
        "(0.9.2342.19200300.100.1.1=an)",
        "(name=nguyễn văn an)",
        "(name=*vă*)",
        "(name=*)",
        "(telephoneNumber=+842923820123)",
        "(objectClass=PERSON)",
        "(objectClass=top)",
        "(objectClass=2.5.6.6)",
        "(cn=nguy*vă*an)",
        "(cn~=NGUYỄN VĂN AN)",
        "(createTimestamp>=20260302080000Z)",
        "(createTimestamp<=202603021500+0700)",
        "(!(uid=binh))",
        "(&)",
        "(|(nosuch=1)(uid=an))",
        f"(entryDN=UID=an, OU=sonv,ou=orgs,{SUFFIX})",
        "(hasSubordinates=FALSE)",
        "(numSubordinates=0)",
        f"(memberOf=cn=ALL\\5c+1,{SUFFIX})",
        "(memberOf=*)",
        "(ou:dn:=SONV)",
        "(dc:dn:=cantho)",
        "(dc:dn:=vn)",
        "(uid:dn:=an)",
        "(name:dn:=SONV)",
        "(ou:dn:caseExactMatch:=sonv)",
        "(:dn:caseIgnoreMatch:=Sonv)",
        "(:dn:2.5.13.5:=orgs)",
        "(ou:dn:caseIgnoreOrderingMatch:=sonvz)",
        "(telephoneNumber:caseIgnoreMatch:=+84 292 3 820-123)",
        f"(entryDN:distinguishedNameMatch:=uid=an,ou=sonv,ou=orgs,{SUFFIX})",
        "(cn:caseExactMatch:=Nguyễn Văn An)",
        "(cn:2.5.13.5:=Nguyễn Văn An)",
        "(:caseIgnoreIA5Match:=AN@cantho.gov.vn)",
        "(uid:=an)",
        "(createTimestamp:generalizedTimeOrderingMatch:=20260302080001Z)",
        "(mailQuota:2.5.13.15:=2049)",
    ],
)
def test_the_entry_satisfies(text: str) -> None:
    assert PLOT.verdict(text, AN) is True


@pytest.mark.parametrize(
    "text",
    [
        "(uid=binh)",
        "(cn;lang-en=an việt)",
        "(cn;lang-vi=nguyễn văn an)",
        "(cn=an*an*an)",
        "(|)",
        "(title=*)",
        "(cn;lang-en=*)",
        "(createTimestamp>=20260302080001Z)",
        "(objectClass=groupOfNames)",
        "(cn:caseExactMatch:=nguyễn văn an)",
        "(ou:dn:=)",
        "(createTimestamp:generalizedTimeOrderingMatch:=20260302080000Z)",
        "(mailQuota:integerOrderingMatch:=10)",
        "(ou:dn:=sotttt)",
        "(uid:dn:=sonv)",
        "(ou:dn:caseExactMatch:=Sonv)",
        "(:dn:caseExactMatch:=Sonv)",
        "(ou:dn:caseIgnoreOrderingMatch:=orgs)",
        "(userPassword=*)",
        "(!(&))",
    ],
)
def test_the_entry_does_not_satisfy(text: str) -> None:
    assert PLOT.verdict(text, AN) is False
    assert PLOT.verdict(f"(!{text})", AN) is True


@pytest.mark.parametrize(
    "text",
    [
        "(nosuch=1)",
        "(nosuch=*)",
        "(createTimestamp=yesterday)",
        "(mailQuota=many)",
        "(mail=ân@cantho.gov.vn)",
        "(entryUUID=1)",
        "(cn>=a)",
        "(jpegPhoto=x)",
        "(member=*sonv*)",
        "(objectClass=noSuchClass)",
        "(cn:noSuchRule:=an)",
        "(cn:caseIgnoreSubstringsMatch:=an)",
        "(cn:integerMatch:=5)",
        "(mailQuota:caseIgnoreMatch:=2048)",
        "(mail:caseIgnoreMatch:=an@cantho.gov.vn)",
        "(cn:dn:integerMatch:=5)",
        "(:caseIgnoreSubstringsMatch:=an)",
        "(:dn:noSuchRule:=an)",
        "(nosuch:dn:=an)",
        "(&(nosuch=1)(uid=an))",
        "(|(nosuch=1)(uid=binh))",
    ],
)
def test_what_cannot_be_judged_is_undefined_and_so_is_its_negation(text: str) -> None:
    assert PLOT.verdict(text, AN) is None
    assert PLOT.verdict(f"(!{text})", AN) is None


def test_false_decides_an_and_and_true_an_or_whatever_is_undefined() -> None:
    assert PLOT.verdict("(&(nosuch=1)(uid=binh))", AN) is False
    assert PLOT.verdict("(|(nosuch=1)(uid=an))", AN) is True


def test_attributes_that_may_not_be_searched_are_undefined() -> None:
    grant = Grant(search=AttributeSet(frozenset({"uid"})))
    assert PLOT.verdict("(uid=an)", AN, grant) is True
    for text in ("(mail=*)", "(mail=an@cantho.gov.vn)", "(mail=a*)", "(objectClass=person)", "(memberOf=*)"):
        assert PLOT.verdict(text, AN, grant) is None
        assert PLOT.verdict(f"(!{text})", AN, grant) is None


def test_an_escaped_plus_in_a_name_is_no_separator() -> None:
    assert PLOT.verdict("(cn:dn:=ALL+1)", LIST) is True
    assert PLOT.verdict("(cn:dn:caseExactMatch:=all+1)", LIST) is True
    assert PLOT.verdict("(cn:dn:=all)", LIST) is False


# -- indexes against values

_UIDS = st.sampled_from(["an", "binh", "chi", "dung"])
_NAMES = st.sampled_from(["Nguyễn Văn An", "Trần  Thị Bình", "An", "Lê Chí Dũng"])
_TITLES = st.sampled_from(["Chuyên viên", "Giám đốc", "an"])
PEOPLE = st.lists(
    st.tuples(_UIDS, st.lists(_NAMES, min_size=1, max_size=2, unique=True), st.none() | _TITLES), max_size=8
)
PIECES = st.sampled_from([b"a", b"an", b"n", "ễn".encode(), b" ", "bình".encode(), b"nn"])
LEAVES = st.one_of(
    st.builds(
        Equality,
        st.sampled_from(
            ["uid", "cn", "CommonName", "cn;lang-vi", "name", "title", "nosuch", "sn", "objectClass"]
        ),
        st.one_of(_UIDS, _NAMES, _TITLES, st.just("person")).map(str.encode),
    ),
    st.builds(Present, st.sampled_from(["cn", "title", "name", "nosuch", "cn;lang-vi", "memberOf"])),
    st.builds(
        Substrings,
        st.sampled_from(["cn", "uid", "title", "name", "cn;lang-vi", "member"]),
        st.none() | PIECES,
        st.lists(PIECES, max_size=2).map(tuple),
        PIECES,
    ),
    st.builds(
        GreaterOrEqual,
        st.sampled_from(["createTimestamp", "cn"]),
        st.sampled_from([b"20260301000000Z", b"20260305000000Z"]),
    ),
)
FILTERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=5,
)


def populated(people: list[tuple[str, list[str], str | None]]) -> Plot:
    plot = Plot()
    for number, (uid, names, title) in enumerate(people):
        values = person(uid, names[0], createTimestamp=f"2026030{number + 1}000000Z")
        values["cn"] = names
        if title is not None:
            values["title"] = title
        if number % 2:
            values["cn;lang-vi"] = names[-1]
        plot.put(f"employeeNumber={number}", values)
    return plot


@given(PEOPLE, FILTERS)
def test_candidates_are_a_superset_of_what_matches_each_once_and_certain_ones_match(
    people: list[tuple[str, list[str], str | None]], wire: Filter
) -> None:
    plot = populated(people)
    condition = resolve(wire, plot.image)
    everyone = [record for record in plot.image.records if record is not None]
    matching = {record for record in everyone if condition.matches(record, EVERYTHING) is True}
    estimate = condition.estimate(plot.image)
    if estimate >= UNINDEXED:
        return
    candidates = [each for each in condition.candidates(plot.image) if each is not None]
    assert len(candidates) == len(set(candidates))
    assert matching <= set(candidates)
    if condition.certain(EVERYTHING):
        assert set(candidates) == matching, format_filter(wire)


@given(PEOPLE, FILTERS)
def test_the_index_says_what_the_values_say(
    people: list[tuple[str, list[str], str | None]], wire: Filter
) -> None:
    plot = populated(people)
    with_indexes = resolve(wire, plot.image)
    indexes, plot.image.indexes = plot.image.indexes, {}
    without = resolve(wire, plot.image)
    plot.image.indexes = indexes
    if "memberOf" in format_filter(wire):
        return
    for record in plot.image.records:
        if record is not None:
            assert with_indexes.matches(record, EVERYTHING) is without.matches(record, EVERYTHING)


@given(PEOPLE, FILTERS)
def test_a_double_negation_is_the_filter_itself(
    people: list[tuple[str, list[str], str | None]], wire: Filter
) -> None:
    plot = populated(people)
    plain, twice = resolve(wire, plot.image), resolve(Not(Not(wire)), plot.image)
    for record in plot.image.records:
        if record is not None:
            assert plain.matches(record, EVERYTHING) is twice.matches(record, EVERYTHING)


@given(PEOPLE, FILTERS, FILTERS)
def test_de_morgan_holds_with_three_values(
    people: list[tuple[str, list[str], str | None]], one: Filter, other: Filter
) -> None:
    plot = populated(people)
    left = resolve(Not(And((one, other))), plot.image)
    right = resolve(Or((Not(one), Not(other))), plot.image)
    for record in plot.image.records:
        if record is not None:
            assert left.matches(record, EVERYTHING) is right.matches(record, EVERYTHING)
