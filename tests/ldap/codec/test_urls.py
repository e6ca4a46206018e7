"""RFC 4516: its examples, what it refuses, and the round trip."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec import filters as f
from govdir.ldap.codec.messages import Scope
from govdir.ldap.codec.urls import LdapUrl, UrlError, UrlExtension, format_url, parse_url
from tests.ldap.codec import strategies

MICHIGAN = "o=University of Michigan,c=US"

RFC_4516_EXAMPLES = {
    "ldap:///o=University%20of%20Michigan,c=US": LdapUrl(dn=MICHIGAN),
    "ldap://ldap1.example.net/o=University%20of%20Michigan,c=US": LdapUrl("ldap1.example.net", dn=MICHIGAN),
    "ldap://ldap1.example.net/o=University%20of%20Michigan,c=US?postalAddress": LdapUrl(
        "ldap1.example.net", dn=MICHIGAN, attributes=("postalAddress",)
    ),
    "ldap://ldap1.example.net:6666/o=University%20of%20Michigan,c=US??sub?(cn=Babs%20Jensen)": LdapUrl(
        "ldap1.example.net",
        6666,
        MICHIGAN,
        scope=Scope.WHOLE_SUBTREE,
        filter=f.Equality("cn", b"Babs Jensen"),
    ),
    "LDAP://ldap1.example.com/c=GB?objectClass?ONE": LdapUrl(
        "ldap1.example.com", dn="c=GB", attributes=("objectClass",), scope=Scope.SINGLE_LEVEL
    ),
    "ldap://ldap2.example.com/o=Question%3f,c=US?mail": LdapUrl(
        "ldap2.example.com", dn="o=Question?,c=US", attributes=("mail",)
    ),
    r"ldap://ldap3.example.com/o=Babsco,c=US???(four-octet=%5c00%5c00%5c00%5c04)": LdapUrl(
        "ldap3.example.com", dn="o=Babsco,c=US", filter=f.Equality("four-octet", b"\x00\x00\x00\x04")
    ),
    "ldap://ldap.example.com/o=An%20Example%5C2C%20Inc.,c=US": LdapUrl(
        "ldap.example.com", dn=r"o=An Example\2C Inc.,c=US"
    ),
    "ldap://ldap.example.net": LdapUrl("ldap.example.net"),
    "ldap://ldap.example.net/": LdapUrl("ldap.example.net"),
    "ldap://ldap.example.net/?": LdapUrl("ldap.example.net"),
    "ldap:///??sub??e-bindname=cn=Manager%2cdc=example%2cdc=com": LdapUrl(
        scope=Scope.WHOLE_SUBTREE,
        extensions=(UrlExtension("e-bindname", "cn=Manager,dc=example,dc=com"),),
    ),
    "ldap:///??sub??!e-bindname=cn=Manager%2cdc=example%2cdc=com": LdapUrl(
        scope=Scope.WHOLE_SUBTREE,
        extensions=(UrlExtension("e-bindname", "cn=Manager,dc=example,dc=com", True),),
    ),
}


@pytest.mark.parametrize(("text", "url"), RFC_4516_EXAMPLES.items())
def test_the_examples_of_the_rfc_parse(text: str, url: LdapUrl) -> None:
    assert parse_url(text) == url
    assert parse_url(format_url(url)) == url


def test_urls_are_written_as_short_as_they_can_be() -> None:
    assert format_url(LdapUrl("ldap.example.net")) == "ldap://ldap.example.net"
    assert format_url(LdapUrl(dn="o=a b,c=US")) == "ldap:///o=a%20b,c=US"
    assert format_url(LdapUrl(scope=Scope.SINGLE_LEVEL)) == "ldap:///??one"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("http://a/", "begins with ldap://"),
        ("ldap:/a", "begins with ldap://"),
        ("ldap:///o=a b", "percent-encoded"),
        ("ldap:///o=%zz", "percent-encoded"),
        ("ldap:///o=đ", "percent-encoded"),
        ("ldap:///o=%ff", "DN: not UTF-8"),
        ("ldap://a:b/", "host:"),
        ("ldap://[::1/", "host:"),
        ("ldap://a:70000/", "port: 70000"),
        ("ldap:///??tree", "scope:"),
        ("ldap:///?c_n", "attributes:"),
        ("ldap:///?a,,b", "attributes:"),
        ("ldap:///???cn=a", "filter, character 1"),
        ("ldap:///????,", "extension:"),
        ("ldap:///????!", "extension:"),
        ("ldap:///?????", "more than four"),
    ],
)
def test_malformed_urls_are_refused_by_part(text: str, why: str) -> None:
    with pytest.raises(UrlError, match=why):
        parse_url(text)


@given(strategies.urls)
def test_parsing_undoes_formatting(url: LdapUrl) -> None:
    assert parse_url(format_url(url)) == url


@given(st.text(alphabet="ldap:/?%2cF(=*)[]!,é", max_size=30))
def test_any_text_is_a_url_or_a_url_error(text: str) -> None:
    try:
        url = parse_url("ldap://" + text)
    except UrlError:
        return
    assert parse_url(format_url(url)) == url
