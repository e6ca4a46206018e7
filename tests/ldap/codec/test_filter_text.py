"""RFC 4515: its examples, what it refuses, and that text and filter are two forms of one thing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec import filters as f
from govdir.ldap.codec.filter_text import FilterTextError, escape_value, format_filter, parse_filter
from govdir.ldap.codec.limits import DecodeLimits
from tests.ldap.codec import strategies

RFC_4515_EXAMPLES: dict[str, f.Filter] = {
    "(cn=Babs Jensen)": f.Equality("cn", b"Babs Jensen"),
    "(!(cn=Tim Howes))": f.Not(f.Equality("cn", b"Tim Howes")),
    "(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))": f.And(
        (
            f.Equality("objectClass", b"Person"),
            f.Or((f.Equality("sn", b"Jensen"), f.Substrings("cn", b"Babs J", (), None))),
        )
    ),
    "(o=univ*of*mich*)": f.Substrings("o", b"univ", (b"of", b"mich"), None),
    "(seeAlso=)": f.Equality("seeAlso", b""),
    "(cn:caseExactMatch:=Fred Flintstone)": f.Extensible("caseExactMatch", "cn", b"Fred Flintstone", False),
    "(cn:=Betty Rubble)": f.Extensible(None, "cn", b"Betty Rubble", False),
    "(sn:dn:2.4.6.8.10:=Barney Rubble)": f.Extensible("2.4.6.8.10", "sn", b"Barney Rubble", True),
    "(o:dn:=Ace Industry)": f.Extensible(None, "o", b"Ace Industry", True),
    "(:1.2.3:=Wilma Flintstone)": f.Extensible("1.2.3", None, b"Wilma Flintstone", False),
    "(:dn:2.4.6.8.10:=Dino)": f.Extensible("2.4.6.8.10", None, b"Dino", True),
    r"(o=Parens R Us \28for all your parenthetical needs\29)": f.Equality(
        "o", b"Parens R Us (for all your parenthetical needs)"
    ),
    r"(cn=*\2a*)": f.Substrings("cn", None, (b"*",), None),
    r"(filename=C:\5cMyFile)": f.Equality("filename", b"C:\\MyFile"),
    r"(bin=\00\00\00\04)": f.Equality("bin", b"\x00\x00\x00\x04"),
    "(sn=Lučić)": f.Equality("sn", "Lučić".encode()),
    r"(1.3.6.1.4.1.1466.0=\04\02\48\69)": f.Equality("1.3.6.1.4.1.1466.0", b"\x04\x02Hi"),
}


@pytest.mark.parametrize(("text", "parsed"), RFC_4515_EXAMPLES.items())
def test_the_examples_of_the_rfc_parse(text: str, parsed: f.Filter) -> None:
    assert parse_filter(text) == parsed
    assert parse_filter(format_filter(parsed)) == parsed


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("(&)", f.And(())),
        ("(|)", f.Or(())),
        ("(mail=*)", f.Present("mail")),
        ("(cn;lang-vi~=x)", f.Approx("cn;lang-vi", b"x")),
        ("(a>=1)", f.GreaterOrEqual("a", b"1")),
        ("(a<==)", f.LessOrEqual("a", b"=")),
        ("(a=*b*c*d)", f.Substrings("a", None, (b"b", b"c"), b"d")),
        ("(a:DN:=x)", f.Extensible(None, "a", b"x", True)),
        (r"(sn=Lu\c4\8di\c4\87)", f.Equality("sn", "Lučić".encode())),
    ],
)
def test_other_forms_parse(text: str, parsed: f.Filter) -> None:
    assert parse_filter(text) == parsed


@pytest.mark.parametrize(
    ("text", "position", "why"),
    [
        ("", 0, "“(” expected"),
        ("cn=a", 0, "“(” expected"),
        ("(cn=a", 5, "“)” expected"),
        ("(cn=a))", 6, "text after the filter"),
        ("()", 1, "an attribute description"),
        ("(=a)", 1, "an attribute description"),
        ("(c_n=a)", 1, "an attribute description"),
        ("(cn;=a)", 1, "an attribute description"),
        ("(1.02=a)", 1, "an attribute description"),
        ("(cn)", 1, "an attribute description"),
        ("( cn=a)", 1, "an attribute description"),
        ("(cn=a(b)", 5, "“)” expected"),
        (r"(cn=a\2)", 5, "two hexadecimal digits"),
        (r"(cn=\zz)", 4, "two hexadecimal digits"),
        ("(cn=a\x00)", 5, "“)” expected"),
        ("(cn=a**b)", 4, "nothing between"),
        ("(cn=**)", 4, "nothing between"),
        ("(cn>=a*)", 6, "“)” expected"),
        ("(:=a)", 1, "an attribute or a rule"),
        ("(:dn:=a)", 1, "an attribute or a rule"),
        ("(!)", 2, "“(” expected"),
        ("(!(a=1)(b=2))", 7, "“)” expected"),
        ("(cn=a\ud800)", 5, "not a Unicode character"),
    ],
)
def test_malformed_filters_are_refused_at_the_place(text: str, position: int, why: str) -> None:
    with pytest.raises(FilterTextError) as caught:
        parse_filter(text)

    assert why in caught.value.why
    assert caught.value.position == position


def test_nesting_and_size_are_bounded() -> None:
    parse_filter("(!" * 63 + "(a=b)" + ")" * 63)

    with pytest.raises(FilterTextError, match="more than 64 deep"):
        parse_filter("(!" * 10_000 + "(a=b)" + ")" * 10_000)
    with pytest.raises(FilterTextError, match="more than 3 filters"):
        parse_filter("(&(a=1)(a=2)(a=3))", DecodeLimits(filter_nodes=3))


def test_values_are_escaped_where_they_must_be() -> None:
    assert escape_value("a(b)*\\\x00") == r"a\28b\29\2a\5c\00"
    assert escape_value("Nguyễn".encode()) == "Nguyễn"
    assert escape_value(b"\xff\n") == r"\ff\0a"


@given(strategies.filters)
def test_parsing_undoes_formatting(node: f.Filter) -> None:
    assert parse_filter(format_filter(node)) == node


@given(st.text(alphabet="()&|!=*~<>:\\ab1.;-é", max_size=30))
def test_any_text_is_a_filter_or_a_filter_text_error(text: str) -> None:
    try:
        parsed = parse_filter(f"({text})")
    except FilterTextError:
        return
    assert parse_filter(format_filter(parsed)) == parsed
